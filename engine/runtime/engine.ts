import { Catalog } from "../edge/catalog.js";
import { CommandError } from "../edge/command-error.js";
import type {
  AccountStateCommand,
  BalancesEvent,
  BookEvent,
  CancelCommand,
  Command,
  DepositCommand,
  KillCommand,
  KycCommand,
  LimitsCommand,
  MarkCommand,
  MassCancelCommand,
  NewCommand,
  ReduceCommand,
  ReplaceCommand,
  ReviewCommand,
  SetUpCommand,
  StateCommand,
  StreamEvent,
  TransferCommand,
  WithdrawCommand,
} from "../edge/types.js";
import { JournalError } from "../journal/journal-error.js";
import { DEFAULT_SCALE } from "../wire/numbers.js";
import { CommandDesk } from "./command-desk.js";
import { type Declared, missingFrom } from "./declared.js";
import {
  type AccountStatus,
  checkedPage,
  type DirectoryAnswer,
  type EngineStatus,
  type InstrumentStatus,
  type Page,
  type PendingReview,
} from "./directory.js";
import { type CheckedConfig, checkConfig, type EngineConfig, placeOf } from "./engine-config.js";
import {
  ConfigError,
  EngineBusyError,
  EngineClosedError,
  EngineFailedError,
  JournalFullError,
  NotReadyError,
  readerError,
  SlowConsumerError,
  startError,
} from "./engine-error.js";
import { EnginePort, type PortDescriptor, type PortNames } from "./engine-port.js";
import { EventPump } from "./event-pump.js";
import { closedStream, EventStream, type EventsOptions } from "./event-stream.js";
import type { Eviction } from "./full-ring.js";
import { JournalKeeper, type JournalStatus } from "./journal-keeper.js";
import type { Outcome } from "./outcome.js";
import { portSource } from "./port-source.js";
import { type EventReader, ReleasedReader } from "./released-reader.js";
import { type PortTicket, RemotePort } from "./remote-port.js";
import type { RecoveredSessions } from "./session-ledger.js";
import { ShardHost } from "./shard-host.js";
import { SESSION_WORD, type ShardCounterName } from "./shard-shared.js";
import type { SnapshotInfo } from "./snapshot-taker.js";
import type { BookAnswer, MovementState, TradingOptions, TradingQuestion } from "./trading-step.js";
import { orAbort, within } from "./waiting.js";

/** What can be given with every command. */
export interface SendOptions {
  /** Gives up waiting. A command that was sent is not taken back: the order may live. */
  readonly signal?: AbortSignal;
}

/** A reduce or replace; `symbol` when the order was not sent by this Engine object. */
export type ReduceRequest = Omit<ReduceCommand, "cmd"> & { readonly symbol?: string };
export type ReplaceRequest = Omit<ReplaceCommand, "cmd"> & { readonly symbol?: string };

/** `starting`: the journal is being recovered. `journalFull`: the disk is, and nothing is taken until it is not. */
export type Readiness = "starting" | "ready" | "journalFull" | "failed" | "closed";

const ENGINE_GATE = 0;

/**
 * An exchange in this process: the trading core on a thread of its own, fed by rings. All methods belong to the thread
 * that started it and none of them blocks. Commands and events are the objects of `docs/SCRIPT.md`; commands of this
 * object are applied in the order in which they were sent, waited for or not.
 *
 * The engine keeps the process alive until `close`. It reads the events on this thread's event loop: a loop that is
 * blocked for longer than `evictAfterMs` while the event ring is full loses its place, and the engine has failed then.
 */
export class Engine {
  /** Resolves with the error when the engine fails, or with undefined when it is closed. Never rejects. */
  readonly failed: Promise<EngineFailedError | undefined>;
  /** Resolves when commands are taken. Rejects with what `start` rejects with. */
  readonly ready: Promise<void>;
  /** Names and numbers of what is declared. The engine's own: to be read only. */
  readonly catalog = new Catalog();
  private readonly desk: CommandDesk;
  private reader: EventReader | undefined;
  private pump: EventPump | undefined;
  private readonly streams = new Set<EventStream>();
  /** Open ports by the number of their ingress ring; ring 0 is this object's own. */
  private readonly ports = new Map<number, EnginePort | RemotePort>();
  private settleFailed: (error: EngineFailedError | undefined) => void = () => {};
  private failure: EngineFailedError | undefined;
  private closing: Promise<void> | undefined;
  private isReady = false;

