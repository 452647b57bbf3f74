import { build, type Histogram } from "hdr-histogram-js";
import type { AdminEngine } from "./admin-engine.js";

const PERIOD_MS = 1_000;
const NS_MAX = 60_000_000_000;

/**
 * Asks the engine for its status once a second and keeps how long each answer took. Orders are not timed one by one: this is what a
 * question costs that waits behind them. It says too whether the engine answers at all.
 */
export class LatencyProbe {
  /** Nanoseconds. */
  readonly histogram: Histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: NS_MAX, numberOfSignificantValueDigits: 3 });
  private askedMs = 0;
  private answeredMs = performance.now();
  private isAsking = false;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly engine: AdminEngine) {
    this.timer = setInterval(() => void this.ask(), PERIOD_MS);
    this.timer.unref();
    void this.ask();
  }

  /** How long the engine has owed an answer, milliseconds; 0 when it owes none. */
  get owedMs(): number {
    return this.isAsking ? performance.now() - this.askedMs : 0;
  }

  /** Since it has answered last, milliseconds. */
  get silentMs(): number {
    return performance.now() - this.answeredMs;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async ask(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    this.askedMs = performance.now();
    try {
      await this.engine.status();
      this.answeredMs = performance.now();
      const ns = Math.round((this.answeredMs - this.askedMs) * 1_000_000);
      this.histogram.recordValue(Math.min(NS_MAX, Math.max(1, ns)));
      this.isAsking = false;
    } catch {
      // An engine that is gone owes the answer from now on: that is what `owedMs` is for.
    }
  }
}
