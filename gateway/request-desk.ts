import { CODES } from "../engine/wire/codes.js";
import {
  CancelAllAfter,
  InstrumentDefinition,
  InstrumentListRequest,
  InstrumentState,
  MassStatusRequest,
  OrderStatusRequest,
  Subscribe,
  Unsubscribe,
} from "../engine/wire/flyweights.js";
import { StateReason } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../engine/wire/numbers.js";
import { reject, tellArmed, tellDone, tellOrder } from "./answers.js";
import type { DeadMan } from "./dead-man.js";
import type { EnginePort } from "./engine-port.js";
import type { FanOut } from "./fan-out.js";
import type { FaultCode } from "./frame-check.js";
import { type Ingress, isOrderEntry } from "./ingress.js";
import type { OrderMirrors } from "./order-mirrors.js";
import type { Session } from "./session.js";
import { isStatementRequest, type StatementDesk } from "./statement-desk.js";

/** Requests of one session that may wait for answers. */
const WAITING_MAX = 64;
const NOTHING = new Int32Array(8);
const DEAD_MAN_MS_MIN = 100;
const DEAD_MAN_MS_MAX = 86_400_000;

export interface DeskParts {
  readonly port: EnginePort;
  readonly fanOut: FanOut;
  readonly ingress: Ingress;
  readonly orders: OrderMirrors;
  readonly deadMan: DeadMan;
  readonly statements: StatementDesk;
}

/** When a request came: by the wall clock in microseconds, and by the clock of deadlines in milliseconds. */
export interface Moment {
  readonly timeUs: number;
  readonly nowMs: number;
}

interface Waiting {
  /** Which commands of the session must be answered first. */
  readonly after: readonly number[];
  readonly words: Int32Array;
}

/** Acts on counted records that are in order and passed `checkRecord`. Gateway thread only. */
export class RequestDesk {
  readonly #parts: DeskParts;
  /** Requests that wait for the answers in front of them, by session. */
  readonly #waiting = new Map<Session, Waiting[]>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Returns 0, or why the record is not taken. */
  act(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    const templateId = Header.templateId(words, at);
    if (isOrderEntry(templateId)) return session.mayTrade ? this.#parts.ingress.submit(session, words, at) : CODES.NOT_PERMITTED;
    if (isStatementRequest(templateId)) return this.#takeStatement(session, words, at);
    if (session.inFlight === 0 || !(templateId === OrderStatusRequest.TEMPLATE_ID || templateId === MassStatusRequest.TEMPLATE_ID))
      return this.#answer(session, words, at, now);
    if (!session.mayRead) return CODES.NOT_PERMITTED;
    return this.#putOff(session, words.slice(at, at + (Header.length(words, at) >> 2)));
  }

  /** Whether a request waits for the answers in front of it. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Answers requests whose turn has come: the commands in front of them are answered. */
  settle(now: Moment): void {
    for (const [session, queue] of this.#waiting) {
      while (queue.length > 0 && session.traffic.hasAnswered(queue[0].after)) {
        const words = queue.shift()?.words ?? NOTHING;
        if (isStatementRequest(Header.templateId(words, 0))) {
          this.#parts.statements.ask(session, words);
          continue;
        }
        const fault = this.#answer(session, words, 0, now);
        if (fault === 0) continue;
        const answerSeq = reject(session, words, 0, { code: fault, offset: 0, retryAfterMs: 0 }, now.timeUs);
        session.requests.refuse(Header.seq(words, 0), answerSeq, fault);
      }
      if (queue.length === 0) this.#waiting.delete(session);
    }
  }

  /** The session is gone for good. */
  drop(session: Session): void {
    this.#waiting.delete(session);
    this.#parts.statements.drop(session);
  }

