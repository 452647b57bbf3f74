import { describe, expect, it, vi } from "vitest";
import { SIM_PLANTS } from "../proof/sim-plants.js";
import { simulate, simulateSeeds } from "../proof/simulate-seeds.js";

// Some 25 seconds of a processor all together; a busy machine takes many times that.
vi.setConfig({ testTimeout: 300_000 });

/** Enough for what follows to have been met. */
const SEEDS = 20;
describe("the whole exchange, simulated", () => {
  it("loses nothing that was acknowledged, does nothing twice, and comes back to the same bytes", async () => {
    const totals = await simulateSeeds({ first: 1, count: SEEDS });
    // Each kind of event must have been met, or this proves nothing.
    expect(totals.powerCuts).toBeGreaterThan(SEEDS / 2);
    expect(totals.kills).toBeGreaterThan(SEEDS / 2);
    expect(totals.closes).toBeGreaterThan(3);
    expect(totals.failures).toBeGreaterThan(0);
    expect(totals.snapshots).toBeGreaterThan(SEEDS);
    expect(totals.acknowledged).toBeGreaterThan(200 * SEEDS);
    expect(totals.sentAgain).toBeGreaterThan(10 * SEEDS);
    expect(totals.deposits).toBeGreaterThan(6 * SEEDS);
    expect(totals.rotten).toBeGreaterThan(0);
  });

  it("does so with seeds that nobody has tried", async () => {
    const first = 1_000_000 + (Date.now() % 1_000_000_000);
    console.log(`simulation seed ${first}`);
    const totals = await simulateSeeds({ first, count: 1000, seconds: 20 });
    expect(totals.seeds).toBeGreaterThan(0);
  });

  it("does the same again with the same seed", async () => {
    const [one, other] = [await simulate(7), await simulate(7)];
    expect(other.counts).toEqual(one.counts);
    expect(other.digest).toBe(one.digest);
  });

  it.each(Object.entries(SIM_PLANTS))("shows %s", async (_name, plant) => {
    await expect(simulateSeeds({ first: 1, count: 3 * SEEDS, plant })).rejects.toThrow(/"seed":\d+/);
  });
});
