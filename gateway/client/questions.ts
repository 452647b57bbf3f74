import type { ClientError } from "./client-error.js";
import { PendingReply } from "./pending.js";
import type { RejectedReport } from "./reports.js";

interface Waiting {
  resolve(): void;
  reject(error: ClientError): void;
}

type RowReader = (words: Int32Array, at: number) => void;

/** What the gateway answers itself: questions that are not answered yet, by client seq. */
export class Questions {
  readonly #replies = new Map<number, PendingReply<void>>();
  /** Requests for the list of instruments, in order: the end of a list does not say whose it is. */
  readonly #lists: number[] = [];
  /** What reads the rows of an answer. */
  readonly #readers = new Map<number, RowReader>();

  get size(): number {
    return this.#replies.size;
  }

  add(seq: number, waiting: Waiting): void {
    this.#replies.set(
      seq,
      new PendingReply<void>(undefined, { resolve: () => waiting.resolve(), reject: (error) => waiting.reject(error) }),
    );
  }

  addList(seq: number): void {
    this.#lists.push(seq);
  }

  /** `read` is called with every row of the answer, until it is complete. */
  collect(seq: number, read: RowReader): void {
    this.#readers.set(seq, read);
  }

  /** A row of an answer. */
  take(seq: number, words: Int32Array, at: number): void {
    this.#readers.get(seq)?.(words, at);
  }

  settle(seq: number): void {
    this.#readers.delete(seq);
    this.#replies.get(seq)?.settle();
    this.#replies.delete(seq);
  }

  /** A list of instruments has ended. */
  settleList(): void {
    this.settle(this.#lists.shift() ?? 0);
  }

  refuse(seq: number, report: RejectedReport): void {
    const index = this.#lists.indexOf(seq);
    if (index >= 0) this.#lists.splice(index, 1);
    this.#readers.delete(seq);
    this.#replies.get(seq)?.refuse(report);
    this.#replies.delete(seq);
  }

  failAll(error: ClientError): void {
    for (const reply of this.#replies.values()) reply.fail(error);
    this.#replies.clear();
    this.#lists.length = 0;
    this.#readers.clear();
  }
}
