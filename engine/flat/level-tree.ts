import { Memory, wordsOf } from "./memory.js";
import type { SlotKeys } from "./slot-index.js";

/**
 * Flat red-black trees of levels: any number of trees share one pool of nodes in typed arrays (Cormen et al.,
 * Introduction to Algorithms, chapter 13; here with node 0 as the shared black leaf). A level has a key, a total, a
 * count, and the head and tail of a queue that its user links through slots of its own. Levels of a tree are also
 * threaded in key order, so the next one is one load away and the first one is kept.
 *
 * The least key comes first. A book that wants its highest price first stores the negative price.
 *
 * One thread. Nothing is allocated after construction. Callers keep keys unique within a tree.
 */

// An exported number is loaded and checked at each use; this one is folded into the code (measured on V8 11.3).
const NO_LEVEL = 0;
/** No level: the answer of `first`, `next` and `find` when there is none. */
export const NIL = NO_LEVEL;

/** The layout of what changes with every order, 32 bytes. */
const enum Level {
  DOUBLES = 4,
  WORDS = 8,
  /** Doubles. */
  KEY = 0,
  TOTAL = 1,
  /** Words. */
  KEY_WORD = 0,
  HEAD = 4,
  TAIL = 5,
  COUNT = 6,
  TREE = 7,
}

const LINK_WORDS = 6;
const LEFT = 0;
const RIGHT = 1;
const PARENT = 2;
const COLOR = 3;
const PREV = 4;
const NEXT = 5;
const BLACK = 0;
const RED = 1;

export class LevelTree {
  readonly capacity: number;
  /** What changes with every order, one line of memory a level; its parts are named by `Level`. */
  private readonly doubles: Float64Array;
  private readonly words: Int32Array;
  /** What changes with the tree. */
  private readonly links: Int32Array;
  private readonly roots: Int32Array;
  private readonly firsts: Int32Array;
  private free = NO_LEVEL;
  private fresh = 1;
  private used = 0;
  /** The next level that a running `rebuild` takes. */
  private cursor = NO_LEVEL;

