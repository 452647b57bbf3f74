import type { StateWriter } from "../../engine/step.js";
import type { Decimal } from "./decimal.js";

/** How the words of commands are numbered in a saved state. */
export const STP_NUMBERS = { none: 0, cancelNewest: 1, cancelOldest: 2, cancelBoth: 3, decrement: 4 } as const;
export const TYPE_NUMBERS = { limit: 0, market: 1, stop: 2, stopLimit: 3, trailingStop: 4 } as const;
export const TIF_NUMBERS = { gtc: 0, ioc: 1, fok: 2, day: 3, gtd: 4 } as const;

export function numberOf(units: bigint | undefined): number {
  return units === undefined ? 0 : Number(units);
}

/** Mantissa and exponent, with the fewest digits: 0.10 and 0.1 are one number. */
export function saveDecimal(value: Decimal, out: StateWriter): void {
  let { digits, scale } = value;
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    scale--;
  }
  out.int64(Number(digits));
  out.int64(digits === 0n ? 0 : -scale + 0);
}
