import { FlashEngine } from "../../cli/convert/flash/flash-engine.js";
import { type FlashFlow, FlashReports } from "./flash.js";

/** What the core makes of a benchmark flow. */
export interface FlashResult {
  readonly reportSha256: string;
  readonly trades: number;
}

/** Plays a whole benchmark flow through the core and hashes the report stream that the benchmark asks for. */
export function playFlash(flow: FlashFlow): FlashResult {
  const reports = new FlashReports();
  const engine = new FlashEngine(reports);
  for (let i = 0; i < flow.count; i++) {
    engine.apply({
      type: flow.types[i],
      side: flow.sides[i],
      isImmediate: flow.iocs[i] === 1,
      qty: flow.quantities[i],
      seq: flow.seqs[i],
      id: flow.ids[i],
      price: flow.prices[i],
    });
  }
  engine.core.assertConsistent();
  return { reportSha256: reports.digest(), trades: reports.trades };
}
