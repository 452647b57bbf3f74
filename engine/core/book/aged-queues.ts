import { LevelTree, NIL } from "../../flat/level-tree.js";
import type { Memory } from "../../flat/memory.js";
import { Extra, type OrderExtras } from "./order-extras.js";

const NEXT = 0;
const PREV = 1;
const LEVEL = 2;

/**
 * Orders by a key, and under one key by age: stops by their price, trailing stops by what they have followed, orders by
 * when they expire. Flat red-black trees with queues whose links lie in the orders' extras. Shard thread only. Nothing is
 * allocated after construction; there is a level for every order, so it is never full.
 */
export class AgedQueues {
  readonly levels: LevelTree;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  /** `links`: which of the three link triples in the extras is its own. */
  constructor(
    treeCount: number,
    capacity: number,
    extras: OrderExtras,
    private readonly links: Extra.TRIGGER | Extra.RATCHET | Extra.EXPIRY,
    memory: Memory,
  ) {
    this.levels = new LevelTree(treeCount, capacity + 1, memory);
    this.words = extras.words;
    this.doubles = extras.doubles;
  }

  /** The level with the least key, or NIL. */
  first(tree: number): number {
    return this.levels.first(tree);
  }

  keyOf(level: number): number {
    return this.levels.keyOf(level);
  }

  /** The oldest order of a level. */
  oldest(level: number): number {
    return this.levels.headOf(level);
  }

  /** The next younger order of the same level, or 0. */
  younger(slot: number): number {
    return this.words[slot * Extra.WORDS + this.links + NEXT];
  }

  has(slot: number): boolean {
    return this.words[slot * Extra.WORDS + this.links + LEVEL] !== NIL;
  }

  /** Puts an order behind those of its key that are older. The youngest and the oldest cost no search. */
  add(tree: number, key: number, slot: number): void {
    const { levels, words } = this;
    const found = levels.find(tree, key);
    const level = found === NIL ? levels.insert(tree, key) : found;
    const age = this.doubles[slot * Extra.DOUBLES + Extra.AGE];
    const head = levels.headOf(level);
    const isOldest = head !== 0 && this.doubles[head * Extra.DOUBLES + Extra.AGE] > age;
    let before = isOldest ? 0 : levels.tailOf(level);
    while (before !== 0 && this.doubles[before * Extra.DOUBLES + Extra.AGE] > age) before = words[before * Extra.WORDS + this.links + PREV];
    const at = slot * Extra.WORDS + this.links;
    const after = before === 0 ? levels.headOf(level) : words[before * Extra.WORDS + this.links + NEXT];
    words[at + NEXT] = after;
    words[at + PREV] = before;
    words[at + LEVEL] = level;
    if (before === 0) levels.setHead(level, slot);
    else words[before * Extra.WORDS + this.links + NEXT] = slot;
    if (after === 0) levels.setTail(level, slot);
    else words[after * Extra.WORDS + this.links + PREV] = slot;
    levels.addCount(level, 1);
  }

  /** Takes an order out; an order that is not in is left as it is. */
  remove(slot: number): void {
    const { levels, words } = this;
    const at = slot * Extra.WORDS + this.links;
    const level = words[at + LEVEL];
    if (level === NIL) return;
    const next = words[at + NEXT];
    const prev = words[at + PREV];
    words[at + LEVEL] = NIL;
    if (levels.addCount(level, -1) === 0) {
      levels.remove(level);
      return;
    }
    if (prev === 0) levels.setHead(level, next);
    else words[prev * Extra.WORDS + this.links + NEXT] = next;
    if (next === 0) levels.setTail(level, prev);
    else words[next * Extra.WORDS + this.links + PREV] = prev;
  }
}
