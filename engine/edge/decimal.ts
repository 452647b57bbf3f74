import { Decimal as DecimalJs } from "decimal.js";
import { BEYOND, MAX_SAFE, OFF_STEP } from "../wire/numbers.js";
import { CommandError } from "./command-error.js";

/** Decimals meet integers here and nowhere else. Enough digits that nothing is ever rounded below. */
const Decimal = DecimalJs.clone({ precision: 100, toExpNeg: -9e15, toExpPos: 9e15 });
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
const NUMBER_TEXT = /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
const NUMBER_DIGITS_MAX = 15;
const EXPONENT_MAX = 100;
/** 2^53−1 has so many digits. */
const SAFE_DIGITS = 16;
/** Powers of ten below this, times a number of as many digits less, are exact in a double. */
const EXACT_DIGITS = 15;
/** A number of that many digits is above 2^53−1 units of any step, because a mantissa has 16 digits at most. */
const BEYOND_DIGITS = 34;
/** 2^53 has no more factors of two, so a power of ten above this one divides by no more mantissas than this one. */
const TENS_MAX = 53;
const CHUNK_DIGITS = 300;
const ZERO = 48;

/**
 * A decimal taken apart: ±digits × 10^exponent, with neither leading nor trailing zeros in the digits; none for nought.
 * However long the text, nothing that is done with it takes more than one pass over the digits.
 */
interface Parts {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** Whole units of `step` in a decimal; OFF_STEP when it is no multiple, BEYOND outside of ±(2^53−1) units. */
export function toUnits(value: DecimalSource, step: Step10, key: string): number {
  const { isNegative, digits, exponent } = parse(value, key);
  if (step.mantissa < 1) return OFF_STEP;
  if (digits === "") return 0;
  const places = exponent - step.exponent;
  const units = divide(digits, places, step.mantissa);
  return isNegative && units !== OFF_STEP && units !== BEYOND ? -units : units;
}

/** The decimal of a number of units, without trailing zeros and without an exponent. */
export function fromUnits(units: number | bigint, step: Step10): string {
  // There is no nought below nought.
  const exact = typeof units === "bigint" ? new Decimal(units.toString()) : new Decimal(units + 0);
  return exact.times(stepDecimal(step)).toFixed();
}

/** A size as mantissa and exponent with no trailing zeros in the mantissa; BEYOND as mantissa when it does not fit. */
export function toStep(value: DecimalSource, key: string): Step10 {
  const { isNegative, digits, exponent } = parse(value, key);
  if (digits === "") return { mantissa: 0, exponent: 0 };
  const mantissa = digits.length > 16 ? BEYOND : Number(digits);
  if (mantissa < 1 || mantissa > MAX_SAFE || Math.abs(exponent) > EXPONENT_MAX) return { mantissa: BEYOND, exponent: 0 };
  return { mantissa: isNegative ? -mantissa : mantissa, exponent };
}

/**
 * As `toStep`, for what is rounded down to atoms later: digits that no 2^53−1 atoms can tell apart are cut off. What is below nought
 * stays below; BEYOND is what is larger than any amount.
 */
export function toStepDown(value: DecimalSource, key: string): Step10 {
  const { isNegative, digits, exponent } = parse(value, key);
  if (digits === "") return { mantissa: 0, exponent: 0 };
  const kept = Number(digits.slice(0, SAFE_DIGITS)) > MAX_SAFE ? SAFE_DIGITS - 1 : Math.min(SAFE_DIGITS, digits.length);
  const places = exponent + digits.length - kept;
  if (places < -EXPONENT_MAX) return { mantissa: isNegative ? -1 : 0, exponent: 0 };
  if (places > EXPONENT_MAX) return { mantissa: BEYOND, exponent: 0 };
  const mantissa = Number(digits.slice(0, kept));
  return { mantissa: isNegative ? -mantissa : mantissa, exponent: places };
}

/** Whether a JSON number is whole by its source text: 1e2 is, 1.00000000000000000001 is not. */
export function isInteger({ text }: NumberText): boolean {
  if (!NUMBER_TEXT.test(text)) return false;
  const { digits, exponent } = partsOf(text);
  return digits === "" || exponent >= 0;
}

/** Whether a JSON number, or a double, lies below nought. */
export function isNegative(value: number | NumberText): boolean {
  return value instanceof NumberText ? partsOf(value.text).isNegative : value < 0;
}

/** digits × 10^places ÷ mantissa, or the mark that says why not. */
function divide(digits: string, places: number, mantissa: number): number {
  if (places >= 0 && digits.length + places <= EXACT_DIGITS) {
    const dividend = Number(digits) * 10 ** places;
    return dividend % mantissa === 0 ? dividend / mantissa : OFF_STEP;
  }
  // A mantissa that ends in zeros is no smaller step: it is brought to the form that a decimal has.
  if (places < 0) return mantissa % 10 === 0 ? divide(digits, places + 1, mantissa / 10) : OFF_STEP;
  const divisor = BigInt(mantissa);
  if ((remainder(digits, divisor) * 10n ** BigInt(Math.min(places, TENS_MAX))) % divisor !== 0n) return OFF_STEP;
  if (digits.length + places >= BEYOND_DIGITS) return BEYOND;
  const units = (BigInt(digits) * 10n ** BigInt(places)) / divisor;
  return units > MAX_SAFE ? BEYOND : Number(units);
}

/** Piece by piece: a million digits take a few milliseconds. */
function remainder(digits: string, divisor: bigint): bigint {
  let rest = 0n;
  for (let from = 0; from < digits.length; from += CHUNK_DIGITS) {
    const chunk = digits.slice(from, from + CHUNK_DIGITS);
    rest = (rest * 10n ** BigInt(chunk.length) + BigInt(chunk)) % divisor;
  }
  return rest;
}

function parse(value: DecimalSource, key: string): Parts {
  if (typeof value === "string") {
    if (!DECIMAL_TEXT.test(value)) throw new CommandError(`${key} is no decimal: ${clip(value)}`);
    return partsOf(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new CommandError(`${key} is no decimal: ${value}`);
    const parts = partsOf(String(value));
    if (parts.digits.length > NUMBER_DIGITS_MAX) {
      throw new CommandError(`${key} has more than 15 digits, give it as a string: ${value}`);
    }
    return parts;
  }
  if (!(value instanceof NumberText)) throw new CommandError(`${key} must be a decimal`);
  if (!NUMBER_TEXT.test(value.text)) throw new CommandError(`${key} is no decimal: ${clip(value.text)}`);
  return partsOf(value.text);
}

/** Takes apart what has been found to be a decimal or a JSON number. */
function partsOf(text: string): Parts {
  const from = text.charCodeAt(0) === 45 ? 1 : 0;
  const mark = text.search(/[eE]/);
  const end = mark < 0 ? text.length : mark;
  const point = text.indexOf(".");
  const fraction = point < 0 ? "" : text.slice(point + 1, end);
  const all = text.slice(from, point < 0 ? end : point) + fraction;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === ZERO) first++;
  let last = all.length;
  while (last > first && all.charCodeAt(last - 1) === ZERO) last--;
  const digits = all.slice(first, last);
  const exponent = (mark < 0 ? 0 : Number(text.slice(mark + 1))) - fraction.length + all.length - last;
  return { isNegative: from === 1 && digits !== "", digits, exponent: digits === "" ? 0 : exponent };
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
