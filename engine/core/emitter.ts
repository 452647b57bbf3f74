import type { SingleProducer } from "../ring/single-producer.js";
import type { EventOutput } from "../step.js";
import {
  Alert,
  AuctionIndication,
  CommandDone,
  CommandRejected,
  InstrumentState,
  Liquidation,
  MassCancelReport,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderShown,
  OrderTriggered,
  PendingReview,
  Trade,
} from "../wire/flyweights.js";
import { SCHEMA_ID, VERSION } from "../wire/generated/frame-table.js";
import { Word as NewOrderWord } from "../wire/generated/new-order.js";
import { Word as NewOrderFullWord } from "../wire/generated/new-order-full.js";
import * as Header from "../wire/header.js";
import * as Numbers from "../wire/numbers.js";
import type { OrderBook } from "./book/order-book.js";
import { Extra, type OrderExtras } from "./book/order-extras.js";
import { Slot, Trait } from "./book/order-pool.js";
import type { Movement } from "./ledger/movements.js";
import { Figure } from "./ledger/settlement.js";
import { type AlertKind, Limit, Null, Type } from "./match/order-types.js";

/** Words that every event of a command shares, kept as they are written. */
const enum Stamp {
  SEQ = 0,
  TIME = 2,
  CLIENT_SEQ = 4,
  TRADE_ID = 6,
  KEPT_CLIENT_SEQ = 8,
  WORDS = 10,
}

/** First word behind the header; every command and every answer begins with clientSeq there. */
const enum Block {
  CLIENT_SEQ = 8,
}

// The events are written word by word, because they are a quarter of what a command costs. What is called here per event is a
// const of this module, which the compiler resolves; an imported function is looked up and compared at each call.
const put = Numbers.writeInt64;
const copy = (from: Int32Array, fromAt: number, words: Int32Array, at: number): void => {
  words[at] = from[fromAt];
  words[at + 1] = from[fromAt + 1];
};
const putZero = (words: Int32Array, at: number): void => {
  words[at] = 0;
  words[at + 1] = 0;
};
const putNull = (words: Int32Array, at: number): void => {
  words[at] = 0;
  words[at + 1] = Null.INT64_HIGH_WORD;
};
const templateWord = (templateId: number, recordBytes: number): number => (recordBytes - Header.HEADER_BYTES) | (templateId << 16);

const ENCODING = Header.ENCODING_SBE_LITTLE_ENDIAN;
/** The same word of a record that is the last of its batch. */
const LAST_ENCODING = ENCODING | (Header.FLAG_LAST_OF_BATCH << 16);
const ACCEPTED = templateWord(OrderAccepted.TEMPLATE_ID, OrderAccepted.RECORD_BYTES);
const ACCEPTED_BYTES = OrderAccepted.RECORD_BYTES;
const TRADE = templateWord(Trade.TEMPLATE_ID, Trade.RECORD_BYTES);
const TRADE_BYTES = Trade.RECORD_BYTES;
const CANCELED = templateWord(OrderCanceled.TEMPLATE_ID, OrderCanceled.RECORD_BYTES);
const CANCELED_BYTES = OrderCanceled.RECORD_BYTES;
const REPLACED = templateWord(OrderReplaced.TEMPLATE_ID, OrderReplaced.RECORD_BYTES);
const REPLACED_BYTES = OrderReplaced.RECORD_BYTES;
const REDUCED = templateWord(OrderReduced.TEMPLATE_ID, OrderReduced.RECORD_BYTES);
const REDUCED_BYTES = OrderReduced.RECORD_BYTES;
const REJECTED = templateWord(OrderRejected.TEMPLATE_ID, OrderRejected.RECORD_BYTES);
const REJECTED_BYTES = OrderRejected.RECORD_BYTES;
const SCHEMA = SCHEMA_ID | (VERSION << 16);

