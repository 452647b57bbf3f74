import { CODES } from "../../wire/codes.js";
import * as Replace from "../../wire/generated/replace.js";
import { Care } from "../accounts.js";
import { keyOf } from "../book/order-book.js";
import { Extra } from "../book/order-extras.js";
import { flagsOf, ordTypeOf, Slot, Trait, tifOf } from "../book/order-pool.js";
import { Attention } from "../markets.js";
import { findOrder, missCode } from "./cancel-reduce.js";
import { type Floor, Now } from "./floor.js";
import { isClOrdId, levelCode, notionalCode, priceCode, quantityCode, TRANCHES_MAX, tranchesCode } from "./order-checks.js";
import { stopPriceCode } from "./order-shape.js";
import { Cause, Check, Flag, Null, State, Tif, Type } from "./order-types.js";

/** Places in the running replace's numbers: what the order would be. */
const PRICE = 0;
const TOTAL = 1;
const STOP = 2;
const DISPLAY = 3;

/** Replace (SEMANTICS 4; SETTLED R1 to R8): everything is checked before anything moves. Shard thread only. */
export class Replacements {
  private readonly wanted = new Float64Array(4);

  constructor(private readonly floor: Floor) {}

  replace(words: Int32Array, at: number): void {
    const { emitter, book, careful, entry } = this.floor;
    const account = Replace.account(words, at);
    emitter.answer(Replace.session(words, at));
    const slot = findOrder(this.floor, account, words, at + Replace.Word.clOrdId, at + Replace.Word.orderId);
    if (slot === 0) {
      this.reject(words, at, missCode(this.floor, account, words, at + Replace.Word.clOrdId));
      return;
    }
    if ((this.traitsOf(slot) & Trait.EXTRAS) !== 0) book.triggers.sync(slot);
    const qty = Replace.qty(words, at);
    const total = book.pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const executed = total - book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    if (qty !== Null.INT64 && qty !== total && this.isLeg(slot)) {
      this.reject(words, at, CODES.BAD_OCO);
      return;
    }
    if (qty >= 1 && qty <= executed) {
      careful.cancel(slot, Cause.REPLACED_BELOW_FILLED, true);
      return;
    }
    const code = this.check(slot, account, words, at);
    if (code !== Check.OK) {
      this.reject(words, at, code);
      return;
    }
    this.carryOut(slot, words, at);
    entry.fireAll();
  }

  private reject(words: Int32Array, at: number, code: number): void {
    const account = Replace.account(words, at);
    this.floor.emitter.orderRejected(words, at, Replace.Word.clOrdId, Replace.Word.orderId, account, code);
    this.floor.accountBreakers.rejected(account, code);
  }

  private traitsOf(slot: number): number {
    return this.floor.book.pool.words[slot * Slot.WORDS + Slot.TRAITS];
  }

  /** A number that few orders have; 0 without it. */
  private extra(slot: number, which: Extra): number {
    return (this.traitsOf(slot) & Trait.EXTRAS) === 0 ? 0 : this.floor.book.extras.doubles[slot * Extra.DOUBLES + which];
  }

  /** Of a pair that is live, or of one that waits for its other leg. */
  private isLeg(slot: number): boolean {
    if ((this.traitsOf(slot) & Trait.EXTRAS) === 0) return false;
    const { doubles, words } = this.floor.book.extras;
    return words[slot * Extra.WORDS + Extra.PARTNER] !== 0 || doubles[slot * Extra.DOUBLES + Extra.NAMED] !== 0;
  }

