import { type Accounts, Care } from "../accounts.js";
import { Extra, type OrderExtras } from "../book/order-extras.js";
import { type OrderPool, Slot, Trait } from "../book/order-pool.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import * as Exact from "../ledger/exact.js";
import { AccountMode } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { Touched } from "./touched.js";

const { ppmOf } = Exact;

/** Places in the measures of an order: what it reserves. */
export const enum Measure {
  LOTS = 0,
  NOTIONAL = 1,
  /** What it may take of the quote currency: a buy of a spot instrument, any order of a margin one. */
  COST = 2,
  /** What it may bring of the quote currency: a sell of a spot instrument. */
  INCOME = 3,
  COUNT = 4,
}

/** What reservations are kept in. */
export interface ReservationRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly touched: Touched;
}

/**
 * What live orders could do at worst (SEMANTICS 8): lots, notional and holds, summed in the rows of their account. An order reserves
 * while it *stands*: in a level, in a trigger book, or as a leg that waits. What it reserves follows from its leaves and its price (K5), so
 * nothing is kept per order and it is released exactly, on every way in which it can end. A pair reserves the larger of its legs (SETTLED N12).
 *
 * Shard thread only. Nothing is allocated after construction.
 */
export class Reservations {
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;
  private readonly extraDoubles: Float64Array;
  private readonly extraWords: Int32Array;
  private readonly accounts: Accounts;
  private readonly instruments: Instruments;
  private readonly positions: Positions;
  private readonly balances: Balances;
  private readonly touched: Touched;
  /** While a saved state is loaded nothing is reserved: pairs are not known before all orders are there. */
  isPaused = false;
  private readonly own = new Float64Array(Measure.COUNT);
  private readonly other = new Float64Array(Measure.COUNT);

  constructor(pool: OrderPool, extras: OrderExtras, rooms: ReservationRooms) {
    this.orders = pool.words;
    this.doubles = pool.doubles;
    this.extraDoubles = extras.doubles;
    this.extraWords = extras.words;
    this.accounts = rooms.accounts;
    this.instruments = rooms.instruments;
    this.positions = rooms.positions;
    this.balances = rooms.balances;
    this.touched = rooms.touched;
  }

