/**
 * A reader that the producer never waits for. It copies a piece of the ring into private memory, then looks whether the producer may have
 * begun to overwrite that piece meanwhile, and hands records out only if not: so a record is never torn. An observer that was lapped
 * continues at a checkpoint half a ring behind the tail and says exactly which records it has lost. It writes nothing into the ring.
 *
 * The piece of the ring that an observer can count on is the capacity less one segment (a sixteenth) with one producer, and what is not
 * claimed yet with many.
 */
import { type Checkpoint, findCheckpoint } from "./checkpoint-table.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { lapTagOf, loadPosition } from "./ring-position.js";
import { END_OF_BATCH, type GapHandler, type RecordHandler, refuseLimit, type Waitable } from "./ring-reader.js";
import type { SharedSignal } from "./shared-signal.js";
import type { BlockingWait } from "./wait-strategy.js";

/** How an observer joins. */
export interface ObserverOptions {
  /**
   * `start`: every record since the ring's beginning is delivered or reported lost. `newest`: earlier records are skipped and counted as
   * such. Default `start`.
   */
  from?: "start" | "newest";
  /** Private memory for copies, and so the greatest batch: a multiple of 8, 256 to 2^30. A longer record makes it grow. Default 16,384. */
  batchBytes?: number;
}

const BATCH_BYTES_DEFAULT = 16_384;
const NO_BATCH = -1;
const COPY_ATTEMPTS_MAX = 4;
const JOIN_ATTEMPTS_MAX = 64;

// Slots of the private numbers: doubles, because they pass 2^31.
/** Position behind the private copy. */
const COPIED_TO = 0;
/** Number of the next record. */
const SEQUENCE = 1;
const DELIVERED = 2;
const LOST = 3;
const SKIPPED = 4;

const IGNORE_GAP: GapHandler = () => undefined;

/** One thread per observer. Nothing here blocks except `wait`. */
export class ObserveReader implements Waitable {
  /** The ring's own signal: what to park on when this is the only ring that the thread reads. */
  readonly signal: SharedSignal;
  readonly #control: Int32Array;
  readonly #tags: Int32Array;
  readonly #ring: Int32Array;
  readonly #capacityBytes: number;
  /** Word of the position that the producer announces before it overwrites. */
  readonly #intentWord: number;
  readonly #numbers = new Float64Array(5);
  readonly #fence = new Int32Array(1);
  readonly #checkpoint: Checkpoint = { position: 0, count: 0 };
  #copy: Int32Array;
  /** Word indices in the copy: the next record, and the end of what is valid. */
  #head = 0;
  #filled = 0;
  #batchEnd = NO_BATCH;
  #batchRecords = 0;
  #cursor = 0;

  constructor(memory: RingMemory, options: ObserverOptions) {
    const { batchBytes = BATCH_BYTES_DEFAULT, from = "start" } = options;
    if (!memory.observers) throw new RangeError("an observer needs a ring created with observers: true, this one was created with false");
    if (
      !Number.isInteger(batchBytes / Layout.UNIT_BYTES) ||
      batchBytes < Layout.CAPACITY_BYTES_MIN ||
      batchBytes > Layout.CAPACITY_BYTES_MAX
    ) {
      throw new RangeError(
        `batchBytes must be a multiple of 8 from ${Layout.CAPACITY_BYTES_MIN} to ${Layout.CAPACITY_BYTES_MAX}, was ${batchBytes}`,
      );
    }
    if (from !== "start" && from !== "newest") throw new RangeError(`from must be start or newest, was ${String(from)}`);
    this.signal = memory.signals[0];
    this.#control = memory.control;
    this.#tags = memory.tags;
    this.#ring = memory.words;
    this.#capacityBytes = memory.capacityBytes;
    this.#intentWord = memory.kind === Layout.KIND_SINGLE_PRODUCER ? Layout.INTENT_LOW_WORD : Layout.TAIL_LOW_WORD;
    this.#copy = new Int32Array(Math.min(batchBytes, memory.capacityBytes) / Layout.WORD_BYTES);
    this.#numbers[COPIED_TO] = memory.startPosition;
    if (from === "newest") this.#joinNewest();
  }

  /** Records handed to a handler by `poll`, or accepted. */
  get delivered(): number {
    return this.#numbers[DELIVERED];
  }

  /** Records that were overwritten before this observer could read them. */
  get lost(): number {
    return this.#numbers[LOST];
  }

  /**
   * Records that an observer of the newest did not ask for: those before it joined. Produced = skipped + delivered + lost + still to come.
   */
  get skipped(): number {
    return this.#numbers[SKIPPED];
  }

  /** Number of the next record, from 0 at the ring's beginning. */
  get sequence(): number {
    return this.#numbers[SEQUENCE];
  }

  /** The memory into which `next` points; it may change at the next `begin`. */
  get words(): Int32Array {
    return this.#copy;
  }

