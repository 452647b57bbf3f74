import { NIL } from "../../flat/level-tree.js";
import { NO_SLOT } from "../../flat/slot-index.js";
import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../../step.js";
import type { Table } from "../../table/index.js";
import {
  AuctionIndication,
  Candle,
  InstrumentState,
  MarketState,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderShown,
  SetTime,
  Statistics,
  Trade,
} from "../../wire/flyweights.js";
import { OrdType, TimeInForce } from "../../wire/generated/enums.js";
import * as Header from "../../wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../wire/numbers.js";
import { Candles, INTERVALS_US } from "./candles.js";
import { DayStatistics } from "./day-statistics.js";
import { LevelChanges } from "./level-changes.js";
import { hasOrder, loadHead, saveHead, saveOrder, saveSideEnd } from "./market-data-state.js";
import { MarketStates } from "./market-states.js";
import { OrderRecords } from "./order-records.js";
import { RecordOutput } from "./record-output.js";
import { Tops } from "./tops.js";
import { type BookCapacities, VisibleBooks } from "./visible-books.js";
import { Wanted } from "./wanted.js";

const SEQ = 0;
const TIME = 1;
const PENDING_ID = 2;
const PENDING_PRICE = 3;
const PENDING_LEAVES = 4;
/** The next whole second: no candle ends before it. */
const BOUNDARY = 5;
/** The version of the levels at the last command's end. */
const LEVELS_TOLD = 6;
const DOUBLES = 7;
const SECOND_US = 1_000_000;
const INTERVALS = INTERVALS_US.length;
/** Why the quantity that is seen of an order is another one. */
const BY_ORDER = 0;
const BY_TRADE = 1;

/**
 * The market-data Step: folds the core's events into the visible book of every instrument, and tells the public the top
 * of a book when a command has changed it, and every trade; and whatever more of an instrument is wanted: levels, orders,
 * candles, statistics, states (`want`). What is wanted decides what is written, and changes nothing of the state.
 *
 * TopOfBook and TradePrint count one sequence an instrument; all other records carry the sequence of their command.
 *
 * Time comes with the events. Where none come for a while, whoever runs the Step may hand it a SetTime record that is no
 * event, so that candles end and the day does; a time before the last one changes nothing.
 *
 * A plain limit order, accepted or replaced without keeping its place, is on its way until its command ends: what its
 * trades and cancels leave of it then rests, and no event says so. Whatever is more than that (OrderAcceptedFull, and
 * OrderReplaced of an iceberg) stands in the book from an OrderShown on. Trades take from what is shown; a cut takes what
 * is hidden first; an iceberg whose visible part is used up is out of the book until it is shown again. Orders that are
 * in no book (dormant stops, legs that wait for their pair, what can never rest) are not known here, and what is said
 * about them changes nothing.
 *
 * One thread; nothing is allocated after construction. Events must come from the first one on, or from a loaded state.
 */
export class MarketData implements Step {
  readonly books: VisibleBooks;
  private readonly tops: Tops;
  private readonly output: RecordOutput;
  private readonly levelChanges: LevelChanges;
  private readonly orders: OrderRecords;
  private readonly candles: Candles;
  private readonly days: DayStatistics;
  private readonly states: MarketStates;
  private readonly instruments: number;
  /** Sequence and time of the last event, and the order that is on its way, id 0 when there is none; and more, see above. */
  private readonly now = new Float64Array(DOUBLES);
  private pendingBookSide = 0;
  /** The command whose event came last has more of them. */
  private isOpen = false;
  /** By instrument: bits of Wanted. */
  private readonly wanted: Uint8Array;
  /** By instrument: whether the running command has traded. */
  private readonly hasTraded: Uint8Array;
  /** Instruments that the running command has touched, each once. */
  private readonly touched: Int32Array;
  private readonly isTouched: Uint8Array;
  private touchedCount = 0;
  /** Instruments that have been heard of: ids below this. */
  private known = 0;

