/** The draws of PERFORMANCE.md's flows: a xorshift of 32 bits, the same on every machine. */
export class Draws {
  constructor(private state: number) {}

  below(limit: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return (x >>> 0) % limit;
  }

  /** The same numbers in another order (Fisher and Yates). */
  shuffled(values: Int32Array): Int32Array {
    const result = values.slice();
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = result[last];
      result[last] = result[other];
      result[other] = value;
    }
    return result;
  }
}
