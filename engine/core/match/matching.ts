import { NIL } from "../../flat/level-tree.js";
import { Reason } from "../../wire/generated/enums.js";
import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { ACCOUNT, BOOK_SIDE, LEAVES, NEXT, SLOT_DOUBLES, SLOT_WORDS, selfTradeModeOf, TOTAL, TRAITS } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import { STP_CANCEL_BOTH, STP_CANCEL_NEWEST, STP_CANCEL_OLDEST, STP_DECREMENT, STP_NONE } from "./order-types.js";

/**
 * Price, then time: an aggressor against the other side of its book (SEMANTICS 3), with self-trade prevention on
 * encounter (SEMANTICS 6). Shard thread only.
 */
export class Matching {
  constructor(
    private readonly book: OrderBook,
    private readonly accounts: Accounts,
    private readonly emitter: Emitter,
  ) {}

  /**
   * Trades what `taker` has left against levels with a key up to `limitKey`. The taker holds a slot but is in no queue.
   * Returns false when it is gone: filled, or canceled by self-trade prevention (its event is out, its slot is still its).
   */
  run(taker: number, limitKey: number): boolean {
    const levels = this.book.levels;
    const orders = this.book.pool.words;
    const doubles = this.book.pool.doubles;
    const opposite = orders[taker * SLOT_WORDS + BOOK_SIDE] ^ 1;
    const mode = selfTradeModeOf(orders[taker * SLOT_WORDS + TRAITS]);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * SLOT_WORDS + ACCOUNT]];
    let level = levels.first(opposite);
    while (level !== NIL && levels.keys[level] <= limitKey) {
      const maker = levels.queue[2 * level];
      if (mode !== STP_NONE && groups[orders[maker * SLOT_WORDS + ACCOUNT]] === group) {
        if (!this.preventSelfTrade(taker, maker, mode)) return false;
      } else {
        this.fill(taker, maker, Math.abs(levels.keys[level]));
        if (doubles[taker * SLOT_DOUBLES + LEAVES] === 0) return false;
      }
      level = levels.first(opposite);
    }
    return true;
  }

  /** Whether an order with this limit would trade at once, whoever owns the other side (SETTLED O6). */
  crosses(bookSide: number, limitKey: number): boolean {
    const best = this.book.levels.first(bookSide ^ 1);
    return best !== NIL && this.book.levels.keys[best] <= limitKey;
  }

  /**
   * Whether at least `wanted` would trade at once (SEMANTICS 2.6): self-trade prevention is played through without
   * touching anything. Under `decrement` a meeting with an own order uses up quantity that does not trade (SETTLED O7).
   */
  canTrade(taker: number, limitKey: number, wanted: number): boolean {
    const levels = this.book.levels;
    const orders = this.book.pool.words;
    const doubles = this.book.pool.doubles;
    const mode = selfTradeModeOf(orders[taker * SLOT_WORDS + TRAITS]);
    const groups = this.accounts.groups;
    const group = groups[orders[taker * SLOT_WORDS + ACCOUNT]];
    let left = doubles[taker * SLOT_DOUBLES + LEAVES];
    let traded = 0;
    let level = levels.first(orders[taker * SLOT_WORDS + BOOK_SIDE] ^ 1);
    while (level !== NIL && levels.keys[level] <= limitKey) {
      for (let maker = levels.queue[2 * level]; maker !== 0; maker = orders[maker * SLOT_WORDS + NEXT]) {
        const quantity = Math.min(left, doubles[maker * SLOT_DOUBLES + LEAVES]);
        if (mode === STP_NONE || groups[orders[maker * SLOT_WORDS + ACCOUNT]] !== group) traded += quantity;
        else if (mode === STP_CANCEL_NEWEST || mode === STP_CANCEL_BOTH) return false;
        else if (mode === STP_CANCEL_OLDEST) continue;
        left -= quantity;
        if (traded >= wanted) return true;
        if (left === 0) return false;
      }
      level = levels.next(level);
    }
    return false;
  }

  private fill(taker: number, maker: number, price: number): void {
    const doubles = this.book.pool.doubles;
    const makerLeaves = doubles[maker * SLOT_DOUBLES + LEAVES];
    const takerLeaves = doubles[taker * SLOT_DOUBLES + LEAVES];
    if (makerLeaves > takerLeaves) {
      this.book.shrink(maker, takerLeaves);
      doubles[taker * SLOT_DOUBLES + LEAVES] = 0;
      this.emitter.trade(maker, taker, price, takerLeaves);
      return;
    }
    this.book.dequeue(maker);
    doubles[maker * SLOT_DOUBLES + LEAVES] = 0;
    doubles[taker * SLOT_DOUBLES + LEAVES] = takerLeaves - makerLeaves;
    this.emitter.trade(maker, taker, price, makerLeaves);
    this.book.forget(maker);
  }

  /** The resting order's event comes first (SETTLED P1). Returns false when the taker is canceled. */
  private preventSelfTrade(taker: number, maker: number, mode: number): boolean {
    if (mode === STP_DECREMENT) return this.decrement(taker, maker);
    if (mode !== STP_CANCEL_NEWEST) {
      this.emitter.canceled(maker, Reason.selfTrade, false);
      this.book.remove(maker);
    }
    if (mode === STP_CANCEL_OLDEST) return true;
    this.emitter.canceled(taker, Reason.selfTrade, true);
    return false;
  }

  /** Both lose the smaller of their quantities; whoever has nothing left is canceled. */
  private decrement(taker: number, maker: number): boolean {
    const doubles = this.book.pool.doubles;
    const makerLeaves = doubles[maker * SLOT_DOUBLES + LEAVES];
    const takerLeaves = doubles[taker * SLOT_DOUBLES + LEAVES];
    const by = Math.min(makerLeaves, takerLeaves);
    if (makerLeaves === by) {
      this.emitter.canceled(maker, Reason.selfTrade, false);
      this.book.remove(maker);
    } else {
      this.book.shrink(maker, by);
      doubles[maker * SLOT_DOUBLES + TOTAL] -= by;
      this.emitter.reduced(maker, by, Reason.selfTrade, false);
    }
    if (takerLeaves === by) {
      this.emitter.canceled(taker, Reason.selfTrade, true);
      return false;
    }
    doubles[taker * SLOT_DOUBLES + LEAVES] = takerLeaves - by;
    doubles[taker * SLOT_DOUBLES + TOTAL] -= by;
    this.emitter.reduced(taker, by, Reason.selfTrade, true);
    return true;
  }
}
