import { Memory } from "../flat/memory.js";
import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../step.js";
import {
  Cancel,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  EndOrder,
  MassCancel,
  NewOrder,
  NewOrderFull,
  Reduce,
  Replace,
  SetKill,
  SetState,
  SetTime,
} from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { Accounts } from "./accounts.js";
import { OrderBook } from "./book/order-book.js";
import { check, checkDormants, checkInstrumentBook, checkOwners, checkPositions } from "./book-check.js";
import { loadBooks, saveBooks } from "./book-state.js";
import { type Capacities, checkedCapacities, memoryBytesFor } from "./capacities.js";
import { Currencies } from "./currencies.js";
import { Emitter } from "./emitter.js";
import { Instruments } from "./instruments.js";
import { Markets } from "./markets.js";
import { CancelReduce } from "./match/cancel-reduce.js";
import type { Floor } from "./match/floor.js";
import { makeFloor } from "./match/make-floor.js";
import { MassCancels } from "./match/mass-cancel.js";
import { NewOrders } from "./match/new-order.js";
import { OrderLists } from "./match/order-lists.js";
import { Replacements } from "./match/replace.js";
import { Timers } from "./match/timers.js";
import { TradingStates } from "./match/trading-states.js";
import { Positions } from "./positions.js";
import {
  checkAccounts,
  checkBooks,
  checkCurrencies,
  checkFlag,
  checkInstruments,
  checkMarket,
  checkOrder,
  checkPosition,
  countOf,
} from "./saved-state.js";
import { attentionOf, SetUp } from "./set-up.js";

// Consts of this module are folded into the code; imported bindings are loaded and compared at each use.
const { seq: seqOf, time: timeOf, templateId: templateIdOf } = Header;
const NEW_ORDER = NewOrder.TEMPLATE_ID;
const CANCEL = Cancel.TEMPLATE_ID;
const REDUCE = Reduce.TEMPLATE_ID;
const REPLACE = Replace.TEMPLATE_ID;
const MASS_CANCEL = MassCancel.TEMPLATE_ID;

const STATE_VERSION = 2;
const SEQ = 0;
const TIME = 1;
const TIME_BEFORE = 2;

/**
 * The trading Step: instruments, accounts, books, matching. Commands come as stamped records, events go into the event
 * ring; the owner publishes them. Everything that it knows follows from the commands, so a replay ends in the same bits.
 *
 * One thread, the shard's. Nothing is allocated for order commands after construction. A broken command of a client is
 * an event; a record that should never have got here is our own mistake, and throws.
 */
export class TradingCore implements Step {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly book: OrderBook;
  private readonly floor: Floor;
  private readonly lists: OrderLists;
  private readonly emitter: Emitter;
  private readonly setUp: SetUp;
  private readonly newOrders: NewOrders;
  private readonly cancelReduce: CancelReduce;
  private readonly replacements: Replacements;
  private readonly massCancels: MassCancels;
  private readonly states: TradingStates;
  private readonly timers: Timers;
  /** Sequence of the last command, the clock in µs, and the clock before the last command. */
  private readonly now = new Float64Array(3);

  constructor(output: EventOutput, capacities: Partial<Capacities> = {}) {
    const sizes = checkedCapacities(capacities);
    const memory = new Memory(memoryBytesFor(sizes));
    this.currencies = new Currencies(sizes.currencies);
    this.instruments = new Instruments(sizes.instruments);
    this.accounts = new Accounts(sizes.accounts);
    this.markets = new Markets(sizes.instruments, this.now);
    this.positions = new Positions(sizes.positions, sizes.orders, sizes.instruments, memory);
    this.book = new OrderBook(sizes, this.accounts, memory);
    this.lists = new OrderLists(this.book);
    this.emitter = new Emitter(output, this.book);
    this.setUp = new SetUp(this.currencies, this.instruments, this.accounts, this.markets, this.emitter);
    this.floor = makeFloor(this, this.lists, this.emitter, this.now);
    this.newOrders = new NewOrders(this.floor);
    this.cancelReduce = new CancelReduce(this.floor);
    this.replacements = new Replacements(this.floor);
    this.massCancels = new MassCancels(this.floor, this.lists);
    this.states = new TradingStates(this.floor, this.lists);
    this.timers = new Timers(this.floor, this.states);
  }

  /** Sequence of the last command; the next one must carry one more. */
  get lastSeq(): number {
    return this.now[SEQ];
  }

  /** The clock, µs since the Unix epoch. It never goes back. */
  get time(): number {
    return this.now[TIME];
  }

  /** When the next expiry or reopening is due, µs since the epoch; Infinity when none is. A SetTime from then on fires it. */
  get nextTimerAt(): number {
    return this.timers.nextAt;
  }

  /**
   * Applies one command and writes its events. They are committed to the ring, not published. Throws Error, with nothing
   * changed, on a record that is no command or has another seq.
   */
  apply(words: Int32Array, at: number): void {
    const seq = seqOf(words, at);
    const before = this.now[TIME];
    const time = Math.max(timeOf(words, at), before);
    if (seq !== this.now[SEQ] + 1) throw new Error(`command seq must be ${this.now[SEQ] + 1}, was ${seq}`);
    this.now[SEQ] = seq;
    this.now[TIME] = time;
    this.now[TIME_BEFORE] = before;
    this.emitter.begin(words, at, this.now);
    this.dispatch(words, at);
    if (this.markets.auctionCalls !== 0) this.markets.eachTouched(this.tellIndication);
    this.emitter.end();
  }

