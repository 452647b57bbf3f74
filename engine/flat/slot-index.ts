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
  constructor(slotMax: number, where: SlotKeys) {
    if (!Number.isInteger(slotMax) || slotMax < 1 || slotMax > 2 ** 26) {
      throw new RangeError(`slotMax must be an integer from 1 to ${2 ** 26}, was ${slotMax}`);
    }
    this.heads = new Int32Array(Math.max(FIRST_BUCKETS, 2 ** Math.ceil(Math.log2(2 * slotMax))));
    this.chain = new Int32Array(slotMax + 1);
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

  /** The slot with this key, or NO_SLOT. */
  get(owner: number, low: number, high: number): number {
    const words = this.words;
    const stride = this.stride;
    const offset = this.offset;
    let slot = this.heads[this.bucketOf(hashKey(owner, low, high))];
    while (slot !== 0) {
      const at = slot * stride + offset;
      if (words[at] === low && words[at + 1] === high && this.owners[slot * this.ownerStride + this.ownerOffset] === owner) return slot;
      slot = this.chain[slot];
    }
    return 0;
  }

  /** Adds a slot whose key is written and is not in the index yet. */
  add(slot: number): void {
    const bucket = this.bucketOf(this.hashOf(slot));
    this.chain[slot] = this.heads[bucket];
    this.heads[bucket] = slot;
    // At most half as many slots as buckets: most chains are empty or one long, so a miss costs one look at a head.
    if (2 * ++this.used > this.mask + this.split && this.mask + this.split + 1 < this.heads.length) this.splitNext();
  }

  /** Takes out a slot that is in the index, while its key is still written. */
  remove(slot: number): void {
    const chain = this.chain;
    const bucket = this.bucketOf(this.hashOf(slot));
    let before = this.heads[bucket];
    this.used--;
    if (before === slot) {
      this.heads[bucket] = chain[slot];
      return;
    }
    while (chain[before] !== slot) before = chain[before];
    chain[before] = chain[slot];
  }

  private hashOf(slot: number): number {
    const at = slot * this.stride + this.offset;
    return hashKey(this.owners[slot * this.ownerStride + this.ownerOffset], this.words[at], this.words[at + 1]);
  }

  private bucketOf(hash: number): number {
    const bucket = hash & this.mask;
    return bucket < this.split ? hash & (2 * this.mask + 1) : bucket;
  }

  /** Deals one bucket's chain out to itself and its new twin. */
  private splitNext(): void {
    const chain = this.chain;
    const bit = this.mask + 1;
    let slot = this.heads[this.split];
    let stays = 0;
    let moves = 0;
    while (slot !== 0) {
      const next = chain[slot];
      if ((this.hashOf(slot) & bit) === 0) {
        chain[slot] = stays;
        stays = slot;
      } else {
        chain[slot] = moves;
        moves = slot;
      }
      slot = next;
    }
    this.heads[this.split] = stays;
    this.heads[this.split + bit] = moves;
    if (++this.split === bit) {
      this.split = 0;
      this.mask = 2 * this.mask + 1;
    }
  }
}
