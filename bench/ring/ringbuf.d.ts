/** The part of ringbuf.js that the bench uses; the package does not ship the declarations that it names. */
declare module "ringbuf.js" {
  export class RingBuffer {
    constructor(storage: SharedArrayBuffer, type: Int32ArrayConstructor);
    static getStorageForCapacity(capacity: number, type: Int32ArrayConstructor): SharedArrayBuffer;
    push(elements: Int32Array, length?: number, offset?: number): number;
    pop(elements: Int32Array, length?: number, offset?: number): number;
    available_read(): number;
    available_write(): number;
  }
}
