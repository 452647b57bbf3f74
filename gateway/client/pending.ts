import { ClientError } from "./client-error.js";
import type { OrderReport, RejectedReport } from "./reports.js";

/**
 * What became of the order that a request was about, when the request was done. `done`: it was about no single order.
 * `accepted` is an order that lives, in the book or waiting to be triggered or for the other leg of its pair.
 */
export type OutcomeStatus = "accepted" | "filled" | "canceled" | "replaced" | "reduced" | "done" | "rejected";

/** The answer to one request. What engine or gateway refuse is an outcome too. Later fills come as reports only. */
export interface Outcome {
  readonly status: OutcomeStatus;
  /** Of the order that the request was about. */
  readonly orderId?: string;
  /** Executed so far, and open, what is hidden included. */
  readonly cumQty?: string;
  readonly leavesQty?: string;
  /** How many orders a mass cancel canceled. */
  readonly count?: number;
  /** Why it was refused: a number of docs/CODES.md and its name. A refusal changed nothing. */
  readonly code?: number;
  readonly reason?: RejectedReport["reason"];
  /** Everything that the request caused at once for this account, in order. The first answers it. */
  readonly reports: readonly OrderReport[];
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: ClientError): void;
}

/** A request to the engine that has not been answered to the end. */
export class PendingOrder {
  readonly #waiting: Waiting<Outcome>;
  readonly #reports: OrderReport[] = [];

  constructor(waiting: Waiting<Outcome>) {
    this.#waiting = waiting;
  }

  add(report: OrderReport): void {
    this.#reports.push(report);
  }

  settle(): void {
    this.#waiting.resolve(outcomeOf(this.#reports));
  }

  fail(error: ClientError): void {
    this.#waiting.reject(error);
  }
}

/** A request that the gateway answers itself: with `value` when it is granted. */
export class PendingReply<T> {
  readonly #waiting: Waiting<T>;
  readonly #value: T;

  constructor(value: T, waiting: Waiting<T>) {
    this.#value = value;
    this.#waiting = waiting;
  }

  settle(): void {
    this.#waiting.resolve(this.#value);
  }

  refuse(report: RejectedReport): void {
    this.fail(
      new ClientError(
        report.reason === "UNKNOWN_CODE" ? "PROTOCOL_ERROR" : report.reason,
        `${report.request} was refused: ${report.reason}`,
      ),
    );
  }

  fail(error: ClientError): void {
    this.#waiting.reject(error);
  }
}

function outcomeOf(reports: readonly OrderReport[]): Outcome {
  const [first] = reports;
  if (first === undefined) throw new Error("a request is settled by a report");
  if (first.event === "rejected") return { status: "rejected", code: first.code, reason: first.reason, reports };
  const last = reports[reports.length - 1];
  if (last.event === "massCanceled") return { status: "done", count: last.count, reports };
  if (first.event === "massCanceled") return { status: "done", count: first.count, reports };
  const { orderId } = first;
  let state = stateAfter(first, { status: "accepted", cumQty: "0", leavesQty: "0" });
  for (const report of reports.slice(1)) if ("orderId" in report && report.orderId === orderId) state = stateAfter(report, state);
  return { ...state, orderId, reports };
}

interface OrderState {
  readonly status: OutcomeStatus;
  readonly cumQty: string;
  readonly leavesQty: string;
}

function stateAfter(report: OrderReport, before: OrderState): OrderState {
  switch (report.event) {
    case "accepted":
      // An order by quoteQty has no quantity, and nothing open once its request is done.
      return { status: "accepted", cumQty: "0", leavesQty: report.qty ?? "0" };
    case "filled":
      return filled(report.cumQty, report.leavesQty ?? "0", before);
    case "canceled":
      return { status: "canceled", cumQty: report.cumQty, leavesQty: "0" };
    case "reduced":
      // Cuts of the engine's own come within another request about the order, which stays what it was.
      return {
        status: report.reason === "user" ? "reduced" : before.status,
        cumQty: report.cumQty,
        leavesQty: report.leavesQty ?? "0",
      };
    case "replaced":
      return { status: "replaced", cumQty: report.cumQty, leavesQty: report.leavesQty };
    default:
      return before;
  }
}

function filled(cumQty: string, leavesQty: string, before: OrderState): OrderState {
  return { status: leavesQty === "0" ? "filled" : before.status, cumQty, leavesQty };
}
