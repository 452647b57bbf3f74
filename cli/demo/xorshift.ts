/** Xorshift32: the demo's market is the same for the same seed, as far as the network lets it. */
export class Xorshift {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** 0 to `bound` − 1. */
  below(bound: number): number {
    return this.next() % bound;
  }

  /** True once in `times`. */
  onceIn(times: number): boolean {
    return this.below(times) === 0;
  }

  private next(): number {
    let value = this.state;
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
    this.state = value;
    return value >>> 0;
  }
}