/**
 * Writes the events of one command after the other into the event ring, in place. Every event carries the sequence and
 * the time of its command; the last one is marked, so a reader knows when a command is complete. Shard thread only.
 *
 * The ring may fill up in the middle of a command. A command is never half applied, so then `makeRoom` is called until
 * the next event fits: in a shard it waits for the slowest reader, without threads it drains the ring.
 */
export class Emitter {
  private readonly stamp = new Int32Array(Stamp.WORDS);
  private readonly ring: SingleProducer;
  private readonly words: Int32Array;
  /** The slots of the order pool. */
  private readonly orders: Int32Array;
  private readonly doubles: Float64Array;
  private readonly extras: OrderExtras;
  /** The time that the stamp carries. */
  private readonly stampTime = new Float64Array(1);
  private session = 0;
  private keptSession = 0;
  /** What is told is nobody's answer for now. */
  private isNobody = false;
  private last = 0;
  /** The running command has been rejected. */
  isRejected = false;

  /** `figures`: of the trade that is told next, by Figure. */
  constructor(
    private readonly output: EventOutput,
    book: OrderBook,
    private readonly figures: Float64Array,
  ) {
    this.orders = book.pool.words;
    this.doubles = book.pool.doubles;
    this.extras = book.extras;
    this.ring = output.ring;
    this.words = output.ring.words;
  }

  get lastTradeId(): number {
    return Numbers.readInt64(this.stamp, Stamp.TRADE_ID);
  }

  set lastTradeId(id: number) {
    Numbers.writeInt64(this.stamp, Stamp.TRADE_ID, id);
  }

  /**
   * Starts the events of the command at word `at`. The clock, `now[1]`, is handed over in its array: a number of that size is
   * boxed when it is passed to a call that is not inlined.
   */
  begin(command: Int32Array, at: number, now: Float64Array): void {
    const stamp = this.stamp;
    copy(command, at + 4, stamp, Stamp.SEQ);
    // Commands of a batch share their time.
    if (now[1] !== this.stampTime[0]) this.restamp(now);
    copy(command, at + Block.CLIENT_SEQ, stamp, Stamp.CLIENT_SEQ);
    this.session = 0;
    this.isNobody = false;
    this.isRejected = false;
  }

  private restamp(now: Float64Array): void {
    this.stampTime[0] = now[1];
    put(this.stamp, Stamp.TIME, now[1]);
  }

  /** Which session is answered by this command's direct events. */
  answer(session: number): void {
    this.session = session;
  }

  /** The events that follow are nobody's answer: what a stop causes that another order's trade has reached. */
  answerNobody(): void {
    if (this.isNobody) return;
    this.isNobody = true;
    this.keptSession = this.session;
    copy(this.stamp, Stamp.CLIENT_SEQ, this.stamp, Stamp.KEPT_CLIENT_SEQ);
    this.session = 0;
    putZero(this.stamp, Stamp.CLIENT_SEQ);
  }

  /** Answers the sender again. */
  answerAgain(): void {
    if (!this.isNobody) return;
    this.isNobody = false;
    this.session = this.keptSession;
    copy(this.stamp, Stamp.KEPT_CLIENT_SEQ, this.stamp, Stamp.CLIENT_SEQ);
  }

  /** Marks the last event of the command. Every command has at least one. */
  end(): void {
    this.words[this.last + 1] = LAST_ENCODING;
  }

