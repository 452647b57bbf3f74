import { CODES, codeName } from "../engine/wire/codes.js";
import {
  BusinessReject,
  Heartbeat,
  InstrumentDefinition,
  InstrumentListRequest,
  InstrumentState,
  Logon,
  LogonAck,
  LogonReject,
  Logout,
  NotApplied,
  Subscribe,
  SubscribeAck,
  TestReply,
  TestRequest,
  Unsubscribe,
} from "../engine/wire/flyweights.js";
import { StateReason } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { CLOSE } from "./close-codes.js";
import type { EnginePort } from "./engine-port.js";
import type { FanOut } from "./fan-out.js";
import { checkRecord, type FaultCode, FrameCheck, hasSafeHeader } from "./frame-check.js";
import { type Ingress, isOrderEntry } from "./ingress.js";
import type { LogonCheck, LogonRefusal } from "./logon.js";
import type { GatewayKey } from "./options.js";
import type { Peer } from "./peer.js";
import { type DirtySessions, Session } from "./session.js";
import type { SessionTable } from "./session-table.js";

/** Templates below are the session's own: they have no client seq. All others are counted, unknown ones too. */
const COUNTED_TEMPLATE_FIRST = 20;

export interface InboundParts {
  readonly port: EnginePort;
  readonly accounts: ReadonlyMap<GatewayKey, number>;
  readonly sessions: SessionTable;
  readonly dirty: DirtySessions;
  readonly fanOut: FanOut;
  readonly ingress: Ingress;
  readonly logonCheck: LogonCheck;
  readonly maxFrameBytes: number;
  readonly maxSessions: number;
  /** The peer whose session is given, to end it when its key logs on again. */
  peerOf(session: Session): Peer | undefined;
  onLogon(peer: Peer, session: Session): void;
  /** For the log. The client gets the code of the fault only. */
  onRefusal(peer: Peer, refusal: LogonRefusal): void;
}