  /** Bytes between the next record and the tail; more than the capacity when it is lapped. */
  lagBytes(): number {
    const behindCopy = loadPosition(this.#control, Layout.TAIL_LOW_WORD) - this.#numbers[COPIED_TO];
    return behindCopy + (this.#filled - this.#head) * Layout.WORD_BYTES;
  }

  ready(): boolean {
    if (this.#head < this.#filled) return true;
    const position = this.#numbers[COPIED_TO];
    const tail = loadPosition(this.#control, Layout.TAIL_LOW_WORD);
    if (this.#tags.length === 0 || tail - position > this.#capacityBytes) return tail !== position;
    return Atomics.load(this.#tags, (position % this.#capacityBytes) / Layout.UNIT_BYTES) === lapTagOf(position, this.#capacityBytes);
  }

  /** Waits until there is something to read, on the ring's own signal. True when there is. */
  wait(strategy: BlockingWait, timeoutMs: number): boolean {
    return strategy.wait(this, this.signal, timeoutMs);
  }

  /**
   * Hands up to `limit` records to `onRecord`, but none newer than the tail at the call, and returns how many. `onGap(from, to)` comes
   * before the first record behind a gap; a gap is counted as lost whatever the handler does. The record whose handler throws counts as
   * delivered.
   */
  poll(onRecord: RecordHandler, limit: number, onGap: GapHandler): number {
    this.#enter(limit);
    const until = loadPosition(this.#control, Layout.TAIL_LOW_WORD);
    let records = 0;
    while (records < limit) {
      if (this.#head === this.#filled && (this.#numbers[COPIED_TO] >= until || !this.#refill(onGap))) break;
      records += this.#drain(onRecord, limit - records);
    }
    return records;
  }

  #drain(onRecord: RecordHandler, limit: number): number {
    const words = this.#copy;
    const filled = this.#filled;
    let head = this.#head;
    let records = 0;
    try {
      while (head < filled && records < limit) {
        const at = head;
        const first = words[at];
        head += (first & Layout.LENGTH_MASK) >> 2;
        if ((first & Layout.PADDING_FLAG) !== 0) continue;
        records++;
        onRecord(words, at, first);
      }
    } finally {
      this.#head = head;
      this.#numbers[SEQUENCE] += records;
      this.#numbers[DELIVERED] += records;
    }
    return records;
  }

  /**
   * Fixes a batch of up to `limit` records, at most `batchBytes`, and returns how many it has. With 0 no batch is open. `onGap` as in
   * `poll`.
   */
  begin(limit: number, onGap: GapHandler): number {
    this.#enter(limit);
    for (;;) {
      if (this.#head === this.#filled && !this.#refill(onGap)) return 0;
      const records = this.#scan(limit);
      if (records > 0) {
        this.#batchRecords = records;
        this.#cursor = this.#head;
        return records;
      }
      this.#head = this.#filled; // There was only padding.
      this.#batchEnd = NO_BATCH;
    }
  }

  #scan(limit: number): number {
    const words = this.#copy;
    const filled = this.#filled;
    let end = this.#head;
    let records = 0;
    while (end < filled && records < limit) {
      const first = words[end];
      end += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) === 0) records++;
    }
    this.#batchEnd = end;
    return records;
  }

  /** Reads the open batch from its first record to its last; may be called again. Throws RingError `BATCH_MISSING` without a batch. */
  forEach(onRecord: RecordHandler): void {
    this.#requireBatch();
    const words = this.#copy;
    const end = this.#batchEnd;
    let head = this.#head;
    while (head < end) {
      const at = head;
      const first = words[at];
      head += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) === 0) onRecord(words, at, first);
    }
  }

  /** The word index in `words` of the open batch's next record, or END_OF_BATCH. */
  next(): number {
    const words = this.#copy;
    const end = this.#batchEnd;
    let cursor = this.#cursor;
    while (cursor < end) {
      const at = cursor;
      const first = words[at];
      cursor += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) !== 0) continue;
      this.#cursor = cursor;
      return at;
    }
    this.#cursor = cursor;
    return END_OF_BATCH;
  }

  /** Takes the open batch: its records count as delivered. */
  accept(): void {
    this.#requireBatch();
    this.#head = this.#batchEnd;
    this.#batchEnd = NO_BATCH;
    this.#numbers[SEQUENCE] += this.#batchRecords;
    this.#numbers[DELIVERED] += this.#batchRecords;
  }

  /** Leaves the open batch in the ring: it is offered again, except what is overwritten by then, which is reported as a gap. */
  keep(): void {
    this.#requireBatch();
    this.#numbers[COPIED_TO] -= (this.#filled - this.#head) * Layout.WORD_BYTES;
    this.#head = 0;
    this.#filled = 0;
    this.#batchEnd = NO_BATCH;
  }

  #enter(limit: number): void {
    if (!(limit >= 1)) refuseLimit(limit);
    if (this.#batchEnd !== NO_BATCH) throw new RingError("BATCH_OPEN", "a batch is open: accept or keep it first");
  }

  #requireBatch(): void {
    if (this.#batchEnd === NO_BATCH) throw new RingError("BATCH_MISSING", "there is no open batch: begin returned 0 or was not called");
  }

  /** Copies the next piece. False when there is nothing to read, or when the producer is so fast that a few attempts were all overtaken. */
  #refill(onGap: GapHandler): boolean {
    const numbers = this.#numbers;
    for (let attempt = 0; attempt < COPY_ATTEMPTS_MAX; attempt++) {
      if (this.#isLapped() && !this.#rejoin(onGap)) continue;
      const position = numbers[COPIED_TO];
      const index = (position % this.#capacityBytes) / Layout.WORD_BYTES;
      const readable = this.#tags.length === 0 ? this.#readablePublished(position, index) : this.#readableTagged(position, index);
      if (readable === 0) {
        if (this.#isLapped()) continue;
        return false;
      }
      const length = Math.min(readable, this.#copy.length);
      copyWords(this.#ring, index, this.#copy, length);
      // Stores wait for earlier loads, and a load waits for an earlier atomic store: so the copy is complete before the intent is read.
      Atomics.store(this.#fence, 0, attempt);
      if (this.#isLapped()) continue;
      const whole = wholeRecords(this.#copy, length);
      if (whole === 0) {
        this.#copy = new Int32Array(2 ** Math.ceil(Math.log2((this.#copy[0] & Layout.LENGTH_MASK) / Layout.WORD_BYTES)));
        continue;
      }
      this.#head = 0;
      this.#filled = whole;
      numbers[COPIED_TO] = position + whole * Layout.WORD_BYTES;
      return true;
    }
    return false;
  }

  /** Whether the producer may have begun to overwrite what lies at the next position. */
  #isLapped(): boolean {
    return loadPosition(this.#control, this.#intentWord) - this.#numbers[COPIED_TO] > this.#capacityBytes;
  }

  /** Words from `position` to the published tail or the end of the lap. */
  #readablePublished(position: number, index: number): number {
    const bytes = loadPosition(this.#control, Layout.TAIL_LOW_WORD) - position;
    return Math.min(bytes / Layout.WORD_BYTES, this.#ring.length - index);
  }

  /** Words of committed records from `position` on, in this lap, about as many as the copy has room for. */
  #readableTagged(position: number, index: number): number {
    const tags = this.#tags;
    const ring = this.#ring;
    const enough = index + this.#copy.length;
    const lapTag = lapTagOf(position, this.#capacityBytes);
    let end = index;
    while (end < enough && end < ring.length && Atomics.load(tags, end >> 1) === lapTag) {
      const first = ring[end];
      // Nonsense here means that the producers have come round; the caller looks at their position after this.
      if (first <= 0) break;
      end += (first & Layout.LENGTH_MASK) >> 2;
    }
    return Math.min(end, ring.length) - index;
  }

  /** Goes on at a checkpoint half a ring behind the tail and reports what lies between. False when none is usable at this moment. */
  #rejoin(onGap: GapHandler): boolean {
    const tail = loadPosition(this.#control, Layout.TAIL_LOW_WORD);
    if (!this.#jump(tail - this.#capacityBytes / 2, tail)) return false;
    const from = this.#numbers[SEQUENCE];
    const to = this.#checkpoint.count;
    this.#numbers[SEQUENCE] = to;
    this.#numbers[LOST] += to - from;
    if (to > from) onGap(from, to);
    return true;
  }

  /** Moves to the checkpoint nearest to `aim` that lies ahead, up to `atMost`, and is not being overwritten. */
  #jump(aim: number, atMost: number): boolean {
    const intent = loadPosition(this.#control, this.#intentWord);
    const atLeast = Math.max(intent - this.#capacityBytes, this.#numbers[COPIED_TO]);
    if (!findCheckpoint(this.#control, atLeast, atMost, aim, this.#checkpoint)) return false;
    this.#numbers[COPIED_TO] = this.#checkpoint.position;
    return true;
  }

  /** Goes to the tail as it is now, counting the records before it. */
  #joinNewest(): void {
    const numbers = this.#numbers;
    for (let attempt = 0; attempt < JOIN_ATTEMPTS_MAX; attempt++) {
      const tail = loadPosition(this.#control, Layout.TAIL_LOW_WORD);
      if (this.#jump(tail, tail)) numbers[SEQUENCE] = this.#checkpoint.count;
      while (!this.#isLapped() && numbers[COPIED_TO] < tail && this.#refill(IGNORE_GAP)) {
        numbers[SEQUENCE] += this.#scan(Infinity);
        this.#head = this.#filled;
      }
      this.#batchEnd = NO_BATCH;
      numbers[LOST] = 0;
      if (!this.#isLapped()) break;
    }
    numbers[SKIPPED] = numbers[SEQUENCE];
  }
}

/** Copies an even number of words. A loop, because a view for `set` would be an allocation per batch. */
function copyWords(from: Int32Array, fromIndex: number, to: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 2) {
    to[i] = from[fromIndex + i];
    to[i + 1] = from[fromIndex + i + 1];
  }
}

/** The end of the last record that lies whole within `length` words. */
function wholeRecords(words: Int32Array, length: number): number {
  let end = 0;
  while (end < length) {
    const first = words[end];
    if (first <= 0) throw new RingError("RING_CORRUPT", `a record must start with its length, started with ${first}`);
    const next = end + ((first & Layout.LENGTH_MASK) >> 2);
    if (next > length) return end;
    end = next;
  }
  return end;
}