  /** `treeCount` trees over one pool of `capacity` levels. */
  constructor(treeCount: number, capacity: number, memory = new Memory()) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 26) {
      throw new RangeError(`capacity must be an integer from 1 to ${2 ** 26}, was ${capacity}`);
    }
    if (!Number.isInteger(treeCount) || treeCount < 1 || treeCount > 2 ** 26) {
      throw new RangeError(`treeCount must be an integer from 1 to ${2 ** 26}, was ${treeCount}`);
    }
    this.capacity = capacity;
    this.doubles = memory.float64(Level.DOUBLES * (capacity + 1));
    this.words = wordsOf(this.doubles);
    this.links = memory.int32(LINK_WORDS * (capacity + 1));
    this.roots = memory.int32(treeCount);
    this.firsts = memory.int32(treeCount);
  }

  /** How an index finds a level by its tree and key. */
  get slotKeys(): SlotKeys {
    const { words } = this;
    return { words, stride: Level.WORDS, offset: Level.KEY_WORD, owners: words, ownerStride: Level.WORDS, ownerOffset: Level.TREE };
  }

  /** Levels in use, over all trees. */
  get size(): number {
    return this.used;
  }

  get isFull(): boolean {
    return this.used === this.capacity;
  }

  /** The level with the least key, or NIL. */
  first(tree: number): number {
    return this.firsts[tree];
  }

  /** The level with the greatest key, or NIL. O(log n). */
  last(tree: number): number {
    const links = this.links;
    let last = NO_LEVEL;
    for (let level = this.roots[tree]; level !== NO_LEVEL; level = links[level * LINK_WORDS + RIGHT]) last = level;
    return last;
  }

  /** The level with the next greater key, or NIL. */
  next(level: number): number {
    return this.links[level * LINK_WORDS + NEXT];
  }

  /** The level with the next smaller key, or NIL. */
  previous(level: number): number {
    return this.links[level * LINK_WORDS + PREV];
  }

  /** Which tree a level is in. */
  treeOf(level: number): number {
    return this.words[level * Level.WORDS + Level.TREE];
  }

  keyOf(level: number): number {
    return this.doubles[level * Level.DOUBLES + Level.KEY];
  }

  /** How many slots are in a level's queue; its user keeps it with `addCount`. 0 in a level that has been removed. */
  countOf(level: number): number {
    return this.words[level * Level.WORDS + Level.COUNT];
  }

  addCount(level: number, by: number): number {
    const at = level * Level.WORDS + Level.COUNT;
    const count = this.words[at] + by;
    this.words[at] = count;
    return count;
  }

  /** Sum of the quantities in a level; its user keeps it with `addTotal`. */
  totalOf(level: number): number {
    return this.doubles[level * Level.DOUBLES + Level.TOTAL];
  }

  addTotal(level: number, by: number): void {
    this.doubles[level * Level.DOUBLES + Level.TOTAL] += by;
  }

  /** First slot of a level's queue, 0 = none. Its user links the slots. */
  headOf(level: number): number {
    return this.words[level * Level.WORDS + Level.HEAD];
  }

  setHead(level: number, slot: number): void {
    this.words[level * Level.WORDS + Level.HEAD] = slot;
  }

  /** Last slot of a level's queue, 0 = none. */
  tailOf(level: number): number {
    return this.words[level * Level.WORDS + Level.TAIL];
  }

  setTail(level: number, slot: number): void {
    this.words[level * Level.WORDS + Level.TAIL] = slot;
  }

  /** The level with this key, or NIL. O(log n): those who ask often keep an index of their own beside the tree. */
  find(tree: number, key: number): number {
    const links = this.links;
    let level = this.roots[tree];
    while (level !== NO_LEVEL) {
      const here = this.keyOf(level);
      if (key === here) return level;
      level = links[level * LINK_WORDS + (key < here ? LEFT : RIGHT)];
    }
    return NO_LEVEL;
  }

  /** The level with the least key above this one, which need not be there, or NIL. O(log n). */
  after(tree: number, key: number): number {
    const links = this.links;
    let level = this.roots[tree];
    let found = NO_LEVEL;
    while (level !== NO_LEVEL) {
      const isAbove = this.keyOf(level) > key;
      if (isAbove) found = level;
      level = links[level * LINK_WORDS + (isAbove ? LEFT : RIGHT)];
    }
    return found;
  }

  /** Adds a level for a key that the tree does not have, with an empty queue. The caller has seen that it is not full. */
  insert(tree: number, key: number): number {
    const links = this.links;
    const level = this.take();
    this.clear(level, tree, key);
    const first = this.firsts[tree];
    let parent = first;
    let side = LEFT;
    // Many a new level is the first one: it needs no descent.
    if (first !== NO_LEVEL && key > this.keyOf(first)) {
      let below = this.roots[tree];
      while (below !== NO_LEVEL) {
        parent = below;
        side = key < this.keyOf(below) ? LEFT : RIGHT;
        below = links[below * LINK_WORDS + side];
      }
    }
    const at = level * LINK_WORDS;
    links[at + LEFT] = NO_LEVEL;
    links[at + RIGHT] = NO_LEVEL;
    links[at + PARENT] = parent;
    links[at + COLOR] = RED;
    if (parent === NO_LEVEL) this.roots[tree] = level;
    else links[parent * LINK_WORDS + side] = level;
    this.thread(tree, level, parent, side);
    this.repairInsert(tree, level);
    return level;
  }

  /**
   * Gives a level back but leaves the hole that it makes in its tree: `rebuild` must follow before anything else is asked of that
   * tree. So many levels go at the price of one walk. `next` must be asked before.
   */
  discard(level: number): void {
    this.words[level * Level.WORDS + Level.COUNT] = 0;
    this.give(level);
  }

  /** Makes `level` follow `before` (NIL: be the first) among those that `rebuild` will take. */
  follow(tree: number, before: number, level: number): void {
    if (before === NO_LEVEL) this.firsts[tree] = level;
    else this.links[before * LINK_WORDS + NEXT] = level;
    if (level !== NO_LEVEL) this.links[level * LINK_WORDS + PREV] = before;
  }

  /** Makes a tree anew of the `count` levels that `follow` has put in a row, the last one followed by NIL. */
  rebuild(tree: number, count: number): void {
    this.cursor = this.firsts[tree];
    // Of a tree halved at every node all depths are full but the last, whose nodes are the red ones.
    const redDepth = 31 - Math.clz32(count + 1);
    const root = this.grow(count, redDepth);
    this.roots[tree] = root;
    if (root !== NO_LEVEL) this.links[root * LINK_WORDS + PARENT] = NO_LEVEL;
  }

  /** Takes a level out; its number may be given to another level afterwards. */
  remove(level: number): void {
    const links = this.links;
    const tree = this.treeOf(level);
    this.unthread(tree, level);
    const left = links[level * LINK_WORDS + LEFT];
    const right = links[level * LINK_WORDS + RIGHT];
    if (left === NO_LEVEL) this.spliceOut(tree, level, right);
    else if (right === NO_LEVEL) this.spliceOut(tree, level, left);
    else this.replaceBySuccessor(tree, level, right);
    this.give(level);
  }

  /** Visits every node of a tree and throws Error on any broken invariant. Tests and `--verify` only. */
  assertConsistent(tree: number): void {
    const root = this.roots[tree];
    const links = this.links;
    check(links[COLOR] === BLACK, "the leaf is black");
    check(links[root * LINK_WORDS + COLOR] === BLACK, "the root is black");
    if (root !== NO_LEVEL) check(links[root * LINK_WORDS + PARENT] === NO_LEVEL, "the root has no parent");
    const inOrder: number[] = [];
    this.checkSubtree(tree, root, inOrder);
    let level = this.firsts[tree];
    let before = NO_LEVEL;
    for (const expected of inOrder) {
      check(level === expected, `thread of tree ${tree} follows the key order at level ${expected}`);
      check(links[level * LINK_WORDS + PREV] === before, "threads are linked both ways");
      if (before !== NO_LEVEL) check(this.keyOf(before) < this.keyOf(level), "keys ascend");
      before = level;
      level = links[level * LINK_WORDS + NEXT];
    }
    check(level === NO_LEVEL, `thread of tree ${tree} ends where the tree ends`);
  }

  /** Returns the black height. */
  private checkSubtree(tree: number, node: number, inOrder: number[]): number {
    if (node === NO_LEVEL) return 1;
    const links = this.links;
    const at = node * LINK_WORDS;
    const left = links[at + LEFT];
    const right = links[at + RIGHT];
    check(this.treeOf(node) === tree, "a node knows its tree");
    if (links[at + COLOR] === RED) {
      check(links[left * LINK_WORDS + COLOR] === BLACK, "a red node has a black left child");
      check(links[right * LINK_WORDS + COLOR] === BLACK, "a red node has a black right child");
    }
    if (left !== NO_LEVEL) check(links[left * LINK_WORDS + PARENT] === node, "a left child knows its parent");
    if (right !== NO_LEVEL) check(links[right * LINK_WORDS + PARENT] === node, "a right child knows its parent");
    const leftHeight = this.checkSubtree(tree, left, inOrder);
    inOrder.push(node);
    const rightHeight = this.checkSubtree(tree, right, inOrder);
    check(leftHeight === rightHeight, "black heights are equal");
    return leftHeight + (links[at + COLOR] === BLACK ? 1 : 0);
  }

  /** The root of a subtree of the next `count` levels of the row. */
  private grow(count: number, redDepth: number): number {
    if (count === 0) return NO_LEVEL;
    const links = this.links;
    const left = this.grow((count - 1) >>> 1, redDepth - 1);
    const level = this.cursor;
    const at = level * LINK_WORDS;
    this.cursor = links[at + NEXT];
    const right = this.grow(count >>> 1, redDepth - 1);
    links[at + LEFT] = left;
    links[at + RIGHT] = right;
    links[at + COLOR] = redDepth === 0 ? RED : BLACK;
    if (left !== NO_LEVEL) links[left * LINK_WORDS + PARENT] = level;
    if (right !== NO_LEVEL) links[right * LINK_WORDS + PARENT] = level;
    return level;
  }

  private clear(level: number, tree: number, key: number): void {
    const at = level * Level.WORDS;
    this.doubles[level * Level.DOUBLES + Level.KEY] = key;
    this.doubles[level * Level.DOUBLES + Level.TOTAL] = 0;
    this.words[at + Level.HEAD] = 0;
    this.words[at + Level.TAIL] = 0;
    this.words[at + Level.COUNT] = 0;
    this.words[at + Level.TREE] = tree;
  }

  private take(): number {
    this.used++;
    const level = this.free;
    if (level === NO_LEVEL) return this.fresh++;
    this.free = this.links[level * LINK_WORDS + NEXT];
    return level;
  }

  private give(level: number): void {
    this.links[level * LINK_WORDS + NEXT] = this.free;
    this.free = level;
    this.used--;
  }

  /** A new leaf stands directly before its parent when it is a left child, else directly behind it. */
  private thread(tree: number, level: number, parent: number, side: number): void {
    const links = this.links;
    const prev = parent === NO_LEVEL ? NO_LEVEL : side === LEFT ? links[parent * LINK_WORDS + PREV] : parent;
    const next = parent === NO_LEVEL ? NO_LEVEL : side === LEFT ? parent : links[parent * LINK_WORDS + NEXT];
    links[level * LINK_WORDS + PREV] = prev;
    links[level * LINK_WORDS + NEXT] = next;
    if (prev === NO_LEVEL) this.firsts[tree] = level;
    else links[prev * LINK_WORDS + NEXT] = level;
    if (next !== NO_LEVEL) links[next * LINK_WORDS + PREV] = level;
  }

  private unthread(tree: number, level: number): void {
    const links = this.links;
    const prev = links[level * LINK_WORDS + PREV];
    const next = links[level * LINK_WORDS + NEXT];
    if (prev === NO_LEVEL) this.firsts[tree] = next;
    else links[prev * LINK_WORDS + NEXT] = next;
    if (next !== NO_LEVEL) links[next * LINK_WORDS + PREV] = prev;
  }

  /** Puts `child` (NIL too) in the place of a node that has no other child. */
  private spliceOut(tree: number, node: number, child: number): void {
    const links = this.links;
    const parent = links[node * LINK_WORDS + PARENT];
    const color = links[node * LINK_WORDS + COLOR];
    this.transplant(tree, node, child, parent);
    if (color === BLACK) this.repairRemove(tree, child, parent);
  }

  /** A node with two children gives its place to its successor: the leftmost node of the right subtree. */
  private replaceBySuccessor(tree: number, node: number, right: number): void {
    const links = this.links;
    let successor = right;
    while (links[successor * LINK_WORDS + LEFT] !== NO_LEVEL) successor = links[successor * LINK_WORDS + LEFT];
    const removedColor = links[successor * LINK_WORDS + COLOR];
    const orphan = links[successor * LINK_WORDS + RIGHT];
    let orphanParent = successor;
    if (successor !== right) {
      orphanParent = links[successor * LINK_WORDS + PARENT];
      this.transplant(tree, successor, orphan, orphanParent);
      links[successor * LINK_WORDS + RIGHT] = right;
      links[right * LINK_WORDS + PARENT] = successor;
    }
    this.transplant(tree, node, successor, links[node * LINK_WORDS + PARENT]);
    const left = links[node * LINK_WORDS + LEFT];
    links[successor * LINK_WORDS + LEFT] = left;
    links[left * LINK_WORDS + PARENT] = successor;
    links[successor * LINK_WORDS + COLOR] = links[node * LINK_WORDS + COLOR];
    if (removedColor === BLACK) this.repairRemove(tree, orphan, orphanParent);
  }

  private transplant(tree: number, node: number, by: number, parent: number): void {
    const links = this.links;
    if (parent === NO_LEVEL) this.roots[tree] = by;
    else if (links[parent * LINK_WORDS + LEFT] === node) links[parent * LINK_WORDS + LEFT] = by;
    else links[parent * LINK_WORDS + RIGHT] = by;
    if (by !== NO_LEVEL) links[by * LINK_WORDS + PARENT] = parent;
  }

  /** Turns `node` down to the given side (LEFT or RIGHT); the child on the other side comes up. */
  private rotate(tree: number, node: number, side: number): void {
    const links = this.links;
    const other = RIGHT - side;
    const child = links[node * LINK_WORDS + other];
    const inner = links[child * LINK_WORDS + side];
    links[node * LINK_WORDS + other] = inner;
    if (inner !== NO_LEVEL) links[inner * LINK_WORDS + PARENT] = node;
    this.transplant(tree, node, child, links[node * LINK_WORDS + PARENT]);
    links[child * LINK_WORDS + side] = node;
    links[node * LINK_WORDS + PARENT] = child;
  }

  private repairInsert(tree: number, added: number): void {
    const links = this.links;
    let node = added;
    for (;;) {
      let parent = links[node * LINK_WORDS + PARENT];
      if (links[parent * LINK_WORDS + COLOR] === BLACK) break; // The leaf is black, so a root stops here too.
      const grand = links[parent * LINK_WORDS + PARENT];
      const side = links[grand * LINK_WORDS + LEFT] === parent ? LEFT : RIGHT;
      const uncle = links[grand * LINK_WORDS + (RIGHT - side)];
      if (links[uncle * LINK_WORDS + COLOR] === RED) {
        links[parent * LINK_WORDS + COLOR] = BLACK;
        links[uncle * LINK_WORDS + COLOR] = BLACK;
        links[grand * LINK_WORDS + COLOR] = RED;
        node = grand;
        continue;
      }
      if (links[parent * LINK_WORDS + (RIGHT - side)] === node) {
        node = parent;
        this.rotate(tree, node, side);
        parent = links[node * LINK_WORDS + PARENT];
      }
      links[parent * LINK_WORDS + COLOR] = BLACK;
      links[grand * LINK_WORDS + COLOR] = RED;
      this.rotate(tree, grand, RIGHT - side);
      break;
    }
    links[this.roots[tree] * LINK_WORDS + COLOR] = BLACK;
  }

  /** `start` (NIL too, so its parent is passed along) lacks one black on its path. */
  private repairRemove(tree: number, start: number, startParent: number): void {
    const links = this.links;
    let node = start;
    let parent = startParent;
    while (parent !== NO_LEVEL && links[node * LINK_WORDS + COLOR] === BLACK) {
      const side = links[parent * LINK_WORDS + LEFT] === node ? LEFT : RIGHT;
      const far = RIGHT - side;
      let sibling = links[parent * LINK_WORDS + far];
      if (links[sibling * LINK_WORDS + COLOR] === RED) {
        links[sibling * LINK_WORDS + COLOR] = BLACK;
        links[parent * LINK_WORDS + COLOR] = RED;
        this.rotate(tree, parent, side);
        sibling = links[parent * LINK_WORDS + far];
      }
      const near = links[sibling * LINK_WORDS + side];
      const outer = links[sibling * LINK_WORDS + far];
      if (links[near * LINK_WORDS + COLOR] === BLACK && links[outer * LINK_WORDS + COLOR] === BLACK) {
        links[sibling * LINK_WORDS + COLOR] = RED;
        node = parent;
        parent = links[node * LINK_WORDS + PARENT];
        continue;
      }
      this.repairByRotation(tree, parent, sibling, side);
      return;
    }
    links[node * LINK_WORDS + COLOR] = BLACK;
  }

  /** The sibling has a red child: one or two rotations end the repair. */
  private repairByRotation(tree: number, parent: number, siblingBefore: number, side: number): void {
    const links = this.links;
    const far = RIGHT - side;
    let sibling = siblingBefore;
    if (links[links[sibling * LINK_WORDS + far] * LINK_WORDS + COLOR] === BLACK) {
      links[links[sibling * LINK_WORDS + side] * LINK_WORDS + COLOR] = BLACK;
      links[sibling * LINK_WORDS + COLOR] = RED;
      this.rotate(tree, sibling, far);
      sibling = links[parent * LINK_WORDS + far];
    }
    links[sibling * LINK_WORDS + COLOR] = links[parent * LINK_WORDS + COLOR];
    links[parent * LINK_WORDS + COLOR] = BLACK;
    links[links[sibling * LINK_WORDS + far] * LINK_WORDS + COLOR] = BLACK;
    this.rotate(tree, parent, side);
  }
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`level tree is broken: ${rule}`);
}
