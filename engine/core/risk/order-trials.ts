import { keyOf, type OrderBook } from "../book/order-book.js";
import { Extra } from "../book/order-extras.js";
import { ordTypeOf, packTraits, Slot, selfTradeModeOf, Trait, tifOf } from "../book/order-pool.js";
import { basisPointsOf } from "../book/trailing-stops.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import { Check, Tif, Type } from "../match/order-types.js";
import type { PriceBounds } from "../match/price-bounds.js";
import { type Rehearsal, Swept } from "../match/rehearsal.js";
import { Pos, type Positions } from "../positions.js";
import { Intent, Trial } from "./intent.js";
import type { PreTrade } from "./pre-trade.js";
import { Measure } from "./reservations.js";

export interface TrialRooms {
  readonly instruments: Instruments;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly book: OrderBook;
  readonly bounds: PriceBounds;
  readonly rehearsal: Rehearsal;
  readonly preTrade: PreTrade;
}

const MAX_SAFE = 9007199254740991;

/**
 * Works out what an order would add (docs/RISK.md: which price and quantity an order counts with), and has it checked. Orders that sweep are
 * played through first, with nothing touched. Shard thread only. Nothing is allocated.
 */
export class OrderTrials {
  private readonly measures = new Float64Array(Measure.COUNT);
  private readonly before = new Float64Array(Measure.COUNT);
  private readonly partner = new Float64Array(Measure.COUNT);
  private readonly rest = new Float64Array(Measure.COUNT);
  /** What the sell that was played through last brings. */
  private readonly income = new Float64Array(1);
  /** Self-trade prevention of the order on trial. */
  mode = 0;

  constructor(private readonly rooms: TrialRooms) {}

  /** Ticks that a stop that becomes a market order reserves at (SETTLED T4). */
  stopReserve(bookSide: number, stopPrice: number): number {
    if ((bookSide & 1) === 1) return Math.max(1, stopPrice);
    const bps = this.rooms.instruments.specOf(bookSide >>> 1).marketProtectionBps;
    return Math.min(MAX_SAFE, stopPrice + basisPointsOf(stopPrice, bps));
  }

  /** A new order with a price, its limit or what it reserves at. `other`: the leg of its pair that stands already, or 0. */
  priced(
    account: number,
    row: number,
    bookSide: number,
    lots: number,
    price: number,
    isLimit: boolean,
    other: number,
    isReduceOnly: boolean,
  ): number {
    const { intent } = this.rooms.preTrade;
    const { measures } = this;
    this.rooms.book.reservations.measureAt(bookSide, price, lots, measures);
    if ((bookSide & 1) === 1) this.raiseOfNew(row, bookSide, lots, price, isLimit, other);
    intent[Intent.ORDER_LOTS] = lots;
    intent[Intent.ORDER_NOTIONAL] = measures[Measure.NOTIONAL];
    intent[Intent.PRICE] = isLimit ? price : 0;
    intent[Intent.ORDERS] = 1;
    this.intend(other, 0);
    return this.rooms.preTrade.check(account, row, bookSide, Trial.NEW, isReduceOnly);
  }

  /** A new market order of so many lots, or, with money that is not Infinity, for so much. */
  market(account: number, row: number, bookSide: number, lots: number, money: number, tif: number, isReduceOnly: boolean): number {
    const { preTrade, rehearsal, book } = this.rooms;
    const { intent } = preTrade;
    const { pool } = book;
    const slot = pool.take();
    this.stage(slot, account, bookSide, lots, Number.NEGATIVE_INFINITY, packTraits(Type.MARKET, tif, this.mode, 0));
    this.sweep(slot, money);
    pool.give(slot);
    const isByMoney = money !== Number.POSITIVE_INFINITY;
    this.measures[Measure.LOTS] = isByMoney ? rehearsal.swept[Swept.LOTS] : lots;
    intent[Intent.ORDER_LOTS] = isByMoney ? 0 : lots;
    intent[Intent.ORDER_NOTIONAL] = this.measures[Measure.NOTIONAL];
    intent[Intent.PRICE] = 0;
    intent[Intent.ORDERS] = 1;
    this.intend(0, 0);
    return preTrade.check(account, row, bookSide, Trial.NEW, isReduceOnly);
  }

  /** Lots that a market order would trade now for so much money. */
  sweptLots(account: number, bookSide: number, lots: number, money: number): number {
    const { book, rehearsal } = this.rooms;
    const slot = book.pool.take();
    this.stage(slot, account, bookSide, lots, Number.NEGATIVE_INFINITY, packTraits(Type.MARKET, Tif.IOC, this.mode, 0));
    this.sweep(slot, money);
    book.pool.give(slot);
    return rehearsal.swept[Swept.LOTS];
  }

