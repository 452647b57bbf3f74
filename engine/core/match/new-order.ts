import { CODES } from "../../wire/codes.js";
import * as NewOrder from "../../wire/generated/new-order.js";
import { Word } from "../../wire/generated/new-order.js";
import { readInt64, writeInt64 } from "../../wire/numbers.js";
import { type Accounts, Care } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import * as Book from "../book/order-book.js";
import { type OrderPool, Slot } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import { Attention } from "../markets.js";
import type { Positions } from "../positions.js";
import type { AccountBreakers } from "../risk/account-breakers.js";
import { Ask, type Headroom } from "../risk/headroom.js";
import { Intent, Trial } from "../risk/intent.js";
import type { OrderTrials } from "../risk/order-trials.js";
import type { PreTrade } from "../risk/pre-trade.js";
import { Measure, type Reservations } from "../risk/reservations.js";
import type { Touched } from "../risk/touched.js";
import type { Entry } from "./entry.js";
import type { Floor } from "./floor.js";
import { FullOrders, isWrongMode as isWrong } from "./full-orders.js";
import type { Matching } from "./matching.js";
import * as Checks from "./order-checks.js";
import { Cause, Check, Flag, Null, Side, Stp, Tif, Type } from "./order-types.js";

// Consts of this module are resolved when the code is compiled; imports are looked up and compared at each call.
const { isClOrdId, priceCode, quantityCode, notionalCode, levelCode } = Checks;
const keyOf = Book.keyOf;
const isWrongMode = isWrong;
const priceOf = NewOrder.price;
const qtyOf = NewOrder.qty;

const isNull = (words: Int32Array, at: number): boolean => words[at + 1] === Null.INT64_HIGH_WORD && words[at] === 0;

/** Type, time in force and flags go together, and the keys that the type needs are there (SETTLED O2, O11, N4). */
const isCompatible = (words: Int32Array, at: number, kind: number): boolean => {
  const ordType = (kind >>> 8) & 0xff;
  const tif = (kind >>> 16) & 0xff;
  const stp = kind >>> 24;
  const flags = words[at + Word.flags] & 0xffff;
  if (tif > Tif.DAY || flags > Flag.ALL) return false;
  if (stp > Stp.DECREMENT && stp !== Null.UINT8) return false;
  if (isNull(words, at + Word.qty)) return false;
  if (ordType === Type.LIMIT) return !isNull(words, at + Word.price) && (flags === 0 || isResting(tif));
  return ordType === Type.MARKET && isNull(words, at + Word.price) && flags === 0 && tif !== Tif.DAY;
};

/** Gtc or day; others are not heard of here. Without a branch. */
const isResting = (tif: number): boolean => ((((1 << Tif.GTC) | (1 << Tif.DAY)) >> tif) & 1) === 1;

/** Writes what makes two orders the same, as OrderRequest does. */
const liken = (words: Int32Array, at: number, likeness: Float64Array): void => {
  likeness[0] = words[at + Word.instrument] >>> 0;
  likeness[1] = words[at + Word.side] & 0xffffff;
  likeness[2] = priceOf(words, at);
  likeness[3] = qtyOf(words, at);
  likeness[4] = Null.INT64;
  likeness[5] = Null.INT64;
  likeness[6] = Null.INT64;
  likeness[7] = Null.INT64;
  likeness[8] = 0;
};

/** The order, or its instrument, asks for more than the short way. */
const LONG_WAY = -1;

/**
 * A new plain order in an open instrument without further rules, step by step as SEMANTICS 2 says; the first failure wins. Every
 * other order is for FullOrders. Shard thread only.
 */
export class NewOrders {
  /** Order ids count from 1 without gaps (SETTLED N17); the last one as two words, as it is written. */
  private readonly lastId = new Int32Array(2);

