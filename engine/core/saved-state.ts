import { NIL } from "../flat/level-tree.js";
import { CODES } from "../wire/codes.js";
import { MAX_SAFE } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import type { OrderBook } from "./book/order-book.js";
import { Dormancy, Extra } from "./book/order-extras.js";
import { flagsOf, ordTypeOf, Slot, selfTradeModeOf, Trait, tifOf } from "./book/order-pool.js";
import { trailingStopPrice } from "./book/trailing-stops.js";
import { type Currencies, SCALE_MAX } from "./currencies.js";
import type { Instruments } from "./instruments.js";
import type { Markets } from "./markets.js";
import { isClOrdId, notionalCode } from "./match/order-checks.js";
import { AccountMode, AccountState, Flag, State, Stp, Tif, Type } from "./match/order-types.js";
import { hasGoodRules, isName, isRange, isWhole } from "./set-up.js";

/** Order ids of a book that spread over at most so many times their number have a bit each while they are compared: at most 2^30 bits. */
const ID_BITS_MAX = 64;

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
    const threshold = currencies.amlThresholdOf(id);
    refuseUnless(threshold >= -1 && threshold <= MAX_SAFE, `currency ${name} has a bad threshold`);
  }
}

export function checkInstruments(instruments: Instruments, currencies: Currencies): void {
  for (let id = 0; id < instruments.count; id++) {
    const spec = instruments.specOf(id);
    const { symbol, base, quote } = spec;
    refuseUnless(isName(symbol) && symbol.length <= 16, `instrument ${id} has a bad symbol`);
    refuseUnless(instruments.idOf(symbol) === id, `instrument ${symbol} is there twice`);
    refuseUnless(base < currencies.count && quote < currencies.count && base !== quote, `${symbol} has bad currencies`);
    const hasGoodExponents = isInt8(spec.tickExponent) && isInt8(spec.lotExponent) && isInt8(spec.multiplierExponent);
    refuseUnless(hasGoodExponents, `${symbol} has a bad exponent`);
    refuseUnless(spec.multiplierMantissa >= 1 && spec.multiplierMantissa <= MAX_SAFE, `${symbol} has a bad multiplier`);
    refuseUnless(spec.tickMantissa <= MAX_SAFE && spec.lotMantissa <= MAX_SAFE, `${symbol} has a bad tick or lot`);
    refuseUnless(isWhole(spec, currencies.scaleOf(base), currencies.scaleOf(quote)), `${symbol} does not make whole amounts`);
    refuseUnless(isRange(spec.minQty, spec.maxQty) && isRange(spec.minPrice, spec.maxPrice), `${symbol} has bad limits`);
    refuseUnless(hasGoodRules(spec), `${symbol} has bad rules`);
  }
}

export function checkAccounts(accounts: Accounts): void {
  for (let id = 0; id < accounts.count; id++) {
    const name = accounts.nameOf(id);
    const group = accounts.groupNameOf(id);
    refuseUnless(isName(name) && name.length <= 32, `account ${id} has a bad name`);
    refuseUnless(accounts.idOf(name) === id, `account ${name} is there twice`);
    checkFlag(accounts.killed[id], `the kill switch of ${name}`);
    refuseUnless(accounts.modes[id] <= AccountMode.MARGIN, `account ${name} has an unknown mode`);
    refuseUnless(accounts.states[id] <= AccountState.REDUCE_ONLY, `account ${name} has an unknown state`);
    refuseUnless(accounts.kyc[id] <= 1 && accounts.riskLevels[id] <= 1 && accounts.alerts[id] <= 2, `account ${name} has bad flags`);
    refuseUnless(accounts.selfTradeModes[id] <= Stp.DECREMENT, `account ${name} has an unknown self-trade mode`);
    refuseUnless(group === "" || (isName(group) && group.length <= 32), `account ${name} has a bad self-trade group`);
  }
}

/** 0 or 1. */
export function checkFlag(value: number, name: string): number {
  refuseUnless(value <= 1, `${name} must be 0 or 1, was ${value}`);
  return value;
}

