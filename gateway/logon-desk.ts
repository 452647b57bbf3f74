import { CODES } from "../engine/wire/codes.js";
import { LogonAck, LogonReject } from "../engine/wire/flyweights.js";
import { Permissions } from "../engine/wire/generated/enums.js";
import { NULL_UINT32 } from "../engine/wire/numbers.js";
import { CLOSE } from "./close-codes.js";
import type { EnginePort, RecoveredSessions } from "./engine-port.js";
import type { FaultCode } from "./frame-check.js";
import type { DuplicateLogon, GatewayKey, Permission } from "./keys.js";
import type { LogonCheck, LogonRefusal, LogonTerms } from "./logon.js";
import type { GatewayLimits } from "./options.js";
import type { Peer } from "./peer.js";
import type { Moment } from "./request-desk.js";
import { DirectWriter } from "./resend.js";
import { type DirtySessions, Session } from "./session.js";
import type { SessionTable } from "./session-table.js";
import type { Throttle } from "./throttle.js";

/** The engine's numbers of what a key names. */
export interface KeyAccounts {
  /** NULL_UINT32: none. */
  readonly account: number;
  /** Undefined: all. */
  readonly copied: ReadonlySet<number> | undefined;
}

export interface LogonParts {
  readonly port: EnginePort;
  readonly accounts: ReadonlyMap<GatewayKey, KeyAccounts>;
  readonly sessions: SessionTable;
  readonly dirty: DirtySessions;
  readonly throttle: Throttle;
  readonly logonCheck: LogonCheck;
  readonly limits: GatewayLimits;
  readonly duplicateLogon: DuplicateLogon;
  /** The peer whose session is given, to end it when its key logs on again. */
  peerOf(session: Session): Peer | undefined;
  /** The session's socket is another one now: nothing of the older one concerns it any more. */
  onReplaced(session: Session): void;
  onLogon(peer: Peer, session: Session): void;
  /** Nobody will come back to it. */
  onForgotten(session: Session): void;
  /** For the log. The client gets the code of the fault only. */
  onRefusal(peer: Peer, refusal: LogonRefusal): void;
}

/** Lets keys in: checks who they are, finds or opens their session, and sends again what they missed. Gateway thread only. */
export class LogonDesk {
  readonly #parts: LogonParts;

  constructor(parts: LogonParts) {
    this.#parts = parts;
  }

  /** A Logon that passed `checkRecord`. */
  logOn(peer: Peer, words: Int32Array, at: number, now: Moment): void {
    const verdict = this.#parts.logonCheck.judge(words, at, now.timeUs / 1000, peer.identity);
    if ("fault" in verdict) return this.refuse(peer, verdict);
    const { sessions } = this.#parts;
    const older = sessions.byKey(verdict.key.id);
    if (older !== undefined && !this.#free(older, verdict.key)) {
      return this.refuse(peer, { fault: CODES.ALREADY_LOGGED_ON, key: verdict.key.id, why: "the key has a session on another socket" });
    }
    const isResumed = older !== undefined && verdict.nextServerSeq > 0;
    if (older !== undefined && !isResumed) this.forget(older);
    if (!isResumed && !this.#hasRoom()) return this.#turnAway(peer, CODES.TOO_MANY_SESSIONS, CLOSE.TOO_MANY_SESSIONS);
    const session = isResumed ? older : this.#open(verdict.key);
    if (session === undefined) return this.#turnAway(peer, this.#parts.port.refusal, CLOSE.LOGON_REJECTED);
    this.#attach(peer, session, verdict, isResumed, now);
  }

  refuse(peer: Peer, refusal: LogonRefusal): void {
    this.#parts.onRefusal(peer, refusal);
    this.#turnAway(peer, refusal.fault, CLOSE.LOGON_REJECTED);
  }

  /** Drops what is kept of a session. */
  forget(session: Session): void {
    this.#parts.sessions.remove(session);
    this.#parts.onForgotten(session);
    session.end();
  }

  #turnAway(peer: Peer, code: FaultCode, closeCode: typeof CLOSE.LOGON_REJECTED | typeof CLOSE.TOO_MANY_SESSIONS): void {
    peer.dismiss(LogonReject, code, closeCode);
  }

