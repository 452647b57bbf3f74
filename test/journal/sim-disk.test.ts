import { describe, expect, it } from "vitest";
import { sweepCalls, sweepSeeds } from "../proof/disk-sweep.js";
import { PLANTS } from "../proof/plants.js";

const SEEDS = 2000;
/**
 * Seeds that have found a mistake once. 2000000086: a used segment came back as the spare, and an older life's frames followed. 648: a sync
 * had failed, the restart took what it could read for durable, and a power cut took it.
 */
const REGRESSIONS = [2_000_000_086, 648];

describe("a journal on a simulated disk", () => {
  it("keeps what was acknowledged, refuses what was destroyed, and drops nothing in silence that it could know of", () => {
    const totals = sweepSeeds(1, SEEDS);
    expect(totals.seeds).toBe(SEEDS);
    // Each kind of outcome must have been met, or this proves nothing.
    expect(totals.recoveries).toBeGreaterThan(2 * SEEDS);
    expect(totals.refusals).toBeGreaterThan(SEEDS / 20);
    expect(totals.faults).toBeGreaterThan(SEEDS / 2);
  });

  it.each(REGRESSIONS)("keeps to that with seed %d", (seed) => {
    expect(sweepSeeds(seed, 1).recoveries).toBeGreaterThan(0);
  });

  it("does so with seeds that nobody has tried", () => {
    const seed = 1_000_000 + (Date.now() % 1_000_000_000);
    console.log(`sim-disk seed ${seed}`);
    sweepSeeds(seed, 500);
  });

  it.each(["EIO", "ENOSPC", "powerCut"] as const)(
    "survives %s at its first call of the disk, its second, and every one after it",
    (kind) => {
      let calls = 0;
      for (let seed = 1; seed <= 10; seed++) {
        for (const durability of ["group", "async"] as const) calls += sweepCalls(seed, kind, durability);
      }
      expect(calls).toBeGreaterThan(1000);
    },
  );

  it.each(Object.entries(PLANTS))("shows %s", (_name, plant) => {
    expect(() => sweepSeeds(1, SEEDS, plant)).toThrow(
      /acknowledged too early|an honest disk was refused|dropped it without a word|frames are whole|other commands/,
    );
  });
});
