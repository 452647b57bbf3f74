import { type Memory, wordsOf } from "../../flat/memory.js";
import type { SlotKeys } from "../../flat/slot-index.js";
import { readInt64 } from "../../wire/numbers.js";

/**
 * The layout of an order, 64 bytes. Ids lie as on the wire, two words, so they are copied and compared as they came;
 * quantities are doubles, because they are counted with. tsc folds a const enum into the code, where an imported number
 * would be loaded and checked at each use (measured on V8 11.3: twice the time of a field access).
 *
 * 0        8        16       24       32    36    40     44       48         52      56
 * | leaves | total  | clOrdId| orderId| next| prev| level| account| book side| traits| key  |
 */
export const enum Slot {
  DOUBLES = 8,
  WORDS = 16,

  /** Doubles. */
  LEAVES = 0,
  TOTAL = 1,
  /** Where it rests or would rest: the price of a sell, the negative price of a buy; −Infinity for a market order. */
  KEY = 7,
  /** Words; the ids have a second one. */
  CL_ORD_ID = 4,
  ORDER_ID = 6,
  NEXT = 8,
  PREV = 9,
  LEVEL = 10,
  ACCOUNT = 11,
  /** Which book side: 2 × instrument + side. It is the number of its tree too. */
  BOOK_SIDE = 12,
  /** Order type, time in force, self-trade mode and flags, packed by `packTraits`, and the bits of `Trait`. */
  TRAITS = 13,
}

/** Bits of a slot's traits: what the order path must know before it looks any further. */
export const enum Trait {
  /** Flag of the wire, where `packTraits` puts it. */
  REDUCE_ONLY = 0x2000000,
  /** Its fill needs more than two quantities: an iceberg, a reduce-only order, a leg of an OCO pair. */
  CARE = 0x10000000,
  /** It has a part in `OrderExtras`. */
  EXTRAS = 0x20000000,
  /** It rests in no level: a stop that waits, or the first leg of a pair. */
  DORMANT = 0x40000000,
  /** The wire's flags, moved down by 24. */
  FLAG_MASK = 0x0f,
}

/**
 * Live orders in one flat array, a slot each, and the list of free slots. Slot 0 means "none". One slot more than the
 * capacity is kept for an aggressor that will not rest. Shard thread only.
 */
export class OrderPool {
  readonly capacity: number;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  /**
   * Account + 1 of each slot that rests, else 0. An account's orders are found by running over this: it costs nothing per
   * order, where lists would cost two cache misses, and a run over a million slots takes about a millisecond.
   */
  readonly owners: Int32Array;
  private free = 0;
  private fresh = 1;
  private used = 0;

  constructor(capacity: number, memory: Memory) {
    this.capacity = capacity;
    this.doubles = memory.float64((capacity + 2) * Slot.DOUBLES);
    this.words = wordsOf(this.doubles);
    this.owners = memory.int32(capacity + 2);
  }

  /** How an index finds an order by its account and the id at `offset`. */
  slotKeys(offset: Slot.CL_ORD_ID | Slot.ORDER_ID): SlotKeys {
    return { words: this.words, stride: Slot.WORDS, offset, owners: this.words, ownerStride: Slot.WORDS, ownerOffset: Slot.ACCOUNT };
  }

  /** Slots in use. */
  get size(): number {
    return this.used;
  }

  /** One more than the highest slot that was ever in use. */
  get slotEnd(): number {
    return this.fresh;
  }

  /** True when no further order may rest. A slot for an aggressor that will not rest is still there. */
  get isFull(): boolean {
    return this.used >= this.capacity;
  }

  /** A slot whose content is undefined. */
  take(): number {
    this.used++;
    const slot = this.free;
    if (slot === 0) return this.fresh++;
    this.free = this.words[slot * Slot.WORDS + Slot.NEXT];
    return slot;
  }

  give(slot: number): void {
    this.words[slot * Slot.WORDS + Slot.NEXT] = this.free;
    this.free = slot;
    this.used--;
  }

  clOrdIdOf(slot: number): number {
    return readInt64(this.words, slot * Slot.WORDS + Slot.CL_ORD_ID);
  }

  orderIdOf(slot: number): number {
    return readInt64(this.words, slot * Slot.WORDS + Slot.ORDER_ID);
  }
}

/** Bits 0–7 type, 8–15 time in force, 16–23 self-trade mode, 24–31 order flags (SBE OrderFlags). */
export function packTraits(ordType: number, tif: number, selfTradeMode: number, flags: number): number {
  return ordType | (tif << 8) | (selfTradeMode << 16) | (flags << 24);
}

export function ordTypeOf(traits: number): number {
  return traits & 0xff;
}

export function tifOf(traits: number): number {
  return (traits >>> 8) & 0xff;
}

export function selfTradeModeOf(traits: number): number {
  return (traits >>> 16) & 0xff;
}

export function flagsOf(traits: number): number {
  return (traits >>> 24) & Trait.FLAG_MASK;
}
