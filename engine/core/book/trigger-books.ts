import { NIL } from "../../flat/level-tree.js";
import type { Memory } from "../../flat/memory.js";
import { AgedQueues } from "./aged-queues.js";
import { Dormancy, Extra, type OrderExtras } from "./order-extras.js";
import { type OrderPool, Slot } from "./order-pool.js";

/** Basis points of a price, rounded down, without leaving the safe integers: price × bps may not be one. */
export function basisPointsOf(price: number, bps: number): number {
  const tenThousands = Math.floor(price / 10000);
  return tenThousands * bps + Math.floor(((price - tenThousands * 10000) * bps) / 10000);
}

/** How far a trailing stop follows behind a price: ticks, or negative basis points, of which at least 1 tick (SETTLED T2). */
export function trailingDistance(price: number, trail: number): number {
  return trail > 0 ? trail : Math.max(1, basisPointsOf(price, -trail));
}

/**
 * Stops that wait, per book side by the order in which they fire (SEMANTICS 5): buys by stop price ascending, sells
 * descending, then age. The key is the stop price of a buy and the negative one of a sell, so the first level fires first, and a
 * print reaches it when the key is at most the print's own. Trailing stops stand in a second tree by the best price that
 * they have followed, so a print looks only at those that it moves. Both are flat red-black trees. Shard thread only.
 */
export class TriggerBooks {
  readonly stops: AgedQueues;
  readonly ratchets: AgedQueues;
  private readonly counts: Int32Array;
  private readonly words: Int32Array;

  constructor(
    instruments: number,
    pool: OrderPool,
    private readonly extras: OrderExtras,
    memory: Memory,
  ) {
    this.stops = new AgedQueues(2 * instruments, pool.capacity, extras, Extra.TRIGGER, memory);
    this.ratchets = new AgedQueues(2 * instruments, pool.capacity, extras, Extra.RATCHET, memory);
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
    const at = slot * Extra.DOUBLES;
    this.stops.add(bookSide, signed(bookSide, doubles[at + Extra.STOP]), slot);
    if (doubles[at + Extra.TRAIL] !== 0) this.ratchets.add(bookSide, -signed(bookSide, doubles[at + Extra.WATERMARK]), slot);
    words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.WAITING;
    this.counts[bookSide >>> 1]++;
  }

  /** Takes a waiting stop out. */
  remove(slot: number): void {
    this.stops.remove(slot);
    this.ratchets.remove(slot);
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.NONE;
    this.counts[this.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1]--;
  }

  /** The stop of this side that fires next at this print, or 0. */
  reached(bookSide: number, print: number): number {
    const level = this.stops.first(bookSide);
    return level === NIL || this.stops.keyOf(level) > signed(bookSide, print) ? 0 : this.stops.oldest(level);
  }

  /** Whether a stop with this price fires at this print. */
  static reaches(bookSide: number, stop: number, print: number): boolean {
    return signed(bookSide, stop) <= signed(bookSide, print);
  }

  /** Lets the trailing stops of a side that a print leads follow it. Costs nothing per stop that does not move. */
  ratchet(bookSide: number, print: number): void {
    const key = -signed(bookSide, print);
    for (let level = this.ratchets.first(bookSide); level !== NIL; level = this.ratchets.first(bookSide)) {
      if (this.ratchets.keyOf(level) >= key) return;
      this.follow(bookSide, this.ratchets.oldest(level), print);
    }
  }

  /** Writes watermark and stop price of a trailing stop that is in no tree. */
  follows(slot: number, bookSide: number, print: number): void {
    const { doubles } = this.extras;
    const at = slot * Extra.DOUBLES;
    const distance = trailingDistance(print, doubles[at + Extra.TRAIL]);
    doubles[at + Extra.WATERMARK] = print;
    doubles[at + Extra.STOP] = (bookSide & 1) === 0 ? print + distance : print - distance;
  }

  private follow(bookSide: number, slot: number, print: number): void {
    this.stops.remove(slot);
    this.ratchets.remove(slot);
    this.follows(slot, bookSide, print);
    this.stops.add(bookSide, signed(bookSide, this.extras.doubles[slot * Extra.DOUBLES + Extra.STOP]), slot);
    this.ratchets.add(bookSide, -signed(bookSide, print), slot);
  }
}

/** A price as a key that ascends in the order in which the side's stops fire. */
function signed(bookSide: number, price: number): number {
  return (bookSide & 1) === 0 ? price : -price;
}
