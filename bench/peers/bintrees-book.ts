import { RBTree } from "bintrees";
import type { FlowResult } from "../flows/flow.js";
import { SIDE_BUY } from "../flows/flow.js";
import type { FlowBook } from "../flows/flow-book.js";
import { BookTally, TradeTally } from "../flows/flow-hash.js";

interface PeerOrder {
  readonly id: number;
  readonly side: number;
  openQty: number;
  level: PeerLevel;
  previous: PeerOrder | undefined;
  next: PeerOrder | undefined;
}

interface PeerLevel {
  readonly price: number;
  first: PeerOrder | undefined;
  last: PeerOrder | undefined;
}

/** Called for each trade: the resting order's id, its price, the quantity. */
export type TradeListener = (makerId: number, price: number, qty: number) => void;

/**
 * A book as one writes it with `bintrees`: a red-black tree of price levels a side, a linked queue in each level, and a
 * Map of orders. No accounts, no checks, no events beyond the trade tally.
 */
export class BintreesBook implements FlowBook {
  readonly trades = new TradeTally();
  readonly #orders = new Map<number, PeerOrder>();
  readonly #bids = new RBTree<PeerLevel>((a, b) => b.price - a.price);
  readonly #asks = new RBTree<PeerLevel>((a, b) => a.price - b.price);
  readonly #onTrade: TradeListener | undefined;

  constructor(onTrade?: TradeListener) {
    this.#onTrade = onTrade;
  }

  has(id: number): boolean {
    return this.#orders.has(id);
  }

  priceOf(id: number): number {
    return this.#order(id).level.price;
  }

  sideOf(id: number): number {
    return this.#order(id).side;
  }

  add(id: number, side: number, price: number, qty: number): void {
    const level = this.#levelAt(side, price);
    const order: PeerOrder = { id, side, openQty: qty, level, previous: level.last, next: undefined };
    this.#orders.set(id, order);
    append(order);
  }

  cancel(id: number): void {
    const order = this.#order(id);
    this.#orders.delete(id);
    this.#unlink(order);
  }

  immediate(_id: number, side: number, price: number, qty: number): void {
    this.take(side, price, qty);
  }

  market(_id: number, side: number, qty: number): void {
    this.take(side, side === SIDE_BUY ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, qty);
  }

  replace(id: number, _side: number, price: number, qty: number): void {
    const order = this.#order(id);
    this.#unlink(order);
    order.openQty = qty;
    order.level = this.#levelAt(order.side, price);
    order.previous = order.level.last;
    order.next = undefined;
    append(order);
  }

  reduce(id: number, by: number): void {
    this.#order(id).openQty -= by;
  }

  /** Matches up to a price limit. Returns what is left. */
  take(side: number, limit: number, qty: number): number {
    const opposite = side === SIDE_BUY ? this.#asks : this.#bids;
    let left = qty;
    while (left > 0) {
      const level = opposite.min();
      if (level === null || (side === SIDE_BUY ? level.price > limit : level.price < limit)) break;
      const maker = level.first as PeerOrder;
      const traded = Math.min(left, maker.openQty);
      left -= traded;
      maker.openQty -= traded;
      this.trades.add(maker.id, level.price, traded);
      this.#onTrade?.(maker.id, level.price, traded);
      if (maker.openQty > 0) break;
      this.#orders.delete(maker.id);
      this.#unlink(maker);
    }
    return left;
  }

  result(): FlowResult {
    const book = new BookTally();
    this.#bids.each((level) => {
      for (let order = level.first; order !== undefined; order = order.next) book.bid(order.id, level.price, order.openQty);
    });
    this.#asks.each((level) => {
      for (let order = level.first; order !== undefined; order = order.next) book.ask(order.id, level.price, order.openQty);
    });
    return { ...this.trades, ...book };
  }

  #levelAt(side: number, price: number): PeerLevel {
    const tree = side === SIDE_BUY ? this.#bids : this.#asks;
    const wanted: PeerLevel = { price, first: undefined, last: undefined };
    const found = tree.find(wanted);
    if (found !== null) return found;
    tree.insert(wanted);
    return wanted;
  }

  #unlink(order: PeerOrder): void {
    const { level, previous, next } = order;
    if (previous === undefined) level.first = next;
    else previous.next = next;
    if (next === undefined) level.last = previous;
    else next.previous = previous;
    if (level.first === undefined) (order.side === SIDE_BUY ? this.#bids : this.#asks).remove(level);
  }

  #order(id: number): PeerOrder {
    const order = this.#orders.get(id);
    if (order === undefined) throw new RangeError(`no resting order ${id}`);
    return order;
  }
}

function append(order: PeerOrder): void {
  const { level } = order;
  if (level.last === undefined) level.first = order;
  else level.last.next = order;
  level.last = order;
}
