/** A seeded xorshift (Marsaglia, 32 bits): the same seed gives the same run everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Nought is xorshift's only dead state; spreading the seed keeps neighbouring seeds apart.
    this.#state = Math.imul(seed, 0x9e3779b1) | 0 || 1;
    for (let i = 0; i < 8; i++) this.below(2);
  }

  /** 0…n−1. */
  below(n: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % n;
  }

  /** True in so many of 1000 cases. */
  permille(share: number): boolean {
    return this.below(1000) < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
