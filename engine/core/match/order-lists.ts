import { NIL } from "../../flat/level-tree.js";
import type { OrderBook } from "../book/order-book.js";
import { Extra } from "../book/order-extras.js";
import { Slot, Trait } from "../book/order-pool.js";
import { SlotHeap } from "../book/slot-heap.js";

/** Every account. */
export const ANYONE = -1;

/**
 * Lists orders, for commands that go through many of them. Those that rest in no level, stops and pending legs, are found by a run
 * over the pool, which takes about a millisecond a million slots, and stand by book side and age (SETTLED R11), or by age alone
 * (A5). One list, good until the next is asked for. Shard thread only. Nothing is allocated.
 */
export class OrderLists extends SlotHeap {
  private readonly orders: Int32Array;
  private isBySide = true;

  constructor(private readonly book: OrderBook) {
    super(book.memory.int32(book.pool.capacity + 1));
    this.orders = book.pool.words;
  }

  /** Lists those of an account, or of anyone, in the book sides from `first` to `last`; returns how many. */
  collect(account: number, first: number, last: number): number {
    const { owners, slotEnd } = this.book.pool;
    let count = 0;
    for (let slot = 1; slot < slotEnd; slot++) {
      if (account === ANYONE ? owners[slot] === 0 : owners[slot] !== account + 1) continue;
      if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0) continue;
      const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
      if (bookSide >= first && bookSide <= last) this.list[count++] = slot;
    }
    return count;
  }

  /** Lists the resting orders of a side by priority, from place `from` on; returns the place behind them. */
  listResting(bookSide: number, from: number): number {
    const { levels } = this.book;
    let count = from;
    for (let level = levels.first(bookSide); level !== NIL; level = levels.next(level)) {
      for (let slot = levels.headOf(level); slot !== 0; slot = this.orders[slot * Slot.WORDS + Slot.NEXT]) this.list[count++] = slot;
    }
    return count;
  }

  sortBySide(count: number): void {
    this.isBySide = true;
    this.sort(count);
  }

  sortByAge(count: number): void {
    this.isBySide = false;
    this.sort(count);
  }

  protected isBefore(one: number, other: number): boolean {
    const side = this.orders[one * Slot.WORDS + Slot.BOOK_SIDE];
    const otherSide = this.orders[other * Slot.WORDS + Slot.BOOK_SIDE];
    if (this.isBySide && side !== otherSide) return side < otherSide;
    const ages = this.book.extras.doubles;
    return ages[one * Extra.DOUBLES + Extra.AGE] < ages[other * Extra.DOUBLES + Extra.AGE];
  }
}
