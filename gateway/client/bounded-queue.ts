import { ClientError } from "./client-error.js";

/**
 * A stream with a bounded buffer, for one reader. What was pushed before the end is delivered before the end, an error
 * included. Leaving the loop early ends the stream and calls `onLeave`.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T> {
  readonly #countMax: number;
  readonly #onLeave: () => void;
  #buffer: T[] = [];
  #read = 0;
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;
  #isEnded = false;
  #error: unknown;

  constructor(countMax: number, onLeave: () => void) {
    this.#countMax = countMax;
    this.#onLeave = onLeave;
  }

  /** Does nothing after the end. A push into a full buffer ends the stream with BUFFER_OVERFLOW. */
  push(item: T): void {
    if (this.#isEnded) return;
    if (this.#waiting !== undefined) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ value: item, done: false });
    } else if (this.#buffer.length - this.#read < this.#countMax) this.#buffer.push(item);
    else this.fail(new ClientError("BUFFER_OVERFLOW", `the reader was more than ${this.#countMax} records behind`));
  }

  /** No more will come. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting?.resolve({ value: undefined, done: true });
    this.#waiting = undefined;
    this.#onLeave();
  }

  /** No more will come, because of this. */
  fail(error: unknown): void {
    if (this.#isEnded) return;
    if (this.#waiting === undefined) this.#error = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.end();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#read < this.#buffer.length) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.end();
    this.#buffer = [];
    this.#read = 0;
    this.#error = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): T {
    const item = this.#buffer[this.#read++];
    if (this.#read === this.#buffer.length) {
      this.#buffer = [];
      this.#read = 0;
    }
    return item;
  }
}
