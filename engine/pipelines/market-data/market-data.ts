import { NIL } from "../../flat/level-tree.js";
import { NO_SLOT } from "../../flat/slot-index.js";
import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../../step.js";
import {
  InstrumentState,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderShown,
  Trade,
} from "../../wire/flyweights.js";
import { OrdType, TimeInForce } from "../../wire/generated/enums.js";
import * as Header from "../../wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../wire/numbers.js";
import { hasOrder, loadHead, saveHead, saveOrder, saveSideEnd, saveTradingState } from "./market-data-state.js";
import { Tops } from "./tops.js";
import { type BookCapacities, VisibleBooks } from "./visible-books.js";

const SEQ = 0;
const TIME = 1;
const PENDING_ID = 2;
const PENDING_PRICE = 3;
const PENDING_LEAVES = 4;
const DOUBLES = 5;

/**
 * The market-data Step: folds the core's events into the visible book of every instrument, and tells the public the top
 * of a book when a command has changed it, and every trade.
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
  private readonly instruments: number;
  /** Sequence and time of the last event, and the order that is on its way; id 0 when there is none. */
  private readonly now = new Float64Array(DOUBLES);
  private pendingBookSide = 0;
  /** The command whose event came last has more of them. */
  private isOpen = false;
  /** By instrument: its trading state, NULL_UINT8 as long as none was told. */
  private readonly states: Uint8Array;
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
    this.tops = new Tops(this.books, output, capacities.instruments);
    this.states = new Uint8Array(capacities.instruments).fill(NULL_UINT8);
    this.touched = new Int32Array(capacities.instruments);
    this.isTouched = new Uint8Array(capacities.instruments);
  }

  /** Sequence of the command whose event came last. */
  get lastSeq(): number {
    return this.now[SEQ];
  }

  /** Takes the next event. Throws when it does not fit to what came before, or when the capacities are too small. */
  apply(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    const due = this.isOpen ? this.now[SEQ] : this.now[SEQ] + 1;
    // Every command has at least one event, so a number that is left out is an event that was lost.
    if (seq !== due) throw new Error(`an event of command ${due} was due and one of ${seq} came: events before it are missing`);
    this.now[SEQ] = seq;
    this.now[TIME] = Header.time(words, at);
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
    if (!(instrument >= 0 && instrument < this.instruments))
      throw new RangeError(`instrument must be from 0 to ${this.instruments - 1}, was ${instrument}`);
    this.tops.write(instrument, this.now[TIME], words, at);
  }

  /** The trading state that was told last of an instrument, a value of TradingState; NULL_UINT8 when none was. */
  tradingState(instrument: number): number {
    return instrument < this.instruments ? this.states[instrument] : NULL_UINT8;
  }

  save(out: StateWriter): void {
    saveHead(out, { seq: this.now[SEQ], time: this.now[TIME], isOpen: this.isOpen, instruments: this.known });
    for (let instrument = 0; instrument < this.known; instrument++) {
      saveTradingState(out, this.states[instrument]);
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
    for (let index = 0; index < this.touchedCount; index++) out.uint32(this.touched[index]);
  }

  load(input: StateReader): void {
    if (this.now[SEQ] !== 0) throw new Error("a state can only be loaded into new market data");
    const head = loadHead(input);
    if (head.instruments > this.instruments)
      throw new RangeError(`capacities.instruments is ${this.instruments}, the saved state has ${head.instruments}`);
    this.now[SEQ] = head.seq;
    this.now[TIME] = head.time;
    this.isOpen = head.isOpen;
    this.known = head.instruments;
    for (let instrument = 0; instrument < head.instruments; instrument++) {
      this.states[instrument] = input.uint8();
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
    const touched = input.uint32();
    for (let index = 0; index < touched; index++) this.touch(input.uint32());
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
        return this.stateChanged(InstrumentState.instrument(words, at), InstrumentState.state(words, at));
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
    if (slot === NO_SLOT) return this.books.rest(orderId, bookSide, price, visible);
    if (this.books.bookSideOf(slot) === bookSide && this.books.priceOf(slot) === price) return this.books.setVisible(slot, visible);
    this.books.remove(slot);
    this.books.rest(orderId, bookSide, price, visible);
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
  }

  private restingTraded(orderId: number, qty: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(this.now[PENDING_LEAVES] - qty);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) this.throwMissing(orderId, "is not in the market-data book");
    const visible = this.books.visibleOf(slot) - qty;
    if (visible < 0) this.throwMissing(orderId, "trades more than the market-data book has of it");
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.books.setVisible(slot, visible);
  }

  private canceled(orderId: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(0);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT) return;
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.books.remove(slot);
  }

  /** What is hidden goes first. */
  private reduced(orderId: number, leaves: number): void {
    if (orderId === this.now[PENDING_ID]) return this.pendingLeaves(leaves);
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT || this.books.visibleOf(slot) <= leaves) return;
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.books.setVisible(slot, leaves);
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
    this.books.remove(slot);
    if (OrderReplaced.displayQty(words, at) === NULL_INT64) this.comes(orderId, bookSide, OrderReplaced.price(words, at), leaves);
  }

  private stateChanged(instrument: number, state: number): void {
    this.touch(instrument);
    this.states[instrument] = state;
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
    this.books.rest(orderId, this.pendingBookSide, this.now[PENDING_PRICE], this.now[PENDING_LEAVES]);
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
    }
    this.touchedCount = 0;
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
