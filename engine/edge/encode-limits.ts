import { type DefineAccount, SetLimits } from "../wire/flyweights.js";
import { UnlimitedLimits } from "../wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../wire/numbers.js";
import { type Catalog, UNKNOWN_ID } from "./catalog.js";
import { UNLIMITED } from "./command-shape.js";
import { type DecimalSource, toStepDown } from "./decimal.js";
import { integerOrNull } from "./field-values.js";
import type { AmountLimitName, CountLimitName, LimitsCommand, LimitValues } from "./types.js";

/** A record with room for limits: the setters that both have. */
type LimitFields = Pick<typeof SetLimits, Extract<keyof typeof SetLimits & keyof typeof DefineAccount, `set${string}`>>;

const AMOUNT_LIMITS: readonly AmountLimitName[] = [
  "maxOrderQty",
  "maxOrderNotional",
  "maxOpenNotional",
  "maxPosition",
  "maxExposure",
  "maxDailyNotional",
  "maxDailyLoss",
];
const COUNT_LIMITS: readonly CountLimitName[] = ["maxOpenOrders", "maxOrders", "maxDuplicates", "maxRiskRejects"];

/** Writes a checked `limits`; see `encode`. */
export function encodeLimits(command: LimitsCommand, catalog: Catalog, words: Int32Array, at: number, seq: number, time: number): number {
  const { account, symbol } = command;
  SetLimits.init(words, at, seq, time);
  SetLimits.setClientSeq(words, at, 0);
  SetLimits.setSession(words, at, 0);
  SetLimits.setAccount(words, at, account === undefined ? NULL_UINT32 : (catalog.accountId(account) ?? UNKNOWN_ID));
  SetLimits.setInstrument(words, at, symbol === undefined ? NULL_UINT32 : (catalog.instrument(symbol)?.id ?? UNKNOWN_ID));
  writeLimits(SetLimits, command, words, at);
  return SetLimits.RECORD_BYTES;
}

/**
 * Every limit of a record, null for what is not given. Amounts travel as mantissa × 10^exponent: only the core knows in which
 * currencies they will count, and rounds them down to whole atoms or lots of each.
 */
export function writeLimits(fields: LimitFields, values: LimitValues, words: Int32Array, at: number): void {
  let unlimited = 0;
  for (const name of AMOUNT_LIMITS) {
    const value = values[name];
    if (value === UNLIMITED) unlimited |= UnlimitedLimits[name];
    writeAmount(fields, name, value === UNLIMITED ? undefined : value, words, at);
  }
  for (const name of COUNT_LIMITS) {
    const value = values[name];
    if (value === UNLIMITED) unlimited |= UnlimitedLimits[name];
    fields[`set${capitalised(name)}`](words, at, integerOrNull(value === UNLIMITED ? undefined : value));
  }
  fields.setUnlimited(words, at, unlimited);
  fields.setWindowUs(words, at, integerOrNull(values.windowUs));
  fields.setRequireReference(words, at, values.requireReference === undefined ? NULL_UINT8 : Number(values.requireReference));
}

function writeAmount(fields: LimitFields, name: AmountLimitName, value: DecimalSource | undefined, words: Int32Array, at: number): void {
  const amount = value === undefined ? { mantissa: NULL_INT64, exponent: 0 } : toStepDown(value, name);
  fields[`set${capitalised(name)}`](words, at, amount.mantissa);
  fields[`set${capitalised(name)}Exponent`](words, at, amount.exponent);
}

function capitalised<Name extends string>(name: Name): Capitalize<Name> {
  return `${name[0].toUpperCase()}${name.slice(1)}` as Capitalize<Name>;
}
