import type { Decimal } from "./decimal.js";
import type { Currency, Instrument } from "./state.js";
import { larger } from "./state.js";

const MILLION = 1_000_000n;

/** Rounded up; the divisor is positive. */
export function ceilOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend > 0n && dividend % divisor !== 0n ? quotient + 1n : quotient;
}

/** Parts per million of an amount, rounded up: a fee to the atom above, a rebate to the atom below. */
export function ppmOf(amount: bigint, ppm: bigint): bigint {
  return ceilOf(amount * ppm, MILLION);
}

/** Price × qty × multiplier, in quote atoms. */
export function notionalOf(instrument: Instrument, price: bigint, lots: bigint): bigint {
  return price * lots * instrument.atomsPerTickLot;
}

/** K6: max(maker, taker, 0). RISK.md: of a margin instrument the best rebate, when that is larger. */
export function worstFeePpm(instrument: Instrument): bigint {
  const { makerFeePpm, takerFeePpm, kind } = instrument;
  const worst = larger(larger(makerFeePpm, takerFeePpm), 0n);
  return kind === "margin" ? larger(worst, bestRebatePpm(instrument)) : worst;
}

/** The largest rebate, as a positive rate. */
export function bestRebatePpm({ makerFeePpm, takerFeePpm }: Instrument): bigint {
  return larger(larger(-makerFeePpm, -takerFeePpm), 0n);
}

export function atomOf({ scale }: Currency): Decimal {
  return { digits: 1n, scale };
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
