import { Memory } from "./memory.js";

/**
 * A hash index over slots that carry their own key, an owner and 64 bits, in arrays of the slots' user. The
 * index itself is one chain link a slot and one head a bucket, so it stays small in the cache, and it grows by linear
 * hashing (W. Litwin, VLDB 1980): one bucket is split an insertion, so there is never a long pause, and the buckets in
 * use follow the number of keys, not the capacity.
 *
 * One thread. Nothing is allocated after construction.
 */

/** What `get` answers for a key that is not there. */
export const NO_SLOT = 0;

/**
 * Where the key of a slot lies, as two words (an int64, or the bits of a double) and an owner: low word at
 * words[slot × stride + offset], high word behind it, owner at owners[slot × ownerStride + ownerOffset].
 */
export interface SlotKeys {
  readonly words: Int32Array;
  readonly stride: number;
  readonly offset: number;
  readonly owners: Int32Array;
  readonly ownerStride: number;
  readonly ownerOffset: number;
}

const FIRST_BUCKETS = 16;

/**
 * A link names a slot, says whether that slot's chain goes on, and keeps six bits of its hash: so a look for a key that
 * is not there ends at the head in all but few cases, and does not fetch the memory of a slot that it does not want.
 *
 * | 31 tag 26 | 25 more | 24 slot 0 |
 */
const enum Link {
  SLOT_MASK = 0x01ffffff,
  MORE = 0x02000000,
  TAG_SHIFT = 26,
}

/** Slots are numbered below this. */
const SLOT_LIMIT = 2 ** 25;

/** Multiplicative mixing (Knuth, TAOCP 6.4), folded so that the low bits are good ones. A const, so that calls are resolved when compiled. */
const hashKey = (owner: number, low: number, high: number): number => {
  const mixed = Math.imul(low ^ Math.imul(owner, 0xc2b2ae35) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  const folded = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return folded ^ (folded >>> 16);
};

export class SlotIndex {
  private readonly heads: Int32Array;
  private readonly chain: Int32Array;
  private readonly words: Int32Array;
  private readonly stride: number;
  private readonly offset: number;
  private readonly owners: Int32Array;
  private readonly ownerStride: number;
  private readonly ownerOffset: number;
  /** Buckets before the running round of splits, a power of two, minus one. */
  private mask = FIRST_BUCKETS - 1;
  /** Buckets below this one have been split in this round. */
  private split = 0;
  private used = 0;

  /** Slots are 1 to `slotMax`; each key is in the index at most once. */
  constructor(slotMax: number, where: SlotKeys, memory = new Memory()) {
    if (!Number.isInteger(slotMax) || slotMax < 1 || slotMax >= SLOT_LIMIT) {
      throw new RangeError(`slotMax must be an integer from 1 to ${SLOT_LIMIT - 1}, was ${slotMax}`);
    }
    this.heads = memory.int32(Math.max(FIRST_BUCKETS, 2 ** Math.ceil(Math.log2(2 * slotMax))));
    this.chain = memory.int32(slotMax + 1);
    this.words = where.words;
    this.stride = where.stride;
    this.offset = where.offset;
    this.owners = where.owners;
    this.ownerStride = where.ownerStride;
    this.ownerOffset = where.ownerOffset;
  }

  /** How many slots are in it. */
  get size(): number {
    return this.used;
  }

  /** Has buckets for so many slots at once, so that adding them splits none. Throws Error when it is not empty. */
  reserve(slots: number): void {
    if (this.used !== 0) throw new Error(`only an empty index can be reserved, this one has ${this.used} slots`);
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(FIRST_BUCKETS, 2 * slots)));
    this.mask = Math.min(buckets, this.heads.length) - 1;
    this.split = 0;
  }

  /** The slot with this key, or NO_SLOT. */
  get(owner: number, low: number, high: number): number {
    const words = this.words;
    const stride = this.stride;
    const offset = this.offset;
    const hash = hashKey(owner, low, high);
    let link = this.heads[this.bucketOf(hash)];
    while (link !== 0) {
      const slot = link & Link.SLOT_MASK;
      if ((link ^ hash) >>> Link.TAG_SHIFT === 0) {
        const at = slot * stride + offset;
        if (words[at] === low && words[at + 1] === high && this.owners[slot * this.ownerStride + this.ownerOffset] === owner) return slot;
      }
      if ((link & Link.MORE) === 0) return 0;
      link = this.chain[slot];
    }
    return 0;
  }

  /** Adds a slot whose key is written and is not in the index yet. */
  add(slot: number): void {
    const hash = this.hashOf(slot);
    this.push(this.bucketOf(hash), slot, hash);
    // At most half as many slots as buckets: most chains are empty or one long.
    if (2 * ++this.used > this.mask + this.split && this.mask + this.split + 1 < this.heads.length) this.splitNext();
  }

  /** Takes out a slot that is in the index, while its key is still written. */
  remove(slot: number): void {
    const chain = this.chain;
    const bucket = this.bucketOf(this.hashOf(slot));
    const head = this.heads[bucket];
    this.used--;
    if ((head & Link.SLOT_MASK) === slot) {
      this.heads[bucket] = chain[slot];
      return;
    }
    let before = 0;
    let link = head;
    while ((chain[link & Link.SLOT_MASK] & Link.SLOT_MASK) !== slot) {
      before = link & Link.SLOT_MASK;
      link = chain[before];
    }
    const rest = chain[slot];
    chain[link & Link.SLOT_MASK] = rest;
    if (rest !== 0) return;
    if (before === 0) this.heads[bucket] = link & ~Link.MORE;
    else chain[before] = link & ~Link.MORE;
  }

  private push(bucket: number, slot: number, hash: number): void {
    const head = this.heads[bucket];
    this.chain[slot] = head;
    this.heads[bucket] = slot | (hash & (-1 << Link.TAG_SHIFT)) | (head === 0 ? 0 : Link.MORE);
  }

  private hashOf(slot: number): number {
    const at = slot * this.stride + this.offset;
    return hashKey(this.owners[slot * this.ownerStride + this.ownerOffset], this.words[at], this.words[at + 1]);
  }

  /** Without a branch: whether a bucket has been split in this round is not to be guessed. */
  private bucketOf(hash: number): number {
    const mask = this.mask;
    const bucket = hash & mask;
    return bucket | (hash & (mask + 1) & ((bucket - this.split) >> 31));
  }

  /** Deals one bucket's chain out to itself and its new twin. */
  private splitNext(): void {
    const bit = this.mask + 1;
    const bucket = this.split;
    let link = this.heads[bucket];
    this.heads[bucket] = 0;
    while (link !== 0) {
      const slot = link & Link.SLOT_MASK;
      const hash = this.hashOf(slot);
      link = this.chain[slot];
      this.push((hash & bit) === 0 ? bucket : bucket + bit, slot, hash);
    }
    if (++this.split === bit) {
      this.split = 0;
      this.mask = 2 * this.mask + 1;
    }
  }
}
