import type { Logger } from "pino";
import { CODES } from "../engine/wire/codes.js";
import { ShutdownNotice } from "../engine/wire/flyweights.js";
import { CancelScope } from "../engine/wire/generated/enums.js";
import { NULL_UINT32 } from "../engine/wire/numbers.js";
import { CLOSE, type CloseCode } from "./close-codes.js";
import { DeadMan } from "./dead-man.js";
import { Disconnects } from "./disconnects.js";
import { Doorkeeper } from "./doorkeeper.js";
import { Egress } from "./egress.js";
import { EgressPump } from "./egress-pump.js";
import type { EnginePort, PortHost } from "./engine-port.js";
import { FanOut } from "./fan-out.js";
import type { FaultCode } from "./frame-check.js";
import { GatewayError } from "./gateway-error.js";
import { Inbound } from "./inbound.js";
import { Ingress } from "./ingress.js";
import type { GatewayKey } from "./keys.js";
import { LogonCheck } from "./logon.js";
import { type KeyAccounts, LogonDesk } from "./logon-desk.js";
import { type CheckedOptions, checkOptions, type GatewayOptions } from "./options.js";
import { OrderMirrors } from "./order-mirrors.js";
import { OutboxPool } from "./outbox.js";
import { Peer } from "./peer.js";
import { engineFailed, portStarted } from "./port-start.js";
import { RequestDesk } from "./request-desk.js";
import { Routes } from "./routes.js";
import { DirtySessions, type Session } from "./session.js";
import { SessionTable } from "./session-table.js";
import { StatementDesk } from "./statement-desk.js";
import { Throttle } from "./throttle.js";
import { chooseTransport } from "./transport/choose-transport.js";
import type { Connection, Listener, Transport, TransportHandlers, UpgradeRequest } from "./transport/transport.js";
import { letGo, Watch } from "./watch.js";
import { formatOf, SBE_FORMAT, SUBPROTOCOLS } from "./wire-format.js";

export const SUBPROTOCOL = SBE_FORMAT.subprotocol;
/** Events that one turn of the egress reads before sockets and timers have theirs. */
const EVENTS_PER_TURN = 4096;
/** How long an engine may take to make a port usable. */
const START_MS_MAX = 10_000;
/** How long a gateway that closes waits for the engine's last answers. */
const LAST_ANSWERS_MS = 250;
const LAST_ANSWERS_LOOK_MS = 5;
/** Market data leaves this much of what may wait for a socket to private reports. */
const LAG_FACTOR = 4;
/** The transport lets through what is somewhat too long, so that FRAME_TOO_LARGE can be said before the close. */
const HARD_FRAME_FACTOR = 4;

/** What a gateway holds at a moment. */
export interface GatewayStats {
  /** Sockets, logged on or not. */
  readonly connections: number;
  readonly sessions: number;
  /** Sessions that wait for their clients to come back. */
  readonly sessionsWaiting: number;
  /** Commands that the engine has not answered to the end. */
  readonly inFlight: number;
  readonly liveOrders: number;
  readonly throttleBudgets: number;
  /** Memory of what may be sent again, and of the requests that are remembered. */
  readonly keptBytes: number;
  /** What waits in this process for slow sockets. */
  readonly bufferedBytes: number;
  readonly outboxBytes: number;
}

/**
 * A binary WebSocket gateway in front of an engine, on the thread that called `listen`. It never blocks its event loop
 * longer than `limits.replySpinUs`, holds nothing unbounded, and sleeps when nothing happens.
 *
 * The nonces of logons are remembered here and nowhere else: a recorded Logon cannot be played again at this gateway, but
 * at another one with the same key, or at this one after a restart, it can while its timestamp is within the window.
 * Gateways that must not take each other's logons need keys of their own.
 */
