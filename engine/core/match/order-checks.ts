import { NIL } from "../../flat/level-tree.js";
import { CODES, OK } from "../../wire/codes.js";
import { MAX_SAFE, OFF_STEP } from "../../wire/numbers.js";
import type { OrderBook } from "../book/order-book.js";
import type { Instruments } from "../instruments.js";

/** On tick, then within the instrument's range (SEMANTICS 2.3). Ticks, or a mark of the edge (OFF_STEP, BEYOND). */
export function priceCode(instruments: Instruments, instrument: number, price: number): number {
  if (price === OFF_STEP) return CODES.PRICE_OFF_TICK;
  if (price < instruments.minPrice[instrument]) return CODES.PRICE_OUT_OF_RANGE;
  if (price > instruments.maxPrice[instrument]) return CODES.PRICE_OUT_OF_RANGE;
  return OK;
}

/** On lot, then within the instrument's range. Lots, or a mark of the edge. */
export function quantityCode(instruments: Instruments, instrument: number, qty: number): number {
  if (qty === OFF_STEP) return CODES.QTY_OFF_LOT;
  if (qty < instruments.minQty[instrument]) return CODES.QTY_OUT_OF_RANGE;
  if (qty > instruments.maxQty[instrument]) return CODES.QTY_OUT_OF_RANGE;
  return OK;
}

/** The notional in atoms stays a safe integer. A rounded product of safe integers is above 2^53−1 when the exact one is. */
export function notionalCode(instruments: Instruments, instrument: number, price: number, qty: number): number {
  const ticksTimesLots = price * qty;
  if (ticksTimesLots > MAX_SAFE) return CODES.NOTIONAL_OVERFLOW;
  return ticksTimesLots * instruments.atomsPerTickLot[instrument] > MAX_SAFE ? CODES.NOTIONAL_OVERFLOW : OK;
}

/**
 * Whether `added` lots more could rest under this key: the level's total stays a safe integer (SETTLED N14), and there
 * is a level to rest in. It is asked before anything happens, so it may refuse an order that would have traded
 * completely while the book is full.
 */
export function levelCode(book: OrderBook, bookSide: number, key: number, added: number): number {
  const level = book.levelAt(bookSide, key);
  if (level === NIL) return book.levels.isFull ? CODES.BOOK_FULL : OK;
  return book.levels.totals[level] + added > MAX_SAFE ? CODES.NOTIONAL_OVERFLOW : OK;
}
