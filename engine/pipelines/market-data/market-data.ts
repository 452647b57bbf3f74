import { NIL } from "../../flat/level-tree.js";
import { NO_SLOT } from "../../flat/slot-index.js";
import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../../step.js";
import { OrderAccepted, OrderCanceled, OrderReduced, OrderReplaced, Trade } from "../../wire/flyweights.js";
import * as Header from "../../wire/header.js";
import { hasOrder, loadHead, saveHead, saveOrder, saveSideEnd } from "./market-data-state.js";
import { Tops } from "./tops.js";
import { type BookCapacities, VisibleBooks } from "./visible-books.js";

const SEQ = 0;
const TIME = 1;
const PENDING_ID = 2;
const PENDING_PRICE = 3;
const PENDING_LEAVES = 4;

/**
 * The market-data Step: folds the core's events into the visible book of every instrument, and tells the public the top
 * of a book when a command has changed it, and every trade.
 *
 * An order that is accepted, or replaced without keeping its place, is on its way until its command ends or the next
 * order comes: what its trades and cancels leave of it then rests, and no event says so.
 *
 * One thread; nothing is allocated after construction. Events must come from the first one on, or from a loaded state.
 */
export class MarketData implements Step {
  readonly books: VisibleBooks;
  private readonly tops: Tops;
  private readonly instruments: number;
  /** Sequence and time of the last event, and the order that is on its way; id 0 when there is none. */
  private readonly now = new Float64Array(5);
  private pendingBookSide = 0;
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
    this.touched = new Int32Array(capacities.instruments);
    this.isTouched = new Uint8Array(capacities.instruments);
  }

  /** Sequence of the command whose event came last. */
  get lastSeq(): number {
    return this.now[SEQ];
  }

  /** Takes the next event. Throws when it does not fit to what came before, or when the capacities are too small. */
  apply(words: Int32Array, at: number): void {
    this.now[SEQ] = Header.seq(words, at);
    this.now[TIME] = Header.time(words, at);
    this.fold(words, at);
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) !== 0) this.endCommand();
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

  save(out: StateWriter): void {
    saveHead(out, { seq: this.now[SEQ], time: this.now[TIME], instruments: this.known });
    for (let instrument = 0; instrument < this.known; instrument++) {
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
    this.known = head.instruments;
    for (let instrument = 0; instrument < head.instruments; instrument++) {
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
      case Trade.TEMPLATE_ID:
        return this.traded(words, at);
      case OrderCanceled.TEMPLATE_ID:
        return this.leave(OrderCanceled.orderId(words, at), 0);
      case OrderReduced.TEMPLATE_ID:
        return this.leave(OrderReduced.orderId(words, at), OrderReduced.leavesQty(words, at));
      case OrderReplaced.TEMPLATE_ID:
        return this.replaced(words, at);
    }
  }

  private accepted(words: Int32Array, at: number): void {
    const bookSide = 2 * OrderAccepted.instrument(words, at) + OrderAccepted.side(words, at);
    this.comes(OrderAccepted.orderId(words, at), bookSide, OrderAccepted.price(words, at), OrderAccepted.qty(words, at));
  }

  private traded(words: Int32Array, at: number): void {
    this.leave(Trade.makerOrderId(words, at), Trade.makerLeavesQty(words, at));
    this.leave(Trade.takerOrderId(words, at), Trade.takerLeavesQty(words, at));
    this.tops.print(words, at, this.now[TIME]);
  }

  private replaced(words: Int32Array, at: number): void {
    const orderId = OrderReplaced.orderId(words, at);
    const leaves = OrderReplaced.leavesQty(words, at);
    const slot = this.slotOf(orderId);
    const bookSide = this.books.bookSideOf(slot);
    if (OrderReplaced.keptPriority(words, at) === 1) {
      this.touch(bookSide >>> 1);
      this.books.shrinkTo(slot, leaves);
      return;
    }
    this.books.remove(slot);
    this.comes(orderId, bookSide, OrderReplaced.price(words, at), leaves);
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

  /** An order, on its way or resting, has so much open from now on. */
  private leave(orderId: number, leaves: number): void {
    if (orderId === this.now[PENDING_ID]) {
      if (leaves === 0) this.now[PENDING_ID] = 0;
      this.now[PENDING_LEAVES] = leaves;
      return;
    }
    const slot = this.slotOf(orderId);
    this.touch(this.books.bookSideOf(slot) >>> 1);
    this.books.shrinkTo(slot, leaves);
  }

  private slotOf(orderId: number): number {
    const slot = this.books.find(orderId);
    if (slot === NO_SLOT)
      throw new Error(`order ${orderId} of command ${this.now[SEQ]} is not in the market-data book: events before it are missing`);
    return slot;
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
        saveOrder(out, { orderId: books.orderIdOf(slot), price, leaves: books.leavesOf(slot) });
      }
    }
    saveSideEnd(out);
  }

  private loadSide(bookSide: number, input: StateReader): void {
    while (hasOrder(input)) this.books.rest(input.int64(), bookSide, input.int64(), input.int64());
  }
}
