import { deepStrictEqual } from "node:assert/strict";
import { RBTree } from "bintrees";
import { Bench, type Task } from "tinybench";
import { LevelTree, NIL } from "../engine/flat/level-tree.js";
import type { BenchReport } from "./report.js";

const KEYS = 4096;

/** The flat red-black tree beside the pointer tree of bintrees: a tree of 4,096 levels built, walked in order and taken apart. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const keys = shuffledKeys();
  const tree = new LevelTree(1, KEYS);
  deepStrictEqual(turnFlat(tree, keys), turnPointers(keys), "both trees walk the same keys in the same order");
  const bench = new Bench({ time: options.size === "tiny" ? 50 : 2_000, warmupTime: options.size === "tiny" ? 20 : 500 });
  bench.add("LevelTree", () => void turnFlat(tree, keys)).add("bintrees RBTree", () => void turnPointers(keys));
  await bench.run();
  const [flat, pointers] = bench.tasks.map(nsPerKey);
  tree.assertConsistent(0);
  return {
    name: "level-tree",
    rows: [
      { metric: "LevelTree: insert, walk, remove", value: flat, unit: "ns a level" },
      { metric: "bintrees RBTree: insert, walk, remove", value: pointers, unit: "ns a level" },
      { metric: "bintrees over LevelTree", value: pointers / flat, unit: "x" },
    ],
    checked: ["both trees give the same keys in the same order; the flat tree is consistent afterwards"],
  };
}

function nsPerKey(task: Task): number {
  if (task.result === undefined) throw new Error(`${task.name} gave no result`);
  if (task.result.error !== undefined) throw task.result.error;
  return ((task.result.latency.p50 ?? Number.NaN) * 1e6) / KEYS;
}

/** Sum of key × rank over the walk, so that neither order nor content can be wrong unnoticed. */
function turnFlat(tree: LevelTree, keys: Float64Array): number {
  let sum = 0;
  let rank = 0;
  for (let i = 0; i < keys.length; i++) tree.insert(0, keys[i]);
  for (let level = tree.first(0); level !== NIL; level = tree.next(level)) sum += tree.keyOf(level) * ++rank;
  for (let i = 0; i < keys.length; i++) tree.remove(tree.find(0, keys[i]));
  return sum;
}

function turnPointers(keys: Float64Array): number {
  const tree = new RBTree<number>((a, b) => a - b);
  let sum = 0;
  let rank = 0;
  for (let i = 0; i < keys.length; i++) tree.insert(keys[i]);
  tree.each((key) => {
    sum += key * ++rank;
  });
  for (let i = 0; i < keys.length; i++) tree.remove(keys[i]);
  return sum;
}

/** 1 to KEYS in an order that is always the same (xorshift and Fisher-Yates). */
function shuffledKeys(): Float64Array {
  const keys = Float64Array.from({ length: KEYS }, (_, index) => index + 1);
  let x = 2463534242;
  for (let i = KEYS - 1; i > 0; i--) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    const j = (x >>> 0) % (i + 1);
    const key = keys[i];
    keys[i] = keys[j];
    keys[j] = key;
  }
  return keys;
}
