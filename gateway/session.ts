import { CancelScope } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { CLOSE } from "./close-codes.js";
import { isCounted, isKept } from "./counted.js";
import type { GatewayKey, Permission } from "./keys.js";
import type { Outbox, OutboxPool } from "./outbox.js";
import { ReplayWindow } from "./replay-window.js";
import { RequestLog } from "./request-log.js";
import { SessionTraffic } from "./session-traffic.js";
import type { Allowance } from "./throttle.js";
import type { Connection } from "./transport/transport.js";
import type { WireFormat } from "./wire-format.js";

export interface SessionStart {
  readonly id: number;
  readonly key: GatewayKey;
  /** NULL_UINT32 when the key has none. */
  readonly account: number;
  /** Of a drop copy: whose reports it is told; undefined: everybody's. */
  readonly copiedAccounts: ReadonlySet<number> | undefined;
  readonly replayBytes: number;
  readonly maxRequestsKept: number;
  /** Of the engine. */
  readonly shards: number;
}

/** What a logon agrees on, for as long as its socket lives. */
export interface Attachment {
  readonly connection: Connection;
  readonly format: WireFormat;
  readonly heartbeatMs: number;
  readonly cancelScope: number;
  readonly cancelGraceMs: number;
  readonly permissions: ReadonlySet<Permission>;
  readonly allowance: Allowance;
  readonly nowMs: number;
}

/**
 * What a key has under way, whether a socket is attached or not: numbers both ways, the newest reports to be sent again,
 * and what became of the newest requests. Gateway thread only.
 */
export class Session {
  /** Never reused on this engine, so a late answer cannot reach a later session. */
  readonly id: number;
  readonly key: GatewayKey;
  readonly account: number;
  readonly requests: RequestLog;
  permissions: ReadonlySet<Permission> = new Set();
  mayTrade = false;
  mayRead = false;
  mayMarketData = false;
  isDropCopy = false;
  heartbeatMs = 0;
  cancelScope: number = CancelScope.none;
  cancelGraceMs = 0;
  allowance: Allowance | undefined;
  /** The newest client seq that was processed: taken or refused, but answered. */
  clientSeqLast = 0;
  /** Commands that the engine has not answered to the end; one to every shard counts in each. */
  inFlight = 0;
  readonly traffic: SessionTraffic;
  lastSentMs = 0;
  /** When it lost its socket; meaningless while it has one. */
  detachedMs = 0;
  /** When its orders are to be canceled because it lost its socket; Infinity: not, or done. */
  cancelAtMs = Number.POSITIVE_INFINITY;
  /** When it asked last for a resend. */
  resendAtMs = Number.NEGATIVE_INFINITY;
  /** It comes from a journal, and nobody has taken it up yet. */
  isRestored = false;
  /** Whether it waits to be flushed. */
  isDirty = false;
  /** Orders that were canceled since it lost its socket, because it had. */
  canceledOrders = 0;
  readonly #copiedAccounts: ReadonlySet<number> | undefined;
  #connection: Connection | undefined;
  #format: WireFormat | undefined;
  readonly #window: ReplayWindow;
  #serverSeqNext = 1;
  /** Of the counted records, the seq of the first that has not left its outbox. */
  #unsentSeq = 1;
  #outbox: Outbox | undefined;
  #isInBatch = false;
  readonly #dirty: DirtySessions;

  constructor(start: SessionStart, dirty: DirtySessions) {
    this.id = start.id;
    this.key = start.key;
    this.account = start.account;
    this.#copiedAccounts = start.copiedAccounts;
    this.requests = new RequestLog(start.maxRequestsKept);
    this.traffic = new SessionTraffic(start.shards);
    this.#window = new ReplayWindow(start.replayBytes);
    this.#dirty = dirty;
  }

  /** The socket that it has now. What a session without one is told is kept for the next. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** False once its socket is closed or about to: nothing more of it is applied. */
  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether it is a drop copy of an account that is not its own anyway. */
  isTold(account: number): boolean {
    if (account === this.account && this.mayRead) return false;
    return this.#copiedAccounts === undefined || this.#copiedAccounts.has(account);
  }

  /** A socket has logged on. */
  attach(attachment: Attachment): void {
    const { permissions } = attachment;
    this.permissions = permissions;
    this.#connection = attachment.connection;
    this.#format = attachment.format;
    this.heartbeatMs = attachment.heartbeatMs;
    this.cancelScope = attachment.cancelScope;
    this.cancelGraceMs = attachment.cancelGraceMs;
    this.allowance = attachment.allowance;
    this.lastSentMs = attachment.nowMs;
    this.cancelAtMs = Number.POSITIVE_INFINITY;
    this.mayTrade = permissions.has("trade");
    this.mayRead = this.mayTrade || permissions.has("read");
    this.mayMarketData = permissions.has("marketData");
    this.isDropCopy = permissions.has("dropCopy");
  }

  /** It goes on from what the engine has recovered. */
  restore(clientSeqLast: number, permissions: ReadonlySet<Permission>, nowMs: number): void {
    this.isRestored = true;
    this.clientSeqLast = clientSeqLast;
    this.detachedMs = nowMs;
    this.permissions = permissions;
    this.mayTrade = permissions.has("trade");
    this.mayRead = this.mayTrade || permissions.has("read");
    this.isDropCopy = permissions.has("dropCopy");
    this.requests.forget(clientSeqLast + 1);
  }

  /** The socket is gone, or going. */
  detach(nowMs: number): void {
    this.#connection = undefined;
    this.detachedMs = nowMs;
    this.canceledOrders = 0;
    this.cancelAtMs = this.cancelScope === CancelScope.none ? Number.POSITIVE_INFINITY : nowMs + this.cancelGraceMs;
  }

