import { Memory } from "../flat/memory.js";
import { digestOf, type EventOutput, type StateReader, type StateWriter, type Step } from "../step.js";
import {
  Cancel,
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  Deposit,
  EndOrder,
  MassCancel,
  NewOrder,
  NewOrderFull,
  Reduce,
  Replace,
  Review,
  SetAccountState,
  SetKill,
  SetKyc,
  SetLimits,
  SetMark,
  SetState,
  SetTime,
  Transfer,
  Withdraw,
} from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { NULL_INT64 } from "../wire/numbers.js";
import { Accounts } from "./accounts.js";
import { OrderBook } from "./book/order-book.js";
import { check, checkDormants, checkInstrumentBook, checkOwners } from "./book-check.js";
import { loadBooks, saveBooks } from "./book-state.js";
import { type Capacities, checkedCapacities, memoryBytesFor } from "./capacities.js";
import { Currencies } from "./currencies.js";
import { Emitter } from "./emitter.js";
import { Instruments } from "./instruments.js";
import type { Balances } from "./ledger/balances.js";
import { Funding } from "./ledger/funding.js";
import type { Movements } from "./ledger/movements.js";
import { Statements } from "./ledger/statements.js";
import { checkLedger } from "./ledger-check.js";
import { loadBalances, loadPositions, saveBalances, savePositions } from "./ledger-state.js";
import { type Ledger, makeLedger } from "./make-ledger.js";
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
import type { Positions } from "./positions.js";
import { Alerts } from "./risk/alerts.js";
import { Liquidations } from "./risk/liquidations.js";
import { RiskCommands } from "./risk/risk-commands.js";
import { type Shortfall, shortfallOf } from "./risk/shortfall.js";
import type { Touched } from "./risk/touched.js";
import {
  checkAccounts,
  checkBooks,
  checkCurrencies,
  checkFlag,
  checkInstruments,
  checkMarket,
  checkOrder,
  countOf,
  refuseUnless,
} from "./saved-state.js";
import { attentionOf, SetUp } from "./set-up.js";

// Consts of this module are folded into the code; imported bindings are loaded and compared at each use.
const { seq: seqOf, time: timeOf, templateId: templateIdOf } = Header;
const NEW_ORDER = NewOrder.TEMPLATE_ID;
const CANCEL = Cancel.TEMPLATE_ID;
const REDUCE = Reduce.TEMPLATE_ID;
const REPLACE = Replace.TEMPLATE_ID;
const MASS_CANCEL = MassCancel.TEMPLATE_ID;

