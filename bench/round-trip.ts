import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initWebAssembly } from "hdr-histogram-js";
import type { Durability } from "../engine/journal/journal-writer.js";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { EXPECTED_FLOWS, EXPECTED_NORMAL_SHORT, firstTimed, SHORT_TIMED_COUNT } from "./flows/flow.js";
import { loadFlow } from "./flows/flow-cache.js";
import { JournalRig } from "./journal/journal-rig.js";
import { hiccups, type Latencies, paceThrough } from "./journal/paced.js";
import type { BenchReport } from "./report.js";
import { rowOf } from "./ring/statistics.js";
import { RISK_MARKETS, recordFor } from "./risk/risk-market.js";

/** Cash accounts with fees, holds, every limit and a collar. */
const MARKET = RISK_MARKETS[3];
const MODES = ["no journal", "async", "group"] as const;
const PERCENTILES = [50, 99, 99.9] as const;
const COMMANDS_PER_SECOND = 1_000_000;

/**
 * P7 of PERFORMANCE.md: from the planned send into the ingress ring to the first event in the event ring, and, with a journal, to the release of the
 * reply; through a live shard on its thread, open loop at a million commands a second. This thread sends and reads, so it takes a processor; shard
 * and journal share what is left.
 */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  await initWebAssembly();
  raiseInliningBudget();
  const isTiny = options.size === "tiny";
  const flow = isTiny ? firstTimed(loadFlow("normal"), SHORT_TIMED_COUNT) : loadFlow("normal");
  const expected = isTiny ? EXPECTED_NORMAL_SHORT : EXPECTED_FLOWS.normal.result;
  const recorded = recordFor(MARKET, flow);
  const measured = new Map<string, Latencies[]>([["hiccup baseline", []], ...MODES.map((mode) => [mode, []] as [string, Latencies[]])]);
  const folder = mkdtempSync(join(tmpdir(), "ringbook-bench-round-trip-"));
  try {
    for (let round = 0; round < (isTiny ? 1 : 5); round++) {
      measured.get("hiccup baseline")?.push(hiccups(flow.timedCount, COMMANDS_PER_SECOND, PERCENTILES));
      for (const mode of MODES) {
        const dir = mode === "no journal" ? undefined : join(folder, `${round}-${mode}`);
        const rig = await JournalRig.start(dir, mode === "no journal" ? "none" : (mode satisfies Durability));
        const { latencies, trades } = await paceThrough(rig, recorded, MARKET.rules, COMMANDS_PER_SECOND, PERCENTILES);
        await rig.stop();
        if (dir !== undefined) rmSync(dir, { recursive: true });
        if (trades !== expected.trades) throw new Error(`${mode}: ${trades} trades, must be ${expected.trades}`);
        measured.get(mode)?.push(latencies);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const rows = [...measured].flatMap(([name, rounds]) =>
    PERCENTILES.map((percentile, index) =>
      rowOf(
        `${name}, p${percentile}`,
        "µs",
        rounds.map((latencies) => latencies[index] / 1000),
        name === "async" ? TARGETS[index] : undefined,
      ),
    ),
  );
  return {
    name: "round-trip",
    rows,
    checked: [
      "every command was answered, in every round, and the trades are as many as the flow's published ones",
      "a latency counts from the planned send; with a journal it ends when the reply may leave",
    ],
  };
}

const TARGETS = ["<= 2 (P7)", "<= 20 where the baseline allows (P7)", undefined];
