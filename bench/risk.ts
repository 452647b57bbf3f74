import { deepStrictEqual } from "node:assert/strict";
import { build, initWebAssembly } from "hdr-histogram-js";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { CoreFlow, type RecordedFlow } from "./book/core-flow.js";
import { EXPECTED_FLOWS, EXPECTED_NORMAL_SHORT, type Flow, type FlowResult, firstTimed, SHORT_TIMED_COUNT } from "./flows/flow.js";
import { loadFlow } from "./flows/flow-cache.js";
import type { BenchReport } from "./report.js";
import { rowOf } from "./ring/statistics.js";
import { refusedOrders } from "./risk/refused-orders.js";
import { type Market, RISK_MARKETS, recordFor } from "./risk/risk-market.js";

type Row = BenchReport["rows"][number];

/**
 * P4 of PERFORMANCE.md: the flow `normal` with accounts that are checked, hold, pay fees and settle, beside the same flow with accounts that
 * are not; and what the risk step costs alone. Main thread.
 */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  await initWebAssembly();
  const isTiny = options.size === "tiny";
  raiseInliningBudget();
  const whole = loadFlow("normal");
  const flow = isTiny ? firstTimed(whole, SHORT_TIMED_COUNT) : whole;
  const expected = isTiny ? EXPECTED_NORMAL_SHORT : EXPECTED_FLOWS.normal.result;
  const rows = [...compare(flow, expected, isTiny ? 1 : 7), ...stepAlone(isTiny ? 20_000 : 1_000_000)];
  return {
    name: "risk",
    rows,
    checked: [
      "normal, in every market and round: trades, quantities and both hashes are the published ones",
      "normal: the ledger adds up to what was deposited, every hold belongs to a live order, and fees are those of the trades",
      "the risk step alone: every order was refused by the check that was meant",
    ],
  };
}

function compare(flow: Flow, expected: FlowResult, rounds: number): Row[] {
  const contestants = RISK_MARKETS.map((market) => ({ market, recorded: recordFor(market, flow), rates: [] as number[] }));
  for (let round = -2; round < rounds; round++) {
    for (const { market, recorded, rates } of contestants) {
      const rate = play(market, recorded, flow, expected, round === rounds - 1);
      if (round >= 0) rates.push(rate);
    }
  }
  const [base] = contestants;
  const rows: Row[] = contestants.map(({ market, rates }) => rowOf(`normal, ${market.name}`, "M commands/s", rates));
  for (const { market, rates } of contestants.slice(1)) {
    const ratios = rates.map((rate, index) => rate / base.rates[index]);
    rows.push(rowOf(`normal, ${market.name}, over ${base.market.name}`, "×", ratios, market.target));
  }
  return rows;
}

function play(market: Market, recorded: RecordedFlow, flow: Flow, expected: FlowResult, isChecked: boolean): number {
  const player = new CoreFlow(2 ** 18, 2 ** 15, market.rules);
  player.play(recorded, 0, recorded.setupRecords);
  const startMs = performance.now();
  player.play(recorded, recorded.setupRecords, recorded.offsets.length);
  const elapsedMs = performance.now() - startMs;
  deepStrictEqual(player.result(), expected);
  if (isChecked) player.core.assertConsistent();
  const { ledger } = player.core;
  const quote = player.core.instruments.quoteOf[0];
  const fees = ledger.fees.highOf(quote) * 2 ** 32 + ledger.fees.lowOf(quote);
  const least = Math.floor((expected.tradedNotional * market.feePpm) / 1e6);
  // Each fee of each side is rounded up by itself.
  if (fees < least || fees > least + 2 * expected.trades) throw new Error(`${market.name}: fees are ${fees}, must be about ${least}`);
  return flow.timedCount / elapsedMs / 1000;
}

/** Orders that go through all checks and are refused by the last one, against orders that are refused before the first. */
function stepAlone(orders: number): Row[] {
  const names = ["refused for want of funds, by the last check", "refused as an unknown account, before the first"] as const;
  const rows: Row[] = [];
  for (const [index, name] of names.entries()) {
    const histogram = build({
      useWebAssembly: true,
      lowestDiscernibleValue: 1,
      highestTrackableValue: 1e9,
      numberOfSignificantValueDigits: 3,
    });
    refusedOrders(orders, index === 0, (nanoseconds) => histogram.recordValue(Math.max(1, Math.round(nanoseconds))));
    const seed = index === 0 ? "< 50,000 (seed standard: risk check)" : undefined;
    const value = (percentile: number): number => histogram.getValueAtPercentile(percentile);
    rows.push({
      metric: `an order ${name}, p50 of batches of 16`,
      value: value(50),
      unit: "ns",
      ...(seed === undefined ? {} : { target: seed }),
    });
    rows.push({ metric: `an order ${name}, p99 of batches of 16`, value: value(99), unit: "ns" });
  }
  return rows;
}
