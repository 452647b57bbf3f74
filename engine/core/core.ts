import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../step.js";
import { CODES } from "../wire/codes.js";
import {
  Cancel,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  MassCancel,
  NewOrder,
  Reduce,
  Replace,
  SetTime,
} from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { BEYOND } from "../wire/numbers.js";
import { Accounts } from "./accounts.js";
import { OrderBook } from "./book/order-book.js";
import { check, checkInstrumentBook, checkOwners, loadBookSide, saveBookSide } from "./book-state.js";
import { type Capacities, checkedCapacities } from "./capacities.js";
import { Currencies } from "./currencies.js";
import { Emitter } from "./emitter.js";
import { Instruments } from "./instruments.js";
import { CancelReduce } from "./match/cancel-reduce.js";
import type { Floor } from "./match/floor.js";
import { MassCancels } from "./match/mass-cancel.js";
import { Matching } from "./match/matching.js";
import { NewOrders } from "./match/new-order.js";
import { Replacements } from "./match/replace.js";
import { checkAccounts, checkBooks, checkCurrencies, checkInstruments, checkOrder, countOf } from "./saved-state.js";
import { SetUp } from "./set-up.js";

// Consts of this module are folded into the code; imported bindings are loaded and compared at each use.
const { seq: seqOf, time: timeOf, templateId: templateIdOf } = Header;
const NEW_ORDER = NewOrder.TEMPLATE_ID;
const CANCEL = Cancel.TEMPLATE_ID;
const REDUCE = Reduce.TEMPLATE_ID;
const REPLACE = Replace.TEMPLATE_ID;
const MASS_CANCEL = MassCancel.TEMPLATE_ID;

const STATE_VERSION = 1;
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
  readonly book: OrderBook;
  private readonly emitter: Emitter;
  private readonly setUp: SetUp;
  private readonly newOrders: NewOrders;
  private readonly cancelReduce: CancelReduce;
  private readonly replacements: Replacements;
  private readonly massCancels: MassCancels;
  /** Sequence of the last command, the clock in µs, and the clock before the last command. */
  private readonly now = new Float64Array(3);

  constructor(output: EventOutput, capacities: Partial<Capacities> = {}) {
    const sizes = checkedCapacities(capacities);
    this.currencies = new Currencies(sizes.currencies);
    this.instruments = new Instruments(sizes.instruments);
    this.accounts = new Accounts(sizes.accounts);
    this.book = new OrderBook(sizes, this.accounts);
    this.emitter = new Emitter(output, this.book);
    this.setUp = new SetUp(this.currencies, this.instruments, this.accounts, this.emitter);
    const floor: Floor = {
      accounts: this.accounts,
      instruments: this.instruments,
      book: this.book,
      emitter: this.emitter,
      matching: new Matching(this.book, this.accounts, this.emitter),
    };
    this.newOrders = new NewOrders(floor);
    this.cancelReduce = new CancelReduce(floor);
    this.replacements = new Replacements(floor);
    this.massCancels = new MassCancels(floor);
  }

  /** Sequence of the last command; the next one must carry one more. */
  get lastSeq(): number {
    return this.now[SEQ];
  }

  /** The clock, µs since the Unix epoch. It never goes back. */
  get time(): number {
    return this.now[TIME];
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
    this.emitter.begin(words, at, time);
    this.dispatch(words, at);
    this.emitter.end();
  }

  save(out: StateWriter): void {
    out.uint32(STATE_VERSION);
    out.int64(this.now[SEQ]);
    out.int64(this.now[TIME]);
    out.int64(this.newOrders.lastOrderId);
    out.int64(this.emitter.lastTradeId);
    this.currencies.save(out);
    this.instruments.save(out);
    this.accounts.save(out);
    for (let bookSide = 0; bookSide < 2 * this.instruments.count; bookSide++) saveBookSide(this.book, bookSide, out);
  }

  /** Throws RangeError on bytes that `save` would not have written, and when the capacities are too small for them. */
  load(input: StateReader): void {
    const version = input.uint32();
    if (version !== STATE_VERSION) throw new RangeError(`state version must be ${STATE_VERSION}, was ${version}`);
    if (this.now[SEQ] !== 0) throw new Error("a state can only be loaded into a new core");
    this.now[SEQ] = countOf(input.int64(), "the number of the last command");
    this.now[TIME] = countOf(input.int64(), "the time");
    const lastOrderId = countOf(input.int64(), "the last order id");
    this.newOrders.lastOrderId = lastOrderId;
    this.emitter.lastTradeId = countOf(input.int64(), "the last trade id");
    this.currencies.load(input);
    checkCurrencies(this.currencies);
    this.instruments.load(input, (currency) => this.currencies.scaleOf(currency));
    checkInstruments(this.instruments, this.currencies);
    this.accounts.load(input);
    checkAccounts(this.accounts);
    const { accounts, instruments, book } = this;
    const check = (slot: number): void => checkOrder(book, slot, accounts, instruments, lastOrderId);
    for (let bookSide = 0; bookSide < 2 * instruments.count; bookSide++) loadBookSide(book, bookSide, input, check);
    checkBooks(book, instruments);
  }

  digest(): string {
    return digestOf((out) => this.save(out));
  }

  /** Checks every structure against every other; throws Error at the first contradiction. Tests and `--verify` only. */
  assertConsistent(): void {
    let orders = 0;
    for (let instrument = 0; instrument < this.instruments.count; instrument++) {
      orders += checkInstrumentBook(this.book, this.accounts, instrument);
    }
    check(this.book.pool.size === orders, "every slot in use is an order in a book");
    check(checkOwners(this.book, this.accounts) === orders, "every order has an owner");
  }

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
      case SetTime.TEMPLATE_ID:
        return this.setTime(words, at);
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

  private setTime(words: Int32Array, at: number): void {
    const to = SetTime.at(words, at);
    this.emitter.answer(SetTime.session(words, at));
    if (to === BEYOND || to < this.now[TIME]) {
      this.emitter.commandRejected(to === BEYOND ? CODES.BAD_VALUE : CODES.TIME_BACKWARDS, SetTime.TEMPLATE_ID);
      return;
    }
    this.now[TIME] = to;
    this.emitter.commandDone(0, SetTime.TEMPLATE_ID);
  }
}