/** How an instrument is, beside its declaration. */
export function checkMarket(markets: Markets, instruments: Instruments, id: number): void {
  const { symbol, minPrice, maxPrice } = instruments.specOf(id);
  const last = markets.lastPrices[id];
  refuseUnless(markets.states[id] <= State.CLOSED, `${symbol} has an unknown state`);
  checkFlag(markets.killed[id], `the kill switch of ${symbol}`);
  refuseUnless(last === 0 || (last >= minPrice && last <= maxPrice), `${symbol} has a bad last price`);
  const mark = markets.marks[id];
  refuseUnless(mark >= 0 && mark <= MAX_SAFE, `${symbol} has a bad mark`);
  const isCall = markets.states[id] === State.AUCTION_CALL;
  const hasTimer = countOf(markets.reopenTimes[id], `the timer of ${symbol}`) !== 0;
  refuseUnless(isCall || !hasTimer, `${symbol} has a timer outside of an auction call`);
  const told = countOf(markets.toldQuantities[id], `the indication of ${symbol}`) + countOf(markets.toldPrices[id], "its price");
  const isWhole = (markets.toldQuantities[id] === 0) === (markets.toldPrices[id] === 0);
  refuseUnless(isWhole, `${symbol} has an indication with a price or a quantity alone`);
  refuseUnless(isCall || told === 0, `${symbol} has an indication outside of an auction call`);
}

/** An order that has been read into its slot and does not rest yet. Levels come best first, as they were written. */
export function checkOrder(
  book: OrderBook,
  slot: number,
  accounts: Accounts,
  instruments: Instruments,
  lastOrderId: number,
  seq: number,
): void {
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
  refuseUnless(total <= instruments.maxQty[instrument], `order ${orderId} is too large`);
  refuseUnless(leaves >= 1 && leaves <= total, `order ${orderId} must have from 1 to ${total} left, has ${leaves}`);
  refuseUnless(selfTradeModeOf(traits) <= Stp.DECREMENT && flagsOf(traits) <= Flag.ALL, `order ${orderId} has unknown flags`);
  refuseUnless(isStanding(traits), `order ${orderId} is none that stands there`);
  const hasLimit = ordTypeOf(traits) === Type.LIMIT || ordTypeOf(traits) === Type.STOP_LIMIT;
  refuseUnless(hasLimit === Number.isFinite(price), `order ${orderId} has a price or its type has none`);
  if (hasLimit) {
    refuseUnless(
      price >= instruments.minPrice[instrument] && price <= instruments.maxPrice[instrument],
      `order ${orderId} has a bad price`,
    );
    const onNotional = notionalCode(instruments, instrument, price, total);
    refuseUnless(onNotional !== CODES.NOTIONAL_OVERFLOW, `order ${orderId} has too great a notional`);
  }
  if ((traits & Trait.EXTRAS) !== 0) checkOrderExtras(book, slot, instruments, seq);
  else refuseUnless(tifOf(traits) !== Tif.GTD && ordTypeOf(traits) === Type.LIMIT, `order ${orderId} lacks what its type needs`);
}

/** Whether an order of this kind may be where it is: resting, waiting for a price, or a leg that waits. */
function isStanding(traits: number): boolean {
  const type = ordTypeOf(traits);
  const tif = tifOf(traits);
  const stays = tif === Tif.GTC || tif === Tif.DAY || tif === Tif.GTD;
  if ((traits & Trait.DORMANT) === 0) return stays && (type === Type.LIMIT || type === Type.STOP_LIMIT);
  return type === Type.LIMIT ? stays : type >= Type.STOP && type <= Type.TRAILING_STOP && tif <= Tif.GTD;
}

function checkOrderExtras(book: OrderBook, slot: number, instruments: Instruments, seq: number): void {
  const { doubles, words } = book.extras;
  const at = slot * Extra.DOUBLES;
  const traits = book.pool.words[slot * Slot.WORDS + Slot.TRAITS];
  const instrument = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
  const orderId = book.pool.orderIdOf(slot);
  const type = ordTypeOf(traits);
  const isDormant = (traits & Trait.DORMANT) !== 0;
  const display = countOf(doubles[at + Extra.DISPLAY], `the display quantity of order ${orderId}`);
  const visible = countOf(doubles[at + Extra.VISIBLE], `what order ${orderId} shows`);
  const leaves = book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
  const isShown = display !== 0 && !isDormant;
  refuseUnless(display === 0 || mayShow(traits), `order ${orderId} is none that shows a part`);
  refuseUnless(
    isShown ? visible >= 1 && visible <= Math.min(display, leaves) : visible === 0,
    `order ${orderId} shows too much or nothing`,
  );
  const age = doubles[at + Extra.AGE];
  refuseUnless(age >= 1 && age <= seq, `order ${orderId} has its place since no command`);
  const expire = countOf(doubles[at + Extra.EXPIRE], `the expire time of order ${orderId}`);
  refuseUnless((tifOf(traits) === Tif.GTD) === (expire !== 0), `order ${orderId} expires at a time, or it does not`);
  countOf(doubles[at + Extra.NAMED], `the other leg of order ${orderId}`);
  const reserve = countOf(doubles[at + Extra.RESERVE], `what order ${orderId} reserves at`);
  refuseUnless(
    (type === Type.STOP || type === Type.TRAILING_STOP) === (reserve !== 0),
    `order ${orderId} reserves at a price of its own, or it does not`,
  );
  const isPending = words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
  const named = doubles[at + Extra.NAMED];
  refuseUnless(!isPending || named !== 0, `order ${orderId} waits for no other leg`);
  const isMore = display !== 0 || expire !== 0 || named !== 0 || type >= Type.STOP;
  refuseUnless(isMore, `order ${orderId} has nothing that a plain one has not`);
  refuseUnless(isPending || !isDormant || type >= Type.STOP, `order ${orderId} waits for no price`);
  if (type === Type.TRAILING_STOP) checkTrail(book, slot);
  else checkStopPrice(doubles, at, type, instruments, instrument, orderId);
}

