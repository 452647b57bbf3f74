import type { OrderStatusReport, Report } from "./reports.js";

/** Where an order stands. `waiting`: a stop that was not reached, or the first leg of a pair. */
export type TrackedState = "waiting" | "live" | "filled" | "canceled";

/** An order as the reports tell of it. */
export interface TrackedOrder {
  readonly orderId: string;
  readonly clOrdId: number;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly state: TrackedState;
  readonly price?: string;
  readonly qty?: string;
  readonly cumQty: string;
  readonly leavesQty: string;
}

const DEAD_KEPT_MAX = 1_024;

/**
 * The state machine of the account's orders: `waiting` → `live` → `filled` or `canceled`, driven by the reports alone, those that are sent
 * again included: what a dead order is told again changes nothing. Feed it every report of `client.reports()`; when one says `connection` `reset`, give it
 * what `client.openOrders()` answers.
 */
export class OrderTracker {
  readonly #live = new Map<string, TrackedOrder>();
  readonly #dead = new Map<string, TrackedOrder>();
  readonly #idOf = new Map<number, string>();

  /** Orders that wait or live, oldest first. */
  open(): readonly TrackedOrder[] {
    return [...this.#live.values()];
  }

  /** A live order by its client id, or one of the last that died. */
  byClOrdId(clOrdId: number): TrackedOrder | undefined {
    const orderId = this.#idOf.get(clOrdId);
    return orderId === undefined ? undefined : this.byOrderId(orderId);
  }

  byOrderId(orderId: string): TrackedOrder | undefined {
    return this.#live.get(orderId) ?? this.#dead.get(orderId);
  }

  /** Takes a report. Returns the order as it is now, undefined when the report is about none that is known. */
  apply(report: Report): TrackedOrder | undefined {
    switch (report.event) {
      case "accepted":
        return this.#accepted(report);
      case "filled": {
        const state = report.leavesQty === "0" ? "filled" : "live";
        return this.#change(report.orderId, { cumQty: report.cumQty, leavesQty: report.leavesQty ?? "0", state });
      }
      case "canceled":
        return this.#change(report.orderId, { cumQty: report.cumQty, leavesQty: "0", state: "canceled" });
      case "reduced":
        return this.#change(report.orderId, { cumQty: report.cumQty, leavesQty: report.leavesQty ?? "0" });
      case "triggered":
        return this.#change(report.orderId, { state: "live" });
      case "replaced": {
        const { clOrdId, qty, cumQty, leavesQty, price } = report;
        return this.#change(report.orderId, { clOrdId, qty, cumQty, leavesQty, ...(price === undefined ? {} : { price }) });
      }
      default:
        return undefined;
    }
  }

  /** Forgets what it knew: these are all the orders that live. */
  reset(orders: readonly OrderStatusReport[]): void {
    this.#live.clear();
    for (const order of orders) {
      const { state, ...rest } = order;
      this.#add({ ...rest, state: state === "resting" ? "live" : "waiting" });
    }
  }

  #accepted(report: Extract<Report, { event: "accepted" }>): TrackedOrder {
    const known = this.byOrderId(report.orderId);
    if (known !== undefined) return known;
    const isStop = report.type === "stop" || report.type === "stopLimit" || report.type === "trailingStop";
    const { orderId, clOrdId, symbol, side, price, qty, oco } = report;
    const leg = oco === undefined ? undefined : this.byClOrdId(oco);
    const isLeg = oco !== undefined && leg === undefined;
    if (leg?.state === "waiting" && leg.price !== undefined) this.#change(leg.orderId, { state: "live" });
    return this.#add({
      orderId,
      clOrdId,
      symbol,
      side,
      ...(price === undefined ? {} : { price }),
      ...(qty === undefined ? {} : { qty }),
      state: isStop || isLeg ? "waiting" : "live",
      cumQty: "0",
      leavesQty: qty ?? "0",
    });
  }

  #add(order: TrackedOrder): TrackedOrder {
    this.#live.set(order.orderId, order);
    this.#idOf.set(order.clOrdId, order.orderId);
    return order;
  }

  #change(orderId: string, change: Partial<TrackedOrder>): TrackedOrder | undefined {
    const before = this.#live.get(orderId);
    if (before === undefined) return this.#dead.get(orderId);
    const after = { ...before, ...change };
    if (after.clOrdId !== before.clOrdId) this.#idOf.delete(before.clOrdId);
    if (after.state === "live" || after.state === "waiting") return this.#add(after);
    this.#live.delete(orderId);
    this.#dead.set(orderId, after);
    this.#idOf.set(after.clOrdId, orderId);
    if (this.#dead.size > DEAD_KEPT_MAX) this.#forgetOldest();
    return after;
  }

  #forgetOldest(): void {
    for (const [orderId, { clOrdId }] of this.#dead) {
      this.#dead.delete(orderId);
      if (this.#idOf.get(clOrdId) === orderId) this.#idOf.delete(clOrdId);
      return;
    }
  }
}
