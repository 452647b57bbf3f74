import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { EXPECTED_FLOWS, EXPECTED_NORMAL_SHORT, firstTimed, SHORT_TIMED_COUNT } from "./flows/flow.js";
import { loadFlow } from "./flows/flow-cache.js";
import type { BenchReport } from "./report.js";
import { rowOf } from "./ring/statistics.js";
import { cascade, dormantStops, type Feature, feasibility, indication, playFeature, tranches, uncross } from "./types/feature-rates.js";
import { flowCosts } from "./types/flow-costs.js";

/**
 * What order types, trading states and auctions cost: to those who do not use them (the flow `normal` with each of them about), and
 * to those who do. One thread; the events are read by it after each batch, which is in the time.
 */

/** Main thread. Throws when an answer is not the expected one. */
export function run(options: { size: "tiny" | "full" }): BenchReport {
  raiseInliningBudget();
  const isTiny = options.size === "tiny";
  const whole = loadFlow("normal");
  const flow = isTiny ? firstTimed(whole, SHORT_TIMED_COUNT) : whole;
  const expected = isTiny ? EXPECTED_NORMAL_SHORT : EXPECTED_FLOWS.normal.result;
  const rows = flowCosts(flow, expected, isTiny ? 1 : 5, isTiny ? 1_000 : 1_000_000);
  const rates = new Map<string, number[]>();
  const rounds = isTiny ? 1 : 7;
  for (let round = isTiny ? 0 : -2; round < rounds; round++) {
    for (const feature of featuresOf(isTiny)) {
      for (const [name, rate] of playFeature(feature)) {
        if (round >= 0) rates.set(name, [...(rates.get(name) ?? []), rate]); // The first rounds warm up.
      }
    }
  }
  rows.push(...[...rates].map(([name, all]) => rowOf(name, "thousand/s", all)));
  return {
    name: "types",
    rows,
    checked: [
      "normal with each feature about: trades, quantities and both hashes are the published ones, and every stop is still there",
      "features at work: every event of every part is counted by its kind against what must come, and the core is consistent afterwards",
    ],
  };
}

function featuresOf(isTiny: boolean): Feature[] {
  const scale = isTiny ? 100 : 1;
  return [
    dormantStops(100_000 / scale),
    cascade(100_000 / scale),
    uncross(100_000 / scale),
    indication(100, 20_000 / scale),
    indication(isTiny ? 200 : 10_000, 200),
    feasibility(1_000, 2_000 / scale),
    tranches(100_000 / scale),
  ];
}
