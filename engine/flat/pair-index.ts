/**
 * A hash index from a pair (small integer, safe integer) to a small integer, flat in one ArrayBuffer.
 * Open addressing, linear probing, deletion by backward shift (Knuth, TAOCP 6.4 algorithm R), so there are no
 * tombstones and a long-lived index never slows down. At most half of the cells are ever used.
 *
 * One thread. Nothing is allocated after construction.
 */

// Cell, 16 bytes:
// 0                8        12
// | second (f64)   | first  | value + 1; 0 = empty |
const CELL_WORDS = 4;
const CELL_DOUBLES = 2;
const FIRST_WORD = 2;
const VALUE_WORD = 3;
const TWO_POW_MINUS_32 = 2 ** -32;

/** What `get` and `remove` answer for a key that is not there. */
export const NOT_FOUND = -1;

export class PairIndex {
  readonly capacity: number;
  private readonly doubles: Float64Array;
  private readonly words: Int32Array;
  private readonly cellMask: number;
  private readonly shift: number;
  private used = 0;

  /** `capacity`: how many keys it can hold, 1 to 2^26. */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 26) {
      throw new RangeError(`capacity must be an integer from 1 to ${2 ** 26}, was ${capacity}`);
    }
    const cellBits = Math.max(4, 32 - Math.clz32(2 * capacity - 1));
    const buffer = new ArrayBuffer(2 ** cellBits * 16);
    this.capacity = capacity;
    this.doubles = new Float64Array(buffer);
    this.words = new Int32Array(buffer);
    this.cellMask = 2 ** cellBits - 1;
    this.shift = 32 - cellBits;
  }

  /** How many keys are in it. */
  get size(): number {
    return this.used;
  }

  /** The value of (first, second), or NOT_FOUND. */
  get(first: number, second: number): number {
    const doubles = this.doubles;
    const words = this.words;
    const mask = this.cellMask;
    let cell = hashPair(first, second) >>> this.shift;
    for (;;) {
      const value = words[cell * CELL_WORDS + VALUE_WORD];
      if (value === 0) return NOT_FOUND;
      if (doubles[cell * CELL_DOUBLES] === second && words[cell * CELL_WORDS + FIRST_WORD] === first) return value - 1;
      cell = (cell + 1) & mask;
    }
  }

  /** Adds a key that is not there yet; `value` is 0 to 2^31 − 2. The caller keeps `size` below `capacity`. */
  add(first: number, second: number, value: number): void {
    const words = this.words;
    const mask = this.cellMask;
    let cell = hashPair(first, second) >>> this.shift;
    while (words[cell * CELL_WORDS + VALUE_WORD] !== 0) cell = (cell + 1) & mask;
    this.doubles[cell * CELL_DOUBLES] = second;
    words[cell * CELL_WORDS + FIRST_WORD] = first;
    words[cell * CELL_WORDS + VALUE_WORD] = value + 1;
    this.used++;
  }

  /** Removes a key and returns its value, or NOT_FOUND. */
  remove(first: number, second: number): number {
    const doubles = this.doubles;
    const words = this.words;
    const mask = this.cellMask;
    let cell = hashPair(first, second) >>> this.shift;
    for (;;) {
      const value = words[cell * CELL_WORDS + VALUE_WORD];
      if (value === 0) return NOT_FOUND;
      if (doubles[cell * CELL_DOUBLES] === second && words[cell * CELL_WORDS + FIRST_WORD] === first) {
        this.used--;
        this.closeGap(cell);
        return value - 1;
      }
      cell = (cell + 1) & mask;
    }
  }

  /** Moves later cells of the run back over `hole` as far as their home cells allow. */
  private closeGap(hole: number): void {
    const doubles = this.doubles;
    const words = this.words;
    const mask = this.cellMask;
    const shift = this.shift;
    let gap = hole;
    let cell = (hole + 1) & mask;
    while (words[cell * CELL_WORDS + VALUE_WORD] !== 0) {
      const second = doubles[cell * CELL_DOUBLES];
      const first = words[cell * CELL_WORDS + FIRST_WORD];
      const home = hashPair(first, second) >>> shift;
      // The entry may fill the gap unless its home lies cyclically after the gap.
      if (((cell - home) & mask) >= ((cell - gap) & mask)) {
        doubles[gap * CELL_DOUBLES] = second;
        words[gap * CELL_WORDS + FIRST_WORD] = first;
        words[gap * CELL_WORDS + VALUE_WORD] = words[cell * CELL_WORDS + VALUE_WORD];
        gap = cell;
      }
      cell = (cell + 1) & mask;
    }
    words[gap * CELL_WORDS + VALUE_WORD] = 0;
  }
}

/** Multiplicative mixing; the high bits are the good ones (Knuth, TAOCP 6.4). */
function hashPair(first: number, second: number): number {
  const low = second | 0;
  const high = (second * TWO_POW_MINUS_32) | 0;
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(first + Math.imul(high, 0x85ebca6b), 0xc2b2ae35);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
