import {
  AuctionIndication,
  BookSnapshot,
  ChannelHeartbeat,
  InstrumentState,
  MassCancelReport,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderFilled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderTriggered,
  TopOfBook,
  Trade,
  TradePrint,
} from "../engine/wire/flyweights.js";
import { Liquidity, Reason, Side } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64 } from "../engine/wire/numbers.js";
import type { EnginePort } from "./engine-port.js";
import { copyRecord, type FanOut } from "./fan-out.js";
import type { OrderMirrors } from "./order-mirrors.js";
import type { Session } from "./session.js";
import type { SessionTable } from "./session-table.js";

/** Reports that carry account and session; the others of the engine are not for clients, or are handled by themselves. */
type Report =
  | typeof OrderAccepted
  | typeof OrderAcceptedFull
  | typeof OrderTriggered
  | typeof OrderRejected
  | typeof OrderCanceled
  | typeof OrderReplaced
  | typeof OrderReduced
  | typeof MassCancelReport;

/**
 * Takes the engine's events and writes each to whom it concerns: what happened to an account's orders to every session of
 * the account and to drop copies, a refusal to the session that asked and to drop copies, trading states to everybody, market data to its subscribers. Only the session that asked is told of
 * client seq and session, and which record is the last of its command. Gateway thread only. The events of one command lie next to each other in the ring; the first names the session.
 */
export class Egress {
  readonly #port: EnginePort;
  readonly #sessions: SessionTable;
  readonly #fanOut: FanOut;
  readonly #orders: OrderMirrors;
  /** A report with the sum over the shards. */
  readonly #massCancel = new Int32Array(MassCancelReport.RECORD_BYTES / 4);
  /** Who sent the command whose events are being read. Kept between drains: a limit may cut a command's events in two. */
  #requester: Session | undefined;
  /** What it has counted is not all: other shards have not answered the command yet. */
  #isPart = false;

  constructor(port: EnginePort, sessions: SessionTable, fanOut: FanOut, orders: OrderMirrors) {
    this.#port = port;
    this.#sessions = sessions;
    this.#fanOut = fanOut;
    this.#orders = orders;
  }

  /** Reads up to `limit` events into the outboxes of their sessions. Returns how many there were. */
  drain(limit: number): number {
    return this.#port.poll(this.#onEvent, limit);
  }

  /**
   * Routes events of before this gateway's time to sessions that were restored, so that they can be sent again: whole records one behind
   * the other. What became of the requests that they answer is noted too. Once, in front of the first `drain`.
   */
  replay(events: Int32Array): void {
    for (let at = 0; at < events.length; at += Header.length(events, at) >> 2) {
      const report = reportOf(Header.templateId(events, at));
      const asker = report === undefined ? undefined : this.#sessions.byId(report.session(events, at));
      const clientSeq = report?.clientSeq(events, at) ?? 0;
      if (asker !== undefined && clientSeq > 0) asker.requests.beginAgain(clientSeq);
      this.#write(events, at);
      this.#endOfCommand(events, at);
    }
  }

