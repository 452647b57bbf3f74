import type { LevelTree } from "../../flat/level-tree.js";
import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Slot, Trait } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { CarefulFills } from "./careful-fills.js";
import { Cause, Stp } from "./order-types.js";
import type { Rehearsal } from "./rehearsal.js";

/** Places in `prints`. */
export const enum Print {
  FIRST = 0,
  LAST = 1,
  /** How far the running aggressor goes, as a level key of the other side. */
  LIMIT = 2,
  COUNT = 3,
}

/**
 * Price, then time: an aggressor against the other side of its book (SEMANTICS 3), with self-trade prevention on
 * encounter (SEMANTICS 6). Shard thread only.
 */
export class Matching {
  private readonly levels: LevelTree;
  /** The slots of the pool. */
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;
  /** First and last price of the running aggressor's trades, which never turn, 0: it has not traded; and its limit. */
  readonly prints = new Float64Array(Print.COUNT);

  constructor(
    private readonly book: OrderBook,
    private readonly accounts: Accounts,
    private readonly emitter: Emitter,
    private readonly careful: CarefulFills,
    private readonly rehearsal: Rehearsal,
  ) {
    this.levels = book.levels;
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
  }

  /**
   * Trades what `taker` has left against the levels that it crosses. The taker holds a slot but is in no queue.
   * Returns false when it is gone: filled, or canceled by self-trade prevention (its event is out, its slot is still its).
   */
  run(taker: number): boolean {
    const limitKey = -this.doubles[taker * Slot.DOUBLES + Slot.KEY];
    this.prints[Print.FIRST] = 0;
    const level = this.levels.first(this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1);
    if (level === 0 || this.levels.keyOf(level) > limitKey) return true;
    this.prints[Print.LIMIT] = limitKey;
    return this.trade(taker);
  }

  /** As `run`, but no further than levels with this key. */
  runWithin(taker: number, limitKey: number): boolean {
    this.prints[Print.FIRST] = 0;
    this.prints[Print.LIMIT] = limitKey;
    return this.trade(taker);
  }

  /** Whether an order with this key would trade at once, whoever owns the other side (SETTLED O6). */
  crosses(bookSide: number, key: number): boolean {
    const best = this.levels.first(bookSide ^ 1);
    return best !== 0 && this.levels.keyOf(best) <= -key;
  }

  /**
   * Whether so much of `taker` would trade at once, no further than `limitKey` (SEMANTICS 2.6): self-trade prevention is
   * played through without touching anything. Under `decrement` a meeting with an own order uses up quantity that does not
   * trade (SETTLED O7).
   */
  canTrade(taker: number, wanted: number, limitKey: number): boolean {
    const levels = this.levels;
    const orders = this.orders;
    const doubles = this.doubles;
    const mode = this.modeOf(taker);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * Slot.WORDS + Slot.ACCOUNT]];
    let left = doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    let traded = 0;
    this.prints[Print.FIRST] = 0;
    let level = levels.first(orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1);
    while (level !== 0 && levels.keyOf(level) <= limitKey) {
      for (let maker = levels.headOf(level); maker !== 0; maker = orders[maker * Slot.WORDS + Slot.NEXT]) {
        if ((orders[maker * Slot.WORDS + Slot.TRAITS] & Trait.CARE) !== 0) return this.rehearsal.canTrade(taker, wanted, limitKey);
        const quantity = Math.min(left, doubles[maker * Slot.DOUBLES + Slot.LEAVES]);
        if (mode === Stp.NONE || groups[orders[maker * Slot.WORDS + Slot.ACCOUNT]] !== group) traded += quantity;
        else if (mode === Stp.CANCEL_NEWEST || mode === Stp.CANCEL_BOTH) return false;
        else if (mode === Stp.CANCEL_OLDEST) continue;
        left -= quantity;
        if (traded >= wanted) return true;
        if (left === 0) return false;
      }
      level = levels.next(level);
    }
    return false;
  }

  private trade(taker: number): boolean {
    const limitKey = this.prints[Print.LIMIT];
    const levels = this.levels;
    const orders = this.orders;
    const doubles = this.doubles;
    const mode = this.modeOf(taker);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * Slot.WORDS + Slot.ACCOUNT]];
    const opposite = orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1;
    const careful = orders[taker * Slot.WORDS + Slot.TRAITS] & Trait.CARE;
    let level = levels.first(opposite);
    while (level !== 0 && levels.keyOf(level) <= limitKey) {
      const maker = levels.headOf(level);
      if (mode !== Stp.NONE && groups[orders[maker * Slot.WORDS + Slot.ACCOUNT]] === group) {
        if (!this.preventSelfTrade(taker, maker, mode)) return false;
      } else {
        if (((orders[maker * Slot.WORDS + Slot.TRAITS] & Trait.CARE) | careful) === 0) this.fill(taker, maker);
        else this.careful.fill(taker, maker, this.prints);
        if (doubles[taker * Slot.DOUBLES + Slot.LEAVES] === 0) return false;
      }
      level = levels.first(opposite);
    }
    return true;
  }

  private modeOf(slot: number): number {
    return (this.orders[slot * Slot.WORDS + Slot.TRAITS] >>> 16) & 0xff;
  }

  private fill(taker: number, maker: number): void {
    const doubles = this.doubles;
    const makerLeaves = doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const takerLeaves = doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    const price = Math.abs(doubles[maker * Slot.DOUBLES + Slot.KEY]);
    if (this.prints[Print.FIRST] === 0) this.prints[Print.FIRST] = price;
    this.prints[Print.LAST] = price;
    this.careful.bookTrade(taker, maker, Math.min(makerLeaves, takerLeaves), price);
    if (makerLeaves > takerLeaves) {
      this.book.lower(maker, takerLeaves);
      doubles[taker * Slot.DOUBLES + Slot.LEAVES] = 0;
      this.emitter.trade(maker, taker, takerLeaves);
      return;
    }
    this.book.dequeue(maker);
    doubles[maker * Slot.DOUBLES + Slot.LEAVES] = 0;
    doubles[taker * Slot.DOUBLES + Slot.LEAVES] = takerLeaves - makerLeaves;
    this.emitter.trade(maker, taker, makerLeaves);
    this.book.forget(maker);
  }

  /** The resting order's event comes first (SETTLED P1). Returns false when the taker is canceled. */
  private preventSelfTrade(taker: number, maker: number, mode: number): boolean {
    if (mode === Stp.DECREMENT) return this.decrement(taker, maker);
    if (mode !== Stp.CANCEL_NEWEST) this.careful.cancel(maker, Cause.SELF_TRADE, false);
    if (mode === Stp.CANCEL_OLDEST) return true;
    this.careful.tellCanceled(taker, Cause.SELF_TRADE, true);
    return false;
  }

  /** Both lose the smaller of their quantities; whoever has nothing left is canceled. */
  private decrement(taker: number, maker: number): boolean {
    const makerLeaves = this.doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const takerLeaves = this.doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    const by = Math.min(makerLeaves, takerLeaves);
    if (makerLeaves === by) this.careful.cancel(maker, Cause.SELF_TRADE, false);
    else this.careful.reduce(maker, by, Cause.SELF_TRADE, false);
    if (takerLeaves === by) {
      this.careful.tellCanceled(taker, Cause.SELF_TRADE, true);
      return false;
    }
    this.careful.reduceAggressor(taker, by, Cause.SELF_TRADE);
    return true;
  }
}
