import { NIL } from "../flat/level-tree.js";
import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE, writeInt64 } from "../wire/numbers.js";
import { keyOf, type OrderBook } from "./book/order-book.js";
import { Dormancy, Extra } from "./book/order-extras.js";
import { flagsOf, ordTypeOf, packTraits, Slot, selfTradeModeOf, Trait, tifOf } from "./book/order-pool.js";
import { Attention } from "./markets.js";
import type { Floor } from "./match/floor.js";
import { ANYONE, type OrderLists } from "./match/order-lists.js";
import { Type } from "./match/order-types.js";
import { refuseUnless } from "./saved-state.js";

/** A mark and a plain order. */
const ORDER_BYTES_MIN = 50;

/** What stands in front of an order: where it is. */
const enum Mark {
  END = 0,
  RESTING = 1,
  WAITING = 2,
  PENDING = 3,
}

/** Writes the books of all instruments: per side the resting orders in priority, the dormant ones by age, and an end. */
export function saveBooks(book: OrderBook, instruments: number, lists: OrderLists, out: StateWriter): void {
  const count = lists.collect(ANYONE, 0, 2 * instruments - 1);
  lists.sortBySide(count);
  let next = 0;
  for (let bookSide = 0; bookSide < 2 * instruments; bookSide++) {
    saveResting(book, bookSide, out);
    for (; next < count; next++) {
      const slot = lists.list[next];
      if (book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] !== bookSide) break;
      const isPending = book.extras.words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
      out.uint8(isPending ? Mark.PENDING : Mark.WAITING);
      saveOrder(book, slot, out);
    }
    out.uint8(Mark.END);
  }
}

function saveResting(book: OrderBook, bookSide: number, out: StateWriter): void {
  const { words } = book.pool;
  for (let level = book.levels.first(bookSide); level !== NIL; level = book.levels.next(level)) {
    for (let slot = book.levels.headOf(level); slot !== 0; slot = words[slot * Slot.WORDS + Slot.NEXT]) {
      out.uint8(Mark.RESTING);
      saveOrder(book, slot, out);
    }
  }
}

