/** What the gateway itself answers: one record each, into the session's outbox. Gateway thread only. */
import {
  BusinessReject,
  CancelAllAfterAck,
  NotApplied,
  OrderStatus,
  RequestDone,
  RequestStatus,
  TestReply,
} from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import { hasSafeHeader } from "./frame-check.js";
import type { LiveOrder } from "./order-mirror.js";
import type { Session } from "./session.js";

/** Why a record is not taken. */
export interface Rejection {
  readonly code: number;
  /** Where it stands in its frame. */
  readonly offset: number;
  readonly retryAfterMs: number;
}

/** Returns the server seq of the answer. */
export function reject(session: Session, words: Int32Array, at: number, why: Rejection, timeUs: number): number {
  const clientSeq = hasSafeHeader(words, at) ? Header.seq(words, at) : 0;
  const templateId = Header.templateId(words, at);
  const out = session.claim(BusinessReject.RECORD_BYTES);
  const seq = session.takeServerSeq();
  BusinessReject.init(session.words, out, seq, timeUs);
  BusinessReject.setClientSeq(session.words, out, clientSeq);
  BusinessReject.setOffset(session.words, out, why.offset);
  BusinessReject.setRetryAfterMs(session.words, out, why.retryAfterMs);
  BusinessReject.setCode(session.words, out, why.code);
  BusinessReject.setRefTemplateId(session.words, out, templateId);
  return seq;
}

/** A seq that was processed before: what became of it. */
export function tellStatus(session: Session, clientSeq: number, timeUs: number): void {
  const entry = session.requests.entry(clientSeq, session.clientSeqLast);
  const at = session.claim(RequestStatus.RECORD_BYTES);
  const { words } = session;
  RequestStatus.init(words, at, session.takeServerSeq(), timeUs);
  RequestStatus.setClientSeq(words, at, clientSeq);
  RequestStatus.setAnswerSeq(words, at, entry.answerSeq);
  RequestStatus.setClOrdId(words, at, entry.clOrdId);
  RequestStatus.setOrderId(words, at, entry.orderId);
  RequestStatus.setCode(words, at, entry.code);
  RequestStatus.setRefTemplateId(words, at, entry.templateId);
  RequestStatus.setState(words, at, entry.state);
}

/** Client seqs from `fromSeq` on that never came and now never may. */
export function tellNotApplied(session: Session, fromSeq: number, count: number, timeUs: number): void {
  const at = session.claim(NotApplied.RECORD_BYTES);
  NotApplied.init(session.words, at, session.takeServerSeq(), timeUs);
  NotApplied.setFromSeq(session.words, at, fromSeq);
  NotApplied.setCount(session.words, at, count);
}

export function replyToTest(session: Session, token: number, timeUs: number): void {
  const at = session.claim(TestReply.RECORD_BYTES);
  TestReply.init(session.words, at, 0, timeUs);
  TestReply.setToken(session.words, at, token);
}

export function tellOrder(session: Session, clientSeq: number, order: LiveOrder, timeUs: number): void {
  const at = session.claim(OrderStatus.RECORD_BYTES);
  const { words } = session;
  OrderStatus.init(words, at, session.takeServerSeq(), timeUs);
  OrderStatus.setClientSeq(words, at, clientSeq);
  OrderStatus.setClOrdId(words, at, order.clOrdId);
  OrderStatus.setOrderId(words, at, order.orderId);
  OrderStatus.setPrice(words, at, order.price);
  OrderStatus.setQty(words, at, order.qty);
  OrderStatus.setCumQty(words, at, order.cumQty);
  OrderStatus.setLeavesQty(words, at, order.leavesQty);
  OrderStatus.setStopPrice(words, at, order.stopPrice);
  OrderStatus.setDisplayQty(words, at, order.displayQty);
  OrderStatus.setExpireTime(words, at, order.expireTime);
  OrderStatus.setAccount(words, at, order.account);
  OrderStatus.setInstrument(words, at, order.instrument);
  OrderStatus.setFlags(words, at, order.flags);
  OrderStatus.setSide(words, at, order.side);
  OrderStatus.setOrdType(words, at, order.ordType);
  OrderStatus.setTif(words, at, order.tif);
  OrderStatus.setState(words, at, order.state);
}

export function tellDone(session: Session, clientSeq: number, refTemplateId: number, count: number, timeUs: number): void {
  const at = session.claim(RequestDone.RECORD_BYTES);
  RequestDone.init(session.words, at, session.takeServerSeq(), timeUs);
  RequestDone.setClientSeq(session.words, at, clientSeq);
  RequestDone.setCount(session.words, at, count);
  RequestDone.setRefTemplateId(session.words, at, refTemplateId);
}

export function tellArmed(session: Session, clientSeq: number, triggerTimeUs: number, timeUs: number): void {
  const at = session.claim(CancelAllAfterAck.RECORD_BYTES);
  CancelAllAfterAck.init(session.words, at, session.takeServerSeq(), timeUs);
  CancelAllAfterAck.setClientSeq(session.words, at, clientSeq);
  CancelAllAfterAck.setTriggerTime(session.words, at, triggerTimeUs);
}
