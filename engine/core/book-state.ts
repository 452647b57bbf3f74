import { NIL } from "../flat/level-tree.js";
import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE, writeInt64 } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import { keyOf, type OrderBook } from "./book/order-book.js";
import { flagsOf, ordTypeOf, packTraits, Slot, selfTradeModeOf, tifOf } from "./book/order-pool.js";
import { refuseUnless } from "./saved-state.js";

/** Writes one book side in priority: a 1 in front of each order, a 0 behind the last. */
export function saveBookSide(book: OrderBook, bookSide: number, out: StateWriter): void {
  const { doubles, words } = book.pool;
  for (let level = book.levels.first(bookSide); level !== NIL; level = book.levels.next(level)) {
    for (let slot = book.levels.headOf(level); slot !== 0; slot = words[slot * Slot.WORDS + Slot.NEXT]) {
      const traits = words[slot * Slot.WORDS + Slot.TRAITS];
      out.uint8(1);
      out.int64(book.pool.orderIdOf(slot));
      out.uint32(words[slot * Slot.WORDS + Slot.ACCOUNT]);
      out.int64(book.pool.clOrdIdOf(slot));
      out.int64(book.priceOf(slot));
      out.int64(doubles[slot * Slot.DOUBLES + Slot.TOTAL]);
      out.int64(doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
      out.uint8(ordTypeOf(traits));
      out.uint8(tifOf(traits));
      out.uint8(selfTradeModeOf(traits));
      out.uint8(flagsOf(traits));
    }
  }
  out.uint8(0);
}

/**
 * Rests the saved orders of one book side in an empty book. `checkOrder` sees each before it rests. Throws RangeError when
 * they do not fit, and on bytes that `saveBookSide` would not have written.
 */
export function loadBookSide(book: OrderBook, bookSide: number, input: StateReader, checkOrder: (slot: number) => void): void {
  let last = Number.NEGATIVE_INFINITY;
  let mark = input.uint8();
  for (; mark === 1; mark = input.uint8()) {
    if (book.pool.isFull) throw new RangeError(`capacities.orders is ${book.pool.capacity}, the saved state has more`);
    const slot = book.pool.take();
    readOrder(book, slot, bookSide, input);
    checkOrder(slot);
    const key = book.pool.doubles[slot * Slot.DOUBLES + Slot.KEY];
    refuseUnless(key >= last, "orders stand by price, the best first");
    last = key;
    const level = book.levelAt(bookSide, key);
    if (level === NIL && book.levels.isFull) {
      throw new RangeError(`capacities.levels is ${book.levels.capacity}, the saved state has more`);
    }
    const total = level === NIL ? 0 : book.levels.totalOf(level);
    refuseUnless(total + book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES] <= MAX_SAFE, "a level's total is a safe integer");
    book.rest(slot);
  }
  refuseUnless(mark === 0, `a 1 or a 0 must stand before an order, was ${mark}`);
}

function readOrder(book: OrderBook, slot: number, bookSide: number, input: StateReader): void {
  const { doubles, words } = book.pool;
  writeInt64(words, slot * Slot.WORDS + Slot.ORDER_ID, input.int64());
  words[slot * Slot.WORDS + Slot.ACCOUNT] = input.uint32();
  writeInt64(words, slot * Slot.WORDS + Slot.CL_ORD_ID, input.int64());
  doubles[slot * Slot.DOUBLES + Slot.KEY] = keyOf(bookSide & 1, priceFrom(input.int64()));
  doubles[slot * Slot.DOUBLES + Slot.TOTAL] = input.int64();
  doubles[slot * Slot.DOUBLES + Slot.LEAVES] = input.int64();
  const ordType = input.uint8();
  const tif = input.uint8();
  const mode = input.uint8();
  words[slot * Slot.WORDS + Slot.TRAITS] = packTraits(ordType, tif, mode, input.uint8());
  words[slot * Slot.WORDS + Slot.BOOK_SIDE] = bookSide;
}