function saveOrder(book: OrderBook, slot: number, out: StateWriter): void {
  const { doubles, words } = book.pool;
  const traits = words[slot * Slot.WORDS + Slot.TRAITS];
  const hasLimit = doubles[slot * Slot.DOUBLES + Slot.KEY] !== Number.NEGATIVE_INFINITY;
  out.int64(book.pool.orderIdOf(slot));
  out.uint32(words[slot * Slot.WORDS + Slot.ACCOUNT]);
  out.int64(book.pool.clOrdIdOf(slot));
  out.int64(hasLimit ? book.priceOf(slot) : 0);
  out.int64(doubles[slot * Slot.DOUBLES + Slot.TOTAL]);
  out.int64(doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
  out.uint8(ordTypeOf(traits));
  out.uint8(tifOf(traits));
  out.uint8(selfTradeModeOf(traits));
  out.uint8(flagsOf(traits));
  const hasExtras = book.hasExtras(slot);
  out.uint8(hasExtras ? 1 : 0);
  if (hasExtras) saveExtras(book, slot, out);
}

function saveExtras(book: OrderBook, slot: number, out: StateWriter): void {
  book.triggers.sync(slot);
  const { doubles, words } = book.extras;
  const at = slot * Extra.DOUBLES;
  const isResting = (book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0;
  const partner = words[slot * Extra.WORDS + Extra.PARTNER];
  out.int64(doubles[at + Extra.DISPLAY]);
  out.int64(isResting && doubles[at + Extra.DISPLAY] !== 0 ? doubles[at + Extra.VISIBLE] : 0);
  out.int64(doubles[at + Extra.STOP]);
  out.int64(Math.max(0, doubles[at + Extra.TRAIL]));
  out.int64(Math.max(0, -doubles[at + Extra.TRAIL]));
  out.int64(doubles[at + Extra.WATERMARK]);
  out.int64(doubles[at + Extra.EXPIRE]);
  out.int64(doubles[at + Extra.AGE]);
  out.int64(partner === 0 ? doubles[at + Extra.NAMED] : book.pool.clOrdIdOf(partner));
  out.int64(doubles[at + Extra.RESERVE]);
}

/**
 * Fills the empty books with saved orders. `checkOrder` sees each before it takes its place. Throws RangeError when they do not
 * fit, and on bytes that `saveBooks` would not have written.
 */
export function loadBooks(floor: Floor, input: StateReader, checkOrder: (slot: number) => void): void {
  const { reservations } = floor.book;
  floor.book.reserve(Math.floor(input.bytesLeft / ORDER_BYTES_MIN));
  reservations.isPaused = true;
  for (let bookSide = 0; bookSide < 2 * floor.instruments.count; bookSide++) loadSide(floor, bookSide, input, checkOrder);
  const slots: number[] = [];
  for (let slot = 1; slot < floor.book.pool.slotEnd; slot++) {
    if ((floor.book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) slots.push(slot);
  }
  const ages = floor.book.extras.doubles;
  slots.sort((one, other) => ages[one * Extra.DOUBLES + Extra.AGE] - ages[other * Extra.DOUBLES + Extra.AGE]);
  for (const slot of slots) {
    linkPair(floor.book, slot);
    const expire = ages[slot * Extra.DOUBLES + Extra.EXPIRE];
    if (expire !== 0) floor.book.expiries.add(0, expire, slot);
  }
  reservations.isPaused = false;
  for (let slot = 1; slot < floor.book.pool.slotEnd; slot++) {
    reservations.add(slot);
    floor.careful.refreshCare(slot);
  }
}

function loadSide(floor: Floor, bookSide: number, input: StateReader, checkOrder: (slot: number) => void): void {
  const { book } = floor;
  let lastKey = Number.NEGATIVE_INFINITY;
  let lastAge = 0;
  let lastMark: number = Mark.RESTING;
  let mark = input.uint8();
  for (; mark !== Mark.END; mark = input.uint8()) {
    refuseUnless(mark <= Mark.PENDING, `a mark from 0 to 3 must stand before an order, was ${mark}`);
    if (book.pool.isFull) throw new RangeError(`capacities.orders is ${book.pool.capacity}, the saved state has more`);
    const slot = book.pool.take();
    const visible = readOrder(book, slot, bookSide, input);
    if (mark !== Mark.RESTING) markDormant(book, slot, mark);
    checkOrder(slot);
    if (mark === Mark.RESTING) {
      const key = book.pool.doubles[slot * Slot.DOUBLES + Slot.KEY];
      refuseUnless(key >= lastKey && lastMark === Mark.RESTING, "resting orders stand by price, the best first, before dormant ones");
      lastKey = key;
      restLoaded(book, slot, visible);
    } else {
      const age = book.extras.doubles[slot * Extra.DOUBLES + Extra.AGE];
      refuseUnless(age > lastAge, "dormant orders stand by age");
      lastAge = age;
      book.register(slot);
      if (mark === Mark.WAITING) book.sleep(slot);
      else book.pend(slot);
      if (mark === Mark.WAITING) floor.markets.mark(bookSide >>> 1, Attention.STOPS, true);
    }
    lastMark = mark;
  }
}

function markDormant(book: OrderBook, slot: number, mark: number): void {
  book.pool.words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.DORMANT;
  const hasExtras = (book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
  refuseUnless(hasExtras, "a dormant order has more than a plain one");
  book.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = mark === Mark.PENDING ? Dormancy.PENDING : Dormancy.WAITING;
}

function restLoaded(book: OrderBook, slot: number, visible: number): void {
  const bookSide = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
  const level = book.levelAt(bookSide, book.pool.doubles[slot * Slot.DOUBLES + Slot.KEY]);
  if (level === NIL && book.levels.isFull) {
    throw new RangeError(`capacities.levels is ${book.levels.capacity}, the saved state has more`);
  }
  const total = level === NIL ? 0 : book.levels.totalOf(level);
  refuseUnless(total + book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES] <= MAX_SAFE, "a level's total is a safe integer");
  book.rest(slot);
  if (visible !== 0) book.restoreVisible(slot, visible);
}

/** Returns what it shows, 0 for all. */
function readOrder(book: OrderBook, slot: number, bookSide: number, input: StateReader): number {
  const { doubles, words } = book.pool;
  writeInt64(words, slot * Slot.WORDS + Slot.ORDER_ID, input.int64());
  words[slot * Slot.WORDS + Slot.ACCOUNT] = input.uint32();
  writeInt64(words, slot * Slot.WORDS + Slot.CL_ORD_ID, input.int64());
  const price = priceFrom(input.int64());
  doubles[slot * Slot.DOUBLES + Slot.KEY] = price === 0 ? Number.NEGATIVE_INFINITY : keyOf(bookSide & 1, price);
  doubles[slot * Slot.DOUBLES + Slot.TOTAL] = input.int64();
  doubles[slot * Slot.DOUBLES + Slot.LEAVES] = input.int64();
  const ordType = input.uint8();
  const tif = input.uint8();
  const mode = input.uint8();
  const flags = input.uint8();
  refuseUnless(flags <= Trait.FLAG_MASK, `an order has unknown flags: ${flags}`);
  words[slot * Slot.WORDS + Slot.TRAITS] = packTraits(ordType, tif, mode, flags);
  words[slot * Slot.WORDS + Slot.BOOK_SIDE] = bookSide;
  const hasExtras = input.uint8();
  refuseUnless(hasExtras <= 1, "an order has extras or it has not");
  return hasExtras === 1 ? readExtras(book, slot, input) : 0;
}

function readExtras(book: OrderBook, slot: number, input: StateReader): number {
  const { doubles } = book.extras;
  const at = slot * Extra.DOUBLES;
  book.extras.clear(slot);
  book.pool.words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.EXTRAS;
  doubles[at + Extra.DISPLAY] = input.int64();
  const visible = input.int64();
  doubles[at + Extra.VISIBLE] = visible;
  doubles[at + Extra.STOP] = input.int64();
  const ticks = input.int64();
  const bps = input.int64();
  refuseUnless(ticks >= 0 && bps >= 0 && (ticks === 0 || bps === 0), "a trailing distance is in ticks or in basis points");
  doubles[at + Extra.TRAIL] = ticks === 0 ? 0 - bps : ticks;
  doubles[at + Extra.WATERMARK] = input.int64();
  doubles[at + Extra.EXPIRE] = input.int64();
  doubles[at + Extra.AGE] = input.int64();
  doubles[at + Extra.NAMED] = input.int64();
  doubles[at + Extra.RESERVE] = input.int64();
  return visible;
}

/** What a leg that is not pending names is its partner, which names it. */
function linkPair(book: OrderBook, slot: number): void {
  const { doubles, words } = book.extras;
  const named = doubles[slot * Extra.DOUBLES + Extra.NAMED];
  const isPending = words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
  if (named === 0 || isPending || words[slot * Extra.WORDS + Extra.PARTNER] !== 0) return;
  const ids = new Int32Array(2);
  writeInt64(ids, 0, named);
  const other = book.findByClOrdId(book.pool.words[slot * Slot.WORDS + Slot.ACCOUNT], ids[0], ids[1]);
  const hasExtras = other !== 0 && (book.pool.words[other * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0;
  const namesBack = hasExtras && doubles[other * Extra.DOUBLES + Extra.NAMED] === book.pool.clOrdIdOf(slot);
  const isSameSide =
    namesBack && book.pool.words[other * Slot.WORDS + Slot.BOOK_SIDE] === book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
  const isOtherPending = hasExtras && words[other * Extra.WORDS + Extra.DORMANCY] === Dormancy.PENDING;
  const isStop = (leg: number): boolean => ordTypeOf(book.pool.words[leg * Slot.WORDS + Slot.TRAITS]) >= Type.STOP;
  refuseUnless(
    isSameSide && other !== slot && !isOtherPending && isStop(other) !== isStop(slot),
    `order ${book.pool.orderIdOf(slot)} names no other leg`,
  );
  words[slot * Extra.WORDS + Extra.PARTNER] = other;
  words[other * Extra.WORDS + Extra.PARTNER] = slot;
  doubles[slot * Extra.DOUBLES + Extra.NAMED] = 0;
  doubles[other * Extra.DOUBLES + Extra.NAMED] = 0;
}

/** The sign is the side's, so a saved one would be lost: it is refused here. 0: no limit. */
function priceFrom(price: number): number {
  refuseUnless(price >= 0 && price <= MAX_SAFE, `a price must be from 0 to ${MAX_SAFE}, was ${price}`);
  return price;
}