  /** Of a host and a keeper of its own; `open` makes them. */
  protected constructor(
    private readonly host: ShardHost,
    private readonly config: CheckedConfig,
    private readonly keeper: JournalKeeper | undefined,
  ) {
    this.failed = new Promise((resolve) => {
      this.settleFailed = resolve;
    });
    this.desk = new CommandDesk(
      host.ingress[0].producer(),
      this.catalog,
      config.maxOutstanding,
      () => this.streams.size > 0,
      (event) => this.hand(event),
    );
    host.onFailure = (error) => this.fail(error);
    host.onEviction = (evicted) => this.readerEvicted(evicted);
    host.onProgress = (progress) => config.journal?.onProgress(progress);
    this.ready = this.begin();
    this.ready.catch(() => {}); // Whoever waits for it is told; it is nobody's fault before.
  }

  /**
   * Starts the shard's thread, recovers what the journal holds, and sets up what the configuration declares beyond that. Rejects with ConfigError (`BAD_CONFIG`) for
   * everything that is wrong in it, JournalError (`JOURNAL_…`) when the journal needs a person, EngineFailedError when the thread cannot start. Aborting the
   * signal ends a start that takes long, a recovery above all, and rejects with its reason; later on it does nothing.
   */
  static async start(config: EngineConfig = {}, { signal }: SendOptions = {}): Promise<Engine> {
    signal?.throwIfAborted();
    const engine = Engine.open(config);
    await engine.arrive(signal);
    return engine;
  }

  /** Waits until it is `ready`; when that cannot be, or the signal is aborted, frees everything and rejects. */
  async arrive(signal?: AbortSignal): Promise<void> {
    try {
      await orAbort(this.ready, signal);
    } catch (error) {
      await (this.isReady ? this.close() : this.abandon());
      throw error;
    }
  }

  /** As `start`, without waiting: until it is `ready` the engine refuses commands with NotReadyError (`NOT_READY`). Throws what can be seen at once. `lastId`: orders and trades are numbered from behind it on. */
  static open(config: EngineConfig = {}, lastId = 0): Engine {
    const checked = checkConfig(config);
    const { journal } = checked;
    const stepUrl = new URL("./trading-step.js", import.meta.url).href;
    const stepOptions: TradingOptions = { capacities: checked.capacities, lastId };
    const keeper = journal === undefined ? undefined : JournalKeeper.open(journal, { stepUrl, stepOptions });
    try {
      const rings = 1 + checked.maxPorts;
      const host = new ShardHost({ ...checked, stepUrl, stepOptions, rings, gates: rings, journal: keeper?.options });
      return new Engine(host, checked, keeper);
    } catch (error) {
      void keeper?.close();
      throw error;
    }
  }

  /** Whether commands are taken, and why not. */
  get readiness(): Readiness {
    if (this.failure !== undefined) return "failed";
    if (this.closing !== undefined) return "closed";
    if (!this.isReady) return "starting";
    return this.host.journal?.isFull === true ? "journalFull" : "ready";
  }

  /** Of a journal that held something at the start: which commands of which sessions were applied, and what the last ones have brought. */
  get recovered(): RecoveredSessions | undefined {
    return this.keeper?.recovered;
  }

  /** How the journal stands; undefined without one. */
  journal(): JournalStatus | undefined {
    return this.host.journal === undefined ? undefined : this.keeper?.status(this.host.journal);
  }

