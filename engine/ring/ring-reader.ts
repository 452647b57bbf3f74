/** What readers of all kinds have in common. */

/**
 * Called once per record. `at` is the word index of the record's first word (the length) in `words`; both are valid during the call only.
 */
export type RecordHandler = (words: Int32Array, at: number, lengthBytes: number) => void;

/**
 * Called before the next record when records `from` to `to` (exclusive; numbered from 0 at the ring's beginning) were overwritten unread.
 */
export type GapHandler = (from: number, to: number) => void;

/** What `next` returns after the last record of a batch. */
export const END_OF_BATCH = -1;

/** Something that a wait strategy can wait for. */
export interface Waitable {
  /** Whether there is something to read, as far as this thread can see now. */
  ready(): boolean;
}

/** Throws RangeError unless `limit` is an integer from 1 to 2^30. */
export function refuseLimit(limit: number): never {
  throw new RangeError(`limit must be an integer from 1 to 1073741824, was ${limit}`);
}
