import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LatencyHistogram } from "../../cli/load/latency-histogram.js";
import { type LoadReport, reportOf } from "../../cli/load/load-report.js";
import type { LoadPlan, LoadResult } from "../../cli/load/load-run.js";
import { openLoop } from "../../cli/load/open-loop.js";
import type { Engine } from "../../dist/engine/index.js";
import { Gateway } from "../../dist/gateway/index.js";
import { sleep, startEngine } from "../runtime/start.js";
import { runCli } from "./run-cli.js";

const CLI = fileURLToPath(new URL("../../dist/cli/ringbook.js", import.meta.url));
const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "ringbook-load-"));
const KEYS = ["a", "b"].map((id) => ({ id, secret: `secret of ${id}` }));
let engine: Engine;
let gateway: Gateway;
beforeAll(async () => {
  engine = await startEngine();
  const keys = KEYS.map((key, index) => ({ ...key, account: ["alice", "bob"][index] as string, permissions: ["trade" as const] }));
  gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await gateway.close();
  await engine.close();
});

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of its own: the load must not stand in the way of the gateway that it loads. */
async function load(...args: readonly string[]): Promise<Ran> {
  const { child, ran } = spawnLoad(...args);
  void child;
  return ran;
}

function spawnLoad(...args: readonly string[]): { readonly child: ChildProcess; readonly ran: Promise<Ran> } {
  const url = `ws://127.0.0.1:${gateway.port}`;
  const base = [
    "load",
    url,
    "--warm-up",
    "0",
    "--baseline",
    "0",
    ...(args.includes("--keys") ? [] : ["--key", "a", "--secret", "secret of a"]),
  ];
  const child = spawn(process.execPath, [CLI, ...base, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ran = (async () => {
    const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { exitCode: exitCode as number, stdout, stderr };
  })();
  return { child, ran };
}

describe("ringbook load", () => {
  it("sends what it has planned, measures every answer, and leaves nothing behind", { timeout: TIMEOUT_MS }, async () => {
    const before = engine.counters().commands;
    const files = { svg: join(folder, "load.svg"), hdr: join(folder, "load.hgrm") };
    const ran = await load("--rate", "500", "--count", "400", "--baseline", "1", "--json", "--svg", files.svg, "--hdr", files.hdr);
    expect(ran).toMatchObject({ exitCode: 0, stderr: "" });
    const report = JSON.parse(ran.stdout) as LoadReport;
    expect(report).toMatchObject({ symbol: "ABC", sessions: 1, planned: 400, sent: 400, answered: 400, refused: {}, faults: [] });
    expect(report.latency.count).toBe(400);
    expect(report.lag.count).toBe(400);
    expect(report.baseline.count).toBe(500);
    expect(report.seconds).toBeGreaterThan(0.75);
    expect(report.latency.p50Ms).toBeGreaterThan(0);
    expect(report.latency.p50Ms).toBeLessThanOrEqual(report.latency.maxMs);
    expect(report.conditions).toMatchObject({ node: process.version });
    expect(engine.counters().commands - before).toBe(400);
    expect(await engine.book("ABC")).toMatchObject({ bids: [], asks: [] });
    expect(readFileSync(files.hdr, "utf8")).toMatch(/Total count\s*=\s*400\]/);
    const svg = readFileSync(files.svg, "utf8");
    expect(svg).toMatch(/^<svg/);
    for (const words of ["order to report", "lag of the sender", "idle machine", "99%", "milliseconds"]) expect(svg).toContain(words);
  });

  it("shares the load over the keys of a file, and prints a table", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "keys.json");
    writeFileSync(path, JSON.stringify(KEYS));
    const ran = await load(
      "--keys",
      path,
      "--rate",
      "1000",
      "--count",
      "500",
      "--symbol",
      "BTC-USD",
      "--price-ticks",
      "7",
      "--warm-up",
      "1",
    );
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("BTC-USD, 2 sessions");
    expect(ran.stdout).toContain("open loop at 1,000/s: 500 of 500 requests answered");
    expect(ran.stdout).toMatch(/latency: planned send to answer( +[0-9.]+){6}\n/);
  });

  it("shows a stall of 20 ms in the latencies of all that was planned meanwhile", { timeout: TIMEOUT_MS }, async () => {
    const ran = await load("--rate", "2000", "--count", "2000", "--stall-ms", "20", "--json");
    const report = JSON.parse(ran.stdout) as LoadReport;
    expect(report).toMatchObject({ stall: { ms: 20, isSeen: true }, faults: [] });
    expect(report.latency.maxMs).toBeGreaterThanOrEqual(18);
    // Some 40 requests were planned within the stall, so one in 50: a sender that waits would have shown one in 2,000.
    expect(report.latency.p99Ms).toBeGreaterThan(8);
  });

  it("says what was refused, and that such figures are no good", { timeout: TIMEOUT_MS }, async () => {
    await engine.kill({ scope: "account", account: "alice", on: true });
    const ran = await load("--rate", "500", "--count", "100");
    await engine.kill({ scope: "account", account: "alice", on: false });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain("50 requests were refused: KILL_SWITCH");
    expect(ran.stderr).toContain("50 requests were refused: UNKNOWN_ORDER");
  });

  it("says when it cannot log on, when the instrument is not there, and when the session is lost", { timeout: TIMEOUT_MS }, async () => {
    expect(await load("--secret", "wrong", "--count", "1")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("BAD_SIGNATURE"),
    });
    expect(await load("--symbol", "NONE", "--count", "1")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("no instrument NONE"),
    });
    const { ran } = spawnLoad("--rate", "500", "--seconds", "30");
    while (gateway.sessionCount === 0) await sleep(10);
    await sleep(100);
    const closedMs = performance.now();
    await gateway.close();
    expect(await ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("4010") });
    expect(performance.now() - closedMs).toBeLessThan(15_000);
  });

  it.each([
    [["load"], "load takes one URL"],
    [["load", "http://127.0.0.1:1"], "URL must be ws:// or wss://"],
    [["load", "ws://example.com:9001"], "example.com is not this machine"],
    [["load", "ws://127.0.0.1:1", "--rate", "0"], "--rate must be an integer from 1 to 1000000, was 0"],
    [["load", "ws://127.0.0.1:1", "--seconds", "1", "--count", "1"], "give --seconds or --count, not both"],
    [["load", "ws://127.0.0.1:1", "--keys", "f", "--key", "a"], "give --keys or --key and --secret, not both"],
  ])("%j: %s", async (args, message) => {
    expect(await runCli(args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  it("says when nobody listens there", async () => {
    expect(await runCli(["load", "ws://127.0.0.1:9", "--baseline", "0"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("cannot connect to ws://127.0.0.1:9/"),
    });
  });
});

describe("the open loop", () => {
  it("keeps to its plan: what a stall has held up is done at once, under the time that was planned for it", async () => {
    const planned: number[] = [];
    const lateMs: number[] = [];
    const done = await openLoop({
      ratePerSecond: 1000,
      count: 60,
      signal: new AbortController().signal,
      afterTurn: () => {},
      onDue: (index, plannedMs) => {
        planned.push(plannedMs);
        lateMs.push(performance.now() - plannedMs);
        const untilMs = performance.now() + (index === 20 ? 25 : 0);
        while (performance.now() < untilMs);
        return true;
      },
    });
    expect(done).toBe(60);
    for (let index = 1; index < 60; index++) expect((planned[index] as number) - (planned[index - 1] as number)).toBeCloseTo(1, 6);
    expect(lateMs[21]).toBeGreaterThanOrEqual(23);
    expect(lateMs[31]).toBeGreaterThanOrEqual(13);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const options = { ratePerSecond: 1000, count: 1_000_000, afterTurn: () => {} };
    const aborted = openLoop({ ...options, signal: stop.signal, onDue: () => true });
    setTimeout(() => stop.abort(), 20);
    expect(await aborted).toBeLessThan(1000);
    expect(await openLoop({ ...options, signal: new AbortController().signal, onDue: (index) => index < 3 })).toBe(3);
  });
});

describe("the stall self-test", () => {
  it("fails for latencies that leave the stall out", async () => {
    const plan = {
      url: new URL("ws://127.0.0.1:1"),
      keys: [{ id: "", secret: "" }],
      ratePerSecond: 1000,
      count: 1000,
      stallMs: 20,
    } as unknown as LoadPlan;
    const resultWith = async (lateMs: readonly number[]): Promise<LoadResult> => {
      const [latency, lag, baseline] = [await LatencyHistogram.create(), await LatencyHistogram.create(), await LatencyHistogram.create()];
      for (let index = lateMs.length; index < 1000; index++) latency.record(0.1);
      for (const ms of lateMs) latency.record(ms);
      return { symbol: "ABC", sent: 1000, answered: 1000, unsent: 0, refused: {}, seconds: 1, latency, lag, baseline };
    };
    // The one request that was held up, and none of those that should have left meanwhile: coordinated omission.
    const omitted = reportOf(plan, await resultWith([20]), false);
    expect(omitted).toMatchObject({
      stall: { isSeen: false },
      faults: [expect.stringContaining("the injected stall is not in the latencies")],
    });
    const whole = reportOf(plan, await resultWith(Array.from({ length: 20 }, (_, index) => 20 - index)), false);
    expect(whole).toMatchObject({ stall: { isSeen: true }, faults: [] });
  });
});
