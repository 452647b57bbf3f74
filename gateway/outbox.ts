import * as Header from "../engine/wire/header.js";
import type { Connection, SendResult } from "./transport/transport.js";

/** Enough for some hundred reports in one message, and far below any frame limit of a client. */
export const OUTBOX_BYTES = 1 << 16;
const OUTBOXES_KEPT_MAX = 256;

const NOTHING = -1;

/** Records that wait to leave in one message. Gateway thread only. */
export class Outbox {
  readonly words = new Int32Array(OUTBOX_BYTES / 4);
  readonly #bytes = new Uint8Array(this.words.buffer);
  #usedWords = 0;
  /** The newest report of a command that is not complete. */
  #openAt = NOTHING;

  get isEmpty(): boolean {
    return this.#usedWords === 0;
  }

  /** Word index for a record of that many bytes, a multiple of 8 and far below OUTBOX_BYTES; -1 when it must be flushed first. */
  claim(lengthBytes: number): number {
    const at = this.#usedWords;
    const end = at + (lengthBytes >> 2);
    if (end > this.words.length) return -1;
    this.#usedWords = end;
    return at;
  }

  /** The record at `at` may turn out to be the last of its command. */
  setOpen(at: number): void {
    this.#openAt = at;
  }

  /** The open record was the last of its command. */
  closeOpen(): void {
    if (this.#openAt !== NOTHING) Header.setFlags(this.words, this.#openAt, Header.FLAG_LAST_OF_BATCH);
    this.#openAt = NOTHING;
  }

  /** Sends what is here, apart from the open record and what came after it. */
  flushTo(connection: Connection): SendResult {
    const isKeeping = this.#openAt !== NOTHING;
    const endWords = isKeeping ? this.#openAt : this.#usedWords;
    const result = endWords > 0 ? connection.send(this.#bytes.subarray(0, endWords * 4)) : "sent";
    this.words.copyWithin(0, endWords, this.#usedWords);
    this.#usedWords -= endWords;
    this.#openAt = isKeeping ? 0 : NOTHING;
    return result;
  }

  clear(): void {
    this.#usedWords = 0;
    this.#openAt = NOTHING;
  }
}

/** Lends outboxes: only sessions that something was written for since the last flush need one. */
export class OutboxPool {
  readonly #free: Outbox[] = [];

  take(): Outbox {
    return this.#free.pop() ?? new Outbox();
  }

  give(outbox: Outbox): void {
    outbox.clear();
    if (this.#free.length < OUTBOXES_KEPT_MAX) this.#free.push(outbox);
  }
}
