/**
 * Positions are bytes since the ring's beginning, exact as doubles up to 2^53. Atomics have 32 bits, so a shared position is two words in
 * units of 8 bytes: the low word has bits 0 to 31, the high word bits 24 to 55. The eight bits in common let a reader that saw a high word
 * slightly older or newer than the low word still find the one position that both can mean. A writer stores the high word only when it
 * changes, once in 128 MiB.
 */
import { UNIT_BYTES } from "./ring-layout.js";

const HIGH_SHIFT = 24;
const HIGH_UNITS = 2 ** HIGH_SHIFT;
const TWO_32 = 2 ** 32;
const LAP_TAG_MASK = 0x7fffffff;

/** The low word of a position in bytes. */
export function lowWord(position: number): number {
  return (position / UNIT_BYTES) | 0;
}

/** The high word of a position in bytes. */
export function highWord(position: number): number {
  return Math.floor(position / (UNIT_BYTES * HIGH_UNITS)) | 0;
}

/** Whether going from one low word to another needs a new high word. Steps are far shorter than 2^32 units. */
export function highChanges(fromLow: number, toLow: number): boolean {
  return (fromLow ^ toLow) >>> HIGH_SHIFT !== 0;
}

/**
 * The position in bytes whose low word is `low` and that is nearest to `high`. Exact while both were stored within 2^31 units (16 GiB) of
 * each other.
 */
export function joinWords(high: number, low: number): number {
  const nearUnits = (high >>> 0) * HIGH_UNITS;
  const distance = (low - ((high << HIGH_SHIFT) | 0)) | 0;
  return (nearUnits + distance) * UNIT_BYTES;
}

/**
 * Any thread. Reads a shared position exactly, however long the reader has slept before or between the loads. The high word lies behind the
 * low word.
 */
export function loadPosition(control: Int32Array, lowIndex: number): number {
  let high = Atomics.load(control, lowIndex + 1);
  for (;;) {
    const low = Atomics.load(control, lowIndex);
    const again = Atomics.load(control, lowIndex + 1);
    if (again === high) return joinWords(high, low);
    high = again; // The high word changes once in 128 MiB, so a second round is rare and a third needs a long sleep in between.
  }
}

/** Only the one writer of this position. */
export function storePosition(control: Int32Array, lowIndex: number, position: number): void {
  Atomics.store(control, lowIndex + 1, highWord(position));
  Atomics.store(control, lowIndex, lowWord(position));
}

/** Any thread, many at once: moves the high word forward to that of `position`, never back. */
export function raiseHighWord(control: Int32Array, lowIndex: number, position: number): void {
  const wanted = highWord(position);
  let found = Atomics.load(control, lowIndex + 1);
  while (((wanted - found) | 0) > 0) {
    const before = Atomics.compareExchange(control, lowIndex + 1, found, wanted);
    if (before === found) return;
    found = before;
  }
}

/** What the availability tag of a committed record at `position` says: never negative, and different in every lap for 2^31 laps. */
export function lapTagOf(position: number, capacityBytes: number): number {
  return (Math.floor(position / capacityBytes) + 1) & LAP_TAG_MASK;
}

/** The tag of the lap after that of `lapTag`. */
export function nextLapTag(lapTag: number): number {
  return (lapTag + 1) & LAP_TAG_MASK;
}

/** Splits a count up to 2^53 into its low and high word. */
export function countLow(count: number): number {
  return count | 0;
}

export function countHigh(count: number): number {
  return Math.floor(count / TWO_32) | 0;
}

/** Joins the words that `countLow` and `countHigh` made. */
export function joinCount(high: number, low: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}
