import type { SingleProducer } from "../ring/single-producer.js";
import {
  CommandDone,
  CommandRejected,
  MassCancelReport,
  OrderAccepted,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  Trade,
} from "../wire/flyweights.js";
import * as Header from "../wire/header.js";
import { NULL_INT64 } from "../wire/numbers.js";
import { MARKET } from "./match/order-types.js";
import type { OrderBook } from "./book/order-book.js";
import { ACCOUNT, BOOK_SIDE, CL_ORD_ID, flagsOf, LEAVES, ORDER_ID, ordTypeOf, SLOT_DOUBLES, SLOT_WORDS, selfTradeModeOf, tifOf, TOTAL, TRAITS } from "./book/order-pool.js";

const SEQ = 0;
const TIME = 1;
const CLIENT_SEQ = 2;
const LAST_TRADE_ID = 3;

/**
 * Writes the events of one command after the other into the event ring, in place. Every event carries the sequence and
 * the time of its command; the last one is marked, so a reader knows when a command is complete. Shard thread only.
 *
 * The ring may fill up in the middle of a command. A command is never half applied, so then `makeRoom` is called until
 * the next event fits: in a shard it waits for the slowest reader, without threads it drains the ring.
 */
export class Emitter {
  private readonly now = new Float64Array(4);
  private session = 0;
  private last = -1;

  constructor(
    private readonly ring: SingleProducer,
    private readonly makeRoom: () => void,
    private readonly book: OrderBook,
  ) {}

  get lastTradeId(): number {
    return this.now[LAST_TRADE_ID];
  }

  set lastTradeId(id: number) {
    this.now[LAST_TRADE_ID] = id;
  }

  begin(seq: number, time: number): void {
    this.now[SEQ] = seq;
    this.now[TIME] = time;
    this.now[CLIENT_SEQ] = 0;
    this.session = 0;
  }

  /** Who is answered by this command's direct events. */
  answer(session: number, clientSeq: number): void {
    this.session = session;
    this.now[CLIENT_SEQ] = clientSeq;
  }

  /** Marks the last event of the command. Every command has at least one. */
  end(): void {
    Header.setFlags(this.ring.words, this.last, Header.FLAG_LAST_OF_BATCH);
  }

