import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TradingCore } from "../engine/core/core.js";
import { NodeDisk } from "../engine/journal/node-disk.js";
import { recover } from "../engine/journal/recovery.js";
import { JOURNAL_BEGINNING } from "../engine/journal/segment-reader.js";
import { readSnapshot, writeSnapshot } from "../engine/journal/snapshot-file.js";
import { makeSnapshot } from "../engine/journal/snapshot-maker.js";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { StepReplica } from "../engine/runtime/step-replica.js";
import * as tradingStep from "../engine/runtime/trading-step.js";
import { StateReader } from "../engine/step.js";
import { NewOrder } from "../engine/wire/flyweights.js";
import { OrdType, TimeInForce } from "../engine/wire/generated/enums.js";
import { type RecordedFlow, recordFlow } from "./book/core-flow.js";
import { firstTimed, SHORT_TIMED_COUNT } from "./flows/flow.js";
import { loadFlow } from "./flows/flow-cache.js";
import { writeNewOrder } from "./flows/flow-records.js";
import { SET_UP_COMMANDS, setUpCore } from "./flows/set-up-records.js";
import { CAPACITIES, JournalRig, type RunResult } from "./journal/journal-rig.js";
import type { BenchReport } from "./report.js";

type Row = BenchReport["rows"][number];

const MODES = ["no journal", "async", "group"] as const;
type Mode = (typeof MODES)[number];

interface Size {
  readonly interleavedRounds: number;
  /** How often the flow is played in a run of the live shard, and in the journal that is recovered from. */
  readonly liveFlows: number;
  readonly recoveredFlows: number;
  readonly snapshotOrders: number;
}

const FULL: Size = { interleavedRounds: 5, liveFlows: 3, recoveredFlows: 10, snapshotOrders: 1_000_000 };
const TINY: Size = { interleavedRounds: 1, liveFlows: 1, recoveredFlows: 1, snapshotOrders: 2_000 };