export class Gateway {
  /** Resolves with the error when the gateway, or the engine behind it, fails; with undefined when either is closed. Never rejects. */
  readonly failed: Promise<Error | undefined>;
  readonly #logger: Logger;
  readonly #options: CheckedOptions;
  readonly #port: EnginePort;
  readonly #transport: Transport;
  readonly #peers = new Set<Peer>();
  readonly #peerOfSession = new Map<Session, Peer>();
  readonly #sessions = new SessionTable();
  readonly #dirty = new DirtySessions(new OutboxPool());
  readonly #fanOut: FanOut;
  readonly #ingress: Ingress;
  readonly #egress: Egress;
  readonly #inbound: Inbound;
  readonly #orders: OrderMirrors;
  readonly #deadMan = new DeadMan();
  readonly #throttle: Throttle;
  readonly #desk: RequestDesk;
  readonly #logons: LogonDesk;
  readonly #disconnects: Disconnects;
  readonly #door: Doorkeeper;
  readonly #watch: Watch;
  #listener: Listener | undefined;
  #isRefusing = false;
  /** It takes no new connections, because it was told to. */
  #isDraining = false;
  /** ShutdownNotice was said. */
  #isClosing = false;
  #hasFailed = false;
  /** Orders went to the engine in this turn of the event loop. */
  #hasSent = false;
  #pump: EgressPump | undefined;
  #closed: Promise<void> | undefined;
  #settleFailed: (error: Error | undefined) => void = () => {};

  /**
   * Opens the port and starts to serve.
   * Rejects with GatewayError: BAD_OPTION, DUPLICATE_KEY, UNKNOWN_ACCOUNT (a key for an account that the engine does not have),
   * TRANSPORT_MISSING (`uws` asked for and not there), LISTEN_FAILED, ENGINE_FAILED, ENGINE_NOT_READY. Rejects with the signal's reason
   * when that is aborted, and with what `openPort` of the engine throws.
   */
  static async listen(engine: PortHost, options: GatewayOptions): Promise<Gateway> {
    const checked = checkOptions(options);
    checked.signal?.throwIfAborted();
    const transport = chooseTransport(checked.transport, checked.logger);
    const port = engine.openPort("gateway");
    try {
      await portStarted(port, START_MS_MAX, checked.signal);
      const gateway = new Gateway(port, transport, checked);
      await gateway.#open();
      return gateway;
    } catch (error) {
      port.close();
      throw error;
    }
  }

