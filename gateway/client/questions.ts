import type { ClientError } from "./client-error.js";
import { PendingReply } from "./pending.js";
import type { OrderStatusReport, RejectedReport } from "./reports.js";

interface Waiting {
  resolve(): void;
  reject(error: ClientError): void;
}

/** What the gateway answers itself: questions that are not answered yet, by client seq. */
export class Questions {
  readonly #replies = new Map<number, PendingReply<void>>();
  /** Requests for the list of instruments, in order: the end of a list does not say whose it is. */
  readonly #lists: number[] = [];
  readonly #statuses = new Map<number, OrderStatusReport[]>();

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

  /** What a question about orders collects until it is answered. */
  collect(seq: number): OrderStatusReport[] {
    const found: OrderStatusReport[] = [];
    this.#statuses.set(seq, found);
    return found;
  }

  addStatus(seq: number, status: OrderStatusReport): void {
    this.#statuses.get(seq)?.push(status);
  }

  settle(seq: number): void {
    this.#statuses.delete(seq);
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
    this.#statuses.delete(seq);
    this.#replies.get(seq)?.refuse(report);
    this.#replies.delete(seq);
  }

  failAll(error: ClientError): void {
    for (const reply of this.#replies.values()) reply.fail(error);
    this.#replies.clear();
    this.#lists.length = 0;
    this.#statuses.clear();
  }
}
