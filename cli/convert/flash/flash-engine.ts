import { Core } from "../../../engine/edge/index.js";
import {
  Cancel,
  Header,
  NewOrder,
  NULL_INT64,
  NULL_UINT8,
  OrderCanceled,
  OrderRejected,
  OrdType,
  TimeInForce,
  Trade,
} from "../../../engine/wire/index.js";
import { FLASH_CANCEL, FLASH_MODIFY, FLASH_NEW, type FlashRecord } from "./flash-records.js";

/** What the benchmark wants to hear about each message. `seq` is the message's, `price` in ticks. */
export interface FlashSink {
  orderAck(seq: number, side: number, id: number, price: number, qty: number): void;
  /** `seq` is the aggressor's, `price` the resting order's. */
  trade(seq: number, price: number, qty: number, makerId: number, takerId: number): void;
  /** Also for the rest of an immediate order. */
  cancelAck(seq: number, side: number, id: number, price: number): void;
  modifyAck(seq: number, side: number, id: number, price: number, qty: number): void;
  cancelReject(seq: number, id: number): void;
  modifyReject(seq: number, id: number): void;
}

const SYMBOL = "FLOW";
const ACCOUNT = "flow";
const IDS_MIN = 1 << 20;

/**
 * Plays benchmark messages through the core, record by record: one instrument with ticks and lots of 1, one account without
 * self-trade prevention, because every order may meet every other. A modify is a cancel and a new order. One thread.
 */
export class FlashEngine {
  readonly core = new Core({
    instruments: [{ symbol: SYMBOL, base: SYMBOL, quote: "USD", tickSize: "1", lotSize: "1" }],
    accounts: [{ name: ACCOUNT, mode: "unchecked", stp: "none" }],
  });
  private readonly words = new Int32Array(NewOrder.RECORD_BYTES / 4);
  /** By order id: the price that the benchmark's report of a cancel names, and the engine's does not. */
  private prices = new Float64Array(IDS_MIN);
  private seq = 0;
  private side = 0;
  private isRejected = false;

  constructor(private readonly sink: FlashSink) {}

  apply(record: FlashRecord): void {
    this.seq = record.seq;
    const { type, seq, side, id, price, qty } = record;
    if (type === FLASH_NEW) {
      this.sink.orderAck(seq, side, id, price, qty);
      this.enter(record);
    } else if (type === FLASH_CANCEL) {
      if (this.cancel(id)) this.sink.cancelAck(seq, this.side, id, this.prices[id] as number);
      else this.sink.cancelReject(seq, id);
    } else if (type === FLASH_MODIFY) {
      if (!this.cancel(id)) {
        this.sink.modifyReject(seq, id);
        return;
      }
      this.sink.modifyAck(seq, side, id, price, qty);
      this.enter(record);
    } else throw new RangeError(`message ${seq} has the unknown type ${type}`);
  }

  private enter({ id, side, isImmediate, price, qty }: FlashRecord): void {
    const words = this.words;
    NewOrder.init(words, 0, this.core.lastSeq + 1, 0);
    NewOrder.setClientSeq(words, 0, 0);
    NewOrder.setSession(words, 0, 0);
    NewOrder.setAccount(words, 0, 0);
    NewOrder.setInstrument(words, 0, 0);
    NewOrder.setClOrdId(words, 0, id);
    NewOrder.setSide(words, 0, side);
    NewOrder.setOrdType(words, 0, OrdType.limit);
    NewOrder.setTif(words, 0, isImmediate ? TimeInForce.ioc : TimeInForce.gtc);
    NewOrder.setPrice(words, 0, price);
    NewOrder.setQty(words, 0, qty);
    NewOrder.setFlags(words, 0, 0);
    NewOrder.setStp(words, 0, NULL_UINT8);
    this.remember(id, price);
    this.isRejected = false;
    this.core.applyRecord(words, 0, this.onEntered);
    if (this.isRejected) throw new RangeError(`message ${this.seq}: the engine refused order ${id}`);
  }

  /** False when no such order rests. */
  private cancel(id: number): boolean {
    const words = this.words;
    Cancel.init(words, 0, this.core.lastSeq + 1, 0);
    Cancel.setClientSeq(words, 0, 0);
    Cancel.setSession(words, 0, 0);
    Cancel.setAccount(words, 0, 0);
    Cancel.setClOrdId(words, 0, id);
    Cancel.setOrderId(words, 0, NULL_INT64);
    this.isRejected = false;
    this.core.applyRecord(words, 0, this.onCanceled);
    return !this.isRejected;
  }

  private readonly onEntered = (words: Int32Array, at: number): void => {
    switch (Header.templateId(words, at)) {
      case Trade.TEMPLATE_ID: {
        const makerId = Trade.makerClOrdId(words, at);
        this.sink.trade(this.seq, Trade.price(words, at), Trade.qty(words, at), makerId, Trade.takerClOrdId(words, at));
        break;
      }
      case OrderCanceled.TEMPLATE_ID: {
        const id = OrderCanceled.clOrdId(words, at);
        this.sink.cancelAck(this.seq, OrderCanceled.side(words, at), id, this.prices[id] as number);
        break;
      }
      case OrderRejected.TEMPLATE_ID:
        this.isRejected = true;
    }
  };

  private readonly onCanceled = (words: Int32Array, at: number): void => {
    if (Header.templateId(words, at) === OrderRejected.TEMPLATE_ID) this.isRejected = true;
    else this.side = OrderCanceled.side(words, at);
  };

  private remember(id: number, price: number): void {
    if (id >= this.prices.length) {
      const larger = new Float64Array(Math.max(2 * this.prices.length, id + 1));
      larger.set(this.prices);
      this.prices = larger;
    }
    this.prices[id] = price;
  }
}
