/** The ring bench runs small here, so that it cannot rot. It checks its own sums. */
import { describe, expect, it } from "vitest";
import { run } from "../../bench/ring.js";

describe("the ring bench", () => {
  it("runs, checks itself, and reports every figure of P1 and P2", { timeout: 30_000 }, async () => {
    const report = await run({ size: "tiny" });
    expect(report.rows.length).toBeGreaterThanOrEqual(20);
    for (const row of report.rows) expect(Number.isFinite(row.value), row.metric).toBe(true);
    expect(report.rows.filter(({ target }) => target !== undefined).length).toBeGreaterThanOrEqual(7);
    expect(report.checked.length).toBe(3);
  });
});
