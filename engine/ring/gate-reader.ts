/**
 * A reader that holds the producer back: it sees every record, in order, in place. With one producer everything before the published tail
 * is readable; with many, a record is readable when the tag of its first unit carries the number of the lap.
 */
import { gateStatus, ownsGate, releaseGate, type TakenGate, takeGate } from "./gate-table.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { lapTagOf, loadPosition, lowWord, nextLapTag } from "./ring-position.js";
import { END_OF_BATCH, type RecordHandler, refuseLimit, type Waitable } from "./ring-reader.js";
import type { SharedSignal } from "./shared-signal.js";
import type { BlockingWait } from "./wait-strategy.js";

const NO_BATCH = -1;

/** How a gate is taken. */
export interface GateOptions {
  /** Continue where a dead reader of this gate stopped. Only when its thread has ended. Default false. */
  takeOver?: boolean;
}

/** One thread per gate reader. Nothing here blocks except `wait`. */
export class GateReader implements Waitable {
  /** The gate's number, for the host's watchdog. */
  readonly gate: number;
  /** The ring's own signal: what to park on when this is the only ring that the thread reads. */
  readonly signal: SharedSignal;
  readonly #control: Int32Array;
  readonly #tags: Int32Array;
  readonly #words: Int32Array;
  readonly #taken: TakenGate;
  readonly #positionWord: number;
  readonly #counts = new Float64Array(1);
  /** Word index of the next record. */
  #index: number;
  /** Low word of the next record's position in units. */
  #low: number;
  /** What the tag of a readable record says in this lap. */
  #lapTag: number;
  #heartbeat = 0;
  /** Words and records of the open batch. */
  #batchWords = NO_BATCH;
  #batchRecords = 0;
  /** Words of the open batch that `next` has passed. */
  #cursorWords = 0;
  #closed = false;