  /** Throws RangeError on capacities that are out of range. */
  constructor(output: EventOutput, capacities: BookCapacities) {
    this.instruments = capacities.instruments;
    this.books = new VisibleBooks(capacities);
    this.output = new RecordOutput(output);
    this.tops = new Tops(this.books, this.output, capacities.instruments);
    this.levelChanges = new LevelChanges(this.books, this.output, capacities);
    this.orders = new OrderRecords(this.books, this.output);
    this.candles = new Candles(capacities.instruments);
    this.days = new DayStatistics(capacities.instruments);
    this.states = new MarketStates(capacities.instruments);
    this.wanted = new Uint8Array(capacities.instruments);
    this.hasTraded = new Uint8Array(capacities.instruments);
    this.now[LEVELS_TOLD] = this.levelChanges.table.version;
    this.touched = new Int32Array(capacities.instruments);
    this.isTouched = new Uint8Array(capacities.instruments);
  }

  /** Sequence of the command whose event came last. */
  get lastSeq(): number {
    return this.now[SEQ];
  }

  /** Whether everything is told of the last command, so that the books are those behind it. */
  get isBetweenCommands(): boolean {
    return !this.isOpen;
  }

  /** Every level of every book, as a table: the group is the instrument, `writeLevel` reads its slots. */
  get levels(): Table {
    return this.levelChanges.table;
  }

  /** Writes the level in a slot of `levels` into a LevelUpdate whose header is written: price, quantity, orders, side, instrument. */
  writeLevel(slot: number, words: Int32Array, at: number): void {
    this.levelChanges.write(slot, words, at);
  }

  /** The engine's time of the last event, or a later one that was told; microseconds since the epoch. */
  get timeUs(): number {
    return this.now[TIME];
  }

  /** Says what is told of an instrument from now on, beside tops and trades: bits 1 << Channel. */
  want(instrument: number, bits: number): void {
    this.checkInstrument(instrument);
    this.wanted[instrument] = bits;
  }

