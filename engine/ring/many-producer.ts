/**
 * One of many producers of a ring. Records are claimed with a compare-and-exchange on the tail and become visible one by one, each through
 * the tag of its first unit, which then carries the number of the lap; so nothing has to be zeroed and no reader mistakes what an earlier
 * lap left behind.
 */
import { slowestGateLag } from "./gate-table.js";
import { claimMark, releaseProducer, takeProducer } from "./producer-table.js";
import { RecordWalker } from "./record-walker.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { highChanges, joinWords, lapTagOf, lowWord, nextLapTag, raiseHighWord } from "./ring-position.js";
import { type SharedSignal, wakeSleepers } from "./shared-signal.js";
import { INSUFFICIENT_CAPACITY, refuseLength } from "./single-producer.js";

/** Claims that lose this many exchanges in a row report a full ring, so that the time in here is bounded. */
const CLAIM_ATTEMPTS_MAX = 1_000;
const NO_CLAIM = -1;

/** One thread per producer handle. Never blocks. */
export class ManyProducer {
  /** The record area; fill the claimed record here, from `at + 1` on (the first word belongs to the ring). */
  readonly words: Int32Array;
  readonly maxRecordBytes: number;
  /** The producer's number, for the host's `unblock` when this thread has ended. */
  readonly index: number;
  readonly #memory: RingMemory;
  readonly #control: Int32Array;
  readonly #tags: Int32Array;
  readonly #signals: readonly SharedSignal[];
  readonly #capacityBytes: number;
  readonly #line: number;
  readonly #mark: number;
  readonly #stateWord: number;
  readonly #walker: RecordWalker | undefined;
  /** Claims that end at or before this position need no second look. A double in an array, because it passes 2^31. */
  readonly #limit = new Float64Array(1);
  #claimAt = NO_CLAIM;
  #claimBytes = 0;
  #claimTag = 0;
  #closed = false;

  constructor(memory: RingMemory) {
    const { control, tags, words, capacityBytes, gates, signals } = memory;
    const place = takeProducer(memory);
    this.index = place.index;
    this.#stateWord = place.stateWord;
    this.words = words;
    this.maxRecordBytes = capacityBytes / Layout.RECORDS_PER_RING_MIN;
    this.#memory = memory;
    this.#control = control;
    this.#tags = tags;
    this.#signals = signals;
    this.#capacityBytes = capacityBytes;
    this.#line = Layout.producerWord(gates, this.index);
    this.#mark = claimMark(this.index);
    this.#walker = memory.observers ? new RecordWalker(memory, this.index) : undefined;
  }

