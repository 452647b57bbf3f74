import { deepStrictEqual } from "node:assert/strict";
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { CoreFlow, type RecordedFlow, recordFlow } from "./book/core-flow.js";
import { SteadyFlow } from "./book/steady-flow.js";
import {
  EXPECTED_FLOWS,
  EXPECTED_NORMAL_SHORT,
  type Flow,
  type FlowName,
  type FlowResult,
  firstTimed,
  SHORT_TIMED_COUNT,
} from "./flows/flow.js";
import { type FlowBook, playFlow } from "./flows/flow-book.js";
import { loadFlow } from "./flows/flow-cache.js";
import { BintreesBook } from "./peers/bintrees-book.js";
import { NodejsOrderBook } from "./peers/nodejs-order-book.js";
import type { BenchReport } from "./report.js";

type Row = BenchReport["rows"][number];

interface Contender {
  readonly name: string;
  /** Plays the set-up part, then the timed part; returns million commands a second of the timed part. */
  readonly play: () => number;
}

/** P3 and P6 of PERFORMANCE.md: the core on the flows `normal` and `deep`, beside two books from npm, and what it allocates. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const isTiny = options.size === "tiny";
  // As `ringbook start` does.
  raiseInliningBudget();
  const rows: Row[] = [];
  const checked: string[] = [];
  for (const name of isTiny ? (["normal"] as const) : (["normal", "deep"] as const)) {
    const whole = loadFlow(name);
    const flow = isTiny ? firstTimed(whole, SHORT_TIMED_COUNT) : whole;
    const expected = isTiny ? EXPECTED_NORMAL_SHORT : EXPECTED_FLOWS[name].result;
    rows.push(...compare(name, flow, expected, isTiny ? 1 : 5));
    checked.push(`${name}: SHA-256 of the flow; trades, quantities and both hashes of the core, trades of the peers`);
  }
  rows.push(...(await measureAllocation(isTiny ? 200_000 : 10_000_000)));
  checked.push("allocation: the core is consistent afterwards, and every command gave an event");
  return { name: "book", rows, checked };
}

function compare(name: FlowName, flow: Flow, expected: FlowResult, rounds: number): Row[] {
  const recorded = recordFlow(flow);
  const core: Contender = { name: "ringbook Core", play: () => playCore(recorded, flow, expected) };
  const peers: Contender[] = [
    { name: "nodejs-order-book 10", play: () => playPeer(new NodejsOrderBook(flow), flow, expected) },
    { name: "bintrees levels, no events", play: () => playPeer(new BintreesBook(), flow, expected) },
  ];
  const speeds = new Map<string, number[]>([core, ...peers].map((contender) => [contender.name, []]));
  // The core is played several times a round: V8 takes a few rounds to compile it, and a shard lives for days.
  for (let warmUp = 0; warmUp < rounds; warmUp++) core.play();
  for (let round = 0; round < rounds; round++) {
    for (const contender of [core, ...peers]) speeds.get(contender.name)?.push(contender.play());
  }
  const coreSpeed = median(speeds.get(core.name) ?? []);
  const nodejs = median(speeds.get("nodejs-order-book 10") ?? []);
  const rows: Row[] = [...speeds].map(([who, all]) => ({
    metric: `${name}: ${who}`,
    value: median(all),
    unit: "M commands/s",
    low: Math.min(...all),
    high: Math.max(...all),
  }));
  rows.push({ metric: `${name}: Core over nodejs-order-book`, value: coreSpeed / nodejs, unit: "x", target: ">= 15 (P3), reach 30" });
  return rows;
}

function playCore(recorded: RecordedFlow, flow: Flow, expected: FlowResult): number {
  const player = new CoreFlow();
  player.play(recorded, 0, recorded.setupRecords);
  const start = performance.now();
  player.play(recorded, recorded.setupRecords, recorded.offsets.length);
  const elapsedMs = performance.now() - start;
  deepStrictEqual(player.result(), expected);
  return flow.timedCount / elapsedMs / 1000;
}

function playPeer(book: FlowBook, flow: Flow, expected: FlowResult): number {
  playFlow(flow, book, 0, flow.setupCount);
  const start = performance.now();
  playFlow(flow, book, flow.setupCount);
  const elapsedMs = performance.now() - start;
  const { trades, tradedQty } = book.result();
  deepStrictEqual({ trades, tradedQty }, { trades: expected.trades, tradedQty: expected.tradedQty });
  return flow.timedCount / elapsedMs / 1000;
}

/** P6: heap growth and collections over so many commands on a warm core. */
async function measureAllocation(commands: number): Promise<Row[]> {
  const steady = new SteadyFlow();
  steady.run(Math.min(commands, 2_000_000));
  // What the flows before left behind is not the core's: it is collected now, not while we measure.
  collectGarbage();
  const collections = countCollections();
  await turn();
  const seqBefore = steady.core.lastSeq;
  const before = process.memoryUsage().heapUsed;
  steady.run(commands);
  const grownBytes = process.memoryUsage().heapUsed - before;
  const applied = steady.core.lastSeq - seqBefore;
  await turn();
  const count = collections.stop();
  steady.core.assertConsistent();
  if (steady.eventCount < steady.core.lastSeq) throw new Error("a command gave no event");
  return [
    { metric: "heap growth", value: grownBytes / 1024, unit: `KiB over ${applied} commands`, target: "< 1024 (P6)" },
    { metric: "garbage collections meanwhile", value: count, unit: "", target: "0 (P6)" },
  ];
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

function countCollections(): { stop(): number } {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    count += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  return {
    stop() {
      count += observer.takeRecords().length;
      observer.disconnect();
      return count;
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
