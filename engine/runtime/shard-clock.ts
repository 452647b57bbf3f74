const DRIFT_MS_MAX = 5;

/**
 * The shard's clock: microseconds since the Unix epoch, never decreasing. It runs on the monotonic clock, for the sake
 * of its resolution, and follows the wall clock when the two have drifted apart. One thread.
 */
export class ShardClock {
  private offsetMs = Date.now() - performance.now();
  private lastUs = 0;

  /** Nothing before `us` will be told any more. */
  raiseTo(us: number): void {
    if (us > this.lastUs) this.lastUs = us;
  }

  /** One read of the clock; a safe integer until the year 2255. */
  nowUs(): number {
    const monotonicMs = performance.now();
    const wallMs = Date.now();
    if (Math.abs(wallMs - (this.offsetMs + monotonicMs)) > DRIFT_MS_MAX) this.offsetMs = wallMs - monotonicMs;
    const us = Math.floor((this.offsetMs + monotonicMs) * 1000);
    if (us > this.lastUs) this.lastUs = us;
    return this.lastUs;
  }
}
