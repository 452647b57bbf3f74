/** What the bench and its client process say to each other. */

/** One connection does `count` round trips, one at a time, after as many unmeasured ones as `warmUp`. */
export interface RoundTripTask {
  readonly kind: "roundTrips";
  /** `echo`: bytes of an order sent back. `order`: new orders and cancels as records. `client`: the same through `ringbook/client`. */
  readonly mode: "echo" | "order" | "client";
  readonly count: number;
}

/** Orders in frames of `frameOrders`, at most `window` of them unanswered. */
export interface ThroughputTask {
  readonly kind: "throughput";
  readonly count: number;
  readonly frameOrders: number;
  readonly window: number;
}

export type Task = RoundTripTask | ThroughputTask;

export interface RoundTripResult {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export interface ThroughputResult {
  readonly acknowledged: number;
  readonly rejected: number;
  readonly seconds: number;
  /** Sum of the clOrdIds that were acknowledged: every order exactly once. */
  readonly clOrdIdSum: number;
}

export type Result = RoundTripResult | ThroughputResult;

export interface ClientStart {
  readonly echoUrl: string;
  readonly gatewayUrl: string;
  /** Keys for the raw session and for `ringbook/client`. */
  readonly keys: readonly [key: string, secret: string][];
  readonly symbol: string;
  readonly instrument: number;
}
