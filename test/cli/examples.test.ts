import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const TIMEOUT_MS = 60_000;

function compiled(path: string): string {
  return fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
}

function runExample(name: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiled(`examples/${name}.js`), ...args], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

it("core-backtest gives the same result every time", { timeout: TIMEOUT_MS }, () => {
  const first = runExample("core-backtest");
  expect(first).toEqual([expect.stringMatching(/^[0-9]+ fills, position -?[0-9]+, result -?[0-9.]+ USD, state [0-9a-f]{16}$/)]);
  expect(runExample("core-backtest")).toEqual(first);
});

it("embed", { timeout: TIMEOUT_MS }, () => {
  expect(runExample("embed")).toEqual([
    "alice's order 1 is accepted",
    "bob's order is filled",
    "trade 1: 0.2 at 65000, alice has 0.3 left",
    "best bid 65000 for 0.3",
  ]);
});

it("funds", { timeout: TIMEOUT_MS }, () => {
  expect(runExample("funds")).toEqual([
    "the same deposit again: ALREADY_APPLIED",
    "alice has 1000 USD (400.4 held)",
    "bob's order is rejected: MAX_ORDER_NOTIONAL",
    "bob's order is filled",
    "alice has 700 USD (100.1 held), 3 GOLD",
    "bob has 299.7 USD, 2 GOLD",
    "alice may not take 600 USD: INSUFFICIENT_FUNDS",
  ]);
});

it("client trades on the demo market", { timeout: TIMEOUT_MS }, async () => {
  const market = spawn(process.execPath, [
    compiled("cli/ringbook.js"),
    "start",
    "--demo",
    "--port",
    "0",
    "--seconds",
    "30",
    "--no-journal",
  ]);
  try {
    const lines = runExample("client", await gatewayUrl(market.stderr));
    expect(lines[0]).toMatch(/^bid [0-9]+: accepted, 0\.01 open$/);
    expect(lines.at(-3)).toMatch(/^BTC-USD [0-9.]+ for [0-9.]+ \/ [0-9.]+ for [0-9.]+$/);
    expect(lines.at(-2)).toMatch(/^market order: filled, 0\.01 at [0-9.]+$/);
    expect(lines.at(-1)).toBe("bid: canceled");
  } finally {
    const exited = once(market, "exit");
    market.kill("SIGTERM");
    await exited;
  }
});

async function gatewayUrl(log: NodeJS.ReadableStream): Promise<string> {
  let seen = "";
  for await (const chunk of log) {
    seen += String(chunk);
    const line = seen.split("\n").find((text) => text.includes('"gateway listening"') && text.endsWith("}"));
    if (line !== undefined) return `ws://127.0.0.1:${JSON.parse(line).port}`;
  }
  throw new Error(`the gateway never listened: ${seen}`);
}

it("every example is run here", () => {
  const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
  expect(readdirSync(folder).sort()).toEqual(["client.ts", "core-backtest.ts", "embed.ts", "funds.ts"]);
});