  save(out: StateWriter): void {
    out.uint32(STATE_VERSION);
    out.int64(this.now[SEQ]);
    this.saveState(out);
  }

  /** What the commands have made, but not how many they were: a command that is rejected changes none of it. */
  private saveState(out: StateWriter): void {
    out.int64(this.now[TIME]);
    out.int64(this.newOrders.lastOrderId);
    out.int64(this.emitter.lastTradeId);
    out.uint8(this.markets.globalKill);
    this.currencies.save(out);
    this.instruments.save(out, (id) => this.markets.save(id, out));
    this.accounts.save(out);
    this.positions.save(out);
    saveBooks(this.book, this.instruments.count, this.lists, out);
  }

  /** Throws RangeError on bytes that `save` would not have written, and when the capacities are too small for them. */
  load(input: StateReader): void {
    const version = input.uint32();
    const seq = input.int64();
    if (version !== STATE_VERSION) throw new RangeError(`state version must be ${STATE_VERSION}, was ${version}`);
    if (this.now[SEQ] !== 0) throw new Error("a state can only be loaded into a new core");
    this.now[SEQ] = countOf(seq, "the number of the last command");
    this.now[TIME] = countOf(input.int64(), "the time");
    const lastOrderId = countOf(input.int64(), "the last order id");
    this.newOrders.lastOrderId = lastOrderId;
    this.emitter.lastTradeId = countOf(input.int64(), "the last trade id");
    const globalKill = checkFlag(input.uint8(), "the global kill switch");
    this.currencies.load(input);
    checkCurrencies(this.currencies);
    const { accounts, instruments, markets, positions, book } = this;
    instruments.load(
      input,
      (currency) => this.currencies.scaleOf(currency),
      (id) => {
        markets.load(id, input, attentionOf(instruments.specOf(id)));
        checkMarket(markets, instruments, id);
      },
    );
    checkInstruments(instruments, this.currencies);
    markets.setGlobalKill(globalKill, instruments.count);
    accounts.load(input);
    checkAccounts(accounts);
    positions.load(input, (account, instrument, lots) => checkPosition(accounts, instruments, account, instrument, lots));
    const check = (slot: number): void => checkOrder(book, slot, accounts, instruments, lastOrderId, seq);
    loadBooks(this.floor, input, check);
    checkBooks(book, instruments, markets);
  }

  /** SHA-256 over the state without the sequence: a rejected command leaves it as it is. */
  digest(): string {
    return digestOf((out) => {
      out.uint32(STATE_VERSION);
      this.saveState(out);
    });
  }

  /** Checks every structure against every other; throws Error at the first contradiction. Tests and `--verify` only. */
  assertConsistent(): void {
    let resting = 0;
    for (let instrument = 0; instrument < this.instruments.count; instrument++) {
      resting += checkInstrumentBook(this.book, this.accounts, this.markets, instrument);
    }
    const dormant = checkDormants(this.book, this.markets, this.instruments.count);
    checkPositions(this.positions);
    check(this.book.pool.size === resting + dormant, "every slot in use is an order in a book, or dormant");
    check(checkOwners(this.book, this.accounts) === resting + dormant, "every order has an owner");
  }

  /** In an auction call every change of the book may change what it would trade (SETTLED S12). */
  private readonly tellIndication = (instrument: number, hasBegun: boolean): void => this.floor.auction.tell(instrument, hasBegun);

  private dispatch(words: Int32Array, at: number): void {
    switch (templateIdOf(words, at)) {
      case NEW_ORDER:
        return this.newOrders.place(words, at);
      case CANCEL:
        return this.cancelReduce.cancel(words, at);
      case REDUCE:
        return this.cancelReduce.reduce(words, at);
      case REPLACE:
        return this.replacements.replace(words, at);
      case MASS_CANCEL:
        return this.massCancels.massCancel(words, at);
      case NewOrderFull.TEMPLATE_ID:
        return this.newOrders.placeFull(words, at);
      case EndOrder.TEMPLATE_ID:
        return this.cancelReduce.endOrder(words, at);
      case SetTime.TEMPLATE_ID:
        return this.timers.setTime(words, at);
      case SetState.TEMPLATE_ID:
        return this.states.setState(words, at);
      case SetKill.TEMPLATE_ID:
        return this.states.setKill(words, at);
      case DefineCurrency.TEMPLATE_ID:
        return this.setUp.defineCurrency(words, at);
      case DefineInstrument.TEMPLATE_ID:
        return this.setUp.defineInstrument(words, at);
      case DefineAccount.TEMPLATE_ID:
        return this.setUp.defineAccount(words, at);
      default:
        return this.refuseTemplate(templateIdOf(words, at));
    }
  }

  /** Takes back what `apply` has moved: asked beforehand, every command would pay for it. */
  private refuseTemplate(templateId: number): never {
    this.now[SEQ]--;
    this.now[TIME] = this.now[TIME_BEFORE];
    throw new Error(`template ${templateId} is no command of the core`);
  }
}
