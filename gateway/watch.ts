import { CODES } from "../engine/wire/codes.js";
import { Heartbeat } from "../engine/wire/flyweights.js";
import { CLOSE } from "./close-codes.js";
import type { Peer } from "./peer.js";
import type { Session } from "./session.js";

/** How often the clocks of the sessions are looked at: the shortest heartbeat interval is ten times as long. */
const PERIOD_MS = 50;
/** Two heartbeats missed, and half an interval for their way. */
const SILENT_INTERVALS_MAX = 2.5;

/** How long a Logout waits for answers that are under way. */
const LOGOUT_GRACE_MS = 1_000;

/** Keeps the times of all sockets: logon, silence, tokens, and our own heartbeats. Gateway thread only, apart from the frames' path. */
export class Watch {
  readonly #peers: Iterable<Peer>;
  readonly #logonTimeoutMs: number;
  readonly #afterTurn: (nowMs: number) => void;
  readonly #timer: NodeJS.Timeout;

  /** `afterTurn` runs after every look, for what else is due, and to flush what was written. */
  constructor(peers: Iterable<Peer>, logonTimeoutMs: number, afterTurn: (nowMs: number) => void) {
    this.#peers = peers;
    this.#logonTimeoutMs = logonTimeoutMs;
    this.#afterTurn = afterTurn;
    this.#timer = setInterval(() => this.#turn(performance.now()), PERIOD_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #turn(nowMs: number): void {
    for (const peer of this.#peers) {
      if (peer.isLeaving) continue;
      if (peer.session === undefined) this.#lookAtStranger(peer, nowMs);
      else lookAtSession(peer, peer.session, nowMs);
    }
    this.#afterTurn(nowMs);
  }

  #lookAtStranger(peer: Peer, nowMs: number): void {
    if (nowMs - peer.openedMs > this.#logonTimeoutMs) peer.logOut(CODES.LOGON_TIMEOUT, CLOSE.LOGON_TIMEOUT);
  }
}

/** Ends a session that said Logout, once nothing of it is under way or that has taken too long. */
export function letGo(peer: Peer, session: Session, nowMs: number): void {
  if (session.inFlight > 0 && nowMs - peer.lastReceivedMs < LOGOUT_GRACE_MS) return;
  peer.logOut(CODES.LOGGED_OUT, CLOSE.LOGGED_OUT);
}

function lookAtSession(peer: Peer, session: Session, nowMs: number): void {
  if (peer.isLoggingOut) return letGo(peer, session, nowMs);
  if (peer.identity !== undefined && peer.identity.expiresMs <= Date.now()) return peer.logOut(CODES.TOKEN_EXPIRED, CLOSE.TOKEN_EXPIRED);
  if (nowMs - peer.lastReceivedMs > SILENT_INTERVALS_MAX * session.heartbeatMs) {
    return peer.logOut(CODES.HEARTBEAT_TIMEOUT, CLOSE.HEARTBEAT_TIMEOUT);
  }
  if (nowMs - session.lastSentMs < session.heartbeatMs) return;
  const at = session.claim(Heartbeat.RECORD_BYTES);
  Heartbeat.init(session.words, at, 0, Date.now() * 1000);
  Heartbeat.setNextSeq(session.words, at, session.serverSeqNext);
}
