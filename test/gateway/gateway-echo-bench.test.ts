import { expect, it } from "vitest";
import type * as GatewayEcho from "../../bench/gateway-echo.js";

// The bench starts worker threads and a client process, which need compiled files.
const { run } = (await import(new URL("../../dist/bench/gateway-echo.js", import.meta.url).href)) as typeof GatewayEcho;

it("the gateway bench runs small and checks its own answers", async () => {
  const report = await run({ size: "tiny" });
  expect(report.name).toBe("gateway-echo");
  expect(report.rows.filter((row) => row.metric.startsWith("ws: "))).toHaveLength(10);
  for (const row of report.rows) {
    expect(row.value).toBeGreaterThan(0);
    expect(row.low).toBeLessThanOrEqual(row.value);
    expect(row.high).toBeGreaterThanOrEqual(row.value);
  }
  expect(report.checked.length).toBeGreaterThanOrEqual(4);
}, 60_000);
