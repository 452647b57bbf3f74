import type { Logger } from "pino";
import { CODES } from "../engine/wire/codes.js";
import { CLOSE, type CloseCode } from "./close-codes.js";
import { Egress } from "./egress.js";
import { EgressPump } from "./egress-pump.js";
import type { EnginePort, PortHost } from "./engine-port.js";
import { FanOut } from "./fan-out.js";
import type { FaultCode } from "./frame-check.js";
import { GatewayError } from "./gateway-error.js";
import { Inbound } from "./inbound.js";
import { Ingress } from "./ingress.js";
import { LogonCheck } from "./logon.js";
import { type CheckedOptions, checkOptions, type GatewayKey, type GatewayOptions } from "./options.js";
import { OutboxPool } from "./outbox.js";
import { Peer } from "./peer.js";
import { engineFailed, portStarted } from "./port-start.js";
import { DirtySessions, type Session } from "./session.js";
import { SessionTable } from "./session-table.js";
import { chooseTransport } from "./transport/choose-transport.js";
import type { Connection, Listener, Transport, TransportHandlers } from "./transport/transport.js";
import { letGo, Watch } from "./watch.js";

export const SUBPROTOCOL = "ringbook.sbe.v1";
/** Events that one turn of the egress reads before sockets and timers have theirs. */
const EVENTS_PER_TURN = 4096;
/** How long an engine may take to make a port usable. */
const START_MS_MAX = 10_000;
const SERVICE_UNAVAILABLE = 503;
/** The transport lets through what is somewhat too long, so that FRAME_TOO_LARGE can be said before the close. */
const HARD_FRAME_FACTOR = 4;

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
  readonly #watch: Watch;
  #listener: Listener | undefined;
  #isRefusing = false;
  #isDraining = false;
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
    const accounts = accountsOf(port, options.keys);
    this.#logger = options.logger;
    this.#options = options;
    this.#port = port;
    this.#transport = transport;
    this.#fanOut = new FanOut(port);
    this.#ingress = new Ingress(port, limits.maxInFlight);
    this.#egress = new Egress(port, this.#sessions, this.#fanOut);
    this.#inbound = new Inbound({
      port,
      accounts,
      sessions: this.#sessions,
      dirty: this.#dirty,
      fanOut: this.#fanOut,
      ingress: this.#ingress,
      logonCheck: new LogonCheck(options.keys, limits),
      maxFrameBytes: limits.maxFrameBytes,
      maxSessions: limits.maxSessions,
      peerOf: (session) => this.#peerOfSession.get(session),
      onLogon: (peer, session) => this.#loggedOn(peer, session),
      onRefusal: (peer, refusal) => this.#logger.warn({ ...refusal, address: peer.connection.remoteAddress }, "logon refused"),
    });
    this.#watch = new Watch(this.#peers, limits.logonTimeoutMs, () => this.#flush());
  }

  /** The bound TCP port. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Name of the transport that runs. */
  get transport(): string {
    return this.#transport.name;
  }

  /** Sessions that are logged on. */
  get sessionCount(): number {
    return this.#sessions.size;
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

  /** Says SHUTTING_DOWN to every session, closes its socket with 4010 and frees the port. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(): Promise<void> {
    const { host, port, limits } = this.#options;
    try {
      this.#listener = await this.#transport.listen(
        {
          host,
          port,
          subprotocols: [SUBPROTOCOL],
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
      onUpgrade: () => (this.#mayOpen() ? undefined : SERVICE_UNAVAILABLE),
      onOpen: (connection) => this.#opened(connection),
      onFrame: (peer, bytes) => this.#frame(peer, bytes),
      onText: (peer) => peer.logOut(CODES.TEXT_FRAME, CLOSE.TEXT_FRAME, "at offset 0"),
      onDrain: () => {},
      onClose: (peer, code) => this.#gone(peer, code),
    };
  }

  #mayOpen(): boolean {
    return !this.#isRefusing && !this.#isDraining && this.#peers.size < this.#options.limits.maxConnections;
  }

  #opened(connection: Connection): Peer {
    const peer = new Peer(connection, performance.now());
    this.#peers.add(peer);
    return peer;
  }

  #frame(peer: Peer, bytes: Uint8Array): void {
    peer.lastReceivedMs = performance.now();
    this.#inbound.onFrame(peer, bytes, Date.now());
    if (this.#ingress.publish() > 0) {
      this.#hasSent = true;
      this.#pump?.expect(peer.lastReceivedMs);
    }
    this.#flush();
    if (peer.isLoggingOut && peer.session !== undefined) letGo(peer, peer.session, peer.lastReceivedMs);
  }

  /** Once a turn of the event loop, behind all frames that the turn brought. */
  #turn(): number {
    let count = this.#drain();
    if (this.#hasSent) count += this.#awaitReplies(count > 0);
    this.#hasSent = false;
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

  #flush(): void {
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
    this.#sessions.remove(session);
    this.#peerOfSession.delete(session);
    this.#fanOut.drop(session);
    session.end();
    this.#logger.info({ code, key: session.key.id, session: session.id }, "session closed");
  }

  /** What the engine had said before it went is still there: answers first, then the goodbye. */
  #portFailed(error: Error): void {
    while (this.#drain() > 0);
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
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
    this.#dismissAll(CODES.SHUTTING_DOWN, CLOSE.SHUTTING_DOWN);
    await this.#release();
    this.#settleFailed(undefined);
  }

  async #release(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#watch.close();
    this.#pump?.stop();
    this.#port.close();
    await this.#listener?.close();
    this.#logger.info({ port: this.port }, "gateway closed");
  }
}

function accountsOf(port: EnginePort, keys: readonly GatewayKey[]): ReadonlyMap<GatewayKey, number> {
  const accounts = new Map<GatewayKey, number>();
  for (const key of keys) {
    const account = port.accountId(key.account);
    if (account === undefined)
      throw new GatewayError("UNKNOWN_ACCOUNT", `key ${key.id} is for account ${key.account}, which the engine does not have`);
    accounts.set(key, account);
  }
  return accounts;
}
