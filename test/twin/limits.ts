import type { CodeName } from "../../engine/wire/codes.js";
import type { Decimal } from "./decimal.js";
import { Rejection, unitsOf } from "./input.js";
import type { Instrument } from "./state.js";
import { SAFE_MAX } from "./state.js";

/** What a decimal is refused with: off its step, or too large or too small. */
export const UNITS = {
  price: { off: "PRICE_OFF_TICK", outside: "PRICE_OUT_OF_RANGE" },
  stopPrice: { off: "STOP_PRICE_OFF_TICK", outside: "PRICE_OUT_OF_RANGE" },
  qty: { off: "QTY_OFF_LOT", outside: "QTY_OUT_OF_RANGE" },
} as const satisfies Record<string, { off: CodeName; outside: CodeName }>;

/** C2. */
const TRANCHES_MAX = 100_000n;

/** On tick, then within the instrument's limits; O4: one tick at least. */
export function checkPrice(value: Decimal, instrument: Instrument, codes: { off: CodeName; outside: CodeName }): bigint {
  const price = unitsOf(value, instrument.tickSize, codes);
  if (price < 1n || price < instrument.minPrice || price > instrument.maxPrice) throw new Rejection("PRICE_OUT_OF_RANGE");
  return price;
}

/** On lot, then within the instrument's limits; one lot at least. */
export function checkQty(value: Decimal, instrument: Instrument): bigint {
  const total = unitsOf(value, instrument.lotSize, UNITS.qty);
  if (total < 1n || total < instrument.minQty || total > instrument.maxQty) throw new Rejection("QTY_OUT_OF_RANGE");
  return total;
}

/** ARCHITECTURE 5: refused, never rounded. */
export function checkNotional(price: bigint, total: bigint, instrument: Instrument): void {
  if (price * total * instrument.atomsPerTickLot > SAFE_MAX) throw new Rejection("NOTIONAL_OVERFLOW");
}

export function tranchesAreTooMany(total: bigint, displayQty: bigint): boolean {
  return total > TRANCHES_MAX * displayQty;
}
