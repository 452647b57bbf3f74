import { Cancel, NewOrder, NewOrderFull, Reduce } from "../../engine/wire/flyweights.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";

/**
 * The records of the flows' commands: instrument 0, account 0, self-trade mode the account's, the flow's id as client id. `at` is the
 * word where the record begins.
 */
export interface FlowOrder {
  readonly id: number;
  readonly side: number;
  readonly ordType: number;
  readonly tif: number;
  /** Ticks; null for a market order. */
  readonly price: number;
  readonly qty: number;
}

export function writeNewOrder(words: Int32Array, at: number, seq: number, order: FlowOrder): void {
  NewOrder.init(words, at, seq, 0);
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setAccount(words, at, 0);
  NewOrder.setInstrument(words, at, 0);
  NewOrder.setClOrdId(words, at, order.id);
  NewOrder.setSide(words, at, order.side);
  NewOrder.setOrdType(words, at, order.ordType);
  NewOrder.setTif(words, at, order.tif);
  NewOrder.setPrice(words, at, order.price);
  NewOrder.setQty(words, at, order.qty);
  NewOrder.setStp(words, at, NULL_UINT8);
}

export function writeCancel(words: Int32Array, at: number, seq: number, id: number): void {
  Cancel.init(words, at, seq, 0);
  Cancel.setClientSeq(words, at, 0);
  Cancel.setSession(words, at, 0);
  Cancel.setAccount(words, at, 0);
  Cancel.setClOrdId(words, at, id);
  Cancel.setOrderId(words, at, NULL_INT64);
}

export function writeReduce(words: Int32Array, at: number, seq: number, id: number, by: number): void {
  Reduce.init(words, at, seq, 0);
  Reduce.setClientSeq(words, at, 0);
  Reduce.setSession(words, at, 0);
  Reduce.setAccount(words, at, 0);
  Reduce.setClOrdId(words, at, id);
  Reduce.setOrderId(words, at, NULL_INT64);
  Reduce.setBy(words, at, by);
}

/** What a NewOrderFull has beyond a plain order. */
export interface OrderExtras {
  readonly stopPrice?: number;
  readonly trail?: number;
  readonly displayQty?: number;
  readonly expireTime?: number;
}

export function writeFullOrder(words: Int32Array, at: number, seq: number, order: FlowOrder, extras: OrderExtras): void {
  NewOrderFull.init(words, at, seq, 0);
  NewOrderFull.setClientSeq(words, at, 0);
  NewOrderFull.setSession(words, at, 0);
  NewOrderFull.setAccount(words, at, 0);
  NewOrderFull.setInstrument(words, at, 0);
  NewOrderFull.setClOrdId(words, at, order.id);
  NewOrderFull.setSide(words, at, order.side);
  NewOrderFull.setOrdType(words, at, order.ordType);
  NewOrderFull.setTif(words, at, order.tif);
  NewOrderFull.setPrice(words, at, order.price);
  NewOrderFull.setQty(words, at, order.qty);
  NewOrderFull.setStp(words, at, NULL_UINT8);
  NewOrderFull.setStopPrice(words, at, extras.stopPrice ?? NULL_INT64);
  NewOrderFull.setTrail(words, at, extras.trail ?? NULL_INT64);
  NewOrderFull.setTrailBps(words, at, NULL_INT64);
  NewOrderFull.setDisplayQty(words, at, extras.displayQty ?? NULL_INT64);
  NewOrderFull.setMinQty(words, at, NULL_INT64);
  NewOrderFull.setQuoteQty(words, at, NULL_INT64);
  NewOrderFull.setExpireTime(words, at, extras.expireTime ?? NULL_INT64);
  NewOrderFull.setOco(words, at, NULL_INT64);
}