  /** As `act`, of what the shard is asked. It knows what was sent before: that is answered by then. */
  #takeStatement(session: Session, words: Int32Array, at: number): FaultCode {
    const { statements } = this.#parts;
    const fault = statements.take(session, words, at);
    if (fault !== 0) return fault;
    const request = words.slice(at, at + (Header.length(words, at) >> 2));
    if (session.inFlight === 0 && !this.#waiting.has(session)) {
      statements.ask(session, request);
      return 0;
    }
    const queued = this.#putOff(session, request);
    if (queued !== 0) statements.giveBack(session);
    return queued;
  }

  /** What is asked about orders is answered behind the commands that were sent before, and not by those that came after. */
  #putOff(session: Session, words: Int32Array): FaultCode {
    const queue = this.#waiting.get(session) ?? [];
    if (queue.length >= WAITING_MAX) return CODES.TOO_MANY_IN_FLIGHT;
    queue.push({ after: session.traffic.mark(), words });
    this.#waiting.set(session, queue);
    return 0;
  }

  #answer(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    const answerSeq = session.serverSeqNext;
    const fault = this.#ask(session, words, at, now);
    if (fault === 0) session.requests.answer(Header.seq(words, at), answerSeq, NULL_INT64, NULL_INT64);
    return fault;
  }

  /** What the gateway answers itself. */
  #ask(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    switch (Header.templateId(words, at)) {
      case InstrumentListRequest.TEMPLATE_ID:
        return this.#listInstruments(session, Header.seq(words, at), now);
      case CancelAllAfter.TEMPLATE_ID:
        return session.mayTrade ? this.#armDeadMan(session, words, at, now) : CODES.NOT_PERMITTED;
      case OrderStatusRequest.TEMPLATE_ID:
        return session.mayRead ? this.#orderStatus(session, words, at, now) : CODES.NOT_PERMITTED;
      case MassStatusRequest.TEMPLATE_ID:
        return session.mayRead ? this.#massStatus(session, words, at, now) : CODES.NOT_PERMITTED;
      case Subscribe.TEMPLATE_ID:
        return session.mayMarketData ? this.#parts.fanOut.subscribe(session, words, at, now.timeUs) : CODES.NOT_PERMITTED;
      case Unsubscribe.TEMPLATE_ID:
        return session.mayMarketData ? this.#parts.fanOut.unsubscribe(session, words, at, now.timeUs) : CODES.NOT_PERMITTED;
      default:
        return CODES.NOT_A_CLIENT_MESSAGE;
    }
  }

  #armDeadMan(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    const timeoutMs = CancelAllAfter.timeoutMs(words, at);
    const { deadMan } = this.#parts;
    if (timeoutMs === 0) deadMan.disarm(session.account);
    else if (timeoutMs < DEAD_MAN_MS_MIN || timeoutMs > DEAD_MAN_MS_MAX) return CODES.BAD_VALUE;
    else deadMan.arm(session.account, now.nowMs + timeoutMs);
    tellArmed(session, Header.seq(words, at), timeoutMs === 0 ? 0 : now.timeUs + timeoutMs * 1000, now.timeUs);
    return 0;
  }

  #orderStatus(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    const { orders } = this.#parts;
    const clOrdId = OrderStatusRequest.clOrdId(words, at);
    const orderId = OrderStatusRequest.orderId(words, at);
    const order = clOrdId === NULL_INT64 ? orders.byOrderId(session.account, orderId) : orders.byClOrdId(session.account, clOrdId);
    if (order === undefined) return CODES.UNKNOWN_ORDER;
    tellOrder(session, Header.seq(words, at), order, now.timeUs);
    return 0;
  }

  #massStatus(session: Session, words: Int32Array, at: number, now: Moment): FaultCode {
    const clientSeq = Header.seq(words, at);
    const instrument = MassStatusRequest.instrument(words, at);
    const side = MassStatusRequest.side(words, at);
    let count = 0;
    for (const order of this.#parts.orders.ofAccount(session.account)) {
      if (instrument !== NULL_UINT32 && order.instrument !== instrument) continue;
      if (side !== NULL_UINT8 && order.side !== side) continue;
      tellOrder(session, clientSeq, order, now.timeUs);
      count += 1;
    }
    tellDone(session, clientSeq, MassStatusRequest.TEMPLATE_ID, count, now.timeUs);
    return 0;
  }

  /** Each with its present state in front, so that nothing is left to come when the last definition has. */
  #listInstruments(session: Session, clientSeq: number, now: Moment): FaultCode {
    const { instruments } = this.#parts.port;
    if (instruments.length === 0) return CODES.UNKNOWN_INSTRUMENT;
    for (const [index, instrument] of instruments.entries()) {
      this.#tellState(session, instrument.id, clientSeq, now);
      const at = session.claim(InstrumentDefinition.RECORD_BYTES);
      const { words } = session;
      InstrumentDefinition.init(words, at, session.takeServerSeq(), now.timeUs);
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
  #tellState(session: Session, instrument: number, clientSeq: number, now: Moment): void {
    const at = session.claim(InstrumentState.RECORD_BYTES);
    InstrumentState.init(session.words, at, session.takeServerSeq(), now.timeUs);
    InstrumentState.setClientSeq(session.words, at, clientSeq);
    InstrumentState.setSession(session.words, at, session.id);
    InstrumentState.setInstrument(session.words, at, instrument);
    InstrumentState.setState(session.words, at, this.#parts.port.tradingState(instrument));
    InstrumentState.setReason(session.words, at, StateReason.admin);
  }
}
