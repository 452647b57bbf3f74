import { LevelTree, NIL } from "../../flat/level-tree.js";
import type { Memory } from "../../flat/memory.js";
import { MAX_SAFE } from "../../wire/numbers.js";
import { AgedQueues } from "./aged-queues.js";
import { Extra, type OrderExtras } from "./order-extras.js";
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

/** The stop price of a trailing stop that has followed to a price. One that no price can reach lies at the end of the safe integers. */
export function trailingStopPrice(bookSide: number, watermark: number, trail: number): number {
  const distance = trailingDistance(watermark, trail);
  return (bookSide & 1) === 0 ? Math.min(MAX_SAFE, watermark + distance) : watermark - distance;
}

/** A price as a key that ascends in the order in which the side's stops fire. */
export function firingKey(bookSide: number, price: number): number {
  return (bookSide & 1) === 0 ? price : -price;
}

/**
 * Trailing stops that wait. Those of a book side that have followed to the same price, their watermark, are one group, with a flat
 * red-black tree of distances; ticks and basis points have groups of their own. When a print leads, every group that it leads joins into one
 * with the print as watermark, and none of its orders is touched: so a million trailing stops follow a rising price at the cost of
 * one. Watermarks stand in a stack, highest first on the sell side: whoever is led joins for good, so every order changes its group
 * at most log n times between two that are made. Stop prices are derived from the group; `sync` writes an order's own.
 *
 * Shard thread only. Nothing is allocated after construction.
 */
export class TrailingStops {
  /** Groups by how soon a print leads them: per book side one tree for ticks, one for basis points. A level's head is its group. */
  readonly groups: LevelTree;
  /** The orders of each group by distance and age. */
  readonly distances: AgedQueues;
  /** The level of a group; of a free group the next free one. */
  private readonly levelOfGroup: Int32Array;
  private free = 0;
  private fresh = 1;
  /** Orders of the groups whose levels were taken, while they are joined. */
  private takenCount = 0;
  /** Per tree, the firing key of the stop that fires first, or less; good unless it is stale. */
  private readonly nearest: Float64Array;
  private readonly isStale: Uint8Array;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  constructor(
    instruments: number,
    private readonly pool: OrderPool,
    extras: OrderExtras,
    memory: Memory,
  ) {
    this.groups = new LevelTree(4 * instruments, pool.capacity + 1, memory);
    this.distances = new AgedQueues(pool.capacity + 2, pool.capacity, extras, Extra.RATCHET, memory);
    this.levelOfGroup = memory.int32(pool.capacity + 2);
    this.nearest = memory.float64(4 * instruments).fill(Number.POSITIVE_INFINITY);
    this.isStale = memory.uint8(4 * instruments);
    this.words = extras.words;
    this.doubles = extras.doubles;
  }

  has(slot: number): boolean {
    return this.distances.has(slot);
  }

  /** Lets a stop wait whose watermark is written. */
  add(slot: number): void {
    const tree = this.treeOf(slot);
    const watermark = this.doubles[slot * Extra.DOUBLES + Extra.WATERMARK];
    const key = -firingKey(tree >>> 1, watermark);
    const found = this.groups.find(tree, key);
    const group = found === NIL ? this.makeGroup(tree, key) : this.groups.headOf(found);
    this.join(slot, group);
    this.nearest[tree] = Math.min(this.nearest[tree], this.firstKeyOf(tree, group));
  }

  /** Takes a stop out, its watermark and stop price written. */
  remove(slot: number): void {
    const tree = this.treeOf(slot);
    const group = this.groupOf(slot);
    this.sync(slot);
    this.distances.remove(slot);
    this.isStale[tree] = 1;
    if (this.groups.addCount(this.levelOfGroup[group], -1) === 0) this.dropGroup(group);
  }

  /** Writes the watermark and the stop price of a waiting stop as they are now. */
  sync(slot: number): void {
    const tree = this.treeOf(slot);
    const watermark = Math.abs(this.groups.keyOf(this.levelOfGroup[this.groupOf(slot)]));
    const trail = this.doubles[slot * Extra.DOUBLES + Extra.TRAIL];
    this.doubles[slot * Extra.DOUBLES + Extra.WATERMARK] = watermark;
    this.doubles[slot * Extra.DOUBLES + Extra.STOP] = trailingStopPrice(tree >>> 1, watermark, trail);
  }

  /** Whether a print fires any stop of a book side. */
  isReached(bookSide: number, print: number): boolean {
    const key = firingKey(bookSide, print);
    return this.nearestKey(2 * bookSide) <= key || this.nearestKey(2 * bookSide + 1) <= key;
  }

