import { build, type Histogram, initWebAssembly } from "hdr-histogram-js";

/** Nanoseconds. Longer ones count as this. */
const NS_MAX = 100_000_000_000;
const NS_PER_MS = 1_000_000;
/** Of the percentile distribution: lines for each halving of what is left above. */
const TICKS_PER_HALF = 5;

/** Percentiles in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
}

/** A point of the percentile curve: so much of all is at most that long. */
export interface PercentilePoint {
  readonly percentile: number;
  readonly ms: number;
}

/** Times in an HDR histogram of three digits, whatever their size. WASM mode: the JS mode takes NaN for a value. */
export class LatencyHistogram {
  private readonly histogram: Histogram;

  private constructor() {
    this.histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: NS_MAX,
      numberOfSignificantValueDigits: 3,
      useWebAssembly: true,
    });
  }

  static async create(): Promise<LatencyHistogram> {
    await initWebAssembly();
    return new LatencyHistogram();
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  /** Milliseconds from 0 on, fractions too. */
  record(ms: number): void {
    this.histogram.recordValue(Math.min(NS_MAX, Math.max(1, Math.round(ms * NS_PER_MS))));
  }

  /** 0 when there is nothing. */
  msAt(percentile: number): number {
    return this.count === 0 ? 0 : this.histogram.getValueAtPercentile(percentile) / NS_PER_MS;
  }

  summary(): LatencySummary {
    const at = (percentile: number): number => this.msAt(percentile);
    const maxMs = this.count === 0 ? 0 : this.histogram.maxValue / NS_PER_MS;
    return { count: this.count, p50Ms: at(50), p90Ms: at(90), p99Ms: at(99), p999Ms: at(99.9), p9999Ms: at(99.99), maxMs };
  }

  /** As the plotter of HdrHistogram reads it (.hgrm), in milliseconds. */
  distribution(): string {
    return this.histogram.outputPercentileDistribution(TICKS_PER_HALF, NS_PER_MS);
  }

  /** The curve, as dense as the number of values allows. */
  points(): PercentilePoint[] {
    const found: PercentilePoint[] = [];
    for (let left = 1; left * this.count >= 1; left /= 10 ** 0.1) {
      const percentile = 100 - 100 * left;
      found.push({ percentile, ms: this.msAt(percentile) });
    }
    return found;
  }

  destroy(): void {
    this.histogram.destroy();
  }
}
