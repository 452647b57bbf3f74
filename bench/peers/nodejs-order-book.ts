import type { IOrder, IProcessOrder, LimitOrderOptions } from "nodejs-order-book";
import { OrderBook, Side } from "nodejs-order-book";
import type { Flow, FlowResult } from "../flows/flow.js";
import { SIDE_BUY } from "../flows/flow.js";
import type { FlowBook } from "../flows/flow-book.js";
import { BookTally, TradeTally } from "../flows/flow-hash.js";

const IOC = "IOC" as NonNullable<LimitOrderOptions["timeInForce"]>;

/**
 * The flows through `nodejs-order-book`. It wants string ids: they are made before the clock starts, in its favour. Trades
 * are read from what each call returns, which is what its users do too.
 */
export class NodejsOrderBook implements FlowBook {
  readonly trades = new TradeTally();
  readonly #book = new OrderBook();
  readonly #names: readonly string[];

  /** Prepares the ids of one flow. */
  constructor(flow: Flow) {
    this.#names = Array.from({ length: flow.highestId + 1 }, (_, id) => String(id));
  }

  add(id: number, side: number, price: number, qty: number): void {
    accept(this.#book.limit({ id: this.#name(id), side: sideOf(side), size: qty, price }));
  }

  cancel(id: number): void {
    if (this.#book.cancel(this.#name(id)) === undefined) throw new Error(`no resting order ${id}`);
  }

  immediate(id: number, side: number, price: number, qty: number): void {
    const name = this.#name(id);
    this.#tally(accept(this.#book.limit({ id: name, side: sideOf(side), size: qty, price, timeInForce: IOC })), name);
  }

  market(_id: number, side: number, qty: number): void {
    this.#tally(accept(this.#book.market({ side: sideOf(side), size: qty })), "");
  }

  replace(id: number, _side: number, price: number, qty: number): void {
    accept(this.#book.modify(this.#name(id), { price, size: qty }));
  }

  reduce(id: number): void {
    throw new Error(`nodejs-order-book cannot reduce order ${id} in place: modify always goes to the tail`);
  }

  result(): FlowResult {
    const { bids, asks } = this.#book.snapshot();
    const book = new BookTally();
    for (const level of bids) for (const order of level.orders) book.bid(Number(order.id), level.price, order.size);
    for (const level of asks) for (const order of level.orders) book.ask(Number(order.id), level.price, order.size);
    return { ...this.trades, ...book };
  }

  /** `done` holds the makers that are gone, then the taker when it is filled; `partial` a maker that is left, or the taker. */
  #tally(response: IProcessOrder, taker: string): void {
    for (const order of response.done) if (order.id !== taker) this.#trade(order, order.size);
    const { partial, partialQuantityProcessed } = response;
    if (partial !== null && partial.id !== taker && partialQuantityProcessed > 0) this.#trade(partial, partialQuantityProcessed);
  }

  #trade(maker: IOrder, qty: number): void {
    if (!("price" in maker)) throw new Error(`maker ${maker.id} has no price`);
    this.trades.add(Number(maker.id), maker.price, qty);
  }

  #name(id: number): string {
    return this.#names[id] as string;
  }
}

function sideOf(side: number): Side {
  return side === SIDE_BUY ? Side.BUY : Side.SELL;
}

function accept(response: IProcessOrder): IProcessOrder {
  if (response.err !== null) throw response.err;
  return response;
}