  /** The order is that of the NewOrder at word `from`; ids, price and quantity are repeated as they came. */
  accepted(slot: number, command: Int32Array, from: number): void {
    const at = this.claim(ACCEPTED_BYTES, ACCEPTED);
    const words = this.words;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    const traits = order[base + Slot.TRAITS];
    copy(this.stamp, Stamp.CLIENT_SEQ, words, at + OrderAccepted.Word.clientSeq);
    copy(command, from + NewOrderWord.clOrdId, words, at + OrderAccepted.Word.clOrdId);
    copy(order, base + Slot.ORDER_ID, words, at + OrderAccepted.Word.orderId);
    copy(command, from + NewOrderWord.price, words, at + OrderAccepted.Word.price);
    copy(command, from + NewOrderWord.qty, words, at + OrderAccepted.Word.qty);
    words[at + OrderAccepted.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderAccepted.Word.session] = this.session;
    words[at + OrderAccepted.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderAccepted.Word.flags] = (traits >>> 24) & Trait.FLAG_MASK;
    // side, ordType, tif, stp: the last three lie in `traits` as on the wire, one byte lower.
    words[at + OrderAccepted.Word.side] = (order[base + Slot.BOOK_SIDE] & 1) | (traits << 8);
    words[at + OrderAccepted.Word.side + 1] = 0;
    this.ring.commit();
  }

  /** The order is that of the NewOrderFull at word `from`; what few orders have is repeated as it came. */
  acceptedFull(slot: number, command: Int32Array, from: number): void {
    const at = this.claim(OrderAcceptedFull.RECORD_BYTES, templateWord(OrderAcceptedFull.TEMPLATE_ID, OrderAcceptedFull.RECORD_BYTES));
    const words = this.words;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    const traits = order[base + Slot.TRAITS];
    copy(this.stamp, Stamp.CLIENT_SEQ, words, at + OrderAcceptedFull.Word.clientSeq);
    copy(command, from + NewOrderFullWord.clOrdId, words, at + OrderAcceptedFull.Word.clOrdId);
    copy(order, base + Slot.ORDER_ID, words, at + OrderAcceptedFull.Word.orderId);
    // price to oco lie in both records in the same order.
    for (let word = 0; word < NewOrderFullWord.account - NewOrderFullWord.price; word += 2) {
      copy(command, from + NewOrderFullWord.price + word, words, at + OrderAcceptedFull.Word.price + word);
    }
    words[at + OrderAcceptedFull.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderAcceptedFull.Word.session] = this.session;
    words[at + OrderAcceptedFull.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderAcceptedFull.Word.flags] = (traits >>> 24) & Trait.FLAG_MASK;
    words[at + OrderAcceptedFull.Word.side] = (order[base + Slot.BOOK_SIDE] & 1) | (traits << 8);
    words[at + OrderAcceptedFull.Word.side + 1] = 0;
    this.ring.commit();
  }

  /** The command at word `from` changes nothing. Its ids stand at `clOrdIdWord` and `orderIdWord` in it; 0: it has none. */
  orderRejected(command: Int32Array, from: number, clOrdIdWord: number, orderIdWord: number, account: number, code: number): void {
    const at = this.claim(REJECTED_BYTES, REJECTED);
    this.isRejected = true;
    const words = this.words;
    copy(this.stamp, Stamp.CLIENT_SEQ, words, at + OrderRejected.Word.clientSeq);
    if (clOrdIdWord === 0) putNull(words, at + OrderRejected.Word.clOrdId);
    else copy(command, from + clOrdIdWord, words, at + OrderRejected.Word.clOrdId);
    if (orderIdWord === 0) putNull(words, at + OrderRejected.Word.orderId);
    else copy(command, from + orderIdWord, words, at + OrderRejected.Word.orderId);
    words[at + OrderRejected.Word.account] = account;
    words[at + OrderRejected.Word.session] = this.session;
    words[at + OrderRejected.Word.code] = code | (Header.templateId(command, from) << 16);
    words[at + OrderRejected.Word.code + 1] = 0;
    this.ring.commit();
  }