/** Acts on the records of clients. Gateway thread only. What it answers waits in the outboxes for the caller's flush. */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #frame: FrameCheck;
  #timeUs = 0;

  constructor(parts: InboundParts) {
    this.#parts = parts;
    this.#frame = new FrameCheck(parts.maxFrameBytes);
  }

  /** One binary message. `nowMs` is wall-clock time. */
  onFrame(peer: Peer, bytes: Uint8Array, nowMs: number): void {
    if (!peer.isHeard) return;
    const frame = this.#frame;
    const fault = frame.take(bytes);
    if (fault !== 0) return peer.logOut(fault, CLOSE.MALFORMED_FRAME, `at offset ${frame.faultOffsetBytes}`);
    this.#timeUs = nowMs * 1000;
    const words = frame.words;
    const endWords = frame.lengthBytes >> 2;
    for (let at = 0; at < endWords && peer.isHeard; at += Header.length(words, at) >> 2) {
      if (peer.session === undefined) this.#beforeLogon(peer, words, at, nowMs);
      else this.#record(peer, peer.session, words, at);
    }
  }

  #beforeLogon(peer: Peer, words: Int32Array, at: number, nowMs: number): void {
    const isLogon = Header.templateId(words, at) === Logon.TEMPLATE_ID;
    const fault = isLogon ? checkRecord(words, at) : CODES.NOT_LOGGED_ON;
    if (fault !== 0) return this.#refuse(peer, { fault, key: "", why: codeName(fault) });
    const verdict = this.#parts.logonCheck.judge(words, at, nowMs);
    if ("fault" in verdict) this.#refuse(peer, verdict);
    else this.#open(peer, verdict.key, verdict.heartbeatMs);
  }

  #refuse(peer: Peer, refusal: LogonRefusal): void {
    this.#parts.onRefusal(peer, refusal);
    peer.dismiss(LogonReject, refusal.fault, CLOSE.LOGON_REJECTED);
  }

  #open(peer: Peer, key: GatewayKey, heartbeatMs: number): void {
    const { dirty, port, sessions } = this.#parts;
    const account = this.#parts.accounts.get(key);
    if (account === undefined) throw new Error(`key ${key.id} has no account, which listen has checked`);
    const older = sessions.byKey(key.id);
    if (older === undefined && sessions.size >= this.#parts.maxSessions) {
      return peer.dismiss(LogonReject, CODES.TOO_MANY_SESSIONS, CLOSE.TOO_MANY_SESSIONS);
    }
    if (older !== undefined) this.#parts.peerOf(older)?.logOut(CODES.REPLACED_BY_NEW_LOGON, CLOSE.REPLACED_BY_NEW_LOGON);
    const { connection, lastReceivedMs: nowMs } = peer;
    const session = new Session({ id: port.newSessionId(), key, account, heartbeatMs, connection, nowMs }, dirty);
    sessions.add(session);
    peer.session = session;
    this.#parts.onLogon(peer, session);
    const at = session.claim(LogonAck.RECORD_BYTES);
    LogonAck.init(session.words, at, 0, this.#timeUs);
    LogonAck.setNextClientSeq(session.words, at, 1);
    LogonAck.setNextServerSeq(session.words, at, 1);
    LogonAck.setAccount(session.words, at, account);
    LogonAck.setSession(session.words, at, session.id);
    LogonAck.setHeartbeatMs(session.words, at, heartbeatMs);
  }

  #record(peer: Peer, session: Session, words: Int32Array, at: number): void {
    if (Header.templateId(words, at) < COUNTED_TEMPLATE_FIRST) return this.#sessionRecord(peer, session, words, at);
    if (!hasSafeHeader(words, at)) return this.#reject(session, words, at, CODES.UNSAFE_NUMBER);
    const seq = Header.seq(words, at);
    if (seq <= session.clientSeqLast) return this.#reject(session, words, at, CODES.DUPLICATE_SEQ);
    this.#skipTo(session, seq);
    session.clientSeqLast = seq;
    const fault = checkRecord(words, at);
    const answer = fault !== 0 ? fault : this.#act(session, words, at);
    if (answer !== 0) this.#reject(session, words, at, answer);
  }

  /** A counted record that is in order. Returns 0, or why it is not taken. */
  #act(session: Session, words: Int32Array, at: number): FaultCode {
    const templateId = Header.templateId(words, at);
    if (isOrderEntry(templateId)) return session.mayTrade ? this.#parts.ingress.submit(session, words, at) : CODES.NOT_PERMITTED;
    if (templateId === InstrumentListRequest.TEMPLATE_ID) return this.#listInstruments(session, Header.seq(words, at));
    if (!session.mayMarketData) return CODES.NOT_PERMITTED;
    if (templateId === Subscribe.TEMPLATE_ID) return this.#subscribe(session, words, at);
    if (templateId === Unsubscribe.TEMPLATE_ID) return this.#unsubscribe(session, words, at);
    return CODES.NOT_A_CLIENT_MESSAGE;
  }

  /** Records without a client seq. Their faults are answered, the session goes on. */
  #sessionRecord(peer: Peer, session: Session, words: Int32Array, at: number): void {
    const fault = checkRecord(words, at);
    if (fault !== 0) return this.#reject(session, words, at, fault);
    switch (Header.templateId(words, at)) {
      case Logon.TEMPLATE_ID:
        return this.#reject(session, words, at, CODES.ALREADY_LOGGED_ON);
      case Heartbeat.TEMPLATE_ID:
        return this.#skipTo(session, Heartbeat.nextSeq(words, at));
      case TestRequest.TEMPLATE_ID:
        return this.#replyToTest(session, TestRequest.token(words, at));
      case Logout.TEMPLATE_ID:
        peer.isLoggingOut = true;
    }
  }

  /** Tells of the client seqs between the last processed and `seq`, which never came and now never may. */
  #skipTo(session: Session, seq: number): void {
    const fromSeq = session.clientSeqLast + 1;
    if (seq <= fromSeq) return;
    const at = session.claim(NotApplied.RECORD_BYTES);
    NotApplied.init(session.words, at, session.takeServerSeq(), this.#timeUs);
    NotApplied.setFromSeq(session.words, at, fromSeq);
    NotApplied.setCount(session.words, at, seq - fromSeq);
    session.clientSeqLast = seq - 1;
  }

  #reject(session: Session, words: Int32Array, at: number, code: FaultCode): void {
    const out = session.claim(BusinessReject.RECORD_BYTES);
    BusinessReject.init(session.words, out, session.takeServerSeq(), this.#timeUs);
    BusinessReject.setClientSeq(session.words, out, hasSafeHeader(words, at) ? Header.seq(words, at) : 0);
    BusinessReject.setOffset(session.words, out, at * 4);
    BusinessReject.setRetryAfterMs(session.words, out, 0);
    BusinessReject.setCode(session.words, out, code);
    BusinessReject.setRefTemplateId(session.words, out, Header.templateId(words, at));
  }

  #replyToTest(session: Session, token: number): void {
    const at = session.claim(TestReply.RECORD_BYTES);
    TestReply.init(session.words, at, 0, this.#timeUs);
    TestReply.setToken(session.words, at, token);
  }

  #subscribe(session: Session, words: Int32Array, at: number): FaultCode {
    const instrument = Subscribe.instrument(words, at);
    const channel = Subscribe.channel(words, at);
    const fault = this.#parts.fanOut.subscribe(session, instrument, channel);
    if (fault !== 0) return fault;
    this.#acknowledge(session, { seq: Header.seq(words, at), instrument, channel, subscribed: 1 });
    this.#parts.fanOut.writeState(session, instrument, channel);
    return 0;
  }

  #unsubscribe(session: Session, words: Int32Array, at: number): FaultCode {
    const instrument = Unsubscribe.instrument(words, at);
    const channel = Unsubscribe.channel(words, at);
    const fault = this.#parts.fanOut.unsubscribe(session, instrument, channel);
    if (fault === 0) this.#acknowledge(session, { seq: Header.seq(words, at), instrument, channel, subscribed: 0 });
    return fault;
  }

  #acknowledge(session: Session, ack: { seq: number; instrument: number; channel: number; subscribed: number }): void {
    const at = session.claim(SubscribeAck.RECORD_BYTES);
    SubscribeAck.init(session.words, at, session.takeServerSeq(), this.#timeUs);
    SubscribeAck.setClientSeq(session.words, at, ack.seq);
    SubscribeAck.setInstrument(session.words, at, ack.instrument);
    SubscribeAck.setChannel(session.words, at, ack.channel);
    SubscribeAck.setSubscribed(session.words, at, ack.subscribed);
  }

  /** Each with its present state in front, so that nothing is left to come when the last definition has. */
  #listInstruments(session: Session, clientSeq: number): FaultCode {
    const { instruments } = this.#parts.port;
    if (instruments.length === 0) return CODES.UNKNOWN_INSTRUMENT;
    for (const [index, instrument] of instruments.entries()) {
      this.#tellState(session, instrument.id, clientSeq);
      const at = session.claim(InstrumentDefinition.RECORD_BYTES);
      const { words } = session;
      InstrumentDefinition.init(words, at, session.takeServerSeq(), this.#timeUs);
      if (index === instruments.length - 1) Header.setFlags(words, at, Header.FLAG_LAST_OF_BATCH);
      InstrumentDefinition.setTickMantissa(words, at, instrument.tick.mantissa);
      InstrumentDefinition.setLotMantissa(words, at, instrument.lot.mantissa);
      InstrumentDefinition.setMinQty(words, at, instrument.minQty);
      InstrumentDefinition.setMaxQty(words, at, instrument.maxQty);
      InstrumentDefinition.setMinPrice(words, at, instrument.minPrice);
      InstrumentDefinition.setMaxPrice(words, at, instrument.maxPrice);
      InstrumentDefinition.setInstrument(words, at, instrument.id);
      InstrumentDefinition.setTickExponent(words, at, instrument.tick.exponent);
      InstrumentDefinition.setLotExponent(words, at, instrument.lot.exponent);
      InstrumentDefinition.setQuoteScale(words, at, -instrument.atom.exponent);
      InstrumentDefinition.setSymbol(words, at, instrument.symbol);
      InstrumentDefinition.setBase(words, at, instrument.base);
      InstrumentDefinition.setQuote(words, at, instrument.quote);
    }
    return 0;
  }

  /** As an answer, which no change of a state is. */
  #tellState(session: Session, instrument: number, clientSeq: number): void {
    const at = session.claim(InstrumentState.RECORD_BYTES);
    InstrumentState.init(session.words, at, session.takeServerSeq(), this.#timeUs);
    InstrumentState.setClientSeq(session.words, at, clientSeq);
    InstrumentState.setSession(session.words, at, session.id);
    InstrumentState.setInstrument(session.words, at, instrument);
    InstrumentState.setState(session.words, at, this.#parts.port.tradingState(instrument));
    InstrumentState.setReason(session.words, at, StateReason.admin);
  }
}
