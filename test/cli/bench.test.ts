import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { dataFile } from "../../bench/flows/data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES } from "../../bench/flows/flash.js";

const CLI = fileURLToPath(new URL("../../dist/cli/ringbook.js", import.meta.url));
const TIMEOUT_MS = 120_000;

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return benchWith({}, ...args);
}

function benchWith(variables: Record<string, string>, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "bench", ...args], { encoding: "utf8", timeout: TIMEOUT_MS, env });
  return { status, stdout, stderr };
}

it("prints a bench as a table under its conditions", { timeout: TIMEOUT_MS }, () => {
  const { status, stdout } = bench("wire", "--tiny");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^cpu: .+ × [0-9]+\nnode: v[0-9.]+.*\ncommit: .+\nload: .+\ndate: .+\n\nwire\n {2}/);
  expect(stdout).toMatch(/\n {2}checked: /);
});

it("prints a bench as JSON with its conditions", { timeout: TIMEOUT_MS }, () => {
  const { status, stdout } = bench("wire", "--tiny", "--json");
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ name: "wire", size: "tiny", conditions: { node: expect.stringContaining(process.version) } });
  expect(report.rows.length).toBeGreaterThan(0);
  expect(report.checked.length).toBeGreaterThan(0);
});

it("an unknown bench is a usage error that names what there is", { timeout: TIMEOUT_MS }, () => {
  expect(bench("wirre")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("did you mean wire?") });
  expect(bench("zzzzzzzz")).toMatchObject({ status: 2, stderr: expect.stringContaining("wire") });
});

const missingFlash = FLASH_NAMES.map((name) => EXPECTED_FLASH[name].file).find((file) => dataFile("flash", file) === undefined);

it.skipIf(missingFlash !== undefined)(
  `bench flash gives every scenario and the worst one${missingFlash === undefined ? "" : ` (skipped: no ${missingFlash})`}`,
  { timeout: TIMEOUT_MS },
  () => {
    const { status, stdout } = bench("flash", "--tiny", "--json");
    expect(status).toBe(0);
    const { rows, checked } = JSON.parse(stdout) as { rows: { metric: string; value: number }[]; checked: string[] };
    const [normal, crash, worst] = rows.map(({ value }) => value) as [number, number, number];
    expect(rows).toHaveLength(3);
    expect(worst).toBe(Math.min(normal, crash));
    expect(checked).toHaveLength(2);
  },
);

it("bench flash says that it skips where the data is missing", { timeout: TIMEOUT_MS }, () => {
  const { status, stdout } = benchWith({ RINGBOOK_DATA: "/nowhere" }, "flash", "--tiny");
  expect(status).toBe(0);
  expect(stdout).toContain("flash\n  checked: nothing, skipped: no /nowhere/flash/normal-seed23.bin.gz");
});

it.each(["types", "mass-cancel", "journal"])(
  "bench %s runs small, and every answer is the expected one",
  { timeout: TIMEOUT_MS },
  (name) => {
    const { status, stdout, stderr } = bench(name, "--tiny", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { rows } = JSON.parse(stdout) as { rows: { metric: string; value: number }[] };
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const { metric, value } of rows) expect(value, metric).toBeGreaterThan(0);
  },
);