  /** A fill of both orders, whose leaves have been lowered already. */
  trade(maker: number, taker: number, qty: number): void {
    const at = this.claim(TRADE_BYTES, TRADE);
    const words = this.words;
    const doubles = this.doubles;
    const orders = this.orders;
    const makerAt = maker * Slot.WORDS;
    const takerAt = taker * Slot.WORDS;
    const makerLeaves = doubles[maker * Slot.DOUBLES + Slot.LEAVES];
    const takerLeaves = doubles[taker * Slot.DOUBLES + Slot.LEAVES];
    this.nextTradeId(words, at + Trade.Word.tradeId);
    put(words, at + Trade.Word.price, Math.abs(doubles[maker * Slot.DOUBLES + Slot.KEY]));
    put(words, at + Trade.Word.qty, qty);
    copy(orders, makerAt + Slot.CL_ORD_ID, words, at + Trade.Word.makerClOrdId);
    copy(orders, makerAt + Slot.ORDER_ID, words, at + Trade.Word.makerOrderId);
    put(words, at + Trade.Word.makerCumQty, doubles[maker * Slot.DOUBLES + Slot.TOTAL] - makerLeaves);
    put(words, at + Trade.Word.makerLeavesQty, makerLeaves);
    copy(orders, takerAt + Slot.CL_ORD_ID, words, at + Trade.Word.takerClOrdId);
    copy(orders, takerAt + Slot.ORDER_ID, words, at + Trade.Word.takerOrderId);
    put(words, at + Trade.Word.takerCumQty, doubles[taker * Slot.DOUBLES + Slot.TOTAL] - takerLeaves);
    put(words, at + Trade.Word.takerLeavesQty, takerLeaves);
    put(words, at + Trade.Word.makerFee, this.figures[Figure.MAKER_FEE]);
    put(words, at + Trade.Word.takerFee, this.figures[Figure.TAKER_FEE]);
    put(words, at + Trade.Word.openInterest, this.figures[Figure.OPEN_INTEREST]);
    words[at + Trade.Word.makerAccount] = orders[makerAt + Slot.ACCOUNT];
    words[at + Trade.Word.takerAccount] = orders[takerAt + Slot.ACCOUNT];
    words[at + Trade.Word.instrument] = orders[takerAt + Slot.BOOK_SIDE] >>> 1;
    const side = orders[takerAt + Slot.BOOK_SIDE] & 1;
    words[at + Trade.Word.aggressor] = side | ((side ^ 1) << 8);
    this.ring.commit();
  }

  /** Of the trade that was told last, the taker buys or sells by an amount of money, so it has no quantity left to tell. */
  tradeWithoutLeaves(): void {
    putNull(this.words, this.last + Trade.Word.takerLeavesQty);
  }

  /** The trade that was told last belongs to an uncross: it has the uncross's price and no aggressor. */
  tradeOfUncross(price: number, makerSide: number): void {
    put(this.words, this.last + Trade.Word.price, price);
    this.words[this.last + Trade.Word.aggressor] = Null.UINT8 | (makerSide << 8);
  }

  /** What an order has left is canceled; `isAnswer`: the command's sender asked for it. */
  canceled(slot: number, cause: number, isAnswer: boolean): void {
    const at = this.claim(CANCELED_BYTES, CANCELED);
    const words = this.words;
    const doubles = this.doubles;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    const leaves = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    this.addressee(words, at, OrderCanceled.Word.session, isAnswer);
    copy(order, base + Slot.CL_ORD_ID, words, at + OrderCanceled.Word.clOrdId);
    copy(order, base + Slot.ORDER_ID, words, at + OrderCanceled.Word.orderId);
    put(words, at + OrderCanceled.Word.qty, leaves);
    put(words, at + OrderCanceled.Word.cumQty, doubles[slot * Slot.DOUBLES + Slot.TOTAL] - leaves);
    words[at + OrderCanceled.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderCanceled.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderCanceled.Word.side] = (order[base + Slot.BOOK_SIDE] & 1) | (cause << 8);
    this.ring.commit();
  }

