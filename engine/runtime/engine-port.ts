import type { Catalog, InstrumentInfo } from "../edge/catalog.js";
import type { AccountStatement } from "../edge/statement.js";
import type { MarketData } from "../pipelines/market-data/market-data.js";
import type { BookCapacities } from "../pipelines/market-data/visible-books.js";
import {
  type EventLoopWait,
  eventLoopWait,
  type GateReader,
  INSUFFICIENT_CAPACITY,
  type RecordHandler,
  type SharedRing,
  SharedSignal,
  type SingleProducer,
  SpscRing,
} from "../ring/index.js";
import { CODES } from "../wire/codes.js";
import { SessionMark, TopOfBook } from "../wire/flyweights.js";
import { NULL_INT64, NULL_UINT8 } from "../wire/numbers.js";
import { EngineClosedError, SlowConsumerError } from "./engine-error.js";
import { MarketDataFeed } from "./market-data-feed.js";
import type { PortSource } from "./port-source.js";
import { type EventReader, ReleasedReader } from "./released-reader.js";
import type { RecoveredSessions } from "./session-ledger.js";
import { SESSION_WORD } from "./shard-shared.js";
import type { PortSeed } from "./trading-step.js";

/** An answer that waits for the journal looks so often whether it may leave. */
const RELEASE_LOOK_MS = 1;

/** Everything of a port that is shared memory: with it a thread of its own could have the port. */
export interface PortDescriptor {
  readonly name: string;
  readonly ingress: SharedRing;
  readonly events: SharedRing;
  /** What the event ring rings for this port alone; undefined: it shares the ring's own signal with others. */
  readonly signal: SharedArrayBuffer | undefined;
  readonly control: SharedArrayBuffer;
  readonly capacities: BookCapacities;
  /** The gate of the event ring that the port reads through. */
  readonly gate: number;
}

/** What a port asks of the journal. */
export interface PortJournal {
  /** Whether replies wait for it, and up to which seq they may leave. */
  readonly isGating: boolean;
  readonly releasedSeq: () => number;
  /** Whether the disk is full. */
  readonly isFull: boolean;
}

/** What the engine's thread knows of names. */
export interface PortNames {
  readonly catalog: Catalog;
  /** The trading state of an instrument of which no event has told one. */
  firstStateOf(instrument: number): number;
  readonly journal: PortJournal | undefined;
  recovered(): RecoveredSessions | undefined;
}

/**
 * A gateway's way into the shard: an ingress ring of its own to send records through, and a gate of the event ring, so
 * that it sees every event. All of it runs on one thread, and nothing blocks. Between `poll` calls the port holds the
 * shard up once the event ring is full; one that does not poll for `evictAfterMs` then is shut out.
 */
export class EnginePort {
  readonly name: string;
  /** Where claims of the ingress ring lie. */
  readonly words: Int32Array;
  private readonly producer: SingleProducer;
  private reader: EventReader | undefined;
  private readonly bell: EventLoopWait;
  private readonly control: Int32Array;
  private readonly signal: SharedSignal | undefined;
  private readonly sleepers = new Set<() => void>();
  private feed: MarketDataFeed | undefined;
  private onRecord: RecordHandler = ignore;
  private onError: ((error: Error) => void) | undefined;
  private error: Error | undefined;
  private isClosed = false;
  private isSealed = false;
  private isSilent = false;
  private orders: Int32Array = new Int32Array(0);
  private isStarting = true;
  /** Resolves when the port takes and tells something, or never will: see `onFailure`. Never rejects. */
  readonly started: Promise<void>;

  constructor(
    private readonly descriptor: PortDescriptor,
    private readonly names: PortNames,
    private readonly source: PortSource,
    private readonly onClose: (port: EnginePort) => void,
  ) {
    this.name = descriptor.name;
    this.producer = SpscRing.attach(descriptor.ingress).producer();
    this.words = this.producer.words;
    this.control = new Int32Array(descriptor.control);
    this.signal = descriptor.signal === undefined ? undefined : SharedSignal.attach(descriptor.signal);
    this.bell = eventLoopWait("doorbell", { schedule: (resume) => setTimeout(resume, 1).unref() });
    this.started = source.attach().then(
      (seed) => this.start(seed),
      (error: Error) => this.notStarted(error),
    );
  }

  /** Which gate of the event ring this port reads through. */
  get gate(): number {
    return this.descriptor.gate;
  }

  /**
   * Word index of a claim, or INSUFFICIENT_CAPACITY: the ring is full, the port has not started yet, the disk is full, or the engine is
   * gone; see `refusal`. Write from the second word on.
   */
  tryClaim(lengthBytes: number): number {
    if (this.feed === undefined || this.isGone || this.isSealed || this.names.journal?.isFull === true) return INSUFFICIENT_CAPACITY;
    return this.producer.tryClaim(lengthBytes);
  }

