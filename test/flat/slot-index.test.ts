import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { NO_SLOT, SlotIndex } from "../../engine/flat/slot-index.js";
import { Random } from "../twin/random.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const STRIDE = 7;
const OFFSET = 3;

/** The two words of a key, as an int64. */
function lowOf(key: number): number {
  return key | 0;
}

function highOf(key: number): number {
  return Math.floor(key / 2 ** 32) | 0;
}

/** An index over slots of its own, beside a Map. Keys and owners lie at odd strides, as in the order pool. */
class Pair {
  readonly words: Int32Array;
  readonly owners: Int32Array;
  readonly index: SlotIndex;
  readonly plain = new Map<string, number>();
  readonly #free: number[];

  constructor(readonly slotMax: number) {
    this.words = new Int32Array(STRIDE * (slotMax + 1));
    this.owners = new Int32Array(5 * (slotMax + 1));
    this.index = new SlotIndex(slotMax, {
      words: this.words,
      stride: STRIDE,
      offset: OFFSET,
      owners: this.owners,
      ownerStride: 5,
      ownerOffset: 4,
    });
    this.#free = Array.from({ length: slotMax }, (_, i) => slotMax - i);
  }

  add(owner: number, key: number): void {
    const name = `${owner} ${key}`;
    if (this.plain.has(name) || this.#free.length === 0) return;
    const slot = this.#free.pop() as number;
    this.words[STRIDE * slot + OFFSET] = lowOf(key);
    this.words[STRIDE * slot + OFFSET + 1] = highOf(key);
    this.owners[5 * slot + 4] = owner;
    this.index.add(slot);
    this.plain.set(name, slot);
  }

  remove(owner: number, key: number): void {
    const name = `${owner} ${key}`;
    const slot = this.plain.get(name);
    if (slot === undefined) return;
    this.index.remove(slot);
    this.plain.delete(name);
    // What the slot says afterwards must not matter.
    this.words[STRIDE * slot + OFFSET] = 0;
    this.owners[5 * slot + 4] = 0;
    this.#free.push(slot);
  }

  compare(owner: number, key: number): void {
    expect(this.index.get(owner, lowOf(key), highOf(key))).toBe(this.plain.get(`${owner} ${key}`) ?? NO_SLOT);
    expect(this.index.size).toBe(this.plain.size);
  }

  compareAll(): void {
    for (const [name, slot] of this.plain) {
      const [owner, key] = name.split(" ").map(Number) as [number, number];
      expect(this.index.get(owner, lowOf(key), highOf(key))).toBe(slot);
    }
    expect(this.index.size).toBe(this.plain.size);
  }
}

const owners = fc.integer({ min: 0, max: 5 });
const keys = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(2 ** 32, 2 ** 32 + 1, -(2 ** 32), 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 52),
);

describe("SlotIndex", () => {
  it("equals a Map after every step", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(owners, keys, fc.boolean()), { maxLength: 150 }), (run) => {
        const pair = new Pair(30);
        for (const [owner, key, adds] of run) {
          if (adds) pair.add(owner, key);
          else pair.remove(owner, key);
          pair.compare(owner, key);
        }
        pair.compareAll();
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([1, 15, 16, 17, 1000, 4095, 4096, 4097])("holds exactly %i slots, through growth and two refills", (slotMax) => {
    const pair = new Pair(slotMax);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < slotMax; i++) pair.add(i % 7, round * 100_000 + i);
      expect(pair.index.size).toBe(slotMax);
      pair.compareAll();
      for (let i = 0; i < slotMax; i++) pair.remove(i % 7, round * 100_000 + i);
      expect(pair.index.size).toBe(0);
    }
  });

  it.each([0, 1, 500, 1000, 5000])("holds what it should with room reserved for %i slots, and then more", (reserved) => {
    const pair = new Pair(1000);
    pair.index.reserve(reserved);
    for (let i = 0; i < 1000; i++) {
      pair.add(i % 7, i);
      pair.compare(i % 5, i);
    }
    pair.compareAll();
    expect(() => pair.index.reserve(1)).toThrow("has 1000 slots");
  });

  it("equals a Map over a long random life", () => {
    const random = new Random(9);
    const pair = new Pair(3000);
    for (let i = 0; i < 60_000; i++) {
      const owner = random.below(4);
      const key = random.below(2000) * (random.permille(500) ? 1 : 2 ** 33);
      if (random.permille(Math.floor(i / 5000) % 2 === 0 ? 600 : 400)) pair.add(owner, key);
      else pair.remove(owner, key);
      if (i % 7 === 0) pair.compare(owner, key);
    }
    pair.compareAll();
  });

  it("spreads the ids that clients use, so that a look-up stays short", () => {
    // 2^16 ids in a row over 4 accounts: a chain of more than 12 would mean a poor hash.
    const slotMax = 2 ** 16;
    const pair = new Pair(slotMax);
    for (let i = 0; i < slotMax; i++) pair.add(i & 3, 1_000_000 + (i >> 2));
    expect(longestChain(pair.index)).toBeLessThanOrEqual(12);
    for (const step of [1000, 4096, 65_536]) {
      const strided = new Pair(slotMax);
      for (let i = 0; i < slotMax; i++) strided.add(1, i * step);
      expect(longestChain(strided.index), `ids ${step} apart`).toBeLessThanOrEqual(16);
    }
  });

  it("refuses sizes that it cannot hold", () => {
    expect(() => new Pair(0)).toThrow(RangeError);
  });
});

/** The bits of a link that name a slot. */
const SLOT_MASK = 0x01ffffff;

function longestChain(index: SlotIndex): number {
  const fields = new Map<string, unknown>(Object.entries(index));
  const heads = fields.get("heads");
  const chain = fields.get("chain");
  if (!(heads instanceof Int32Array) || !(chain instanceof Int32Array)) throw new Error("SlotIndex keeps its chains elsewhere now");
  let longest = 0;
  for (const head of heads) {
    let length = 0;
    for (let link = head; link !== 0; link = chain[link & SLOT_MASK] as number) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}
