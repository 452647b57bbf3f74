import * as Numbers from "../../wire/numbers.js";

/** Arithmetic of amounts that never leaves the safe integers and never rounds but where it says so. Pure functions. */

const MAX_SAFE = Numbers.MAX_SAFE;
export const MILLION = 1_000_000;

/**
 * amount × ppm ÷ 1,000,000, rounded up: a charge up, a rebate down (ARCHITECTURE 5). 0 ≤ amount ≤ 2^53−1, |ppm| ≤ 1,000,000. The
 * amount is split at a million, so every product stays below 2^53.
 */
export function ppmOf(amount: number, ppm: number): number {
  if (ppm === 0) return 0;
  const millions = Math.floor(amount / MILLION);
  const rest = amount - millions * MILLION;
  // Adding nought makes a plain one of −0.
  return millions * ppm + Math.ceil((rest * ppm) / MILLION) + 0;
}

/** floor(a × b ÷ c), exact. a, b from 0, c from 1, all up to 2^53−1. What is above 2^53−1 is a double above it. */
export function mulDiv(a: number, b: number, c: number): number {
  const product = a * b;
  // A quotient of integers up to 2^53 is never rounded up to the next integer: it misses that by more than half a place.
  if (product <= MAX_SAFE) return Math.floor(product / c);
  const whole = Math.floor(a / c);
  return whole * b + mulDivBelow(a - whole * c, b, c);
}

/** As mulDiv for a < c: long division, bit by bit of b, with nothing above c on the way. */
function mulDivBelow(a: number, b: number, c: number): number {
  let quotient = 0;
  let rest = 0;
  for (let bit = 2 ** 52; bit >= 1; bit /= 2) {
    quotient *= 2;
    if (rest >= c - rest) {
      rest -= c - rest;
      quotient += 1;
    } else rest *= 2;
    if (Math.floor(b / bit) % 2 === 0) continue;
    if (rest >= c - a) {
      rest -= c - a;
      quotient += 1;
    } else rest += a;
  }
  return quotient;
}

/** floor(mantissa × 10^exponent ÷ (stepMantissa × 10^stepExponent)); Infinity above 2^53−1. The mantissa is not negative. */
export function wholeSteps(mantissa: number, exponent: number, stepMantissa: number, stepExponent: number): number {
  let places = exponent - stepExponent;
  let units = mantissa;
  if (units === 0) return 0;
  for (; places < 0 && units > 0; places++) units = Math.floor(units / 10);
  let quotient = Math.floor(units / stepMantissa);
  let rest = units - quotient * stepMantissa;
  for (; places > 0; places--) {
    let digit = 0;
    let tens = 0;
    for (let times = 0; times < 10; times++) {
      if (tens >= stepMantissa - rest) {
        tens -= stepMantissa - rest;
        digit++;
      } else tens += rest;
    }
    quotient = quotient * 10 + digit;
    rest = tens;
    if (quotient > MAX_SAFE) return Number.POSITIVE_INFINITY;
    if (quotient === 0 && rest === 0) return 0;
  }
  return quotient > MAX_SAFE ? Number.POSITIVE_INFINITY : quotient;
}

/** A number within ±(2^53−1): statistics stay there where amounts would be refused. */
export function clamped(value: number): number {
  return Math.min(MAX_SAFE, Math.max(-MAX_SAFE, value));
}