  // The floor's rooms as fields of its own: one load less each time.
  private readonly accounts: Accounts;
  private readonly instruments: Instruments;
  private readonly book: OrderBook;
  private readonly pool: OrderPool;
  private readonly matching: Matching;
  private readonly emitter: Emitter;
  private readonly positions: Positions;
  private readonly entry: Entry;
  private readonly preTrade: PreTrade;
  private readonly headroom: Headroom;
  private readonly trials: OrderTrials;
  private readonly reservations: Reservations;
  private readonly accountBreakers: AccountBreakers;
  private readonly touched: Touched;
  private readonly measures = new Float64Array(Measure.COUNT);
  private readonly attention: Int32Array;
  private readonly full: FullOrders;

  constructor(floor: Floor) {
    this.accounts = floor.accounts;
    this.instruments = floor.instruments;
    this.book = floor.book;
    this.pool = floor.book.pool;
    this.matching = floor.matching;
    this.emitter = floor.emitter;
    this.positions = floor.positions;
    this.entry = floor.entry;
    this.preTrade = floor.preTrade;
    this.headroom = floor.headroom;
    this.trials = floor.trials;
    this.reservations = floor.book.reservations;
    this.accountBreakers = floor.accountBreakers;
    this.touched = floor.touched;
    this.attention = floor.markets.attention;
    this.full = new FullOrders(floor, this.lastId);
  }

  get lastOrderId(): number {
    return readInt64(this.lastId, 0);
  }

  set lastOrderId(id: number) {
    writeInt64(this.lastId, 0, id);
  }

  place(words: Int32Array, at: number): void {
    const emitter = this.emitter;
    // side, ordType, tif and stp are the four bytes of one word.
    const kind = words[at + Word.side];
    emitter.answer(words[at + Word.session]);
    const code = this.check(words, at, kind);
    if (code !== Check.OK) {
      if (code === LONG_WAY) {
        this.full.place(words, at, false);
        return;
      }
      emitter.orderRejected(words, at, Word.clOrdId, 0, words[at + Word.account], code);
      this.accountBreakers.rejected(words[at + Word.account], code);
      return;
    }
    const slot = this.admit(words, at, kind);
    emitter.accepted(slot, words, at);
    const care = this.accounts.care[words[at + Word.account]];
    if ((care & (Care.WINDOWS | Care.ALERTS)) !== 0) this.countIn(words[at + Word.account], care);
    this.execute(slot, kind);
    const instrument = words[at + Word.instrument];
    if ((this.attention[instrument] & Attention.STOPS) === 0) return;
    this.entry.collect(instrument);
    this.entry.fireAll();
  }

  /** Its account's windows and alerts know of it. */
  private countIn(account: number, care: number): void {
    if ((care & Care.WINDOWS) !== 0) this.preTrade.accepted(account);
    if ((care & Care.ALERTS) !== 0) this.touched.add(account);
  }

  /** An order with what few orders need. */
  placeFull(words: Int32Array, at: number): void {
    this.full.place(words, at, true);
  }

