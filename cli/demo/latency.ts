import { build } from "hdr-histogram-js";

/** Nanoseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly maxNs: number;
}

const LATENCY_NS_MAX = 60_000_000_000;

/** Latencies in a histogram that keeps three digits of each, whatever its size. */
export class LatencyRecorder {
  private readonly histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_NS_MAX,
    numberOfSignificantValueDigits: 3,
  });

  /** Milliseconds as `performance.now` gives them. */
  record(startedMs: number, endedMs: number): void {
    this.histogram.recordValue(Math.min(LATENCY_NS_MAX, Math.max(1, Math.round((endedMs - startedMs) * 1_000_000))));
  }

  summary(): LatencySummary {
    const { histogram } = this;
    return {
      count: histogram.totalCount,
      p50Ns: histogram.getValueAtPercentile(50),
      p99Ns: histogram.getValueAtPercentile(99),
      p999Ns: histogram.getValueAtPercentile(99.9),
      maxNs: histogram.maxValue,
    };
  }
}
