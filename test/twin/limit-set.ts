import type { AmountLimitName, DecimalInput, LimitValues } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { Rejection, readDecimal, TwinError } from "./input.js";

/** A limit that is set, or was said to be unlimited; undefined: it was never set, and is unlimited too. */
type Limit<V> = V | "unlimited" | undefined;

/** Limits in one instrument, of one account or of each. */
export type SymbolLimits = Record<AmountLimitName, Limit<Decimal>> & { maxOpenOrders: Limit<number> };

/** Limits of an account. */
export interface AccountLimits extends SymbolLimits {
  maxOrders: Limit<number>;
  maxDuplicates: Limit<number>;
  maxRiskRejects: Limit<number>;
  windowUs: number;
  requireReference: boolean;
}

export const AMOUNT_LIMITS = [
  "maxOrderQty",
  "maxOrderNotional",
  "maxOpenNotional",
  "maxPosition",
  "maxExposure",
  "maxDailyNotional",
  "maxDailyLoss",
] as const satisfies readonly AmountLimitName[];
const COUNT_LIMITS = ["maxOpenOrders", "maxOrders", "maxDuplicates", "maxRiskRejects"] as const;
/** RISK.md: these exist in the account's scope only. */
const OF_ACCOUNT_ONLY = ["maxOrders", "maxDuplicates", "maxRiskRejects", "windowUs", "requireReference"] as const;
const COUNT_MAX = { maxOpenOrders: 1_000_000, maxOrders: 1_000_000, maxDuplicates: 1000, maxRiskRejects: 1000 };
/** N7. */
const WINDOW_US = 1_000_000;

const ZERO: Decimal = { digits: 0n, scale: 0 };

export function noSymbolLimits(): SymbolLimits {
  return {
    ...{ maxOrderQty: undefined, maxOrderNotional: undefined, maxOpenNotional: undefined, maxPosition: undefined },
    ...{ maxExposure: undefined, maxDailyNotional: undefined, maxDailyLoss: undefined, maxOpenOrders: undefined },
  };
}

export function noLimits(): AccountLimits {
  const counts = { maxOrders: undefined, maxDuplicates: undefined, maxRiskRejects: undefined };
  return { ...noSymbolLimits(), ...counts, windowUs: WINDOW_US, requireReference: false };
}

/** S20. */
export function unlimited(): AccountLimits {
  return {
    ...{ maxOrderQty: "unlimited", maxOrderNotional: "unlimited", maxOpenNotional: "unlimited", maxPosition: "unlimited" },
    ...{ maxExposure: "unlimited", maxDailyNotional: "unlimited", maxDailyLoss: "unlimited", maxOpenOrders: "unlimited" },
    ...{ maxOrders: "unlimited", maxDuplicates: "unlimited", maxRiskRejects: "unlimited" },
    ...{ windowUs: WINDOW_US, requireReference: false },
  };
}

/** The limit, if there is one. */
export function limitOf<V>(limit: Limit<V>): V | undefined {
  return limit === "unlimited" ? undefined : limit;
}

/** SEMANTICS 8: an unset limit is 0 and blocks. N7: but unset `maxRiskRejects` means no breaker. */
export function blockingLimits(): AccountLimits {
  return {
    ...{ maxOrderQty: ZERO, maxOrderNotional: ZERO, maxOpenNotional: ZERO, maxPosition: ZERO, maxExposure: ZERO },
    ...{ maxDailyNotional: ZERO, maxDailyLoss: ZERO, maxOpenOrders: 0, maxOrders: 0, maxDuplicates: 0 },
    ...{ maxRiskRejects: undefined, windowUs: WINDOW_US, requireReference: false },
  };
}

/** S1: what must be an error is one before anything is looked at. */
export function checkLimitWords(values: LimitValues): void {
  for (const key of AMOUNT_LIMITS) {
    const value = values[key];
    if (value !== undefined && value !== "unlimited") readDecimal(value);
  }
  for (const key of COUNT_LIMITS) checkCount(values[key]);
  if (values.windowUs !== undefined && !Number.isInteger(values.windowUs)) throw new TwinError(`no integer: ${values.windowUs}`);
}

function checkCount(value: unknown): void {
  if (value !== undefined && value !== "unlimited" && !Number.isInteger(value)) throw new TwinError(`no integer: ${String(value)}`);
}

/** What was given, and nothing else. Throws BAD_VALUE before anything is changed. */
export function givenLimits(values: LimitValues, hasSymbol: boolean): Partial<AccountLimits> {
  if (hasSymbol && OF_ACCOUNT_ONLY.some((key) => values[key] !== undefined)) throw new Rejection("BAD_VALUE");
  const given: Partial<AccountLimits> = {};
  for (const key of AMOUNT_LIMITS) {
    const value = values[key];
    if (value !== undefined) given[key] = value === "unlimited" ? value : amount(value);
  }
  for (const key of COUNT_LIMITS) {
    const value = values[key];
    if (value !== undefined) given[key] = value === "unlimited" ? value : count(Number(value), COUNT_MAX[key]);
  }
  if (values.windowUs !== undefined) given.windowUs = between(values.windowUs, 1, Number.MAX_SAFE_INTEGER);
  if (values.requireReference !== undefined) given.requireReference = values.requireReference;
  return given;
}

function amount(input: DecimalInput): Decimal {
  const value = readDecimal(input);
  if (value.digits < 0n) throw new Rejection("BAD_VALUE");
  return value;
}

function count(value: number, most: number): number {
  return between(value, 0, most);
}

function between(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new Rejection("BAD_VALUE");
  return value;
}
