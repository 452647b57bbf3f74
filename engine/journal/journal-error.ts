/** What can be wrong with a journal; stable. */
export type JournalErrorCode =
  /** A frame or a snapshot is damaged although it was durable. */
  | "JOURNAL_CORRUPT"
  /** It was written by a newer program. */
  | "JOURNAL_VERSION"
  /** What a replay has made differs from what was noted when it was live. */
  | "JOURNAL_MISMATCH"
  /** Another process writes it. */
  | "JOURNAL_LOCKED"
  /** There is no journal, or a part of it is missing. */
  | "JOURNAL_MISSING"
  /** The disk has refused, for another reason than being full. */
  | "JOURNAL_IO"
  /** No snapshot was taken: there is nothing to take it of. */
  | "NO_SNAPSHOT";

/** Something about a journal that a person has to look at. The message names the file, the place, and what can be done. */
export class JournalError extends Error {
  constructor(
    readonly code: JournalErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "JournalError";
  }
}