  /**
   * Steps 1 and 3 to 5 in one piece: most of what follows is inlined into it, and a call here would cost more than it does.
   */
  private check(words: Int32Array, at: number, kind: number): number {
    const book = this.book;
    const instruments = this.instruments;
    const account = words[at + Word.account] >>> 0;
    const instrument = words[at + Word.instrument] >>> 0;
    const low = words[at + Word.clOrdId];
    const high = words[at + Word.clOrdId + 1];
    if (account >= this.accounts.count) return CODES.UNKNOWN_ACCOUNT;
    if (instrument >= instruments.count) return CODES.UNKNOWN_INSTRUMENT;
    const attention = this.attention[instrument];
    const care = this.accounts.care[account] & Care.ENTRY;
    if (((attention & Attention.ENTRY) | this.accounts.killed[account] | care) !== 0) return LONG_WAY;
    if (!isClOrdId(low, high)) return CODES.BAD_CLORDID;
    if (book.findByClOrdId(account, low, high) !== 0) return CODES.DUPLICATE_CLORDID;
    if (isWrongMode(this.accounts.modes[account], instruments.isMargin[instrument])) return CODES.WRONG_ACCOUNT_MODE;
    if ((kind & 0xff) > Side.SELL) return CODES.BAD_SIDE;
    if ((words[at + Word.flags] & Flag.REDUCE_ONLY) !== 0) return LONG_WAY;
    if (!isCompatible(words, at, kind)) return CODES.BAD_FLAGS;
    if (((kind >>> 8) & 0xff) === Type.MARKET) return this.marketCode(words, at, kind);
    const qty = qtyOf(words, at);
    const price = priceOf(words, at);
    const onPrice = priceCode(instruments, instrument, price);
    if (onPrice !== Check.OK) return onPrice;
    const onQuantity = quantityCode(instruments, instrument, qty);
    if (onQuantity !== Check.OK) return onQuantity;
    const notional = notionalCode(instruments, instrument, price, qty);
    if (notional !== Check.OK) return notional;
    const bookSide = 2 * instrument + (kind & 0xff);
    const key = keyOf(kind & 0xff, price);
    if ((attention & Attention.BOUND) !== 0 && this.matching.crosses(bookSide, key)) return LONG_WAY;
    const row = this.positions.rowOf(account, instrument);
    if (row === 0 || !this.positions.hasRoom(row)) return LONG_WAY;
    this.trials.mode = kind >>> 24 === Null.UINT8 ? this.accounts.selfTradeModes[account] : kind >>> 24;
    const onRisk = this.riskCode(words, at, row, bookSide);
    if (onRisk !== Check.OK) return onRisk;
    if (!isResting((kind >>> 16) & 0xff)) return Check.OK;
    if (this.pool.isFull) return CODES.BOOK_FULL;
    const room = levelCode(book, bookSide, key, qty);
    if (room !== Check.OK || (words[at + Word.flags] & Flag.POST_ONLY) === 0) return room;
    return this.matching.crosses(bookSide, key) ? CODES.POST_ONLY_WOULD_CROSS : Check.OK;
  }

  /** What is left to check of a market order, with the most that it could trade; when that is too much, it is played through the long way. */
  private marketCode(words: Int32Array, at: number, kind: number): number {
    const { headroom } = this;
    const account = words[at + Word.account] >>> 0;
    const instrument = words[at + Word.instrument] >>> 0;
    const bookSide = 2 * instrument + (kind & 0xff);
    const qty = qtyOf(words, at);
    const onQuantity = quantityCode(this.instruments, instrument, qty);
    if (onQuantity !== Check.OK) return onQuantity;
    if ((this.attention[instrument] & Attention.HELD) !== 0) return LONG_WAY;
    const row = this.positions.rowOf(account, instrument);
    if (row === 0 || !this.positions.hasRoom(row)) return LONG_WAY;
    headroom.ask[Ask.LOTS] = qty;
    headroom.ask[Ask.PRICE] = headroom.furthestPrice(bookSide);
    if (!headroom.fits(account, row, bookSide, false)) return LONG_WAY;
    return (this.accounts.care[account] & Care.WINDOWS) === 0 ? Check.OK : this.windowsCode(words, at);
  }

  /** Rate and duplicates, of an order that nothing else is to be said against. */
  private windowsCode(words: Int32Array, at: number): number {
    liken(words, at, this.preTrade.likeness);
    return this.preTrade.windowsCode(words[at + Word.account] >>> 0);
  }

  /** Pre-trade risk of a limit order: mostly there is room to spare, and only windows are left to look at. */
  private riskCode(words: Int32Array, at: number, row: number, bookSide: number): number {
    const { headroom } = this;
    const account = words[at + Word.account] >>> 0;
    headroom.ask[Ask.LOTS] = qtyOf(words, at);
    headroom.ask[Ask.PRICE] = priceOf(words, at);
    if (!headroom.fits(account, row, bookSide, true)) return this.exactRiskCode(words, at, row, bookSide);
    return (this.accounts.care[account] & Care.WINDOWS) === 0 ? Check.OK : this.windowsCode(words, at);
  }