  /** Why `tryClaim` takes nothing at present: NOT_READY, JOURNAL_FULL, or ENGINE_BUSY when it is nothing but a full ring. */
  get refusal(): (typeof CODES)["NOT_READY" | "JOURNAL_FULL" | "ENGINE_BUSY"] {
    if (this.feed === undefined) return CODES.NOT_READY;
    return this.names.journal?.isFull === true ? CODES.JOURNAL_FULL : CODES.ENGINE_BUSY;
  }

  /** What the engine has recovered of sessions before this start; undefined when there was nothing. */
  get recovered(): RecoveredSessions | undefined {
    return this.names.recovered();
  }

  /** The claimed record is complete. */
  commit(): void {
    this.producer.commit();
  }

  /** The claimed record is not to be sent. */
  abort(): void {
    this.producer.abort();
  }

  /** Of an engine of one shard everything is in that. */
  readonly shards: number = 1;
  readonly shardInHand: number = 0;

  shardOf(_instrument: number): number {
    return 0;
  }

  shardOfOrder(_orderId: number): number {
    return 0;
  }

  /** Makes what was committed visible and wakes the shard. Who sends is awake: until `sleepOn` or `whenReady` nobody rings for it. */
  publish(): void {
    if (this.isGone) return;
    this.signal?.disarm();
    this.producer.publish();
  }

  /** Goes back to sleep on a `whenReady` that is still pending. False: there is something to poll. */
  sleepOn(): boolean {
    if (this.reader === undefined || this.isGone) return true;
    this.signal?.arm();
    return !this.reader.ready();
  }

  /**
   * Hands on events in order, at most `limit`, and behind each the market data that follows from it: TopOfBook, TradePrint, and what is wanted of `marketData`;
   * before the first, a TopOfBook of every book that is not empty. Returns the number of events: 0 until the port has
   * started.
   */
  poll(onRecord: RecordHandler, limit: number): number {
    if (this.feed === undefined || this.reader === undefined || this.isOver) return 0;
    this.onRecord = onRecord;
    this.feed.begin(onRecord);
    try {
      return this.reader.poll(this.onEvent, limit);
    } catch (error) {
      if (!isEviction(error)) throw error;
      this.fail(error);
      return 0;
    }
  }

  /** Whether the port takes and tells something. */
  get hasStarted(): boolean {
    return this.feed !== undefined && !this.isGone;
  }

