import type { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import { Catalog, type InstrumentInfo } from "../../engine/edge/catalog.js";
import type { StateName } from "../../engine/edge/types.js";
import { CODES } from "../../engine/wire/codes.js";
import {
  Balance,
  BalanceRequest,
  BusinessReject,
  Cancel,
  CancelAllAfter,
  CancelAllAfterAck,
  GapFill,
  Heartbeat,
  InstrumentDefinition,
  InstrumentListRequest,
  InstrumentState,
  LogonAck,
  LogonReject,
  Logout,
  LogoutNotice,
  MassCancel,
  MassStatusRequest,
  NewOrder,
  NewOrderFull,
  NotApplied,
  OrderStatus,
  Position,
  PositionRequest,
  Reduce,
  Replace,
  RequestDone,
  ShutdownNotice,
  SubscribeAck,
  TestReply,
  TestRequest,
} from "../../engine/wire/flyweights.js";
import { TRADING_STATE_NAMES } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";
import { assertNotAborted, orAborted } from "./aborted.js";
import { ClientError, errorCodeOf } from "./client-error.js";
import { clientQueue } from "./client-queue.js";
import type { ClientLimits, CloseInfo, RequestOptions } from "./client-types.js";
import type { Dialed, Dialing } from "./dialing.js";
import { Feeds } from "./feeds.js";
import type { BookOptions, LocalBook } from "./local-book.js";
import type { ChannelItem, ChannelName } from "./market-data.js";
import { Outcomes } from "./outcomes.js";
import type { Outcome } from "./pending.js";
import { Questions } from "./questions.js";
import { readDefinition, readReport, readState, readStatus } from "./read-report.js";
import { readBalance, readPosition } from "./read-statement.js";
import type { AccountBalance, AccountPosition, OrderStatusReport, Report } from "./reports.js";
import {
  type CancelRequest,
  type MassCancelRequest,
  type NewOrderRequest,
  needsFullRecord,
  type ReduceRequest,
  type ReplaceRequest,
  writeCancel,
  writeMassCancel,
  writeNewOrder,
  writeNewOrderFull,
  writeReduce,
  writeReplace,
} from "./requests.js";
import { type Flyweight, SendBuffer } from "./send-buffer.js";
import type { SocketLike } from "./socket.js";

const SILENT_INTERVALS_MAX = 2.5;
const CLOSE_TIMEOUT_MS = 3_000;
const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR_CLOSURE = 4999;

/**
 * A session with a gateway: made by `connect`, one socket at a time, one event loop. Requests of one turn leave in one message. Decimals are texts.
 */
export class Client {
  /** Settles when the gateway has taken the logon, or refused it. */
  readonly opened: Promise<void>;
  /** Resolves when the session is over, whatever ended it. Never rejects. */
  readonly closed: Promise<CloseInfo>;
  readonly #dialing: Dialing;
  readonly #limits: ClientLimits;
  #socket: SocketLike;
  #send: SendBuffer;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #catalog = new Catalog();
  /** By instrument: a value of TradingState. */
  readonly #states = new Map<number, number>();
  readonly #outcomes = new Outcomes();
  readonly #questions = new Questions();
  readonly #reportQueues = new Set<BoundedQueue<Report>>();
  readonly #feeds: Feeds;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #clientSeqNext = 1;
  #serverSeqLast = 0;
  #lastReceivedMs = performance.now();
  #state: "connecting" | "open" | "lost" | "closing" | "ended" = "connecting";
  #notice: ClientError | undefined;
  #account = 0;
  #sessionId = 0;
  #onOpened: { resolve(): void; reject(error: ClientError): void } | undefined;
  #onClosed: (info: CloseInfo) => void = () => {};

  /** For `connect`. */
  constructor(dialed: Dialed, dialing: Dialing, limits: ClientLimits) {
    this.#dialing = dialing;
    this.#limits = limits;
    this.#socket = dialed.socket;
    this.#send = new SendBuffer(dialed.socket, dialing.format);
    const isIn = (state: "open" | "lost"): boolean => this.#state === state;
    const link = {
      ask: this.#ask.bind(this),
      get isOpen() {
        return isIn("open");
      },
      get isComingBack() {
        return isIn("lost");
      },
    };
    this.#feeds = new Feeds(link, this.#catalog);
    this.opened = new Promise((resolve, reject) => {
      this.#onOpened = { resolve, reject };
    });
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    // Whoever calls `connect` awaits `opened`; the promise must not count as unhandled before that.
    this.opened.catch(() => {});
    this.#listen(dialed);
    this.#heartbeat = setInterval(() => this.#beat(performance.now()), limits.heartbeatMs / 4);
    (this.#heartbeat as { unref?(): void }).unref?.();
  }

  #listen({ socket, logon }: Dialed): void {
    this.#socket = socket;
    this.#send = new SendBuffer(socket, this.#dialing.format);
    socket.binaryType = "arraybuffer";
    const isMine = (): boolean => this.#socket === socket;
    socket.addEventListener("open", () => isMine() && socket.send(this.#dialing.format.encode(logon, logon.length)));
    socket.addEventListener("message", ({ data }) => isMine() && this.#onMessage(data));
    socket.addEventListener("error", (event) => {
      if (isMine()) this.#fail(new ClientError("DISCONNECTED", event.message ?? "the socket failed"));
    });
    socket.addEventListener("close", ({ code }) => isMine() && this.#onSocketClosed(code));
  }

  /** The engine's number of the key's account. */
  get account(): number {
    return this.#account;
  }

  /** The gateway's number of this session. */
  get sessionId(): number {
    return this.#sessionId;
  }

  /** Requests that are not answered yet. */
  get pendingCount(): number {
    return this.#outcomes.size + this.#questions.size;
  }

  /**
   * Sends an order. Resolves when everything that it caused at once is known, a refusal included; rejects with ClientError when it
   * could not be sent (BAD_ARGUMENT, PRICE_OFF_TICK, …, UNKNOWN_INSTRUMENT, TOO_MANY_PENDING, CLOSED), or when the session ended first
   * or the signal was aborted (ABORTED): then its fate is not known.
   */
  submit(request: NewOrderRequest, options: RequestOptions = {}): Promise<Outcome> {
    if (!needsFullRecord(request)) {
      return this.#order(NewOrder, options, (words, at) => writeNewOrder(request, this.#info(request.symbol), words, at));
    }
    return this.#order(NewOrderFull, options, (words, at) => writeNewOrderFull(request, this.#info(request.symbol), words, at));
  }

  /** As `submit`. */
  cancel(request: CancelRequest, options: RequestOptions = {}): Promise<Outcome> {
    return this.#order(Cancel, options, (words, at) => writeCancel(request, words, at));
  }

  /** Takes quantity off a live order, which keeps its place. As `submit`. */
  reduce(request: ReduceRequest, options: RequestOptions = {}): Promise<Outcome> {
    return this.#order(Reduce, options, (words, at) => writeReduce(request, this.#info(request.symbol), words, at));
  }

  /** As `submit`. */
  replace(request: ReplaceRequest, options: RequestOptions = {}): Promise<Outcome> {
    return this.#order(Replace, options, (words, at) => writeReplace(request, this.#info(request.symbol), words, at));
  }

  /** Cancels all live orders of the account, or those of a symbol or side. As `submit`. */
  massCancel(request: MassCancelRequest = {}, options: RequestOptions = {}): Promise<Outcome> {
    return this.#order(MassCancel, options, (words, at) => {
      writeMassCancel(request, request.symbol === undefined ? undefined : this.#info(request.symbol), words, at);
    });
  }

  /** Asks for all instruments. In order of id. Rejects as `submit`. */
  async instruments(options: RequestOptions = {}): Promise<readonly InstrumentInfo[]> {
    try {
      assertNotAborted(options.signal);
      await orAborted(
        this.#ask(
          InstrumentListRequest,
          () => {},
          (seq) => this.#questions.addList(seq),
        ),
        options.signal,
      );
    } catch (error) {
      // This is how a gateway says that it has none.
      if (!(error instanceof ClientError) || error.code !== "UNKNOWN_INSTRUMENT") throw error;
    }
    // Ids that this engine does not use are holes, which filter leaves out.
    return this.#catalog.allInstruments().filter(() => true);
  }

  /** Every live order of the account, oldest first, as it is behind the answers to what was sent before. Rejects as `submit`. */
  openOrders(options: RequestOptions = {}): Promise<readonly OrderStatusReport[]> {
    const fill = (words: Int32Array, at: number): void => {
      MassStatusRequest.setInstrument(words, at, NULL_UINT32);
      MassStatusRequest.setSide(words, at, NULL_UINT8);
    };
    return this.#list(MassStatusRequest, fill, readStatus, options);
  }

  /** What the account has in every currency that it has touched, at a moment behind the answers to what was sent before. Rejects as `submit`. */
  balances(options: RequestOptions = {}): Promise<readonly AccountBalance[]> {
    return this.#list(BalanceRequest, () => {}, readBalance, options);
  }

  /** The positions in all margin instruments that the account has traded, or in one. As `balances`. */
  async positions(request: { readonly symbol?: string } = {}, options: RequestOptions = {}): Promise<readonly AccountPosition[]> {
    const instrument = request.symbol === undefined ? NULL_UINT32 : this.#info(request.symbol).id;
    return this.#list(PositionRequest, (words, at) => PositionRequest.setInstrument(words, at, instrument), readPosition, options);
  }

  /**
   * A dead man's switch for the account: unless this is called again in time, the gateway cancels all orders, whatever became of the
   * connection. 100 to 86400000; 0 disarms it. Rejects as `submit`.
   */
  async cancelAllAfter(timeoutMs: number, options: RequestOptions = {}): Promise<void> {
    assertNotAborted(options.signal);
    await orAborted(
      this.#ask(CancelAllAfter, (words, at) => CancelAllAfter.setTimeoutMs(words, at, timeoutMs)),
      options.signal,
    );
  }

  /** How an instrument trades now, as far as this session has been told. Undefined for an unknown symbol. */
  tradingState(symbol: string): StateName | undefined {
    const info = this.#catalog.instrument(symbol);
    const state = info === undefined ? undefined : this.#states.get(info.id);
    return state === undefined ? undefined : TRADING_STATE_NAMES[state];
  }

  /**
   * Every report of the account and every change of a trading state from now on, answers to this session's own requests included. Ends with the session: quietly after
   * `close` or an abort of `signal`, with the error otherwise.
   */
  reports(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<Report> {
    const queue: BoundedQueue<Report> = clientQueue(this.#limits.maxBuffered, () => this.#reportQueues.delete(queue));
    if (this.#state === "ended") queue.end(this.#notice);
    else this.#reportQueues.add(queue);
    queue.leaveOn(options.signal);
    return queue;
  }

  /**
   * The present state of a channel and then every change; `intervalMs` is that of candles: 1000, 60000 (the default) or 3600000. Ends as `reports`; throws
   * NOT_PERMITTED and the like from the iterator.
   */
  subscribe<C extends ChannelName>(options: {
    readonly symbol: string;
    readonly channel: C;
    readonly intervalMs?: number;
    readonly signal?: AbortSignal;
  }): AsyncIterableIterator<ChannelItem[C]> {
    this.#assertOpen();
    const topic = this.#feeds.topic(this.#info(options.symbol), options.channel, options.intervalMs);
    const queue = topic.open(this.#limits.maxBuffered);
    queue.leaveOn(options.signal);
    return queue as unknown as AsyncIterableIterator<ChannelItem[C]>;
  }

  /**
   * A copy of the market's book that follows it; resolves when it is exact. One a symbol and channel. Rejects with ClientError: BAD_ARGUMENT (it is open already), UNKNOWN_INSTRUMENT,
   * or the gateway's refusal (NOT_PERMITTED, BAD_SUBSCRIPTION, …).
   */
  async openBook(options: BookOptions): Promise<LocalBook> {
    this.#assertOpen();
    return this.#feeds.book(this.#info(options.symbol), options);
  }

  /** Logs out, after the answers that are under way, and closes the socket. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#state === "connecting") this.abandon(new ClientError("CLOSED", "closed before the session was open"));
    if (this.#state === "lost") this.abandon();
    if (this.#state === "open") {
      this.#state = "closing";
      this.#write(Logout, 0, () => {});
      this.#send.flush();
      const timer = setTimeout(() => this.abandon(), CLOSE_TIMEOUT_MS);
      await this.closed;
      clearTimeout(timer);
    }
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends the session at once, without a logout. */
  abandon(error?: ClientError): void {
    if (this.#state === "ended") return;
    this.#end({ code: NORMAL_CLOSURE, ...(error === undefined ? {} : { error }) });
    this.#socket.close();
  }

  #order(flyweight: Flyweight, { signal }: RequestOptions, fill: (words: Int32Array, at: number) => void): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve, reject) => {
      assertNotAborted(signal);
      this.#assertOpen();
      const seq = this.#clientSeqNext;
      this.#write(flyweight, seq, fill);
      this.#clientSeqNext = seq + 1;
      this.#outcomes.add(seq, { resolve, reject });
    });
    return orAborted(outcome, signal);
  }

  /** A request that the gateway answers itself. */
  #ask(flyweight: Flyweight, fill: (words: Int32Array, at: number) => void, onSeq?: (seq: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#assertOpen();
      const seq = this.#clientSeqNext;
      this.#write(flyweight, seq, fill);
      this.#clientSeqNext = seq + 1;
      this.#questions.add(seq, { resolve, reject });
      onSeq?.(seq);
    });
  }

  /** A request that is answered with rows. */
  async #list<T>(
    flyweight: Flyweight,
    fill: (words: Int32Array, at: number) => void,
    read: (words: Int32Array, at: number, catalog: Catalog) => T,
    { signal }: RequestOptions,
  ): Promise<readonly T[]> {
    assertNotAborted(signal);
    const found: T[] = [];
    const asked = this.#ask(flyweight, fill, (seq) => {
      this.#questions.collect(seq, (words, at) => found.push(read(words, at, this.#catalog)));
    });
    await orAborted(asked, signal);
    return found;
  }

  #write(flyweight: Flyweight, seq: number, fill: (words: Int32Array, at: number) => void): void {
    const at = this.#send.claim();
    flyweight.init(this.#send.words, at, seq, Date.now() * 1000);
    fill(this.#send.words, at);
    this.#send.commit(flyweight.RECORD_BYTES);
  }

  #assertOpen(): void {
    if (this.#state !== "open") throw new ClientError("CLOSED", `the session is ${this.#state}`, { cause: this.#notice });
    if (this.pendingCount >= this.#limits.maxPending) {
      throw new ClientError("TOO_MANY_PENDING", `${this.pendingCount} requests are unanswered, maxPending is ${this.#limits.maxPending}`);
    }
  }

  #info(symbol: string): InstrumentInfo {
    const info = this.#catalog.instrument(symbol);
    if (info === undefined) throw new ClientError("UNKNOWN_INSTRUMENT", `unknown symbol: ${symbol}`);
    return info;
  }

  /** A method, because the compiler takes a field that was compared for unchanged. */
  #isEnded(): boolean {
    return this.#state === "ended";
  }

  #onMessage(data: unknown): void {
    if (this.#isEnded()) return;
    this.#lastReceivedMs = performance.now();
    const words = data instanceof ArrayBuffer ? this.#dialing.format.decode(data) : undefined;
    if (words === undefined) return this.#fail(new ClientError("PROTOCOL_ERROR", "not a binary message of whole records"));
    const socket = this.#socket;
    let at = 0;
    while (at < words.length && !this.#isEnded() && this.#socket === socket) {
      const lengthBytes = words[at];
      if (lengthBytes < Header.HEADER_BYTES || lengthBytes % 8 !== 0 || at + lengthBytes / 4 > words.length) {
        return this.#fail(new ClientError("PROTOCOL_ERROR", `a record at offset ${at * 4} has length ${lengthBytes}`));
      }
      this.#onRecord(words, at);
      at += lengthBytes / 4;
    }
  }

  #onRecord(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case LogonAck.TEMPLATE_ID:
        return this.#onLogonAck(words, at);
      case LogonReject.TEMPLATE_ID:
        return this.#fail(
          new ClientError(errorCodeOf(LogonReject.code(words, at)), `the logon was refused: ${LogonReject.text(words, at)}`),
        );
      case LogoutNotice.TEMPLATE_ID:
        return this.#onLogoutNotice(words, at);
      case Heartbeat.TEMPLATE_ID:
        if (Heartbeat.nextSeq(words, at) !== this.#serverSeqLast + 1) this.#failAtGap(Heartbeat.nextSeq(words, at));
        return;
      case TestRequest.TEMPLATE_ID:
        return this.#write(TestReply, 0, (out, to) => TestReply.setToken(out, to, TestRequest.token(words, at)));
      case TestReply.TEMPLATE_ID:
      case ShutdownNotice.TEMPLATE_ID:
        return;
      case GapFill.TEMPLATE_ID:
        if (Header.seq(words, at) !== this.#serverSeqLast + 1) return this.#failAtGap(Header.seq(words, at));
        this.#serverSeqLast = GapFill.nextSeq(words, at) - 1;
        return;
      default:
        if (!this.#feeds.take(words, at)) this.#onCounted(words, at);
    }
  }

  #onLogonAck(words: Int32Array, at: number): void {
    this.#account = LogonAck.account(words, at);
    this.#sessionId = LogonAck.session(words, at);
    this.#clientSeqNext = LogonAck.nextClientSeq(words, at);
    this.#serverSeqLast = LogonAck.nextServerSeq(words, at) - 1;
    const nextSeq = LogonAck.resumed(words, at) === 1 ? this.#clientSeqNext : Number.POSITIVE_INFINITY;
    if (this.#state === "lost") return this.#back(nextSeq, LogonAck.resetRequired(words, at) === 0, LogonAck.canceledOrders(words, at));
    if (this.#state === "connecting") this.#state = "open";
    this.#onOpened?.resolve();
  }

  /** The session goes on, on a new socket; what was missed follows. */
  #back(nextSeq: number, isResumed: boolean, canceledOrders: number): void {
    this.#state = "open";
    this.#notice = undefined;
    clearTimeout(this.#retry);
    this.#dialing.backOff?.reset();
    this.#outcomes.reconcile(nextSeq, isResumed);
    this.#tell({ event: "connection", state: isResumed ? "resumed" : "reset", canceledOrders });
    // States may have changed meanwhile. Whoever waits for instruments asks by itself.
    this.instruments().catch(() => {});
    this.#feeds.subscribeAgain();
  }

  #onLogoutNotice(words: Int32Array, at: number): void {
    const code = LogoutNotice.code(words, at);
    if (code === CODES.LOGGED_OUT && this.#state === "closing") return;
    this.#notice = new ClientError(errorCodeOf(code), `the gateway ended the session: ${LogoutNotice.text(words, at)}`);
  }

  #onCounted(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    if (seq !== this.#serverSeqLast + 1) return this.#failAtGap(seq);
    this.#serverSeqLast = seq;
    switch (Header.templateId(words, at)) {
      case SubscribeAck.TEMPLATE_ID:
        return this.#questions.settle(SubscribeAck.clientSeq(words, at));
      case CancelAllAfterAck.TEMPLATE_ID:
        return this.#questions.settle(CancelAllAfterAck.clientSeq(words, at));
      case RequestDone.TEMPLATE_ID:
        return this.#questions.settle(RequestDone.clientSeq(words, at));
      case OrderStatus.TEMPLATE_ID:
        return this.#questions.take(OrderStatus.clientSeq(words, at), words, at);
      case Balance.TEMPLATE_ID:
        return this.#questions.take(Balance.clientSeq(words, at), words, at);
      case Position.TEMPLATE_ID:
        return this.#questions.take(Position.clientSeq(words, at), words, at);
      case InstrumentDefinition.TEMPLATE_ID:
        return this.#onDefinition(words, at);
      case InstrumentState.TEMPLATE_ID:
        return this.#onState(words, at);
      case NotApplied.TEMPLATE_ID:
        return this.#fail(
          new ClientError(
            "PROTOCOL_ERROR",
            `the gateway missed ${NotApplied.count(words, at)} requests from ${NotApplied.fromSeq(words, at)}`,
          ),
        );
      case BusinessReject.TEMPLATE_ID:
        return this.#onBusinessReject(words, at);
      default:
        return this.#outcomes.take(words, at, this.#catalog, this.#reportQueues.size > 0 ? this.#tell : undefined);
    }
  }

  #onBusinessReject(words: Int32Array, at: number): void {
    const report = readReport(words, at, this.#catalog);
    const seq = BusinessReject.clientSeq(words, at);
    if (report?.event !== "rejected" || this.#outcomes.refuse(seq, report, this.#tell)) return;
    this.#questions.refuse(seq, report);
  }

  #onDefinition(words: Int32Array, at: number): void {
    this.#catalog.addInstrument(readDefinition(words, at));
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) !== 0) this.#questions.settleList();
  }

  /** An answer to a list request says how things are; anything else is a change. */
  #onState(words: Int32Array, at: number): void {
    const instrument = InstrumentState.instrument(words, at);
    this.#states.set(instrument, InstrumentState.state(words, at));
    if (InstrumentState.clientSeq(words, at) !== 0) return;
    this.#feeds.stateChanged(instrument);
    this.#tell(readState(words, at, this.#catalog));
  }

  readonly #tell = (report: Report): void => {
    for (const queue of this.#reportQueues) queue.push(report);
  };

  #beat(nowMs: number): void {
    if (this.#state !== "open") return;
    if (nowMs - this.#lastReceivedMs > SILENT_INTERVALS_MAX * this.#limits.heartbeatMs) {
      return this.#fail(new ClientError("SERVER_SILENT", `nothing came for ${Math.round(nowMs - this.#lastReceivedMs)} ms`));
    }
    if (nowMs - this.#send.lastSentMs < (3 / 4) * this.#limits.heartbeatMs) return;
    this.#write(Heartbeat, 0, (words, at) => Heartbeat.setNextSeq(words, at, this.#clientSeqNext));
  }

  #failAtGap(seq: number): void {
    this.#fail(new ClientError("PROTOCOL_ERROR", `the next record must have seq ${this.#serverSeqLast + 1}, had ${seq}`));
  }

  #fail(error: ClientError): void {
    if (this.#state === "ended") return;
    const socket = this.#socket;
    this.#over({ code: PROTOCOL_ERROR_CLOSURE, error });
    socket.close(PROTOCOL_ERROR_CLOSURE, error.code);
  }

  #onSocketClosed(code: number): void {
    if (this.#state === "ended") return;
    if (this.#state === "closing" && this.#notice === undefined) return this.#end({ code });
    this.#over({ code, error: this.#notice ?? new ClientError("DISCONNECTED", `the socket closed with ${code}`) });
  }

  /** The socket is of no use any more: the session comes back on another, or ends. */
  #over(info: CloseInfo): void {
    const canComeBack = this.#state === "open" || this.#state === "lost";
    const delayMs = canComeBack ? this.#dialing.backOff?.next(info.error, Math.random()) : undefined;
    if (delayMs === undefined) return this.#end(info);
    if (this.#state === "open") this.#lost();
    this.#notice = undefined;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#dialAgain(), delayMs);
  }

  /** Requests to the engine wait for what the session will say. Questions to the gateway can be asked again. */
  #lost(): void {
    this.#state = "lost";
    this.#outcomes.leaveOff();
    this.#questions.failAll(new ClientError("DISCONNECTED", "the connection was lost"));
    this.#tell({ event: "connection", state: "lost", canceledOrders: 0 });
  }

  async #dialAgain(): Promise<void> {
    try {
      const dialed = await this.#dialing.dial(this.#serverSeqLast + 1);
      if (this.#state !== "lost") return dialed.socket.close();
      const timeoutMs = this.#limits.connectTimeoutMs;
      this.#listen(dialed);
      this.#retry = setTimeout(() => this.#fail(new ClientError("DISCONNECTED", `no session within ${timeoutMs} ms`)), timeoutMs);
    } catch (error) {
      if (this.#state !== "lost") return;
      this.#over({ code: NORMAL_CLOSURE, error: error instanceof ClientError ? error : new ClientError("DISCONNECTED", String(error)) });
    }
  }

  /** Everybody who waits is told once. */
  #end(info: CloseInfo): void {
    this.#state = "ended";
    this.#notice = info.error;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    const error = info.error ?? new ClientError("CLOSED", "the session was closed");
    this.#onOpened?.reject(error);
    this.#outcomes.failAll(error);
    this.#questions.failAll(error);
    for (const queue of [...this.#reportQueues]) queue.end(info.error);
    this.#feeds.finish(info.error);
    this.#onClosed(info);
  }
}