  readonly #onEvent = (words: Int32Array, at: number): void => {
    const templateId = Header.templateId(words, at);
    // What market data makes of a command comes behind its last event, and is marked for itself.
    if (templateId >= BookSnapshot.TEMPLATE_ID && templateId <= ChannelHeartbeat.TEMPLATE_ID) return this.#fanOut.publish(words, at);
    this.#orders.follow(words, at, this.#port.shardInHand);
    this.#write(words, at);
    this.#endOfCommand(words, at);
  };

  #endOfCommand(words: Int32Array, at: number): void {
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0) return;
    this.#requester?.endBatch(this.#port.shardInHand, this.#isPart);
    this.#requester = undefined;
    this.#isPart = false;
  }

  #write(words: Int32Array, at: number): void {
    const templateId = Header.templateId(words, at);
    switch (templateId) {
      case Trade.TEMPLATE_ID:
        return this.#writeFills(words, at);
      case TopOfBook.TEMPLATE_ID:
      case TradePrint.TEMPLATE_ID:
      case AuctionIndication.TEMPLATE_ID:
        return this.#fanOut.publish(words, at);
      case InstrumentState.TEMPLATE_ID:
        return this.#writeState(words, at);
    }
    const report = reportOf(templateId);
    if (report !== undefined) this.#writeReport(report, words, at);
  }

  /** Whoever has an instrument's state wrong cannot trade it, so every session is told, as of something that nobody asked for. */
  #writeState(words: Int32Array, at: number): void {
    this.#fanOut.stateChanged(InstrumentState.instrument(words, at));
    for (const session of this.#sessions.all()) {
      const out = session.claim(InstrumentState.RECORD_BYTES);
      copyRecord(words, at, session.words, out, InstrumentState.RECORD_BYTES >> 2);
      Header.setFlags(session.words, out, 0);
      Header.setSeq(session.words, out, session.takeServerSeq());
      InstrumentState.setClientSeq(session.words, out, 0);
      InstrumentState.setSession(session.words, out, 0);
    }
  }

  #writeReport(report: Report, words: Int32Array, at: number): void {
    // Session 0 is nobody's: the engine did it by itself. An id that is not here asked elsewhere, or has gone.
    const asker = this.#sessions.byId(report.session(words, at));
    if (report === MassCancelReport) return this.#writeMassCancel(asker, words, at);
    this.#tellReport(asker, report, words, at);
  }

  /** What went to every shard is answered once, with the sum of what they have canceled. */
  #writeMassCancel(asker: Session | undefined, words: Int32Array, at: number): void {
    const count = MassCancelReport.count(words, at);
    const total = asker === undefined ? count : asker.traffic.countPart(MassCancelReport.clientSeq(words, at), count);
    if (total === count) return this.#tellReport(asker, MassCancelReport, words, at);
    if (total === undefined) {
      if (asker !== undefined) this.#begin(asker);
      this.#isPart = true;
      return;
    }
    this.#massCancel.set(words.subarray(at, at + this.#massCancel.length));
    MassCancelReport.setCount(this.#massCancel, 0, total);
    this.#tellReport(asker, MassCancelReport, this.#massCancel, 0);
  }

  #tellReport(asker: Session | undefined, report: Report, words: Int32Array, at: number): void {
    if (asker !== undefined) this.#writeToAsker(asker, report, words, at);
    const account = report.account(words, at);
    // The gateway's own command came too late for an order that is dead.
    if (report === OrderRejected && report.session(words, at) === 0) return;
    const copies = this.#sessions.dropCopies;
    for (let i = 0; i < copies.length; i++)
      if (copies[i] !== asker && copies[i].isTold(account)) writeToOther(copies[i], report, words, at);
    if (report === OrderRejected) return;
    const isDisconnect = report === OrderCanceled && OrderCanceled.reason(words, at) === Reason.disconnect;
    const sessions = this.#sessions.ofAccount(account);
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i];
      if (isDisconnect && !session.isOpen) session.canceledOrders += 1;
      if (session !== asker && session.mayRead) writeToOther(session, report, words, at);
    }
  }

  #writeToAsker(asker: Session, report: Report, words: Int32Array, at: number): void {
    this.#begin(asker);
    const out = writeCounted(asker, words, at, report.RECORD_BYTES >> 2);
    remember(asker, report, words, at, Header.seq(asker.words, out));
  }

  #begin(asker: Session): void {
    if (this.#requester !== undefined) return;
    this.#requester = asker;
    asker.beginBatch();
  }

  #writeFills(words: Int32Array, at: number): void {
    const copies = this.#sessions.dropCopies;
    for (let i = 0; i < copies.length; i++) {
      if (copies[i].isTold(Trade.makerAccount(words, at))) writeMakerFill(copies[i], words, at);
      if (copies[i].isTold(Trade.takerAccount(words, at))) writeTakerFill(copies[i], words, at);
    }
    const makers = this.#sessions.ofAccount(Trade.makerAccount(words, at));
    for (let i = 0; i < makers.length; i++) if (makers[i].mayRead) writeMakerFill(makers[i], words, at);
    const takers = this.#sessions.ofAccount(Trade.takerAccount(words, at));
    for (let i = 0; i < takers.length; i++) if (takers[i].mayRead) writeTakerFill(takers[i], words, at);
  }
}

