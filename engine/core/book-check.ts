import { NIL } from "../flat/level-tree.js";
import type { Accounts } from "./accounts.js";
import type { AgedQueues } from "./book/aged-queues.js";
import type { OrderBook } from "./book/order-book.js";
import { Dormancy, Extra } from "./book/order-extras.js";
import { ordTypeOf, Slot, Trait, tifOf } from "./book/order-pool.js";
import { Attention, type Markets } from "./markets.js";
import { State, Tif, Type } from "./match/order-types.js";

/**
 * Visits every order of both sides of an instrument and throws Error on the first broken rule: trees, level totals,
 * queues, indexes, and no crossed book while it is open. Returns the number of orders. Tests and `--verify` only.
 */
export function checkInstrumentBook(book: OrderBook, accounts: Accounts, markets: Markets, instrument: number): number {
  let orders = 0;
  for (const bookSide of [2 * instrument, 2 * instrument + 1]) {
    book.levels.assertConsistent(bookSide);
    for (let level = book.levels.first(bookSide); level !== NIL; level = book.levels.next(level)) {
      orders += checkLevel(book, accounts, bookSide, level);
    }
  }
  const bestBid = book.levels.first(2 * instrument);
  const bestAsk = book.levels.first(2 * instrument + 1);
  if (bestBid !== NIL && bestAsk !== NIL && markets.states[instrument] === State.OPEN) {
    check(-book.levels.keyOf(bestBid) < book.levels.keyOf(bestAsk), `book of instrument ${instrument} is not crossed`);
  }
  return orders;
}

function checkLevel(book: OrderBook, accounts: Accounts, bookSide: number, level: number): number {
  const { doubles, words } = book.pool;
  let total = 0;
  let visible = 0;
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
    check((words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0, "an order in a level is not dormant");
    check(book.visibleOf(slot) >= 1 && book.visibleOf(slot) <= leaves, "an order shows between one lot and all that it has left");
    checkExtras(book, slot);
    total += leaves;
    visible += book.visibleOf(slot);
    count++;
    before = slot;
  }
  check(before !== 0, "a level has orders");
  check(book.levels.tailOf(level) === before, "the tail is the last order");
  check(book.levels.totalOf(level) === total, "a level's total is the sum of its orders");
  check(book.visibleTotalOf(level) === visible, "a level shows what its orders show");
  check(book.levels.countOf(level) === count, "a level's count is the number of its orders");
  return count;
}

/** What few orders have fits together: the pair links both ways, the queue of expiries has those that expire, and nobody else. */
function checkExtras(book: OrderBook, slot: number): void {
  const traits = book.pool.words[slot * Slot.WORDS + Slot.TRAITS];
  const hasCare = (traits & Trait.CARE) !== 0;
  const isReduceOnly = (traits & Trait.REDUCE_ONLY) !== 0;
  if ((traits & Trait.EXTRAS) === 0) {
    check(hasCare === isReduceOnly, "an order without extras needs care when it is reduce-only");
    return;
  }
  const { doubles, words } = book.extras;
  const partner = words[slot * Extra.WORDS + Extra.PARTNER];
  const display = doubles[slot * Extra.DOUBLES + Extra.DISPLAY];
  check(hasCare === (isReduceOnly || display !== 0 || partner !== 0), "an order with extras needs care for a reason");
  check(book.expiries.has(slot) === (doubles[slot * Extra.DOUBLES + Extra.EXPIRE] !== 0), "an order that expires is in its queue");
  check((tifOf(traits) === Tif.GTD) === book.expiries.has(slot), "gtd orders expire, and no others");
  if (partner === 0) return;
  check(words[partner * Extra.WORDS + Extra.PARTNER] === slot, "the legs of a pair name each other");
  check(book.pool.owners[partner] === book.pool.owners[slot], "the legs of a pair have one owner");
}

