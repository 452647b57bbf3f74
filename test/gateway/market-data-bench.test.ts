import { expect, it } from "vitest";
import { run } from "../../bench/market-data.js";

it("the market-data bench runs small and checks its own answers", () => {
  const report = run({ size: "tiny" });
  expect(report.rows).toHaveLength(16);
  for (const row of report.rows) expect(row.value, row.metric).toBeGreaterThan(0);
  expect(report.checked).toHaveLength(3);
}, 60_000);
