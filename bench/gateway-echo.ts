/**
 * Orders over WebSocket on loopback, the client in a process of its own, against a bare echo of the same library in the
 * same interleaved rounds (P8), and acknowledged orders a second in batched frames (P9).
 *
 * A round trip is one new order or one cancel in flight at a time: closed loop, so it says nothing about queueing. `record`
 * is a client that handles records in place, `ringbook/client` adds decimals, promises and report objects. Gateway and
 * echo share this process's event loop and take turns; the shard has its own thread. TLS and a real network are left out.
 */
import { type ChildProcess, fork } from "node:child_process";
import { Engine } from "../engine/index.js";
import { Gateway } from "../gateway/gateway.js";
import { startEcho } from "./gateway-echo/echo-server.js";
import type { ClientStart, Result, RoundTripResult, RoundTripTask, Task, ThroughputResult } from "./gateway-echo/messages.js";
import type { BenchReport } from "./report.js";

type Row = BenchReport["rows"][number];
type Mode = RoundTripTask["mode"];

const SIZES = {
  tiny: { rounds: 2, roundTrips: 200, warmUp: 100, frames: 20, throughputRounds: 1 },
  full: { rounds: 7, roundTrips: 4_000, warmUp: 4_000, frames: 2_000, throughputRounds: 5 },
} as const;
/** Orders in a frame: a client that batches, and one that sends each order by itself. */
const FRAME_ORDERS = [100, 1] as const;
/** Frames of one order are cheap to send: so many more of them. */
const SINGLE_FACTOR = 10;
const WINDOW = 4_000;
const TASK_MS_MAX = 120_000;
const SYMBOL = "BENCH-USD";
/** The two sessions have an account each: those of one account are told of each other's orders. Ids of keys, and names of accounts. */
const RAW_LINE = "raw";
const LINES = [RAW_LINE, "client"] as const;
/** Far above what a machine can send: the throttle counts, and refuses nothing. */
const AS_MUCH_AS_THERE_IS = { perSecond: 1_000_000_000, burst: 1_000_000_000 };
const UNTHROTTLED = { session: AS_MUCH_AS_THERE_IS, account: AS_MUCH_AS_THERE_IS, address: AS_MUCH_AS_THERE_IS };
const MODES: readonly Mode[] = ["echo", "order", "client"];
const NAMES: Record<Mode, string> = { echo: "bare echo", order: "order to report, records", client: "order to report, ringbook/client" };

