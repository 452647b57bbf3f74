import { LevelUpdate, OrderAdded, OrderChanged, OrderRemoved } from "../../engine/wire/flyweights.js";
import * as Header from "../../engine/wire/header.js";

/** `side price: quantity orders` of each level, best first, from LevelUpdates alone. */
export class LevelMirror {
  readonly #levels = new Map<string, { side: number; price: number; text: string }>();
  /** Whether the last update was marked as the last of its command. */
  isComplete = true;

  take(words: Int32Array, at: number): void {
    const side = LevelUpdate.side(words, at);
    const price = LevelUpdate.price(words, at);
    const qty = LevelUpdate.qty(words, at);
    const key = `${side} ${price}`;
    if (qty === 0) this.#levels.delete(key);
    else this.#levels.set(key, { side, price, text: `${key}: ${qty} ${LevelUpdate.orders(words, at)}` });
    this.isComplete = (Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) !== 0;
  }

  rows(): string[] {
    return [...this.#levels.values()]
      .sort((a, b) => a.side - b.side || (a.side === 0 ? b.price - a.price : a.price - b.price))
      .map(({ text }) => text);
  }
}

/** Every order of an instrument in the order of its level, from the records of single orders alone. */
export class OrderMirror {
  readonly #levels = new Map<string, { orderId: number; qty: number }[]>();

  added(words: Int32Array, at: number): void {
    const key = `${OrderAdded.side(words, at)} ${OrderAdded.price(words, at)}`;
    const level = this.#levels.get(key) ?? [];
    this.#levels.set(key, [...level, { orderId: OrderAdded.orderId(words, at), qty: OrderAdded.qty(words, at) }]);
  }

  changed(words: Int32Array, at: number): void {
    const level = this.#levels.get(`${OrderChanged.side(words, at)} ${OrderChanged.price(words, at)}`) ?? [];
    const order = level.find(({ orderId }) => orderId === OrderChanged.orderId(words, at));
    if (order === undefined) throw new Error(`order ${OrderChanged.orderId(words, at)} changes and is not there`);
    order.qty = OrderChanged.qty(words, at);
  }

  removed(words: Int32Array, at: number): void {
    const key = `${OrderRemoved.side(words, at)} ${OrderRemoved.price(words, at)}`;
    const level = this.#levels.get(key) ?? [];
    const index = level.findIndex(({ orderId }) => orderId === OrderRemoved.orderId(words, at));
    if (index < 0) throw new Error(`order ${OrderRemoved.orderId(words, at)} goes and is not there`);
    level.splice(index, 1);
    if (level.length === 0) this.#levels.delete(key);
  }

  /** Sides and prices in no order. */
  queues(): string[] {
    return [...this.#levels].map(([key, level]) => `${key}: ${level.map(({ orderId, qty }) => `${orderId}×${qty}`).join(" ")}`).sort();
  }
}
