interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * An async iterable with a bounded buffer between one who pushes and whoever takes, on one thread. What is buffered when
 * it ends is still delivered, then its error, if there is one, once. `next` may be called again before it has settled:
 * the calls are served in order. Leaving the loop early ends it, and drops what is buffered.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T, undefined> {
  private readonly countMax: number;
  private readonly overflow: (countMax: number) => Error;
  private readonly onEnd: () => void;
  private buffer: T[] = [];
  private taken = 0;
  private takers: Taker<T>[] = [];
  private isEnded = false;
  private error: Error | undefined;
  private signal: AbortSignal | undefined;

  /** `overflow` makes the error with which a push into a full buffer ends the queue. `onEnd` is called once, when nothing more is wanted. */
  constructor(countMax: number, overflow: (countMax: number) => Error, onEnd: () => void) {
    this.countMax = countMax;
    this.overflow = overflow;
    this.onEnd = onEnd;
  }

  /** Items that wait to be taken. */
  private get size(): number {
    return this.buffer.length - this.taken;
  }

  /** Hands an item in. Does nothing after the end. */
  push(item: T): void {
    if (this.isEnded) return;
    const taker = this.takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: item });
    else if (this.size < this.countMax) this.buffer.push(item);
    else this.end(this.overflow(this.countMax));
  }

  /** Nothing more will come: the queue ends, with `error` if given, behind what is buffered. */
  end(error?: Error): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.signal?.removeEventListener("abort", this.onAbort);
    this.onEnd();
    const [first, ...others] = this.takers.splice(0);
    if (error === undefined) first?.resolve(DONE);
    else if (first !== undefined) first.reject(error);
    else this.error = error;
    for (const taker of others) taker.resolve(DONE);
  }

  /** Leaves, as `break` does, as soon as the signal is aborted. Once at most. */
  leaveOn(signal: AbortSignal | undefined): void {
    if (signal === undefined || this.isEnded) return;
    if (signal.aborted) return this.onAbort();
    this.signal = signal;
    signal.addEventListener("abort", this.onAbort, { once: true });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return Promise.resolve({ done: false, value: this.take() });
    const { error } = this;
    this.error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.isEnded) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    this.buffer = [];
    this.taken = 0;
    this.error = undefined;
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private readonly onAbort = (): void => {
    void this.return();
  };

  /** The buffer is a list with a mark in it, so that taking is not a shift of everything behind; what was taken is dropped in halves. */
  private take(): T {
    const item = this.buffer[this.taken++];
    if (this.taken * 2 > this.buffer.length) {
      this.buffer = this.buffer.slice(this.taken);
      this.taken = 0;
    }
    return item;
  }
}
