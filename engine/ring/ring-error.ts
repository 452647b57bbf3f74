/** What went wrong with a ring; stable, for programs. */
export type RingErrorCode =
  | "GATE_EVICTED"
  | "GATE_TAKEN"
  | "NO_GATE_FREE"
  | "PRODUCER_TAKEN"
  | "PRODUCER_REPLACED"
  | "CLAIM_OPEN"
  | "CLAIM_MISSING"
  | "CLAIM_LOST"
  | "BATCH_OPEN"
  | "BATCH_MISSING"
  | "RING_CLOSED"
  | "RING_CORRUPT"
  | "NOT_SHARED";

/** A rule of the rings was broken by its user, or the shared memory was. `code` is stable. */
export class RingError extends Error {
  readonly code: RingErrorCode;

  constructor(code: RingErrorCode, message: string) {
    super(message);
    this.name = "RingError";
    this.code = code;
  }
}