  /** What an order by money has not spent is canceled; `slot` carries what it has traded. */
  canceledMoney(slot: number, money: number, cause: number): void {
    this.canceled(slot, cause, true);
    put(this.words, this.last + OrderCanceled.Word.qty, money);
    this.words[this.last + OrderCanceled.Word.side] |= 1 << 16;
  }

  /** A stop is reached, and enters. */
  triggered(slot: number, lastPrice: number, isAnswer: boolean): void {
    const at = this.claim(OrderTriggered.RECORD_BYTES, templateWord(OrderTriggered.TEMPLATE_ID, OrderTriggered.RECORD_BYTES));
    const words = this.words;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    this.addressee(words, at, OrderTriggered.Word.session, isAnswer);
    copy(order, base + Slot.CL_ORD_ID, words, at + OrderTriggered.Word.clOrdId);
    copy(order, base + Slot.ORDER_ID, words, at + OrderTriggered.Word.orderId);
    put(words, at + OrderTriggered.Word.lastPrice, lastPrice);
    words[at + OrderTriggered.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderTriggered.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderTriggered.Word.side] = order[base + Slot.BOOK_SIDE] & 1;
    this.ring.commit();
  }

  /** An order with extras stands in the book with this visible quantity. */
  shown(slot: number, visible: number): void {
    const at = this.claim(OrderShown.RECORD_BYTES, templateWord(OrderShown.TEMPLATE_ID, OrderShown.RECORD_BYTES));
    const words = this.words;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    copy(order, base + Slot.ORDER_ID, words, at + OrderShown.Word.orderId);
    put(words, at + OrderShown.Word.price, Math.abs(this.doubles[slot * Slot.DOUBLES + Slot.KEY]));
    put(words, at + OrderShown.Word.qty, visible);
    words[at + OrderShown.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderShown.Word.side] = order[base + Slot.BOOK_SIDE] & 1;
    this.ring.commit();
  }

  stateChanged(instrument: number, state: number, cause: number): void {
    const at = this.claim(InstrumentState.RECORD_BYTES, templateWord(InstrumentState.TEMPLATE_ID, InstrumentState.RECORD_BYTES));
    const words = this.words;
    this.addressee(words, at, InstrumentState.Word.session, true);
    words[at + InstrumentState.Word.instrument] = instrument;
    words[at + InstrumentState.Word.state] = state | (cause << 8);
    words[at + InstrumentState.Word.state + 1] = 0;
    this.ring.commit();
  }

  /** Price 0: nothing crosses. */
  indicated(instrument: number, price: number, qty: number, isFinal: boolean): void {
    const at = this.claim(AuctionIndication.RECORD_BYTES, templateWord(AuctionIndication.TEMPLATE_ID, AuctionIndication.RECORD_BYTES));
    const words = this.words;
    if (price === 0) putNull(words, at + AuctionIndication.Word.price);
    else put(words, at + AuctionIndication.Word.price, price);
    put(words, at + AuctionIndication.Word.qty, qty);
    words[at + AuctionIndication.Word.instrument] = instrument;
    words[at + AuctionIndication.Word.final] = isFinal ? 1 : 0;
    this.ring.commit();
  }

