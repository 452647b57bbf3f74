import { DiskRun, type Plant, planOf, type RunCounts, type RunPlan } from "./disk-run.js";
import type { DiskFault } from "./sim-disk.js";
import { Violation } from "./violation.js";

export interface SweepTotals extends RunCounts {
  seeds: number;
}

/** Runs seeds one after the other and adds up what happened. Throws a Violation that names the seed. */
export function sweepSeeds(first: number, count: number, plant?: Plant, onProgress: (totals: SweepTotals) => void = () => {}): SweepTotals {
  const totals: SweepTotals = { seeds: 0, recoveries: 0, refusals: 0, silentLosses: 0, faults: 0, frames: 0 };
  for (let seed = first; seed < first + count; seed++) {
    add(totals, runOne(planOf(seed), plant).counts);
    totals.seeds++;
    onProgress(totals);
  }
  return totals;
}

/** The same journal with one fault at its first call of the disk, its second, and so on until there is no such call. Returns how many there are. */
export function sweepCalls(seed: number, kind: DiskFault["kind"], durability: RunPlan["durability"] = "group", plant?: Plant): number {
  for (let at = 1; ; at++) {
    const fault = { at, kind, calls: 3 };
    const plan: RunPlan = {
      seed,
      durability,
      segmentBytes: 4096,
      lives: 2,
      framesMax: 40,
      takesParts: false,
      faults: [undefined, fault],
      damage: undefined,
    };
    const run = runOne(plan, plant);
    if (run.counts.faults === 0) return at - 1;
  }
}

function runOne(plan: RunPlan, plant?: Plant): DiskRun {
  const run = new DiskRun(plan, plant);
  try {
    run.run();
  } catch (error) {
    const what = error instanceof Violation ? error.message : `not even an answer: ${(error as Error).stack}`;
    throw new Violation(`${JSON.stringify(plan)}: ${what}`);
  }
  return run;
}

function add(totals: SweepTotals, counts: RunCounts): void {
  for (const key of Object.keys(counts) as (keyof RunCounts)[]) totals[key] += counts[key];
}