/** Starts engine, gateway, echo and client for each transport that runs here, and ends all of them. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const size = SIZES[options.size];
  const rows: Row[] = [];
  const checked: string[] = [];
  for (const transport of ["ws", "uws"] as const) {
    const echo = await startEcho(transport);
    if (echo === undefined) {
      checked.push(`${transport}: not measured, its native binary does not run on this Node`);
      continue;
    }
    try {
      await runTransport(transport, echo.url, size, rows, checked);
    } finally {
      await echo.close();
    }
  }
  return { name: "gateway-echo", rows, checked };
}

async function runTransport(
  transport: "ws" | "uws",
  echoUrl: string,
  size: (typeof SIZES)[keyof typeof SIZES],
  rows: Row[],
  checked: string[],
): Promise<void> {
  const engine = await Engine.start({
    currencies: { USD: { scale: 6 }, BENCH: { scale: 6 } },
    instruments: [{ symbol: SYMBOL, base: "BENCH", quote: "USD", tickSize: "1", lotSize: "1" }],
    accounts: LINES.map((name) => ({ name, mode: "unchecked" as const })),
  });
  const keys = LINES.map((id) => ({ id, secret: id, account: id, permissions: ["trade" as const] }));
  const gateway = await Gateway.listen(engine, { port: 0, transport, keys, throttle: UNTHROTTLED });
  const client = fork(new URL("./gateway-echo/client-process.js", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    const start: ClientStart = {
      echoUrl,
      gatewayUrl: `ws://127.0.0.1:${gateway.port}`,
      keys: LINES.map((id) => [id, id]),
      symbol: SYMBOL,
      instrument: 0,
    };
    await ask(client, start);
    rows.push(...(await roundTrips(transport, client, size)));
    checked.push(
      `${transport}: every one of ${MODES.length * size.rounds * size.roundTrips} round trips brought back the record that it had to`,
    );
    await cancelAll(engine);
    for (const frameOrders of FRAME_ORDERS) {
      const orders = size.frames * (frameOrders === 1 ? SINGLE_FACTOR : frameOrders);
      rows.push(await throughput(transport, client, engine, { frameOrders, orders, rounds: size.throughputRounds }));
      checked.push(
        `${transport}: all ${size.throughputRounds * orders} orders in frames of ${frameOrders} were acknowledged once and rested in the book`,
      );
    }
  } finally {
    client.kill();
    await gateway.close();
    await engine.close();
  }
}

async function roundTrips(transport: string, client: ChildProcess, size: (typeof SIZES)[keyof typeof SIZES]): Promise<Row[]> {
  const results: Record<Mode, RoundTripResult[]> = { echo: [], order: [], client: [] };
  for (const mode of MODES) await ask(client, { kind: "roundTrips", mode, count: size.warmUp });
  for (let round = 0; round < size.rounds; round++) {
    for (const mode of MODES) {
      const result = (await ask(client, { kind: "roundTrips", mode, count: size.roundTrips })) as RoundTripResult;
      if (result.count !== size.roundTrips) throw new Error(`${mode}: ${result.count} round trips instead of ${size.roundTrips}`);
      results[mode].push(result);
    }
  }
  const rows = MODES.flatMap((mode) => [
    {
      metric: `${transport}: ${NAMES[mode]}, p50`,
      unit: "µs",
      ...spread(results[mode].map((result) => result.p50Us)),
      ...(mode === "echo" ? {} : { target: "< 200" }),
    },
    { metric: `${transport}: ${NAMES[mode]}, p99`, unit: "µs", ...spread(results[mode].map((result) => result.p99Us)) },
  ]);
  for (const mode of ["order", "client"] as const) {
    const ratios = results[mode].map((result, round) => result.p50Us / (results.echo[round]?.p50Us ?? Number.NaN));
    rows.push({ metric: `${transport}: ${NAMES[mode]}, p50 over echo`, unit: "×", ...spread(ratios), target: "≤ 1.5, reach for 1.2 (P8)" });
  }
  return rows;
}

interface ThroughputPlan {
  readonly frameOrders: number;
  readonly orders: number;
  readonly rounds: number;
}

async function throughput(transport: string, client: ChildProcess, engine: Engine, plan: ThroughputPlan): Promise<Row> {
  const { frameOrders, orders } = plan;
  const rates: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const result = (await ask(client, { kind: "throughput", count: orders, frameOrders, window: WINDOW })) as ThroughputResult;
    if (result.rejected !== 0 || result.acknowledged !== orders) throw new Error(`${result.rejected} of ${orders} orders were rejected`);
    if (result.clOrdIdSum !== (orders * (orders + 1)) / 2) throw new Error("an order was acknowledged twice, and another not at all");
    if ((await cancelAll(engine)) !== orders) throw new Error("the book does not hold what was acknowledged");
    rates.push(orders / result.seconds);
  }
  const row = { metric: `${transport}: orders acknowledged, frames of ${frameOrders}`, unit: "orders/s", ...spread(rates) };
  return frameOrders === 1 ? row : { ...row, target: "≥ 300,000, reach for 1,000,000 (P9)" };
}

/** Empties the book and tells how many orders there were. */
async function cancelAll(engine: Engine): Promise<number> {
  const { count } = await engine.massCancel({ account: RAW_LINE });
  return count ?? 0;
}

function spread(values: readonly number[]): { value: number; low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { value: median, low: sorted[0] ?? Number.NaN, high: sorted[sorted.length - 1] ?? Number.NaN };
}

/** One question to the client process, and its answer. Rejects when it fails, ends or takes too long. */
function ask(client: ChildProcess, message: ClientStart | Task): Promise<Result | { isOpen: true }> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      client.off("message", onMessage);
      client.off("exit", onExit);
    };
    const onMessage = (answer: Result | { isOpen: true } | { error: string }): void => {
      settle();
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    };
    const onExit = (code: number | null): void => {
      settle();
      reject(new Error(`the client process ended with ${code}`));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`the client process took longer than ${TASK_MS_MAX} ms`));
    }, TASK_MS_MAX);
    client.on("message", onMessage);
    client.on("exit", onExit);
    client.send(message as object);
  });
}
