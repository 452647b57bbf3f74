import { RBTree } from "bintrees";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { LevelTree, NIL } from "../../engine/flat/level-tree.js";
import { Random } from "../twin/random.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

/** What a run may do to trees: put a key in, or take it out, in one of three trees. */
const steps = fc.array(fc.record({ tree: fc.integer({ min: 0, max: 2 }), key: fc.integer({ min: -12, max: 12 }), adds: fc.boolean() }), {
  maxLength: 200,
});

class Pair {
  readonly flat: LevelTree;
  readonly #plain: RBTree<number>[];

  constructor(trees: number, capacity: number) {
    this.flat = new LevelTree(trees, capacity);
    this.#plain = Array.from({ length: trees }, () => new RBTree<number>((a, b) => a - b));
  }

  insert(tree: number, key: number): void {
    if (this.flat.isFull || this.plain(tree).find(key) !== null) return;
    this.plain(tree).insert(key);
    const level = this.flat.insert(tree, key);
    expect(this.flat.treeOf(level)).toBe(tree);
    expect(this.flat.countOf(level)).toBe(0);
  }

  remove(tree: number, key: number): void {
    const isThere = this.plain(tree).remove(key);
    const level = this.flat.find(tree, key);
    expect(level !== NIL).toBe(isThere);
    if (level !== NIL) this.flat.remove(level);
  }

  /** Keys of one tree forward and backward, and every red-black rule. */
  compare(tree: number): void {
    this.flat.assertConsistent(tree);
    const expected: number[] = [];
    this.plain(tree).each((key) => {
      expected.push(key);
    });
    const found: number[] = [];
    let last = NIL;
    for (let level = this.flat.first(tree); level !== NIL; level = this.flat.next(level)) {
      found.push(this.flat.keyOf(level));
      last = level;
    }
    expect(found).toEqual(expected);
    expect(this.flat.last(tree)).toBe(last);
    const backward: number[] = [];
    for (let level = last; level !== NIL; level = this.flat.previous(level)) backward.push(this.flat.keyOf(level));
    expect(backward).toEqual(expected.reverse());
  }

  plain(tree: number): RBTree<number> {
    return this.#plain[tree] as RBTree<number>;
  }
}

/** The words in which the tree keeps parents and colours, for a test that breaks them on purpose. */
function linksOf(tree: LevelTree): Int32Array {
  const found = Object.entries(tree).find(([name]) => name === "links")?.[1] as unknown;
  if (!(found instanceof Int32Array)) throw new Error("LevelTree keeps its links elsewhere now");
  return found;
}

/** Takes so many permille of the levels out of tree 1, on a walk and with one rebuild. */
function discardSome(pair: Pair, random: Random, permille: number): void {
  let before: number = NIL;
  let kept = 0;
  for (let level = pair.flat.first(1), next: number = NIL; level !== NIL; level = next) {
    next = pair.flat.next(level);
    if (random.permille(permille)) {
      pair.plain(1).remove(pair.flat.keyOf(level));
      pair.flat.discard(level);
      continue;
    }
    pair.flat.follow(1, before, level);
    before = level;
    kept++;
  }
  pair.flat.follow(1, before, NIL);
  pair.flat.rebuild(1, kept);
}

