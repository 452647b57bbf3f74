import type { InstrumentInfo } from "../edge/catalog.js";
import { Header, OrderAccepted, OrderAcceptedFull, OrderCanceled, OrderReplaced, Trade } from "../wire/flyweights.js";
import { NULL_INT64 } from "../wire/numbers.js";

/**
 * Which instrument the live orders of one session are on, dormant and pending ones included: what a reduce or a replace
 * needs to turn decimals into ticks and lots, and does not say. It holds as many entries as the session has live orders, so the shard's capacity bounds it.
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

  /** An order of the session was accepted, which `infoOf` knows the instrument of. */
  accepted(words: Int32Array, at: number, infoOf: (instrument: number) => InstrumentInfo | undefined): void {
    if (Header.templateId(words, at) === OrderAccepted.TEMPLATE_ID) {
      const info = infoOf(OrderAccepted.instrument(words, at));
      return this.add(OrderAccepted.orderId(words, at), OrderAccepted.account(words, at), OrderAccepted.clOrdId(words, at), info);
    }
    // An order by quoteQty dies with its command, and nothing says so when its money is spent to the last atom.
    if (OrderAcceptedFull.quoteQty(words, at) !== NULL_INT64) return;
    const info = infoOf(OrderAcceptedFull.instrument(words, at));
    this.add(OrderAcceptedFull.orderId(words, at), OrderAcceptedFull.account(words, at), OrderAcceptedFull.clOrdId(words, at), info);
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
    }
  }

  private add(orderId: number, account: number, clOrdId: number, info: InstrumentInfo | undefined): void {
    if (info === undefined) return;
    this.byOrderId.set(orderId, info);
    this.name(account, clOrdId, orderId);
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
