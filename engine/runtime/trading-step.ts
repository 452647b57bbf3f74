/** The step module of the trading core: what a shard of an exchange runs. */
import type { Capacities } from "../core/capacities.js";
import { TradingCore } from "../core/core.js";
import { Stage } from "../core/ledger/movements.js";
import type { InstrumentInfo } from "../edge/catalog.js";
import { balancesOf, bookRows } from "../edge/queries.js";
import { type AccountStatement, statementOf } from "../edge/statement.js";
import type { BalancesEvent, BookRow } from "../edge/types.js";
import type { Companion, EventOutput, Step, StepTimer } from "../step.js";
import { SetTime } from "../wire/flyweights.js";
import { bookSeed } from "./book-seed.js";
import { type Declared, declaredIn } from "./declared.js";
import { type DirectoryAnswer, type DirectoryQuestion, directoryAnswer } from "./directory.js";
import { orderSeed } from "./order-seed.js";
import { SessionLedger } from "./session-ledger.js";

export interface TradingOptions {
  readonly capacities: Partial<Capacities>;
  /** Orders and trades are numbered from the next one on. Default 0. */
  readonly lastId?: number;
}

/** What the host can ask a trading shard. */
export type TradingQuestion =
  | { readonly kind: "book"; readonly info: InstrumentInfo; readonly depth: number }
  | { readonly kind: "balances"; readonly account: number }
  | { readonly kind: "statement"; readonly account: number }
  | { readonly kind: "movement"; readonly ref: string }
  | { readonly kind: "seed" }
  | { readonly kind: "declared" }
  | DirectoryQuestion;

/** What became of a movement of funds that was taken: `pending` waits for review, `refused` was refused there. */
export type MovementState = "applied" | "pending" | "refused";

const MOVEMENT_STATES: { readonly [stage in Stage]: MovementState } = {
  [Stage.APPLIED]: "applied",
  [Stage.PENDING]: "pending",
  [Stage.REFUSED]: "refused",
};

/** What a reader of the events must know of what was there before the first of them. */
export interface PortSeed {
  /** A saved state of the market data. */
  readonly books: Uint8Array;
  /** Live orders, as OrderStatus records. */
  readonly orders: Int32Array;
}

export interface BookAnswer {
  readonly bids: BookRow[];
  readonly asks: BookRow[];
}

export function createStep(output: EventOutput, options: unknown): Step {
  const { capacities, lastId } = options as TradingOptions;
  return new TradingCore(output, capacities, lastId);
}

/** Runs between two commands, on the shard's thread: a deep answer holds the shard up. */
export function answer(
  step: Step,
  question: unknown,
): AccountStatement | BookAnswer | BalancesEvent | DirectoryAnswer | Declared | MovementState | PortSeed | undefined {
  const core = step as TradingCore;
  const asked = question as TradingQuestion;
  if (asked.kind === "seed") return { books: bookSeed(core), orders: orderSeed(core) };
  if (asked.kind === "declared") return declaredIn(core);
  if (asked.kind === "balances") return balancesOf(core, asked.account);
  if (asked.kind === "statement") return statementOf(core, asked.account);
  if (asked.kind === "movement") return movementState(core, asked.ref);
  if (asked.kind !== "book") return directoryAnswer(core, asked);
  return { bids: bookRows(core, asked.info, 0, asked.depth), asks: bookRows(core, asked.info, 1, asked.depth) };
}

function movementState(core: TradingCore, ref: string): MovementState | undefined {
  const movement = core.movements.find(ref);
  return movement === undefined ? undefined : MOVEMENT_STATES[movement.stage];
}

/** Beside the core a restart needs to know whom it has answered. */
export function createCompanion(): Companion {
  return new SessionLedger();
}

/** Expiries and reopenings: nobody is answered when the clock brings them. */
export const timer: StepTimer = {
  dueAt: (step) => (step as TradingCore).nextTimerAt,
  write(words, at, timeUs) {
    SetTime.init(words, at, 0, 0);
    SetTime.setClientSeq(words, at, 0);
    SetTime.setSession(words, at, 0);
    SetTime.setAt(words, at, timeUs);
    return SetTime.RECORD_BYTES;
  },
};