  /** `slot` carries the new ids and quantities already; the old client id is given by its two words. */
  replaced(slot: number, origLow: number, origHigh: number, keptPriority: boolean): void {
    const at = this.claim(REPLACED_BYTES, REPLACED);
    const words = this.words;
    const doubles = this.doubles;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    this.addressee(words, at, OrderReplaced.Word.session, true);
    copy(order, base + Slot.CL_ORD_ID, words, at + OrderReplaced.Word.clOrdId);
    words[at + OrderReplaced.Word.origClOrdId] = origLow;
    words[at + OrderReplaced.Word.origClOrdId + 1] = origHigh;
    copy(order, base + Slot.ORDER_ID, words, at + OrderReplaced.Word.orderId);
    const key = doubles[slot * Slot.DOUBLES + Slot.KEY];
    if (key === Number.NEGATIVE_INFINITY) putNull(words, at + OrderReplaced.Word.price);
    else put(words, at + OrderReplaced.Word.price, Math.abs(key));
    put(words, at + OrderReplaced.Word.qty, doubles[slot * Slot.DOUBLES + Slot.TOTAL]);
    put(words, at + OrderReplaced.Word.leavesQty, doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    this.putExtra(slot, words, at + OrderReplaced.Word.stopPrice, Extra.STOP);
    this.putExtra(slot, words, at + OrderReplaced.Word.displayQty, Extra.DISPLAY);
    words[at + OrderReplaced.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderReplaced.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    const isTrailing = (order[base + Slot.TRAITS] & 0xff) === Type.TRAILING_STOP ? 1 : 0;
    words[at + OrderReplaced.Word.side] = (order[base + Slot.BOOK_SIDE] & 1) | ((keptPriority ? 1 : 0) << 8) | (isTrailing << 16);
    this.ring.commit();
  }

  /** Leaves and total have been lowered already. */
  reduced(slot: number, by: number, cause: number, isAnswer: boolean): void {
    const at = this.claim(REDUCED_BYTES, REDUCED);
    const words = this.words;
    const doubles = this.doubles;
    const order = this.orders;
    const base = slot * Slot.WORDS;
    const leaves = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    this.addressee(words, at, OrderReduced.Word.session, isAnswer);
    copy(order, base + Slot.CL_ORD_ID, words, at + OrderReduced.Word.clOrdId);
    copy(order, base + Slot.ORDER_ID, words, at + OrderReduced.Word.orderId);
    put(words, at + OrderReduced.Word.by, by);
    put(words, at + OrderReduced.Word.leavesQty, leaves);
    put(words, at + OrderReduced.Word.cumQty, doubles[slot * Slot.DOUBLES + Slot.TOTAL] - leaves);
    words[at + OrderReduced.Word.account] = order[base + Slot.ACCOUNT];
    words[at + OrderReduced.Word.instrument] = order[base + Slot.BOOK_SIDE] >>> 1;
    words[at + OrderReduced.Word.side] = (order[base + Slot.BOOK_SIDE] & 1) | (cause << 8);
    this.ring.commit();
  }

  /** Of the reduction that was told last: the order goes by money, and has no quantity left to tell. */
  reducedWithoutLeaves(): void {
    putNull(this.words, this.last + OrderReduced.Word.leavesQty);
  }

  massCanceled(account: number, count: number): void {
    const at = this.claim(MassCancelReport.RECORD_BYTES, templateWord(MassCancelReport.TEMPLATE_ID, MassCancelReport.RECORD_BYTES));
    this.addressee(this.words, at, MassCancelReport.Word.session, true);
    MassCancelReport.setCount(this.words, at, count);
    MassCancelReport.setAccount(this.words, at, account);
    this.ring.commit();
  }

  commandDone(refId: number, refTemplateId: number, riskPpm: number = Null.UINT32): void {
    const at = this.claim(CommandDone.RECORD_BYTES, templateWord(CommandDone.TEMPLATE_ID, CommandDone.RECORD_BYTES));
    this.addressee(this.words, at, CommandDone.Word.session, true);
    CommandDone.setRefId(this.words, at, refId);
    CommandDone.setRiskPpm(this.words, at, riskPpm);
    this.words[at + CommandDone.Word.refTemplateId] = refTemplateId;
    this.ring.commit();
  }

  commandRejected(code: number, refTemplateId: number): void {
    const at = this.claim(CommandRejected.RECORD_BYTES, templateWord(CommandRejected.TEMPLATE_ID, CommandRejected.RECORD_BYTES));
    this.isRejected = true;
    this.addressee(this.words, at, CommandRejected.Word.session, true);
    this.words[at + CommandRejected.Word.code] = code | (refTemplateId << 16);
    this.ring.commit();
  }

  /** `percent` 0 and no limit for a circuit breaker; ids may be the wire's null. */
  alert(kind: AlertKind, account: number, instrument: number, limit: Limit, percent: number): void {
    const at = this.claim(Alert.RECORD_BYTES, templateWord(Alert.TEMPLATE_ID, Alert.RECORD_BYTES));
    Alert.setAccount(this.words, at, account);
    Alert.setInstrument(this.words, at, instrument);
    this.words[at + Alert.Word.kind] = kind | ((limit === Limit.COUNT ? Null.UINT8 : limit) << 8) | (percent << 16);
    this.words[at + Alert.Word.kind + 1] = 0;
    this.ring.commit();
  }

  pendingReview(movement: Movement, refTemplateId: number): void {
    const at = this.claim(PendingReview.RECORD_BYTES, templateWord(PendingReview.TEMPLATE_ID, PendingReview.RECORD_BYTES));
    const words = this.words;
    PendingReview.setAmount(words, at, movement.amount);
    PendingReview.setAccount(words, at, movement.account);
    PendingReview.setTo(words, at, movement.to === movement.account ? Null.UINT32 : movement.to);
    PendingReview.setCurrency(words, at, movement.currency);
    words[at + PendingReview.Word.refTemplateId] = refTemplateId;
    PendingReview.setRef(words, at, movement.ref);
    this.ring.commit();
  }

  /** The engine is about to close a position. */
  liquidation(account: number, instrument: number, side: number, qty: number): void {
    const at = this.claim(Liquidation.RECORD_BYTES, templateWord(Liquidation.TEMPLATE_ID, Liquidation.RECORD_BYTES));
    put(this.words, at + Liquidation.Word.qty, qty);
    this.words[at + Liquidation.Word.account] = account;
    this.words[at + Liquidation.Word.instrument] = instrument;
    this.words[at + Liquidation.Word.side] = side;
    this.words[at + Liquidation.Word.side + 1] = 0;
    this.ring.commit();
  }

  /** What few orders have, or null when the order has none. */
  private putExtra(slot: number, words: Int32Array, at: number, which: Extra): void {
    const has = (this.orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
    const value = has ? this.extras.doubles[slot * Extra.DOUBLES + which] : 0;
    const isStop = which === Extra.STOP && has && (this.orders[slot * Slot.WORDS + Slot.TRAITS] & 0xff) >= Type.STOP;
    if (value === 0 && !isStop) putNull(words, at);
    else put(words, at, value);
  }

  /** Session and client seq of an answer; zeros in an event that is nobody's answer. */
  private addressee(words: Int32Array, at: number, sessionWord: number, isAnswer: boolean): void {
    if (isAnswer) copy(this.stamp, Stamp.CLIENT_SEQ, words, at + Block.CLIENT_SEQ);
    else putZero(words, at + Block.CLIENT_SEQ);
    words[at + sessionWord] = isAnswer ? this.session : 0;
  }

  private nextTradeId(words: Int32Array, at: number): void {
    const stamp = this.stamp;
    const low = (stamp[Stamp.TRADE_ID] + 1) | 0;
    stamp[Stamp.TRADE_ID] = low;
    if (low === 0) stamp[Stamp.TRADE_ID + 1]++;
    copy(stamp, Stamp.TRADE_ID, words, at);
  }

  /** Room for an event, its header written. */
  private claim(recordBytes: number, template: number): number {
    let at = this.ring.tryClaim(recordBytes);
    while (at < 0) {
      this.output.makeRoom();
      at = this.ring.tryClaim(recordBytes);
    }
    this.last = at;
    const words = this.words;
    words[at + 1] = ENCODING;
    words[at + 2] = template;
    words[at + 3] = SCHEMA;
    copy(this.stamp, Stamp.SEQ, words, at + 4);
    copy(this.stamp, Stamp.TIME, words, at + 6);
    return at;
  }
}
