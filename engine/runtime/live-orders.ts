import type { InstrumentInfo } from "../edge/catalog.js";
import { Header, OrderAccepted, OrderCanceled, OrderReduced, OrderReplaced, Trade } from "../wire/flyweights.js";

/**
 * Which instrument the live orders of one session are on: what a reduce or a replace needs to turn decimals into ticks
 * and lots, and does not say. It holds as many entries as the session has live orders, so the shard's capacity bounds it.
 * One thread, that of the events.
 */
export class LiveOrders {
  private readonly byOrderId = new Map<number, InstrumentInfo>();
  /** By account and client id; an order may be renamed, so its engine id leads here too. */
  private readonly byClOrdId = new Map<number, Map<number, number>>();

  /** Undefined when the session has no such live order. */
  find(account: number, clOrdId: number | undefined, orderId: number | undefined): InstrumentInfo | undefined {
    const id = orderId ?? (clOrdId === undefined ? undefined : this.byClOrdId.get(account)?.get(clOrdId));
    return id === undefined ? undefined : this.byOrderId.get(id);
  }

  /** An order of the session was accepted. */
  accepted(words: Int32Array, at: number, info: InstrumentInfo): void {
    const orderId = OrderAccepted.orderId(words, at);
    this.byOrderId.set(orderId, info);
    this.name(OrderAccepted.account(words, at), OrderAccepted.clOrdId(words, at), orderId);
  }

  /** Any event: whichever order it ends or renames is looked for. */
  follow(words: Int32Array, at: number): void {
    if (this.byOrderId.size === 0) return;
    switch (Header.templateId(words, at)) {
      case OrderCanceled.TEMPLATE_ID:
        return this.remove(OrderCanceled.orderId(words, at), OrderCanceled.account(words, at), OrderCanceled.clOrdId(words, at));
      case Trade.TEMPLATE_ID:
        return this.traded(words, at);
      case OrderReplaced.TEMPLATE_ID:
        return this.replaced(words, at);
      case OrderReduced.TEMPLATE_ID:
        if (OrderReduced.leavesQty(words, at) === 0) {
          this.remove(OrderReduced.orderId(words, at), OrderReduced.account(words, at), OrderReduced.clOrdId(words, at));
        }
    }
  }

  private traded(words: Int32Array, at: number): void {
    if (Trade.makerLeavesQty(words, at) === 0) {
      this.remove(Trade.makerOrderId(words, at), Trade.makerAccount(words, at), Trade.makerClOrdId(words, at));
    }
    if (Trade.takerLeavesQty(words, at) === 0) {
      this.remove(Trade.takerOrderId(words, at), Trade.takerAccount(words, at), Trade.takerClOrdId(words, at));
    }
  }

  private replaced(words: Int32Array, at: number): void {
    const orderId = OrderReplaced.orderId(words, at);
    if (!this.byOrderId.has(orderId)) return;
    const account = OrderReplaced.account(words, at);
    this.byClOrdId.get(account)?.delete(OrderReplaced.origClOrdId(words, at));
    this.name(account, OrderReplaced.clOrdId(words, at), orderId);
  }

  private name(account: number, clOrdId: number, orderId: number): void {
    const ofAccount = this.byClOrdId.get(account);
    if (ofAccount === undefined) this.byClOrdId.set(account, new Map([[clOrdId, orderId]]));
    else ofAccount.set(clOrdId, orderId);
  }

  private remove(orderId: number, account: number, clOrdId: number): void {
    if (!this.byOrderId.delete(orderId)) return;
    this.byClOrdId.get(account)?.delete(clOrdId);
  }
}
