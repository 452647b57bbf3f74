import { createHmac } from "node:crypto";
import {
  BalanceRequest,
  Cancel,
  CancelAllAfter,
  Heartbeat,
  InstrumentListRequest,
  Logon,
  Logout,
  MassCancel,
  MassStatusRequest,
  NewOrder,
  NewOrderFull,
  NULL_INT64,
  NULL_UINT8,
  NULL_UINT32,
  OrderStatusRequest,
  PositionRequest,
  ResendRequest,
  Subscribe,
  TestRequest,
} from "../../engine/wire/index.js";

interface Flyweight {
  readonly RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
}

/** The bytes of one record, made by a flyweight. */
export function record(flyweight: Flyweight, seq: number, fill: (words: Int32Array) => void, time = 1_700_000_000_000_000): Uint8Array {
  const words = new Int32Array(flyweight.RECORD_BYTES / 4);
  flyweight.init(words, 0, seq, time);
  fill(words);
  return new Uint8Array(words.buffer);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export interface NewOrderFields {
  readonly seq: number;
  readonly clOrdId?: number;
  readonly price?: number;
  readonly qty?: number;
  readonly side?: number;
  readonly instrument?: number;
  readonly account?: number;
  readonly tif?: number;
}

export function newOrder(fields: NewOrderFields): Uint8Array {
  return record(NewOrder, fields.seq, (words) => {
    NewOrder.setClientSeq(words, 0, 0);
    NewOrder.setClOrdId(words, 0, fields.clOrdId ?? 1);
    NewOrder.setPrice(words, 0, fields.price ?? 100);
    NewOrder.setQty(words, 0, fields.qty ?? 5);
    NewOrder.setAccount(words, 0, fields.account ?? 0);
    NewOrder.setSession(words, 0, 0);
    NewOrder.setInstrument(words, 0, fields.instrument ?? 1);
    NewOrder.setFlags(words, 0, 0);
    NewOrder.setSide(words, 0, fields.side ?? 0);
    NewOrder.setOrdType(words, 0, 0);
    NewOrder.setTif(words, 0, fields.tif ?? 0);
    NewOrder.setStp(words, 0, NULL_UINT8);
  });
}

/** A plain limit order in the long record, unless more is set. */
export function newOrderFull(seq: number, more: (words: Int32Array) => void = () => {}): Uint8Array {
  return record(NewOrderFull, seq, (words) => {
    NewOrderFull.setClOrdId(words, 0, seq);
    NewOrderFull.setPrice(words, 0, 100);
    NewOrderFull.setQty(words, 0, 5);
    NewOrderFull.setStopPrice(words, 0, NULL_INT64);
    NewOrderFull.setTrail(words, 0, NULL_INT64);
    NewOrderFull.setTrailBps(words, 0, NULL_INT64);
    NewOrderFull.setDisplayQty(words, 0, NULL_INT64);
    NewOrderFull.setMinQty(words, 0, NULL_INT64);
    NewOrderFull.setQuoteQty(words, 0, NULL_INT64);
    NewOrderFull.setExpireTime(words, 0, NULL_INT64);
    NewOrderFull.setOco(words, 0, NULL_INT64);
    NewOrderFull.setInstrument(words, 0, 1);
    NewOrderFull.setStp(words, 0, NULL_UINT8);
    more(words);
  });
}

export function cancel(fields: { seq: number; clOrdId: number }): Uint8Array {
  return record(Cancel, fields.seq, (words) => {
    Cancel.setClientSeq(words, 0, 0);
    Cancel.setClOrdId(words, 0, fields.clOrdId);
    Cancel.setOrderId(words, 0, NULL_INT64);
    Cancel.setAccount(words, 0, 0);
    Cancel.setSession(words, 0, 0);
  });
}

export function massCancel(fields: { seq: number }): Uint8Array {
  return record(MassCancel, fields.seq, (words) => {
    MassCancel.setClientSeq(words, 0, 0);
    MassCancel.setAccount(words, 0, 0);
    MassCancel.setSession(words, 0, 0);
    MassCancel.setInstrument(words, 0, NULL_UINT32);
    MassCancel.setSide(words, 0, NULL_UINT8);
  });
}

export function subscribe(fields: { seq: number; instrument?: number; channel?: number }): Uint8Array {
  return record(Subscribe, fields.seq, (words) => {
    Subscribe.setInstrument(words, 0, fields.instrument ?? 1);
    Subscribe.setChannel(words, 0, fields.channel ?? 0);
  });
}

export function heartbeat(nextSeq: number): Uint8Array {
  return record(Heartbeat, 0, (words) => Heartbeat.setNextSeq(words, 0, nextSeq));
}

export function testRequest(token: number): Uint8Array {
  return record(TestRequest, 0, (words) => TestRequest.setToken(words, 0, token));
}

export function logout(): Uint8Array {
  return record(Logout, 0, () => {});
}

export function resendRequest(fromSeq: number, toSeq = 0): Uint8Array {
  return record(ResendRequest, 0, (words) => {
    ResendRequest.setFromSeq(words, 0, fromSeq);
    ResendRequest.setToSeq(words, 0, toSeq);
  });
}

export function cancelAllAfter(fields: { seq: number; timeoutMs: number }): Uint8Array {
  return record(CancelAllAfter, fields.seq, (words) => CancelAllAfter.setTimeoutMs(words, 0, fields.timeoutMs));
}

export function orderStatusRequest(fields: { seq: number; clOrdId?: number; orderId?: number }): Uint8Array {
  return record(OrderStatusRequest, fields.seq, (words) => {
    OrderStatusRequest.setClOrdId(words, 0, fields.clOrdId ?? NULL_INT64);
    OrderStatusRequest.setOrderId(words, 0, fields.orderId ?? NULL_INT64);
  });
}

export function massStatusRequest(fields: { seq: number; instrument?: number; side?: number }): Uint8Array {
  return record(MassStatusRequest, fields.seq, (words) => {
    MassStatusRequest.setInstrument(words, 0, fields.instrument ?? NULL_UINT32);
    MassStatusRequest.setSide(words, 0, fields.side ?? NULL_UINT8);
  });
}

export function balanceRequest(seq: number): Uint8Array {
  return record(BalanceRequest, seq, () => {});
}

export function positionRequest(seq: number, instrument = NULL_UINT32): Uint8Array {
  return record(PositionRequest, seq, (words) => PositionRequest.setInstrument(words, 0, instrument));
}

export function instrumentListRequest(seq: number): Uint8Array {
  return record(InstrumentListRequest, seq, () => {});
}

export interface LogonFields {
  readonly key: string;
  readonly secret: string;
  readonly timestamp?: number;
  readonly nonce?: number;
  readonly heartbeatMs?: number;
  readonly nextServerSeq?: number;
  readonly cancelScope?: number;
  readonly cancelGraceMs?: number;
  /** In place of the HMAC. */
  readonly sign?: (block: Uint8Array) => Uint8Array;
}

let nonceNext = 1;

export function logon(fields: LogonFields): Uint8Array {
  const bytes = record(Logon, 0, (words) => {
    Logon.setTimestamp(words, 0, fields.timestamp ?? Date.now() * 1000);
    Logon.setNonce(words, 0, fields.nonce ?? nonceNext++);
    Logon.setNextServerSeq(words, 0, fields.nextServerSeq ?? 0);
    Logon.setCancelScope(words, 0, fields.cancelScope ?? 0);
    Logon.setCancelGraceMs(words, 0, fields.cancelGraceMs ?? 0);
    Logon.setHeartbeatMs(words, 0, fields.heartbeatMs ?? 5_000);
    Logon.setKeyId(words, 0, fields.key);
  });
  const block = bytes.subarray(32, 104);
  bytes.set(fields.sign?.(block) ?? createHmac("sha256", fields.secret).update(block).digest(), 104);
  return bytes;
}