/** Whether orders of this kind may be icebergs: limits that may rest. */
function mayShow(traits: number): boolean {
  const type = ordTypeOf(traits);
  const hasLimit = type === Type.LIMIT || type === Type.STOP_LIMIT;
  return hasLimit && tifOf(traits) !== Tif.IOC && tifOf(traits) !== Tif.FOK;
}

/** A trailing stop stands where its distance from what it has followed puts it. */
function checkTrail(book: OrderBook, slot: number): void {
  const { doubles } = book.extras;
  const at = slot * Extra.DOUBLES;
  const orderId = book.pool.orderIdOf(slot);
  const trail = doubles[at + Extra.TRAIL];
  const watermark = doubles[at + Extra.WATERMARK];
  refuseUnless(trail !== 0 && trail >= -9999 && trail <= MAX_SAFE, `order ${orderId} has a bad trailing distance`);
  refuseUnless(watermark >= 1 && watermark <= MAX_SAFE, `order ${orderId} has a bad watermark`);
  const stop = trailingStopPrice(book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE], watermark, trail);
  refuseUnless(doubles[at + Extra.STOP] === stop, `order ${orderId} has a stop price that it has not trailed to`);
}

function checkStopPrice(
  doubles: Float64Array,
  at: number,
  type: number,
  instruments: Instruments,
  instrument: number,
  orderId: number,
): void {
  const stop = doubles[at + Extra.STOP];
  const trails = doubles[at + Extra.TRAIL] !== 0 || doubles[at + Extra.WATERMARK] !== 0;
  refuseUnless(!trails, `order ${orderId} trails, which its type does not`);
  if (type === Type.LIMIT) refuseUnless(stop === 0, `order ${orderId} has a stop price that its type has not`);
  if (type === Type.LIMIT) return;
  refuseUnless(
    stop >= instruments.minPrice[instrument] && stop <= instruments.maxPrice[instrument],
    `order ${orderId} has a bad stop price`,
  );
}

/** The books as a whole, when all orders rest. */
export function checkBooks(book: OrderBook, instruments: Instruments, markets: Markets): void {
  const { levels } = book;
  for (let instrument = 0; instrument < instruments.count; instrument++) {
    const bid = levels.first(2 * instrument);
    const ask = levels.first(2 * instrument + 1);
    if (markets.states[instrument] !== State.OPEN) continue;
    const isCrossed = bid !== NIL && ask !== NIL && -levels.keyOf(bid) >= levels.keyOf(ask);
    refuseUnless(!isCrossed, `the book of ${instruments.specOf(instrument).symbol} is crossed`);
  }
  const ids = new Float64Array(book.pool.size);
  for (let slot = 1; slot <= ids.length; slot++) ids[slot - 1] = book.pool.orderIdOf(slot);
  const twice = firstTwice(ids);
  refuseUnless(twice === 0, `order id ${twice} is there twice`);
}

/** An id, 1 or more, that is there twice, or 0. Sorts the ids when they lie too far apart for a bit each. */
function firstTwice(ids: Float64Array): number {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (let index = 0; index < ids.length; index++) {
    first = Math.min(first, ids[index]);
    last = Math.max(last, ids[index]);
  }
  if (last - first >= ID_BITS_MAX * ids.length) return firstEqual(ids.sort());
  const seen = new Uint8Array(((last - first) >>> 3) + 1);
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index] - first;
    const bit = 1 << (id & 7);
    if ((seen[id >>> 3] & bit) !== 0) return ids[index];
    seen[id >>> 3] |= bit;
  }
  return 0;
}

function firstEqual(sorted: Float64Array): number {
  for (let index = 1; index < sorted.length; index++) if (sorted[index - 1] === sorted[index]) return sorted[index];
  return 0;
}

function isInt8(value: number): boolean {
  return value >= -128 && value <= 127;
}
