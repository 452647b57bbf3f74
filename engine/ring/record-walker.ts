/**
 * Counts the committed records of a ring with many producers, so that an observer which was lapped learns exact record numbers. Producers
 * take turns at it when they cross a segment; a lock that is only ever tried keeps them from waiting for each other. Nothing that is not
 * counted may be overwritten: the walked position holds the producers back like a gate. All state lies in shared memory (the newest
 * checkpoint), so that nothing is lost when a walker dies; only the lock stays, and `breakWalkerLock` opens it.
 */
import { type Checkpoint, findCheckpoint, writeCheckpoint } from "./checkpoint-table.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { lapTagOf, loadPosition, nextLapTag, storePosition } from "./ring-position.js";

const UNLOCKED = 0;
/** Segments that one call counts at most, which bounds the time that a producer spends here. */
const WALK_SEGMENTS_MAX = 4;

/** One per producer handle; producer thread only. */
export class RecordWalker {
  readonly #control: Int32Array;
  readonly #tags: Int32Array;
  readonly #words: Int32Array;
  readonly #capacityBytes: number;
  readonly #lockOwner: number;
  readonly #from: Checkpoint = { position: 0, count: 0 };

  constructor(memory: RingMemory, producer: number) {
    this.#control = memory.control;
    this.#tags = memory.tags;
    this.#words = memory.words;
    this.#capacityBytes = memory.capacityBytes;
    this.#lockOwner = lockOwner(producer);
  }

  /** The position up to which records are counted. */
  walked(): number {
    return loadPosition(this.#control, Layout.WALKED_LOW_WORD);
  }

  /** Counts on over committed records, a quarter of the ring at most. Does nothing while another thread counts. */
  tryWalk(): void {
    const control = this.#control;
    if (Atomics.compareExchange(control, Layout.WALKER_LOCK_WORD, UNLOCKED, this.#lockOwner) !== UNLOCKED) return;
    const walked = this.walked();
    const oldest = loadPosition(control, Layout.TAIL_LOW_WORD) - this.#capacityBytes;
    if (!findCheckpoint(control, oldest, Infinity, walked, this.#from))
      throw new RingError("RING_CORRUPT", `the ring has no checkpoint at its walked position ${walked}`);
    this.#walk(this.#from, walked);
    Atomics.store(control, Layout.WALKER_LOCK_WORD, UNLOCKED);
  }

  /** Walks committed records, leaving a checkpoint in each segment, and publishes how far it came. */
  #walk(from: Checkpoint, walked: number): void {
    const words = this.#words;
    const tags = this.#tags;
    const capacityBytes = this.#capacityBytes;
    const segmentBytes = capacityBytes / Layout.CHECKPOINTS;
    const until = from.position + WALK_SEGMENTS_MAX * segmentBytes;
    let position = from.position;
    let count = from.count;
    let index = (position % capacityBytes) / Layout.WORD_BYTES;
    let lapTag = lapTagOf(position, capacityBytes);
    let segmentEnd = (Math.floor(position / segmentBytes) + 1) * segmentBytes;
    while (position < until && Atomics.load(tags, index >> 1) === lapTag) {
      const first = words[index];
      const lengthBytes = first & Layout.LENGTH_MASK;
      position += lengthBytes;
      index += lengthBytes >> 2;
      if ((first & Layout.PADDING_FLAG) === 0) count++;
      if (index === words.length) {
        index = 0;
        lapTag = nextLapTag(lapTag);
      }
      if (position < segmentEnd) continue;
      if (position > walked) this.#settle(position, count);
      segmentEnd = (Math.floor(position / segmentBytes) + 1) * segmentBytes;
    }
    if (position > this.walked()) this.#settle(position, count);
  }

  #settle(position: number, count: number): void {
    writeCheckpoint(this.#control, this.#capacityBytes, position, count);
    storePosition(this.#control, Layout.WALKED_LOW_WORD, position);
  }
}

function lockOwner(producer: number): number {
  return producer + 1;
}

/** The host, when the thread of `producer` has ended: opens the lock if that thread held it. */
export function breakWalkerLock(control: Int32Array, producer: number): void {
  Atomics.compareExchange(control, Layout.WALKER_LOCK_WORD, lockOwner(producer), UNLOCKED);
}
