/**
 * int64 as two 32-bit halves and a double, without BigInt: every safe integer and the sentinels below are exact.
 * The flyweights inline the same expressions.
 */

/** Largest magnitude that a record may carry in an int64 field, nulls apart. */
export const MAX_SAFE = 9007199254740991;

/** SBE's null of int64: -2^63, exact as a double. */
export const NULL_INT64 = -(2 ** 63);
export const NULL_UINT32 = 0xffffffff;
export const NULL_UINT16 = 0xffff;
export const NULL_UINT8 = 0xff;

/** Inside the engine only, never on a socket: the edge met a decimal that is off its tick or lot (-2^62). */
export const OFF_STEP = -(2 ** 62);
/** Inside the engine only, never on a socket: the edge met a number outside of 2^53-1 (-2^61). */
export const BEYOND = -(2 ** 61);

/** Decimal places of a currency that an instrument names before it was declared, on both sides of the wire (SETTLED C6). */
export const DEFAULT_SCALE = 6;

const TWO_POW_32 = 4294967296;
const TWO_POW_MINUS_32 = 2.3283064365386963e-10;

/** Reads the int64 whose low half is words[at]. Exact for safe integers and the sentinels, rounded to a double otherwise. */
export function readInt64(words: Int32Array, at: number): number {
  return words[at + 1] * TWO_POW_32 + (words[at] >>> 0);
}

/** Writes a safe integer or a sentinel as the int64 whose low half is words[at]. Other values are not checked. */
export function writeInt64(words: Int32Array, at: number, value: number): void {
  words[at] = value | 0;
  words[at + 1] = (value - (value >>> 0)) * TWO_POW_MINUS_32;
}

/** Whether the int64 whose low half is words[at] is a safe integer. The bits decide, so nothing is hidden by rounding. */
export function isSafeInt64(words: Int32Array, at: number): boolean {
  const high = words[at + 1];
  if (high >= -0x200000 && high < 0x200000) return high !== -0x200000 || words[at] !== 0;
  return false;
}

/** Whether the int64 whose low half is words[at] is null. The bits decide: a neighbour of -2^63 is not null. */
export function isNullInt64(words: Int32Array, at: number): boolean {
  return words[at + 1] === -0x80000000 && words[at] === 0;
}
