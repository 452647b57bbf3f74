import type { OrderEvent } from "../edge/types.js";
import { EngineClosedError, SlowConsumerError } from "./engine-error.js";

/** Which events a stream has, and how many may wait in it. */
export interface EventsOptions {
  /** Only events that name this account; of a trade, either side. */
  readonly account?: string;
  /** Only events on this symbol. Rejects and mass cancel reports name none, so they are left out. */
  readonly symbol?: string;
  /** Ends the stream without an error, as `break` does. */
  readonly signal?: AbortSignal;
  /** Events that may wait to be taken, 1 to 2^24; one more ends the stream with SLOW_CONSUMER. Default 65,536. */
  readonly bufferMax?: number;
}

const BUFFER_MAX_DEFAULT = 65_536;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

interface Taker {
  resolve(result: IteratorResult<OrderEvent, undefined>): void;
  reject(error: Error): void;
}

/**
 * Events as an async iterable with a bounded buffer. What is buffered when it ends is still delivered, then its error,
 * if there is one, once. One consumer, on the engine's thread.
 */
export class EventStream implements AsyncIterableIterator<OrderEvent, undefined> {
  private readonly account: string | undefined;
  private readonly symbol: string | undefined;
  private readonly bufferMax: number;
  private readonly signal: AbortSignal | undefined;
  private buffer: OrderEvent[] = [];
  private taken = 0;
  private takers: Taker[] = [];
  private isEnded = false;
  private error: Error | undefined;

  /** Throws RangeError on a bad bufferMax. `onEnd` is called once, when no further event is wanted. */
  constructor(
    options: EventsOptions,
    private readonly onEnd: (stream: EventStream) => void,
  ) {
    this.account = options.account;
    this.symbol = options.symbol;
    this.bufferMax = options.bufferMax ?? BUFFER_MAX_DEFAULT;
    if (!Number.isInteger(this.bufferMax) || this.bufferMax < 1 || this.bufferMax > 2 ** 24) {
      throw new RangeError(`bufferMax must be an integer from 1 to ${2 ** 24}, was ${this.bufferMax}`);
    }
    this.signal = options.signal;
    if (this.signal?.aborted === true) this.isEnded = true;
    else this.signal?.addEventListener("abort", this.onAbort, { once: true });
  }

  /** Hands an event in. It is kept if it is one of this stream's. */
  push(event: OrderEvent): void {
    if (this.isEnded || !this.wants(event)) return;
    const taker = this.takers.shift();
    if (taker !== undefined) return taker.resolve({ done: false, value: event });
    if (this.buffer.length - this.taken < this.bufferMax) this.buffer.push(event);
    else
      this.end(
        new SlowConsumerError(`${this.bufferMax} events wait to be taken: the stream ends here, with nothing left out before its end`),
      );
  }

  /** No further events: the stream ends, with `error` if given, behind what is buffered. */
  end(error?: Error): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.signal?.removeEventListener("abort", this.onAbort);
    this.onEnd(this);
    const [first, ...others] = this.takers.splice(0);
    if (error === undefined) first?.resolve(DONE);
    else if (first !== undefined) first.reject(error);
    else this.error = error;
    for (const taker of others) taker.resolve(DONE);
  }

  /** No further event will be taken in. */
  get hasEnded(): boolean {
    return this.isEnded;
  }

  next(): Promise<IteratorResult<OrderEvent, undefined>> {
    if (this.taken < this.buffer.length) return Promise.resolve({ done: false, value: this.take() });
    const { error } = this;
    this.error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.isEnded) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<OrderEvent, undefined>> {
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

  /** The buffer is a list with a mark in it, so that taking is not a shift of everything behind. */
  private take(): OrderEvent {
    const event = this.buffer[this.taken++];
    if (this.taken * 2 > this.buffer.length) {
      this.buffer = this.buffer.slice(this.taken);
      this.taken = 0;
    }
    return event;
  }

  private wants(event: OrderEvent): boolean {
    if (this.symbol !== undefined && (!("symbol" in event) || event.symbol !== this.symbol)) return false;
    if (this.account === undefined) return true;
    if (event.event === "trade") return event.maker.account === this.account || event.taker.account === this.account;
    return event.account === this.account;
  }
}

/** The error with which streams end that are opened on an engine that is gone. */
export function closedStream(options: EventsOptions, failure: Error | undefined): EventStream {
  const stream = new EventStream(options, () => {});
  stream.end(failure ?? new EngineClosedError());
  return stream;
}