  /** A new order. Resolves with its outcome; a reject is an outcome. Rejects with CommandError or EngineBusyError, and nothing was sent then. */
  submit(order: Omit<NewCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...order, cmd: "new" }, options);
  }

  /** Cancels one order, by `clOrdId` or `orderId`. */
  cancel(order: Omit<CancelCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...order, cmd: "cancel" }, options);
  }

  /**
   * Takes `by` off an order, which keeps its place. Decimals need the order's instrument: it is known for orders that
   * this object has sent, for others give `symbol`.
   */
  reduce(order: ReduceRequest, options: SendOptions = {}): Promise<Outcome> {
    const { symbol, ...rest } = order;
    return this.send({ ...rest, cmd: "reduce" }, options, symbol);
  }

  /** Changes price, total quantity, stop price, visible quantity or client id. `symbol` as for `reduce`. */
  replace(order: ReplaceRequest, options: SendOptions = {}): Promise<Outcome> {
    const { symbol, ...rest } = order;
    return this.send({ ...rest, cmd: "replace" }, options, symbol);
  }

  /** Cancels all orders of an account, or those of a symbol or side. */
  massCancel(scope: Omit<MassCancelCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...scope, cmd: "massCancel" }, options);
  }

  /** Moves an instrument into another trading state; `cancel`: and cancels all its orders after what that brings. */
  setState(state: Omit<StateCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...state, cmd: "state" }, options);
  }

  /**
   * Turns a kill switch on or off: new orders, replaces and the firing of stops in its scope are refused while it is on.
   * With `cancel`, turning it on cancels every order in the scope too.
   */
  kill(kill: Omit<KillCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...kill, cmd: "kill" }, options);
  }

  /**
   * Credits an account. `ref` is an idempotency key: the same movement again is rejected with `ALREADY_APPLIED` and changes nothing.
   * Above its currency's `amlThreshold` a movement waits for `review`: the status is `pendingReview` then.
   */
  deposit(movement: Omit<DepositCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...movement, cmd: "deposit" }, options);
  }

  /** Pays out what is free. `ref` and review as for `deposit`. */
  withdraw(movement: Omit<WithdrawCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...movement, cmd: "withdraw" }, options);
  }

  /** Moves what is free to another account of this engine. `ref` and review as for `deposit`; see `transferBetween` for two engines. */
  transfer(movement: Omit<TransferCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...movement, cmd: "transfer" }, options);
  }

  /** Releases or refuses a movement that waits for review. */
  review(review: Omit<ReviewCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...review, cmd: "review" }, options);
  }

  /** Says whether an account is verified: others may not withdraw or transfer. */
  setKyc(kyc: Omit<KycCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...kyc, cmd: "kyc" }, options);
  }

  /** Suspends an account, lets it only reduce its positions, or makes it active again. */
  setAccountState(state: Omit<AccountStateCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...state, cmd: "accountState" }, options);
  }

  /** Values positions at a price, until the next mark. */
  setMark(mark: Omit<MarkCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...mark, cmd: "mark" }, options);
  }

  /** Sets the limits that are given, of an account, of an instrument, or of an account in an instrument. */
  setLimits(limits: Omit<LimitsCommand, "cmd">, options: SendOptions = {}): Promise<Outcome> {
    return this.send({ ...limits, cmd: "limits" }, options);
  }

  /** Any command of `docs/SCRIPT.md` that is no query. Wait for the outcome of a declaration before using its name. */
  apply(command: Command, options: SendOptions = {}): Promise<Outcome> {
    return this.send(command, options);
  }

  /**
   * The engine's events on orders, instruments, funds and risk from now on, those of gateways included. Its buffer is bounded: a consumer that is too
   * slow gets SlowConsumerError, and never a hole. Throws RangeError on a bad `bufferMax`.
   */
  events(options: EventsOptions = {}): EventStream {
    if (this.closing !== undefined || this.failure !== undefined) return closedStream(options, this.failure);
    const stream: EventStream = new EventStream(options, () => this.streams.delete(stream));
    this.streams.add(stream);
    stream.leaveOn(options.signal);
    return stream;
  }

  /** Best first, `depth` levels a side, all without one. Sees everything that this object has sent. Rejects with CommandError on an unknown symbol. */
  async book(symbol: string, depth: number = Number.POSITIVE_INFINITY, options: SendOptions = {}): Promise<BookEvent> {
    const info = this.catalog.instrument(symbol);
    if (info === undefined) throw new CommandError(`unknown symbol: ${symbol}`);
    const question: TradingQuestion = { kind: "book", info, depth };
    const { bids, asks } = (await orAbort(this.ask("ask", question), options.signal)) as BookAnswer;
    return { event: "book", symbol, bids, asks };
  }

  /** Balances and margin positions. Sees everything that this object has sent. Rejects with CommandError on an unknown account. */
  async balances(account: string, options: SendOptions = {}): Promise<BalancesEvent> {
    const id = this.catalog.accountId(account);
    if (id === undefined) throw new CommandError(`unknown account: ${account}`);
    return (await orAbort(this.ask("ask", { kind: "balances", account: id }), options.signal)) as BalancesEvent;
  }

  /** What became of the movement with this ref, behind everything that this object has sent. Undefined: there was none that was taken. */
  async movement(ref: string, options: SendOptions = {}): Promise<MovementState | undefined> {
    return (await orAbort(this.ask("ask", { kind: "movement", ref }), options.signal)) as MovementState | undefined;
  }

  /** Movements that wait for `review`, the oldest first. Rejects with RangeError on a bad page. */
  async listPendingReviews(page: Page = {}, options: SendOptions = {}): Promise<PendingReview[]> {
    return (await orAbort(this.ask("ask", { kind: "pending", ...checkedPage(page) }), options.signal)) as PendingReview[];
  }

  /** Sequence, clock, kill switch and sizes, behind everything that this object has sent. */
  async status(options: SendOptions = {}): Promise<EngineStatus> {
    return (await orAbort(this.ask("ask", { kind: "status" }), options.signal)) as EngineStatus;
  }

  /** Instruments as they are now, in order of declaration. Rejects with RangeError on a bad page. */
  async listInstruments(page: Page = {}, options: SendOptions = {}): Promise<InstrumentStatus[]> {
    return (await this.list("instruments", page, options)) as InstrumentStatus[];
  }

  /** Accounts as they are now, in order of declaration. Rejects with RangeError on a bad page. */
  async listAccounts(page: Page = {}, options: SendOptions = {}): Promise<AccountStatus[]> {
    return (await this.list("accounts", page, options)) as AccountStatus[];
  }

  /** One instrument as it is now, undefined when there is none of that symbol. */
  async instrument(symbol: string, options: SendOptions = {}): Promise<InstrumentStatus | undefined> {
    return ((await this.list("instruments", {}, options, symbol)) as InstrumentStatus[])[0];
  }

  /** One account as it is now, undefined when there is none of that name. */
  async account(name: string, options: SendOptions = {}): Promise<AccountStatus | undefined> {
    return ((await this.list("accounts", {}, options, name)) as AccountStatus[])[0];
  }

  /** SHA-256 of the shard's whole state, 64 hex digits, behind everything that this object has sent. */
  async stateHash(options: SendOptions = {}): Promise<string> {
    return (await orAbort(this.ask("digest", undefined), options.signal)) as string;
  }

  /**
   * A gateway's way in, at most `maxPorts` at once. Once it has `started` it sees every event from there on, its own
   * commands' among them, and the books as they are there.
   * Throws EngineBusyError when all are open, EngineClosedError or EngineFailedError when the engine is gone.
   */
  openPort(name: string): EnginePort {
    const descriptor = this.freePort(name);
    const { gate } = descriptor;
    const port = new EnginePort(descriptor, this.portNames, portSource(this.host, gate, this.ready), () => this.ports.delete(gate));
    this.ports.set(gate, port);
    this.host.openRing(gate);
    return port;
  }

  /**
   * As `openPort`, for another thread of this process: post the ticket there, with its `link` in the transfer list, and call `portOfTicket`. A thread that
   * dies with its port holds nothing up: the port is taken back as soon as its end of the link is gone.
   */
  openRemotePort(name: string): PortTicket {
    const descriptor = this.freePort(name);
    const { gate } = descriptor;
    const { journal } = this.host;
    const port = new RemotePort({
      descriptor,
      journal: journal?.view,
      names: this.portNames,
      source: portSource(this.host, gate, this.ready),
      recovered: () => this.recovered?.summary,
      onClose: () => this.ports.delete(gate),
    });
    this.ports.set(gate, port);
    this.host.openRing(gate);
    return port.ticket;
  }

  /** Memory of a port that nobody has. */
  private freePort(name: string): PortDescriptor {
    if (this.failure !== undefined) throw this.failure;
    if (this.closing !== undefined) throw new EngineClosedError();
    const { host, config } = this;
    let ring = 1;
    while (this.ports.has(ring)) ring++;
    if (ring > config.maxPorts) throw new EngineBusyError(`all ${config.maxPorts} ports are open: raise maxPorts`);
    return {
      name,
      ingress: host.ingress[ring].shared,
      events: host.events.shared,
      signal: host.portSignals[ring - 1]?.shared,
      control: host.control.buffer as SharedArrayBuffer,
      capacities: config.capacities,
      gate: ring,
    };
  }

  private get portNames(): PortNames {
    const { catalog, desk, host } = this;
    return { catalog, firstStateOf: desk.firstStateOf, journal: host.journal, recovered: () => this.recovered };
  }

  /** No session id up to this one is given any more. */
  skipSessions(to: number): void {
    if (Atomics.load(this.host.control, SESSION_WORD) < to) Atomics.store(this.host.control, SESSION_WORD, to);
  }

  /** What the shard has counted since its start: commands, events, batches, parks, fullWaits, evictions. */
  counters(): Record<ShardCounterName, number> {
    return this.host.counters();
  }

  /**
   * Takes a snapshot of the journal as far as it is durable, beside the running engine: the next start replays only what follows. Resolves when it is verified.
   * Rejects with JournalError (`NO_SNAPSHOT`) when nothing is there to take it of, else as the disk says. An aborted signal ends the waiting, not the snapshot.
   */
  takeSnapshot(options: SendOptions = {}): Promise<SnapshotInfo> {
    if (this.keeper === undefined) return Promise.reject(new JournalError("NO_SNAPSHOT", "this engine has no journal"));
    return orAbort(this.keeper.takeSnapshot(), options.signal);
  }

  /** Lets everything that was sent be applied, settles every promise, ends the streams and the thread. Safe to call twice. Never rejects. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private send(command: Command, options: SendOptions, symbol?: string): Promise<Outcome> {
    try {
      if (this.failure !== undefined) throw this.failure;
      if (this.closing !== undefined) throw new EngineClosedError();
      options.signal?.throwIfAborted();
      if (!this.isReady) throw new NotReadyError();
      if (this.host.journal?.isFull === true) throw new JournalFullError();
      const outcome = this.desk.send(command, symbol);
      this.pump?.expect();
      return orAbort(outcome, options.signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Asks the shard behind everything that this object has sent. */
  private async ask(kind: "digest" | "ask", question: TradingQuestion | undefined): Promise<unknown> {
    if (this.failure !== undefined) throw this.failure;
    try {
      return await this.host.ask(kind, question, this.desk.sent);
    } catch (error) {
      throw this.failure ?? error;
    }
  }

  private async list(kind: "instruments" | "accounts", page: Page, { signal }: SendOptions, name?: string): Promise<DirectoryAnswer> {
    return (await orAbort(this.ask("ask", { kind, ...checkedPage(page), name }), signal)) as DirectoryAnswer;
  }

  private hand(event: StreamEvent): void {
    for (const stream of this.streams) stream.push(event);
  }

  private async begin(): Promise<void> {
    try {
      await this.host.ready();
      if (this.closing !== undefined) throw new EngineClosedError();
      const { journal, recovery } = this.host;
      const lastSession = recovery === undefined ? 0 : (this.keeper?.learn(recovery) ?? 0);
      this.desk.session = Atomics.add(this.host.control, SESSION_WORD, lastSession + 1) + lastSession + 1;
      this.takeEvents();
      const declared = recovery === undefined || recovery.place.seq === 0 ? undefined : await this.learnDeclared();
      const { commands } = this.config;
      if (journal === undefined || declared === undefined) await this.setUp(commands);
      else if (this.keeper?.isSetUp(commands) !== true) await this.setUp(missingFrom(declared, commands, this.keeper?.dir ?? ""));
      if (this.keeper?.isSetUp(commands) === false) this.desk.note((words, at) => this.keeper?.writeSetUpMark(commands, words, at) ?? 0);
      this.keeper?.begin(this.host);
      this.isReady = true;
    } catch (error) {
      await this.abandon();
      throw startError(error);
    }
  }

  /** From here on this thread is one of the readers of the events. */
  private takeEvents(): void {
    const gate = this.host.events.gate(ENGINE_GATE);
    const { journal } = this.host;
    const reader = journal?.isGating === true ? new ReleasedReader(gate, journal.releasedSeq) : gate;
    this.reader = reader;
    this.pump = new EventPump(
      reader,
      this.desk.read,
      () => this.desk.outstandingCount > 0,
      () => this.streams.size > 0,
      (error) => this.fail(readerError(error)),
    );
    this.host.openRing(0);
    this.pump.expect();
  }

  /** What a recovered core has. */
  private async learnDeclared(): Promise<Declared> {
    const declared = (await this.host.ask("ask", { kind: "declared" } satisfies TradingQuestion, 0)) as Declared;
    for (const [id, name] of declared.currencyNames.entries())
      this.catalog.addCurrency(id, name, declared.currencies[name]?.scale ?? DEFAULT_SCALE);
    for (const info of declared.infos) this.catalog.addInstrument(info);
    for (const [id, name] of declared.accountNames.entries()) this.catalog.addAccount(id, name);
    return declared;
  }

  private async setUp(commands: readonly SetUpCommand[]): Promise<void> {
    const sent: { readonly outcome: Promise<Outcome> }[] = [];
    for (const command of commands) sent.push(await this.sendWhenPossible(command));
    for (const [index, { outcome }] of sent.entries()) {
      const { reason, events } = await outcome;
      const rejected = events.find((event) => event.event === "rejected");
      if (reason !== undefined) throw new ConfigError(`${placeOf(commands[index])}: ${reason}, ${rejected?.text ?? ""}`);
    }
  }

  private async sendWhenPossible(command: SetUpCommand): Promise<{ readonly outcome: Promise<Outcome> }> {
    for (;;) {
      try {
        const outcome = this.desk.send(command);
        this.pump?.expect();
        outcome.catch(() => {}); // Its error is met where it is awaited; until then it is nobody's fault.
        return { outcome };
      } catch (error) {
        if (!(error instanceof EngineBusyError)) throw error;
        if (this.failure !== undefined) throw this.failure;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  private readerEvicted({ gate, silentMs, lagBytes }: Eviction): void {
    const text = `${lagBytes} bytes of events waited for ${Math.round(silentMs)} ms without being read while the event ring was full`;
    if (gate === ENGINE_GATE) return this.fail(new EngineFailedError(`${text}: the event loop of the engine was blocked for too long`));
    for (const port of this.ports.values())
      if (port.gate === gate) port.fail(new SlowConsumerError(`port ${port.name} is shut out: ${text}`));
  }

  private fail(error: EngineFailedError): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.pump?.drain();
    this.release(error);
    void this.giveUp();
    this.settleFailed(error);
  }

  private async shutDown(): Promise<void> {
    if (this.failure !== undefined) return this.giveUp();
    for (const port of this.ports.values()) port.seal();
    try {
      await within(this.config.evictAfterMs + STOP_MS_MAX, this.host.stop());
    } catch {
      // It has failed meanwhile, and `fail` has told everybody; or it hangs, and is ended by force.
      await this.host.kill();
    }
    this.pump?.drain();
    this.release(this.failure ?? new EngineClosedError());
    await this.keeper?.close();
    this.settleFailed(this.failure);
  }

  /** Ends the threads; then the journal is for whoever starts next. */
  private async giveUp(): Promise<void> {
    await this.host.kill();
    await this.keeper?.close();
  }

  /** A start that did not succeed, or that nobody waits for any more. */
  private abandon(): Promise<void> {
    this.closing ??= this.giveUp().then(() => {
      this.release(new EngineClosedError());
      this.settleFailed(this.failure);
    });
    return this.closing;
  }

  /** Frees everything on this thread, and tells those who still wait why. */
  private release(error: Error): void {
    this.desk.rejectAll(error);
    for (const stream of this.streams) stream.end(this.failure);
    this.streams.clear();
    for (const port of this.ports.values()) port.fail(error);
    this.pump?.stop();
    this.reader?.close();
  }
}

const STOP_MS_MAX = 30_000;