/**
 * P10 and P11 of PERFORMANCE.md: what a journal costs a live shard, how fast it is replayed and a snapshot loaded, and how long a start takes with
 * either. The journals lie in the system's temporary folder.
 */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const isTiny = options.size === "tiny";
  const size = isTiny ? TINY : FULL;
  raiseInliningBudget();
  const whole = loadFlow("normal");
  const flow = recordFlow(isTiny ? firstTimed(whole, SHORT_TIMED_COUNT) : whole, "gtc", 0);
  const folder = mkdtempSync(join(tmpdir(), "ringbook-bench-journal-"));
  try {
    const rows = [
      ...(await measureLive(flow, size, folder)),
      ...(await measureRecovery(flow, size, folder)),
      ...measureSnapshot(size, folder),
    ];
    const checked = [
      "the digests of the live shard, of its replay and of both starts from its journal are the same",
      "a snapshot is read back into a core with the same digest",
      `the journals were in ${tmpdir()}; nobody read the events`,
    ];
    return { name: "journal", rows, checked };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A live shard that is fed as fast as it takes, without a journal and with one, one after the other in each round. */
async function measureLive(flow: RecordedFlow, { interleavedRounds, liveFlows }: Size, folder: string): Promise<Row[]> {
  const speeds = new Map<Mode, number[]>(MODES.map((mode) => [mode, []]));
  let last: RunResult | undefined;
  for (let round = 0; round < interleavedRounds; round++) {
    for (const mode of MODES) {
      const dir = join(folder, `live-${round}-${mode}`);
      const rig = await JournalRig.start(mode === "no journal" ? undefined : dir, mode === "no journal" ? "none" : mode);
      const result = await rig.play(flow, liveFlows);
      await rig.stop();
      rmSync(dir, { recursive: true, force: true });
      speeds.get(mode)?.push(result.commands / result.elapsedMs / 1000);
      if (mode === "group") last = result;
    }
  }
  if (last === undefined) throw new Error("nothing was measured");
  const without = median(speeds.get("no journal") ?? []);
  const rows = MODES.map(
    (mode): Row => ({ metric: `live shard, ${mode}`, ...spread(speeds.get(mode) ?? []), unit: "M commands/s", ...targetOf(mode) }),
  );
  rows.push({ metric: "group over no journal", value: median(speeds.get("group") ?? []) / without, unit: "x", target: ">= 0.9 (P10)" });
  rows.push({ metric: "commands a sync in group mode", value: last.commands / last.syncs, unit: "" });
  return rows;
}

function targetOf(mode: Mode): { target?: string } {
  return mode === "group" ? { target: ">= 1 sustained (P10), reach 2" } : {};
}

/** Writes one journal, then replays it here, and starts a shard from it with and without a snapshot. */
async function measureRecovery(flow: RecordedFlow, { recoveredFlows }: Size, folder: string): Promise<Row[]> {
  const dir = join(folder, "recovered");
  const rig = await JournalRig.start(dir, "async");
  const { commands, digest } = await rig.play(flow, recoveredFlows);
  await rig.stop();
  const disk = new NodeDisk();
  const replica = StepReplica.create(tradingStep, { capacities: CAPACITIES });
  const replayStartMs = performance.now();
  const { replayed, digestsCompared } = recover(disk, dir, replica);
  const replayMs = performance.now() - replayStartMs;
  if (replayed !== commands || digestsCompared === 0 || replica.digest() !== digest) throw new Error("the replay came to another state");
  const plain = await startAgain(dir, digest);
  const toSeq = Number.MAX_SAFE_INTEGER;
  makeSnapshot(disk, dir, () => StepReplica.create(tradingStep, { capacities: CAPACITIES }), { toSeq, deflate: true, keep: 0 });
  const snapshot = await startAgain(dir, digest);
  const millions = (commands / 1e6).toFixed(1);
  return [
    { metric: "replay, verified first", value: commands / replayMs / 1000, unit: "M commands/s", target: ">= 1.5 (P11), reach P3" },
    { metric: `start to ready, ${millions} M commands in the journal`, value: plain / 1000, unit: "s" },
    { metric: "start to ready, with a snapshot at its end", value: snapshot / 1000, unit: "s" },
  ];
}

/** Milliseconds until the shard takes commands. */
async function startAgain(dir: string, digest: string): Promise<number> {
  const startMs = performance.now();
  const rig = await JournalRig.start(dir, "async");
  const elapsedMs = performance.now() - startMs;
  const found = await rig.digest();
  await rig.stop();
  if (found !== digest) throw new Error("the start came to another state");
  return elapsedMs;
}

/** A book of so many resting orders into a snapshot and back. */
function measureSnapshot({ snapshotOrders }: Size, folder: string): Row[] {
  const dir = join(folder, "snapshot");
  mkdirSync(dir);
  const disk = new NodeDisk();
  const capacities = { ...CAPACITIES, orders: snapshotOrders, levels: 4096 };
  const replica = StepReplica.create(tradingStep, { capacities });
  setUpCore(replica.step as TradingCore);
  fill(replica.step as TradingCore, snapshotOrders);
  const digest = replica.digest();
  const rows: Row[] = [];
  for (const deflate of [false, true]) {
    const saveStartMs = performance.now();
    const path = writeSnapshot(disk, dir, (out) => replica.save(out), { place: { ...JOURNAL_BEGINNING, seq: 1 }, digest, deflate });
    const saveMs = performance.now() - saveStartMs;
    const copy = StepReplica.create(tradingStep, { capacities });
    const loadStartMs = performance.now();
    copy.load(new StateReader(readSnapshot(disk, path).state));
    const loadMs = performance.now() - loadStartMs;
    if (copy.digest() !== digest) throw new Error("the snapshot came to another state");
    const how = deflate ? "packed" : "plain";
    rows.push({ metric: `snapshot written, ${how}`, value: snapshotOrders / saveMs / 1000, unit: "M orders/s" });
    rows.push({ metric: `snapshot loaded, ${how}`, value: snapshotOrders / loadMs / 1000, unit: "M orders/s", target: ">= 1 (P11)" });
  }
  return rows;
}

/** Bids below asks, many at each of 4,000 prices. */
function fill(core: TradingCore, orders: number): void {
  const words = new Int32Array(NewOrder.RECORD_BYTES / 4);
  for (let id = 1; id <= orders; id++) {
    const side = id & 1;
    const price = side === 0 ? 10_000 - (id % 2000) : 10_001 + (id % 2000);
    writeNewOrder(words, 0, SET_UP_COMMANDS + id, { id, side, ordType: OrdType.limit, tif: TimeInForce.gtc, price, qty: 1 + (id % 100) });
    core.apply(words, 0);
  }
  if (core.book.pool.size !== orders) throw new Error("the book is not full");
}

function spread(values: readonly number[]): { value: number; low: number; high: number } {
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
