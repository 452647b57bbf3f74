import type { OrderBook } from "../book/order-book.js";
import { Extra } from "../book/order-extras.js";
import { Slot, Trait } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { Settlement } from "../ledger/settlement.js";
import { Attention, type Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import type { Breakers } from "../risk/breakers.js";
import type { MarginWatch } from "../risk/margin-watch.js";
import { Cause } from "./order-types.js";

/**
 * What happens to a live order beside the plain fill of the order path: it is canceled or reduced, and so is the other leg of
 * its pair; an iceberg shows its next tranche; a reduce-only order is cut to its room. Shard thread only.
 *
 * A consequence stands directly behind its cause, and has no further one (SETTLED T8).
 */
export class CarefulFills {
  /** The taker goes by money: its trades tell no quantity left. */
  hidesTakerLeaves = false;
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    private readonly book: OrderBook,
    private readonly emitter: Emitter,
    private readonly markets: Markets,
    private readonly positions: Positions,
    private readonly settlement: Settlement,
    private readonly breakers: Breakers,
    private readonly watch: MarginWatch,
  ) {
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
  }

  /** Cancels a live order wherever it stands, and the other leg of its pair. */
  cancel(slot: number, cause: number, isAnswer: boolean): void {
    this.emitter.canceled(slot, cause, isAnswer);
    this.markets.touch(this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.cancelPartner(slot);
    this.book.remove(slot);
  }

  /** Cancels a live order and nothing else: its pair is canceled along with it (SETTLED R11). */
  cancelAlone(slot: number, cause: number, isAnswer: boolean): void {
    this.emitter.canceled(slot, cause, isAnswer);
    this.markets.touch(this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    this.part(slot, slot);
    this.book.remove(slot);
  }

  /** Says that an aggressor is canceled, and cancels the other leg of its pair. The aggressor's slot is still its. */
  tellCanceled(taker: number, cause: number, isAnswer: boolean): void {
    this.emitter.canceled(taker, cause, isAnswer);
    if ((this.orders[taker * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.cancelPartner(taker);
  }

  /** Takes `by` off a live order that keeps its place, and off its total. 0 < by < leaves. */
  reduce(slot: number, by: number, cause: number, isAnswer: boolean): void {
    this.reduceAlone(slot, by, cause, isAnswer);
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.capPartner(slot);
  }

  /** As `reduce`, but without a consequence for the other leg of its pair. */
  private reduceAlone(slot: number, by: number, cause: number, isAnswer: boolean): void {
    const traits = this.orders[slot * Slot.WORDS + Slot.TRAITS];
    const isShown = (traits & (Trait.EXTRAS | Trait.DORMANT)) === Trait.EXTRAS;
    const visible = isShown ? this.book.visibleOf(slot) : 0;
    this.book.shrink(slot, by);
    this.doubles[slot * Slot.DOUBLES + Slot.TOTAL] -= by;
    this.emitter.reduced(slot, by, cause, isAnswer);
    this.markets.touch(this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    if (isShown && this.book.visibleOf(slot) !== visible) this.emitter.shown(slot, this.book.visibleOf(slot));
  }

  /** As `reduce`, for an order that is in no queue. */
  reduceAggressor(taker: number, by: number, cause: number): void {
    this.doubles[taker * Slot.DOUBLES + Slot.LEAVES] -= by;
    this.doubles[taker * Slot.DOUBLES + Slot.TOTAL] -= by;
    this.emitter.reduced(taker, by, cause, true);
    if ((this.orders[taker * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.capPartner(taker);
  }

  /** Puts an order with extras to the tail of its price, and says so to market data. */
  show(slot: number): void {
    this.book.enqueue(slot);
    this.emitter.shown(slot, this.book.visibleOf(slot));
  }

  /**
   * Trades the taker against a resting order, of which at least one is more than plain: no more than the visible part, and
   * after a reduce-only order has been cut to its room. Writes prints. The maker may be gone without a trade.
   */
  fill(taker: number, maker: number, prints: Float64Array): void {
    if ((this.orders[maker * Slot.WORDS + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0 && !this.cutToRoom(maker)) return;
    const price = Math.abs(this.doubles[maker * Slot.DOUBLES + Slot.KEY]);
    const qty = Math.min(this.doubles[taker * Slot.DOUBLES + Slot.LEAVES], this.book.visibleOf(maker));
    if (prints[0] === 0) prints[0] = price;
    prints[1] = price;
    this.bookTrade(taker, maker, qty, price);
    this.doubles[taker * Slot.DOUBLES + Slot.LEAVES] -= qty;
    const isGone = this.takeFrom(maker, qty);
    this.emitter.trade(maker, taker, qty);
    if (this.hidesTakerLeaves) this.emitter.tradeWithoutLeaves();
    this.settle(maker, qty, isGone);
    this.followTrade(taker, qty);
  }

  /** Last price and ledger, before a trade is told: the emitter takes its fees from there. */
  bookTrade(taker: number, maker: number, qty: number, price: number): void {
    const bookSide = this.orders[taker * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const takerAccount = this.orders[taker * Slot.WORDS + Slot.ACCOUNT];
    const makerAccount = this.orders[maker * Slot.WORDS + Slot.ACCOUNT];
    this.markets.lastPrices[instrument] = price;
    this.settlement.trade(makerAccount, takerAccount, bookSide, qty, price);
    const attention = this.markets.attention[instrument];
    if ((attention & Attention.FOLLOWED) === 0) return;
    if ((attention & Attention.BREAKER) !== 0) this.breakers.print(instrument, price);
    if ((attention & Attention.MARGIN) === 0) return;
    this.watch.suspect(takerAccount);
    this.watch.suspect(makerAccount);
    this.watch.markMoved(instrument);
  }

  /**
   * Takes a trade's quantity from a resting order: no more than its visible part. An order that is filled, or has shown all of
   * its tranche, has left its level. Returns whether it has.
   */
  takeFrom(maker: number, qty: number): boolean {
    const leaves = this.doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const isUsedUp = this.book.visibleOf(maker) === qty;
    if (isUsedUp) {
      this.book.dequeue(maker);
      this.doubles[maker * Slot.DOUBLES + Slot.LEAVES] = leaves - qty;
    } else if (this.isIceberg(maker)) this.book.takeVisible(maker, qty);
    else this.book.lower(maker, qty);
    return isUsedUp;
  }

  /** After a resting order's trade has been told: the other leg follows; an order that has left its level goes, or shows its next tranche. */
  settle(maker: number, qty: number, hasLeft: boolean): void {
    const leaves = this.doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    this.followTrade(maker, qty);
    if (leaves === 0) this.book.forget(maker);
    else if (hasLeft) this.show(maker);
  }

  /** A resting reduce-only order gives up what it may not trade. Returns false when it is canceled (SEMANTICS 3). */
  cutToRoom(slot: number): boolean {
    const base = slot * Slot.WORDS;
    const room = this.positions.room(this.orders[base + Slot.ACCOUNT], this.orders[base + Slot.BOOK_SIDE]);
    const excess = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] - room;
    if (room === 0) this.cancel(slot, Cause.REDUCE_ONLY, false);
    else if (excess > 0) this.reduce(slot, excess, Cause.REDUCE_ONLY, false);
    return room !== 0;
  }

  /** Ends a pair, of which the order `leaving` is about to go: the other is a plain order from now on. */
  private part(slot: number, leaving: number): void {
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) return;
    const { words } = this.book.extras;
    const partner = words[slot * Extra.WORDS + Extra.PARTNER];
    if (partner === 0) return;
    this.book.reservations.release(leaving);
    words[slot * Extra.WORDS + Extra.PARTNER] = 0;
    words[partner * Extra.WORDS + Extra.PARTNER] = 0;
    const staying = leaving === slot ? partner : slot;
    this.dropIdleExtras(staying);
    this.refreshCare(staying);
  }

  /** An order whose extras say nothing any more is a plain one: what is saved of it must be all that it is. */
  private dropIdleExtras(slot: number): void {
    if (!this.book.hasExtras(slot)) this.orders[slot * Slot.WORDS + Slot.TRAITS] &= ~Trait.EXTRAS;
  }

  /** Whether a fill of this order needs care, by what it is now. */
  refreshCare(slot: number): void {
    const at = slot * Slot.WORDS + Slot.TRAITS;
    const traits = this.orders[at];
    const { doubles, words } = this.book.extras;
    const hasExtras = (traits & Trait.EXTRAS) !== 0;
    const needsCare =
      (traits & Trait.REDUCE_ONLY) !== 0 ||
      (hasExtras && (doubles[slot * Extra.DOUBLES + Extra.DISPLAY] !== 0 || words[slot * Extra.WORDS + Extra.PARTNER] !== 0));
    this.orders[at] = needsCare ? traits | Trait.CARE : traits & ~Trait.CARE;
  }

  private isIceberg(slot: number): boolean {
    const hasExtras = (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
    return hasExtras && this.book.extras.doubles[slot * Extra.DOUBLES + Extra.DISPLAY] !== 0;
  }

  /** A trade of one leg takes as much from the other, or all of it. */
  private followTrade(slot: number, qty: number): void {
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) return;
    const partner = this.book.extras.words[slot * Extra.WORDS + Extra.PARTNER];
    if (partner === 0) return;
    const isFilled = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] === 0;
    if (isFilled || this.doubles[partner * Slot.DOUBLES + Slot.LEAVES] <= qty) this.cancelPartner(slot);
    else this.reducePartner(partner, qty);
  }

  private cancelPartner(slot: number): void {
    const partner = this.book.extras.words[slot * Extra.WORDS + Extra.PARTNER];
    if (partner === 0) return;
    this.part(slot, partner);
    this.emitter.canceled(partner, Cause.OCO, false);
    this.markets.touch(this.orders[partner * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    this.book.remove(partner);
  }

  /** The other leg is never larger than one that has been reduced (SETTLED R10). */
  private capPartner(slot: number): void {
    const partner = this.book.extras.words[slot * Extra.WORDS + Extra.PARTNER];
    if (partner === 0) return;
    const excess = this.doubles[partner * Slot.DOUBLES + Slot.LEAVES] - this.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    if (excess > 0) this.reducePartner(partner, excess);
  }

  private reducePartner(partner: number, by: number): void {
    this.reduceAlone(partner, by, Cause.OCO, false);
  }
}