const STATE_VERSION = 3;
const SEQ = 0;
const TIME = 1;
const TIME_BEFORE = 2;
const DAY_END = 3;
const DAY_US = 86_400_000_000;

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
  readonly ledger: Ledger;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly movements: Movements;
  readonly book: OrderBook;
  readonly statements: Statements;
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
  private readonly funding: Funding;
  private readonly riskCommands: RiskCommands;
  private readonly liquidations: Liquidations;
  private readonly alerts: Alerts;
  /** Accounts that alerts may be due to, and those that may be unsound: asked after every command. */
  private readonly touched: Touched;
  private readonly suspects: Touched;
  /** Sequence of the last command, the clock in µs, the clock before the last command, and when the running UTC day ends. */
  private readonly now = new Float64Array([0, 0, 0, DAY_US]);

  constructor(output: EventOutput, capacities: Partial<Capacities> = {}, lastId = 0) {
    const sizes = checkedCapacities(capacities);
    const memory = new Memory(memoryBytesFor(sizes));
    this.currencies = new Currencies(sizes.currencies);
    this.instruments = new Instruments(sizes.instruments);
    this.accounts = new Accounts(sizes.accounts);
    this.markets = new Markets(sizes.instruments, this.now);
    const { currencies, instruments, accounts, markets, now } = this;
    this.ledger = makeLedger({ currencies, instruments, accounts, markets, now }, sizes, memory);
    const { positions, balances, movements, limits, margin, watch, settlement, touched } = this.ledger;
    this.positions = positions;
    this.balances = balances;
    this.touched = touched;
    this.suspects = watch.suspects;
    this.movements = movements;
    this.book = new OrderBook(sizes, accounts, { accounts, instruments, positions, balances, touched }, memory);
    const { book } = this;
    this.lists = new OrderLists(book);
    this.emitter = new Emitter(output, book, settlement.figures);
    const { emitter } = this;
    this.setUp = new SetUp(currencies, instruments, accounts, markets, limits, this.ledger.breakers, emitter);
    this.floor = makeFloor({ ...this.ledger, accounts, instruments, markets, book }, this.lists, emitter, now);
    this.statements = new Statements({ accounts, instruments, positions, balances, margin });
    this.newOrders = new NewOrders(this.floor);
    this.cancelReduce = new CancelReduce(this.floor);
    this.replacements = new Replacements(this.floor);
    this.massCancels = new MassCancels(this.floor, this.lists);
    this.states = new TradingStates(this.floor, this.lists);
    this.timers = new Timers(this.floor, this.states, this.startDay);
    this.funding = new Funding({ ...this.ledger, currencies, accounts, emitter, now, onNewBalance: positions.onNewBalance });
    this.riskCommands = new RiskCommands({ accounts, instruments, markets, positions, limits, watch, emitter });
    const { entry, careful, trials } = this.floor;
    this.liquidations = new Liquidations(
      { accounts, instruments, markets, positions, balances, book, margin, watch, emitter, entry, careful, trials, touched },
      this.states,
    );
    this.alerts = new Alerts({ accounts, positions, balances, margin, touched, emitter });
    this.newOrders.lastOrderId = lastId;
    this.emitter.lastTradeId = lastId;
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

  /** Lots that are long of a margin instrument; NULL_INT64 of a spot one, and above 2^53−1. */
  openInterestOf(instrument: number): number {
    return this.instruments.isMargin[instrument] === 0 ? NULL_INT64 : this.ledger.openInterest.within(instrument);
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
    if (time >= this.now[DAY_END]) this.startDay();
    this.dispatch(words, at);
    if (this.suspects.count !== 0 && !this.emitter.isRejected) this.liquidations.run();
    if (this.touched.count !== 0) this.alerts.tell();
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
    const { fees, deposited, withdrawn, breakers, limits } = this.ledger;
    out.int64(this.now[TIME]);
    out.int64(this.newOrders.lastOrderId);
    out.int64(this.emitter.lastTradeId);
    out.uint8(this.markets.globalKill);
    this.currencies.save(out, (id) => {
      for (const sums of [fees, deposited, withdrawn]) sums.save(id, out);
    });
    this.instruments.save(out, (id) => {
      this.markets.save(id, out);
      breakers.save(id, out);
    });
    this.accounts.save(out, (id) => limits.saveAccount(id, out));
    limits.save(out);
    savePositions(this.positions, out);
    saveBalances(this.balances, out);
    this.movements.save(out);
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
    const { accounts, currencies, instruments, markets, positions, balances, book } = this;
    const { fees, deposited, withdrawn, openInterest, breakers, limits, watch } = this.ledger;
    currencies.load(input, (id) => {
      for (const sums of [fees, deposited, withdrawn]) sums.load(id, input);
    });
    checkCurrencies(currencies);
    instruments.load(
      input,
      (currency) => currencies.scaleOf(currency),
      (id) => {
        const spec = instruments.specOf(id);
        markets.load(id, input, attentionOf(spec));
        checkMarket(markets, instruments, id);
        if (spec.breakerBps > 0) breakers.declare(id, spec.breakerBps, spec.breakerWindowUs);
        breakers.load(id, input);
      },
    );
    checkInstruments(instruments, currencies);
    markets.setGlobalKill(globalKill, instruments.count);
    accounts.load(input, (id) => limits.loadAccount(id, input));
    checkAccounts(accounts);
    limits.load(input);
    const rooms = { currencies, instruments, accounts, positions, balances, openInterest };
    loadPositions(rooms, input);
    loadBalances(rooms, input, positions.onNewBalance);
    this.movements.load(input, accounts.count, currencies.count);
    this.funding.restorePending();
    this.now[DAY_END] = DAY_US * (Math.floor(this.now[TIME] / DAY_US) + 1);
    const check = (slot: number): void => checkOrder(book, slot, accounts, instruments, lastOrderId, seq);
    loadBooks(this.floor, input, check);
    checkBooks(book, instruments, markets);
    this.refuseContradictions();
    watch.suspectAll();
  }

  /** Money and positions add up, every hold belongs to something (SEMANTICS 9), and no stop waits for what was: else it was never saved. */
  private refuseContradictions(): void {
    const { ledger, currencies, instruments, accounts, markets, book } = this;
    try {
      checkDormants(book, markets, instruments.count);
      checkLedger({ ...ledger, currencies, instruments, accounts, book });
    } catch (error) {
      refuseUnless(false, (error as Error).message);
    }
  }

  /** What the new order was short of that was rejected by the last command; undefined when that compares no amounts. For texts: it allocates. */
  shortfall(account: number, instrument: number, side: number, code: number): Shortfall | undefined {
    const { accounts, instruments, positions, balances, ledger, floor } = this;
    const rooms = { accounts, instruments, positions, balances, margin: ledger.margin, intent: floor.preTrade.intent };
    return shortfallOf(rooms, account, instrument, side, code);
  }

  /** Atoms of a currency that an account may withdraw; Infinity for an unchecked one. */
  freeOf(account: number, currency: number): number {
    return this.funding.freeOf(account, currency);
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
    checkLedger({ ...this.ledger, currencies: this.currencies, instruments: this.instruments, accounts: this.accounts, book: this.book });
    check(this.book.pool.size === resting + dormant, "every slot in use is an order in a book, or dormant");
    check(checkOwners(this.book, this.accounts) === resting + dormant, "every order has an owner");
  }

  /** The clock has come into another UTC day: what counts by the day begins anew (SETTLED K4). */
  private readonly startDay = (): void => {
    if (this.now[TIME] < this.now[DAY_END]) return;
    this.now[DAY_END] = DAY_US * (Math.floor(this.now[TIME] / DAY_US) + 1);
    this.positions.forgetDay();
    this.balances.forgetDay();
  };

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
        return this.dispatchAdmin(words, at);
    }
  }

  /** Commands of admins about funds and risk. */
  private dispatchAdmin(words: Int32Array, at: number): void {
    switch (templateIdOf(words, at)) {
      case Deposit.TEMPLATE_ID:
        return this.funding.deposit(words, at);
      case Withdraw.TEMPLATE_ID:
        return this.funding.withdraw(words, at);
      case Transfer.TEMPLATE_ID:
        return this.funding.transfer(words, at);
      case Review.TEMPLATE_ID:
        return this.funding.review(words, at);
      case SetKyc.TEMPLATE_ID:
        return this.funding.setKyc(words, at);
      case SetAccountState.TEMPLATE_ID:
        return this.riskCommands.setAccountState(words, at);
      case SetMark.TEMPLATE_ID:
        return this.riskCommands.setMark(words, at);
      case SetLimits.TEMPLATE_ID:
        return this.riskCommands.setLimits(words, at);
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
