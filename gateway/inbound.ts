import { CODES, codeName } from "../engine/wire/codes.js";
import { Heartbeat, Logon, Logout, ResendRequest, TestRequest } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import { reject, replyToTest, tellNotApplied, tellStatus } from "./answers.js";
import { CLOSE } from "./close-codes.js";
import { MsgpackCodec } from "./codec/msgpack-codec.js";
import { writeMap } from "./codec/record-map.js";
import { checkRecord, type FaultCode, FrameCheck, hasSafeHeader } from "./frame-check.js";
import { isCancel, isOrderEntry } from "./ingress.js";
import type { LogonDesk } from "./logon-desk.js";
import type { OutboxPool } from "./outbox.js";
import type { Peer } from "./peer.js";
import type { RequestDesk } from "./request-desk.js";
import { DirectWriter } from "./resend.js";
import type { Session } from "./session.js";
import { BREACH, TAKEN, type Throttle } from "./throttle.js";
import type { WireFormat } from "./wire-format.js";

/** Templates below are the session's own: they have no client seq. All others are counted, unknown ones too. */
const COUNTED_TEMPLATE_FIRST = 20;
/** More than the longest record. */
const SCRATCH_WORDS = 256;
/** A request of a few bytes makes us send all that is kept, so one session may ask no more often. */
const RESEND_GAP_MS = 20;

export interface InboundParts {
  readonly logons: LogonDesk;
  readonly desk: RequestDesk;
  readonly throttle: Throttle;
  readonly pool: OutboxPool;
  readonly maxFrameBytes: number;
  /** Whether the gateway is about to close: then only what takes orders out of the book is taken. */
  isDraining(): boolean;
}

