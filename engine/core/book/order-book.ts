import { LevelTree } from "../../flat/level-tree.js";
import { SlotIndex } from "../../flat/slot-index.js";
import type { Accounts } from "../accounts.js";
import type { Capacities } from "../capacities.js";
import { OrderIdIndex } from "./order-id-index.js";
import { OrderPool, Slot } from "./order-pool.js";

/**
 * The books of all instruments: per book side (2 × instrument + side) a red-black tree of price levels, per level a
 * queue of orders, and indexes by client id, order id and price. A level's key is the price on the sell side and the
 * negative price on the buy side, so the best level is always the first and "crosses" is one comparison.
 *
 * Shard thread only. Nothing is allocated after construction.
 */
export class OrderBook {
  readonly pool: OrderPool;
  readonly levels: LevelTree;
  private readonly levelIndex: SlotIndex;
  private readonly byClOrdId: SlotIndex;
  private readonly byOrderId: OrderIdIndex;
  /** One number, seen as a double and as its two words. */
  private readonly key = new Float64Array(1);
  private readonly keyWords = new Int32Array(this.key.buffer);
  private lastLevel = 0;
  /** The slots of the pool. */
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    capacities: Capacities,
    private readonly accounts: Accounts,
  ) {
    this.pool = new OrderPool(capacities.orders);
    this.words = this.pool.words;
    this.doubles = this.pool.doubles;
    this.levels = new LevelTree(2 * capacities.instruments, capacities.levels);
    this.levelIndex = new SlotIndex(capacities.levels, this.levels.slotKeys);
    this.byClOrdId = new SlotIndex(capacities.orders + 1, this.pool.slotKeys(Slot.CL_ORD_ID));
    this.byOrderId = new OrderIdIndex(this.pool);
  }

  /** The live order of an account by the two words of its client id, or 0. */
  findByClOrdId(account: number, low: number, high: number): number {
    return this.byClOrdId.get(account, low, high);
  }

  /** The live order of an account by the two words of its order id, or 0, for another account's order too. */
  findByOrderId(account: number, low: number, high: number): number {
    return this.byOrderId.get(account, low, high);
  }

  /**
   * The level of a book side with this key, or 0. The level of the last call is tried first: a command asks while it is
   * checked and again when it rests. A level that has gone has no orders, so a stale one is never taken.
   */
  levelAt(bookSide: number, key: number): number {
    const levels = this.levels;
    const last = this.lastLevel;
    if (levels.keyOf(last) === key && levels.treeOf(last) === bookSide && levels.countOf(last) > 0) return last;
    this.key[0] = key;
    const level = this.levelIndex.get(bookSide, this.keyWords[0], this.keyWords[1]);
    this.lastLevel = level;
    return level;
  }

  /** Puts an order that is in no queue at the tail of its price, and makes it findable. */
  rest(slot: number): void {
    this.enqueue(slot);
    this.byClOrdId.add(slot);
    this.byOrderId.add(slot);
    const account = this.words[slot * Slot.WORDS + Slot.ACCOUNT];
    this.pool.owners[slot] = account + 1;
    this.accounts.orderCounts[account]++;
  }

  /** Takes a resting order out of everything and gives its slot back. */
  remove(slot: number): void {
    this.dequeue(slot);
    this.forget(slot);
  }

  /** Drops an order that is in no queue any more from the indexes and gives its slot back. */
  forget(slot: number): void {
    this.byClOrdId.remove(slot);
    this.byOrderId.remove(slot);
    this.pool.owners[slot] = 0;
    this.accounts.orderCounts[this.words[slot * Slot.WORDS + Slot.ACCOUNT]]--;
    this.pool.give(slot);
  }

  /** Joins the tail of its price level; the level is made when it is missing. */
  enqueue(slot: number): void {
    const words = this.words;
    const levels = this.levels;
    const base = slot * Slot.WORDS;
    const key = this.doubles[slot * Slot.DOUBLES + Slot.KEY];
    let level = this.levelAt(words[base + Slot.BOOK_SIDE], key);
    if (level === 0) {
      level = levels.insert(words[base + Slot.BOOK_SIDE], key);
      this.levelIndex.add(level);
      levels.setHead(level, slot);
      words[base + Slot.PREV] = 0;
    } else {
      const tail = levels.tailOf(level);
      words[tail * Slot.WORDS + Slot.NEXT] = slot;
      words[base + Slot.PREV] = tail;
    }
    words[base + Slot.NEXT] = 0;
    words[base + Slot.LEVEL] = level;
    levels.setTail(level, slot);
    levels.addCount(level, 1);
    levels.addTotal(level, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
  }

  /** Leaves its queue with what it has left; an empty level goes. */
  dequeue(slot: number): void {
    const words = this.words;
    const levels = this.levels;
    const base = slot * Slot.WORDS;
    const level = words[base + Slot.LEVEL];
    if (levels.addCount(level, -1) === 0) {
      this.levelIndex.remove(level);
      levels.remove(level);
      return;
    }
    levels.addTotal(level, -this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    const prev = words[base + Slot.PREV];
    const next = words[base + Slot.NEXT];
    if (prev === 0) levels.setHead(level, next);
    else words[prev * Slot.WORDS + Slot.NEXT] = next;
    if (next === 0) levels.setTail(level, prev);
    else words[next * Slot.WORDS + Slot.PREV] = prev;
  }

  /** Lowers what a resting order has left, keeping its place. 0 ≤ by < leaves. */
  shrink(slot: number, by: number): void {
    this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] -= by;
    this.levels.addTotal(this.words[slot * Slot.WORDS + Slot.LEVEL], -by);
  }

  /** Gives a live order another client id, by its two words, which the account does not use. */
  rename(slot: number, low: number, high: number): void {
    const words = this.words;
    this.byClOrdId.remove(slot);
    words[slot * Slot.WORDS + Slot.CL_ORD_ID] = low;
    words[slot * Slot.WORDS + Slot.CL_ORD_ID + 1] = high;
    this.byClOrdId.add(slot);
  }

  /** Price of an order in ticks; Infinity for a market order. */
  priceOf(slot: number): number {
    return Math.abs(this.doubles[slot * Slot.DOUBLES + Slot.KEY]);
  }
}

/** The level key of a price on a side, −price or price, without a branch: sides come in no order that a CPU could guess. */
export function keyOf(side: number, price: number): number {
  return price * (2 * side - 1);
}