  /** Takes the next event, or a time. Throws when it does not fit to what came before, or when the capacities are too small. */
  apply(words: Int32Array, at: number): void {
    if (Header.templateId(words, at) === SetTime.TEMPLATE_ID) return this.passTime(SetTime.at(words, at));
    const seq = Header.seq(words, at);
    const due = this.isOpen ? this.now[SEQ] : this.now[SEQ] + 1;
    // Every command has at least one event, so a number that is left out is an event that was lost.
    if (seq !== due) throw new Error(`an event of command ${due} was due and one of ${seq} came: events before it are missing`);
    this.now[SEQ] = seq;
    this.passTime(Header.time(words, at));
    this.isOpen = (Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0;
    this.fold(words, at);
    if (!this.isOpen) this.endCommand();
  }

  /** Tells the top of every instrument of which something else, or nothing, was told last: for a start from a seed. */
  tellAll(): void {
    for (let instrument = 0; instrument < this.known; instrument++) this.tops.update(instrument, this.now[TIME]);
  }

  /** Writes a TopOfBook record of an instrument: what was told last, under the sequence of the instrument's last record. */
  top(instrument: number, words: Int32Array, at: number): void {
    this.checkInstrument(instrument);
    this.tops.write(instrument, this.now[TIME], words, at);
  }

  /** Writes what was traded of an instrument today. */
  writeStatistics(instrument: number, words: Int32Array, at: number): void {
    this.checkInstrument(instrument);
    this.days.write(instrument, this.now[SEQ], this.now[TIME], words, at);
  }

  /** Closed candles of an instrument that can be written; `interval` is an index of INTERVALS_US. */
  candlesKept(instrument: number, interval: number): number {
    return this.candles.kept(instrument, interval);
  }

  /** Whether a candle runs, which can be written with age 0. */
  hasCandle(instrument: number, interval: number): boolean {
    return this.candles.isRunning(instrument, interval);
  }

  /** Writes a Candle: the running one with `age` 0, the last closed one with 1, and so on up to `candlesKept`. */
  writeCandle(instrument: number, interval: number, age: number, words: Int32Array, at: number): void {
    this.checkInstrument(instrument);
    this.candles.write(instrument, interval, age, this.now[SEQ], this.now[TIME], words, at);
  }

  /** Writes how an instrument trades: a MarketState. */
  writeState(instrument: number, words: Int32Array, at: number): void {
    this.checkInstrument(instrument);
    this.states.write(instrument, this.now[SEQ], this.now[TIME], words, at);
  }

  /** The trading state that was told last of an instrument, a value of TradingState; NULL_UINT8 when none was. */
  tradingState(instrument: number): number {
    return instrument < this.instruments ? this.states.stateOf(instrument) : NULL_UINT8;
  }

  save(out: StateWriter): void {
    const { since } = this.days;
    saveHead(out, { seq: this.now[SEQ], time: this.now[TIME], isOpen: this.isOpen, since, instruments: this.known });
    for (let instrument = 0; instrument < this.known; instrument++) {
      this.states.save(instrument, out);
      this.days.save(instrument, out);
      this.candles.save(instrument, out);
      this.tops.save(instrument, out);
      this.saveSide(2 * instrument, out);
      this.saveSide(2 * instrument + 1, out);
    }
    out.int64(this.now[PENDING_ID]);
    if (this.now[PENDING_ID] !== 0) {
      out.uint32(this.pendingBookSide);
      out.int64(this.now[PENDING_PRICE]);
      out.int64(this.now[PENDING_LEAVES]);
    }
    out.uint32(this.touchedCount);
    for (let index = 0; index < this.touchedCount; index++) {
      const instrument = this.touched[index];
      out.uint32(instrument);
      out.uint8(this.hasTraded[instrument]);
      this.levelChanges.save(instrument, this.now[LEVELS_TOLD], out);
    }
  }

  load(input: StateReader): void {
    if (this.now[SEQ] !== 0) throw new Error("a state can only be loaded into new market data");
    const head = loadHead(input);
    if (head.instruments > this.instruments)
      throw new RangeError(`capacities.instruments is ${this.instruments}, the saved state has ${head.instruments}`);
    this.now[SEQ] = head.seq;
    this.now[TIME] = head.time;
    this.now[BOUNDARY] = head.time - (head.time % SECOND_US) + SECOND_US;
    this.days.countFrom(head.since);
    this.isOpen = head.isOpen;
    this.known = head.instruments;
    for (let instrument = 0; instrument < head.instruments; instrument++) {
      this.states.load(instrument, input);
      this.days.load(instrument, input);
      this.candles.load(instrument, input);
      this.tops.load(instrument, input);
      this.loadSide(2 * instrument, input);
      this.loadSide(2 * instrument + 1, input);
    }
    this.now[PENDING_ID] = input.int64();
    if (this.now[PENDING_ID] !== 0) {
      this.pendingBookSide = input.uint32();
      this.now[PENDING_PRICE] = input.int64();
      this.now[PENDING_LEAVES] = input.int64();
    }
    this.levelChanges.addAll(head.instruments);
    this.now[LEVELS_TOLD] = this.levelChanges.table.version;
    const touched = input.uint32();
    for (let index = 0; index < touched; index++) {
      const instrument = input.uint32();
      this.touch(instrument);
      this.hasTraded[instrument] = input.uint8();
      this.levelChanges.load(instrument, input);
    }
  }

  digest(): string {
    return digestOf((out) => this.save(out));
  }

  private fold(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.accepted(words, at);
      case OrderAcceptedFull.TEMPLATE_ID:
        return this.arrive();
      case OrderShown.TEMPLATE_ID:
        return this.shown(words, at);
      case Trade.TEMPLATE_ID:
        return this.traded(words, at);
      case OrderCanceled.TEMPLATE_ID:
        return this.canceled(OrderCanceled.orderId(words, at));
      case OrderReduced.TEMPLATE_ID:
        return this.reduced(OrderReduced.orderId(words, at), OrderReduced.leavesQty(words, at));
      case OrderReplaced.TEMPLATE_ID:
        return this.replaced(words, at);
      case InstrumentState.TEMPLATE_ID:
        return this.stateChanged(words, at);
      case AuctionIndication.TEMPLATE_ID:
        return this.indicated(words, at);
    }
  }