describe("LevelTree", () => {
  it("equals bintrees after every step, three trees in one pool", () => {
    fc.assert(
      fc.property(steps, (run) => {
        const pair = new Pair(3, 40);
        for (const { tree, key, adds } of run) {
          if (adds) pair.insert(tree, key);
          else pair.remove(tree, key);
          pair.compare(tree);
        }
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it("equals bintrees over long random lives, where every level is given out again", () => {
    const random = new Random(5);
    const pair = new Pair(2, 500);
    for (let i = 0; i < 60_000; i++) {
      const tree = random.below(2);
      const key = random.below(600) - 300;
      // Phases of growth and of decay, so that both small and full trees occur.
      if (random.below(100) < (Math.floor(i / 3000) % 2 === 0 ? 65 : 35)) pair.insert(tree, key);
      else pair.remove(tree, key);
      if (i % 50 === 0) pair.compare(tree);
    }
    for (const tree of [0, 1]) for (let key = -300; key < 300; key++) pair.remove(tree, key);
    expect(pair.flat.size).toBe(0);
    pair.compare(0);
    pair.compare(1);
  });

  it("holds exactly its capacity, ascending, descending and alternating", () => {
    for (const order of [(i: number) => i, (i: number) => -i, (i: number) => (i % 2 === 0 ? i : -i)]) {
      const tree = new LevelTree(1, 257);
      for (let i = 0; i < 257; i++) tree.insert(0, order(i));
      expect(tree.isFull).toBe(true);
      tree.assertConsistent(0);
      while (tree.first(0) !== NIL) {
        tree.remove(tree.first(0));
        tree.assertConsistent(0);
      }
      expect(tree.size).toBe(0);
    }
  });

  it("finds the level behind any key, whether that is there or not", () => {
    const random = new Random(12);
    const tree = new LevelTree(2, 300);
    const keys = new Set<number>();
    for (let turn = 0; turn < 3000; turn++) {
      const key = random.below(400);
      if (keys.delete(key)) tree.remove(tree.find(1, key));
      else if (keys.size < 300) {
        keys.add(key);
        tree.insert(1, key);
      }
      const asked = random.below(402) - 1;
      const above = [...keys].filter((other) => other > asked);
      const found = tree.after(1, asked);
      if (above.length === 0) expect(found).toBe(NIL);
      else expect(tree.keyOf(found)).toBe(Math.min(...above));
    }
    expect(tree.after(0, 0)).toBe(NIL);
  });

  it("keeps keys at the ends of the safe integers apart", () => {
    const tree = new LevelTree(1, 4);
    const keys = [-Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER + 1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
    for (const key of [...keys].reverse()) tree.insert(0, key);
    expect(keys.map((key) => tree.keyOf(tree.find(0, key)))).toEqual(keys);
    expect(tree.keyOf(tree.first(0))).toBe(keys[0]);
    expect(tree.find(0, 0)).toBe(NIL);
    for (const key of keys) {
      const above = keys.filter((other) => other > key);
      expect(tree.after(0, key)).toBe(above.length === 0 ? NIL : tree.find(0, Math.min(...above)));
    }
  });

  it("discards any of its levels at once and lives on as if they had been removed one by one", () => {
    const random = new Random(11);
    for (const size of [0, 1, 2, 3, 4, 6, 7, 8, 15, 16, 100, 255, 256, 400]) {
      for (const permille of [0, 10, 500, 990, 1000]) {
        const pair = new Pair(2, 500);
        for (let i = 0; i < size; i++) pair.insert(1, random.below(1000));
        for (let i = 0; i < 20; i++) pair.insert(0, random.below(1000));
        discardSome(pair, random, permille);
        pair.compare(0);
        pair.compare(1);
        expect(pair.flat.size).toBe(pair.plain(0).size + pair.plain(1).size);
        for (let i = 0; i < 300; i++) {
          if (random.below(2) === 0) pair.insert(1, random.below(1000));
          else pair.remove(1, random.below(1000));
        }
        pair.compare(1);
      }
    }
  });

  it("its own check finds a broken link", () => {
    const tree = new LevelTree(1, 20);
    for (let key = 0; key < 20; key++) tree.insert(0, key);
    tree.assertConsistent(0);
    const links = linksOf(tree);
    const stride = links.length / 21;
    for (let word = stride; word < links.length; word++) {
      const before = links[word] as number;
      links[word] = before ^ 1;
      expect(() => tree.assertConsistent(0), `word ${word % stride} of level ${Math.floor(word / stride)}`).toThrow();
      links[word] = before;
    }
    tree.assertConsistent(0);
  });

  it("refuses sizes that it cannot hold", () => {
    expect(() => new LevelTree(1, 0)).toThrow(RangeError);
    expect(() => new LevelTree(0, 1)).toThrow(RangeError);
    expect(() => new LevelTree(1, 1.5)).toThrow(RangeError);
  });
});
