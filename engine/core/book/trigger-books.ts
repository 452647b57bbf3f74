import { NIL } from "../../flat/level-tree.js";
import type { Memory } from "../../flat/memory.js";
import { AgedQueues } from "./aged-queues.js";
import { Dormancy, Extra, type OrderExtras } from "./order-extras.js";
import { type OrderPool, Slot } from "./order-pool.js";
import { SlotHeap } from "./slot-heap.js";
import { firingKey, TrailingStops, trailingStopPrice } from "./trailing-stops.js";
import type { TriggerQueue } from "./trigger-queue.js";

/** Stops that a print has reached, in the order in which they fire. */
class ReachedStops extends SlotHeap {
  constructor(
    private readonly pool: OrderPool,
    private readonly extras: OrderExtras,
    memory: Memory,
  ) {
    super(memory.int32(pool.capacity + 1));
  }

  protected isBefore(one: number, other: number): boolean {
    const { doubles } = this.extras;
    const bookSide = this.pool.words[one * Slot.WORDS + Slot.BOOK_SIDE];
    const key = firingKey(bookSide, doubles[one * Extra.DOUBLES + Extra.STOP]);
    const otherKey = firingKey(bookSide, doubles[other * Extra.DOUBLES + Extra.STOP]);
    if (key !== otherKey) return key < otherKey;
    return doubles[one * Extra.DOUBLES + Extra.AGE] < doubles[other * Extra.DOUBLES + Extra.AGE];
  }
}

/**
 * Stops that wait, per book side by the order in which they fire (SEMANTICS 5): buys by stop price ascending, sells
 * descending, then age. The key is the stop price of a buy and the negative one of a sell, so the first level fires first, and a
 * print reaches it when the key is at most the print's own. Flat red-black trees; trailing stops have their own. Shard thread only.
 */
export class TriggerBooks {
  readonly stops: AgedQueues;
  readonly trailing: TrailingStops;
  private readonly counts: Int32Array;
  private readonly words: Int32Array;
  private readonly reached: ReachedStops;

  constructor(
    instruments: number,
    pool: OrderPool,
    private readonly extras: OrderExtras,
    memory: Memory,
  ) {
    this.stops = new AgedQueues(2 * instruments, pool.capacity, extras, Extra.TRIGGER, memory);
    this.trailing = new TrailingStops(instruments, pool, extras, memory);
    this.reached = new ReachedStops(pool, extras, memory);
    this.counts = new Int32Array(instruments);
    this.words = pool.words;
  }

  /** Stops that wait in an instrument. */
  countOf(instrument: number): number {
    return this.counts[instrument];
  }

  /** Lets a stop wait; its extras are written. */
  add(slot: number): void {
    const { doubles, words } = this.extras;
    const bookSide = this.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    if (this.isTrailing(slot)) this.trailing.add(slot);
    else this.stops.add(bookSide, firingKey(bookSide, doubles[slot * Extra.DOUBLES + Extra.STOP]), slot);
    words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.WAITING;
    this.counts[bookSide >>> 1]++;
  }

  /** Takes a waiting stop out; of a trailing one the stop price is written as it is now. */
  remove(slot: number): void {
    if (this.isTrailing(slot)) this.trailing.remove(slot);
    else this.stops.remove(slot);
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.NONE;
    this.counts[this.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1]--;
  }

  /** Writes the stop price of a waiting trailing stop as it is now; other orders have it written always. */
  sync(slot: number): void {
    const isWaiting = this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] === Dormancy.WAITING;
    if (isWaiting && this.isTrailing(slot)) this.trailing.sync(slot);
  }

  /** Whether a print fires any stop of a book side. */
  isReached(bookSide: number, print: number): boolean {
    return this.isFixedReached(bookSide, print) || this.trailing.isReached(bookSide, print);
  }

  /** Whether a stop with this price fires at this print. */
  static reaches(bookSide: number, stop: number, print: number): boolean {
    return firingKey(bookSide, stop) <= firingKey(bookSide, print);
  }

  /** Moves the stops of a book side that a print fires to the end of the queue, in their order. */
  moveReached(bookSide: number, print: number, queue: TriggerQueue): void {
    if (!this.isReached(bookSide, print)) return;
    const { list } = this.reached;
    const trailing = this.trailing.collect(bookSide, print, list, 0);
    this.counts[bookSide >>> 1] -= trailing;
    let count = trailing;
    while (this.isFixedReached(bookSide, print)) {
      const slot = this.stops.oldest(this.stops.first(bookSide));
      this.remove(slot);
      list[count++] = slot;
    }
    if (trailing > 0) this.reached.sort(count);
    for (let index = 0; index < count; index++) queue.push(list[index]);
  }

  /** Lets the trailing stops of a side that a print leads follow it. */
  follow(bookSide: number, print: number): void {
    this.trailing.follow(bookSide, print);
  }

  /** Writes watermark and stop price of a trailing stop that does not wait. */
  startTrail(slot: number, bookSide: number, price: number): void {
    const { doubles } = this.extras;
    const at = slot * Extra.DOUBLES;
    doubles[at + Extra.WATERMARK] = price;
    doubles[at + Extra.STOP] = trailingStopPrice(bookSide, price, doubles[at + Extra.TRAIL]);
  }

  private isTrailing(slot: number): boolean {
    return this.extras.doubles[slot * Extra.DOUBLES + Extra.TRAIL] !== 0;
  }

  private isFixedReached(bookSide: number, print: number): boolean {
    const level = this.stops.first(bookSide);
    return level !== NIL && this.stops.keyOf(level) <= firingKey(bookSide, print);
  }
}
