import { BEYOND, NULL_INT64, OFF_STEP } from "../wire/numbers.js";
import { integerOf } from "./command-shape.js";
import { type DecimalSource, type NumberText, type Step10, toUnits } from "./decimal.js";

/**
 * Values of keys as the int64 of a record. What a record cannot hold becomes a mark that the core rejects in its own
 * order (SETTLED C9); text that is no decimal throws CommandError.
 */

/** Without a step the core rejects the command before it looks at the number, but it must be a decimal all the same. */
export function unitsOrNull(value: DecimalSource | undefined, step: Step10 | undefined, key: string): number {
  if (value === undefined) return NULL_INT64;
  const units = toUnits(value, step ?? { mantissa: 1, exponent: 0 }, key);
  return step === undefined ? OFF_STEP : units;
}

/** An id or an integer. */
export function integerOrNull(value: number | string | NumberText | undefined): number {
  return value === undefined ? NULL_INT64 : integerOrBeyond(value);
}

export function integerOrBeyond(value: number | string | NumberText): number {
  return integerOf(value) ?? BEYOND;
}

/** A name that is too long or has other characters than ASCII 33 to 126 is written empty: the core rejects it as BAD_NAME. */
export function fitting(name: string, lengthMax: number): string {
  return name.length <= lengthMax && /^[!-~]+$/.test(name) ? name : "";
}
