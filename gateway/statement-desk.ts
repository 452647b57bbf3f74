import type { AccountStatement } from "../engine/edge/statement.js";
import { CODES } from "../engine/wire/codes.js";
import { Balance, BalanceRequest, Position, PositionRequest } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64, NULL_UINT32 } from "../engine/wire/numbers.js";
import { reject, tellDone } from "./answers.js";
import type { EnginePort } from "./engine-port.js";
import type { FaultCode } from "./frame-check.js";
import type { Session } from "./session.js";

/** Statements of one session that may be under way: each of them takes the shard's time. */
const STATEMENTS_MAX = 16;

export interface StatementParts {
  readonly port: EnginePort;
  /** Writes to the sessions every event that the port has by now. */
  catchUp(): void;
  /** Something was written outside of a call: it waits to be flushed. */
  onWritten(): void;
}

/** Whether the shard is asked for the answer. */
export function isStatementRequest(templateId: number): boolean {
  return templateId === BalanceRequest.TEMPLATE_ID || templateId === PositionRequest.TEMPLATE_ID;
}

/**
 * Answers BalanceRequest and PositionRequest with what the shard says. The answer stands behind every report of what it knows. Gateway thread only.
 */
export class StatementDesk {
  readonly #parts: StatementParts;
  /** How many each session has under way, from `take` to the answer. */
  readonly #counts = new Map<Session, number>();

  constructor(parts: StatementParts) {
    this.#parts = parts;
  }

  /** Takes a request; `ask` follows when its turn has come. Returns 0, NOT_PERMITTED, UNKNOWN_INSTRUMENT or TOO_MANY_IN_FLIGHT. */
  take(session: Session, words: Int32Array, at: number): FaultCode {
    if (!session.mayRead) return CODES.NOT_PERMITTED;
    const instrument = instrumentOf(words, at);
    if (instrument !== NULL_UINT32 && !this.#parts.port.instruments.some(({ id }) => id === instrument)) return CODES.UNKNOWN_INSTRUMENT;
    const count = this.#counts.get(session) ?? 0;
    if (count >= STATEMENTS_MAX) return CODES.TOO_MANY_IN_FLIGHT;
    this.#counts.set(session, count + 1);
    return 0;
  }

  /** `request`: the record, which is kept until it is answered. */
  ask(session: Session, request: Int32Array): void {
    this.#parts.port.statement(session.account).then(
      (statement) => this.#answered(session, request, statement),
      () => this.#answered(session, request, undefined),
    );
  }

  /** The session is gone for good. */
  drop(session: Session): void {
    this.#counts.delete(session);
  }

  /** One that was taken is under way no longer. False: its session is gone. */
  giveBack(session: Session): boolean {
    const count = this.#counts.get(session);
    if (count === undefined) return false;
    if (count === 1) this.#counts.delete(session);
    else this.#counts.set(session, count - 1);
    return true;
  }

  #answered(session: Session, request: Int32Array, statement: AccountStatement | undefined): void {
    if (!this.giveBack(session)) return;
    this.#parts.catchUp();
    const timeUs = Date.now() * 1000;
    // It may have come back with fewer permissions.
    if (!session.mayRead) refuse(session, request, CODES.NOT_PERMITTED, timeUs);
    else if (statement === undefined) refuse(session, request, CODES.ENGINE_FAILED, timeUs);
    else answer(session, request, statement, timeUs);
    this.#parts.onWritten();
  }
}

function refuse(session: Session, request: Int32Array, code: FaultCode, timeUs: number): void {
  const answerSeq = reject(session, request, 0, { code, offset: 0, retryAfterMs: 0 }, timeUs);
  session.requests.refuse(Header.seq(request, 0), answerSeq, code);
}

function answer(session: Session, request: Int32Array, statement: AccountStatement, timeUs: number): void {
  const clientSeq = Header.seq(request, 0);
  const answerSeq = session.serverSeqNext;
  const templateId = Header.templateId(request, 0);
  const tell = templateId === BalanceRequest.TEMPLATE_ID ? tellBalances : tellPositions;
  const count = tell(session, request, statement, timeUs);
  tellDone(session, clientSeq, templateId, count, timeUs);
  session.requests.answer(clientSeq, answerSeq, NULL_INT64, NULL_INT64);
}

/** Returns how many there were. */
function tellBalances(session: Session, request: Int32Array, { balances }: AccountStatement, timeUs: number): number {
  for (const [index, row] of balances.entries()) {
    const at = session.claim(Balance.RECORD_BYTES);
    const { words } = session;
    Balance.init(words, at, session.takeServerSeq(), timeUs);
    if (index === balances.length - 1) Header.setFlags(words, at, Header.FLAG_LAST_OF_BATCH);
    Balance.setClientSeq(words, at, Header.seq(request, 0));
    Balance.setTotal(words, at, row.total);
    Balance.setHeld(words, at, row.held);
    Balance.setFree(words, at, row.free);
    Balance.setAccount(words, at, session.account);
    Balance.setScale(words, at, row.scale);
    Balance.setCurrency(words, at, row.currency);
  }
  return balances.length;
}

/** Returns how many there were. */
function tellPositions(session: Session, request: Int32Array, statement: AccountStatement, timeUs: number): number {
  const wanted = instrumentOf(request, 0);
  const positions = statement.positions.filter(({ instrument }) => wanted === NULL_UINT32 || instrument === wanted);
  for (const [index, row] of positions.entries()) {
    const at = session.claim(Position.RECORD_BYTES);
    const { words } = session;
    Position.init(words, at, session.takeServerSeq(), timeUs);
    if (index === positions.length - 1) Header.setFlags(words, at, Header.FLAG_LAST_OF_BATCH);
    Position.setClientSeq(words, at, Header.seq(request, 0));
    Position.setQty(words, at, row.lots);
    Position.setCost(words, at, row.cost);
    Position.setRealised(words, at, row.realised);
    Position.setUnrealised(words, at, row.unrealised);
    Position.setAccount(words, at, session.account);
    Position.setInstrument(words, at, row.instrument);
  }
  return positions.length;
}

/** NULL_UINT32: it is about every one. */
function instrumentOf(words: Int32Array, at: number): number {
  return Header.templateId(words, at) === PositionRequest.TEMPLATE_ID ? PositionRequest.instrument(words, at) : NULL_UINT32;
}
