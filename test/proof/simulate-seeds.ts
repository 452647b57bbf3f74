import { type SimPlant, simPlanOf } from "./sim-plan.js";
import { type SimCounts, Simulation } from "./simulation.js";
import { Violation } from "./violation.js";

export interface SimTotals extends SimCounts {
  seeds: number;
}

export interface SeedRange {
  readonly first: number;
  readonly count: number;
  /** No further seed is begun after so long. Default: no limit. */
  readonly seconds?: number;
  readonly plant?: SimPlant;
  readonly onProgress?: (totals: SimTotals) => void;
}

/** Simulates seeds one after the other and adds up what happened. Rejects with a Violation that names the seed and says what its clients saw. */
export async function simulateSeeds({
  first,
  count,
  seconds = Number.POSITIVE_INFINITY,
  plant,
  onProgress,
}: SeedRange): Promise<SimTotals> {
  const totals = { seeds: 0 } as SimTotals;
  const endMs = Date.now() + 1000 * seconds;
  for (let seed = first; seed < first + count && Date.now() < endMs; seed++) {
    const { counts } = await simulate(seed, plant);
    for (const key of Object.keys(counts) as (keyof SimCounts)[]) totals[key] = (totals[key] ?? 0) + counts[key];
    totals.seeds++;
    onProgress?.(totals);
  }
  return totals;
}

/** One seed. Rejects as `simulateSeeds` does. */
export async function simulate(seed: number, plant?: SimPlant): Promise<Simulation> {
  const plan = simPlanOf(seed);
  const simulation = new Simulation(plan, plant);
  try {
    await simulation.run();
    return simulation;
  } catch (error) {
    const what = error instanceof Violation ? error.message : `not even an answer: ${(error as Error).stack}`;
    throw new Violation(`${JSON.stringify(plan)}: ${what}\n${simulation.histories()}`);
  }
}
