import type { StateReader, StateWriter } from "../../step.js";
import { MAX_SAFE } from "../../wire/numbers.js";
import { wholeSteps } from "../ledger/exact.js";
import { Limit } from "../match/order-types.js";

/** In place of a mantissa. */
const UNSET = -2;
const UNLIMITED = -1;
/** Counts are at most this. */
export const COUNT_MAX = 1_000_000;
/** Duplicates, and rejects that trip a breaker, are at most this. */
export const SMALL_COUNT_MAX = 1000;
export const DEFAULT_WINDOW_US = 1_000_000;

/** Limits of one scope as they were given: amounts and quantities as mantissa × 10^exponent, counts as they are. Shard thread only. */
export class LimitSet {
  private readonly mantissas = new Float64Array(Limit.COUNT).fill(UNSET);
  private readonly exponents = new Int8Array(Limit.COUNT);
  /** Microseconds in which orders, duplicates and rejects are counted. */
  windowUs = DEFAULT_WINDOW_US;
  requireReference = 0;

  set(limit: Limit, mantissa: number, exponent: number): void {
    this.mantissas[limit] = mantissa;
    this.exponents[limit] = mantissa === 0 ? 0 : exponent;
  }

  setUnlimited(limit: Limit): void {
    this.set(limit, UNLIMITED, 0);
    this.exponents[limit] = 0;
  }

  /** What blocks every order: the limits of an account that was given none (SEMANTICS 8). */
  block(): void {
    for (let limit = 0; limit < Limit.RISK_REJECTS; limit++) this.set(limit, 0, 0);
  }

  /** Whether it says anything. */
  get isEmpty(): boolean {
    return this.mantissas.every((mantissa) => mantissa === UNSET);
  }

  isLimited(limit: Limit): boolean {
    return this.mantissas[limit] >= 0;
  }

  /** Whether any limit is set. */
  get isLimiting(): boolean {
    return this.mantissas.some((mantissa) => mantissa >= 0);
  }

  /** A limit that is a count; Infinity for none. */
  countOf(limit: Limit): number {
    return this.isLimited(limit) ? this.mantissas[limit] : Number.POSITIVE_INFINITY;
  }

  /** A limit in whole units of a step, rounded down; Infinity for none. */
  unitsOf(limit: Limit, stepMantissa: number, stepExponent: number): number {
    if (!this.isLimited(limit)) return Number.POSITIVE_INFINITY;
    return wholeSteps(this.mantissas[limit], this.exponents[limit], stepMantissa, stepExponent);
  }

  /** As it was given: mantissa and exponent; undefined when it is not limited. */
  givenOf(limit: Limit): { mantissa: number; exponent: number } | undefined {
    return this.isLimited(limit) ? { mantissa: this.mantissas[limit], exponent: this.exponents[limit] } : undefined;
  }

  /** Whether it was said to be unlimited. */
  isUnlimited(limit: Limit): boolean {
    return this.mantissas[limit] === UNLIMITED;
  }

  save(out: StateWriter): void {
    for (let limit = 0; limit < Limit.COUNT; limit++) {
      out.int64(this.mantissas[limit]);
      out.int64(this.exponents[limit]);
    }
    out.int64(this.windowUs);
    out.uint8(this.requireReference);
  }

  load(input: StateReader): void {
    for (let limit = 0; limit < Limit.COUNT; limit++) {
      const mantissa = input.int64();
      const exponent = input.int64();
      const isGood = Number.isSafeInteger(mantissa) && mantissa >= UNSET && Math.abs(exponent) <= 127 && mantissa <= countMaxOf(limit);
      if (!isGood) throw new RangeError(`this is no saved state: a limit is ${mantissa} x 10^${exponent}`);
      this.mantissas[limit] = mantissa;
      this.exponents[limit] = exponent;
    }
    this.windowUs = input.int64();
    this.requireReference = input.uint8();
    if (!(this.windowUs >= 1 && this.windowUs <= MAX_SAFE) || this.requireReference > 1)
      throw new RangeError("this is no saved state: a window or a flag of limits is bad");
  }
}

/** How much a limit may be at most: a count is no amount. */
function countMaxOf(limit: Limit): number {
  if (limit === Limit.OPEN_ORDERS || limit === Limit.ORDERS) return COUNT_MAX;
  return limit === Limit.DUPLICATES || limit === Limit.RISK_REJECTS ? SMALL_COUNT_MAX : MAX_SAFE;
}
