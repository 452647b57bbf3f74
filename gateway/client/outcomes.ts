import type { Catalog } from "../../engine/edge/catalog.js";
import * as Header from "../../engine/wire/header.js";
import { ClientError } from "./client-error.js";
import { PendingOrder } from "./pending.js";
import { answeredSeq, readReport } from "./read-report.js";
import type { OrderReport, RejectedReport } from "./reports.js";

/** Requests to the engine that are not answered to the end, by client seq. */
export class Outcomes {
  readonly #orders = new Map<number, PendingOrder>();
  /** The request whose reports are coming in. */
  #current: PendingOrder | undefined;
  #currentSeq = 0;

  get size(): number {
    return this.#orders.size;
  }

  add(seq: number, waiting: ConstructorParameters<typeof PendingOrder>[0]): void {
    this.#orders.set(seq, new PendingOrder(waiting));
  }

  /** Takes a report; its last record settles its request, wherever a refusal of the gateway comes in between. `tell` gets it when somebody listens. */
  take(words: Int32Array, at: number, catalog: Catalog, tell: ((report: OrderReport) => void) | undefined): void {
    const answered = answeredSeq(words, at);
    if (answered !== 0 && answered !== this.#currentSeq) {
      this.#current = this.#orders.get(answered);
      this.#currentSeq = answered;
    }
    const report = tell !== undefined || this.#current !== undefined ? readReport(words, at, catalog) : undefined;
    if (report === undefined) return;
    this.#current?.add(report);
    tell?.(report);
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0) return;
    this.#orders.delete(this.#currentSeq);
    this.#current?.settle();
    this.leaveOff();
  }

  /** The gateway has refused a request by itself. False: it was none of these. */
  refuse(seq: number, report: RejectedReport, tell: (report: OrderReport) => void): boolean {
    const order = this.#orders.get(seq);
    if (order === undefined) return false;
    this.#orders.delete(seq);
    order.add(report);
    tell(report);
    order.settle();
    return true;
  }

  /** What comes next is not the rest of what came last. */
  leaveOff(): void {
    this.#current = undefined;
    this.#currentSeq = 0;
  }

  /**
   * The client is back. `nextSeq`: requests from there on were never taken; Infinity when the gateway does not know the session. Of the
   * others nothing will be told unless all that was missed is: `isResumed`.
   */
  reconcile(nextSeq: number, isResumed: boolean): void {
    for (const [seq, order] of this.#orders) {
      const isTaken = seq < nextSeq;
      if (isTaken && isResumed) continue;
      this.#orders.delete(seq);
      if (isTaken) order.fail(new ClientError("FATE_UNKNOWN", "the connection was lost, and what became of the request is not known"));
      else order.fail(new ClientError("NOT_APPLIED", "the connection was lost before the gateway had the request"));
    }
  }

  failAll(error: ClientError): void {
    for (const order of this.#orders.values()) order.fail(error);
    this.#orders.clear();
  }
}
