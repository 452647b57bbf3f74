/**
 * The one producer of a ring. A claim that stays inside the current span needs one comparison; whatever else there is to do (the wrap, the
 * slowest gate, the announcement for observers, a checkpoint) happens when the span is renewed, at least once a segment, which is a
 * sixteenth of the ring.
 */
import { findCheckpoint, writeCheckpoint } from "./checkpoint-table.js";
import { slowestGateLag } from "./gate-table.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { highChanges, highWord, loadPosition, lowWord, storePosition } from "./ring-position.js";
import { type SharedSignal, wakeSleepers } from "./shared-signal.js";

/** What `tryClaim` returns when the ring is full. */
export const INSUFFICIENT_CAPACITY = -1;

// Read at every claim. A const of this module is folded into the code; an imported one is loaded and checked at each use.
const OPEN_CLAIM_WORD = Layout.OPEN_CLAIM_WORD;

// Slots of the private positions: doubles, because they pass 2^31.
const LAP_BASE = 0;
const PUBLISHED = 1;
const GATE_LIMIT = 2;
const INTENT = 3;
const RECORDS = 4;

/** How far ahead of a claim memory is touched: 1 KiB. Measured between two cores: 7 to 15 % more records a second. */
const TOUCH_AHEAD_WORDS = 256;

/** Throws the reason why a record of `lengthBytes` cannot be claimed. */
export function refuseLength(lengthBytes: number, maxRecordBytes: number): never {
  throw new RangeError(`a record's length must be a multiple of 8 from 8 to ${maxRecordBytes} bytes, was ${lengthBytes}`);
}

/** Registers as the producer. Throws RingError `PRODUCER_TAKEN` unless the place is free or may be taken over. */
function takeOwnership(control: Int32Array, takeOver: boolean): number {
  const found = Atomics.load(control, Layout.OWNER_WORD);
  const busy = (found & 1) !== 0;
  const mine = (found + 2) | 1;
  if ((busy && !takeOver) || Atomics.compareExchange(control, Layout.OWNER_WORD, found, mine) !== found) {
    throw new RingError("PRODUCER_TAKEN", "this ring has a producer already; close it, or pass { takeOver: true } when its thread is dead");
  }
  return mine;
}

/** Producer thread only. One per ring at a time. Never blocks. */
export class SingleProducer {
  /** The record area; fill the claimed record here, from `at + 1` on (the first word belongs to the ring). */
  readonly words: Int32Array;
  readonly maxRecordBytes: number;
  readonly #control: Int32Array;
  readonly #signals: readonly SharedSignal[];
  readonly #gates: number;
  readonly #capacityBytes: number;
  readonly #owner: number;
  readonly #positions = new Float64Array(5);
  /** Word index of the next record in this lap, 0 to the capacity in words. */
  #index = 0;
  /** A claim that ends at or before this word index needs no second look. */
  #limit = 0;
  /** Words of the open claim; 0 without one. */
  #claimWords = 0;
  /** Records committed since the last settlement into RECORDS. */
  #commits = 0;
  #lapLow = 0;
  #publishedLow = 0;

  constructor(memory: RingMemory, takeOver: boolean) {
    const { control, words, capacityBytes, gates, signals } = memory;
    this.words = words;
    this.maxRecordBytes = capacityBytes / Layout.RECORDS_PER_RING_MIN;
    this.#control = control;
    this.#signals = signals;
    this.#gates = gates;
    this.#capacityBytes = capacityBytes;
    this.#owner = takeOwnership(control, takeOver);
    this.#resume();
  }

