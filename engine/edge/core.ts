import { Slot } from "../core/book/order-pool.js";
import { type Capacities, checkedCapacities } from "../core/capacities.js";
import { TradingCore } from "../core/core.js";
import type { GateReader } from "../ring/gate-reader.js";
import type { RecordHandler } from "../ring/ring-reader.js";
import type { SingleProducer } from "../ring/single-producer.js";
import { SpscRing } from "../ring/spsc-ring.js";
import { bytesOf, StateReader } from "../step.js";
import { CommandDone, DefineAccount, DefineCurrency, DefineInstrument } from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { NULL_INT64, writeInt64 } from "../wire/numbers.js";
import { Catalog, type InstrumentInfo } from "./catalog.js";
import { CommandError } from "./command-error.js";
import { checkShape, integerOf, isQuery } from "./command-shape.js";
import { isNegative, type NumberText } from "./decimal.js";
import { decode } from "./decode.js";
import { COMMAND_BYTES_MAX, encode } from "./encode.js";
import { instrumentInfo } from "./instrument-info.js";
import { balancesOf, bookRows, liveOrders } from "./queries.js";
import { rejectText } from "./reject-text.js";
import type { StateReport } from "./report-types.js";
import { type SetUpConfig, setUpCommands } from "./set-up-config.js";
import { stateReport } from "./state-report.js";
import type { BalancesEvent, BookEvent, Command, Event, LiveOrder, Query } from "./types.js";

export interface CoreConfig extends SetUpConfig {
  /** How much it can hold; see `Capacities`. */
  readonly capacities?: Partial<Capacities>;
  /** Gets each command record once it was applied, seq and time stamped, with its length in bytes: for a journal. It must not keep `words`. */
  readonly onCommand?: RecordHandler;
}

/** What follows a core from its records, as market data does, starts from. The engine's own. */
export interface CoreInside {
  readonly trading: TradingCore;
  readonly catalog: Catalog;
  readonly capacities: Capacities;
}

const EVENT_RING_BYTES = 1 << 18;
const DRAIN_LIMIT = 1 << 16;

/**
 * The whole engine without threads: a synchronous, deterministic state machine. Commands and events are objects with
 * names and decimal strings, as in `docs/SCRIPT.md`; inside, every command goes through the same record as on the wire.
 * For backtests, simulations, tests and browsers.
 *
 * One thread. The clock only moves by `time` commands.
 */
export class Core {
  private readonly catalog = new Catalog();
  private readonly events: GateReader;
  private readonly producer: SingleProducer;
  private readonly trading: TradingCore;
  private readonly record = new Int32Array(COMMAND_BYTES_MAX / 4);
  private readonly idWords = new Int32Array(2);
  private onRecord: RecordHandler = ignore;
  private readonly onCommand: RecordHandler;
  private readonly capacities: Capacities;
  private follower: RecordHandler = ignore;
  /** What the caller's handler has thrown during this command: one thing at most. */
  private readonly failures: unknown[] = [];

  /** Throws CommandError or RangeError, naming what is wrong in the configuration. */
  constructor(config: CoreConfig = {}) {
    const ring = SpscRing.create({ capacityBytes: EVENT_RING_BYTES, shared: false });
    this.producer = ring.producer();
    this.events = ring.gate();
    this.onCommand = config.onCommand ?? ignore;
    this.capacities = checkedCapacities(config.capacities ?? {});
    this.trading = new TradingCore({ ring: this.producer, makeRoom: () => this.drain() }, config.capacities);
    for (const command of setUpCommands(config)) {
      this.apply(command, (event) => {
        if (event.event === "rejected") throw new CommandError(`${JSON.stringify(command)}: ${event.reason}`);
      });
    }
  }

  /** A core that goes on exactly where the one went on that `snapshot` was taken from. Throws RangeError on other bytes. */
  static restore(bytes: Uint8Array, config: Pick<CoreConfig, "capacities" | "onCommand"> = {}): Core {
    const core = new Core(config);
    const input = new StateReader(bytes);
    core.trading.load(input);
    if (!input.isAtEnd) throw new RangeError("this is no saved state: there are bytes behind its end");
    core.learnAll();
    return core;
  }

  /** From now on `follower` sees each event record, behind whoever has sent the command; it must not throw, and not keep `words`. One at most. */
  follow(follower: RecordHandler): CoreInside {
    this.follower = follower;
    return { trading: this.trading, catalog: this.catalog, capacities: this.capacities };
  }

  /** Sequence of the last command; queries take none. */
  get lastSeq(): number {
    return this.trading.lastSeq;
  }

  /**
   * Applies one command and calls `onEvent` for each of its events, in order, before it returns. `onEvent` must not call
   * back into the core. Throws CommandError, with nothing applied, for what is no command at all; everything that the
   * engine itself refuses is a `rejected` event.
   */
  apply(command: Command, onEvent: (event: Event) => void): void {
    const checked = checkShape(command);
    if (isQuery(checked)) {
      onEvent(this.answer(checked));
      return;
    }
    encode(
      checked,
      { catalog: this.catalog, instrumentOfOrder: this.instrumentOfOrder },
      this.record,
      0,
      this.lastSeq + 1,
      this.trading.time,
    );
    this.applyRecord(this.record, 0, (words, at) => {
      const event = decode(words, at, this.catalog, checked);
      if (event?.event === "rejected") event.text = rejectText(this.trading, this.catalog, checked, event) ?? event.text;
      if (event !== undefined) onEvent(event);
    });
  }