  private exactRiskCode(words: Int32Array, at: number, row: number, bookSide: number): number {
    const { measures } = this;
    const { intent } = this.preTrade;
    const account = words[at + Word.account] >>> 0;
    const price = priceOf(words, at);
    const qty = qtyOf(words, at);
    if ((this.accounts.care[account] & Care.WINDOWS) !== 0) liken(words, at, this.preTrade.likeness);
    this.reservations.measureAt(bookSide, price, qty, measures);
    if ((bookSide & 1) === 1) this.trials.raiseIncome(row, bookSide, qty, price, measures, 0, 0);
    intent[Intent.ORDER_LOTS] = qty;
    intent[Intent.ORDER_NOTIONAL] = measures[Measure.NOTIONAL];
    intent[Intent.PRICE] = price;
    intent[Intent.ORDERS] = 1;
    intent[Intent.LOTS] = qty;
    intent[Intent.NOTIONAL] = measures[Measure.NOTIONAL];
    intent[Intent.DAY_NOTIONAL] = measures[Measure.NOTIONAL];
    intent[Intent.COST] = measures[Measure.COST];
    intent[Intent.INCOME] = measures[Measure.INCOME];
    return this.preTrade.check(account, row, bookSide, Trial.NEW, false);
  }

  /** Gives an accepted order its slot and its id. */
  private admit(words: Int32Array, at: number, kind: number): number {
    const pool = this.pool;
    const lastId = this.lastId;
    const slot = pool.take();
    const base = slot * Slot.WORDS;
    const qty = qtyOf(words, at);
    const account = words[at + Word.account];
    const wantedMode = kind >>> 24;
    const mode = wantedMode === Null.UINT8 ? this.accounts.selfTradeModes[account] : wantedMode;
    const low = (lastId[0] + 1) | 0;
    lastId[0] = low;
    if (low === 0) lastId[1]++;
    pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES] = qty;
    pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL] = qty;
    const isMarket = ((kind >>> 8) & 0xff) === Type.MARKET;
    pool.doubles[slot * Slot.DOUBLES + Slot.KEY] = isMarket ? Number.NEGATIVE_INFINITY : keyOf(kind & 0xff, priceOf(words, at));
    pool.words[base + Slot.CL_ORD_ID] = words[at + Word.clOrdId];
    pool.words[base + Slot.CL_ORD_ID + 1] = words[at + Word.clOrdId + 1];
    pool.words[base + Slot.ORDER_ID] = low;
    pool.words[base + Slot.ORDER_ID + 1] = lastId[1];
    pool.words[base + Slot.ACCOUNT] = account;
    pool.words[base + Slot.BOOK_SIDE] = 2 * words[at + Word.instrument] + (kind & 0xff);
    // As `packTraits`: ordType and tif lie in `kind` one byte higher.
    pool.words[base + Slot.TRAITS] = ((kind >>> 8) & 0xffff) | (mode << 16) | (words[at + Word.flags] << 24);
    return slot;
  }

  /** Steps 6 and 7: all-or-nothing, match, then rest or cancel the rest. */
  private execute(slot: number, kind: number): void {
    const tif = (kind >>> 16) & 0xff;
    const isMarket = ((kind >>> 8) & 0xff) === Type.MARKET;
    if (tif === Tif.FOK && !this.canTradeAll(slot)) {
      this.emitter.canceled(slot, Cause.FOK, true);
      this.pool.give(slot);
    } else if (!this.matching.run(slot)) {
      this.pool.give(slot);
    } else if (isResting(tif) && !isMarket) {
      this.book.rest(slot);
    } else {
      this.emitter.canceled(slot, isMarket ? Cause.NO_LIQUIDITY : Cause.IOC, true);
      this.pool.give(slot);
    }
  }

  private canTradeAll(slot: number): boolean {
    const { doubles } = this.pool;
    return this.matching.canTrade(slot, doubles[slot * Slot.DOUBLES + Slot.LEAVES], -doubles[slot * Slot.DOUBLES + Slot.KEY]);
  }
}