  private accepted(words: Int32Array, at: number): void {
    const tif = OrderAccepted.tif(words, at);
    const isPassing = tif === TimeInForce.ioc || tif === TimeInForce.fok || OrderAccepted.ordType(words, at) === OrdType.market;
    if (isPassing) return this.arrive();
    const bookSide = 2 * OrderAccepted.instrument(words, at) + OrderAccepted.side(words, at);
    this.comes(OrderAccepted.orderId(words, at), bookSide, OrderAccepted.price(words, at), OrderAccepted.qty(words, at));
  }

  /** An order stands here with this visible quantity; one that stood here before keeps its place. */
  private shown(words: Int32Array, at: number): void {
    const orderId = OrderShown.orderId(words, at);
    const bookSide = 2 * OrderShown.instrument(words, at) + OrderShown.side(words, at);
    const price = OrderShown.price(words, at);
    const visible = OrderShown.qty(words, at);
    if (orderId === this.now[PENDING_ID]) this.now[PENDING_ID] = 0;
    // While an order is under way, only orders of the other side are shown: one of its own side comes behind it.
    else if (bookSide === this.pendingBookSide) this.arrive();
    this.touch(bookSide >>> 1);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) return this.rest(orderId, bookSide, price, visible);
    if (this.books.bookSideOf(slot) === bookSide && this.books.priceOf(slot) === price) return this.setVisible(slot, visible, BY_ORDER);
    this.remove(slot, BY_ORDER);
    this.rest(orderId, bookSide, price, visible);
  }

  /** The maker rests; in an uncross both do. A taker is in no book. */
  private traded(words: Int32Array, at: number): void {
    const qty = Trade.qty(words, at);
    const takerId = Trade.takerOrderId(words, at);
    this.restingTraded(Trade.makerOrderId(words, at), qty);
    if (Trade.aggressor(words, at) === NULL_UINT8) this.restingTraded(takerId, qty);
    else if (takerId === this.now[PENDING_ID]) this.pendingLeaves(this.now[PENDING_LEAVES] - qty);
    else if (this.books.find(takerId) !== NO_SLOT) this.throwMissing(takerId, "is a taker, and in the market-data book");
    this.tops.print(words, at, this.now[TIME]);
    this.summed(Trade.instrument(words, at), Trade.price(words, at), qty, Trade.openInterest(words, at));
  }

  private restingTraded(orderId: number, qty: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(this.now[PENDING_LEAVES] - qty);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) this.throwMissing(orderId, "is not in the market-data book");
    const visible = this.books.visibleOf(slot) - qty;
    if (visible < 0) this.throwMissing(orderId, "trades more than the market-data book has of it");
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.setVisible(slot, visible, BY_TRADE);
  }

  private summed(instrument: number, price: number, qty: number, openInterest: number): void {
    this.touch(instrument);
    this.hasTraded[instrument] = 1;
    this.candles.trade(instrument, price, qty, this.now[TIME]);
    this.days.trade(instrument, price, qty, openInterest);
  }

  private canceled(orderId: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(0);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) return;
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.remove(slot, BY_ORDER);
  }

  /** What is hidden goes first. */
  private reduced(orderId: number, leaves: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(leaves);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT || this.books.visibleOf(slot) <= leaves) return;
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.setVisible(slot, leaves, BY_ORDER);
  }

  /** One that has lost its place is on its way again; an iceberg is shown when it rests. */
  private replaced(words: Int32Array, at: number): void {
    const orderId = OrderReplaced.orderId(words, at);
    const leaves = OrderReplaced.leavesQty(words, at);
    if (OrderReplaced.keptPriority(words, at) === 1) return this.reduced(orderId, leaves);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) return;
    const bookSide = this.books.bookSideOf(slot);
    this.touch(bookSide >>> 1);
    this.remove(slot, BY_ORDER);
    if (OrderReplaced.displayQty(words, at) === NULL_INT64) this.comes(orderId, bookSide, OrderReplaced.price(words, at), leaves);
  }

  private stateChanged(words: Int32Array, at: number): void {
    const instrument = InstrumentState.instrument(words, at);
    this.touch(instrument);
    this.states.change(instrument, InstrumentState.state(words, at), InstrumentState.reason(words, at));
    this.tellState(instrument, 0);
  }

  /** The result of an uncross holds for the moment only. */
  private indicated(words: Int32Array, at: number): void {
    const instrument = AuctionIndication.instrument(words, at);
    const isFinal = AuctionIndication.final(words, at);
    this.touch(instrument);
    this.states.indicate(instrument, AuctionIndication.price(words, at), AuctionIndication.qty(words, at));
    this.tellState(instrument, isFinal);
    if (isFinal === 1) this.states.indicate(instrument, NULL_INT64, 0);
  }

  private tellState(instrument: number, isFinal: number): void {
    if ((this.wanted[instrument] & Wanted.STATE) === 0) return;
    const at = this.output.claim(MarketState.RECORD_BYTES);
    this.states.write(instrument, this.now[SEQ], this.now[TIME], this.output.words, at);
    MarketState.setFinal(this.output.words, at, isFinal);
    this.output.commit();
  }

  /** An order is on its way; the one before it has arrived. */
  private comes(orderId: number, bookSide: number, price: number, leaves: number): void {
    this.arrive();
    this.now[PENDING_ID] = orderId;
    this.now[PENDING_PRICE] = price;
    this.now[PENDING_LEAVES] = leaves;
    this.pendingBookSide = bookSide;
    this.touch(bookSide >>> 1);
  }

  /** What is left of the order that is on its way rests. */
  private arrive(): void {
    const orderId = this.now[PENDING_ID];
    if (orderId === 0) return;
    this.now[PENDING_ID] = 0;
    this.rest(orderId, this.pendingBookSide, this.now[PENDING_PRICE], this.now[PENDING_LEAVES]);
  }

  private rest(orderId: number, bookSide: number, price: number, visible: number): void {
    const { books } = this;
    const slot = books.rest(orderId, bookSide, price, visible);
    const level = books.levelOf(slot);
    if (books.levelOrders(level) === 1) this.levelChanges.added(level, bookSide >>> 1);
    else this.levelChanges.changed(level);
    if ((this.wanted[bookSide >>> 1] & Wanted.ORDERS) !== 0) this.orders.added(slot, this.now[SEQ], this.now[TIME]);
  }

  /** With 0 the order is gone. */
  private setVisible(slot: number, visible: number, cause: number): void {
    if (visible === 0) return this.remove(slot, cause);
    const { books } = this;
    const before = books.visibleOf(slot);
    if (visible === before) return;
    books.setVisible(slot, visible);
    this.levelChanges.changed(books.levelOf(slot));
    const wanted = this.wanted[books.bookSideOf(slot) >>> 1];
    if ((wanted & Wanted.ORDERS) !== 0) this.orders.changed(slot, cause, this.now[SEQ], this.now[TIME]);
  }

  private remove(slot: number, cause: number): void {
    const { books } = this;
    const level = books.levelOf(slot);
    const wanted = this.wanted[books.bookSideOf(slot) >>> 1];
    if ((wanted & Wanted.ORDERS) !== 0) this.orders.removed(slot, cause, this.now[SEQ], this.now[TIME]);
    const isLast = books.levelOrders(level) === 1;
    if (isLast) this.levelChanges.removed(level);
    books.remove(slot);
    if (!isLast) this.levelChanges.changed(level);
  }

  /** The order that is on its way has so much open from now on. */
  private pendingLeaves(leaves: number): void {
    this.now[PENDING_LEAVES] = leaves;
    if (leaves === 0) this.now[PENDING_ID] = 0;
  }

  private throwMissing(orderId: number, what: string): never {
    throw new Error(`order ${orderId} of command ${this.now[SEQ]} ${what}: events before it are missing`);
  }

  private touch(instrument: number): void {
    if (instrument >= this.instruments)
      throw new RangeError(`market data holds ${this.instruments} instruments, and the core has more: raise capacities.instruments`);
    if (this.isTouched[instrument] === 1) return;
    this.isTouched[instrument] = 1;
    this.touched[this.touchedCount++] = instrument;
    if (instrument >= this.known) this.known = instrument + 1;
  }

  private endCommand(): void {
    this.arrive();
    for (let index = 0; index < this.touchedCount; index++) {
      const instrument = this.touched[index];
      this.isTouched[instrument] = 0;
      this.tops.update(instrument, this.now[TIME]);
      if (this.wanted[instrument] !== 0) this.tellWanted(instrument, this.wanted[instrument]);
      this.hasTraded[instrument] = 0;
    }
    this.touchedCount = 0;
    this.now[LEVELS_TOLD] = this.levelChanges.table.version;
  }

  private tellWanted(instrument: number, wanted: number): void {
    if ((wanted & Wanted.BOOK) !== 0) this.levelChanges.tell(instrument, this.now[LEVELS_TOLD], this.now[SEQ], this.now[TIME]);
    if (this.hasTraded[instrument] === 0) return;
    if ((wanted & Wanted.CANDLES) !== 0) for (let interval = 0; interval < INTERVALS; interval++) this.tellCandle(instrument, interval, 0);
    if ((wanted & Wanted.STATISTICS) !== 0) this.tellDay(instrument);
  }

  /** `age` as of `Candles.write`. */
  private tellCandle(instrument: number, interval: number, age: number): void {
    const at = this.output.claim(Candle.RECORD_BYTES);
    this.candles.write(instrument, interval, age, this.now[SEQ], this.now[TIME], this.output.words, at);
    this.output.commit();
  }

  private tellDay(instrument: number): void {
    const at = this.output.claim(Statistics.RECORD_BYTES);
    this.days.write(instrument, this.now[SEQ], this.now[TIME], this.output.words, at);
    this.output.commit();
  }

  /** It is so late now, or later. */
  private passTime(time: number): void {
    if (time <= this.now[TIME]) return;
    this.now[TIME] = time;
    if (time >= this.now[BOUNDARY]) this.passSecond(time);
  }

  /** Candles end, and perhaps the day. */
  private passSecond(time: number): void {
    this.now[BOUNDARY] = time - (time % SECOND_US) + SECOND_US;
    for (let instrument = 0; instrument < this.known; instrument++) {
      const isWanted = (this.wanted[instrument] & Wanted.CANDLES) !== 0;
      for (let interval = 0; interval < INTERVALS; interval++) {
        if (this.candles.close(instrument, interval, time) && isWanted) this.tellCandle(instrument, interval, 1);
      }
    }
    if (!this.days.isOver(time)) return;
    this.days.beginDay(time);
    for (let instrument = 0; instrument < this.known; instrument++) {
      const isWanted = (this.wanted[instrument] & Wanted.STATISTICS) !== 0;
      if (this.days.clear(instrument) && isWanted) this.tellDay(instrument);
    }
  }

  private checkInstrument(instrument: number): void {
    if (instrument >= 0 && instrument < this.instruments) return;
    throw new RangeError(`instrument must be from 0 to ${this.instruments - 1}, was ${instrument}`);
  }

  private saveSide(bookSide: number, out: StateWriter): void {
    const books = this.books;
    for (let level = books.bestLevel(bookSide); level !== NIL; level = books.nextLevel(level)) {
      const price = books.levelPrice(level);
      for (let slot = books.firstSlot(level); slot !== NO_SLOT; slot = books.nextSlot(slot)) {
        saveOrder(out, { orderId: books.orderIdOf(slot), price, visible: books.visibleOf(slot) });
      }
    }
    saveSideEnd(out);
  }

  private loadSide(bookSide: number, input: StateReader): void {
    while (hasOrder(input)) this.books.rest(input.int64(), bookSide, input.int64(), input.int64());
  }
}