  private constructor(port: EnginePort, transport: Transport, options: CheckedOptions) {
    const { limits } = options;
    this.failed = new Promise((resolve) => {
      this.#settleFailed = resolve;
    });
    this.#logger = options.logger;
    this.#options = options;
    this.#port = port;
    this.#transport = transport;
    this.#throttle = new Throttle(options.rates);
    this.#fanOut = new FanOut(port, { lagBytes: limits.maxBackpressureBytes / LAG_FACTOR, onWritten: () => this.#flush() });
    this.#orders = new OrderMirrors(port);
    this.#ingress = new Ingress(port, new Routes(port, this.#orders), limits.maxInFlight);
    this.#egress = new Egress(port, this.#sessions, this.#fanOut, this.#orders);
    this.#desk = new RequestDesk({
      port,
      fanOut: this.#fanOut,
      ingress: this.#ingress,
      orders: this.#orders,
      deadMan: this.#deadMan,
      statements: new StatementDesk({ port, catchUp: () => this.#catchUp(), onWritten: () => this.#flush() }),
    });
    this.#logons = this.#logonDesk(accountsOf(port, options.keys));
    this.#inbound = this.#inboundOf();
    this.#disconnects = new Disconnects({
      sessions: this.#sessions,
      ingress: this.#ingress,
      orders: this.#orders,
      deadMan: this.#deadMan,
      sessionLifeMs: limits.sessionLifeMs,
      forget: (session) => this.#logons.forget(session),
    });
    this.#door = new Doorkeeper({
      throttle: this.#throttle,
      tokens: options.tokens,
      origins: options.origins,
      maxConnections: limits.maxConnections,
      logger: options.logger,
      connectionCount: () => this.#peers.size,
      isRefusing: () => this.#isRefusing || this.#isDraining,
    });
    this.#watch = new Watch(this.#peers, limits.logonTimeoutMs, (nowMs) => this.#look(nowMs));
  }

  #logonDesk(accounts: ReadonlyMap<GatewayKey, KeyAccounts>): LogonDesk {
    return new LogonDesk({
      port: this.#port,
      accounts,
      sessions: this.#sessions,
      dirty: this.#dirty,
      throttle: this.#throttle,
      logonCheck: new LogonCheck(this.#options.keys, this.#options.limits),
      limits: this.#options.limits,
      duplicateLogon: this.#options.duplicateLogon,
      peerOf: (session) => this.#peerOfSession.get(session),
      onReplaced: (session) => this.#detach(session, performance.now()),
      onLogon: (peer, session) => this.#loggedOn(peer, session),
      onForgotten: (session) => this.#forgotten(session),
      onRefusal: (peer, refusal) => this.#logger.warn({ ...refusal, address: peer.connection.remoteAddress }, "logon refused"),
    });
  }

  #inboundOf(): Inbound {
    return new Inbound({
      logons: this.#logons,
      desk: this.#desk,
      throttle: this.#throttle,
      pool: this.#dirty.pool,
      maxFrameBytes: this.#options.limits.maxFrameBytes,
      isDraining: () => this.#isClosing,
    });
  }

  /** The bound TCP port. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Name of the transport that runs. */
  get transport(): string {
    return this.#transport.name;
  }

  /** Sessions that are logged on. Others may wait for their clients to come back. */
  get sessionCount(): number {
    return this.#sessions.size - this.#sessions.detachedCount;
  }

  /** It takes no new connections, because it was told to. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** While it is on, new connections are refused with 503, those of clients that come back too; open sessions stay as they are. */
  drain(on: boolean): void {
    if (on !== this.#isDraining) this.#logger.info({ draining: on }, on ? "gateway draining" : "gateway takes connections again");
    this.#isDraining = on;
  }

  /** What it holds at the moment. All of it is bounded by `limits` and by the engine's capacities. */
  stats(): GatewayStats {
    let keptBytes = 0;
    let bufferedBytes = 0;
    for (const session of this.#sessions.all()) keptBytes += session.keptBytes;
    for (const peer of this.#peers) bufferedBytes += peer.connection.bufferedBytes;
    return {
      connections: this.#peers.size,
      sessions: this.sessionCount,
      sessionsWaiting: this.#sessions.detachedCount,
      inFlight: this.#dirty.inFlight,
      liveOrders: this.#orders.size,
      throttleBudgets: this.#throttle.budgetCount,
      keptBytes,
      bufferedBytes,
      outboxBytes: this.#dirty.pool.bytes,
    };
  }

  /**
   * Tells every session with ShutdownNotice that it has `limits.shutdownMs` left for cancels, then cancels for those who have asked for
   * that, says SHUTTING_DOWN, closes the sockets with 4010 and frees the port. Safe to call twice.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends at once: sockets are cut off without a word, nothing is canceled for anybody, the port is free. Safe to call twice. */
  abort(): Promise<void> {
    this.#isRefusing = true;
    this.#hasFailed = true;
    const released = this.#release();
    this.#closed ??= released;
    return released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What was there before this gateway: live orders, and sessions that the engine has recovered from its journal. */
  #takeOver(): void {
    this.#orders.seed(this.#port.takeOpenOrders());
    const { recovered } = this.#port;
    if (recovered === undefined) return;
    const restored = this.#logons.restore(this.#options.keys, recovered);
    if (restored.length === 0) return;
    this.#egress.replay(recovered.events);
    this.#flush();
    this.#logger.info({ sessions: restored.length }, "sessions restored");
  }

  async #open(): Promise<void> {
    this.#takeOver();
    const { host, port, limits } = this.#options;
    try {
      this.#listener = await this.#transport.listen(
        {
          host,
          port,
          subprotocols: SUBPROTOCOLS,
          maxFrameBytes: HARD_FRAME_FACTOR * limits.maxFrameBytes,
          maxBackpressureBytes: limits.maxBackpressureBytes,
        },
        this.#handlers(),
      );
    } catch (error) {
      this.#watch.close();
      throw error;
    }
    this.#options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#pump = new EgressPump(this.#port, {
      work: () => this.#turn(),
      eventsPerTurn: EVENTS_PER_TURN,
      isExpecting: () => this.#dirty.inFlight > 0,
      eagerMs: limits.eagerUs / 1000,
    });
    this.#port.onFailure((error) => this.#portFailed(error));
    await this.#assertOpen();
    this.#logger.info({ host, port: this.port, transport: this.transport }, "gateway listening");
  }

  /** Much may have happened while the transport got its address. */
  async #assertOpen(): Promise<void> {
    const { signal } = this.#options;
    if (signal?.aborted === true) await this.close();
    signal?.throwIfAborted();
    if (this.#closed === undefined) return;
    await this.#closed;
    throw engineFailed((await this.failed) ?? new Error("it was closed"));
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  #handlers(): TransportHandlers<Peer> {
    return {
      onUpgrade: (request) => this.#door.judge(request),
      onOpen: (connection, request) => this.#opened(connection, request),
      onFrame: (peer, bytes) => this.#frame(peer, bytes),
      onText: (peer) => peer.logOut(CODES.TEXT_FRAME, CLOSE.TEXT_FRAME, "at offset 0"),
      onDrain: () => this.#flush(),
      onClose: (peer, code) => this.#gone(peer, code),
    };
  }

  #opened(connection: Connection, request: UpgradeRequest): Peer {
    const peer = new Peer(connection, formatOf(connection.subprotocol), this.#door.identityOf(request), performance.now());
    this.#peers.add(peer);
    return peer;
  }

  #frame(peer: Peer, bytes: Uint8Array): void {
    peer.lastReceivedMs = performance.now();
    this.#inbound.onFrame(peer, bytes, Date.now(), peer.lastReceivedMs);
    this.#publish(peer.lastReceivedMs);
    this.#flush();
    if (peer.isLoggingOut && peer.session !== undefined) letGo(peer, peer.session, peer.lastReceivedMs);
  }

  #publish(nowMs: number): void {
    if (this.#ingress.publish() === 0) return;
    this.#hasSent = true;
    this.#pump?.expect(nowMs);
  }

  /** What the watch does after every look. */
  #look(nowMs: number): void {
    this.#disconnects.turn(nowMs);
    this.#publish(nowMs);
    this.#flush();
  }

  /** Once a turn of the event loop, behind all frames that the turn brought. */
  #turn(): number {
    let count = this.#drain();
    if (this.#hasSent) count += this.#awaitReplies(count > 0);
    this.#hasSent = false;
    if (this.#desk.isWaiting) this.#desk.settle({ timeUs: Date.now() * 1000, nowMs: performance.now() });
    this.#flush();
    return count;
  }

  /** Most answers are there within microseconds, and they come in one go: wait for the first of them, and until no more come. */
  #awaitReplies(hasBegun: boolean): number {
    const deadlineMs = performance.now() + this.#options.limits.replySpinUs / 1000;
    let count = 0;
    while (performance.now() < deadlineMs) {
      const found = this.#drain();
      if (found === 0 && (hasBegun || count > 0)) break;
      count += found;
    }
    return count;
  }

  /** Reading throws when this thread was blocked for so long that the engine went on without it; then events are missing. */
  #drain(): number {
    if (this.#hasFailed) return 0;
    try {
      return this.#egress.drain(EVENTS_PER_TURN);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return 0;
    }
  }

  /** Writes what has happened so far. What goes on happening meanwhile is for the next turn. */
  #catchUp(): void {
    while (this.#drain() >= EVENTS_PER_TURN);
  }

  #flush(): void {
    this.#fanOut.settle();
    this.#dirty.flushAll(performance.now());
  }

  #loggedOn(peer: Peer, session: Session): void {
    this.#peerOfSession.set(session, peer);
    this.#logger.info({ key: session.key.id, session: session.id, address: peer.connection.remoteAddress }, "session opened");
  }

  #gone(peer: Peer, code: number): void {
    peer.isLeaving = true;
    this.#peers.delete(peer);
    const { session } = peer;
    if (session === undefined)
      return this.#logger.debug({ code, address: peer.connection.remoteAddress }, "connection closed before logon");
    this.#logger.info({ code, key: session.key.id, session: session.id }, "session lost its socket");
    if (this.#peerOfSession.get(session) !== peer) return;
    const nowMs = performance.now();
    this.#detach(session, nowMs);
    // Who says goodbye, or is thrown out, does not come back in a moment.
    if (peer.isLoggingOut || code === CLOSE.THROTTLE_BREACH) session.cancelAtMs = Math.min(session.cancelAtMs, nowMs);
  }

  #forgotten(session: Session): void {
    this.#desk.drop(session);
    this.#logger.debug({ key: session.key.id, session: session.id }, "session forgotten");
  }

  #detach(session: Session, nowMs: number): void {
    this.#peerOfSession.delete(session);
    this.#fanOut.drop(session);
    if (session.allowance !== undefined) this.#throttle.release(session.allowance);
    session.detach(nowMs);
    this.#sessions.detached(session);
  }

  /** What the engine had said before it went is still there: answers first, then the goodbye. */
  #portFailed(error: Error): void {
    while (this.#drain() > 0);
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    // A port that has failed is always ready. A gateway that is closing already goes on with that, without the pump.
    this.#pump?.stop();
    const wasClosed = "code" in error && error.code === "ENGINE_CLOSED";
    if (wasClosed) this.#logger.info("the engine was closed; all sessions end");
    else this.#logger.error({ err: error }, "the engine failed; all sessions end");
    if (wasClosed) this.#dismissAll(CODES.SHUTTING_DOWN, CLOSE.SHUTTING_DOWN);
    else this.#dismissAll(CODES.ENGINE_FAILED, CLOSE.ENGINE_FAILED);
    this.#settleFailed(wasClosed ? undefined : error);
    this.#closed ??= this.#release();
  }

  #dismissAll(code: FaultCode, closeCode: CloseCode): void {
    this.#isRefusing = true;
    for (const peer of this.#peers) peer.logOut(code, closeCode);
  }

  async #close(): Promise<void> {
    this.#isRefusing = true;
    await this.#drainSessions();
    this.#dismissAll(CODES.SHUTTING_DOWN, CLOSE.SHUTTING_DOWN);
    await this.#release();
    this.#settleFailed(undefined);
  }

  /** Gives sessions their time, then cancels for those who will not be there, and lets the answers come. */
  async #drainSessions(): Promise<void> {
    const { shutdownMs } = this.#options.limits;
    if (shutdownMs > 0 && this.sessionCount > 0) {
      this.#isClosing = true;
      this.#announceShutdown(shutdownMs);
      await delay(shutdownMs);
    }
    if (this.#hasFailed) return;
    const leaving = [...this.#sessions.all()].filter(
      (session) => session.cancelScope !== CancelScope.none && (session.isOpen || session.cancelAtMs < Number.POSITIVE_INFINITY),
    );
    if (leaving.length > 0 || this.#dirty.inFlight > 0) await this.#lastAnswers(leaving);
  }

  #announceShutdown(closesInMs: number): void {
    for (const session of this.#sessions.all()) {
      const at = session.claim(ShutdownNotice.RECORD_BYTES);
      ShutdownNotice.init(session.words, at, 0, Date.now() * 1000);
      ShutdownNotice.setClosesInMs(session.words, at, closesInMs);
      ShutdownNotice.setText(session.words, at, "SHUTTING_DOWN");
    }
    this.#flush();
  }

  async #lastAnswers(leaving: Session[]): Promise<void> {
    const deadlineMs = performance.now() + LAST_ANSWERS_MS;
    let left = leaving;
    do {
      left = left.filter((session) => !this.#disconnects.cancel(session));
      this.#publish(performance.now());
      await delay(LAST_ANSWERS_LOOK_MS);
      this.#turn();
    } while ((left.length > 0 || this.#dirty.inFlight > 0) && performance.now() < deadlineMs && !this.#hasFailed);
  }

  async #release(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#watch.close();
    this.#fanOut.close();
    this.#pump?.stop();
    this.#port.close();
    await this.#listener?.close();
    this.#logger.info({ port: this.port }, "gateway closed");
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function accountsOf(port: EnginePort, keys: readonly GatewayKey[]): ReadonlyMap<GatewayKey, KeyAccounts> {
  const idOf = (key: GatewayKey, name: string): number => {
    const account = port.accountId(name);
    if (account !== undefined) return account;
    throw new GatewayError("UNKNOWN_ACCOUNT", `key ${key.id} is for account ${name}, which the engine does not have`);
  };
  const accounts = new Map<GatewayKey, KeyAccounts>();
  for (const key of keys) {
    const account = key.account === undefined ? NULL_UINT32 : idOf(key, key.account);
    const copied = key.dropCopyAccounts?.map((name) => idOf(key, name));
    accounts.set(key, { account, copied: copied === undefined ? undefined : new Set(copied) });
  }
  return accounts;
}
