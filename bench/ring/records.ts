/**
 * The 64-byte records that all contestants carry: every word behind the first tells the record's number, and both ends of it enter the sum.
 */
export const RECORD_BYTES = 64;
export const RECORD_WORDS = RECORD_BYTES / 4;

/** Writes record `n` into the words from `at` on; the first word is left to the ring. */
export function writeRecord(words: Int32Array, at: number, n: number): void {
  words[at + 1] = n;
  words[at + 2] = n;
  words[at + 3] = n;
  words[at + 4] = n;
  words[at + 5] = n;
  words[at + 6] = n;
  words[at + 7] = n;
  words[at + 8] = n;
  words[at + 9] = n;
  words[at + 10] = n;
  words[at + 11] = n;
  words[at + 12] = n;
  words[at + 13] = n;
  words[at + 14] = n;
  words[at + 15] = n;
}

/** What a reader adds up per record. */
export function readRecord(words: Int32Array, at: number): number {
  return words[at + 1] + words[at + RECORD_WORDS - 1];
}

/** The sum over records 0 to count - 1. */
export function sumOf(count: number): number {
  return count * (count - 1);
}

/** Throws unless the sum is right: a fast wrong answer is no result. */
export function requireSum(what: string, sum: number, expected: number): void {
  if (sum !== expected) throw new Error(`${what}: the sum must be ${expected}, was ${sum}`);
}
