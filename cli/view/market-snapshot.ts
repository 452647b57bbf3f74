import type { BookRow } from "../../engine/index.js";
import type { LatencySummary } from "../demo/latency.js";

export interface TradeLine {
  readonly price: string;
  readonly qty: string;
  /** Undefined in an uncross. */
  readonly aggressor: "buy" | "sell" | undefined;
}

/** One instrument at a moment. */
export interface InstrumentSnapshot {
  readonly symbol: string;
  readonly bids: readonly BookRow[];
  readonly asks: readonly BookRow[];
  /** Newest first. */
  readonly trades: readonly TradeLine[];
}

/** All that a view shows. */
export interface MarketSnapshot {
  readonly uptimeMs: number;
  readonly url: string;
  readonly transport: string;
  readonly sessions: number;
  /** Since the start: commands that the engine applied, and trades. */
  readonly commands: number;
  readonly trades: number;
  /** Over the last second or so. */
  readonly commandsPerSecond: number;
  readonly latency: LatencySummary | undefined;
  readonly instruments: readonly InstrumentSnapshot[];
}