  /** A stop that fires: it stands no more, and enters as what it becomes (SETTLED T6). */
  triggered(slot: number): number {
    const { preTrade, book, positions } = this.rooms;
    const { intent } = preTrade;
    const base = slot * Slot.WORDS;
    const { words, doubles } = book.pool;
    const account = words[base + Slot.ACCOUNT];
    const bookSide = words[base + Slot.BOOK_SIDE];
    const row = positions.rowOf(account, bookSide >>> 1);
    const lots = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    const key = doubles[slot * Slot.DOUBLES + Slot.KEY];
    this.mode = selfTradeModeOf(words[base + Slot.TRAITS]);
    if (key === Number.NEGATIVE_INFINITY) {
      this.sweep(slot, Number.POSITIVE_INFINITY);
      this.measures[Measure.LOTS] = lots;
    } else {
      book.reservations.measureAt(bookSide, Math.abs(key), lots, this.measures);
      this.raiseOfStanding(row, slot, lots, Math.abs(key));
    }
    intent[Intent.ORDER_LOTS] = lots;
    intent[Intent.ORDER_NOTIONAL] = this.measures[Measure.NOTIONAL];
    this.intend(book.reservations.standingPartner(slot), 0);
    // The other leg has executed nothing, so it is not in what was executed today.
    intent[Intent.DAY_NOTIONAL] = this.measures[Measure.NOTIONAL];
    return preTrade.check(account, row, bookSide, Trial.TRIGGER, (words[base + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0);
  }

  /**
   * An order that stands and would have so many lots left, of so large a total, at another price; `stop`: its stop price. Account states are
   * asked here too, because a replace that adds nothing passes a reducing-only account.
   */
  replaced(slot: number, lots: number, total: number, price: number, stop: number): number {
    const { preTrade, book, positions } = this.rooms;
    const { intent } = preTrade;
    const { reservations } = book;
    const base = slot * Slot.WORDS;
    const { words, doubles } = book.pool;
    const bookSide = words[base + Slot.BOOK_SIDE];
    const account = words[base + Slot.ACCOUNT];
    const row = positions.rowOf(account, bookSide >>> 1);
    const hasLimit = doubles[slot * Slot.DOUBLES + Slot.KEY] !== Number.NEGATIVE_INFINITY;
    const oldPrice = reservations.priceOf(slot);
    const isTrailing = ordTypeOf(words[base + Slot.TRAITS]) === Type.TRAILING_STOP;
    const newPrice = hasLimit ? price : isTrailing ? oldPrice : this.stopReserve(bookSide, stop);
    const oldTotal = doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const isReduceOnly = (words[base + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0;
    this.mode = selfTradeModeOf(words[base + Slot.TRAITS]);
    reservations.measure(slot, doubles[slot * Slot.DOUBLES + Slot.LEAVES], this.before);
    reservations.measureAt(bookSide, newPrice, lots, this.measures);
    if (hasLimit && (words[base + Slot.TRAITS] & Trait.DORMANT) === 0) this.raiseOfStanding(row, slot, lots, newPrice);
    const atoms = this.rooms.instruments.atomsPerTickLot[bookSide >>> 1];
    intent[Intent.ORDER_LOTS] = total > oldTotal ? total : 0;
    intent[Intent.ORDER_NOTIONAL] = total * newPrice > oldTotal * oldPrice ? total * newPrice * atoms : 0;
    intent[Intent.PRICE] = hasLimit && newPrice !== oldPrice ? newPrice : -1;
    intent[Intent.ORDERS] = 0;
    this.intend(reservations.standingPartner(slot), slot);
    const onState = preTrade.stateCode(account, row, bookSide & 1, intent[Intent.LOTS], isReduceOnly || intent[Intent.LOTS] <= 0);
    return onState === 0 ? preTrade.check(account, row, bookSide, Trial.REPLACE, isReduceOnly) : onState;
  }

  /**
   * What is measured goes into the intent, less what is there already: the measures `before` of an order that stands, and those of the other leg
   * of a pair, of which the larger counts.
   */
  private intend(other: number, standing: number): void {
    const { intent } = this.rooms.preTrade;
    const { measures, before, partner } = this;
    const { reservations, pool } = this.rooms.book;
    if (other !== 0) reservations.measure(other, pool.doubles[other * Slot.DOUBLES + Slot.LEAVES], partner);
    for (let measure = 0; measure < Measure.COUNT; measure++) {
      const there = standing === 0 ? 0 : before[measure];
      const least = other === 0 ? 0 : partner[measure];
      intent[Intent.LOTS + measure] = Math.max(measures[measure], least) - Math.max(there, least);
    }
    const notional = measures[Measure.NOTIONAL];
    intent[Intent.DAY_NOTIONAL] = other === 0 ? notional : Math.max(notional, partner[Measure.NOTIONAL]);
  }

  /** Of a new sell, and of the leg that has waited for it and enters with it. */
  private raiseOfNew(row: number, bookSide: number, lots: number, price: number, isLimit: boolean, other: number): void {
    const { pool, reservations } = this.rooms.book;
    const otherLots = other === 0 ? 0 : pool.doubles[other * Slot.DOUBLES + Slot.LEAVES];
    const otherPrice = other === 0 ? 0 : reservations.priceOf(other);
    if (isLimit) this.raiseIncome(row, bookSide, lots, price, this.measures, otherLots, otherPrice);
    if (other === 0) return;
    const traits = pool.words[other * Slot.WORDS + Slot.TRAITS];
    if (ordTypeOf(traits) !== Type.LIMIT) return;
    this.mode = selfTradeModeOf(traits);
    this.raiseIncome(row, bookSide, otherLots, otherPrice, this.measures, lots, price);
  }

  /** Of an order in its slot that would have so many lots at this price. */
  private raiseOfStanding(row: number, slot: number, lots: number, price: number): void {
    const { pool, reservations } = this.rooms.book;
    const other = reservations.standingPartner(slot);
    const otherLots = other === 0 ? 0 : pool.doubles[other * Slot.DOUBLES + Slot.LEAVES];
    const otherPrice = other === 0 ? 0 : reservations.priceOf(other);
    this.raiseIncome(row, pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE], lots, price, this.measures, otherLots, otherPrice);
  }

  /**
   * What a sell brings that trades at once: more than its own price. It is worked out only where the sum could matter. What is left of a
   * pair then is the larger of the two: `otherLots` of the other leg, which counts with `otherPrice`; 0: no pair.
   */
  raiseIncome(
    row: number,
    bookSide: number,
    lots: number,
    price: number,
    measures: Float64Array,
    otherLots: number,
    otherPrice: number,
  ): void {
    if ((bookSide & 1) === 0) return;
    const { levels } = this.rooms.book;
    const best = levels.first(bookSide ^ 1);
    if (best === 0 || levels.keyOf(best) > -price) return;
    const what = this.sellMeasure(bookSide);
    if (this.isFarFromBound(row, bookSide, lots, Math.abs(levels.keyOf(best)), measures[what])) return;
    this.sweepIncome(this.rooms.positions.accountOf(row), bookSide, lots, price, what);
    const swept = this.rooms.rehearsal.swept[Swept.LOTS];
    measures[what] = Math.max(
      measures[what],
      this.income[0] + this.restOf(bookSide, what, lots - swept, price, otherLots - swept, otherPrice),
    );
  }

  /** What a sell counts with in what may come in. */
  private sellMeasure(bookSide: number): Measure {
    return this.rooms.instruments.isMargin[bookSide >>> 1] !== 0 ? Measure.COST : Measure.INCOME;
  }

  /** Whether no sum comes near 2^53−1 by so many lots at this price, with the largest of fees or rebates, and `more` beside it. */
  private isFarFromBound(row: number, bookSide: number, lots: number, price: number, more: number): boolean {
    const { instruments, balances, positions } = this.rooms;
    const money = balances.doubles;
    const quote = positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const live = money[quote + Bal.IN] + money[quote + Bal.OUT] + money[quote + Bal.ORDER_STAKE];
    const there = Math.abs(money[quote + Bal.TOTAL]) + money[quote + Bal.POSITION_STAKE] + live;
    return there + more + 2 * lots * price * instruments.atomsPerTickLot[bookSide >>> 1] < MAX_SAFE / 2;
  }

  /** What is left of a sell and of the other leg of its pair, whichever is more. */
  private restOf(bookSide: number, what: Measure, lots: number, price: number, otherLots: number, otherPrice: number): number {
    const { reservations } = this.rooms.book;
    const { rest } = this;
    reservations.measureAt(bookSide, price, lots, rest);
    const own = rest[what];
    if (otherLots <= 0) return own;
    reservations.measureAt(bookSide, otherPrice, otherLots, rest);
    return Math.max(own, rest[what]);
  }

  /** Plays a sell with a limit through. What it would bring, or of a margin instrument put at stake, goes into `income`. */
  private sweepIncome(account: number, bookSide: number, lots: number, price: number, what: Measure): void {
    const { book, rehearsal, bounds } = this.rooms;
    const { pool } = book;
    const slot = pool.take();
    this.stage(slot, account, bookSide, lots, keyOf(bookSide & 1, price), packTraits(Type.LIMIT, Tif.IOC, this.mode, 0));
    rehearsal.play(slot, bounds.boundKey(slot, bounds.wantedKey(slot)), Number.POSITIVE_INFINITY);
    pool.give(slot);
    const fees = rehearsal.swept[Swept.FEES];
    this.income[0] = rehearsal.swept[Swept.NOTIONAL] + (what === Measure.COST ? Math.abs(fees) : -fees);
  }

  /**
   * Whether an uncross may print so many lots of a resting sell at its price: above the order's own it brings more than the order has counted
   * with, and no sum may pass 2^53−1 by that.
   */
  mayPrint(slot: number, qty: number, price: number): boolean {
    const { book, positions, preTrade } = this.rooms;
    const { pool, reservations } = book;
    const own = reservations.priceOf(slot);
    if (price <= own) return true;
    const bookSide = pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const account = pool.words[slot * Slot.WORDS + Slot.ACCOUNT];
    const row = positions.rowOf(account, bookSide >>> 1);
    const leaves = pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    const what = this.sellMeasure(bookSide);
    if (this.isFarFromBound(row, bookSide, qty, price, 0)) return true;
    const other = reservations.standingPartner(slot);
    const otherLots = other === 0 ? 0 : pool.doubles[other * Slot.DOUBLES + Slot.LEAVES];
    const otherPrice = other === 0 ? 0 : reservations.priceOf(other);
    reservations.measure(slot, leaves, this.before);
    reservations.measureAt(bookSide, price, qty, this.measures);
    const brought = this.measures[what] + this.restOf(bookSide, what, leaves - qty, own, otherLots - qty, otherPrice);
    this.measures.set(this.before);
    this.measures[what] = brought;
    this.intend(other, slot);
    return preTrade.sumsCode(account, row, bookSide) === Check.OK;
  }

  /**
   * Whether the balance of an account stays within ±(2^53−1) when the market order in this slot closes its position: what it would trade comes
   * in or goes out, and the cost of the position the other way.
   */
  mayLiquidate(slot: number): boolean {
    const { book, positions, balances, rehearsal } = this.rooms;
    const { words } = book.pool;
    const row = positions.rowOf(words[slot * Slot.WORDS + Slot.ACCOUNT], words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
    this.sweep(slot, Number.POSITIVE_INFINITY);
    const traded = rehearsal.swept[Swept.NOTIONAL];
    const cost = Math.abs(positions.doubles[row * Pos.DOUBLES + Pos.COST]);
    const balance = Math.abs(balances.doubles[positions.quoteRow(row) * Bal.DOUBLES + Bal.TOTAL]);
    return balance + Math.max(traded, cost) + Math.abs(rehearsal.swept[Swept.FEES]) <= MAX_SAFE;
  }

  /** Plays a market order through; what it would trade goes into the measures. */
  private sweep(slot: number, money: number): void {
    const { bounds, rehearsal, book } = this.rooms;
    const bookSide = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    rehearsal.play(slot, bounds.boundKey(slot, bounds.wantedKey(slot)), money);
    const notional = rehearsal.swept[Swept.NOTIONAL];
    const fees = rehearsal.swept[Swept.FEES];
    const isBuy = (bookSide & 1) === 0;
    const isMargin = this.rooms.instruments.isMargin[bookSide >>> 1] !== 0;
    if (this.isUnfilled(slot)) {
      this.measures.fill(0);
      return;
    }
    this.measures[Measure.NOTIONAL] = notional;
    this.measures[Measure.COST] = isMargin ? notional + Math.abs(fees) : isBuy ? notional + fees : 0;
    this.measures[Measure.INCOME] = isMargin || isBuy ? 0 : notional - fees;
  }

  /** An order that is to fill completely, and would not, trades nothing. */
  private isUnfilled(slot: number): boolean {
    const { pool } = this.rooms.book;
    const isAll = tifOf(pool.words[slot * Slot.WORDS + Slot.TRAITS]) === Tif.FOK;
    return isAll && this.rooms.rehearsal.swept[Swept.LOTS] < pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
  }

  /** Gives a slot what a rehearsal looks at. */
  private stage(slot: number, account: number, bookSide: number, lots: number, key: number, traits: number): void {
    const { words, doubles } = this.rooms.book.pool;
    const base = slot * Slot.WORDS;
    doubles[slot * Slot.DOUBLES + Slot.LEAVES] = lots;
    doubles[slot * Slot.DOUBLES + Slot.KEY] = key;
    words[base + Slot.ACCOUNT] = account;
    words[base + Slot.BOOK_SIDE] = bookSide;
    words[base + Slot.TRAITS] = traits;
  }

  /** What a stop keeps to reserve at: nothing for one with a limit. */
  keepReserve(slot: number, stopPrice: number): void {
    const { pool, extras } = this.rooms.book;
    const bookSide = pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const hasLimit = pool.doubles[slot * Slot.DOUBLES + Slot.KEY] !== Number.NEGATIVE_INFINITY;
    extras.doubles[slot * Extra.DOUBLES + Extra.RESERVE] = hasLimit ? 0 : this.stopReserve(bookSide, stopPrice);
  }
}