function reportOf(templateId: number): Report | undefined {
  switch (templateId) {
    case OrderAccepted.TEMPLATE_ID:
      return OrderAccepted;
    case OrderAcceptedFull.TEMPLATE_ID:
      return OrderAcceptedFull;
    case OrderTriggered.TEMPLATE_ID:
      return OrderTriggered;
    case OrderRejected.TEMPLATE_ID:
      return OrderRejected;
    case OrderCanceled.TEMPLATE_ID:
      return OrderCanceled;
    case OrderReplaced.TEMPLATE_ID:
      return OrderReplaced;
    case OrderReduced.TEMPLATE_ID:
      return OrderReduced;
    case MassCancelReport.TEMPLATE_ID:
      return MassCancelReport;
    default:
      return undefined;
  }
}

/** Notes what became of the request that the report answers: its first answer says. */
function remember(asker: Session, report: Report, words: Int32Array, at: number, answerSeq: number): void {
  const clientSeq = report.clientSeq(words, at);
  if (report === OrderRejected) return asker.requests.refuse(clientSeq, answerSeq, OrderRejected.code(words, at));
  if (!("orderId" in report)) return asker.requests.answer(clientSeq, answerSeq, NULL_INT64, NULL_INT64);
  asker.requests.answer(clientSeq, answerSeq, report.clOrdId(words, at), report.orderId(words, at));
}

/** A copy for a session that has not asked: what the asker calls its command is nothing to it. */
function writeToOther(session: Session, report: Report, words: Int32Array, at: number): void {
  const out = writeCounted(session, words, at, report.RECORD_BYTES >> 2);
  report.setClientSeq(session.words, out, 0);
  report.setSession(session.words, out, 0);
}

function writeCounted(session: Session, words: Int32Array, at: number, lengthWords: number): number {
  const out = session.claimReport(lengthWords * 4);
  copyRecord(words, at, session.words, out, lengthWords);
  Header.setFlags(session.words, out, 0);
  Header.setSeq(session.words, out, session.takeServerSeq());
  return out;
}

function writeMakerFill(session: Session, words: Int32Array, at: number): void {
  const out = writeFill(session, words, at);
  const fill = session.words;
  OrderFilled.setClOrdId(fill, out, Trade.makerClOrdId(words, at));
  OrderFilled.setOrderId(fill, out, Trade.makerOrderId(words, at));
  OrderFilled.setCumQty(fill, out, Trade.makerCumQty(words, at));
  OrderFilled.setLeavesQty(fill, out, Trade.makerLeavesQty(words, at));
  OrderFilled.setFee(fill, out, Trade.makerFee(words, at));
  OrderFilled.setAccount(fill, out, Trade.makerAccount(words, at));
  OrderFilled.setSide(fill, out, Trade.makerSide(words, at));
  OrderFilled.setLiquidity(fill, out, Liquidity.maker);
}

function writeTakerFill(session: Session, words: Int32Array, at: number): void {
  const out = writeFill(session, words, at);
  const fill = session.words;
  OrderFilled.setClOrdId(fill, out, Trade.takerClOrdId(words, at));
  OrderFilled.setOrderId(fill, out, Trade.takerOrderId(words, at));
  OrderFilled.setCumQty(fill, out, Trade.takerCumQty(words, at));
  OrderFilled.setLeavesQty(fill, out, Trade.takerLeavesQty(words, at));
  OrderFilled.setFee(fill, out, Trade.takerFee(words, at));
  OrderFilled.setAccount(fill, out, Trade.takerAccount(words, at));
  OrderFilled.setSide(fill, out, Trade.makerSide(words, at) === Side.buy ? Side.sell : Side.buy);
  OrderFilled.setLiquidity(fill, out, Liquidity.taker);
}

/** What both sides are told alike. */
function writeFill(session: Session, words: Int32Array, at: number): number {
  const out = session.claimReport(OrderFilled.RECORD_BYTES);
  const fill = session.words;
  OrderFilled.init(fill, out, session.takeServerSeq(), Header.time(words, at));
  OrderFilled.setTradeId(fill, out, Trade.tradeId(words, at));
  OrderFilled.setPrice(fill, out, Trade.price(words, at));
  OrderFilled.setQty(fill, out, Trade.qty(words, at));
  OrderFilled.setInstrument(fill, out, Trade.instrument(words, at));
  return out;
}
