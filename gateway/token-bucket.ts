/** So many a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A budget that refills with time. One thread. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#perMs = rate.perSecond / 1000;
    this.#burst = rate.burst;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Whether there is a token. */
  has(nowMs: number): boolean {
    if (nowMs > this.#atMs) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
      this.#atMs = nowMs;
    }
    return this.#tokens >= 1;
  }

  /** Takes a token that `has` has just found. */
  take(): void {
    this.#tokens -= 1;
  }

  /** Milliseconds until there is a token, at least 1, when `has` has just found none. */
  get waitMs(): number {
    return Math.max(1, Math.ceil((1 - this.#tokens) / this.#perMs));
  }

  /** Nothing was taken for so long that it is as good as new. */
  isFull(nowMs: number): boolean {
    return this.has(nowMs) && this.#tokens >= this.#burst;
  }
}
