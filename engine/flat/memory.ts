const LINE_BYTES = 128;

/**
 * Typed arrays out of few large buffers. Every buffer of its own that Node reserves is a reason for it to collect garbage, so a
 * structure of thirty arrays starts much quicker in one. What is not written to is not backed by memory. One thread.
 */
export class Memory {
  private buffer = new ArrayBuffer(0);
  private used = 0;

  /** Buffers are so large, or as large as what is asked for; 0: one for each array. */
  constructor(private readonly chunkBytes = 0) {}

  float64(length: number): Float64Array {
    const at = this.take(8 * length);
    return new Float64Array(this.buffer, at, length);
  }

  int32(length: number): Int32Array {
    const at = this.take(4 * length);
    return new Int32Array(this.buffer, at, length);
  }

  uint8(length: number): Uint8Array {
    const at = this.take(length);
    return new Uint8Array(this.buffer, at, length);
  }

  /** Zeros, at the start of a cache line. */
  private take(bytes: number): number {
    const at = Math.ceil(this.used / LINE_BYTES) * LINE_BYTES;
    if (at + bytes <= this.buffer.byteLength) {
      this.used = at + bytes;
      return at;
    }
    this.buffer = new ArrayBuffer(Math.max(bytes, this.chunkBytes));
    this.used = bytes;
    return 0;
  }
}

/** The same memory as words. */
export function wordsOf(doubles: Float64Array): Int32Array {
  return new Int32Array(doubles.buffer, doubles.byteOffset, 2 * doubles.length);
}