  /**
   * Continues at the published tail. What a dead producer had committed but not published is gone; a claim that it left open is counted.
   */
  #resume(): void {
    const control = this.#control;
    const positions = this.#positions;
    const tail = loadPosition(control, Layout.TAIL_LOW_WORD);
    const intent = loadPosition(control, Layout.INTENT_LOW_WORD);
    if (Atomics.exchange(control, Layout.OPEN_CLAIM_WORD, 0) !== 0) Atomics.add(control, Layout.UNFINISHED_CLAIMS_WORD, 1);
    // "| 0" keeps the field an integer for the compiler; a division alone would make it a double, boxed, for good.
    const index = ((tail % this.#capacityBytes) / Layout.WORD_BYTES) | 0;
    positions[LAP_BASE] = tail - index * Layout.WORD_BYTES;
    positions[PUBLISHED] = tail;
    positions[INTENT] = intent;
    positions[RECORDS] = countRecords(control, this.words, this.#capacityBytes, tail, intent);
    this.#index = index;
    this.#limit = index;
    this.#lapLow = lowWord(tail - index * Layout.WORD_BYTES);
    this.#publishedLow = lowWord(tail);
  }

  /** Records committed since the ring's beginning, by all producers in turn. */
  get committed(): number {
    return this.#positions[RECORDS] + this.#commits;
  }

  /** Position of the next record: bytes since position 0 of the ring. */
  get position(): number {
    return this.#positions[LAP_BASE] + this.#index * Layout.WORD_BYTES;
  }

  /**
   * Claims a record of `lengthBytes` (a multiple of 8, 8 to maxRecordBytes; RangeError otherwise) and returns its word index in `words`, or
   * INSUFFICIENT_CAPACITY while the slowest gate leaves no room. A full ring publishes what is committed, so that readers can make room; so
   * does a batch of a quarter of the ring.
   */
  tryClaim(lengthBytes: number): number {
    const lengthWords = lengthBytes >> 2;
    if (lengthWords << 2 !== lengthBytes || (lengthWords & 1) !== 0 || lengthWords < 2 || lengthBytes > this.maxRecordBytes)
      refuseLength(lengthBytes, this.maxRecordBytes);
    if (this.#claimWords !== 0) throw new RingError("CLAIM_OPEN", "a claim is open: commit or abort it first");
    if (this.#index + lengthWords > this.#limit && !this.#renewSpan(lengthWords)) return INSUFFICIENT_CAPACITY;
    this.#claimWords = lengthWords;
    this.#control[OPEN_CLAIM_WORD] = lengthBytes;
    const index = this.#index;
    // Everything up to the limit is ours already. Touching a line there early brings it from the reader's core while this record is being written.
    if (index + TOUCH_AHEAD_WORDS < this.#limit) this.words[index + TOUCH_AHEAD_WORDS] = 0;
    return index;
  }

  /** The claimed record becomes part of the batch that the next `publish` makes visible. Writes its length into its first word. */
  commit(): void {
    const lengthWords = this.#claimWords;
    if (lengthWords === 0) throw new RingError("CLAIM_MISSING", "there is no open claim");
    const index = this.#index;
    this.words[index] = lengthWords << 2;
    this.#index = index + lengthWords;
    this.#commits++;
    this.#claimWords = 0;
    this.#control[OPEN_CLAIM_WORD] = 0;
  }

  /** Gives the open claim back. Nothing of it becomes visible. */
  abort(): void {
    if (this.#claimWords === 0) throw new RingError("CLAIM_MISSING", "there is no open claim");
    this.#claimWords = 0;
    this.#control[OPEN_CLAIM_WORD] = 0;
  }

  /** Makes the batch visible with one atomic store and wakes readers that are parked. Does nothing when there is nothing new. */
  publish(): void {
    const low = (this.#lapLow + (this.#index >> 1)) | 0;
    const previous = this.#publishedLow;
    if (low === previous) return;
    const control = this.#control;
    const position = this.#positions[LAP_BASE] + this.#index * Layout.WORD_BYTES;
    if (highChanges(previous, low)) Atomics.store(control, Layout.TAIL_HIGH_WORD, highWord(position));
    this.#publishedLow = low;
    this.#positions[PUBLISHED] = position;
    Atomics.store(control, Layout.TAIL_LOW_WORD, low);
    const signals = this.#signals;
    for (let i = 0; i < signals.length; i++) {
      const signal = signals[i];
      wakeSleepers(signal.words, signal.index);
    }
  }

  /** Publishes what is committed, drops an open claim and frees the place for another producer. */
  close(): void {
    if (this.#claimWords !== 0) this.abort();
    this.publish();
    Atomics.compareExchange(this.#control, Layout.OWNER_WORD, this.#owner, this.#owner & ~1);
    this.#limit = 0;
  }

  /** Finds room for `lengthWords` more. False when the slowest gate is in the way. */
  #renewSpan(lengthWords: number): boolean {
    const control = this.#control;
    const capacityBytes = this.#capacityBytes;
    const positions = this.#positions;
    if (Atomics.load(control, Layout.OWNER_WORD) !== this.#owner)
      throw new RingError("PRODUCER_REPLACED", "this producer was closed, or another has taken its place");
    const position = positions[LAP_BASE] + this.#index * Layout.WORD_BYTES;
    if (position - positions[PUBLISHED] >= capacityBytes / 4) this.publish();
    const toEndBytes = positions[LAP_BASE] + capacityBytes - position;
    const wraps = lengthWords * Layout.WORD_BYTES > toEndBytes;
    const start = wraps ? position + toEndBytes : position;
    const end = start + lengthWords * Layout.WORD_BYTES;
    if (end > positions[GATE_LIMIT] && !this.#renewGateLimit(position, end)) return false;
    if (end > positions[INTENT]) this.#announce(start, end);
    if (wraps) this.#wrap(toEndBytes);
    const spanEnd = Math.min(positions[INTENT], positions[GATE_LIMIT], positions[LAP_BASE] + capacityBytes);
    this.#limit = ((spanEnd - positions[LAP_BASE]) / Layout.WORD_BYTES) | 0;
    return true;
  }

  /** Looks at the gates again. When there is still no room, the batch is published: the readers can only make room for what they see. */
  #renewGateLimit(position: number, end: number): boolean {
    const positions = this.#positions;
    const capacityBytes = this.#capacityBytes;
    const lagUnits = slowestGateLag(this.#control, this.#gates, lowWord(position), capacityBytes / Layout.UNIT_BYTES);
    // Without gates the limit is counted from the published tail, because that is where a gate that joins later would start.
    const from = lagUnits < 0 ? positions[PUBLISHED] : position - lagUnits * Layout.UNIT_BYTES;
    positions[GATE_LIMIT] = from + capacityBytes;
    if (end <= positions[GATE_LIMIT]) return true;
    this.publish();
    return false;
  }

  /** Tells the observers which bytes will be overwritten before they are, in whole segments, and leaves a checkpoint at the next record. */
  #announce(start: number, end: number): void {
    const segmentBytes = this.#capacityBytes / Layout.CHECKPOINTS;
    const intent = Math.ceil(end / segmentBytes) * segmentBytes;
    const positions = this.#positions;
    positions[INTENT] = intent;
    storePosition(this.#control, Layout.INTENT_LOW_WORD, intent);
    // On processors that reorder, a plain write could otherwise overtake the store; it cannot overtake a load that follows it.
    Atomics.load(this.#control, Layout.INTENT_LOW_WORD);
    positions[RECORDS] += this.#commits;
    this.#commits = 0;
    writeCheckpoint(this.#control, this.#capacityBytes, start, positions[RECORDS]);
  }

  /** Fills the rest of the lap with padding and goes to the beginning of the next. */
  #wrap(toEndBytes: number): void {
    if (toEndBytes > 0) this.words[this.#index] = Layout.PADDING_FLAG | toEndBytes;
    this.#positions[LAP_BASE] += this.#capacityBytes;
    this.#lapLow = lowWord(this.#positions[LAP_BASE]);
    this.#index = 0;
  }
}

/** The number of records before `tail`: from the last checkpoint that is not overwritten, counted by hand. */
function countRecords(control: Int32Array, words: Int32Array, capacityBytes: number, tail: number, intent: number): number {
  const from = { position: 0, count: 0 };
  if (!findCheckpoint(control, intent - capacityBytes, tail, tail, from))
    throw new RingError("RING_CORRUPT", `the ring has no checkpoint before its tail ${tail}`);
  let count = from.count;
  for (let position = from.position; position < tail; ) {
    const first = words[(position % capacityBytes) / Layout.WORD_BYTES];
    const lengthBytes = first & Layout.LENGTH_MASK;
    if (first <= 0 || lengthBytes === 0) throw new RingError("RING_CORRUPT", `the record at ${position} must have a length, had ${first}`);
    if ((first & Layout.PADDING_FLAG) === 0) count++;
    position += lengthBytes;
  }
  return count;
}
