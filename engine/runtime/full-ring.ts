import type { SingleProducer, SpscRing } from "../ring/index.js";

/** A reader that was shut out because it held the shard up. */
export interface Eviction {
  readonly gate: number;
  /** How long it had not moved. */
  readonly silentMs: number;
  readonly lagBytes: number;
}

const YIELDS = 50;
const SLEEP_MS_MIN = 0.05;
const SLEEP_MS_MAX = 1;

/**
 * What a shard does while its event ring is full: publish, wait for the slowest gate, and shut out a gate that has not
 * moved for `evictAfterMs`. The ring stands still meanwhile, so a gate's lag changes only when its reader moves.
 * Producer thread only; it blocks.
 */
export class FullRing {
  private readonly lags: Float64Array;
  private readonly movedAtMs: Float64Array;
  /** Position of the producer at which it got stuck. */
  private stuckAt = -1;
  private looks = 0;

  constructor(
    private readonly ring: SpscRing,
    private readonly producer: SingleProducer,
    private readonly evictAfterMs: number,
    private readonly onEviction: (eviction: Eviction) => void,
    private readonly pause: (ms: number) => void,
    /** Whether the readers are waiting themselves: then nobody is to blame. */
    private readonly isHeldUp: () => boolean = () => false,
  ) {
    this.lags = new Float64Array(ring.gates);
    this.movedAtMs = new Float64Array(ring.gates);
  }

  /** One look at the gates and one short sleep. The caller tries again until its event fits. */
  makeRoom(): void {
    this.producer.publish();
    const nowMs = performance.now();
    if (this.producer.position !== this.stuckAt) this.begin(nowMs);
    else this.evictStill(nowMs);
    this.looks++;
    if (this.looks <= YIELDS) return;
    const sleepMs = Math.min(SLEEP_MS_MAX, SLEEP_MS_MIN * (this.looks - YIELDS));
    this.pause(sleepMs);
  }

  private begin(nowMs: number): void {
    this.stuckAt = this.producer.position;
    this.looks = 0;
    for (let gate = 0; gate < this.ring.gates; gate++) {
      this.lags[gate] = this.ring.gateStatus(gate).lagBytes;
      this.movedAtMs[gate] = nowMs;
    }
  }

  private evictStill(nowMs: number): void {
    const isHeldUp = this.isHeldUp();
    for (let gate = 0; gate < this.ring.gates; gate++) {
      const { lagBytes } = this.ring.gateStatus(gate);
      if (isHeldUp || lagBytes !== this.lags[gate] || lagBytes === 0) {
        this.lags[gate] = lagBytes;
        this.movedAtMs[gate] = nowMs;
        continue;
      }
      const silentMs = nowMs - this.movedAtMs[gate];
      if (silentMs >= this.evictAfterMs && this.ring.evict(gate)) this.onEviction({ gate, silentMs, lagBytes });
    }
  }
}
