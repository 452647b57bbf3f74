import type { LevelTree } from "../../flat/level-tree.js";
import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Slot } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import { Cause, Stp } from "./order-types.js";

/**
 * Price, then time: an aggressor against the other side of its book (SEMANTICS 3), with self-trade prevention on
 * encounter (SEMANTICS 6). Shard thread only.
 */
export class Matching {
  private readonly levels: LevelTree;
  /** The slots of the pool. */
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    private readonly book: OrderBook,
    private readonly accounts: Accounts,
    private readonly emitter: Emitter,
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
    const levels = this.levels;
    const level = levels.first(this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1);
    if (level === 0 || levels.keyOf(level) > -this.doubles[taker * Slot.DOUBLES + Slot.KEY]) return true;
    return this.trade(taker);
  }

  /** Whether an order with this key would trade at once, whoever owns the other side (SETTLED O6). */
  crosses(bookSide: number, key: number): boolean {
    const best = this.levels.first(bookSide ^ 1);
    return best !== 0 && this.levels.keyOf(best) <= -key;
  }

  /**
   * Whether all that `taker` has left would trade at once (SEMANTICS 2.6): self-trade prevention is played through without
   * touching anything. Under `decrement` a meeting with an own order uses up quantity that does not trade (SETTLED O7).
   */
  canTradeAll(taker: number): boolean {
    const levels = this.levels;
    const orders = this.orders;
    const doubles = this.doubles;
    const mode = this.modeOf(taker);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * Slot.WORDS + Slot.ACCOUNT]];
    const limitKey = -doubles[taker * Slot.DOUBLES + Slot.KEY];
    const wanted = doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    let left = wanted;
    let traded = 0;
    let level = levels.first(orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1);
    while (level !== 0 && levels.keyOf(level) <= limitKey) {
      for (let maker = levels.headOf(level); maker !== 0; maker = orders[maker * Slot.WORDS + Slot.NEXT]) {
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
    const levels = this.levels;
    const orders = this.orders;
    const doubles = this.doubles;
    const mode = this.modeOf(taker);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * Slot.WORDS + Slot.ACCOUNT]];
    const limitKey = -doubles[taker * Slot.DOUBLES + Slot.KEY];
    const opposite = orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1;
    let level = levels.first(opposite);
    while (level !== 0 && levels.keyOf(level) <= limitKey) {
      const maker = levels.headOf(level);
      if (mode !== Stp.NONE && groups[orders[maker * Slot.WORDS + Slot.ACCOUNT]] === group) {
        if (!this.preventSelfTrade(taker, maker, mode)) return false;
      } else {
        this.fill(taker, maker);
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
    if (makerLeaves > takerLeaves) {
      this.book.shrink(maker, takerLeaves);
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
    if (mode !== Stp.CANCEL_NEWEST) {
      this.emitter.canceled(maker, Cause.SELF_TRADE, false);
      this.book.remove(maker);
    }
    if (mode === Stp.CANCEL_OLDEST) return true;
    this.emitter.canceled(taker, Cause.SELF_TRADE, true);
    return false;
  }

  /** Both lose the smaller of their quantities; whoever has nothing left is canceled. */
  private decrement(taker: number, maker: number): boolean {
    const doubles = this.doubles;
    const makerLeaves = doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const takerLeaves = doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    const by = Math.min(makerLeaves, takerLeaves);
    if (makerLeaves === by) {
      this.emitter.canceled(maker, Cause.SELF_TRADE, false);
      this.book.remove(maker);
    } else {
      this.book.shrink(maker, by);
      doubles[maker * Slot.DOUBLES + Slot.TOTAL] -= by;
      this.emitter.reduced(maker, by, Cause.SELF_TRADE, false);
    }
    if (takerLeaves === by) {
      this.emitter.canceled(taker, Cause.SELF_TRADE, true);
      return false;
    }
    doubles[taker * Slot.DOUBLES + Slot.LEAVES] = takerLeaves - by;
    doubles[taker * Slot.DOUBLES + Slot.TOTAL] -= by;
    this.emitter.reduced(taker, by, Cause.SELF_TRADE, true);
    return true;
  }
}