  /** The words that `claim` points into. They change with every claim. */
  get words(): Int32Array {
    return this.#lent().words;
  }

  get serverSeqNext(): number {
    return this.#serverSeqNext;
  }

  /** The oldest server seq that can be sent again. */
  get replayableSeq(): number {
    return this.#window.firstSeq;
  }

  /** Memory that is kept for the next socket. */
  get keptBytes(): number {
    return this.#window.capacityBytes + this.requests.capacityBytes;
  }

  /** Takes the next number of the gap-free sequence; every counted record carries one. */
  takeServerSeq(): number {
    return this.#serverSeqNext++;
  }

  /** Room for a record that leaves with the next flush. Returns its word index in `words`. */
  claim(lengthBytes: number): number {
    const outbox = this.#lent();
    const at = outbox.claim(lengthBytes);
    if (at >= 0) return at;
    this.#send(outbox);
    const next = outbox.claim(lengthBytes);
    if (next >= 0) return next;
    // Only a flood of answers behind a command that is still open gets here. They must not go without it, nor it without its end.
    this.#connection?.close(CLOSE.SLOW_CONSUMER, "SLOW_CONSUMER");
    this.#loseOutbox(outbox);
    return outbox.claim(lengthBytes);
  }

  /** As `claim`, for a report: between `beginBatch` and `endBatch` it may be the last of its command. */
  claimReport(lengthBytes: number): number {
    const at = this.claim(lengthBytes);
    if (this.#isInBatch) this.#outbox?.setOpen(at);
    return at;
  }

  /** The reports that come now answer one command of this session; the newest waits until it is known whether it is the last. */
  beginBatch(): void {
    this.#isInBatch = true;
  }

  /** A shard has answered the command to its end. `isPart`: others have not yet, so nothing was the last report. */
  endBatch(shard: number, isPart: boolean): void {
    if (isPart) this.#outbox?.releaseOpen();
    else this.#outbox?.closeOpen();
    this.#isInBatch = false;
    if (this.inFlight === 0) return;
    this.traffic.answer(shard);
    this.inFlight -= 1;
    this.#dirty.inFlight -= 1;
  }

  /** A command of this session goes to a shard, or to every one. */
  sent(shard: number, clientSeq: number): void {
    const answers = this.traffic.send(shard, clientSeq);
    this.inFlight += answers;
    this.#dirty.inFlight += answers;
  }

  /** Sends what was written, or keeps it for the next socket. */
  flush(nowMs: number): void {
    const outbox = this.#outbox;
    if (outbox === undefined) return;
    this.lastSentMs = nowMs;
    this.#send(outbox);
    if (!outbox.isEmpty) {
      this.#dirty.add(this);
      return;
    }
    this.#outbox = undefined;
    this.#dirty.pool.give(outbox);
  }

  /** Hands on the kept records from `fromSeq` to `toSeq` that have left, oldest first. */
  eachKept(fromSeq: number, toSeq: number, onRecord: (words: Int32Array, at: number) => void): void {
    this.#window.each(fromSeq, toSeq, onRecord);
  }

  /** The seq of the first counted record that has not left: a resend ends in front of it. */
  get unsentSeq(): number {
    return this.#unsentSeq;
  }

  /** Nobody will come back to it. */
  end(): void {
    this.#connection = undefined;
    this.#dirty.inFlight -= this.inFlight;
    this.inFlight = 0;
    if (this.#outbox !== undefined) this.#dirty.pool.give(this.#outbox);
    this.#outbox = undefined;
  }

  /** What was lost cannot be sent again, and is not left out in silence either: a resend below starts behind it. */
  #loseOutbox(outbox: Outbox): void {
    outbox.clear();
    this.#window.clear(this.#serverSeqNext);
    this.#unsentSeq = this.#serverSeqNext;
    this.#connection = undefined;
  }

  #send(outbox: Outbox): void {
    const endWords = outbox.readyWords;
    if (endWords > 0) {
      this.#keep(outbox.words, endWords);
      const connection = this.#connection;
      // A transport that has no room has closed the connection, and says so later; until then nothing more is taken from it.
      if (connection !== undefined && this.#format?.send(connection, outbox.words, 0, endWords) === "full") this.#connection = undefined;
    }
    outbox.drop();
  }

  #keep(words: Int32Array, endWords: number): void {
    for (let at = 0; at < endWords; at += Header.length(words, at) >> 2) {
      const templateId = Header.templateId(words, at);
      if (!isCounted(templateId)) continue;
      this.#unsentSeq = Header.seq(words, at) + 1;
      if (isKept(templateId)) this.#window.add(words, at);
    }
  }

  #lent(): Outbox {
    if (this.#outbox === undefined) {
      this.#outbox = this.#dirty.pool.take();
      this.#dirty.add(this);
    }
    return this.#outbox;
  }
}

/** Sessions that something was written for since the last flush. */
export class DirtySessions {
  #sessions: Session[] = [];
  #spare: Session[] = [];
  /** Commands of all sessions that the engine has not answered to the end. */
  inFlight = 0;

  constructor(readonly pool: OutboxPool) {}

  add(session: Session): void {
    if (session.isDirty) return;
    session.isDirty = true;
    this.#sessions.push(session);
  }

  /** One message, as a rule, to each. A session that holds a record back is flushed again next time. */
  flushAll(nowMs: number): void {
    const sessions = this.#sessions;
    if (sessions.length === 0) return;
    this.#sessions = this.#spare;
    for (let i = 0; i < sessions.length; i++) {
      sessions[i].isDirty = false;
      sessions[i].flush(nowMs);
    }
    sessions.length = 0;
    this.#spare = sessions;
  }
}
