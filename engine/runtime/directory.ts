import type { TradingCore } from "../core/core.js";
import { atomOfScale } from "../edge/catalog.js";
import { fromUnits } from "../edge/decimal.js";
import type { AccountModeName, AccountStateName, KycName, MovementCommand, StateName } from "../edge/types.js";
import { ACCOUNT_MODE_NAMES, ACCOUNT_STATE_NAMES, KYC_NAMES, TRADING_STATE_NAMES } from "../wire/generated/enums.js";

/** A stretch of a list in order of declaration. */
export interface Page {
  /** Index of the first row, from 0. Default 0. */
  readonly from?: number;
  /** Rows, 1 to 1,000. Default 100. */
  readonly limit?: number;
}

/** An instrument as it is now; decimals are strings. */
export interface InstrumentStatus {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly state: StateName;
  /** Its own kill switch, or the engine's, is on. */
  readonly killed: boolean;
  /** Not before there was a trade. */
  readonly lastPrice?: string;
  /** When an interruption ends by itself, microseconds since the epoch. */
  readonly reopensAtUs?: number;
}

/** An account as it is now. */
export interface AccountStatus {
  readonly account: string;
  readonly mode: AccountModeName;
  readonly state: AccountStateName;
  readonly kyc: KycName;
  readonly killed: boolean;
  readonly openOrders: number;
  /** When it is in one. */
  readonly stpGroup?: string;
}

/** A movement of funds that waits for review. */
export interface PendingReview {
  readonly ref: string;
  readonly cmd: MovementCommand["cmd"];
  readonly account: string;
  /** Of a transfer. */
  readonly to?: string;
  readonly currency: string;
  readonly amount: string;
  /** When it was asked for, microseconds since the epoch. */
  readonly timeUs: number;
}

/** The engine at a glance. */
export interface EngineStatus {
  /** Of the newest command. */
  readonly seq: number;
  /** The engine's clock, microseconds since the epoch. */
  readonly timeUs: number;
  /** The kill switch of everything is on. */
  readonly killed: boolean;
  readonly instruments: number;
  readonly accounts: number;
}

/** What the shard is asked about what it holds. `name`: only this one. */
export type DirectoryQuestion =
  | { readonly kind: "status" }
  | { readonly kind: "pending"; readonly from: number; readonly limit: number }
  | { readonly kind: "instruments" | "accounts"; readonly from: number; readonly limit: number; readonly name: string | undefined };

export type DirectoryAnswer = EngineStatus | InstrumentStatus[] | AccountStatus[] | PendingReview[];

const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 100;

/** Throws RangeError on a page that there cannot be. A long answer would hold the shard up. */
export function checkedPage({ from = 0, limit = PAGE_DEFAULT }: Page): { readonly from: number; readonly limit: number } {
  if (!Number.isSafeInteger(from) || from < 0) throw new RangeError(`from must be an integer from 0 on, was ${from}`);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE_MAX)
    throw new RangeError(`limit must be an integer from 1 to ${PAGE_MAX}, was ${limit}`);
  return { from, limit };
}

/** Shard thread, between two commands. */
export function directoryAnswer(core: TradingCore, question: DirectoryQuestion): DirectoryAnswer {
  switch (question.kind) {
    case "status":
      return statusOf(core);
    case "pending":
      return pendingReviews(core, question.from, question.limit);
    case "instruments":
      return idsOf(question, core.instruments).map((id) => instrumentStatus(core, id));
    case "accounts":
      return idsOf(question, core.accounts).map((id) => accountStatus(core, id));
  }
}

interface Names {
  readonly count: number;
  idOf(name: string): number | undefined;
}

function idsOf({ from, limit, name }: Extract<DirectoryQuestion, { kind: "instruments" | "accounts" }>, names: Names): number[] {
  if (name !== undefined) {
    const id = names.idOf(name);
    return id === undefined ? [] : [id];
  }
  const length = Math.max(0, Math.min(limit, names.count - from));
  return Array.from({ length }, (_, index) => from + index);
}

const MOVEMENT_CMDS = ["deposit", "withdraw", "transfer"] as const;

function pendingReviews({ movements, accounts, currencies }: TradingCore, from: number, limit: number): PendingReview[] {
  const found: PendingReview[] = [];
  let index = 0;
  for (const { ref, kind, account, to, currency, amount, time } of movements.pending()) {
    if (index++ < from) continue;
    if (found.length === limit) break;
    found.push({
      ref,
      cmd: MOVEMENT_CMDS[kind],
      account: accounts.nameOf(account),
      ...(to === account ? {} : { to: accounts.nameOf(to) }),
      currency: currencies.nameOf(currency),
      amount: fromUnits(amount, atomOfScale(currencies.scaleOf(currency))),
      timeUs: time,
    });
  }
  return found;
}

function statusOf({ lastSeq, time, markets, instruments, accounts }: TradingCore): EngineStatus {
  return { seq: lastSeq, timeUs: time, killed: markets.globalKill !== 0, instruments: instruments.count, accounts: accounts.count };
}

function instrumentStatus(core: TradingCore, id: number): InstrumentStatus {
  const { markets } = core;
  const spec = core.instruments.specOf(id);
  const tick = { mantissa: spec.tickMantissa, exponent: spec.tickExponent };
  const lastPrice = markets.lastPrices[id];
  const reopensAtUs = markets.reopenTimes[id];
  return {
    symbol: spec.symbol,
    base: core.currencies.nameOf(spec.base),
    quote: core.currencies.nameOf(spec.quote),
    tickSize: fromUnits(1, tick),
    lotSize: fromUnits(1, { mantissa: spec.lotMantissa, exponent: spec.lotExponent }),
    state: TRADING_STATE_NAMES[markets.states[id]],
    killed: markets.isKilled(id),
    ...(lastPrice === 0 ? {} : { lastPrice: fromUnits(lastPrice, tick) }),
    ...(reopensAtUs === 0 ? {} : { reopensAtUs }),
  };
}

function accountStatus({ accounts }: TradingCore, id: number): AccountStatus {
  const stpGroup = accounts.groupNameOf(id);
  return {
    account: accounts.nameOf(id),
    mode: ACCOUNT_MODE_NAMES[accounts.modes[id]],
    state: ACCOUNT_STATE_NAMES[accounts.states[id]],
    kyc: KYC_NAMES[accounts.kyc[id]],
    killed: accounts.killed[id] !== 0,
    openOrders: accounts.orderCounts[id],
    ...(stpGroup === "" ? {} : { stpGroup }),
  };
}
