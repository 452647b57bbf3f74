/** Counters that one thread writes and any thread reads, exact up to 2^53, each on a line of its own. */
import { LINE_WORDS, WORD_BYTES } from "./ring-layout.js";

const LOW = 0;
const HIGH = 1;
const VERSION = 2;
const HIGH_STEP = 2 ** 32;
const COUNTERS_MAX = 1024;
const LOOKS_MAX = 100_000;

/** What another thread needs to read or write the same counters. */
export interface SharedCountersShared {
  readonly buffer: SharedArrayBuffer;
  readonly names: readonly string[];
}

/** Named counters in shared memory. Each counter has one writing thread; reading is for any thread. */
export class SharedCounters {
  readonly shared: SharedCountersShared;
  readonly #words: Int32Array;
  /** What this thread has written, as a double: adding is then one addition and two stores. */
  readonly #written: Float64Array;

  private constructor(shared: SharedCountersShared) {
    this.shared = shared;
    this.#words = new Int32Array(shared.buffer);
    this.#written = new Float64Array(shared.names.length);
    for (let index = 0; index < shared.names.length; index++) this.#written[index] = this.read(index);
  }

  /** Any thread. Throws RangeError when there are no names, more than 1,024, or one twice. */
  static create(names: readonly string[]): SharedCounters {
    if (names.length === 0 || names.length > COUNTERS_MAX)
      throw new RangeError(`there must be 1 to ${COUNTERS_MAX} counters, were ${names.length}`);
    if (new Set(names).size !== names.length) throw new RangeError(`the counters' names must differ, were ${names.join(", ")}`);
    return new SharedCounters({ buffer: new SharedArrayBuffer(names.length * LINE_WORDS * WORD_BYTES), names: [...names] });
  }

  /** Any thread. Throws RangeError when memory and names do not fit together. */
  static attach(shared: SharedCountersShared): SharedCounters {
    const bytes = shared.names.length * LINE_WORDS * WORD_BYTES;
    if (shared.buffer.byteLength !== bytes)
      throw new RangeError(`the counters' memory must have ${bytes} bytes, had ${shared.buffer.byteLength}`);
    return new SharedCounters(shared);
  }

  get names(): readonly string[] {
    return this.shared.names;
  }

  /** The number of a counter, for `add`, `set` and `read`. Throws RangeError on an unknown name. */
  index(name: string): number {
    const index = this.shared.names.indexOf(name);
    if (index < 0) throw new RangeError(`a counter must be one of ${this.shared.names.join(", ")}, was ${name}`);
    return index;
  }

  /** The counter's writing thread. `amount` is an integer; the sum stays within 0 to 2^53 - 1. */
  add(index: number, amount: number): void {
    this.set(index, this.#written[index] + amount);
  }

  /** The counter's writing thread. */
  set(index: number, value: number): void {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
      throw new RangeError(`a counter must be from 0 to ${Number.MAX_SAFE_INTEGER}, was ${value}`);
    const words = this.#words;
    const word = index * LINE_WORDS;
    const before = this.#written[index];
    this.#written[index] = value;
    const high = Math.floor(value / HIGH_STEP);
    if (high === Math.floor(before / HIGH_STEP)) {
      Atomics.store(words, word + LOW, value | 0);
      return;
    }
    // Both words change, once in 2^32: an odd version tells readers to come back.
    Atomics.add(words, word + VERSION, 1);
    Atomics.store(words, word + HIGH, high | 0);
    Atomics.store(words, word + LOW, value | 0);
    Atomics.add(words, word + VERSION, 1);
  }

  /**
   * Any thread. The counter's value. Looks again, a bounded number of times, while the writer is between the two stores that happen once in
   * 2^32.
   */
  read(index: number): number {
    const words = this.#words;
    const word = index * LINE_WORDS;
    let value = 0;
    for (let look = 0; look < LOOKS_MAX; look++) {
      const version = Atomics.load(words, word + VERSION);
      const low = Atomics.load(words, word + LOW) >>> 0;
      value = (Atomics.load(words, word + HIGH) >>> 0) * HIGH_STEP + low;
      if ((version & 1) === 0 && Atomics.load(words, word + VERSION) === version) break;
    }
    return value; // After so many looks the writer has died between the stores, and this is the best that is known.
  }
}
