import { CLOSE } from "./close-codes.js";
import type { GatewayKey } from "./options.js";
import type { Outbox, OutboxPool } from "./outbox.js";
import type { Connection } from "./transport/transport.js";

export interface SessionStart {
  readonly id: number;
  readonly key: GatewayKey;
  readonly account: number;
  readonly heartbeatMs: number;
  readonly connection: Connection;
  readonly nowMs: number;
}

/** A logged-on key on one socket. Gateway thread only. */
export class Session {
  /** Never reused on this engine, so a late answer cannot reach a later session. */
  readonly id: number;
  readonly key: GatewayKey;
  readonly account: number;
  readonly heartbeatMs: number;
  readonly connection: Connection;
  readonly mayTrade: boolean;
  readonly mayRead: boolean;
  readonly mayMarketData: boolean;
  /** The newest client seq that was processed: taken or refused, but answered. */
  clientSeqLast = 0;
  /** Commands that the engine has not answered to the end. */
  inFlight = 0;
  lastSentMs: number;
  /** False once its socket is closed or about to: nothing more of it is applied, nothing that is written for it leaves. */
  isOpen = true;
  #serverSeqNext = 1;
  #outbox: Outbox | undefined;
  #isInBatch = false;
  readonly #dirty: DirtySessions;

  constructor(start: SessionStart, dirty: DirtySessions) {
    this.id = start.id;
    this.key = start.key;
    this.account = start.account;
    this.heartbeatMs = start.heartbeatMs;
    this.connection = start.connection;
    this.lastSentMs = start.nowMs;
    this.mayTrade = start.key.permissions.includes("trade");
    this.mayRead = this.mayTrade || start.key.permissions.includes("read");
    this.mayMarketData = start.key.permissions.includes("marketData");
    this.#dirty = dirty;
  }

  /** The words that `claim` points into. They change with every claim. */
  get words(): Int32Array {
    return this.#lent().words;
  }

  get serverSeqNext(): number {
    return this.#serverSeqNext;
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
    this.isOpen = false;
    this.connection.close(CLOSE.SLOW_CONSUMER, "SLOW_CONSUMER");
    outbox.clear();
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

  /** The command is complete. */
  endBatch(): void {
    this.#outbox?.closeOpen();
    this.#isInBatch = false;
    if (this.inFlight === 0) return;
    this.inFlight -= 1;
    this.#dirty.inFlight -= 1;
  }

  /** A command of this session goes to the engine. */
  sent(): void {
    this.inFlight += 1;
    this.#dirty.inFlight += 1;
  }

  /** Sends what was written. */
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

  /** The socket is gone, or going. */
  end(): void {
    this.isOpen = false;
    this.#dirty.inFlight -= this.inFlight;
    this.inFlight = 0;
    if (this.#outbox !== undefined) this.#dirty.pool.give(this.#outbox);
    this.#outbox = undefined;
  }

  #send(outbox: Outbox): void {
    if (outbox.flushTo(this.connection) === "full") this.isOpen = false;
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
  /** Commands of all open sessions that the engine has not answered to the end. */
  inFlight = 0;

  constructor(readonly pool: OutboxPool) {}

  add(session: Session): void {
    this.#sessions.push(session);
  }

  /** One message, as a rule, to each. A session that holds a record back is flushed again next time. */
  flushAll(nowMs: number): void {
    const sessions = this.#sessions;
    if (sessions.length === 0) return;
    this.#sessions = this.#spare;
    for (let i = 0; i < sessions.length; i++) sessions[i].flush(nowMs);
    sessions.length = 0;
    this.#spare = sessions;
  }
}
