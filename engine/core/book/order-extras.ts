import { type Memory, wordsOf } from "../../flat/memory.js";

/**
 * The layout of what few orders have, 120 bytes a slot, beside the order pool: an order without it never touches the memory.
 * Doubles first, then words.
 */
export const enum Extra {
  DOUBLES = 15,
  WORDS = 30,
  /** Doubles. Lots that an iceberg shows at a time; 0 for other orders. */
  DISPLAY = 0,
  /** Lots that a resting iceberg shows now. */
  VISIBLE = 1,
  /** Stop price in ticks; 0 for none. Of a trailing sell stop it may be nought or below. */
  STOP = 2,
  /** Distance of a trailing stop: ticks, or negative basis points; 0 for other orders. */
  TRAIL = 3,
  /** The best price that a trailing stop has followed. */
  WATERMARK = 4,
  /** Microseconds since the epoch; 0 for none. */
  EXPIRE = 5,
  /** Sequence of the command that gave the order its place. */
  AGE = 6,
  /** Client id that a pending leg names; 0 for none. */
  NAMED = 7,
  /** Ticks that a stop without a limit reserves risk at (SETTLED T4); 0 for other orders. */
  RESERVE = 8,
  /** Words: the links of the three queues that it may stand in, each next, previous, level. */
  TRIGGER = 18,
  RATCHET = 21,
  EXPIRY = 24,
  /** The other leg of a pair that is live. */
  PARTNER = 27,
  /** Where a dormant order is: see `Dormancy`. */
  DORMANCY = 28,
  /** 1: it reserves risk, see `Reservations`. */
  STANDING = 29,
}

export const enum Dormancy {
  NONE = 0,
  /** In a trigger book. */
  WAITING = 1,
  /** Reached, and its turn comes. */
  QUEUED = 2,
  /** First leg of a pair. */
  PENDING = 3,
}

/** What few orders have, by the slot of the order pool. Shard thread only. Memory is reserved, and used by those orders alone. */
export class OrderExtras {
  readonly doubles: Float64Array;
  readonly words: Int32Array;

  constructor(capacity: number, memory: Memory) {
    this.doubles = memory.float64((capacity + 2) * Extra.DOUBLES);
    this.words = wordsOf(this.doubles);
  }

  clear(slot: number): void {
    this.doubles.fill(0, slot * Extra.DOUBLES, (slot + 1) * Extra.DOUBLES);
  }
}
