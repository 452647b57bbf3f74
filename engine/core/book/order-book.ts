import { LevelTree } from "../../flat/level-tree.js";
import { Memory } from "../../flat/memory.js";
import { SlotIndex } from "../../flat/slot-index.js";
import type { Accounts } from "../accounts.js";
import type { Capacities } from "../capacities.js";
import { Type } from "../match/order-types.js";
import { type ReservationRooms, Reservations } from "../risk/reservations.js";
import { AgedQueues } from "./aged-queues.js";
import { Dormancy, Extra, OrderExtras } from "./order-extras.js";
import { OrderIdIndex } from "./order-id-index.js";
import { OrderPool, ordTypeOf, Slot, Trait } from "./order-pool.js";
import { TriggerBooks } from "./trigger-books.js";
import { TriggerQueue } from "./trigger-queue.js";

/**
 * The books of all instruments: per book side (2 × instrument + side) a red-black tree of price levels, per level a
 * queue of orders, and indexes by client id, order id and price. A level's key is the price on the sell side and the
 * negative price on the buy side, so the best level is always the first and "crosses" is one comparison.
 *
 * Shard thread only. Nothing is allocated after construction.
 */
export class OrderBook {
  readonly pool: OrderPool;
  readonly levels: LevelTree;
  readonly extras: OrderExtras;
  readonly triggers: TriggerBooks;
  readonly queue: TriggerQueue;
  /** Orders with an expire time, by it. */
  readonly expiries: AgedQueues;
  /** What orders reserve while they stand in a level or wait. */
  readonly reservations: Reservations;
  /** Lots of a level that icebergs do not show. */
  private readonly hidden: Float64Array;
  private readonly levelIndex: SlotIndex;
  private readonly byClOrdId: SlotIndex;
  private readonly byOrderId: OrderIdIndex;
  /** One number, seen as a double and as its two words. */
  private readonly key = new Float64Array(1);
  private readonly keyWords = new Int32Array(this.key.buffer);
  private lastLevel = 0;
  /** The slots of the pool. */
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    capacities: Capacities,
    private readonly accounts: Accounts,
    rooms: ReservationRooms,
    /** Where whoever works with as many orders takes arrays from. */
    readonly memory: Memory,
  ) {
    // What every order touches has buffers of its own: those come from memory that is in use already, where a large one does not.
    const own = new Memory();
    this.pool = new OrderPool(capacities.orders, own);
    this.words = this.pool.words;
    this.doubles = this.pool.doubles;
    this.levels = new LevelTree(2 * capacities.instruments, capacities.levels, own);
    this.levelIndex = new SlotIndex(capacities.levels, this.levels.slotKeys, own);
    this.byClOrdId = new SlotIndex(capacities.orders + 1, this.pool.slotKeys(Slot.CL_ORD_ID), own);
    this.byOrderId = new OrderIdIndex(this.pool, own);
    this.extras = new OrderExtras(capacities.orders, memory);
    this.reservations = new Reservations(this.pool, this.extras, rooms);
    this.triggers = new TriggerBooks(capacities.instruments, this.pool, this.extras, memory);
    this.queue = new TriggerQueue(this.pool, this.extras);
    this.expiries = new AgedQueues(1, capacities.orders, this.extras, Extra.EXPIRY, memory);
    this.hidden = memory.float64(capacities.levels + 1);
  }

  /** Before a saved state is loaded: at most so many orders come. The book must be empty. */
  reserve(orders: number): void {
    this.byClOrdId.reserve(Math.min(orders, this.pool.capacity));
  }

  /** The live order of an account by the two words of its client id, or 0. */
  findByClOrdId(account: number, low: number, high: number): number {
    return this.byClOrdId.get(account, low, high);
  }

  /** The live order of an account by the two words of its order id, or 0, for another account's order too. */
  findByOrderId(account: number, low: number, high: number): number {
    return this.byOrderId.get(account, low, high);
  }

  /**
   * The level of a book side with this key, or 0. The level of the last call is tried first: a command asks while it is
   * checked and again when it rests. A level that has gone has no orders, so a stale one is never taken.
   */
  levelAt(bookSide: number, key: number): number {
    const levels = this.levels;
    const last = this.lastLevel;
    if (levels.keyOf(last) === key && levels.treeOf(last) === bookSide && levels.countOf(last) > 0) return last;
    const first = levels.first(bookSide);
    if (first === 0 || key < levels.keyOf(first)) return 0;
    if (key === levels.keyOf(first)) {
      this.lastLevel = first;
      return first;
    }
    this.key[0] = key;
    const level = this.levelIndex.get(bookSide, this.keyWords[0], this.keyWords[1]);
    this.lastLevel = level;
    return level;
  }

  /** Puts an order that is in no queue at the tail of its price, and makes it findable. */
  rest(slot: number): void {
    this.enqueue(slot);
    this.register(slot);
  }

  /** Makes an order findable, and live for its account. */
  register(slot: number): void {
    this.byClOrdId.add(slot);
    this.byOrderId.add(slot);
    const account = this.words[slot * Slot.WORDS + Slot.ACCOUNT];
    this.pool.owners[slot] = account + 1;
    this.accounts.orderCounts[account]++;
  }

  /** Makes an order unfindable, and dead for its account; its slot is still its own. */
  unregister(slot: number): void {
    this.byClOrdId.remove(slot);
    this.byOrderId.remove(slot);
    this.pool.owners[slot] = 0;
    this.accounts.orderCounts[this.words[slot * Slot.WORDS + Slot.ACCOUNT]]--;
  }

  /** Discards a level (see LevelTree) whose orders are gone. */
  discardLevel(level: number): void {
    this.levelIndex.remove(level);
    this.levels.discard(level);
  }

  /** Takes a live order out of everything and gives its slot back. */
  remove(slot: number): void {
    if ((this.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) === 0) this.dequeue(slot);
    else this.wake(slot);
    this.forget(slot);
  }

  /** Drops an order that is in no level any more from the indexes and gives its slot back. */
  forget(slot: number): void {
    this.unregister(slot);
    if ((this.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.expiries.remove(slot);
    this.pool.give(slot);
  }

  /** Drops an order that does not rest: a live one from the indexes, too. */
  end(slot: number): void {
    if (this.pool.owners[slot] === 0) this.pool.give(slot);
    else this.forget(slot);
  }

  /** Lets a live order wait for its stop price. */
  sleep(slot: number): void {
    this.words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.DORMANT;
    this.triggers.add(slot);
    this.reservations.add(slot);
  }

  /** Lets a live order wait for the other leg of its pair, or for its turn to enter with it. */
  pend(slot: number): void {
    this.words[slot * Slot.WORDS + Slot.TRAITS] |= Trait.DORMANT;
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.PENDING;
    this.reservations.add(slot);
  }

  /** Takes a dormant order out of wherever it waits. */
  wake(slot: number): void {
    const dormancy = this.extras.words[slot * Extra.WORDS + Extra.DORMANCY];
    this.reservations.remove(slot);
    if (dormancy === Dormancy.WAITING) this.triggers.remove(slot);
    else if (dormancy === Dormancy.QUEUED) this.queue.remove(slot);
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.NONE;
    this.words[slot * Slot.WORDS + Slot.TRAITS] &= ~Trait.DORMANT;
  }

  /** Joins the tail of its price level; the level is made when it is missing. */
  enqueue(slot: number): void {
    const words = this.words;
    const levels = this.levels;
    const base = slot * Slot.WORDS;
    const key = this.doubles[slot * Slot.DOUBLES + Slot.KEY];
    let level = this.levelAt(words[base + Slot.BOOK_SIDE], key);
    if (level === 0) {
      level = levels.insert(words[base + Slot.BOOK_SIDE], key);
      this.levelIndex.add(level);
      levels.setHead(level, slot);
      words[base + Slot.PREV] = 0;
    } else {
      const tail = levels.tailOf(level);
      words[tail * Slot.WORDS + Slot.NEXT] = slot;
      words[base + Slot.PREV] = tail;
    }
    words[base + Slot.NEXT] = 0;
    words[base + Slot.LEVEL] = level;
    levels.setTail(level, slot);
    levels.addCount(level, 1);
    levels.addTotal(level, this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    this.reservations.add(slot);
    if ((words[base + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.showTranche(slot, level);
  }

  /** Leaves its queue with what it has left; an empty level goes. */
  dequeue(slot: number): void {
    const words = this.words;
    const levels = this.levels;
    const base = slot * Slot.WORDS;
    const level = words[base + Slot.LEVEL];
    this.reservations.remove(slot);
    if ((words[base + Slot.TRAITS] & Trait.EXTRAS) !== 0) this.hidden[level] -= this.hiddenOf(slot);
    if (levels.addCount(level, -1) === 0) {
      this.levelIndex.remove(level);
      levels.remove(level);
      return;
    }
    levels.addTotal(level, -this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    const prev = words[base + Slot.PREV];
    const next = words[base + Slot.NEXT];
    if (prev === 0) levels.setHead(level, next);
    else words[prev * Slot.WORDS + Slot.NEXT] = next;
    if (next === 0) levels.setTail(level, prev);
    else words[next * Slot.WORDS + Slot.PREV] = prev;
  }

  /** Lowers what a plain resting order has left, keeping its place. 0 ≤ by < leaves. */
  lower(slot: number, by: number): void {
    this.reservations.lower(slot, by);
    this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] -= by;
    this.levels.addTotal(this.words[slot * Slot.WORDS + Slot.LEVEL], -by);
  }

  /** Lowers what any live order has left, wherever it stands, keeping its place; an iceberg's hidden part goes first (SETTLED O10). */
  shrink(slot: number, by: number): void {
    const traits = this.words[slot * Slot.WORDS + Slot.TRAITS];
    if ((traits & (Trait.EXTRAS | Trait.DORMANT)) === 0) {
      this.lower(slot, by);
      return;
    }
    if ((traits & Trait.DORMANT) !== 0) {
      this.reservations.lower(slot, by);
      this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] -= by;
      return;
    }
    const level = this.words[slot * Slot.WORDS + Slot.LEVEL];
    const before = this.hiddenOf(slot);
    this.lower(slot, by);
    const visible = slot * Extra.DOUBLES + Extra.VISIBLE;
    const leaves = this.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    if (this.extras.doubles[visible] > leaves) this.extras.doubles[visible] = leaves;
    this.hidden[level] += this.hiddenOf(slot) - before;
  }

  /** A trade takes so much of the visible part of a resting iceberg, not all that it has left. */
  takeVisible(slot: number, by: number): void {
    this.lower(slot, by);
    this.extras.doubles[slot * Extra.DOUBLES + Extra.VISIBLE] -= by;
  }

  /** Puts back what a resting iceberg showed when it was saved. */
  restoreVisible(slot: number, visible: number): void {
    const at = slot * Extra.DOUBLES + Extra.VISIBLE;
    this.hidden[this.words[slot * Slot.WORDS + Slot.LEVEL]] += this.extras.doubles[at] - visible;
    this.extras.doubles[at] = visible;
  }

  /** Lots that others see of a resting order. */
  visibleOf(slot: number): number {
    return this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] - this.hiddenOf(slot);
  }

  /** Lots that others see at a level. */
  visibleTotalOf(level: number): number {
    return this.levels.totalOf(level) - this.hidden[level];
  }

  /** Lots at a level that nobody sees. */
  hiddenTotalOf(level: number): number {
    return this.hidden[level];
  }

  /** Gives a live order another client id, by its two words, which the account does not use. */
  rename(slot: number, low: number, high: number): void {
    const words = this.words;
    this.byClOrdId.remove(slot);
    words[slot * Slot.WORDS + Slot.CL_ORD_ID] = low;
    words[slot * Slot.WORDS + Slot.CL_ORD_ID + 1] = high;
    this.byClOrdId.add(slot);
  }

  /** Whether an order's extras say anything: it is an iceberg, a stop, expires at a time, or is a leg. */
  hasExtras(slot: number): boolean {
    const traits = this.words[slot * Slot.WORDS + Slot.TRAITS];
    if ((traits & Trait.EXTRAS) === 0) return false;
    const { doubles, words } = this.extras;
    const at = slot * Extra.DOUBLES;
    const hasNumbers = doubles[at + Extra.DISPLAY] !== 0 || doubles[at + Extra.EXPIRE] !== 0 || doubles[at + Extra.NAMED] !== 0;
    return hasNumbers || ordTypeOf(traits) >= Type.STOP || words[slot * Extra.WORDS + Extra.PARTNER] !== 0;
  }

  /** Price of an order in ticks; Infinity for a market order. */
  priceOf(slot: number): number {
    return Math.abs(this.doubles[slot * Slot.DOUBLES + Slot.KEY]);
  }

  /** Lots of a resting order that nobody sees. */
  private hiddenOf(slot: number): number {
    if ((this.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) return 0;
    const at = slot * Extra.DOUBLES;
    const { doubles } = this.extras;
    return doubles[at + Extra.DISPLAY] === 0 ? 0 : this.doubles[slot * Slot.DOUBLES + Slot.LEAVES] - doubles[at + Extra.VISIBLE];
  }

  /** An order that joins a level shows its next tranche. */
  private showTranche(slot: number, level: number): void {
    const at = slot * Extra.DOUBLES;
    const { doubles } = this.extras;
    if (doubles[at + Extra.DISPLAY] === 0) return;
    doubles[at + Extra.VISIBLE] = Math.min(doubles[at + Extra.DISPLAY], this.doubles[slot * Slot.DOUBLES + Slot.LEAVES]);
    this.hidden[level] += this.hiddenOf(slot);
  }
}

/** The level key of a price on a side, −price or price, without a branch: sides come in no order that a CPU could guess. */
export function keyOf(side: number, price: number): number {
  return price * (2 * side - 1);
}
