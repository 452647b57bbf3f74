import { expect } from "vitest";
import type { Event, TradeEvent } from "../../engine/edge/types.js";

/** What the events alone say about an order. Quantities in tenths, which every lot size of the tests divides. */
export interface TrackedOrder {
  readonly symbol: string;
  readonly side: "buy" | "sell";
  /** Undefined for a market order, which never rests. */
  price: number | undefined;
  /** Place in the queue of its price: the number of the event that put it there. */
  stamp: number;
  total: number;
  filled: number;
  leaves: number;
}

const TENTHS = 10;

/** Follows a core by its events only, and checks on each that it can be true: priority, quantities, ids. */
export class EventLedger {
  readonly live = new Map<string, TrackedOrder>();
  #stamp = 0;
  #tradeId = 0;
  #orderId = 0;

  follow(event: Event): void {
    this.#stamp++;
    switch (event.event) {
      case "accepted": {
        const key = keyOf(event);
        expect(this.live.has(key), `${key} is new`).toBe(false);
        expect(event.orderId).toBe(String(++this.#orderId));
        const total = tenths(event.qty);
        const price = event.price === undefined ? undefined : Number(event.price);
        this.live.set(key, { symbol: event.symbol, side: event.side, price, stamp: this.#stamp, total, filled: 0, leaves: total });
        return;
      }
      case "trade":
        return this.#trade(event);
      case "canceled": {
        const order = this.#order(keyOf(event));
        expect(tenths(event.qty)).toBe(order.leaves);
        this.live.delete(keyOf(event));
        return;
      }
      case "reduced": {
        const order = this.#order(keyOf(event));
        order.total -= tenths(event.by);
        order.leaves -= tenths(event.by);
        expect(tenths(event.leavesQty)).toBe(order.leaves);
        return;
      }
      case "replaced": {
        const order = this.#order(keyOf({ account: event.account, clOrdId: event.origClOrdId }));
        this.live.delete(keyOf({ account: event.account, clOrdId: event.origClOrdId }));
        order.price = Number(event.price);
        order.total = tenths(event.qty);
        order.leaves = order.total - order.filled;
        expect(tenths(event.leavesQty)).toBe(order.leaves);
        if (!event.keptPriority) order.stamp = this.#stamp;
        this.live.set(keyOf(event), order);
      }
    }
  }

  /** Quantities add up, and no live order is empty. */
  checkTotals(): void {
    for (const [key, order] of this.live) {
      expect(order.filled + order.leaves, `filled + open of ${key}`).toBe(order.total);
      expect(order.leaves, `open of ${key}`).toBeGreaterThan(0);
    }
  }

  /** The live orders of one side, best price first, oldest first in a price. */
  queue(symbol: string, side: "buy" | "sell"): (TrackedOrder & { price: number })[] {
    const better = side === "buy" ? -1 : 1;
    return [...this.live.values()]
      .filter(
        (order): order is TrackedOrder & { price: number } => order.symbol === symbol && order.side === side && order.price !== undefined,
      )
      .sort((a, b) => (a.price === b.price ? a.stamp - b.stamp : better * (a.price - b.price)));
  }

  /** The maker is the first of its side, and the price is its own. */
  #trade(event: TradeEvent): void {
    expect(event.tradeId).toBe(++this.#tradeId);
    const maker = this.#order(keyOf(event.maker));
    const taker = this.#order(keyOf(event.taker));
    expect(taker.side).toBe(event.aggressor);
    expect(maker.side).not.toBe(event.aggressor);
    const first = this.queue(event.symbol, maker.side)[0];
    expect(maker, "the maker has the best price and is the oldest there").toBe(first);
    expect(Number(event.price)).toBe(maker.price);
    if (taker.price !== undefined) {
      expect(event.aggressor === "buy" ? maker.price : -(maker.price ?? 0)).toBeLessThanOrEqual(
        event.aggressor === "buy" ? taker.price : -taker.price,
      );
    }
    this.#fill(keyOf(event.maker), tenths(event.qty), tenths(event.maker.leavesQty));
    this.#fill(keyOf(event.taker), tenths(event.qty), tenths(event.taker.leavesQty));
  }

  #fill(key: string, quantity: number, leaves: number): void {
    const order = this.#order(key);
    order.filled += quantity;
    order.leaves -= quantity;
    expect(order.leaves, `leavesQty of ${key}`).toBe(leaves);
    if (order.leaves === 0) this.live.delete(key);
  }

  #order(key: string): TrackedOrder {
    const order = this.live.get(key);
    if (order === undefined) throw new Error(`an event about ${key}, which is not live`);
    return order;
  }
}

function keyOf(event: { account: string; clOrdId: number }): string {
  return `${event.account} ${event.clOrdId}`;
}

/** Decimal text in tenths, as a whole number. */
export function tenths(text: string): number {
  return Math.round(Number(text) * TENTHS);
}