/** Every dormant order waits where it says, and the trigger books hold nothing else. Returns how many there are. */
export function checkDormants(book: OrderBook, markets: Markets, instruments: number): number {
  const counts = new Int32Array(instruments);
  const { words } = book.extras;
  let all = 0;
  check(book.queue.first === 0, "no stop is queued between commands");
  for (let slot = 1; slot < book.pool.slotEnd; slot++) {
    const traits = book.pool.words[slot * Slot.WORDS + Slot.TRAITS];
    if (book.pool.owners[slot] === 0 || (traits & Trait.DORMANT) === 0) continue;
    const dormancy = words[slot * Extra.WORDS + Extra.DORMANCY];
    const isWaiting = dormancy === Dormancy.WAITING;
    all++;
    check(isWaiting || dormancy === Dormancy.PENDING, "a dormant order waits for a price or for its other leg");
    const isTrailing = ordTypeOf(traits) === Type.TRAILING_STOP;
    check(book.triggers.stops.has(slot) === (isWaiting && !isTrailing), "a stop that waits is in its trigger book");
    check(book.triggers.trailing.has(slot) === (isWaiting && isTrailing), "a trailing stop that waits is found by what it follows");
    if (isWaiting) counts[book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1]++;
    checkExtras(book, slot);
  }
  for (let instrument = 0; instrument < instruments; instrument++) {
    check(book.triggers.countOf(instrument) === counts[instrument], "an instrument counts the stops that wait");
    const isMarked = (markets.attention[instrument] & Attention.STOPS) !== 0;
    check(isMarked || counts[instrument] === 0, "an instrument in which stops wait is marked");
    checkTriggers(book, markets, instrument);
  }
  return all;
}

/** One tree of a queue is sound, and what is under one key stands by age. Returns how many there are. */
function checkAges(book: OrderBook, queues: AgedQueues, tree: number): number {
  const ages = book.extras.doubles;
  let count = 0;
  queues.levels.assertConsistent(tree);
  for (let level = queues.first(tree); level !== NIL; level = queues.levels.next(level)) {
    let age = 0;
    for (let slot = queues.oldest(level); slot !== 0; slot = queues.younger(slot)) {
      check(ages[slot * Extra.DOUBLES + Extra.AGE] > age, "dormant orders of one key stand by age");
      age = ages[slot * Extra.DOUBLES + Extra.AGE];
      count++;
    }
  }
  return count;
}

/** The trees are sound, their queues by age, and in an open instrument no stop waits that the last trade has reached. */
function checkTriggers(book: OrderBook, markets: Markets, instrument: number): void {
  for (const bookSide of [2 * instrument, 2 * instrument + 1]) {
    const { stops, trailing } = book.triggers;
    checkAges(book, stops, bookSide);
    for (const tree of [2 * bookSide, 2 * bookSide + 1]) {
      trailing.groups.assertConsistent(tree);
      for (let level = trailing.groups.first(tree); level !== NIL; level = trailing.groups.next(level)) {
        const orders = checkAges(book, trailing.distances, trailing.groups.headOf(level));
        check(orders > 0 && orders === trailing.groups.countOf(level), "a group counts its trailing stops");
      }
    }
    const last = markets.lastPrices[instrument];
    const isOpen = markets.states[instrument] === State.OPEN;
    check(!isOpen || last === 0 || !book.triggers.isReached(bookSide, last), "no stop waits that the last trade has reached");
  }
}

/** Every account's count is the number of slots that it owns. Returns how many there are over all accounts. */
export function checkOwners(book: OrderBook, accounts: Accounts): number {
  const counts = new Int32Array(accounts.count);
  let all = 0;
  for (let slot = 1; slot < book.pool.slotEnd; slot++) {
    const account = book.pool.owners[slot] - 1;
    if (account < 0) continue;
    check(book.pool.words[slot * Slot.WORDS + Slot.ACCOUNT] === account, "a slot's owner is its order's account");
    const isDormant = (book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) !== 0;
    const isInLevel = book.levels.countOf(book.pool.words[slot * Slot.WORDS + Slot.LEVEL]) > 0;
    check(isDormant || isInLevel, "an order that is owned rests or is dormant");
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
