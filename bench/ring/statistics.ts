/** Median and range over interleaved rounds. */
import type { BenchReport } from "../report.js";

export type Row = BenchReport["rows"][number];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** One row: the median of the rounds with their range. */
export function rowOf(metric: string, unit: string, rounds: readonly number[], target?: string): Row {
  const row = { metric, unit, value: median(rounds), low: Math.min(...rounds), high: Math.max(...rounds) };
  return target === undefined ? row : { ...row, target };
}

/** The ratio of two contestants: median and range of the ratios of rounds that ran next to each other. */
export function ratioOf(metric: string, over: readonly number[], under: readonly number[], target?: string): Row {
  return rowOf(
    metric,
    "×",
    over.map((value, round) => value / under[round]),
    target,
  );
}