/** Acts on the records of clients. Gateway thread only. What it answers waits in the outboxes for the caller's flush. */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #frame: FrameCheck;
  readonly #codec = new MsgpackCodec();
  /** The record of one map. */
  readonly #scratch = new Int32Array(SCRATCH_WORDS);
  #timeUs = 0;
  #nowMs = 0;

  constructor(parts: InboundParts) {
    this.#parts = parts;
    this.#frame = new FrameCheck(parts.maxFrameBytes);
  }

  /** One binary message. `wallMs` is wall-clock time, `nowMs` that of deadlines. */
  onFrame(peer: Peer, bytes: Uint8Array, wallMs: number, nowMs: number): void {
    if (!peer.isHeard) return;
    this.#timeUs = wallMs * 1000;
    this.#nowMs = nowMs;
    if (peer.format.isMsgpack) return this.#onMaps(peer, bytes);
    const frame = this.#frame;
    const fault = frame.take(bytes);
    if (fault !== 0) return peer.logOut(fault, CLOSE.MALFORMED_FRAME, `at offset ${frame.faultOffsetBytes}`);
    const words = frame.words;
    const endWords = frame.lengthBytes >> 2;
    for (let at = 0; at < endWords && peer.isHeard; at += Header.length(words, at) >> 2) {
      this.#onRecord(peer, words, at, at * 4, 0);
    }
  }

  /** A frame of maps: decoded as a whole before any of them is acted on, then one record after the other through the same checks. */
  #onMaps(peer: Peer, bytes: Uint8Array): void {
    if (bytes.length > this.#parts.maxFrameBytes) return peer.logOut(CODES.FRAME_TOO_LARGE, CLOSE.MALFORMED_FRAME, "at offset 0");
    const maps = this.#codec.decode(bytes);
    if (maps === undefined) return peer.logOut(CODES.BAD_MESSAGEPACK, CLOSE.MALFORMED_FRAME, "at offset 0");
    for (let index = 0; index < maps.length && peer.isHeard; index++) {
      this.#onRecord(peer, this.#scratch, 0, index, writeMap(maps[index], this.#scratch, 0));
    }
  }

  /** `offset`: where it stands in its frame. `fault`: what is wrong with it already. */
  #onRecord(peer: Peer, words: Int32Array, at: number, offset: number, fault: FaultCode): void {
    const { session } = peer;
    if (session === undefined) this.#beforeLogon(peer, words, at, fault);
    else if (Header.templateId(words, at) < COUNTED_TEMPLATE_FIRST) this.#sessionRecord(peer, session, words, at, offset, fault);
    else this.#counted(peer, session, words, at, offset, fault);
  }

  #beforeLogon(peer: Peer, words: Int32Array, at: number, known: FaultCode): void {
    const isLogon = Header.templateId(words, at) === Logon.TEMPLATE_ID;
    const fault = known !== 0 ? known : isLogon ? checkRecord(words, at) : CODES.NOT_LOGGED_ON;
    if (fault === 0) this.#parts.logons.logOn(peer, words, at, { timeUs: this.#timeUs, nowMs: this.#nowMs });
    else this.#parts.logons.refuse(peer, { fault, key: "", why: codeName(fault) });
  }

  #counted(peer: Peer, session: Session, words: Int32Array, at: number, offset: number, known: FaultCode): void {
    if (!hasSafeHeader(words, at)) return this.#refuse(session, words, at, offset, CODES.UNSAFE_NUMBER);
    const seq = Header.seq(words, at);
    if (seq === 0) return this.#refuse(session, words, at, offset, CODES.DUPLICATE_SEQ);
    if (seq <= session.clientSeqLast) return this.#again(peer, session, words, at, offset);
    this.#skipTo(session, seq);
    session.clientSeqLast = seq;
    session.requests.begin(seq, Header.templateId(words, at));
    const waitMs = this.#throttle(session, words, at);
    const answer = waitMs === TAKEN ? this.#judge(session, words, at, known) : CODES.THROTTLED;
    if (answer === 0) return;
    const answerSeq = reject(session, words, at, { code: answer, offset, retryAfterMs: Math.max(0, waitMs) }, this.#timeUs);
    session.requests.refuse(seq, answerSeq, answer);
    if (waitMs === BREACH) endForBreach(peer);
  }

  #judge(session: Session, words: Int32Array, at: number, known: FaultCode): FaultCode {
    const fault = known !== 0 ? known : checkRecord(words, at);
    if (fault !== 0) return fault;
    const templateId = Header.templateId(words, at);
    if (this.#parts.isDraining() && isOrderEntry(templateId) && !isCancel(templateId)) return CODES.SHUTTING_DOWN;
    return this.#parts.desk.act(session, words, at, { timeUs: this.#timeUs, nowMs: this.#nowMs });
  }

  /** Returns TAKEN, how long to wait, or BREACH, and then the session must end. */
  #throttle(session: Session, words: Int32Array, at: number): number {
    const { allowance } = session;
    return allowance === undefined ? TAKEN : this.#parts.throttle.take(allowance, isCancel(Header.templateId(words, at)), this.#nowMs);
  }

  /** A request that was processed before is not applied again. Asking costs what sending it cost. */
  #again(peer: Peer, session: Session, words: Int32Array, at: number, offset: number): void {
    const waitMs = this.#throttle(session, words, at);
    if (waitMs === TAKEN) return tellStatus(session, Header.seq(words, at), this.#timeUs);
    if (waitMs === BREACH) return endForBreach(peer);
    this.#refuse(session, words, at, offset, CODES.THROTTLED, waitMs);
  }

  /** Records without a client seq. Their faults are answered, the session goes on. */
  #sessionRecord(peer: Peer, session: Session, words: Int32Array, at: number, offset: number, known: FaultCode): void {
    const fault = known !== 0 ? known : checkRecord(words, at);
    if (fault !== 0) return this.#refuse(session, words, at, offset, fault);
    switch (Header.templateId(words, at)) {
      case Logon.TEMPLATE_ID:
        return this.#refuse(session, words, at, offset, CODES.ALREADY_LOGGED_ON);
      case Heartbeat.TEMPLATE_ID:
        return this.#skipTo(session, Heartbeat.nextSeq(words, at));
      case TestRequest.TEMPLATE_ID:
        return replyToTest(session, TestRequest.token(words, at), this.#timeUs);
      case ResendRequest.TEMPLATE_ID:
        return this.#resend(session, peer.format, words, at, offset);
      case Logout.TEMPLATE_ID:
        peer.isLoggingOut = true;
    }
  }

  /** Only what has left can be sent again, so what waits leaves first. */
  #resend(session: Session, format: WireFormat, words: Int32Array, at: number, offset: number): void {
    const waitMs = session.resendAtMs + RESEND_GAP_MS - this.#nowMs;
    if (waitMs > 0) return this.#refuse(session, words, at, offset, CODES.THROTTLED, Math.ceil(waitMs));
    session.resendAtMs = this.#nowMs;
    session.flush(this.#nowMs);
    const { connection } = session;
    if (connection === undefined) return;
    const fromSeq = ResendRequest.fromSeq(words, at);
    const toSeq = ResendRequest.toSeq(words, at) === 0 ? session.unsentSeq - 1 : ResendRequest.toSeq(words, at);
    const isThere = fromSeq >= session.replayableSeq && toSeq < session.unsentSeq;
    if (!isThere || fromSeq < 1 || toSeq < fromSeq) return this.#refuse(session, words, at, offset, CODES.BAD_RESEND);
    const writer = new DirectWriter({ connection, format, pool: this.#parts.pool, timeUs: this.#timeUs });
    writer.resend(session, fromSeq, toSeq + 1);
    writer.end();
  }

  /** Tells of the client seqs between the last processed and `seq`, which never came and now never may. */
  #skipTo(session: Session, seq: number): void {
    const fromSeq = session.clientSeqLast + 1;
    if (seq <= fromSeq) return;
    tellNotApplied(session, fromSeq, seq - fromSeq, this.#timeUs);
    session.clientSeqLast = seq - 1;
  }

  #refuse(session: Session, words: Int32Array, at: number, offset: number, code: FaultCode, retryAfterMs = 0): void {
    reject(session, words, at, { code, offset, retryAfterMs }, this.#timeUs);
  }
}

/** The session was throttled more often than its burst allows. */
function endForBreach(peer: Peer): void {
  peer.logOut(CODES.THROTTLE_BREACH, CLOSE.THROTTLE_BREACH);
}
