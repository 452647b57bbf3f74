import { type LevelTree, NIL } from "../../flat/level-tree.js";
import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Slot, selfTradeModeOf, Trait } from "../book/order-pool.js";
import { basisPointsOf } from "../book/trailing-stops.js";
import type { Instruments } from "../instruments.js";
import { Attention, type Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import type { Breakers } from "../risk/breakers.js";
import { Stp } from "./order-types.js";

/** How far an aggressor may go: its own limit, market protection, the band and the circuit breaker. Keys of the other side. Shard thread only. */
export class PriceBounds {
  /** The last bound that was asked for was the circuit breaker's: it is nearer than the band. */
  isBreaker = false;
  private readonly levels: LevelTree;
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    book: OrderBook,
    private readonly accounts: Accounts,
    private readonly positions: Positions,
    private readonly instruments: Instruments,
    private readonly markets: Markets,
    private readonly breakers: Breakers,
  ) {
    this.levels = book.levels;
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
  }

  /**
   * How far the order itself would go: its limit, or for a market order the protection from the best opposite price (SETTLED O8).
   */
  wantedKey(slot: number): number {
    const limitKey = -this.doubles[slot * Slot.DOUBLES + Slot.KEY];
    if (limitKey !== Number.POSITIVE_INFINITY) return limitKey;
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const bps = this.instruments.specOf(bookSide >>> 1).marketProtectionBps;
    const best = this.levels.first(bookSide ^ 1);
    if (bps === 0 || best === NIL) return limitKey;
    const key = this.levels.keyOf(best);
    return key + basisPointsOf(Math.abs(key), bps);
  }

  /** How far it may go: the band around the last trade before the command (SETTLED A6), and the prints of the breaker's window (N7). */
  boundKey(slot: number, wantedKey: number): number {
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const attention = this.markets.attention[instrument];
    this.isBreaker = false;
    if ((attention & Attention.BOUND) === 0) return wantedKey;
    const best = this.levels.first(bookSide ^ 1);
    if (best === NIL) return wantedKey;
    const band = (attention & Attention.BAND) === 0 ? Number.POSITIVE_INFINITY : this.bandKey(bookSide, this.levels.keyOf(best));
    const breaker =
      (attention & Attention.BREAKER) === 0 ? Number.POSITIVE_INFINITY : this.breakerKey(bookSide, this.firstPrint(slot, best));
    this.isBreaker = breaker < band;
    return Math.min(wantedKey, band, breaker);
  }

  /** Whether the best level of the other side is within this key. */
  crosses(bookSide: number, limitKey: number): boolean {
    const best = this.levels.first(bookSide ^ 1);
    return best !== NIL && this.levels.keyOf(best) <= limitKey;
  }

  private bandKey(bookSide: number, bestKey: number): number {
    const instrument = bookSide >>> 1;
    const reference = this.markets.reference(instrument);
    if (reference === 0) return Number.POSITIVE_INFINITY;
    const distance = basisPointsOf(reference, this.instruments.specOf(instrument).bandBps);
    const middle = (bookSide & 1) === 0 ? reference : -reference;
    return bestKey < middle - distance ? Number.NEGATIVE_INFINITY : middle + distance;
  }

  /** The price at which the order would trade first: what it would not print at, because orders there go without a trade, does not count. */
  private firstPrint(slot: number, best: number): number {
    for (let level = best; level !== NIL; level = this.levels.next(level)) {
      for (let maker = this.levels.headOf(level); maker !== 0; maker = this.orders[maker * Slot.WORDS + Slot.NEXT]) {
        if (this.wouldTrade(slot, maker)) return Math.abs(this.levels.keyOf(level));
      }
    }
    return Math.abs(this.levels.keyOf(best));
  }

  private wouldTrade(slot: number, maker: number): boolean {
    const { groups } = this.accounts;
    const at = slot * Slot.WORDS;
    const makerAt = maker * Slot.WORDS;
    const isSame = groups[this.orders[at + Slot.ACCOUNT]] === groups[this.orders[makerAt + Slot.ACCOUNT]];
    if (isSame && selfTradeModeOf(this.orders[at + Slot.TRAITS]) !== Stp.NONE) return false;
    const isReduceOnly = (this.orders[makerAt + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0;
    return !isReduceOnly || this.positions.room(this.orders[makerAt + Slot.ACCOUNT], this.orders[makerAt + Slot.BOOK_SIDE]) !== 0;
  }

  private breakerKey(bookSide: number, best: number): number {
    const instrument = bookSide >>> 1;
    return (bookSide & 1) === 0 ? this.breakers.buyBound(instrument, best) : this.breakers.sellBound(instrument, best);
  }
}
