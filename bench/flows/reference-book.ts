import type { FlowResult } from "./flow.js";
import { PRICE_LIMIT_TICKS, SIDE_BUY } from "./flow.js";
import type { FlowBook } from "./flow-book.js";
import { BookTally, TradeTally } from "./flow-hash.js";

/** A resting order of the reference book. */
export interface RestingOrder {
  readonly id: number;
  readonly side: number;
  price: number;
  openQty: number;
}

/** Called at the moment at which a resting order has been filled. */
export type FilledListener = (order: RestingOrder) => void;

/**
 * The book that the flows are generated with, and the judge of their tables: one array of orders for each price, oldest
 * first, and the best prices found by walking. Plain on purpose. It knows no owners and no rejects, as the flows have none.
 */
export class ReferenceBook implements FlowBook {
  readonly orders = new Map<number, RestingOrder>();
  readonly counts: [number, number] = [0, 0];
  readonly trades = new TradeTally();
  readonly #levels: [RestingOrder[][], RestingOrder[][]] = [emptyLevels(), emptyLevels()];
  readonly #best: [number, number] = [0, PRICE_LIMIT_TICKS];
  readonly #onFilled: FilledListener;

  constructor(onFilled: FilledListener = () => {}) {
    this.#onFilled = onFilled;
  }

  /** Best price of a side; 0 for no bids, PRICE_LIMIT_TICKS for no asks. */
  best(side: number): number {
    return this.#best[side === SIDE_BUY ? 0 : 1];
  }

  /** Puts an order at the tail of its price without matching it: the flows add passively. */
  add(id: number, side: number, price: number, qty: number): void {
    const order = { id, side, price, openQty: qty };
    this.orders.set(id, order);
    this.#rest(order);
  }

  /** Takes an order out of the book. Throws when it is not there. */
  cancel(id: number): void {
    const order = this.order(id);
    this.#unlink(order);
    this.orders.delete(id);
  }

  /** New price and open quantity, always at the tail. */
  replace(id: number, _side: number, price: number, qty: number): void {
    const order = this.order(id);
    this.#unlink(order);
    order.price = price;
    order.openQty = qty;
    this.#rest(order);
  }

  /** Takes quantity off, the place in the queue stays. */
  reduce(id: number, by: number): void {
    const order = this.order(id);
    if (by >= order.openQty) throw new RangeError(`reduce by ${by} of an order of ${order.openQty}`);
    order.openQty -= by;
  }

  immediate(_id: number, side: number, price: number, qty: number): void {
    this.#take(side, price, qty);
  }

  market(_id: number, side: number, qty: number): void {
    this.#take(side, side === SIDE_BUY ? PRICE_LIMIT_TICKS : 0, qty);
  }

  /** The resting order of that id. Throws when there is none. */
  order(id: number): RestingOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw new RangeError(`no resting order ${id}`);
    return order;
  }

  /** What trades and book come to so far. */
  result(): FlowResult {
    const book = new BookTally();
    for (let price = this.best(0); price > 0; price--) {
      for (const order of this.#level(0, price)) book.bid(order.id, price, order.openQty);
    }
    for (let price = this.best(1); price < PRICE_LIMIT_TICKS; price++) {
      for (const order of this.#level(1, price)) book.ask(order.id, price, order.openQty);
    }
    return { ...this.trades, ...book };
  }

  /** Matches against the other side up to a price limit, and drops what is left. */
  #take(side: number, limit: number, qty: number): void {
    const other = 1 - side;
    let left = qty;
    while (left > 0 && this.counts[other as 0 | 1] > 0) {
      const price = this.best(other);
      if (side === SIDE_BUY ? price > limit : price < limit) break;
      const maker = this.#level(other, price)[0] as RestingOrder;
      const traded = Math.min(left, maker.openQty);
      left -= traded;
      maker.openQty -= traded;
      this.trades.add(maker.id, price, traded);
      if (maker.openQty > 0) continue;
      this.#unlink(maker);
      this.orders.delete(maker.id);
      this.#onFilled(maker);
    }
  }

  #level(side: number, price: number): RestingOrder[] {
    const level = this.#levels[side === SIDE_BUY ? 0 : 1][price];
    if (level === undefined) throw new RangeError(`price must lie below ${PRICE_LIMIT_TICKS}, was ${price}`);
    return level;
  }

  #rest(order: RestingOrder): void {
    this.#level(order.side, order.price).push(order);
    if (order.side === SIDE_BUY) {
      this.counts[0]++;
      if (order.price > this.#best[0]) this.#best[0] = order.price;
    } else {
      this.counts[1]++;
      if (order.price < this.#best[1]) this.#best[1] = order.price;
    }
  }

  #unlink(order: RestingOrder): void {
    const level = this.#level(order.side, order.price);
    level.splice(level.indexOf(order), 1);
    if (order.side === SIDE_BUY) {
      this.counts[0]--;
      while (this.#best[0] > 0 && this.#level(0, this.#best[0]).length === 0) this.#best[0]--;
    } else {
      this.counts[1]--;
      while (this.#best[1] < PRICE_LIMIT_TICKS && this.#level(1, this.#best[1]).length === 0) this.#best[1]++;
    }
  }
}

function emptyLevels(): RestingOrder[][] {
  return Array.from({ length: PRICE_LIMIT_TICKS + 1 }, () => []);
}
