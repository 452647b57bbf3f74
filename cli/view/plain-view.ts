import { clock, latencyText, wholeNumber } from "./format.js";
import type { InstrumentSnapshot, MarketSnapshot } from "./market-snapshot.js";

/** One line for pipes and logs. */
export function renderPlain(snapshot: MarketSnapshot): string {
  const { uptimeMs, commandsPerSecond, trades, latency, instruments } = snapshot;
  const rates = `${wholeNumber(commandsPerSecond)} orders/s  ${wholeNumber(trades)} trades`;
  return [clock(uptimeMs), ...instruments.map(bestPrices), rates, `order→report ${latencyText(latency)}`].join("  ");
}

/** The last line of a run. */
export function renderSummary(snapshot: MarketSnapshot): string {
  const { uptimeMs, commands, trades, latency, transport } = snapshot;
  const totals = `${wholeNumber(commands)} orders and ${wholeNumber(trades)} trades in ${(uptimeMs / 1000).toFixed(1)} s over ${transport}`;
  return `ran ${totals}; order→report ${latencyText(latency)}`;
}

function bestPrices({ symbol, bids, asks }: InstrumentSnapshot): string {
  return `${symbol} ${bids[0]?.[0] ?? "–"}/${asks[0]?.[0] ?? "–"}`;
}
