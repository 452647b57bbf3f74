import { expect } from "vitest";
import {
  Header,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderShown,
  Trade,
} from "../../engine/wire/flyweights.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";

interface Counted {
  total: number;
  cum: number;
  leaves: number;
  readonly isByMoney: boolean;
}

const QUOTE_ATOMS = 1;

/** Follows every order by its id through the event records: cumQty and leavesQty go on from where they were. */
export class RecordLedger {
  readonly live = new Map<number, Counted>();
  trades = 0;

  follow(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.#accept(OrderAccepted.orderId(words, at), OrderAccepted.qty(words, at));
      case OrderAcceptedFull.TEMPLATE_ID:
        return this.#accept(OrderAcceptedFull.orderId(words, at), OrderAcceptedFull.qty(words, at));
      case Trade.TEMPLATE_ID: {
        this.trades++;
        expect(Trade.tradeId(words, at)).toBe(this.trades);
        const qty = Trade.qty(words, at);
        expect(qty).toBeGreaterThan(0);
        this.#fill(Trade.makerOrderId(words, at), qty, Trade.makerCumQty(words, at), Trade.makerLeavesQty(words, at));
        return this.#fill(Trade.takerOrderId(words, at), qty, Trade.takerCumQty(words, at), Trade.takerLeavesQty(words, at));
      }
      case OrderCanceled.TEMPLATE_ID: {
        const order = this.#order(OrderCanceled.orderId(words, at));
        expect(OrderCanceled.cumQty(words, at)).toBe(order.cum);
        expect(OrderCanceled.qtyType(words, at) === QUOTE_ATOMS).toBe(order.isByMoney);
        if (!order.isByMoney) expect(OrderCanceled.qty(words, at)).toBe(order.leaves);
        this.live.delete(OrderCanceled.orderId(words, at));
        return;
      }
      case OrderReduced.TEMPLATE_ID:
        return this.#reduce(words, at);
      case OrderReplaced.TEMPLATE_ID: {
        const order = this.#order(OrderReplaced.orderId(words, at));
        order.total = OrderReplaced.qty(words, at);
        order.leaves = order.total - order.cum;
        expect(OrderReplaced.leavesQty(words, at)).toBe(order.leaves);
        return;
      }
      case OrderShown.TEMPLATE_ID: {
        const order = this.#order(OrderShown.orderId(words, at));
        expect(OrderShown.qty(words, at)).toBeGreaterThan(0);
        expect(OrderShown.qty(words, at)).toBeLessThanOrEqual(order.leaves);
      }
    }
  }

  /** After each command: an order by money has ended, whoever has traded all is gone. */
  checkTotals(): void {
    for (const [id, order] of this.live) {
      if (order.isByMoney) this.live.delete(id);
      else expect(order.cum + order.leaves).toBe(order.total);
    }
  }

  #accept(orderId: number, qty: number): void {
    const isByMoney = qty === NULL_INT64;
    expect(this.live.has(orderId)).toBe(false);
    this.live.set(orderId, { total: isByMoney ? 0 : qty, cum: 0, leaves: isByMoney ? 0 : qty, isByMoney });
  }

  #fill(orderId: number, qty: number, cumQty: number, leavesQty: number): void {
    const order = this.#order(orderId);
    order.cum += qty;
    expect(cumQty, `cumQty of order ${orderId}`).toBe(order.cum);
    order.leaves -= qty;
    expect(leavesQty, `leavesQty of order ${orderId}`).toBe(order.isByMoney ? NULL_INT64 : order.leaves);
    if (!order.isByMoney && order.leaves === 0) this.live.delete(orderId);
  }

  #reduce(words: Int32Array, at: number): void {
    const order = this.#order(OrderReduced.orderId(words, at));
    expect(OrderReduced.by(words, at)).toBeGreaterThan(0);
    expect(OrderReduced.cumQty(words, at)).toBe(order.cum);
    if (order.isByMoney) {
      expect(OrderReduced.leavesQty(words, at)).toBe(NULL_INT64);
      return;
    }
    order.total -= OrderReduced.by(words, at);
    order.leaves -= OrderReduced.by(words, at);
    expect(OrderReduced.leavesQty(words, at)).toBe(order.leaves);
    expect(order.leaves).toBeGreaterThan(0);
  }

  #order(orderId: number): Counted {
    const order = this.live.get(orderId);
    if (order === undefined) throw new Error(`an event about order ${orderId}, which is not live`);
    return order;
  }
}
