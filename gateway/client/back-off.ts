import { ClientError, type ClientErrorCode } from "./client-error.js";

/** How a client comes back after it has lost its socket. */
export interface ReconnectOptions {
  /** The first pause, before it is drawn from between half of it and all of it. 1 and up, default 100. */
  readonly minDelayMs?: number;
  /** Pauses double up to this. Default 10000. */
  readonly maxDelayMs?: number;
  /** Attempts in vain before it gives up. 1 and up, default: never. */
  readonly maxAttempts?: number;
}

/** Nothing that time would mend: whoever is told so would only be told so again. */
const FINAL: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  "ABORTED",
  "BAD_ARGUMENT",
  "BAD_CANCEL_GRACE",
  "BAD_HEARTBEAT",
  "BAD_SIGNATURE",
  "BAD_TIMESTAMP",
  "CLOSED",
  "LOGGED_OUT",
  "NOT_PERMITTED",
  "NO_WEBSOCKET",
  "REPLACED_BY_NEW_LOGON",
  "THROTTLE_BREACH",
]);

/** Pauses between attempts: they double, and are drawn at random so that many clients do not come back at once. */
export class BackOff {
  readonly #minDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #maxAttempts: number;
  #attempts = 0;

  /** Throws ClientError BAD_ARGUMENT. */
  constructor({ minDelayMs = 100, maxDelayMs = 10_000, maxAttempts = Number.POSITIVE_INFINITY }: ReconnectOptions) {
    for (const [name, value] of Object.entries({ minDelayMs, maxDelayMs, maxAttempts }))
      if (!(value >= 1)) throw new ClientError("BAD_ARGUMENT", `reconnect.${name} must be at least 1, was ${value}`);
    this.#minDelayMs = minDelayMs;
    this.#maxDelayMs = maxDelayMs;
    this.#maxAttempts = maxAttempts;
  }

  /** It was there again. */
  reset(): void {
    this.#attempts = 0;
  }

  /** How long to wait before the next attempt; undefined: give up. `random` is from 0 to 1. */
  next(error: ClientError | undefined, random: number): number | undefined {
    if ((error !== undefined && FINAL.has(error.code)) || this.#attempts >= this.#maxAttempts) return undefined;
    const delayMs = Math.min(this.#maxDelayMs, this.#minDelayMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return delayMs * (0.5 + random / 2);
  }
}
