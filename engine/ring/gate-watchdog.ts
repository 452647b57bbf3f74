/**
 * Finds gate readers that hold a producer back and no longer move. The host calls it now and then and says what time it is; there is no
 * clock in here.
 */
import type { GateStatus } from "./gate-table.js";

/** A ring whose gates can be watched: SpscRing, BroadcastRing and MpscRing. */
export interface GatedRing {
  readonly gates: number;
  gateStatus(index: number): GateStatus;
  evict(index: number): boolean;
}

/** A gate that was evicted. */
export interface EvictedGate {
  readonly index: number;
  /** How long it had not polled, by the caller's clock. */
  readonly silentMs: number;
  /** How far it was behind. */
  readonly lagBytes: number;
}

export interface GateWatchdogOptions {
  /**
   * A gate with a lag whose reader has not polled for this long is evicted: 1 ms or more. Choose it far above the longest pause that a live
   * reader may take.
   */
  timeoutMs: number;
}

/** Host thread. One per ring. */
export class GateWatchdog {
  readonly #ring: GatedRing;
  readonly #timeoutMs: number;
  readonly #heartbeats: number[];
  readonly #movedAtMs: number[];

  constructor(ring: GatedRing, options: GateWatchdogOptions) {
    if (!(options.timeoutMs >= 1)) throw new RangeError(`timeoutMs must be 1 or more, was ${options.timeoutMs}`);
    this.#ring = ring;
    this.#timeoutMs = options.timeoutMs;
    this.#heartbeats = new Array<number>(ring.gates).fill(0);
    this.#movedAtMs = new Array<number>(ring.gates).fill(NaN);
  }

  /**
   * Evicts every gate that is behind and whose reader has been silent too long at `nowMs` (any clock that does not go back), and says
   * which.
   */
  evictDeadGates(nowMs: number): EvictedGate[] {
    const evicted: EvictedGate[] = [];
    for (let index = 0; index < this.#ring.gates; index++) {
      const status = this.#ring.gateStatus(index);
      const silentMs = this.#silentMs(status, nowMs);
      if (silentMs >= this.#timeoutMs && this.#ring.evict(index)) evicted.push({ index, silentMs, lagBytes: status.lagBytes });
    }
    return evicted;
  }

  /** A gate that polls, has nothing to read, or holds nobody back is not silent. */
  #silentMs(status: GateStatus, nowMs: number): number {
    const { index, heartbeat, lagBytes } = status;
    const since = this.#movedAtMs[index];
    if (lagBytes > 0 && heartbeat === this.#heartbeats[index] && !Number.isNaN(since)) return nowMs - since;
    this.#heartbeats[index] = heartbeat;
    this.#movedAtMs[index] = nowMs;
    return 0;
  }
}
