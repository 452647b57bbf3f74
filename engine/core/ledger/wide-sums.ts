import type { StateReader, StateWriter } from "../../step.js";
import { MAX_SAFE, NULL_INT64 } from "../../wire/numbers.js";

const LOW = 2 ** 32;

/**
 * Sums of safe integers that may leave them themselves: high × 2^32 + low, 0 ≤ low < 2^32. For what is summed over all accounts.
 * Shard thread only.
 */
export class WideSums {
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;

  constructor(count: number) {
    this.highs = new Float64Array(count);
    this.lows = new Float64Array(count);
  }

  add(index: number, amount: number): void {
    const low = this.lows[index] + amount;
    if (low >= 0 && low < LOW) {
      this.lows[index] = low;
      return;
    }
    // Apart, because the sum of a low part and an amount may be no safe integer.
    const high = Math.floor(amount / LOW);
    const rest = this.lows[index] + (amount - high * LOW);
    const carry = Math.floor(rest / LOW);
    this.highs[index] += high + carry;
    this.lows[index] = rest - carry * LOW;
  }

  /** Adds another sum with this index, or takes it off. */
  addSum(index: number, other: WideSums, sign: 1 | -1): void {
    this.highs[index] += sign * other.highs[index];
    this.add(index, sign * other.lows[index]);
  }

  /** Multiples of 2^32. */
  highOf(index: number): number {
    return this.highs[index];
  }

  /** What is left, from 0 to 2^32−1. */
  lowOf(index: number): number {
    return this.lows[index];
  }

  /** The sum, or NULL_INT64 when it is above 2^53−1. No sum below nought. */
  within(index: number): number {
    const sum = this.highs[index] * LOW + this.lows[index];
    return sum <= MAX_SAFE ? sum : NULL_INT64;
  }

  save(index: number, out: StateWriter): void {
    out.int64(this.highs[index]);
    out.uint32(this.lows[index]);
  }

  load(index: number, input: StateReader): void {
    this.highs[index] = input.int64();
    if (!(Math.abs(this.highs[index]) <= MAX_SAFE)) throw new RangeError(`this is no saved state: a sum of ${this.highs[index]} x 2^32`);
    this.lows[index] = input.uint32();
  }
}
