import type { LatencySummary } from "../demo/latency.js";

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export function wholeNumber(value: number): string {
  return WHOLE.format(value);
}

/** Nanoseconds in the unit that suits them, three digits or so. */
export function duration(ns: number): string {
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(ns < 100_000 ? 1 : 0)} µs`;
  if (ns < 1_000_000_000) return `${(ns / 1_000_000).toFixed(ns < 100_000_000 ? 1 : 0)} ms`;
  return `${(ns / 1_000_000_000).toFixed(1)} s`;
}

/** 83 s as `1:23`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function latencyText(latency: LatencySummary | undefined): string {
  if (latency === undefined || latency.count === 0) return "no reports yet";
  const { p50Ns, p99Ns, p999Ns, maxNs } = latency;
  return `p50 ${duration(p50Ns)}  p99 ${duration(p99Ns)}  p99.9 ${duration(p999Ns)}  max ${duration(maxNs)}`;
}

/** A decimal with at least so many places, so that columns line up. */
export function padFraction(text: string, digits: number): string {
  const [whole = "", fraction = ""] = text.split(".");
  return digits === 0 ? text : `${whole}.${fraction.padEnd(digits, "0")}`;
}
