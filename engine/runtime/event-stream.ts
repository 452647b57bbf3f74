import { BoundedQueue } from "../edge/bounded-queue.js";
import type { StreamEvent } from "../edge/types.js";
import { EngineClosedError, SlowConsumerError } from "./engine-error.js";

/** Which events a stream has, and how many may wait in it. */
export interface EventsOptions {
  /** Only events that name this account; of a trade or a transfer, either side. States and auctions name none. */
  readonly account?: string;
  /** Only events on this symbol. Rejects, mass cancel reports and pending reviews name none, so they are left out. */
  readonly symbol?: string;
  /** Ends the stream without an error, as `break` does. */
  readonly signal?: AbortSignal;
  /** Events that may wait to be taken, 1 to 2^24; one more ends the stream with SLOW_CONSUMER. Default 65,536. */
  readonly bufferMax?: number;
}

const BUFFER_MAX_DEFAULT = 65_536;

/**
 * Events as an async iterable with a bounded buffer. What is buffered when it ends is still delivered, then its error,
 * if there is one, once. On the engine's thread.
 */
export class EventStream extends BoundedQueue<StreamEvent> {
  private readonly account: string | undefined;
  private readonly symbol: string | undefined;

  /** Throws RangeError on a bad bufferMax. `onEnd` is called once, when no further event is wanted. */
  constructor(options: EventsOptions, onEnd: () => void) {
    super(checkedBufferMax(options), tooSlow, onEnd);
    this.account = options.account;
    this.symbol = options.symbol;
  }

  /** Hands an event in. It is kept if it is one of this stream's. */
  override push(event: StreamEvent): void {
    if (this.wants(event)) super.push(event);
  }

  private wants(event: StreamEvent): boolean {
    if (this.symbol !== undefined && (!("symbol" in event) || event.symbol !== this.symbol)) return false;
    if (this.account === undefined) return true;
    if (event.event === "trade") return event.maker.account === this.account || event.taker.account === this.account;
    if (event.event === "pendingReview" && event.to === this.account) return true;
    return "account" in event && event.account === this.account;
  }
}

/** A stream with the error that streams end with which are opened on an engine that is gone. */
export function closedStream(options: EventsOptions, failure: Error | undefined): EventStream {
  const stream = new EventStream(options, () => {});
  stream.leaveOn(options.signal);
  stream.end(failure ?? new EngineClosedError());
  return stream;
}

function checkedBufferMax({ bufferMax = BUFFER_MAX_DEFAULT }: EventsOptions): number {
  if (Number.isInteger(bufferMax) && bufferMax >= 1 && bufferMax <= 2 ** 24) return bufferMax;
  throw new RangeError(`bufferMax must be an integer from 1 to ${2 ** 24}, was ${bufferMax}`);
}

function tooSlow(countMax: number): Error {
  return new SlowConsumerError(`${countMax} events wait to be taken: the stream ends here, with nothing left out before its end`);
}