  accepted(slot: number, price: number): void {
    const at = this.claim(OrderAccepted.RECORD_BYTES);
    const words = this.ring.words;
    const doubles = this.book.pool.doubles;
    const order = this.book.pool.words;
    const traits = order[slot * SLOT_WORDS + TRAITS];
    const bookSide = order[slot * SLOT_WORDS + BOOK_SIDE];
    OrderAccepted.init(words, at, this.now[SEQ], this.now[TIME]);
    OrderAccepted.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    OrderAccepted.setClOrdId(words, at, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    OrderAccepted.setOrderId(words, at, doubles[slot * SLOT_DOUBLES + ORDER_ID]);
    OrderAccepted.setPrice(words, at, ordTypeOf(traits) === MARKET ? NULL_INT64 : price);
    OrderAccepted.setQty(words, at, doubles[slot * SLOT_DOUBLES + TOTAL]);
    OrderAccepted.setAccount(words, at, order[slot * SLOT_WORDS + ACCOUNT]);
    OrderAccepted.setSession(words, at, this.session);
    OrderAccepted.setInstrument(words, at, bookSide >>> 1);
    OrderAccepted.setFlags(words, at, flagsOf(traits));
    OrderAccepted.setSide(words, at, bookSide & 1);
    OrderAccepted.setOrdType(words, at, ordTypeOf(traits));
    OrderAccepted.setTif(words, at, tifOf(traits));
    OrderAccepted.setStp(words, at, selfTradeModeOf(traits));
    this.ring.commit();
  }

  /** `clOrdId` and `orderId` as the command gave them; null when it did not. */
  orderRejected(account: number, clOrdId: number, orderId: number, code: number, refTemplateId: number): void {
    const at = this.claim(OrderRejected.RECORD_BYTES);
    const words = this.ring.words;
    OrderRejected.init(words, at, this.now[SEQ], this.now[TIME]);
    OrderRejected.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    OrderRejected.setClOrdId(words, at, clOrdId);
    OrderRejected.setOrderId(words, at, orderId);
    OrderRejected.setAccount(words, at, account);
    OrderRejected.setSession(words, at, this.session);
    OrderRejected.setCode(words, at, code);
    OrderRejected.setRefTemplateId(words, at, refTemplateId);
    this.ring.commit();
  }

  /** A fill of both orders, whose leaves have been lowered already. */
  trade(maker: number, taker: number, price: number, qty: number): void {
    const at = this.claim(Trade.RECORD_BYTES);
    const words = this.ring.words;
    const doubles = this.book.pool.doubles;
    const orders = this.book.pool.words;
    const makerAt = maker * SLOT_DOUBLES;
    const takerAt = taker * SLOT_DOUBLES;
    const makerLeaves = doubles[makerAt + LEAVES];
    const takerLeaves = doubles[takerAt + LEAVES];
    const bookSide = orders[taker * SLOT_WORDS + BOOK_SIDE];
    Trade.init(words, at, this.now[SEQ], this.now[TIME]);
    Trade.setTradeId(words, at, ++this.now[LAST_TRADE_ID]);
    Trade.setPrice(words, at, price);
    Trade.setQty(words, at, qty);
    Trade.setMakerClOrdId(words, at, doubles[makerAt + CL_ORD_ID]);
    Trade.setMakerOrderId(words, at, doubles[makerAt + ORDER_ID]);
    Trade.setMakerCumQty(words, at, doubles[makerAt + TOTAL] - makerLeaves);
    Trade.setMakerLeavesQty(words, at, makerLeaves);
    Trade.setTakerClOrdId(words, at, doubles[takerAt + CL_ORD_ID]);
    Trade.setTakerOrderId(words, at, doubles[takerAt + ORDER_ID]);
    Trade.setTakerCumQty(words, at, doubles[takerAt + TOTAL] - takerLeaves);
    Trade.setTakerLeavesQty(words, at, takerLeaves);
    Trade.setMakerFee(words, at, 0);
    Trade.setTakerFee(words, at, 0);
    Trade.setMakerAccount(words, at, orders[maker * SLOT_WORDS + ACCOUNT]);
    Trade.setTakerAccount(words, at, orders[taker * SLOT_WORDS + ACCOUNT]);
    Trade.setInstrument(words, at, bookSide >>> 1);
    Trade.setAggressor(words, at, bookSide & 1);
    this.ring.commit();
  }

  /** What an order has left is canceled; `isAnswer`: the command's sender asked for it. */
  canceled(slot: number, reason: number, isAnswer: boolean): void {
    const at = this.claim(OrderCanceled.RECORD_BYTES);
    const words = this.ring.words;
    const doubles = this.book.pool.doubles;
    const order = this.book.pool.words;
    const leaves = doubles[slot * SLOT_DOUBLES + LEAVES];
    const bookSide = order[slot * SLOT_WORDS + BOOK_SIDE];
    OrderCanceled.init(words, at, this.now[SEQ], this.now[TIME]);
    OrderCanceled.setClientSeq(words, at, isAnswer ? this.now[CLIENT_SEQ] : 0);
    OrderCanceled.setClOrdId(words, at, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    OrderCanceled.setOrderId(words, at, doubles[slot * SLOT_DOUBLES + ORDER_ID]);
    OrderCanceled.setQty(words, at, leaves);
    OrderCanceled.setCumQty(words, at, doubles[slot * SLOT_DOUBLES + TOTAL] - leaves);
    OrderCanceled.setAccount(words, at, order[slot * SLOT_WORDS + ACCOUNT]);
    OrderCanceled.setSession(words, at, isAnswer ? this.session : 0);
    OrderCanceled.setInstrument(words, at, bookSide >>> 1);
    OrderCanceled.setSide(words, at, bookSide & 1);
    OrderCanceled.setReason(words, at, reason);
    this.ring.commit();
  }

  /** `slot` carries the new ids and quantities already. */
  replaced(slot: number, origClOrdId: number, price: number, keptPriority: boolean): void {
    const at = this.claim(OrderReplaced.RECORD_BYTES);
    const words = this.ring.words;
    const doubles = this.book.pool.doubles;
    const order = this.book.pool.words;
    const bookSide = order[slot * SLOT_WORDS + BOOK_SIDE];
    OrderReplaced.init(words, at, this.now[SEQ], this.now[TIME]);
    OrderReplaced.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    OrderReplaced.setClOrdId(words, at, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    OrderReplaced.setOrigClOrdId(words, at, origClOrdId);
    OrderReplaced.setOrderId(words, at, doubles[slot * SLOT_DOUBLES + ORDER_ID]);
    OrderReplaced.setPrice(words, at, price);
    OrderReplaced.setQty(words, at, doubles[slot * SLOT_DOUBLES + TOTAL]);
    OrderReplaced.setLeavesQty(words, at, doubles[slot * SLOT_DOUBLES + LEAVES]);
    OrderReplaced.setAccount(words, at, order[slot * SLOT_WORDS + ACCOUNT]);
    OrderReplaced.setSession(words, at, this.session);
    OrderReplaced.setInstrument(words, at, bookSide >>> 1);
    OrderReplaced.setSide(words, at, bookSide & 1);
    OrderReplaced.setKeptPriority(words, at, keptPriority ? 1 : 0);
    this.ring.commit();
  }

  /** Leaves and total have been lowered already. */
  reduced(slot: number, by: number, reason: number, isAnswer: boolean): void {
    const at = this.claim(OrderReduced.RECORD_BYTES);
    const words = this.ring.words;
    const doubles = this.book.pool.doubles;
    const order = this.book.pool.words;
    const leaves = doubles[slot * SLOT_DOUBLES + LEAVES];
    const bookSide = order[slot * SLOT_WORDS + BOOK_SIDE];
    OrderReduced.init(words, at, this.now[SEQ], this.now[TIME]);
    OrderReduced.setClientSeq(words, at, isAnswer ? this.now[CLIENT_SEQ] : 0);
    OrderReduced.setClOrdId(words, at, doubles[slot * SLOT_DOUBLES + CL_ORD_ID]);
    OrderReduced.setOrderId(words, at, doubles[slot * SLOT_DOUBLES + ORDER_ID]);
    OrderReduced.setBy(words, at, by);
    OrderReduced.setLeavesQty(words, at, leaves);
    OrderReduced.setCumQty(words, at, doubles[slot * SLOT_DOUBLES + TOTAL] - leaves);
    OrderReduced.setAccount(words, at, order[slot * SLOT_WORDS + ACCOUNT]);
    OrderReduced.setSession(words, at, isAnswer ? this.session : 0);
    OrderReduced.setInstrument(words, at, bookSide >>> 1);
    OrderReduced.setSide(words, at, bookSide & 1);
    OrderReduced.setReason(words, at, reason);
    this.ring.commit();
  }

  massCanceled(account: number, count: number): void {
    const at = this.claim(MassCancelReport.RECORD_BYTES);
    const words = this.ring.words;
    MassCancelReport.init(words, at, this.now[SEQ], this.now[TIME]);
    MassCancelReport.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    MassCancelReport.setCount(words, at, count);
    MassCancelReport.setAccount(words, at, account);
    MassCancelReport.setSession(words, at, this.session);
    this.ring.commit();
  }

  commandDone(refId: number, refTemplateId: number): void {
    const at = this.claim(CommandDone.RECORD_BYTES);
    const words = this.ring.words;
    CommandDone.init(words, at, this.now[SEQ], this.now[TIME]);
    CommandDone.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    CommandDone.setSession(words, at, this.session);
    CommandDone.setRefId(words, at, refId);
    CommandDone.setRefTemplateId(words, at, refTemplateId);
    this.ring.commit();
  }

  commandRejected(code: number, refTemplateId: number): void {
    const at = this.claim(CommandRejected.RECORD_BYTES);
    const words = this.ring.words;
    CommandRejected.init(words, at, this.now[SEQ], this.now[TIME]);
    CommandRejected.setClientSeq(words, at, this.now[CLIENT_SEQ]);
    CommandRejected.setSession(words, at, this.session);
    CommandRejected.setCode(words, at, code);
    CommandRejected.setRefTemplateId(words, at, refTemplateId);
    this.ring.commit();
  }

  private claim(recordBytes: number): number {
    let at = this.ring.tryClaim(recordBytes);
    while (at < 0) {
      this.makeRoom();
      at = this.ring.tryClaim(recordBytes);
    }
    this.last = at;
    return at;
  }
}