  /** Fills `wanted` on the way. */
  private check(slot: number, account: number, words: Int32Array, at: number): number {
    const { book, markets, accounts } = this.floor;
    const { wanted } = this;
    const instrument = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
    const onId = this.newIdCode(slot, account, words, at);
    if (onId !== Check.OK) return onId;
    const state = markets.states[instrument];
    if (state === State.HALTED || state === State.CLOSED) return CODES.STATE_NOT_ALLOWED;
    if (!this.isCompatible(slot, words, at)) return CODES.BAD_FLAGS;
    wanted[PRICE] = orElse(Replace.price(words, at), book.priceOf(slot));
    wanted[TOTAL] = orElse(Replace.qty(words, at), book.pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL]);
    wanted[STOP] = orElse(Replace.stopPrice(words, at), this.extra(slot, Extra.STOP));
    wanted[DISPLAY] = orElse(Replace.displayQty(words, at), this.extra(slot, Extra.DISPLAY));
    const onSizes = this.sizesCode(slot, instrument, words, at);
    if (onSizes !== Check.OK) return onSizes;
    const isKilled = markets.isKilled(instrument) || accounts.killed[account] !== 0;
    if (isKilled) return CODES.KILL_SWITCH;
    const onRisk = this.riskCode(slot);
    if (onRisk !== Check.OK) return onRisk;
    return (this.traitsOf(slot) & Trait.DORMANT) === 0 ? this.bookCode(slot, state) : Check.OK;
  }

  /** Account state and pre-trade risk, on the difference. */
  private riskCode(slot: number): number {
    const { book, trials } = this.floor;
    const { wanted } = this;
    const at = slot * Slot.DOUBLES;
    const isDormant = (this.traitsOf(slot) & Trait.DORMANT) !== 0;
    const leaves = wanted[TOTAL] - book.pool.doubles[at + Slot.TOTAL] + book.pool.doubles[at + Slot.LEAVES];
    return trials.replaced(slot, isDormant ? leaves : this.leavesOf(slot, leaves), wanted[TOTAL], wanted[PRICE], wanted[STOP]);
  }

  private hasLimit(slot: number): boolean {
    return this.floor.book.pool.doubles[slot * Slot.DOUBLES + Slot.KEY] !== Number.NEGATIVE_INFINITY;
  }

  private newIdCode(slot: number, account: number, words: Int32Array, at: number): number {
    if (Replace.newClOrdId(words, at) === Null.INT64) return Check.OK;
    const low = words[at + Replace.Word.newClOrdId];
    const high = words[at + Replace.Word.newClOrdId + 1];
    if (!isClOrdId(low, high)) return CODES.BAD_CLORDID;
    const holder = this.floor.book.findByClOrdId(account, low, high);
    return holder === 0 || holder === slot ? Check.OK : CODES.DUPLICATE_CLORDID;
  }

  /** The keys fit the order as it is (SETTLED R6): a stop price only while it waits, a price only with a limit. */
  private isCompatible(slot: number, words: Int32Array, at: number): boolean {
    const traits = this.traitsOf(slot);
    const type = ordTypeOf(traits);
    const waits = (traits & Trait.DORMANT) !== 0 && (type === Type.STOP || type === Type.STOP_LIMIT);
    if (Replace.stopPrice(words, at) !== Null.INT64 && !waits) return false;
    if (Replace.price(words, at) !== Null.INT64 && !this.hasLimit(slot)) return false;
    const mayShow = this.hasLimit(slot) && tifOf(traits) !== Tif.IOC && tifOf(traits) !== Tif.FOK;
    return Replace.displayQty(words, at) === Null.INT64 || mayShow;
  }

  /** What does not change is not tested again: a reduced order may lie below the instrument's minQty (SETTLED R3). */
  private sizesCode(slot: number, instrument: number, words: Int32Array, at: number): number {
    const { book, instruments } = this.floor;
    const { wanted } = this;
    const total = book.pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const hasLimit = this.hasLimit(slot);
    const onPrice = hasLimit ? priceCode(instruments, instrument, wanted[PRICE]) : Check.OK;
    if (onPrice !== Check.OK) return onPrice;
    const onQuantity = wanted[TOTAL] === total ? Check.OK : quantityCode(instruments, instrument, wanted[TOTAL]);
    if (onQuantity !== Check.OK) return onQuantity;
    const onDisplay = this.displayCode(words, at, total);
    if (onDisplay !== Check.OK) return onDisplay;
    if (Replace.stopPrice(words, at) !== Null.INT64) {
      const onStop = stopPriceCode(instruments, instrument, wanted[STOP]);
      if (onStop !== Check.OK) return onStop;
    }
    const isChanged = hasLimit && (wanted[PRICE] !== book.priceOf(slot) || wanted[TOTAL] !== total);
    const onNotional = isChanged ? notionalCode(instruments, instrument, wanted[PRICE], wanted[TOTAL]) : Check.OK;
    if (onNotional !== Check.OK) return onNotional;
    if (hasLimit || ordTypeOf(this.traitsOf(slot)) !== Type.STOP) return Check.OK;
    const onStopNotional = notionalCode(instruments, instrument, wanted[STOP], wanted[TOTAL]);
    return onStopNotional === CODES.NOTIONAL_OVERFLOW ? onStopNotional : Check.OK;
  }

  /** A display quantity that is given must fit; one that stays may be above a lower total (SETTLED R5). */
  private displayCode(words: Int32Array, at: number, total: number): number {
    const { wanted } = this;
    if (Replace.displayQty(words, at) !== Null.INT64) return tranchesCode(wanted[DISPLAY], wanted[TOTAL]);
    const isRaised = wanted[DISPLAY] !== 0 && wanted[TOTAL] > total;
    return isRaised && wanted[TOTAL] > TRANCHES_MAX * wanted[DISPLAY] ? CODES.BAD_DISPLAY_QTY : Check.OK;
  }

  /** Room at its new place, and post-only. */
  private bookCode(slot: number, state: number): number {
    const { book, matching } = this.floor;
    const { wanted } = this;
    const bookSide = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const { doubles } = book.pool;
    const key = keyOf(bookSide & 1, wanted[PRICE]);
    const stays = wanted[PRICE] === book.priceOf(slot);
    const leaves = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    const newLeaves = this.leavesOf(slot, wanted[TOTAL] - doubles[slot * Slot.DOUBLES + Slot.TOTAL] + leaves);
    const room = levelCode(book, bookSide, key, stays ? newLeaves - leaves : newLeaves);
    // An order that is alone at its price frees the level that it leaves, before it needs another one.
    const freesLevel = room === CODES.BOOK_FULL && book.levels.countOf(book.pool.words[slot * Slot.WORDS + Slot.LEVEL]) === 1;
    if (room !== Check.OK && !freesLevel) return room;
    const isPostOnly = (flagsOf(this.traitsOf(slot)) & Flag.POST_ONLY) !== 0;
    if (stays || !isPostOnly || state !== State.OPEN) return Check.OK;
    return matching.crosses(bookSide, key) ? CODES.POST_ONLY_WOULD_CROSS : Check.OK;
  }

  /** What reduce-only will leave of so many lots. */
  private leavesOf(slot: number, lots: number): number {
    if ((this.traitsOf(slot) & Trait.REDUCE_ONLY) === 0) return lots;
    const { book, positions } = this.floor;
    const base = slot * Slot.WORDS;
    return Math.min(lots, positions.room(book.pool.words[base + Slot.ACCOUNT], book.pool.words[base + Slot.BOOK_SIDE]));
  }

  /** Less quantity, or nothing new, keeps the place; everything else goes to the tail and may match at once. */
  private carryOut(slot: number, words: Int32Array, at: number): void {
    const { book, emitter, markets, accounts, touched } = this.floor;
    const { doubles, words: orders } = book.pool;
    const { wanted } = this;
    const origLow = orders[slot * Slot.WORDS + Slot.CL_ORD_ID];
    const origHigh = orders[slot * Slot.WORDS + Slot.CL_ORD_ID + 1];
    const total = doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const isSamePlace = wanted[PRICE] === book.priceOf(slot) && wanted[STOP] === this.extra(slot, Extra.STOP);
    const keepsPriority = isSamePlace && wanted[DISPLAY] === this.extra(slot, Extra.DISPLAY) && wanted[TOTAL] <= total;
    const account = orders[slot * Slot.WORDS + Slot.ACCOUNT];
    markets.touch(orders[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    if ((accounts.care[account] & Care.ALERTS) !== 0) touched.add(account);
    if (Replace.newClOrdId(words, at) !== Null.INT64) {
      book.rename(slot, words[at + Replace.Word.newClOrdId], words[at + Replace.Word.newClOrdId + 1]);
    }
    if (!keepsPriority) {
      this.move(slot, origLow, origHigh);
      return;
    }
    const isShown = (this.traitsOf(slot) & (Trait.EXTRAS | Trait.DORMANT)) === Trait.EXTRAS;
    const visible = isShown ? book.visibleOf(slot) : 0;
    book.shrink(slot, total - wanted[TOTAL]);
    doubles[slot * Slot.DOUBLES + Slot.TOTAL] = wanted[TOTAL];
    emitter.replaced(slot, origLow, origHigh, true);
    if (isShown && book.visibleOf(slot) !== visible) emitter.shown(slot, book.visibleOf(slot));
  }

  private move(slot: number, origLow: number, origHigh: number): void {
    const { book, emitter, entry } = this.floor;
    const isDormant = (this.traitsOf(slot) & Trait.DORMANT) !== 0;
    const isPending = isDormant && this.extra(slot, Extra.NAMED) !== 0;
    if (!isDormant) book.dequeue(slot);
    else if (!isPending) book.wake(slot);
    else book.reservations.remove(slot);
    this.rewrite(slot);
    if (isPending) book.reservations.add(slot);
    emitter.replaced(slot, origLow, origHigh, false);
    if (isPending) return;
    if (isDormant) entry.wait(slot);
    else this.enterAgain(slot);
  }

  /** Writes what the order is from now on; it stands in no queue but that of expiries. */
  private rewrite(slot: number): void {
    const { book, careful, now } = this.floor;
    const { doubles, words } = book.pool;
    const { wanted } = this;
    const at = slot * Slot.DOUBLES;
    doubles[at + Slot.LEAVES] += wanted[TOTAL] - doubles[at + Slot.TOTAL];
    doubles[at + Slot.TOTAL] = wanted[TOTAL];
    if (this.hasLimit(slot)) doubles[at + Slot.KEY] = keyOf(words[slot * Slot.WORDS + Slot.BOOK_SIDE] & 1, wanted[PRICE]);
    if (wanted[DISPLAY] !== 0 && (this.traitsOf(slot) & Trait.EXTRAS) === 0) {
      book.extras.clear(slot);
      words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.EXTRAS;
    }
    if ((this.traitsOf(slot) & Trait.EXTRAS) === 0) return;
    const extras = book.extras.doubles;
    const extra = slot * Extra.DOUBLES;
    extras[extra + Extra.STOP] = wanted[STOP];
    // A trailing stop reserves at the price that it had on entry.
    if (ordTypeOf(this.traitsOf(slot)) === Type.STOP) this.floor.trials.keepReserve(slot, wanted[STOP]);
    extras[extra + Extra.DISPLAY] = wanted[DISPLAY];
    extras[extra + Extra.AGE] = now[Now.SEQ];
    careful.refreshCare(slot);
    if (extras[extra + Extra.EXPIRE] === 0) return;
    book.expiries.remove(slot);
    book.expiries.add(0, extras[extra + Extra.EXPIRE], slot);
  }

  private enterAgain(slot: number): void {
    const { book, matching, markets, entry } = this.floor;
    const instrument = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
    const attention = markets.attention[instrument];
    if ((attention & (Attention.ENTRY | Attention.BOUND)) !== 0 || (this.traitsOf(slot) & (Trait.EXTRAS | Trait.REDUCE_ONLY)) !== 0) {
      entry.enter(slot, 0);
      return;
    }
    if (matching.run(slot)) book.enqueue(slot);
    else book.forget(slot);
    entry.collect(instrument);
  }
}

function orElse(value: number, whenNull: number): number {
  return value === Null.INT64 ? whenNull : value;
}
