/** A decimal number as digits × 10^−scale, exact at any size. Slow and plain: BigInt throughout. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL_TEXT = /^-?[0-9]+(\.[0-9]+)?$/;

/** Reads SETTLED S2's decimal text. Returns undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!DECIMAL_TEXT.test(text)) return undefined;
  const point = text.indexOf(".");
  if (point < 0) return { digits: BigInt(text), scale: 0 };
  return { digits: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** How many times `step` goes into `value`, when that is a whole number; else undefined. */
export function wholeSteps(value: Decimal, step: Decimal): bigint | undefined {
  const scale = Math.max(value.scale, step.scale);
  const numerator = value.digits * 10n ** BigInt(scale - value.scale);
  const denominator = step.digits * 10n ** BigInt(scale - step.scale);
  return numerator % denominator === 0n ? numerator / denominator : undefined;
}

/** How many whole times `step` goes into `value`, which is not negative. */
export function flooredSteps(value: Decimal, step: Decimal): bigint {
  const scale = Math.max(value.scale, step.scale);
  return (value.digits * 10n ** BigInt(scale - value.scale)) / (step.digits * 10n ** BigInt(scale - step.scale));
}

/** Prints without trailing zeros and without a useless point. */
export function formatDecimal(value: Decimal): string {
  const negative = value.digits < 0n;
  const digits = (negative ? -value.digits : value.digits).toString().padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** `count` steps, printed as a decimal. */
export function formatSteps(count: bigint, step: Decimal): string {
  return formatDecimal({ digits: count * step.digits, scale: step.scale });
}
