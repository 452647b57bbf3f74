import { type LevelTree, NIL } from "../../flat/level-tree.js";
import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Slot, selfTradeModeOf } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { CarefulFills } from "./careful-fills.js";
import type { Matching } from "./matching.js";
import { Cause, Stp } from "./order-types.js";

/** Places in the running order's numbers. */
const MONEY = 0;
const ROOM = 1;
const EXECUTED = 2;

/**
 * Market orders by an amount of quote currency (SETTLED O9): they buy or sell whole lots for at most so many atoms, fees aside.
 * Shard thread only.
 */
export class MoneyOrders {
  private readonly levels: LevelTree;
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;
  /** Atoms that are left, lots that may be traded yet, lots that have been. */
  private readonly now = new Float64Array(3);

  constructor(
    private readonly accounts: Accounts,
    private readonly instruments: Instruments,
    book: OrderBook,
    private readonly emitter: Emitter,
    private readonly careful: CarefulFills,
    private readonly matching: Matching,
  ) {
    this.levels = book.levels;
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
  }

  /**
   * Trades and says what is left. No further than levels up to `limitKey`, the band's bound; the order itself would go to
   * `wantedKey`. Returns whether the band has held it back.
   */
  run(taker: number, money: number, room: number, limitKey: number, wantedKey: number): boolean {
    const { now } = this;
    const { prints } = this.matching;
    const opposite = this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE] ^ 1;
    now[MONEY] = money;
    now[ROOM] = room;
    now[EXECUTED] = 0;
    prints[0] = 0;
    let level = this.levels.first(opposite);
    while (level !== NIL && this.levels.keyOf(level) <= limitKey && now[MONEY] > 0 && now[ROOM] > 0) {
      if (this.affordable(taker, level) === 0) break;
      const maker = this.levels.headOf(level);
      if (this.isOwn(taker, maker)) {
        if (!this.preventSelfTrade(taker, maker)) return false;
      } else this.fill(taker, maker);
      level = this.levels.first(opposite);
    }
    this.carry(taker, 0);
    if (now[MONEY] === 0) return false;
    this.emitter.canceledMoney(taker, now[MONEY], now[ROOM] === 0 ? Cause.REDUCE_ONLY : Cause.NO_LIQUIDITY);
    const isHeldBack = level !== NIL && this.levels.keyOf(level) > limitKey && this.levels.keyOf(level) <= wantedKey;
    const isBelow = level !== NIL && limitKey === Number.NEGATIVE_INFINITY;
    return (isHeldBack || isBelow) && now[ROOM] > 0 && this.affordable(taker, level) > 0;
  }

  /** Lots that the money pays for at a level's price. */
  private affordable(taker: number, level: number): number {
    return Math.floor(this.now[MONEY] / this.lotAtoms(taker, level));
  }

  /** Atoms that a lot costs at a level's price. A resting order has a lot at least, so the product is a safe integer. */
  private lotAtoms(taker: number, level: number): number {
    const instrument = this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
    return Math.abs(this.levels.keyOf(level)) * this.instruments.atomsPerTickLot[instrument];
  }

  /** The order's slot says what it has traded and how much it may trade now. */
  private carry(taker: number, lots: number): void {
    this.doubles[taker * Slot.DOUBLES + Slot.LEAVES] = lots;
    this.doubles[taker * Slot.DOUBLES + Slot.TOTAL] = this.now[EXECUTED] + lots;
  }

  /** The money pays for a lot at least. */
  private fill(taker: number, maker: number): void {
    const { now } = this;
    const level = this.orders[maker * Slot.WORDS + Slot.LEVEL];
    const atoms = this.lotAtoms(taker, level);
    const lots = Math.min(this.affordable(taker, level), now[ROOM]);
    this.carry(taker, lots);
    this.careful.hidesTakerLeaves = true;
    this.careful.fill(taker, maker, this.matching.prints);
    this.careful.hidesTakerLeaves = false;
    const traded = lots - this.doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    now[EXECUTED] += traded;
    now[MONEY] -= traded * atoms;
    now[ROOM] -= traded;
  }

  private isOwn(taker: number, maker: number): boolean {
    const { groups } = this.accounts;
    const isSame = groups[this.orders[taker * Slot.WORDS + Slot.ACCOUNT]] === groups[this.orders[maker * Slot.WORDS + Slot.ACCOUNT]];
    return isSame && this.modeOf(taker) !== Stp.NONE;
  }

  private modeOf(taker: number): number {
    return selfTradeModeOf(this.orders[taker * Slot.WORDS + Slot.TRAITS]);
  }

  /** Returns false when the order has ended. Under `decrement` the resting order's notional goes off the money (SETTLED N9). */
  private preventSelfTrade(taker: number, maker: number): boolean {
    const mode = this.modeOf(taker);
    const leaves = this.doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const notional = leaves * this.lotAtoms(taker, this.orders[maker * Slot.WORDS + Slot.LEVEL]);
    if (mode !== Stp.CANCEL_NEWEST) this.careful.cancel(maker, Cause.SELF_TRADE, false);
    if (mode === Stp.CANCEL_OLDEST) return true;
    this.carry(taker, 0);
    if (mode !== Stp.DECREMENT || notional >= this.now[MONEY]) {
      this.emitter.canceledMoney(taker, this.now[MONEY], Cause.SELF_TRADE);
      return false;
    }
    this.now[MONEY] -= notional;
    this.emitter.reduced(taker, leaves, Cause.SELF_TRADE, true);
    this.emitter.reducedWithoutLeaves();
    return true;
  }
}
