import * as Header from "../engine/wire/header.js";

/** Enough for some hundred reports in one message, and far below any frame limit of a client. */
export const OUTBOX_BYTES = 1 << 16;
const OUTBOXES_KEPT_MAX = 256;

const NOTHING = -1;

/** Records that wait to leave in one message. Gateway thread only. */
export class Outbox {
  readonly words = new Int32Array(OUTBOX_BYTES / 4);
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

  /** The open record was not the last. */
  releaseOpen(): void {
    this.#openAt = NOTHING;
  }

  /** Word behind what may leave: everything, apart from the open record and what came after it. */
  get readyWords(): number {
    return this.#openAt === NOTHING ? this.#usedWords : this.#openAt;
  }

  /** The first `readyWords` have left. */
  drop(): void {
    const endWords = this.readyWords;
    this.words.copyWithin(0, endWords, this.#usedWords);
    this.#usedWords -= endWords;
    if (this.#openAt !== NOTHING) this.#openAt = 0;
  }

  clear(): void {
    this.#usedWords = 0;
    this.#openAt = NOTHING;
  }
}

/** Lends outboxes: only sessions that something was written for since the last flush need one. */
export class OutboxPool {
  readonly #free: Outbox[] = [];
  #lent = 0;

  /** Memory that outboxes hold, lent or not. */
  get bytes(): number {
    return (this.#free.length + this.#lent) * OUTBOX_BYTES;
  }

  take(): Outbox {
    this.#lent += 1;
    return this.#free.pop() ?? new Outbox();
  }

  give(outbox: Outbox): void {
    this.#lent -= 1;
    outbox.clear();
    if (this.#free.length < OUTBOXES_KEPT_MAX) this.#free.push(outbox);
  }
}
