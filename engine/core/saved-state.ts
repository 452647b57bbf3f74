import { NIL } from "../flat/level-tree.js";
import { MAX_SAFE } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import type { OrderBook } from "./book/order-book.js";
import { flagsOf, ordTypeOf, Slot, selfTradeModeOf, tifOf } from "./book/order-pool.js";
import { type Currencies, SCALE_MAX } from "./currencies.js";
import type { Instruments } from "./instruments.js";
import { isClOrdId, notionalCode } from "./match/order-checks.js";
import { Check, Flag, Stp, Tif, Type } from "./match/order-types.js";
import { isName, isRange, isWhole } from "./set-up.js";

/**
 * What a saved state must be like, beyond its length: a core that went on from other bytes would break later, far from
 * the cause. Everything here throws RangeError. For loading only, never on the order path.
 */
export function refuseUnless(holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`this is no saved state: ${rule}`);
}

/** A number that counts commands, orders, trades or microseconds. */
export function countOf(value: number, name: string): number {
  refuseUnless(value >= 0 && value <= MAX_SAFE, `${name} must be from 0 to ${MAX_SAFE}, was ${value}`);
  return value;
}

export function checkCurrencies(currencies: Currencies): void {
  for (let id = 0; id < currencies.count; id++) {
    const name = currencies.nameOf(id);
    refuseUnless(isName(name) && name.length <= 16, `currency ${id} has a bad name`);
    refuseUnless(currencies.idOf(name) === id, `currency ${name} is there twice`);
    refuseUnless(currencies.scaleOf(id) <= SCALE_MAX, `currency ${name} has a scale above ${SCALE_MAX}`);
  }
}

export function checkInstruments(instruments: Instruments, currencies: Currencies): void {
  for (let id = 0; id < instruments.count; id++) {
    const spec = instruments.specOf(id);
    const { symbol, base, quote } = spec;
    refuseUnless(isName(symbol) && symbol.length <= 16, `instrument ${id} has a bad symbol`);
    refuseUnless(instruments.idOf(symbol) === id, `instrument ${symbol} is there twice`);
    refuseUnless(base < currencies.count && quote < currencies.count && base !== quote, `${symbol} has bad currencies`);
    refuseUnless(isInt8(spec.tickExponent) && isInt8(spec.lotExponent), `${symbol} has a bad exponent`);
    refuseUnless(spec.tickMantissa <= MAX_SAFE && spec.lotMantissa <= MAX_SAFE, `${symbol} has a bad tick or lot`);
    refuseUnless(isWhole(spec, currencies.scaleOf(base), currencies.scaleOf(quote)), `${symbol} does not make whole amounts`);
    refuseUnless(isRange(spec.minQty, spec.maxQty) && isRange(spec.minPrice, spec.maxPrice), `${symbol} has bad limits`);
  }
}

export function checkAccounts(accounts: Accounts): void {
  for (let id = 0; id < accounts.count; id++) {
    const name = accounts.nameOf(id);
    const group = accounts.groupNameOf(id);
    refuseUnless(isName(name) && name.length <= 32, `account ${id} has a bad name`);
    refuseUnless(accounts.idOf(name) === id, `account ${name} is there twice`);
    refuseUnless(accounts.modeOf(id) === 0, `account ${name} has an unknown mode`);
    refuseUnless(accounts.selfTradeModes[id] <= Stp.DECREMENT, `account ${name} has an unknown self-trade mode`);
    refuseUnless(group === "" || (isName(group) && group.length <= 32), `account ${name} has a bad self-trade group`);
  }
}

/** An order that has been read into its slot and does not rest yet. Levels come best first, as they were written. */
export function checkOrder(book: OrderBook, slot: number, accounts: Accounts, instruments: Instruments, lastOrderId: number): void {
  const { doubles, words } = book.pool;
  const at = slot * Slot.WORDS;
  const account = words[at + Slot.ACCOUNT] >>> 0;
  const instrument = words[at + Slot.BOOK_SIDE] >>> 1;
  const traits = words[at + Slot.TRAITS];
  const total = doubles[slot * Slot.DOUBLES + Slot.TOTAL];
  const leaves = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
  const price = book.priceOf(slot);
  const orderId = book.pool.orderIdOf(slot);
  const low = words[at + Slot.CL_ORD_ID];
  const high = words[at + Slot.CL_ORD_ID + 1];
  refuseUnless(account < accounts.count, `order ${orderId} has no owner`);
  refuseUnless(orderId >= 1 && orderId <= lastOrderId, `order id ${orderId} was not given out yet`);
  refuseUnless(isClOrdId(low, high), `order ${orderId} has a bad client id`);
  refuseUnless(book.findByClOrdId(account, low, high) === 0, `order ${orderId} has a client id that is there twice`);
  refuseUnless(price >= instruments.minPrice[instrument] && price <= instruments.maxPrice[instrument], `order ${orderId} has a bad price`);
  refuseUnless(total <= instruments.maxQty[instrument], `order ${orderId} is too large`);
  refuseUnless(leaves >= 1 && leaves <= total, `order ${orderId} must have from 1 to ${total} left, has ${leaves}`);
  refuseUnless(notionalCode(instruments, instrument, price, total) === Check.OK, `order ${orderId} has too great a notional`);
  refuseUnless(ordTypeOf(traits) === Type.LIMIT && tifOf(traits) === Tif.GTC, `order ${orderId} is none that rests`);
  refuseUnless(selfTradeModeOf(traits) <= Stp.DECREMENT && flagsOf(traits) <= Flag.ALL, `order ${orderId} has unknown flags`);
}

/** The books as a whole, when all orders rest. */
export function checkBooks(book: OrderBook, instruments: Instruments): void {
  const { levels } = book;
  for (let instrument = 0; instrument < instruments.count; instrument++) {
    const bid = levels.first(2 * instrument);
    const ask = levels.first(2 * instrument + 1);
    const isCrossed = bid !== NIL && ask !== NIL && -levels.keyOf(bid) >= levels.keyOf(ask);
    refuseUnless(!isCrossed, `the book of ${instruments.specOf(instrument).symbol} is crossed`);
  }
  const ids = new Float64Array(book.pool.size);
  for (let slot = 1; slot <= ids.length; slot++) ids[slot - 1] = book.pool.orderIdOf(slot);
  ids.sort();
  for (let index = 1; index < ids.length; index++) refuseUnless(ids[index - 1] !== ids[index], `order id ${ids[index]} is there twice`);
}

function isInt8(value: number): boolean {
  return value >= -128 && value <= 127;
}
