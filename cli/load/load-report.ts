import { cpus, loadavg } from "node:os";
import type { LatencySummary } from "./latency-histogram.js";
import type { LoadPlan, LoadResult } from "./load-run.js";

/** What a run says, and whether it can be believed. */
export interface LoadReport {
  readonly conditions: Readonly<Record<string, string>>;
  readonly url: string;
  readonly symbol: string;
  readonly sessions: number;
  readonly ratePerSecond: number;
  readonly planned: number;
  readonly sent: number;
  readonly answered: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly latency: LatencySummary;
  readonly lag: LatencySummary;
  readonly baseline: LatencySummary;
  /** Whether an injected stall is in the latencies as it must be. */
  readonly stall?: { readonly ms: number; readonly isSeen: boolean };
  /** Why the figures are not to be used; empty when they are. */
  readonly faults: readonly string[];
}

/** Requests that are planned within a stall wait for its end: all of the first half of them longer than half of it. A tenth is tolerance. */
const SHARE_SEEN = 0.9;

export function reportOf(plan: LoadPlan, result: LoadResult, wasStopped: boolean): LoadReport {
  const { latency, lag, baseline, symbol, sent, answered, refused, seconds } = result;
  const stall = plan.stallMs === 0 ? undefined : { ms: plan.stallMs, isSeen: isStallSeen(plan, result) };
  return {
    conditions: conditionsNow(),
    url: plan.url.href,
    symbol,
    sessions: plan.keys.length,
    ratePerSecond: plan.ratePerSecond,
    planned: plan.count,
    sent,
    answered,
    refused,
    seconds,
    latency: latency.summary(),
    lag: lag.summary(),
    baseline: baseline.summary(),
    ...(stall === undefined ? {} : { stall }),
    faults: [
      ...faultsOf(result, wasStopped),
      ...(stall?.isSeen === false ? ["the injected stall is not in the latencies: do not use them"] : []),
    ],
  };
}

function faultsOf({ sent, answered, unsent, refused, latency }: LoadResult, wasStopped: boolean): string[] {
  const refusals = Object.entries(refused);
  return [
    ...(answered < sent ? [`${sent - answered} of ${sent} requests were not answered in time`] : []),
    ...(unsent > 0 ? [`the target does not keep up: ${unsent} planned requests were not sent`] : []),
    ...refusals.map(([reason, count]) => `${count} requests were refused: ${reason}`),
    ...(latency.count === 0 ? ["nothing was measured"] : []),
    ...(wasStopped ? ["stopped before its end"] : []),
  ];
}

function isStallSeen({ stallMs, ratePerSecond }: LoadPlan, { latency }: LoadResult): boolean {
  const late = Math.floor(((ratePerSecond * stallMs) / 1000 / 2) * SHARE_SEEN);
  const percentile = 100 * (1 - late / latency.count);
  return latency.summary().maxMs >= stallMs * SHARE_SEEN && latency.msAt(percentile) >= (stallMs / 2) * SHARE_SEEN;
}

function conditionsNow(): Record<string, string> {
  const [cpu] = cpus();
  return {
    cpu: `${cpu?.model ?? "unknown"} × ${cpus().length}`,
    node: process.version,
    load: loadavg()
      .map((value) => value.toFixed(2))
      .join(" "),
    date: new Date().toISOString(),
  };
}

const COLUMNS = ["p50", "p90", "p99", "p99.9", "p99.99", "max"] as const;

/** For people. */
export function reportText(report: LoadReport): string {
  const { conditions, sessions, ratePerSecond, answered, sent, seconds, stall } = report;
  const rows: [string, LatencySummary][] = [
    ["latency: planned send to answer", report.latency],
    ["of it the sender's lag: planned to sent", report.lag],
    ["hiccup baseline: the same lag, nothing sent", report.baseline],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `${report.url} ${report.symbol}, ${sessions} session${sessions === 1 ? "" : "s"}`,
    `cpu ${conditions["cpu"]}, node ${conditions["node"]}, load ${conditions["load"]}, ${conditions["date"]}`,
    `open loop at ${ratePerSecond.toLocaleString("en-US")}/s: ${answered.toLocaleString("en-US")} of ${sent.toLocaleString("en-US")} requests answered, sent in ${seconds.toFixed(2)} s`,
    `${"milliseconds".padEnd(width)}${COLUMNS.map((name) => name.padStart(10)).join("")}`,
    ...rows.map(([name, summary]) => `${name.padEnd(width)}${cellsOf(summary)}`),
    ...(stall === undefined ? [] : [`stall of ${stall.ms} ms in the sender: ${stall.isSeen ? "seen" : "NOT SEEN"}`]),
    "left out: TLS, a real network, and what a client library adds",
    "",
  ].join("\n");
}

function cellsOf({ p50Ms, p90Ms, p99Ms, p999Ms, p9999Ms, maxMs }: LatencySummary): string {
  return [p50Ms, p90Ms, p99Ms, p999Ms, p9999Ms, maxMs].map((ms) => ms.toFixed(3).padStart(10)).join("");
}
