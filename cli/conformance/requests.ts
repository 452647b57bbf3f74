import {
  Cancel,
  CancelAllAfter,
  Heartbeat,
  InstrumentListRequest,
  Logout,
  MassCancel,
  MassStatusRequest,
  NewOrder,
  NULL_INT64,
  NULL_UINT8,
  NULL_UINT32,
  OrderStatusRequest,
  OrdType,
  ResendRequest,
  Side,
  TestRequest,
  TimeInForce,
} from "../../engine/wire/index.js";

/** Writes a request under the client seq that it is given. */
export type RequestWriter = (seq: number) => Uint8Array;

interface Flyweight {
  readonly RECORD_BYTES: number;
  init(words: Int32Array, at: number, seq: number, time: number): void;
}

/** The bytes of one record. `extraBytes` of nought stand behind its block, as those of a later schema would. */
export function recordOf(flyweight: Flyweight, seq: number, fill: (words: Int32Array) => void, extraBytes = 0): Uint8Array {
  const words = new Int32Array((flyweight.RECORD_BYTES + extraBytes) / 4);
  flyweight.init(words, 0, seq, Date.now() * 1000);
  fill(words);
  return new Uint8Array(words.buffer);
}

export interface OrderFields {
  readonly instrument: number;
  readonly clOrdId: number;
  readonly price: number;
  readonly qty: number;
  readonly side?: number;
  readonly tif?: number;
}

export function newOrder(fields: OrderFields): RequestWriter {
  return (seq) => recordOf(NewOrder, seq, (words) => fillOrder(words, fields));
}

/** As a client of a later schema would send it: its block is 8 bytes longer. */
export function longerOrder(fields: OrderFields): RequestWriter {
  return (seq) =>
    recordOf(
      NewOrder,
      seq,
      (words) => {
        fillOrder(words, fields);
        const bytes = new DataView(words.buffer);
        bytes.setUint32(0, NewOrder.RECORD_BYTES + 8, true);
        bytes.setUint16(8, NewOrder.BLOCK_BYTES + 8, true);
      },
      8,
    );
}

function fillOrder(words: Int32Array, fields: OrderFields): void {
  NewOrder.setClOrdId(words, 0, fields.clOrdId);
  NewOrder.setPrice(words, 0, fields.price);
  NewOrder.setQty(words, 0, fields.qty);
  NewOrder.setInstrument(words, 0, fields.instrument);
  NewOrder.setSide(words, 0, fields.side ?? Side.buy);
  NewOrder.setOrdType(words, 0, OrdType.limit);
  NewOrder.setTif(words, 0, fields.tif ?? TimeInForce.gtc);
  NewOrder.setStp(words, 0, NULL_UINT8);
}

export function cancel(clOrdId: number): RequestWriter {
  return (seq) =>
    recordOf(Cancel, seq, (words) => {
      Cancel.setClOrdId(words, 0, clOrdId);
      Cancel.setOrderId(words, 0, NULL_INT64);
    });
}

/** All orders of the account. */
export function massCancel(): RequestWriter {
  return (seq) =>
    recordOf(MassCancel, seq, (words) => {
      MassCancel.setInstrument(words, 0, NULL_UINT32);
      MassCancel.setSide(words, 0, NULL_UINT8);
    });
}

export function orderStatus(clOrdId: number): RequestWriter {
  return (seq) =>
    recordOf(OrderStatusRequest, seq, (words) => {
      OrderStatusRequest.setClOrdId(words, 0, clOrdId);
      OrderStatusRequest.setOrderId(words, 0, NULL_INT64);
    });
}

export function massStatus(): RequestWriter {
  return (seq) =>
    recordOf(MassStatusRequest, seq, (words) => {
      MassStatusRequest.setInstrument(words, 0, NULL_UINT32);
      MassStatusRequest.setSide(words, 0, NULL_UINT8);
    });
}

export function cancelAllAfter(timeoutMs: number): RequestWriter {
  return (seq) => recordOf(CancelAllAfter, seq, (words) => CancelAllAfter.setTimeoutMs(words, 0, timeoutMs));
}

export function instrumentList(): RequestWriter {
  return (seq) => recordOf(InstrumentListRequest, seq, () => {});
}

export function testRequest(token: number): Uint8Array {
  return recordOf(TestRequest, 0, (words) => TestRequest.setToken(words, 0, token));
}

export function heartbeat(nextSeq: number): Uint8Array {
  return recordOf(Heartbeat, 0, (words) => Heartbeat.setNextSeq(words, 0, nextSeq));
}

export function logout(): Uint8Array {
  return recordOf(Logout, 0, () => {});
}

export function resend(fromSeq: number, toSeq: number): Uint8Array {
  return recordOf(ResendRequest, 0, (words) => {
    ResendRequest.setFromSeq(words, 0, fromSeq);
    ResendRequest.setToSeq(words, 0, toSeq);
  });
}