  /** An order stands from now on. */
  add(slot: number): void {
    if (this.isPaused) return;
    const row = this.rowOf(slot);
    this.positions.countOrder(row, 1);
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) {
      this.book(slot, row, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
      return;
    }
    this.measure(slot, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES], this.own);
    this.extraWords[slot * Extra.WORDS + Extra.STANDING] = 1;
    const partner = this.standingPartner(slot);
    if (partner !== 0) this.lessPartner(partner);
    this.move(slot, row, this.own, 1);
  }

  /** An order stands no more; its leaves are still what they were. */
  remove(slot: number): void {
    const row = this.rowOf(slot);
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0)
      this.book(slot, row, -this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    else this.release(slot);
    this.positions.countOrder(row, -1);
  }

  /** Of an order with extras that is about to go: what it reserves beside the other leg of its pair goes now, once. */
  release(slot: number): void {
    if (this.extraWords[slot * Extra.WORDS + Extra.STANDING] === 0) return;
    this.extraWords[slot * Extra.WORDS + Extra.STANDING] = 0;
    this.measure(slot, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES], this.own);
    const partner = this.standingPartner(slot);
    if (partner !== 0) this.lessPartner(partner);
    this.move(slot, this.rowOf(slot), this.own, -1);
  }

  /** An order that stands is about to have `by` less left. */
  lower(slot: number, by: number): void {
    const row = this.rowOf(slot);
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) {
      this.book(slot, row, -by);
      return;
    }
    const leaves = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    const partner = this.standingPartner(slot);
    this.measure(slot, leaves, this.own);
    if (partner !== 0) this.lessPartner(partner);
    this.move(slot, row, this.own, -1);
    this.measure(slot, leaves - by, this.own);
    if (partner !== 0) this.lessPartner(partner);
    this.move(slot, row, this.own, 1);
  }

  /** What so many lots of an order reserve, into `measures`. */
  measure(slot: number, lots: number, measures: Float64Array): void {
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    this.measureAt(bookSide, this.priceOf(slot), lots, measures);
  }

  /** What an order of a book side, at a price in ticks, reserves for so many lots. Above 2^53−1 it is a double above it. */
  measureAt(bookSide: number, price: number, lots: number, measures: Float64Array): void {
    const { instruments } = this;
    const instrument = bookSide >>> 1;
    const unit = price * instruments.atomsPerTickLot[instrument];
    const isBuyOrMargin = (bookSide & 1) === 0 || instruments.isMargin[instrument] !== 0;
    measures[Measure.LOTS] = lots;
    measures[Measure.NOTIONAL] = lots * unit;
    measures[Measure.COST] = isBuyOrMargin ? lots * (unit + ppmOf(unit, instruments.worstFeePpm[instrument])) : 0;
    measures[Measure.INCOME] = isBuyOrMargin ? 0 : lots * (unit + ppmOf(unit, instruments.bestRebatePpm[instrument]));
  }

  /** The price that an order reserves at, ticks: its limit, or what it kept when it was entered as a stop. */
  priceOf(slot: number): number {
    const key = this.doubles[slot * Slot.DOUBLES + Slot.KEY];
    return key === Number.NEGATIVE_INFINITY ? this.extraDoubles[slot * Extra.DOUBLES + Extra.RESERVE] : Math.abs(key);
  }

  /** The other leg of a pair if it stands, or 0. */
  standingPartner(slot: number): number {
    if ((this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) return 0;
    const partner = this.extraWords[slot * Extra.WORDS + Extra.PARTNER];
    return partner !== 0 && this.extraWords[partner * Extra.WORDS + Extra.STANDING] !== 0 ? partner : 0;
  }

  /** Of what `own` holds, leaves what is more than the partner's. */
  private lessPartner(partner: number): void {
    this.measure(partner, this.doubles[partner * Slot.DOUBLES + Slot.LEAVES], this.other);
    for (let measure = 0; measure < Measure.COUNT; measure++) {
      this.own[measure] = Math.max(0, this.own[measure] - this.other[measure]);
    }
  }

  private rowOf(slot: number): number {
    const base = slot * Slot.WORDS;
    const account = this.orders[base + Slot.ACCOUNT];
    if ((this.accounts.care[account] & Care.ALERTS) !== 0) this.touched.add(account);
    return this.positions.rowOf(account, this.orders[base + Slot.BOOK_SIDE] >>> 1);
  }

  /** A plain order reserves so many lots more, or less: it has a limit, and no pair. */
  private book(slot: number, row: number, lots: number): void {
    const { instruments } = this;
    const positions = this.positions.doubles;
    const balances = this.balances.doubles;
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const side = bookSide & 1;
    const unit = Math.abs(this.doubles[slot * Slot.DOUBLES + Slot.KEY]) * instruments.atomsPerTickLot[instrument];
    const notional = lots * unit;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    positions[row * Pos.DOUBLES + Pos.OPEN_LOTS + side] += lots;
    positions[row * Pos.DOUBLES + Pos.OPEN_NOTIONAL + side] += notional;
    balances[quote + Bal.OPEN + side] += notional;
    if (instruments.isMargin[instrument] !== 0) {
      balances[quote + Bal.ORDER_STAKE] += notional + lots * ppmOf(unit, instruments.worstFeePpm[instrument]);
      return;
    }
    const ppm = side === 0 ? instruments.worstFeePpm[instrument] : instruments.bestRebatePpm[instrument];
    balances[quote + Bal.OUT + side] += notional + lots * ppmOf(unit, ppm);
    if (this.accounts.modes[this.orders[slot * Slot.WORDS + Slot.ACCOUNT]] === AccountMode.UNCHECKED) return;
    const base = this.positions.words[row * Pos.WORDS + Pos.BASE] * Bal.DOUBLES;
    const goods = lots * instruments.baseAtomsPerLot[instrument];
    // OUT is followed by IN: a sell is the mirror of a buy. The goods of unchecked accounts are not held to anything.
    balances[base + Bal.IN - side] += goods;
  }

  /** As `book`, for measures. */
  private move(slot: number, row: number, measures: Float64Array, sign: number): void {
    const positions = this.positions.doubles;
    const balances = this.balances.doubles;
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const side = bookSide & 1;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    positions[row * Pos.DOUBLES + Pos.OPEN_LOTS + side] += sign * measures[Measure.LOTS];
    positions[row * Pos.DOUBLES + Pos.OPEN_NOTIONAL + side] += sign * measures[Measure.NOTIONAL];
    balances[quote + Bal.OPEN + side] += sign * measures[Measure.NOTIONAL];
    if (this.instruments.isMargin[instrument] !== 0) {
      balances[quote + Bal.ORDER_STAKE] += sign * measures[Measure.COST];
      return;
    }
    balances[quote + Bal.OUT + side] += sign * measures[side === 0 ? Measure.COST : Measure.INCOME];
    if (this.accounts.modes[this.orders[slot * Slot.WORDS + Slot.ACCOUNT]] === AccountMode.UNCHECKED) return;
    const base = this.positions.words[row * Pos.WORDS + Pos.BASE] * Bal.DOUBLES;
    balances[base + Bal.IN - side] += sign * measures[Measure.LOTS] * this.instruments.baseAtomsPerLot[instrument];
  }
}
