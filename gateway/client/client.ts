import type { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import { atomOfScale, Catalog, type InstrumentInfo } from "../../engine/edge/catalog.js";
import type { StateName } from "../../engine/edge/types.js";
import { CODES, codeName } from "../../engine/wire/codes.js";
import {
  BusinessReject,
  Cancel,
  Heartbeat,
  InstrumentDefinition,
  InstrumentListRequest,
  InstrumentState,
  LogonAck,
  LogonReject,
  Logout,
  LogoutNotice,
  MassCancel,
  NewOrder,
  NewOrderFull,
  NotApplied,
  Reduce,
  Replace,
  ShutdownNotice,
  SubscribeAck,
  TestReply,
  TestRequest,
} from "../../engine/wire/flyweights.js";
import { TRADING_STATE_NAMES } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { assertNotAborted, orAborted } from "./aborted.js";
import { ClientError, type ClientErrorCode } from "./client-error.js";
import { clientQueue } from "./client-queue.js";
import { Feeds } from "./feeds.js";
import type { BookOptions, LocalBook } from "./local-book.js";
import type { ChannelItem, ChannelName } from "./market-data.js";
import { type Outcome, PendingOrder, PendingReply } from "./pending.js";
import { answeredSeq, readReport, readState } from "./read-report.js";
import type { Report } from "./reports.js";
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
import { SendBuffer } from "./send-buffer.js";
import type { SocketLike } from "./socket.js";

export interface ClientLimits {
  readonly heartbeatMs: number;
  readonly maxPending: number;
  readonly maxBuffered: number;
}

/** How a session ended. */
export interface CloseInfo {
  /** WebSocket close code; 4000 to 4099 are the gateway's. */
  readonly code: number;
  /** Undefined after `close()`. */
  readonly error?: ClientError;
}

/** What can be given with every request. */
export interface RequestOptions {
  /** Gives up waiting, with ABORTED. A request that was sent is not taken back: its order may live. */
  readonly signal?: AbortSignal;
}

interface Flyweight {
  readonly RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
}

const SILENT_INTERVALS_MAX = 2.5;
const CLOSE_TIMEOUT_MS = 3_000;
const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR_CLOSURE = 4999;

/**
 * A session with a gateway: made by `connect`, one socket, one event loop. Requests of one turn of the event loop leave
 * in one message. Decimals are texts here and whole ticks and lots on the wire.
 */
export class Client {
  /** Settles when the gateway has taken the logon, or refused it. */
  readonly opened: Promise<void>;
  /** Resolves when the session is over, whatever ended it. Never rejects. */
  readonly closed: Promise<CloseInfo>;
  readonly #socket: SocketLike;
  readonly #limits: ClientLimits;
  readonly #send: SendBuffer;
  readonly #catalog = new Catalog();
  /** By instrument: a value of TradingState. */
  readonly #states = new Map<number, number>();
  readonly #orders = new Map<number, PendingOrder>();
  readonly #replies = new Map<number, PendingReply<void>>();
  readonly #listRequests: number[] = [];
  readonly #reportQueues = new Set<BoundedQueue<Report>>();
  readonly #feeds: Feeds;
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** The request whose reports are coming in. */
  #current: PendingOrder | undefined;
  #currentSeq = 0;
  #clientSeqNext = 1;
  #serverSeqLast = 0;
  #lastReceivedMs = performance.now();
  #state: "connecting" | "open" | "closing" | "ended" = "connecting";
  #notice: ClientError | undefined;
  #account = 0;
  #sessionId = 0;
  #onOpened: { resolve(): void; reject(error: ClientError): void } | undefined;
  #onClosed: (info: CloseInfo) => void = () => {};

  /** For `connect`. */
  constructor(socket: SocketLike, logon: Uint8Array, limits: ClientLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#send = new SendBuffer(socket);
    const isOpen = (): boolean => this.#state === "open";
    const link = {
      ask: this.#ask.bind(this),
      get isOpen() {
        return isOpen();
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
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => socket.send(logon));
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("error", (event) => this.#fail(new ClientError("DISCONNECTED", event.message ?? "the socket failed")));
    socket.addEventListener("close", ({ code }) => this.#onSocketClosed(code));
    this.#heartbeat = setInterval(() => this.#beat(performance.now()), limits.heartbeatMs / 4);
    (this.#heartbeat as { unref?(): void }).unref?.();
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
    return this.#orders.size + this.#replies.size;
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
        this.#ask(InstrumentListRequest, () => {}, this.#listRequests),
        options.signal,
      );
    } catch (error) {
      // This is how a gateway says that it has none.
      if (!(error instanceof ClientError) || error.code !== "UNKNOWN_INSTRUMENT") throw error;
    }
    // Ids that this engine does not use are holes, which filter leaves out.
    return this.#catalog.allInstruments().filter(() => true);
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
      this.#orders.set(seq, new PendingOrder({ resolve, reject }));
    });
    return orAborted(outcome, signal);
  }

  /** A request that the gateway answers itself. */
  #ask(flyweight: Flyweight, fill: (words: Int32Array, at: number) => void, order?: number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#assertOpen();
      const seq = this.#clientSeqNext;
      this.#write(flyweight, seq, fill);
      this.#clientSeqNext = seq + 1;
      this.#replies.set(seq, new PendingReply<void>(undefined, { resolve, reject }));
      order?.push(seq);
    });
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
    if (!(data instanceof ArrayBuffer) || data.byteLength % 8 !== 0)
      return this.#fail(new ClientError("PROTOCOL_ERROR", "not a binary message of whole records"));
    const words = new Int32Array(data);
    let at = 0;
    while (at < words.length && !this.#isEnded()) {
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
        return this.#fail(new ClientError(codeOf(LogonReject.code(words, at)), `the logon was refused: ${LogonReject.text(words, at)}`));
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
      default:
        if (!this.#feeds.take(words, at)) this.#onCounted(words, at);
    }
  }

  #onLogonAck(words: Int32Array, at: number): void {
    this.#account = LogonAck.account(words, at);
    this.#sessionId = LogonAck.session(words, at);
    this.#clientSeqNext = LogonAck.nextClientSeq(words, at);
    if (this.#state === "connecting") this.#state = "open";
    this.#onOpened?.resolve();
  }

  #onLogoutNotice(words: Int32Array, at: number): void {
    const code = LogoutNotice.code(words, at);
    if (code === CODES.LOGGED_OUT && this.#state === "closing") return;
    this.#notice = new ClientError(codeOf(code), `the gateway ended the session: ${LogoutNotice.text(words, at)}`);
  }

  #onCounted(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    if (seq !== this.#serverSeqLast + 1) return this.#failAtGap(seq);
    this.#serverSeqLast = seq;
    switch (Header.templateId(words, at)) {
      case SubscribeAck.TEMPLATE_ID:
        return this.#settleReply(SubscribeAck.clientSeq(words, at));
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
        return this.#onReport(words, at);
    }
  }

  /** Its last record settles its request, wherever a refusal of the gateway comes in between. */
  #onReport(words: Int32Array, at: number): void {
    const answered = answeredSeq(words, at);
    if (answered !== 0 && answered !== this.#currentSeq) {
      this.#current = this.#orders.get(answered);
      this.#currentSeq = answered;
    }
    const isHeard = this.#reportQueues.size > 0;
    const report = isHeard || this.#current !== undefined ? readReport(words, at, this.#catalog) : undefined;
    if (report === undefined) return;
    this.#current?.add(report);
    if (isHeard) this.#tell(report);
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0) return;
    this.#orders.delete(this.#currentSeq);
    this.#current?.settle();
    this.#current = undefined;
    this.#currentSeq = 0;
  }

  #onBusinessReject(words: Int32Array, at: number): void {
    const report = readReport(words, at, this.#catalog);
    const seq = BusinessReject.clientSeq(words, at);
    if (report?.event !== "rejected") return;
    const order = this.#orders.get(seq);
    if (order !== undefined) {
      this.#orders.delete(seq);
      order.add(report);
      this.#tell(report);
      order.settle();
      return;
    }
    const index = this.#listRequests.indexOf(seq);
    if (index >= 0) this.#listRequests.splice(index, 1);
    this.#replies.get(seq)?.refuse(report);
    this.#replies.delete(seq);
  }

  #onDefinition(words: Int32Array, at: number): void {
    this.#catalog.addInstrument({
      id: InstrumentDefinition.instrument(words, at),
      symbol: InstrumentDefinition.symbol(words, at),
      base: InstrumentDefinition.base(words, at),
      quote: InstrumentDefinition.quote(words, at),
      tick: { mantissa: InstrumentDefinition.tickMantissa(words, at), exponent: InstrumentDefinition.tickExponent(words, at) },
      lot: { mantissa: InstrumentDefinition.lotMantissa(words, at), exponent: InstrumentDefinition.lotExponent(words, at) },
      atom: atomOfScale(InstrumentDefinition.quoteScale(words, at)),
      minQty: InstrumentDefinition.minQty(words, at),
      maxQty: InstrumentDefinition.maxQty(words, at),
      minPrice: InstrumentDefinition.minPrice(words, at),
      maxPrice: InstrumentDefinition.maxPrice(words, at),
    });
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) !== 0) this.#settleReply(this.#listRequests.shift() ?? 0);
  }

  /** An answer to a list request says how things are; anything else is a change. */
  #onState(words: Int32Array, at: number): void {
    const instrument = InstrumentState.instrument(words, at);
    this.#states.set(instrument, InstrumentState.state(words, at));
    if (InstrumentState.clientSeq(words, at) !== 0) return;
    this.#feeds.stateChanged(instrument);
    this.#tell(readState(words, at, this.#catalog));
  }

  #settleReply(seq: number): void {
    this.#replies.get(seq)?.settle();
    this.#replies.delete(seq);
  }

  #tell(report: Report): void {
    for (const queue of this.#reportQueues) queue.push(report);
  }

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
    this.#end({ code: PROTOCOL_ERROR_CLOSURE, error });
    this.#socket.close(PROTOCOL_ERROR_CLOSURE, error.code);
  }

  #onSocketClosed(code: number): void {
    if (this.#state === "ended") return;
    if (this.#state === "closing" && this.#notice === undefined) return this.#end({ code });
    this.#end({ code, error: this.#notice ?? new ClientError("DISCONNECTED", `the socket closed with ${code}`) });
  }

  /** Everybody who waits is told once. */
  #end(info: CloseInfo): void {
    this.#state = "ended";
    this.#notice = info.error;
    clearInterval(this.#heartbeat);
    const error = info.error ?? new ClientError("CLOSED", "the session was closed");
    this.#onOpened?.reject(error);
    for (const order of this.#orders.values()) order.fail(error);
    for (const reply of this.#replies.values()) reply.fail(error);
    this.#orders.clear();
    this.#replies.clear();
    for (const queue of [...this.#reportQueues]) queue.end(info.error);
    this.#feeds.finish(info.error);
    this.#onClosed(info);
  }
}

/** A newer gateway may have codes that this client does not know. */
function codeOf(code: number): ClientErrorCode {
  try {
    return codeName(code);
  } catch {
    return "DISCONNECTED";
  }
}