  constructor(memory: RingMemory, gate: number | undefined, options: GateOptions) {
    const { control, tags, words, capacityBytes, gates, signals } = memory;
    this.#taken = takeGate(control, gates, gate, options.takeOver === true);
    this.gate = this.#taken.index;
    this.signal = signals[0];
    this.#control = control;
    this.#tags = tags;
    this.#words = words;
    this.#positionWord = Layout.gateWord(this.gate) + Layout.GATE_POSITION_LOW;
    this.#low = Atomics.load(control, this.#positionWord);
    const tail = loadPosition(control, Layout.TAIL_LOW_WORD);
    const position = tail - ((lowWord(tail) - this.#low) | 0) * Layout.UNIT_BYTES;
    this.#index = ((position % capacityBytes) / Layout.WORD_BYTES) | 0;
    this.#lapTag = lapTagOf(position, capacityBytes);
  }

  /** Records that this reader has taken: handled by `poll`, or accepted. */
  get delivered(): number {
    return this.#counts[0];
  }

  /** Bytes between this reader and the tail: with many producers up to the newest claim, committed or not. */
  lagBytes(): number {
    return ((Atomics.load(this.#control, Layout.TAIL_LOW_WORD) - this.#low) | 0) * Layout.UNIT_BYTES;
  }

  ready(): boolean {
    if (this.#tags.length === 0) return Atomics.load(this.#control, Layout.TAIL_LOW_WORD) !== this.#low;
    return Atomics.load(this.#tags, this.#index >> 1) === this.#lapTag;
  }

  /** Waits until there is something to read, on the ring's own signal. True when there is. */
  wait(strategy: BlockingWait, timeoutMs: number): boolean {
    return strategy.wait(this, this.signal, timeoutMs);
  }

  /**
   * Hands up to `limit` records to `onRecord` and returns how many. The gate moves once, after the last of them, also when the handler
   * throws; the record whose handler threw counts as read.
   *
   * Throws RingError `GATE_EVICTED` when the gate is not this reader's any more. Thrown before the first record, it only says that records
   * are missing. Thrown after the last one, the gate was taken during this very poll: from then on the producer was free to overwrite
   * what was being read, so any record of this poll may have been half old and half new. Whoever keeps what a handler made of them must
   * throw that away.
   */
  poll(onRecord: RecordHandler, limit: number): number {
    this.#enter(limit);
    return this.#tags.length === 0 ? this.#pollPublished(onRecord, limit) : this.#pollTagged(onRecord, limit);
  }

  #pollPublished(onRecord: RecordHandler, limit: number): number {
    const available = ((Atomics.load(this.#control, Layout.TAIL_LOW_WORD) - this.#low) | 0) * Layout.UNIT_WORDS;
    if (available === 0) return 0;
    const words = this.#words;
    const mask = words.length - 1;
    const start = this.#index;
    let consumed = 0;
    let records = 0;
    let lengthBytes = 0;
    let lengthWords = 0;
    try {
      while (consumed < available && records < limit) {
        const at = (start + consumed) & mask;
        const first = words[at];
        // Where the next record starts is computed from the last length unless this one differs: so the processor can fetch ahead instead
        // of waiting for each first word, which the producer's core has just written.
        if (first !== lengthBytes) {
          lengthWords = (first & Layout.LENGTH_MASK) >> 2;
          if ((first & Layout.PADDING_FLAG) !== 0) {
            consumed += lengthWords;
            lengthBytes = 0;
            continue;
          }
          if (first <= 0) throw corruptRecord(at, first);
          lengthBytes = first;
        }
        consumed += lengthWords;
        records++;
        onRecord(words, at, lengthBytes);
      }
    } finally {
      this.#release(consumed, records);
    }
    return records;
  }

  #pollTagged(onRecord: RecordHandler, limit: number): number {
    const words = this.#words;
    const tags = this.#tags;
    const capacityWords = words.length;
    let lapTag = this.#lapTag;
    let at = this.#index;
    let consumed = 0;
    let records = 0;
    try {
      // A reader never comes round to its own gate: the tags behind it carry an older lap until it has moved.
      while (records < limit && Atomics.load(tags, at >> 1) === lapTag) {
        const first = words[at];
        const lengthWords = (first & Layout.LENGTH_MASK) >> 2;
        if (first <= 0) throw corruptRecord(at, first);
        const here = at;
        consumed += lengthWords;
        at += lengthWords;
        if (at === capacityWords) {
          at = 0;
          lapTag = nextLapTag(lapTag);
        }
        if ((first & Layout.PADDING_FLAG) !== 0) continue;
        records++;
        onRecord(words, here, first);
      }
    } finally {
      this.#release(consumed, records);
    }
    return records;
  }

  /** Fixes a batch of up to `limit` records and returns how many it has. With 0 no batch is open. */
  begin(limit: number): number {
    this.#enter(limit);
    const records = this.#tags.length === 0 ? this.#scanPublished(limit) : this.#scanTagged(limit);
    this.#cursorWords = 0;
    this.#batchRecords = records;
    if (records > 0) return records;
    this.#release(this.#batchWords, 0); // There may have been padding.
    this.#batchWords = NO_BATCH;
    return 0;
  }

  #scanPublished(limit: number): number {
    const available = ((Atomics.load(this.#control, Layout.TAIL_LOW_WORD) - this.#low) | 0) * Layout.UNIT_WORDS;
    const words = this.#words;
    const mask = words.length - 1;
    const start = this.#index;
    let scanned = 0;
    let records = 0;
    while (scanned < available && records < limit) {
      const first = words[(start + scanned) & mask];
      if (first <= 0) throw corruptRecord((start + scanned) & mask, first);
      scanned += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) === 0) records++;
    }
    this.#batchWords = scanned;
    return records;
  }

  #scanTagged(limit: number): number {
    const words = this.#words;
    const tags = this.#tags;
    const mask = words.length - 1;
    let lapTag = this.#lapTag;
    let at = this.#index;
    let scanned = 0;
    let records = 0;
    while (records < limit && Atomics.load(tags, at >> 1) === lapTag) {
      const first = words[at];
      if (first <= 0) throw corruptRecord(at, first);
      const lengthWords = (first & Layout.LENGTH_MASK) >> 2;
      scanned += lengthWords;
      at = (at + lengthWords) & mask;
      if (at === 0) lapTag = nextLapTag(lapTag);
      if ((first & Layout.PADDING_FLAG) === 0) records++;
    }
    this.#batchWords = scanned;
    return records;
  }

  /** Reads the open batch from its first record to its last; may be called again. Throws RingError `BATCH_MISSING` without a batch. */
  forEach(onRecord: RecordHandler): void {
    this.#requireBatch();
    const words = this.#words;
    const mask = words.length - 1;
    const start = this.#index;
    const total = this.#batchWords;
    let passed = 0;
    while (passed < total) {
      const at = (start + passed) & mask;
      const first = words[at];
      passed += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) === 0) onRecord(words, at, first);
    }
  }

  /** The word index in `words` of the open batch's next record, or END_OF_BATCH. With it a caller's own loop needs no handler. */
  next(): number {
    const total = this.#batchWords;
    const words = this.#words;
    const mask = words.length - 1;
    let cursor = this.#cursorWords;
    while (cursor < total) {
      const at = (this.#index + cursor) & mask;
      const first = words[at];
      cursor += (first & Layout.LENGTH_MASK) >> 2;
      if ((first & Layout.PADDING_FLAG) !== 0) continue;
      this.#cursorWords = cursor;
      return at;
    }
    this.#cursorWords = cursor;
    return END_OF_BATCH;
  }

  /** The memory into which `next` points. */
  get words(): Int32Array {
    return this.#words;
  }

  /**
   * Releases the open batch: the producer may overwrite it. Throws RingError `GATE_EVICTED` when the gate was taken while the batch was open:
   * its records may have been overwritten while they were read (see `poll`).
   */
  accept(): void {
    this.#requireBatch();
    const batchWords = this.#batchWords;
    this.#batchWords = NO_BATCH;
    this.#release(batchWords, this.#batchRecords);
  }

  /** Closes the open batch without releasing it: the next batch starts with the same records. */
  keep(): void {
    this.#requireBatch();
    this.#batchWords = NO_BATCH;
  }

  /** Gives the gate back: it no longer holds the producer. An open batch is kept, and lost. */
  close(): void {
    this.#closed = true;
    this.#batchWords = NO_BATCH;
    releaseGate(this.#control, this.#taken);
  }

  #requireBatch(): void {
    if (this.#batchWords === NO_BATCH) throw new RingError("BATCH_MISSING", "there is no open batch: begin returned 0 or was not called");
  }

  #enter(limit: number): void {
    if (!(limit >= 1)) refuseLimit(limit);
    if (this.#batchWords !== NO_BATCH) throw new RingError("BATCH_OPEN", "a batch is open: accept or keep it first");
    if (!ownsGate(this.#control, this.#taken)) this.#refuse();
    this.#heartbeat = (this.#heartbeat + 1) | 0;
    this.#control[this.#positionWord - Layout.GATE_POSITION_LOW + Layout.GATE_HEARTBEAT] = this.#heartbeat;
  }

  #refuse(): never {
    if (this.#closed) throw new RingError("RING_CLOSED", `this reader of gate ${this.gate} is closed`);
    const { state } = gateStatus(this.#control, this.gate);
    throw new RingError(
      "GATE_EVICTED",
      `gate ${this.gate} was taken from this reader (it is ${state} now): records after its position may be lost to it`,
    );
  }

  #release(consumedWords: number, records: number): void {
    // A handler may close its reader: then there is no gate to move any more.
    if (consumedWords === 0 || this.#closed) return;
    const before = this.#low;
    const after = (before + (consumedWords >> 1)) | 0;
    let index = this.#index + consumedWords;
    if (index >= this.#words.length) {
      index -= this.#words.length;
      this.#lapTag = nextLapTag(this.#lapTag);
    }
    this.#index = index;
    this.#low = after;
    this.#counts[0] += records;
    // An exchange and not a store, so that a reader which was replaced meanwhile cannot move its successor's gate. An eviction leaves the
    // position alone: it shows in the gate's state only.
    const isMoved = Atomics.compareExchange(this.#control, this.#positionWord, before, after) === before;
    if (!isMoved || !ownsGate(this.#control, this.#taken)) this.#refuse();
  }
}

function corruptRecord(at: number, first: number): RingError {
  return new RingError("RING_CORRUPT", `the record at word ${at} must start with its length, started with ${first}`);
}
