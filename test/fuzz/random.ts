/** xorshift32: the same draws for a seed every time. */
export class Random {
  #x: number;

  /** `seed`: not 0. */
  constructor(seed: number) {
    this.#x = seed | 0 || 1;
  }

  /** 0 to n − 1. */
  below(n: number): number {
    this.#x ^= this.#x << 13;
    this.#x ^= this.#x >>> 17;
    this.#x ^= this.#x << 5;
    return (this.#x >>> 0) % n;
  }

  /** True once in n. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
