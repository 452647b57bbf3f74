import { describe, expect, it } from "vitest";
import { run, steadyHeapGrowth } from "../../bench/wire.js";

describe("wire bench", () => {
  it("runs small, checks itself and reports every codec in both directions", { timeout: 60_000 }, async () => {
    const report = await run({ size: "tiny" });
    expect(report.name).toBe("wire");
    expect(report.checked.length).toBeGreaterThan(0);
    const metrics = report.rows.map((row) => row.metric);
    for (const message of ["NewOrder", "OrderAccepted"]) {
      for (const codec of ["flyweight", "MessagePack", "JSON"])
        expect(metrics).toEqual(expect.arrayContaining([`${message} encode, ${codec}`, `${message} decode, ${codec}`]));
    }
    for (const row of report.rows.filter(({ unit }) => unit === "ns")) {
      expect(row.value, row.metric).toBeGreaterThan(0);
      expect(row.low, row.metric).toBeLessThanOrEqual(row.value);
      expect(row.high, row.metric).toBeGreaterThanOrEqual(row.value);
    }
  });

  it("notices work that allocates at every record", { timeout: 60_000 }, () => {
    const kept: number[][] = [];
    const allocate = (): void => {
      for (let i = 0; i < 1024; i++) kept[i & 7] = [i + 0.5];
    };
    expect(() => steadyHeapGrowth(allocate)).toThrow("the flyweights allocate");
    expect(kept.length).toBe(8);
  });
});
