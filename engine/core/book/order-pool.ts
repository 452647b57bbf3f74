/**
 * Live orders in one flat array, one 64-byte slot each, and the list of free slots. Slot 0 means "none".
 * One slot more than the capacity is kept for an aggressor that will not rest. Shard thread only.
 */

// Slot, 64 bytes:
// 0        8        16       24       32    36    40     44       48        52        56    60
// | leaves | total  | clOrdId| orderId| next| prev| level| account| acctNext| acctPrev| side| traits |
export const SLOT_DOUBLES = 8;
export const SLOT_WORDS = 16;
/** Doubles. */
export const LEAVES = 0;
export const TOTAL = 1;
export const CL_ORD_ID = 2;
export const ORDER_ID = 3;
/** Words. */
export const NEXT = 8;
export const PREV = 9;
export const LEVEL = 10;
export const ACCOUNT = 11;
export const ACCOUNT_NEXT = 12;
export const ACCOUNT_PREV = 13;
/** Which book side: 2 × instrument + side. It is the number of its tree too. */
export const BOOK_SIDE = 14;
/** Order type, time in force, self-trade mode and flags, packed by `packTraits`. */
export const TRAITS = 15;

export class OrderPool {
  readonly capacity: number;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  private free = 0;
  private fresh = 1;
  private used = 0;

  constructor(capacity: number) {
    const buffer = new ArrayBuffer((capacity + 2) * 64);
    this.capacity = capacity;
    this.doubles = new Float64Array(buffer);
    this.words = new Int32Array(buffer);
  }

  /** Slots in use. */
  get size(): number {
    return this.used;
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
    this.free = this.words[slot * SLOT_WORDS + NEXT];
    return slot;
  }

  give(slot: number): void {
    this.words[slot * SLOT_WORDS + NEXT] = this.free;
    this.free = slot;
    this.used--;
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
  return traits >>> 24;
}