/** The sign is the side's, so a saved one would be lost: it is refused here. */
function priceFrom(price: number): number {
  refuseUnless(price >= 1 && price <= MAX_SAFE, `a price must be from 1 to ${MAX_SAFE}, was ${price}`);
  return price;
}

/**
 * Visits every order of both sides of an instrument and throws Error on the first broken rule: trees, level totals,
 * queues, indexes, and no crossed book. Returns the number of orders. Tests and `--verify` only.
 */
export function checkInstrumentBook(book: OrderBook, accounts: Accounts, instrument: number): number {
  let orders = 0;
  for (const bookSide of [2 * instrument, 2 * instrument + 1]) {
    book.levels.assertConsistent(bookSide);
    for (let level = book.levels.first(bookSide); level !== NIL; level = book.levels.next(level)) {
      orders += checkLevel(book, accounts, bookSide, level);
    }
  }
  const bestBid = book.levels.first(2 * instrument);
  const bestAsk = book.levels.first(2 * instrument + 1);
  if (bestBid !== NIL && bestAsk !== NIL) {
    check(-book.levels.keyOf(bestBid) < book.levels.keyOf(bestAsk), `book of instrument ${instrument} is not crossed`);
  }
  return orders;
}

function checkLevel(book: OrderBook, accounts: Accounts, bookSide: number, level: number): number {
  const { doubles, words } = book.pool;
  let total = 0;
  let count = 0;
  let before = 0;
  check(book.levelAt(bookSide, book.levels.keyOf(level)) === level, "the price index finds the level");
  for (let slot = book.levels.headOf(level); slot !== 0; slot = words[slot * Slot.WORDS + Slot.NEXT]) {
    const account = words[slot * Slot.WORDS + Slot.ACCOUNT];
    const leaves = doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    check(words[slot * Slot.WORDS + Slot.PREV] === before, "a queue is linked both ways");
    check(words[slot * Slot.WORDS + Slot.LEVEL] === level, "an order knows its level");
    check(words[slot * Slot.WORDS + Slot.BOOK_SIDE] === bookSide, "an order knows its side");
    check(doubles[slot * Slot.DOUBLES + Slot.KEY] === book.levels.keyOf(level), "an order has its level's price");
    check(leaves >= 1 && leaves <= doubles[slot * Slot.DOUBLES + Slot.TOTAL], "an order has between one lot and its total left");
    const ids = slot * Slot.WORDS + Slot.CL_ORD_ID;
    check(account < accounts.count, "an order has an owner");
    check(book.findByClOrdId(account, words[ids], words[ids + 1]) === slot, "the client id finds the order");
    check(book.findByOrderId(account, words[ids + 2], words[ids + 3]) === slot, "the order id finds the order");
    total += leaves;
    count++;
    before = slot;
  }
  check(before !== 0, "a level has orders");
  check(book.levels.tailOf(level) === before, "the tail is the last order");
  check(book.levels.totalOf(level) === total, "a level's total is the sum of its orders");
  check(book.levels.countOf(level) === count, "a level's count is the number of its orders");
  return count;
}

/** Every account's count is the number of slots that it owns. Returns how many there are over all accounts. */
export function checkOwners(book: OrderBook, accounts: Accounts): number {
  const counts = new Int32Array(accounts.count);
  let all = 0;
  for (let slot = 1; slot < book.pool.slotEnd; slot++) {
    const account = book.pool.owners[slot] - 1;
    if (account < 0) continue;
    check(book.pool.words[slot * Slot.WORDS + Slot.ACCOUNT] === account, "a slot's owner is its order's account");
    check(book.levels.countOf(book.pool.words[slot * Slot.WORDS + Slot.LEVEL]) > 0, "an order that is owned rests");
    counts[account]++;
    all++;
  }
  for (let account = 0; account < accounts.count; account++) {
    check(accounts.orderCounts[account] === counts[account], "an account's count is the number of its orders");
  }
  return all;
}

export function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`the core is inconsistent: ${rule}`);
}
