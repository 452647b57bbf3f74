import { JournalError, type JournalErrorCode } from "../journal/journal-error.js";

/** Every way in which the engine's host can say no, apart from CommandError. Each has a stable `code`. */

/** Thrown by `Engine.start`: the configuration cannot be used. The message names the key. */
export class ConfigError extends Error {
  readonly code = "BAD_CONFIG";

  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

/** The ingress ring is full, or too many commands are outstanding. Nothing was sent: try again later. */
export class EngineBusyError extends Error {
  readonly code = "ENGINE_BUSY";

  constructor(message: string) {
    super(message);
    this.name = "EngineBusyError";
  }
}

/** The journal is being recovered. Nothing was sent: try again when the engine is ready. */
export class NotReadyError extends Error {
  readonly code = "NOT_READY";

  constructor(message = "the engine is not ready yet: its journal is being recovered") {
    super(message);
    this.name = "NotReadyError";
  }
}

/** The disk has no room for the journal. Nothing was sent: nothing can be taken, cancels neither, until there is room. */
export class JournalFullError extends Error {
  readonly code = "JOURNAL_FULL";

  constructor(message = "the disk is full: the journal cannot take another command") {
    super(message);
    this.name = "JournalFullError";
  }
}

/** The engine was closed, or is closing. */
export class EngineClosedError extends Error {
  readonly code = "ENGINE_CLOSED";

  constructor(message = "the engine is closed") {
    super(message);
    this.name = "EngineClosedError";
  }
}

/** The shard's thread stopped on an error of ours. What was outstanding may or may not have been applied. */
export class EngineFailedError extends Error {
  readonly code = "ENGINE_FAILED";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineFailedError";
  }
}

/** Events came faster than they were taken: the buffer is full, and the stream ends rather than leave something out. */
export class SlowConsumerError extends Error {
  readonly code = "SLOW_CONSUMER";

  constructor(message: string) {
    super(message);
    this.name = "SlowConsumerError";
  }
}

/** What a start that has failed rejects with: what is wrong with a journal crosses threads, where it loses its class. */
export function startError(error: unknown): unknown {
  const cause =
    error instanceof EngineFailedError
      ? (error.cause as { readonly name?: string; readonly code?: string; readonly message: string })
      : undefined;
  if (cause?.name !== "JournalError" || cause.code === undefined) return error;
  return new JournalError(cause.code as JournalErrorCode, cause.message, { cause });
}

/** Of whoever reads the events on the engine's thread, and was too slow. */
export function readerError(error: unknown): EngineFailedError {
  const message = error instanceof Error ? error.message : String(error);
  return new EngineFailedError(`the engine lost its place in the event ring: ${message}. Its event loop was blocked for too long`, {
    cause: error,
  });
}
