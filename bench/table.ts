import { strictEqual } from "node:assert/strict";
import { Bench, type Task } from "tinybench";
import { Interest, Table } from "../engine/table/index.js";
import type { BenchReport } from "./report.js";

const KEYS = 4096;
const CHANGES = 4096;
const ASKERS = 256;
/** What changes between two questions of one reader. */
const BEHIND = 16;

/** The versioned table beside a Map that is scanned for what is newer: changes of 4,096 keys, and readers who are 16 changes behind. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const flat = new FlatSide();
  const plain = new MapSide();
  flat.change();
  plain.change();
  strictEqual(flat.ask(), plain.ask(), "both find the same keys");
  const bench = new Bench({ time: options.size === "tiny" ? 30 : 2_000, warmupTime: options.size === "tiny" ? 10 : 500 });
  bench.add("put", () => flat.change()).add("Map put", () => plain.change());
  bench.add("since", () => void flat.ask()).add("Map since", () => void plain.ask());
  await bench.run();
  const [put, mapPut, since, mapSince] = bench.tasks.map(medianNs);
  flat.table.assertConsistent();
  return {
    name: "table",
    rows: [
      { metric: "Table: change a key", value: put / CHANGES, unit: "ns" },
      { metric: "Map: change a key", value: mapPut / CHANGES, unit: "ns" },
      { metric: "Table: 16 changes since a version", value: since / ASKERS, unit: "ns a question" },
      { metric: "Map: the same by a scan", value: mapSince, unit: "ns a question" },
    ],
    checked: ["both find the same keys behind the same version; the table is consistent afterwards"],
  };
}

class FlatSide {
  readonly table = new Table({ keys: KEYS, groups: 1, rowWords: 4 });
  readonly #interest = Interest.ofGroup(0);
  #next = 1;

  change(): void {
    for (let index = 0; index < CHANGES; index++) {
      this.#next = nextKey(this.#next);
      const slot = this.table.put(0, this.#next % KEYS);
      this.table.rows[4 * slot] = index;
    }
  }

  /** Sum of the keys that changed, over some askers. */
  ask(): number {
    let sum = 0;
    for (let asker = 0; asker < ASKERS; asker++) {
      const count = this.table.since(this.table.version - BEHIND, this.#interest, KEYS);
      for (let index = 0; index < count; index++) sum += this.table.keyOf(this.table.found[index]);
    }
    return sum / ASKERS;
  }
}

class MapSide {
  readonly #entries = new Map<number, { version: number; value: number }>();
  #version = 0;
  #next = 1;

  change(): void {
    for (let index = 0; index < CHANGES; index++) {
      this.#next = nextKey(this.#next);
      this.#entries.set(this.#next % KEYS, { version: ++this.#version, value: index });
    }
  }

  ask(): number {
    let sum = 0;
    for (const [key, { version }] of this.#entries) if (version > this.#version - BEHIND) sum += key;
    return sum;
  }
}

function nextKey(x: number): number {
  return (Math.imul(x, 1664525) + 1013904223) >>> 0;
}

function medianNs(task: Task): number {
  if (task.result === undefined) throw new Error(`${task.name} gave no result`);
  if (task.result.error !== undefined) throw task.result.error;
  return (task.result.latency.p50 ?? Number.NaN) * 1e6;
}
