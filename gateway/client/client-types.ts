import type { ClientError } from "./client-error.js";

export interface ClientLimits {
  readonly heartbeatMs: number;
  readonly maxPending: number;
  readonly maxBuffered: number;
  /** Time for a socket and a logon, when it comes back. */
  readonly connectTimeoutMs: number;
}

/** How a session ended. */
export interface CloseInfo {
  /** WebSocket close code; 4000 to 4099 are the gateway's. */
  readonly code: number;
  /** Undefined after `close()`. */
  readonly error?: ClientError;
}

/** What can be given with every request. */
export interface RequestOptions {
  /** Gives up waiting, with ABORTED. A request that was sent is not taken back: its order may live. */
  readonly signal?: AbortSignal;
}
