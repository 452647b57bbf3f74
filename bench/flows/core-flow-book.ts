import { Header, OrderRejected, Trade } from "../../engine/wire/flyweights.js";
import type { FlowResult } from "./flow.js";
import type { FlowBook } from "./flow-book.js";
import { BookTally, TradeTally } from "./flow-hash.js";
import { FLOW_ACCOUNT, OneAccountCore } from "./one-account-core.js";

/**
 * `Core` as a book of the flows, through its public doors only: it checks, it does not race. A replace is a cancel and a
 * new order, because in these flows it sets the open quantity and always loses its place.
 */
export class CoreFlowBook implements FlowBook {
  readonly trades = new TradeTally();
  readonly door: OneAccountCore;

  constructor(ordersMax: number) {
    this.door = new OneAccountCore(ordersMax);
  }

  add(id: number, side: number, price: number, qty: number): void {
    this.door.limit(id, side, price, qty, false, this.onEvent);
  }

  cancel(id: number): void {
    this.door.cancel(id, this.onEvent);
  }

  immediate(id: number, side: number, price: number, qty: number): void {
    this.door.limit(id, side, price, qty, true, this.onEvent);
  }

  market(id: number, side: number, qty: number): void {
    this.door.market(id, side, qty, this.onEvent);
  }

  replace(id: number, side: number, price: number, qty: number): void {
    this.door.cancel(id, this.onEvent);
    this.door.limit(id, side, price, qty, false, this.onEvent);
  }

  reduce(id: number, by: number): void {
    this.door.reduce(id, by, this.onEvent);
  }

  result(): FlowResult {
    const book = new BookTally();
    for (const order of this.door.core.orders(FLOW_ACCOUNT)) {
      if (order.side === "buy") book.bid(order.clOrdId, Number(order.price), Number(order.leavesQty));
      else book.ask(order.clOrdId, Number(order.price), Number(order.leavesQty));
    }
    return { ...this.trades, ...book };
  }

  private readonly onEvent = (words: Int32Array, at: number): void => {
    const template = Header.templateId(words, at);
    if (template === OrderRejected.TEMPLATE_ID) throw new Error(`the core refused with code ${OrderRejected.code(words, at)}`);
    if (template === Trade.TEMPLATE_ID) this.trades.add(Trade.makerClOrdId(words, at), Trade.price(words, at), Trade.qty(words, at));
  };
}
