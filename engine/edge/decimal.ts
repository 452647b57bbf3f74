import { Decimal as DecimalJs } from "decimal.js";
import { BEYOND, MAX_SAFE, OFF_STEP } from "../wire/numbers.js";
import { CommandError } from "./command-error.js";

/** Decimals meet integers here and nowhere else. Enough digits that nothing is ever rounded below. */
const Decimal = DecimalJs.clone({ precision: 1000, toExpNeg: -9e15, toExpPos: 9e15 });
type Decimal = DecimalJs;

/** A JSON number by its source text, so that no digit is lost on the way. */
export class NumberText {
  constructor(readonly text: string) {}
}

/** What is read as a decimal: `-?digits(.digits)?` as a string, a JSON number's text, or a number of at most 15 digits. */
export type DecimalSource = string | number | NumberText;

/** A size of tick or lot: mantissa × 10^exponent, ready to convert with. */
export interface Step10 {
  readonly mantissa: number;
  readonly exponent: number;
}

const DECIMAL_TEXT = /^-?[0-9]+(\.[0-9]+)?$/;
const DIGITS_MAX = 500;
const NUMBER_DIGITS_MAX = 15;
const EXPONENT_MAX = 100;

/** Whole units of `step` in a decimal; OFF_STEP when it is no multiple, BEYOND outside of ±(2^53−1) units. */
export function toUnits(value: DecimalSource, step: Step10, key: string): number {
  const decimal = parse(value, key);
  if (step.mantissa < 1) return OFF_STEP;
  if (decimal === undefined) return BEYOND;
  const size = stepDecimal(step);
  if (!decimal.mod(size).isZero()) return OFF_STEP;
  const units = decimal.div(size);
  return units.abs().greaterThan(MAX_SAFE) ? BEYOND : units.toNumber() + 0;
}

/** The decimal of a number of units, without trailing zeros and without an exponent. */
export function fromUnits(units: number, step: Step10): string {
  return new Decimal(units).times(stepDecimal(step)).toFixed();
}

/** A size as mantissa and exponent with no trailing zeros in the mantissa; BEYOND as mantissa when it does not fit. */
export function toStep(value: DecimalSource, key: string): Step10 {
  const decimal = parse(value, key);
  if (decimal === undefined) return { mantissa: BEYOND, exponent: 0 };
  if (decimal.isZero()) return { mantissa: 0, exponent: 0 };
  const exponent = decimal.e - decimal.precision() + 1;
  const mantissa = decimal.times(new Decimal(10).pow(-exponent));
  if (mantissa.abs().greaterThan(MAX_SAFE) || Math.abs(exponent) > EXPONENT_MAX) return { mantissa: BEYOND, exponent: 0 };
  return { mantissa: mantissa.toNumber(), exponent };
}

/** A size as a decimal text. */
export function fromStep(step: Step10): string {
  return stepDecimal(step).toFixed();
}

/** Undefined: a magnitude that no step can bring into range, or too fine for any step to divide. */
function parse(value: DecimalSource, key: string): Decimal | undefined {
  if (typeof value === "string") {
    if (value.length > DIGITS_MAX || !DECIMAL_TEXT.test(value)) throw new CommandError(`${key} is no decimal: ${clip(value)}`);
    return new Decimal(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new CommandError(`${key} is no decimal: ${value}`);
    const decimal = new Decimal(value);
    if (decimal.precision() > NUMBER_DIGITS_MAX) throw new CommandError(`${key} has more than 15 digits, give it as a string: ${value}`);
    return bounded(decimal);
  }
  if (!(value instanceof NumberText)) throw new CommandError(`${key} must be a decimal`);
  if (value.text.length > DIGITS_MAX) throw new CommandError(`${key} is no decimal: ${clip(value.text)}`);
  return bounded(new Decimal(value.text));
}

/** JSON numbers may have exponents; absurd ones are out of range without being worked out. */
function bounded(decimal: Decimal): Decimal | undefined {
  if (decimal.isZero()) return decimal;
  return decimal.isFinite() && Math.abs(decimal.e) <= DIGITS_MAX ? decimal : undefined;
}

const steps = new Map<string, Decimal>();

function stepDecimal(step: Step10): Decimal {
  const key = `${step.mantissa}e${step.exponent}`;
  let decimal = steps.get(key);
  if (decimal === undefined) {
    if (steps.size > 10_000) steps.clear();
    decimal = new Decimal(key);
    steps.set(key, decimal);
  }
  return decimal;
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