  /**
   * Resolves when there may be something to poll, or after `timeoutMs`; at once when the port is closed or has failed, after which there is
   * nothing to wait for: see `onFailure`. Does not keep the event loop alive.
   */
  whenReady(timeoutMs: number): Promise<void> {
    if (this.isGone) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), timeoutMs).unref();
      const wake = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
      if (this.reader === undefined) return;
      void this.bell.wait(this.reader, this.signal ?? this.reader.signal, timeoutMs).then(wake);
    });
  }

  /** A session id that nobody on this engine has had yet, 1 and up. */
  newSessionId(): number {
    return Atomics.add(this.control, SESSION_WORD, 1) + 1;
  }

  /** The live orders in front of the first event, as OrderStatus records one behind the other, once. Empty before the port has started. */
  takeOpenOrders(): Int32Array {
    const { orders } = this;
    this.orders = new Int32Array(0);
    return orders;
  }

  /**
   * A session id that nobody has had yet, under a name, such as a key: with a journal `recovered.sessionOf` knows it after a restart. 0: there is
   * no room to note it down; see `refusal`. Throws RangeError on a name that is no ASCII of 1 to 32 characters.
   */
  openSession(name: string): number {
    if (!/^[!-~]{1,32}$/.test(name))
      throw new RangeError(`a session's name must be 1 to 32 characters of ASCII 33 to 126, was ${JSON.stringify(name)}`);
    if (this.names.journal === undefined) return this.newSessionId();
    const at = this.tryClaim(SessionMark.RECORD_BYTES);
    if (at === INSUFFICIENT_CAPACITY) return 0;
    return this.mark(at, this.newSessionId(), name);
  }

  /** Notes a session of another shard's port down here too. False: there is no room; see `refusal`. */
  joinSession(session: number, name: string): boolean {
    if (this.names.journal === undefined) return true;
    const at = this.tryClaim(SessionMark.RECORD_BYTES);
    return at !== INSUFFICIENT_CAPACITY && this.mark(at, session, name) > 0;
  }

  private mark(at: number, session: number, name: string): number {
    SessionMark.initClaimed(this.words, at, 0, 0);
    SessionMark.setSession(this.words, at, session);
    SessionMark.setName(this.words, at, name);
    this.commit();
    return session;
  }

  /** The engine's number of an account, undefined when there is none of that name. */
  accountId(name: string): number | undefined {
    return this.names.catalog.accountId(name);
  }

  /**
   * What an account has, between two commands: at least those whose events have been polled. When it resolves, everything that it knows may leave
   * and can be polled. Rejects with the engine's error, or EngineClosedError.
   */
  async statement(account: number): Promise<AccountStatement> {
    this.assertThere();
    const statement = await this.source.statement(account);
    const { journal } = this.names;
    while (journal?.isGating === true && journal.releasedSeq() < statement.seq && !this.isGone)
      await new Promise<void>((resolve) => void setTimeout(resolve, RELEASE_LOOK_MS).unref());
    this.assertThere();
    return statement;
  }

  /** In order of id. */
  get instruments(): readonly InstrumentInfo[] {
    return this.names.catalog.allInstruments();
  }

  /** Writes a TopOfBook record of an instrument, as of the last record that `poll` has handed on: empty before the first. */
  top(instrument: number, words: Int32Array, at: number): void {
    if (this.feed !== undefined) this.feed.top(instrument, words, at);
    else writeEmptyTop(instrument, words, at);
  }

  /** The books as of the last record that `poll` has handed on; undefined before the port has started. */
  get marketData(): MarketData | undefined {
    return this.feed?.step;
  }

  /** Where an instrument's book is. */
  marketDataOf(_instrument: number): MarketData | undefined {
    return this.marketData;
  }

  /** False while some events of a command are still to come, or market data has not been told of all of them. */
  get isBetweenCommands(): boolean {
    return this.feed?.step.isBetweenCommands !== false;
  }

  /**
   * Says how late it is, in microseconds since the epoch, where no event does: candles and days of market data end. What follows from
   * it goes where `poll` has handed records on last. A time before that of an event changes nothing.
   */
  tellTime(timeUs: number): void {
    if (!this.isOver) this.feed?.tellTime(timeUs, this.onRecord);
  }

  /** The trading state of an instrument, a value of TradingState, as of the last record that `poll` has handed on. */
  tradingState(instrument: number): number {
    const told = this.feed?.tradingState(instrument) ?? NULL_UINT8;
    return told === NULL_UINT8 ? this.names.firstStateOf(instrument) : told;
  }

  /**
   * Calls back once, when the engine can take and tell nothing more: it has failed, was closed, or has shut this port out. Within the
   * callback `poll` still hands on what had been published before. Given again, the newer callback counts.
   */
  onFailure(callback: (error: Error) => void): void {
    this.onError = callback;
    if (this.error !== undefined) callback(this.error);
  }

  /** Gives the port back. What was published is still applied; its events are for whoever else reads. Safe to call twice. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.producer.close();
    this.reader?.close();
    this.wakeAll();
    if (!this.isStarting) this.onClose(this);
  }

  /** The engine's own: no further claims; what is claimed may still be published. */
  seal(): void {
    this.isSealed = true;
  }

  /** The engine's own: nothing more will come. */
  fail(error: Error): void {
    if (this.isGone) return;
    this.error = error;
    try {
      this.onError?.(error);
    } finally {
      this.isSilent = true;
      this.reader?.close();
      this.wakeAll();
    }
  }

  /** Nothing can be polled any more. */
  private get isOver(): boolean {
    return this.isClosed || this.isSilent;
  }

  /** Nothing can be sent any more. */
  private get isGone(): boolean {
    return this.isClosed || this.error !== undefined;
  }

  private assertThere(): void {
    if (this.isGone) throw this.error ?? new EngineClosedError();
  }

  private readonly onEvent: RecordHandler = (words, at, lengthBytes) => {
    if (this.isOver) return; // It was closed by the handler, within a batch.
    this.onRecord(words, at, lengthBytes);
    this.feed?.follow(words, at, this.onRecord);
  };

  /** The shard has made the gate hold here; it never reads through it, so the port takes it over. */
  private start(seed: PortSeed): void {
    this.isStarting = false;
    this.orders = seed.orders;
    const { events, gate } = this.descriptor;
    const ring = SpscRing.attach(events);
    if (ring.gateStatus(gate).state === "active") this.takeGate(this.released(ring.gate(gate, { takeOver: true })));
    else this.fail(new SlowConsumerError(`port ${this.name} is shut out: its event loop was blocked while it started`));
    if (this.isClosed) return this.onClose(this);
    try {
      if (!this.isGone) this.feed = new MarketDataFeed(this.descriptor.capacities, seed.books);
    } catch (error) {
      this.fail(error as Error);
    }
    this.wakeAll();
  }

  /** Events leave when the journal has their commands. */
  private released(reader: GateReader): EventReader {
    const { journal } = this.names;
    return journal?.isGating === true ? new ReleasedReader(reader, journal.releasedSeq) : reader;
  }

  private takeGate(reader: EventReader): void {
    if (this.isGone) reader.close();
    else this.reader = reader;
  }

  private notStarted(error: Error): void {
    this.isStarting = false;
    if (this.isClosed) this.onClose(this);
    else this.fail(error);
  }

  private wakeAll(): void {
    for (const wake of [...this.sleepers]) wake();
  }
}

function isEviction(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "GATE_EVICTED";
}

function writeEmptyTop(instrument: number, words: Int32Array, at: number): void {
  TopOfBook.init(words, at, 0, 0);
  TopOfBook.setBidPrice(words, at, NULL_INT64);
  TopOfBook.setBidQty(words, at, 0);
  TopOfBook.setAskPrice(words, at, NULL_INT64);
  TopOfBook.setAskQty(words, at, 0);
  TopOfBook.setInstrument(words, at, instrument);
}

function ignore(): void {}