  /** Whether the key's session can be had: it has no socket, or gives up the one that it has. */
  #free(session: Session, key: GatewayKey): boolean {
    const peer = this.#parts.peerOf(session);
    if (peer === undefined) return true;
    if ((key.duplicateLogon ?? this.#parts.duplicateLogon) === "rejectNew" && session.isOpen) return false;
    peer.logOut(CODES.REPLACED_BY_NEW_LOGON, CLOSE.REPLACED_BY_NEW_LOGON);
    this.#parts.onReplaced(session);
    return true;
  }

  /** Room for one more session: the one that has waited longest for a socket goes, unless its orders are still to be canceled. */
  #hasRoom(): boolean {
    const { sessions, limits } = this.#parts;
    if (sessions.size < limits.maxSessions) return true;
    for (const session of sessions.withoutSocket()) {
      if (session.cancelAtMs < Number.POSITIVE_INFINITY) continue;
      this.forget(session);
      return true;
    }
    return false;
  }

  /** Takes over the sessions that the engine has recovered: their clients come back, and are told what has become of their requests. */
  restore(keys: readonly GatewayKey[], recovered: RecoveredSessions): Session[] {
    const restored: Session[] = [];
    for (const key of keys) {
      const id = recovered.sessionOf(key.id);
      if (id === undefined) continue;
      const session = this.#add(key, id);
      session.restore(recovered.clientSeqOf(id), new Set(key.permissions), performance.now());
      this.#parts.sessions.detached(session);
      restored.push(session);
    }
    return restored;
  }

  /** Undefined: the engine cannot take note of it at present. */
  #open(key: GatewayKey): Session | undefined {
    const id = this.#parts.port.openSession(key.id);
    return id === 0 ? undefined : this.#add(key, id);
  }

  #add(key: GatewayKey, id: number): Session {
    const { dirty, limits, sessions } = this.#parts;
    const { account, copied } = this.#parts.accounts.get(key) ?? { account: NULL_UINT32, copied: undefined };
    const { replayBytes, maxRequestsKept } = limits;
    const { shards } = this.#parts.port;
    const session = new Session({ id, key, account, copiedAccounts: copied, replayBytes, maxRequestsKept, shards }, dirty);
    sessions.add(session);
    return session;
  }

  #attach(peer: Peer, session: Session, terms: LogonTerms, isResumed: boolean, now: Moment): void {
    const { sessions, throttle, dirty } = this.#parts;
    // What was written while it had no socket is kept, and sent again with the rest.
    session.flush(now.nowMs);
    const { connection, format } = peer;
    const allowance = throttle.allowance(session.account, connection.remoteAddress, now.nowMs, session.allowance);
    const permissions = new Set(terms.permissions);
    session.attach({ ...terms, connection, format, permissions, allowance, nowMs: now.nowMs });
    sessions.attached(session);
    peer.session = session;
    this.#parts.onLogon(peer, session);
    // A session that was restored numbers anew. What the client has missed is not known, so it is told all that is.
    const isReplayable = terms.nextServerSeq >= session.replayableSeq && terms.nextServerSeq <= session.unsentSeq && !session.isRestored;
    const hasMissed = terms.nextServerSeq > 0 && !(isResumed && isReplayable);
    const nextSeq = session.isRestored ? session.replayableSeq : isResumed && isReplayable ? terms.nextServerSeq : session.unsentSeq;
    session.isRestored = false;
    const writer = new DirectWriter({ connection, format, pool: dirty.pool, timeUs: now.timeUs });
    this.#acknowledge(writer, session, { nextSeq, isResumed, hasMissed }, now.timeUs);
    writer.resend(session, nextSeq, session.unsentSeq);
    writer.end();
    session.canceledOrders = 0;
  }

  #acknowledge(
    writer: DirectWriter,
    session: Session,
    told: { readonly nextSeq: number; readonly isResumed: boolean; readonly hasMissed: boolean },
    timeUs: number,
  ): void {
    const at = writer.claim(LogonAck.RECORD_BYTES);
    const { words } = writer;
    LogonAck.init(words, at, 0, timeUs);
    LogonAck.setNextClientSeq(words, at, session.clientSeqLast + 1);
    LogonAck.setNextServerSeq(words, at, told.nextSeq);
    LogonAck.setAccount(words, at, session.account);
    LogonAck.setSession(words, at, session.id);
    LogonAck.setHeartbeatMs(words, at, session.heartbeatMs);
    LogonAck.setCanceledOrders(words, at, session.canceledOrders);
    LogonAck.setPermissions(words, at, maskOf(session.permissions));
    LogonAck.setResumed(words, at, told.isResumed ? 1 : 0);
    LogonAck.setResetRequired(words, at, told.hasMissed ? 1 : 0);
  }
}

function maskOf(permissions: ReadonlySet<Permission>): number {
  let mask = 0;
  for (const permission of permissions) mask |= Permissions[permission];
  return mask;
}
