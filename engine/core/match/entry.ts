import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { Dormancy, Extra } from "../book/order-extras.js";
import { ordTypeOf, Slot, Trait, tifOf } from "../book/order-pool.js";
import { TriggerBooks } from "../book/trigger-books.js";
import type { Emitter } from "../emitter.js";
import { Attention, type Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import type { OrderTrials } from "../risk/order-trials.js";
import type { CarefulFills } from "./careful-fills.js";
import type { Interruptions } from "./interruptions.js";
import { type Matching, Print } from "./matching.js";
import type { MoneyOrders } from "./money-orders.js";
import { levelCode } from "./order-checks.js";
import { AccountState, Cause, Check, State, Tif, Type } from "./order-types.js";
import type { PriceBounds } from "./price-bounds.js";

/** An uncross may print so often, when reduce-only orders that are cut leave the book crossed again and again. */
const PRINTS_MAX = 256;

/** What an entry works on. */
export interface EntryRooms {
  readonly accounts: Accounts;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly book: OrderBook;
  readonly emitter: Emitter;
  readonly matching: Matching;
  readonly careful: CarefulFills;
  readonly money: MoneyOrders;
  readonly interruptions: Interruptions;
  readonly bounds: PriceBounds;
  readonly trials: OrderTrials;
}

/**
 * How any order enters a book that asks for more than the plain way (SEMANTICS 2.6 to 2.8): cut by reduce-only, held back by
 * protection and band, all or nothing, matched, rested; and how stops that its prints reach enter after it, one after the other,
 * to a fixpoint. Orders that come here are accepted and hold a slot; one that may rest is live already. Shard thread only.
 */
export class Entry {
  /** What `collectReached` tests stops against, in order: trades in ticks. */
  private readonly prints = new Float64Array(PRINTS_MAX);
  private printCount = 0;
  /** The running order had extras when it entered, so market data is told where it rests; a leg may have lost them since. */
  private isShown = false;
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;

  constructor(private readonly rooms: EntryRooms) {
    this.orders = rooms.book.pool.words;
    this.doubles = rooms.book.pool.doubles;
  }

  /** An order that stands in no queue enters: it matches while the instrument is open, and rests or ends. `minQty` 0: any. */
  enter(slot: number, minQty: number): void {
    const { markets } = this.rooms;
    const instrument = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
    markets.touch(instrument);
    this.isShown = (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
    if (!this.cutToRoom(slot)) return;
    if (markets.states[instrument] !== State.OPEN) this.rest(slot);
    else this.match(slot, instrument, minQty);
  }

  /** A market order by money (SETTLED O9) enters; the instrument is open. */
  enterByMoney(slot: number, money: number): void {
    const { book, positions } = this.rooms;
    const base = slot * Slot.WORDS;
    const bookSide = this.orders[base + Slot.BOOK_SIDE];
    const isReduceOnly = (this.orders[base + Slot.TRAITS] & Trait.REDUCE_ONLY) !== 0;
    const room = isReduceOnly ? positions.room(this.orders[base + Slot.ACCOUNT], bookSide) : Number.POSITIVE_INFINITY;
    const { bounds } = this.rooms;
    const wanted = bounds.wantedKey(slot);
    const limitKey = bounds.boundKey(slot, wanted);
    const isBreaker = bounds.isBreaker;
    const wasHeldBack = this.rooms.money.run(slot, money, room, limitKey, wanted);
    book.end(slot);
    this.afterMatch(bookSide >>> 1, wasHeldBack, isBreaker);
  }

  /** A stop enters: it waits, or fires at once when the last trade has reached it in an open instrument (SEMANTICS 5). */
  enterStop(slot: number): void {
    const { markets, book } = this.rooms;
    const base = slot * Slot.WORDS;
    const bookSide = this.orders[base + Slot.BOOK_SIDE];
    const last = markets.lastPrices[bookSide >>> 1];
    if (ordTypeOf(this.orders[base + Slot.TRAITS]) === Type.TRAILING_STOP) book.triggers.startTrail(slot, bookSide, last);
    this.wait(slot);
  }

  /** As `enterStop`, for a stop that has its stop price. */
  wait(slot: number): void {
    const { markets, book } = this.rooms;
    const bookSide = this.orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const last = markets.lastPrices[instrument];
    const stop = book.extras.doubles[slot * Extra.DOUBLES + Extra.STOP];
    if (markets.states[instrument] === State.OPEN && last !== 0 && TriggerBooks.reaches(bookSide, stop, last)) {
      this.fire(slot);
      return;
    }
    book.sleep(slot);
    markets.mark(instrument, Attention.STOPS, true);
  }

  /** The two legs of a pair enter, the limit first (SETTLED T7). Both are pending. `newcomer` is the one that the command brought. */
  enterPair(limit: number, stop: number, newcomer: number): void {
    const { book, emitter } = this.rooms;
    if (newcomer !== limit) emitter.answerNobody();
    book.wake(limit);
    this.enter(limit, 0);
    if (newcomer === limit) emitter.answerNobody();
    else emitter.answerAgain();
    if (book.extras.words[stop * Extra.WORDS + Extra.DORMANCY] !== Dormancy.PENDING) return;
    book.wake(stop);
    this.enterStop(stop);
  }

  /** After an aggressor's trades: stops that they have reached join the queue; trailing stops follow (SETTLED T1, T2). */
  collect(instrument: number): void {
    const { markets, matching } = this.rooms;
    if (matching.prints[Print.FIRST] === 0 || (markets.attention[instrument] & Attention.STOPS) === 0) return;
    this.startPrints();
    this.addPrint(matching.prints[Print.FIRST]);
    if (matching.prints[Print.LAST] !== matching.prints[Print.FIRST]) this.addPrint(matching.prints[Print.LAST]);
    this.collectReached(instrument);
  }

  startPrints(): void {
    this.printCount = 0;
  }

  /** A price that stops are tested against; 0: none. Beyond so many the last one counts. */
  addPrint(price: number): void {
    if (price === 0) return;
    const at = Math.min(this.printCount, PRINTS_MAX - 1);
    this.prints[at] = price;
    this.printCount = at + 1;
  }

  /** As `collect`, for the prints that were added. */
  collectReached(instrument: number): void {
    const { markets, book } = this.rooms;
    if ((markets.attention[instrument] & Attention.STOPS) === 0) return;
    for (let bookSide = 2 * instrument; bookSide <= 2 * instrument + 1; bookSide++) {
      for (let index = 0; index < this.printCount; index++) this.collectSide(bookSide, this.prints[index]);
    }
    if (book.triggers.countOf(instrument) === 0) markets.mark(instrument, Attention.STOPS, false);
  }

  /** Fires what is queued, and what that reaches, until nothing is left. */
  fireAll(): void {
    const { queue } = this.rooms.book;
    while (queue.first !== 0) {
      const slot = queue.first;
      this.rooms.emitter.answerNobody();
      this.rooms.book.wake(slot);
      this.fire(slot);
    }
  }

  private collectSide(bookSide: number, print: number): void {
    const { triggers, queue } = this.rooms.book;
    triggers.moveReached(bookSide, print, queue);
    triggers.follow(bookSide, print);
  }

  /** A stop that waits no longer enters as what it becomes (SETTLED T6, T10). */
  private fire(slot: number): void {
    const { markets, accounts, emitter, careful, book } = this.rooms;
    const base = slot * Slot.WORDS;
    const bookSide = this.orders[base + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const account = this.orders[base + Slot.ACCOUNT];
    emitter.triggered(slot, markets.lastPrices[instrument], true);
    const isKilled = markets.isKilled(instrument) || accounts.killed[account] !== 0;
    const isStopped = isKilled || accounts.states[account] !== AccountState.ACTIVE;
    if (!isStopped && !this.cutToRoom(slot)) return;
    if (isStopped || this.rooms.trials.triggered(slot) !== Check.OK || !this.hasLevelRoom(slot)) {
      careful.tellCanceled(slot, Cause.RISK_ON_TRIGGER, true);
      book.forget(slot);
      return;
    }
    this.enter(slot, 0);
  }

  /** Whether what is left of an order that may rest would find its level. */
  private hasLevelRoom(slot: number): boolean {
    const base = slot * Slot.WORDS;
    const key = this.doubles[slot * Slot.DOUBLES + Slot.KEY];
    const traits = this.orders[base + Slot.TRAITS];
    if (key === Number.NEGATIVE_INFINITY || tifOf(traits) === Tif.IOC || tifOf(traits) === Tif.FOK) return true;
    const bookSide = this.orders[base + Slot.BOOK_SIDE];
    return levelCode(this.rooms.book, bookSide, key, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]) === Check.OK;
  }

  /** Reduce-only gives up what it may not trade (SETTLED O12). Returns false when the order is gone. */
  private cutToRoom(slot: number): boolean {
    const base = slot * Slot.WORDS;
    if ((this.orders[base + Slot.TRAITS] & Trait.REDUCE_ONLY) === 0) return true;
    const room = this.rooms.positions.room(this.orders[base + Slot.ACCOUNT], this.orders[base + Slot.BOOK_SIDE]);
    const excess = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] - room;
    if (room === 0) {
      this.rooms.careful.tellCanceled(slot, Cause.REDUCE_ONLY, true);
      this.rooms.book.end(slot);
    } else if (excess > 0) this.rooms.careful.reduceAggressor(slot, excess, Cause.REDUCE_ONLY);
    return room !== 0;
  }

  private match(slot: number, instrument: number, minQty: number): void {
    const { matching, careful, book } = this.rooms;
    const base = slot * Slot.WORDS;
    const bookSide = this.orders[base + Slot.BOOK_SIDE];
    const tif = tifOf(this.orders[base + Slot.TRAITS]);
    const { bounds } = this.rooms;
    const wantedKey = bounds.wantedKey(slot);
    const limitKey = bounds.boundKey(slot, wantedKey);
    const isBreaker = bounds.isBreaker;
    const least = tif === Tif.FOK ? this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] : minQty;
    if (least > 0 && !matching.canTrade(slot, least, limitKey)) {
      careful.tellCanceled(slot, tif === Tif.FOK ? Cause.FOK : Cause.MIN_QTY, true);
      book.end(slot);
      return;
    }
    const isOver = !matching.runWithin(slot, limitKey);
    const wasHeldBack = !isOver && bounds.crosses(bookSide, wantedKey);
    if (isOver) book.end(slot);
    else this.restOrCancel(slot, tif);
    this.afterMatch(instrument, wasHeldBack, isBreaker);
  }

  private restOrCancel(slot: number, tif: number): void {
    const isMarket = this.doubles[slot * Slot.DOUBLES + Slot.KEY] === Number.NEGATIVE_INFINITY;
    if (!isMarket && tif !== Tif.IOC && tif !== Tif.FOK) {
      this.rest(slot);
      return;
    }
    this.rooms.careful.tellCanceled(slot, isMarket ? Cause.NO_LIQUIDITY : Cause.IOC, true);
    this.rooms.book.end(slot);
  }

  private rest(slot: number): void {
    const { book, careful } = this.rooms;
    if (book.pool.owners[slot] === 0) book.register(slot);
    if (this.isShown) careful.show(slot);
    else book.enqueue(slot);
  }

  private afterMatch(instrument: number, wasHeldBack: boolean, isBreaker: boolean): void {
    if (!wasHeldBack) {
      this.collect(instrument);
      return;
    }
    const { prints } = this.rooms.matching;
    this.rooms.interruptions.begin(instrument, prints[Print.FIRST], prints[Print.LAST], isBreaker);
  }
}
