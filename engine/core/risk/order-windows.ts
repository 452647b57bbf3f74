import type { StateReader, StateWriter } from "../../step.js";
import { MAX_SAFE, NULL_INT64 } from "../../wire/numbers.js";

/** The next of times that were saved in their order. Throws RangeError on what is none, or before `last`. */
export function savedTime(input: StateReader, last: number): number {
  const time = input.int64();
  if (!(time >= last && time <= MAX_SAFE)) throw new RangeError(`this is no saved state: a time is ${time}, behind ${last}`);
  return time;
}

/** Orders that are remembered to find duplicates. */
export const DUPLICATES_KEPT = 1024;
/** Numbers that make two orders the same. */
export const LIKENESS = 9;

/** The times of the last so many events, oldest first, in a ring. Shard thread only; only a change of the size allocates. */
export class TimeWindow {
  private times = new Float64Array(0);
  private head = 0;
  private used = 0;

  /** How many are kept. */
  get size(): number {
    return this.times.length;
  }

  /** Keeps so many from now on: the oldest go first. */
  resize(size: number): void {
    if (size === this.times.length) return;
    const kept = Math.min(size, this.used);
    const times = new Float64Array(size);
    for (let index = 0; index < kept; index++) times[index] = this.at(this.used - kept + index);
    this.times = times;
    this.head = 0;
    this.used = kept;
  }

  /** Whether as many as are kept happened later than `after`. */
  isFull(after: number): boolean {
    return this.used === this.times.length && (this.used === 0 || this.times[this.head] > after);
  }

  /** How many of those that are kept happened later than `after`. */
  countAfter(after: number): number {
    let count = 0;
    while (count < this.used && this.at(this.used - 1 - count) > after) count++;
    return count;
  }

  add(time: number): void {
    const size = this.times.length;
    if (size === 0) return;
    if (this.used < size) {
      this.times[(this.head + this.used++) % size] = time;
      return;
    }
    this.times[this.head] = time;
    this.head = (this.head + 1) % size;
  }

  clear(): void {
    this.used = 0;
  }

  save(out: StateWriter): void {
    out.uint32(this.times.length);
    out.uint32(this.used);
    for (let index = 0; index < this.used; index++) out.int64(this.at(index));
  }

  /** The size is set already, as a limit says. */
  load(input: StateReader): void {
    const size = input.uint32();
    const used = input.uint32();
    const isGood = size === this.times.length && used <= size;
    if (!isGood) throw new RangeError(`this is no saved state: a window keeps ${used} of ${size}, its limit is ${this.times.length}`);
    for (let index = 0, time = 0; index < used; index++) {
      time = savedTime(input, time);
      this.add(time);
    }
  }

  private at(index: number): number {
    return this.times[(this.head + index) % this.times.length];
  }
}

/** What an account's last orders were, to find those that are the same (SEMANTICS 8). Shard thread only. Nothing is allocated after construction. */
export class DuplicateWindow {
  private readonly times = new Float64Array(DUPLICATES_KEPT);
  private readonly marks = new Float64Array(DUPLICATES_KEPT * LIKENESS);
  private head = 0;
  private used = 0;

  /** Whether as many as can be remembered came later than `after`. */
  isFull(after: number): boolean {
    return this.used === DUPLICATES_KEPT && this.times[this.head] > after;
  }

  /** How many orders later than `after` were like this one. */
  count(likeness: Float64Array, after: number): number {
    let count = 0;
    for (let index = this.used - 1; index >= 0; index--) {
      const place = (this.head + index) % DUPLICATES_KEPT;
      if (this.times[place] <= after) return count;
      if (this.isLike(place, likeness)) count++;
    }
    return count;
  }

  add(likeness: Float64Array, time: number): void {
    const isFull = this.used === DUPLICATES_KEPT;
    const place = (this.head + (isFull ? 0 : this.used)) % DUPLICATES_KEPT;
    if (isFull) this.head = (this.head + 1) % DUPLICATES_KEPT;
    else this.used++;
    this.times[place] = time;
    for (let index = 0; index < LIKENESS; index++) this.marks[place * LIKENESS + index] = likeness[index];
  }

  save(out: StateWriter): void {
    out.uint32(this.used);
    for (let index = 0; index < this.used; index++) {
      const place = (this.head + index) % DUPLICATES_KEPT;
      out.int64(this.times[place]);
      for (let mark = 0; mark < LIKENESS; mark++) out.int64(this.marks[place * LIKENESS + mark]);
    }
  }

  load(input: StateReader): void {
    const used = input.uint32();
    if (used > DUPLICATES_KEPT) throw new RangeError(`this is no saved state: ${used} orders are remembered`);
    const likeness = new Float64Array(LIKENESS);
    for (let index = 0, time = 0; index < used; index++) {
      time = savedTime(input, time);
      for (let mark = 0; mark < LIKENESS; mark++) likeness[mark] = input.int64();
      if (!likeness.every((mark) => mark === NULL_INT64 || Math.abs(mark) <= MAX_SAFE))
        throw new RangeError("this is no saved state: an order that is remembered");
      this.add(likeness, time);
    }
  }

  private isLike(place: number, likeness: Float64Array): boolean {
    for (let index = 0; index < LIKENESS; index++) if (this.marks[place * LIKENESS + index] !== likeness[index]) return false;
    return true;
  }
}
