import { Dormancy, Extra, type OrderExtras } from "./order-extras.js";
import { type OrderPool, Slot } from "./order-pool.js";

/**
 * Stops that were reached and wait for their turn, one queue a command (SETTLED T1). It is empty between commands. A queued order
 * is dormant still, and its book links are free for the queue. Shard thread only.
 */
export class TriggerQueue {
  private head = 0;
  private tail = 0;
  private readonly words: Int32Array;

  constructor(
    pool: OrderPool,
    private readonly extras: OrderExtras,
  ) {
    this.words = pool.words;
  }

  /** The stop whose turn it is, or 0. */
  get first(): number {
    return this.head;
  }

  push(slot: number): void {
    const words = this.words;
    const base = slot * Slot.WORDS;
    words[base + Slot.NEXT] = 0;
    words[base + Slot.PREV] = this.tail;
    if (this.tail === 0) this.head = slot;
    else words[this.tail * Slot.WORDS + Slot.NEXT] = slot;
    this.tail = slot;
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.QUEUED;
  }

  remove(slot: number): void {
    const words = this.words;
    const next = words[slot * Slot.WORDS + Slot.NEXT];
    const prev = words[slot * Slot.WORDS + Slot.PREV];
    if (prev === 0) this.head = next;
    else words[prev * Slot.WORDS + Slot.NEXT] = next;
    if (next === 0) this.tail = prev;
    else words[next * Slot.WORDS + Slot.PREV] = prev;
    this.extras.words[slot * Extra.WORDS + Extra.DORMANCY] = Dormancy.NONE;
  }
}