  /** Takes the stops out that a print fires, and lists them from place `from` on in no order; returns the place behind them. */
  collect(bookSide: number, print: number, list: Int32Array, from: number): number {
    const reached = firingKey(bookSide, print);
    let count = from;
    for (let tree = 2 * bookSide; tree <= 2 * bookSide + 1; tree++) {
      if (this.nearestKey(tree) > reached) continue;
      let level = this.groups.first(tree);
      while (level !== NIL) {
        const next = this.groups.next(level);
        const group = this.groups.headOf(level);
        for (let left = this.groups.countOf(level); left > 0 && this.firstKeyOf(tree, group) <= reached; left--) {
          const slot = this.distances.oldest(this.distances.first(group));
          this.remove(slot);
          list[count++] = slot;
        }
        level = next;
      }
    }
    return count;
  }

  /** Lets the stops follow that a print leads. */
  follow(bookSide: number, print: number): void {
    const key = -firingKey(bookSide, print);
    for (let tree = 2 * bookSide; tree <= 2 * bookSide + 1; tree++) {
      const led = this.groups.first(tree);
      if (led !== NIL && this.groups.keyOf(led) < key) this.joinGroups(tree, key);
    }
  }

  /** Joins every group that is led with the one that has the new watermark already, into the largest of them. */
  private joinGroups(tree: number, key: number): void {
    const { groups } = this;
    const same = groups.find(tree, key);
    let group = same === NIL ? 0 : this.takeLevel(same);
    for (let level = groups.first(tree); level !== NIL && groups.keyOf(level) < key; level = groups.first(tree)) {
      const other = this.takeLevel(level);
      group = group === 0 ? other : this.merge(group, other);
    }
    const level = groups.insert(tree, key);
    groups.setHead(level, group);
    groups.addCount(level, this.takenCount);
    this.levelOfGroup[group] = level;
    this.takenCount = 0;
    this.isStale[tree] = 1;
  }

  /** Takes a group's level away; while it has none, its negative count stands in the level's place. */
  private takeLevel(level: number): number {
    const group = this.groups.headOf(level);
    const count = this.groups.countOf(level);
    this.takenCount += count;
    this.levelOfGroup[group] = -count;
    this.groups.remove(level);
    return group;
  }

  /** Moves the orders of the smaller group over, and returns the larger. Both have no level. */
  private merge(one: number, other: number): number {
    const isOneLarger = this.levelOfGroup[one] <= this.levelOfGroup[other];
    const into = isOneLarger ? one : other;
    const from = isOneLarger ? other : one;
    for (let level = this.distances.first(from); level !== NIL; level = this.distances.first(from)) {
      const slot = this.distances.oldest(level);
      const key = this.distances.keyOf(level);
      this.distances.remove(slot);
      this.distances.add(into, key, slot);
    }
    this.levelOfGroup[into] += this.levelOfGroup[from];
    this.levelOfGroup[from] = this.free;
    this.free = from;
    return into;
  }

  private treeOf(slot: number): number {
    const isBps = this.doubles[slot * Extra.DOUBLES + Extra.TRAIL] < 0 ? 1 : 0;
    return 2 * this.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] + isBps;
  }

  /** The group of a waiting stop: the tree that its distance is in. */
  private groupOf(slot: number): number {
    return this.distances.levels.treeOf(this.words[slot * Extra.WORDS + Extra.RATCHET + 2]);
  }

  private join(slot: number, group: number): void {
    this.distances.add(group, Math.abs(this.doubles[slot * Extra.DOUBLES + Extra.TRAIL]), slot);
    this.groups.addCount(this.levelOfGroup[group], 1);
  }

  private makeGroup(tree: number, key: number): number {
    const group = this.free === 0 ? this.fresh++ : this.free;
    if (group === this.free) this.free = this.levelOfGroup[group];
    const level = this.groups.insert(tree, key);
    this.groups.setHead(level, group);
    this.levelOfGroup[group] = level;
    return group;
  }

  private dropGroup(group: number): void {
    this.groups.remove(this.levelOfGroup[group]);
    this.levelOfGroup[group] = this.free;
    this.free = group;
  }

  /** The firing key of a group's stop with the least distance. */
  private firstKeyOf(tree: number, group: number): number {
    const watermark = Math.abs(this.groups.keyOf(this.levelOfGroup[group]));
    const key = this.distances.keyOf(this.distances.first(group));
    const distance = trailingDistance(watermark, (tree & 1) === 0 ? key : -key);
    // A buy's stop lies above its watermark, a sell's below; as a key both are so much later.
    return firingKey(tree >>> 1, watermark) + distance;
  }

  private nearestKey(tree: number): number {
    if (this.isStale[tree] === 0) return this.nearest[tree];
    let nearest = Number.POSITIVE_INFINITY;
    for (let level = this.groups.first(tree); level !== NIL; level = this.groups.next(level)) {
      nearest = Math.min(nearest, this.firstKeyOf(tree, this.groups.headOf(level)));
    }
    this.nearest[tree] = nearest;
    this.isStale[tree] = 0;
    return nearest;
  }
}
