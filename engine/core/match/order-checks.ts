import { CODES } from "../../wire/codes.js";
import * as Numbers from "../../wire/numbers.js";
import type { OrderBook } from "../book/order-book.js";
import type { Instruments } from "../instruments.js";
import { Check } from "./order-types.js";

// Local copies of imported numbers are folded into the code; the imports would be loaded and checked at each use.
const MAX_SAFE = Numbers.MAX_SAFE;
const OFF_STEP = Numbers.OFF_STEP;

/** Tranches that an iceberg may have. */
export const TRANCHES_MAX = 100_000;

/** An id that an order may have, by its two words: 1 to 2^53−1. */
export function isClOrdId(low: number, high: number): boolean {
  return high >= 0 && high <= 0x1fffff && (low | high) !== 0;
}

/** On tick, then within the instrument's range (SEMANTICS 2.3). Ticks, or a mark of the edge (OFF_STEP, BEYOND). */
export function priceCode(instruments: Instruments, instrument: number, price: number): number {
  if (price >= instruments.minPrice[instrument] && price <= instruments.maxPrice[instrument]) return Check.OK;
  return price === OFF_STEP ? CODES.PRICE_OFF_TICK : CODES.PRICE_OUT_OF_RANGE;
}

/** On lot, then within the instrument's range. Lots, or a mark of the edge. */
export function quantityCode(instruments: Instruments, instrument: number, qty: number): number {
  if (qty >= instruments.minQty[instrument] && qty <= instruments.maxQty[instrument]) return Check.OK;
  return qty === OFF_STEP ? CODES.QTY_OFF_LOT : CODES.QTY_OUT_OF_RANGE;
}

/**
 * The notional in atoms stays a safe integer, and is no less than the instrument asks for. A rounded product of safe integers is
 * above 2^53−1 when the exact one is.
 */
export function notionalCode(instruments: Instruments, instrument: number, price: number, qty: number): number {
  const ticksTimesLots = price * qty;
  if (ticksTimesLots > MAX_SAFE) return CODES.NOTIONAL_OVERFLOW;
  const notional = ticksTimesLots * instruments.atomsPerTickLot[instrument];
  if (notional > MAX_SAFE) return CODES.NOTIONAL_OVERFLOW;
  return notional < instruments.minNotional[instrument] ? CODES.MIN_NOTIONAL : Check.OK;
}

/** An iceberg shows from one lot to all of it, in so many tranches at most: each is a trade of its own for one aggressor. */
export function tranchesCode(displayQty: number, qty: number): number {
  return displayQty >= 1 && displayQty <= qty && qty <= TRANCHES_MAX * displayQty ? Check.OK : CODES.BAD_DISPLAY_QTY;
}

/**
 * Whether `added` lots more could rest under this key: the level's total stays a safe integer (SETTLED N14), and there
 * is a level to rest in. It is asked before anything happens, so it may refuse an order that would have traded
 * completely while the book is full.
 */
export function levelCode(book: OrderBook, bookSide: number, key: number, added: number): number {
  const level = book.levelAt(bookSide, key);
  if (level === 0) return book.levels.isFull ? CODES.BOOK_FULL : Check.OK;
  return book.levels.totalOf(level) + added > MAX_SAFE ? CODES.NOTIONAL_OVERFLOW : Check.OK;
}