  /**
   * Claims a record of `lengthBytes` (a multiple of 8, 8 to maxRecordBytes; RangeError otherwise) and returns its word index in `words`, or
   * INSUFFICIENT_CAPACITY while the slowest gate, or a record that another producer has not committed, leaves no room.
   */
  tryClaim(lengthBytes: number): number {
    const lengthWords = lengthBytes >> 2;
    if (lengthWords << 2 !== lengthBytes || (lengthWords & 1) !== 0 || lengthWords < 2 || lengthBytes > this.maxRecordBytes)
      refuseLength(lengthBytes, this.maxRecordBytes);
    const control = this.#control;
    const line = this.#line;
    if (this.#claimAt !== NO_CLAIM || control[line + Layout.PRODUCER_STATE] !== this.#stateWord || this.#closed) this.#refuseClaim();
    const capacityBytes = this.#capacityBytes;
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS_MAX; attempt++) {
      // Plain loads, because the exchange verifies the low word and the look at the high word after it verifies the rest; an Atomics call
      // costs some 8 ns.
      const low = control[Layout.TAIL_LOW_WORD];
      const position = joinWords(control[Layout.TAIL_HIGH_WORD], low);
      const toEndBytes = capacityBytes - ((low * Layout.UNIT_BYTES) & (capacityBytes - 1));
      const totalBytes = lengthBytes > toEndBytes ? toEndBytes + lengthBytes : lengthBytes;
      const end = position + totalBytes;
      if (end > this.#limit[0] && !this.#renewLimit(position, end)) break;
      // The note comes before the claim, so that the host can tell whose it is when this thread dies at the worst moment.
      control[line + Layout.PRODUCER_CLAIM_LOW] = low;
      control[line + Layout.PRODUCER_CLAIM_BYTES] = totalBytes;
      const newLow = (low + (totalBytes >> 3)) | 0;
      if (Atomics.compareExchange(control, Layout.TAIL_LOW_WORD, low, newLow) !== low) continue;
      this.#take(position, low, newLow, lengthBytes, toEndBytes);
      return this.#claimAt;
    }
    control[line + Layout.PRODUCER_CLAIM_BYTES] = 0;
    return INSUFFICIENT_CAPACITY;
  }

  /** The claim at `position` is won: pads the end of the lap if the record did not fit there, and marks the record as claimed. */
  #take(position: number, low: number, newLow: number, lengthBytes: number, toEndBytes: number): void {
    const control = this.#control;
    const words = this.words;
    let at = words.length - (toEndBytes >> 2);
    let lapTag = lapTagOf(position, this.#capacityBytes);
    // Nobody can pass this claim before it is committed, so the high word is near it now. If it says otherwise, this thread has slept
    // between load and exchange for exactly a multiple of 32 GiB; the claim then stays open until the host unblocks this producer. The load
    // is atomic where there may be observers: behind it the record's words cannot become visible before the claim.
    const high = this.#walker === undefined ? control[Layout.TAIL_HIGH_WORD] : Atomics.load(control, Layout.TAIL_HIGH_WORD);
    if (joinWords(high, low) !== position) {
      this.#closed = true;
      throw new RingError("CLAIM_LOST", "the ring went round 2^32 units within one claim; this producer must be unblocked");
    }
    if (highChanges(low, newLow)) raiseHighWord(control, Layout.TAIL_LOW_WORD, position + ((newLow - low) | 0) * Layout.UNIT_BYTES);
    if (lengthBytes > toEndBytes) {
      words[at] = Layout.PADDING_FLAG | toEndBytes;
      Atomics.store(this.#tags, at >> 1, lapTag);
      at = 0;
      lapTag = nextLapTag(lapTag);
    }
    words[at] = -lengthBytes;
    this.#tags[at >> 1] = this.#mark;
    this.#claimAt = at;
    this.#claimBytes = lengthBytes;
    this.#claimTag = lapTag;
  }

  /**
   * Makes the claimed record visible; readers that are parked wake at the next `publish`. Throws RingError `CLAIM_LOST` when the host had
   * given it up.
   */
  commit(): void {
    this.#finish(this.#claimBytes);
  }

  /** The claimed record becomes padding, which readers step over. */
  abort(): void {
    this.#finish(Layout.PADDING_FLAG | this.#claimBytes);
  }

  #finish(first: number): void {
    const at = this.#claimAt;
    if (at === NO_CLAIM) throw new RingError("CLAIM_MISSING", "there is no open claim");
    this.#claimAt = NO_CLAIM;
    // The place is looked at before the record is touched, and the mark is exchanged in case the host was just giving the claim up.
    if (this.#control[this.#line + Layout.PRODUCER_STATE] !== this.#stateWord) this.#refuseCommit();
    this.words[at] = first;
    if (Atomics.compareExchange(this.#tags, at >> 1, this.#mark, this.#claimTag) !== this.#mark) this.#refuseCommit();
    this.#control[this.#line + Layout.PRODUCER_CLAIM_BYTES] = 0;
  }

  /** Wakes readers that are parked. Records are visible from their commit on. */
  publish(): void {
    const signals = this.#signals;
    for (let i = 0; i < signals.length; i++) {
      const signal = signals[i];
      wakeSleepers(signal.words, signal.index);
    }
  }

  /** Drops an open claim and gives the place to another producer. */
  close(): void {
    if (this.#closed) return;
    if (this.#claimAt !== NO_CLAIM) this.abort();
    this.publish();
    this.#closed = true;
    if (this.#control[this.#line + Layout.PRODUCER_STATE] === this.#stateWord) releaseProducer(this.#memory, this.index);
  }

  #refuseCommit(): never {
    throw new RingError("CLAIM_LOST", `producer ${this.index} was unblocked while it had a claim: its record is not in the ring`);
  }

  #refuseClaim(): never {
    if (this.#closed) throw new RingError("RING_CLOSED", `producer ${this.index} is closed`);
    if (this.#control[this.#line + Layout.PRODUCER_STATE] !== this.#stateWord)
      throw new RingError("PRODUCER_REPLACED", `producer ${this.index} was unblocked by the host: it is taken for dead`);
    throw new RingError("CLAIM_OPEN", "a claim is open: commit or abort it first");
  }

  /**
   * Looks again at what holds the producers back. With observers, at least once a segment, because then the records are counted on the way.
   */
  #renewLimit(position: number, end: number): boolean {
    const capacityBytes = this.#capacityBytes;
    const lagUnits = slowestGateLag(this.#control, this.#memory.gates, lowWord(position), capacityBytes / Layout.UNIT_BYTES);
    const walker = this.#walker;
    if (walker === undefined) {
      if (lagUnits < 0) return false;
      this.#limit[0] = position - lagUnits * Layout.UNIT_BYTES + capacityBytes;
      return end <= this.#limit[0];
    }
    walker.tryWalk();
    const gateLimit = lagUnits < 0 ? Infinity : position - lagUnits * Layout.UNIT_BYTES + capacityBytes;
    const hardLimit = Math.min(walker.walked() + capacityBytes, gateLimit);
    const segmentBytes = capacityBytes / Layout.CHECKPOINTS;
    this.#limit[0] = Math.min(hardLimit, Math.ceil(end / segmentBytes) * segmentBytes);
    return end <= hardLimit;
  }
}