  /**
   * Applies a command record in place: seq `lastSeq` + 1 and the time stamped, account and instrument as dense ids.
   * `onRecord` sees each event record before it returns; it must not keep `words`. When it throws, the command is applied
   * all the same, `onRecord` sees no more of its events, and the error is thrown again at the end. Throws Error, with
   * nothing applied, on a record that is no command or has another seq.
   */
  applyRecord(words: Int32Array, at: number, onRecord: RecordHandler = ignore): void {
    this.onRecord = onRecord;
    this.failures.length = 0;
    try {
      this.trading.apply(words, at);
      this.onCommand(words, at, Header.length(words, at));
    } finally {
      this.drain();
      this.onRecord = ignore;
    }
    if (this.failures.length > 0) throw this.failures.pop();
  }

  /** Best first; `depth` rows a side, all without one. Throws CommandError on an unknown symbol. */
  book(symbol: string, depth = Number.POSITIVE_INFINITY): BookEvent {
    const info = this.catalog.instrument(symbol);
    if (info === undefined) throw new CommandError(`unknown symbol: ${symbol}`);
    const bids = bookRows(this.trading, info, 0, depth);
    return { event: "book", symbol, bids, asks: bookRows(this.trading, info, 1, depth) };
  }

  /** Live orders by symbol id, side, priority. Throws CommandError on an unknown account. */
  orders(account: string): LiveOrder[] {
    return liveOrders(this.trading, this.accountOf(account), this.catalog.allInstruments());
  }

  /** Balances by currency id and margin positions by symbol id. Throws CommandError on an unknown account. */
  balances(account: string): BalancesEvent {
    return balancesOf(this.trading, this.accountOf(account));
  }

  /** Balances, positions, holds, limits and their use, and the zero-sum proof of every currency: everything as of the last command. */
  report(): StateReport {
    return stateReport(this.trading);
  }

  /** SHA-256 of the whole state, 64 hex digits. It depends on the commands alone. */
  stateHash(): string {
    return this.trading.digest();
  }

  /** The whole state, independent of how it is kept. */
  snapshot(): Uint8Array {
    return bytesOf((out) => this.trading.save(out));
  }

  /** Checks every structure against every other. Visits everything; throws Error at the first contradiction. */
  assertConsistent(): void {
    this.trading.assertConsistent();
  }

  private answer(query: Query): Event {
    if (query.cmd === "hash") return { event: "hash", seq: this.lastSeq, hash: this.stateHash() };
    if (query.cmd === "orders") return { event: "orders", account: query.account, orders: this.orders(query.account) };
    if (query.cmd === "balances") return this.balances(query.account);
    return this.book(query.symbol, query.depth === undefined ? undefined : depthOf(query.depth));
  }

  private accountOf(name: string): number {
    const id = this.catalog.accountId(name);
    if (id === undefined) throw new CommandError(`unknown account: ${name}`);
    return id;
  }

  private readonly instrumentOfOrder = (account: number, clOrdId: number, orderId: number): InstrumentInfo | undefined => {
    const { book } = this.trading;
    const ids = this.idWords;
    writeInt64(ids, 0, clOrdId === NULL_INT64 ? orderId : clOrdId);
    const find = clOrdId === NULL_INT64 ? book.findByOrderId : book.findByClOrdId;
    const slot = find.call(book, account, ids[0], ids[1]);
    return slot === 0 ? undefined : this.catalog.instrumentById(book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
  };

  private drain(): void {
    this.producer.publish();
    this.events.poll(this.handOn, DRAIN_LIMIT);
  }

  /**
   * Learns what was declared and hands the event on. It never throws: the ring is drained in the middle of a command too,
   * and an error of the caller must neither leave the command half done nor its events to the next one.
   */
  private readonly handOn: RecordHandler = (words, at, lengthBytes) => {
    if (Header.templateId(words, at) === CommandDone.TEMPLATE_ID)
      this.learn(CommandDone.refTemplateId(words, at), CommandDone.refId(words, at));
    try {
      this.onRecord(words, at, lengthBytes);
    } catch (error) {
      this.onRecord = ignore;
      this.failures.push(error);
    }
    this.follower(words, at, lengthBytes);
  };

  private learn(templateId: number, id: number): void {
    if (templateId === DefineInstrument.TEMPLATE_ID) this.learnInstrument(id);
    else if (templateId === DefineAccount.TEMPLATE_ID) this.catalog.addAccount(id, this.trading.accounts.nameOf(id));
    else if (templateId === DefineCurrency.TEMPLATE_ID) this.learnCurrency(id);
  }

  private learnInstrument(id: number): void {
    const spec = this.trading.instruments.specOf(id);
    // It may have declared them along with itself.
    this.learnCurrency(spec.base);
    this.learnCurrency(spec.quote);
    this.catalog.addInstrument(instrumentInfo(this.trading, id));
  }

  private learnCurrency(id: number): void {
    this.catalog.addCurrency(id, this.trading.currencies.nameOf(id), this.trading.currencies.scaleOf(id));
  }

  private learnAll(): void {
    for (let id = 0; id < this.trading.currencies.count; id++) this.learnCurrency(id);
    for (let id = 0; id < this.trading.instruments.count; id++) this.learnInstrument(id);
    for (let id = 0; id < this.trading.accounts.count; id++) this.catalog.addAccount(id, this.trading.accounts.nameOf(id));
  }
}

/** Rows a side. Beyond the safe integers only the sign counts: none, or all (SETTLED N15). */
function depthOf(depth: number | NumberText): number {
  return integerOf(depth) ?? (isNegative(depth) ? 0 : Number.POSITIVE_INFINITY);
}

function ignore(): void {}
