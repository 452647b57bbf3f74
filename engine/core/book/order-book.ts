import { LevelTree, NIL } from "../../flat/level-tree.js";
import { NOT_FOUND, PairIndex } from "../../flat/pair-index.js";
import type { Accounts } from "../accounts.js";
import type { Capacities } from "../capacities.js";
import {
  ACCOUNT,
  ACCOUNT_NEXT,
  ACCOUNT_PREV,
  BOOK_SIDE,
  CL_ORD_ID,
  LEAVES,
  LEVEL,
  NEXT,
  ORDER_ID,
  OrderPool,
  PREV,
  SLOT_DOUBLES,
  SLOT_WORDS,
} from "./order-pool.js";

export const BUY = 0;
export const SELL = 1;

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
  private readonly levelIndex: PairIndex;
  private readonly byClOrdId: PairIndex;
  private readonly byOrderId: PairIndex;

  constructor(
    capacities: Capacities,
    private readonly accounts: Accounts,
  ) {
    this.pool = new OrderPool(capacities.orders);
    this.levels = new LevelTree(2 * capacities.instruments, capacities.levels);
    this.levelIndex = new PairIndex(capacities.levels);
    this.byClOrdId = new PairIndex(capacities.orders + 1);
    this.byOrderId = new PairIndex(capacities.orders + 1);
  }

  /** The live order of an account by its client id, or NOT_FOUND. */
  findByClOrdId(account: number, clOrdId: number): number {
    return this.byClOrdId.get(account, clOrdId);
  }

  /** The live order of an account by its order id, or NOT_FOUND, for another account's order too. */
  findByOrderId(account: number, orderId: number): number {
    return this.byOrderId.get(account, orderId);
  }

  /** The level of a book side with this key, or NIL. */
  levelAt(bookSide: number, key: number): number {
    const level = this.levelIndex.get(bookSide, key);
    return level === NOT_FOUND ? NIL : level;
  }

  /** Puts an order that is in no queue at the tail of its price, and makes it findable. */
  rest(slot: number, key: number): void {
    const doubles = this.pool.doubles;
    this.enqueue(slot, key);
    const account = this.pool.words[slot * SLOT_WORDS + ACCOUNT];
    this.byClOrdId.add(account, doubles[slot * SLOT_DOUBLES + CL_ORD_ID], slot);
    this.byOrderId.add(account, doubles[slot * SLOT_DOUBLES + ORDER_ID], slot);
    this.linkToAccount(slot, account);
  }

  /** Takes a resting order out of everything and gives its slot back. */
  remove(slot: number): void {
    this.dequeue(slot);
    this.forget(slot);
  }

  /** Drops an order that is in no queue any more from the indexes and gives its slot back. */
  forget(slot: number): void {
    const doubles = this.pool.doubles;
    const account = this.pool.words[slot * SLOT_WORDS + ACCOUNT];
    this.byClOrdId.remove(account, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    this.byOrderId.remove(account, doubles[slot * SLOT_DOUBLES + ORDER_ID]);
    this.unlinkFromAccount(slot, account);
    this.pool.give(slot);
  }

  /** Joins the tail of its price level; the level is made when it is missing. */
  enqueue(slot: number, key: number): void {
    const words = this.pool.words;
    const levels = this.levels;
    const base = slot * SLOT_WORDS;
    const bookSide = words[base + BOOK_SIDE];
    let level = this.levelIndex.get(bookSide, key);
    if (level === NOT_FOUND) {
      level = levels.insert(bookSide, key);
      this.levelIndex.add(bookSide, key, level);
      levels.totals[level] = 0;
      levels.queue[2 * level] = slot;
      words[base + PREV] = 0;
    } else {
      const tail = levels.queue[2 * level + 1];
      words[tail * SLOT_WORDS + NEXT] = slot;
      words[base + PREV] = tail;
    }
    words[base + NEXT] = 0;
    words[base + LEVEL] = level;
    levels.queue[2 * level + 1] = slot;
    levels.addCount(level, 1);
    levels.totals[level] += this.pool.doubles[slot * SLOT_DOUBLES + LEAVES];
  }

  /** Leaves its queue with what it has left; an empty level goes. */
  dequeue(slot: number): void {
    const words = this.pool.words;
    const levels = this.levels;
    const base = slot * SLOT_WORDS;
    const level = words[base + LEVEL];
    if (levels.addCount(level, -1) === 0) {
      this.levelIndex.remove(words[base + BOOK_SIDE], levels.keys[level]);
      levels.remove(level);
      return;
    }
    levels.totals[level] -= this.pool.doubles[slot * SLOT_DOUBLES + LEAVES];
    const prev = words[base + PREV];
    const next = words[base + NEXT];
    if (prev === 0) levels.queue[2 * level] = next;
    else words[prev * SLOT_WORDS + NEXT] = next;
    if (next === 0) levels.queue[2 * level + 1] = prev;
    else words[next * SLOT_WORDS + PREV] = prev;
  }

  /** Lowers what a resting order has left, keeping its place. 0 < by < leaves. */
  shrink(slot: number, by: number): void {
    this.pool.doubles[slot * SLOT_DOUBLES + LEAVES] -= by;
    this.levels.totals[this.pool.words[slot * SLOT_WORDS + LEVEL]] -= by;
  }

  /** Gives a live order another client id, which the account does not use. */
  rename(slot: number, clOrdId: number): void {
    const doubles = this.pool.doubles;
    const account = this.pool.words[slot * SLOT_WORDS + ACCOUNT];
    this.byClOrdId.remove(account, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    this.byClOrdId.add(account, clOrdId, slot);
    doubles[slot * SLOT_DOUBLES + CL_ORD_ID] = clOrdId;
  }

  /** Price of a resting order in ticks. */
  priceOf(slot: number): number {
    return Math.abs(this.levels.keys[this.pool.words[slot * SLOT_WORDS + LEVEL]]);
  }

  /** The next live order of the same account, in no particular order; 0 = none. */
  nextOfAccount(slot: number): number {
    return this.pool.words[slot * SLOT_WORDS + ACCOUNT_NEXT];
  }

  private linkToAccount(slot: number, account: number): void {
    const words = this.pool.words;
    const first = this.accounts.firstOrder[account];
    words[slot * SLOT_WORDS + ACCOUNT_NEXT] = first;
    words[slot * SLOT_WORDS + ACCOUNT_PREV] = 0;
    if (first !== 0) words[first * SLOT_WORDS + ACCOUNT_PREV] = slot;
    this.accounts.firstOrder[account] = slot;
    this.accounts.orderCounts[account]++;
  }

  private unlinkFromAccount(slot: number, account: number): void {
    const words = this.pool.words;
    const next = words[slot * SLOT_WORDS + ACCOUNT_NEXT];
    const prev = words[slot * SLOT_WORDS + ACCOUNT_PREV];
    if (prev === 0) this.accounts.firstOrder[account] = next;
    else words[prev * SLOT_WORDS + ACCOUNT_NEXT] = next;
    if (next !== 0) words[next * SLOT_WORDS + ACCOUNT_PREV] = prev;
    this.accounts.orderCounts[account]--;
  }
}

/** The level key of a price on a side; the key on the other side is its negative. */
export function keyOf(side: number, price: number): number {
  return side === BUY ? -price : price;
}
