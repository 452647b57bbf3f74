/**
 * The producers of a ring that has many: each has a line in which it notes a claim before it wins it. When a producer's thread has ended,
 * the host finds the unfinished claim there, turns it into padding, and the readers go on.
 */

import { breakWalkerLock } from "./record-walker.js";
import { RingError } from "./ring-error.js";
import * as Layout from "./ring-layout.js";
import type { RingMemory } from "./ring-memory.js";
import { lapTagOf, loadPosition, lowWord } from "./ring-position.js";

// The state word counts up: odd while the place is taken, so that a producer which was unblocked notices even when its place is in use
// again.
const TAKEN_BIT = 1;
const CONTEST_LOOKS_MAX = 10_000;

/** What stands in the tag of a record that a producer has claimed and not committed: negative, so that it is no lap's tag. */
export function claimMark(producer: number): number {
  return -1 - producer;
}

/** A place that the caller now owns. */
export interface TakenPlace {
  readonly index: number;
  readonly stateWord: number;
}

/** Any thread. Takes a free place. Throws RingError `PRODUCER_TAKEN` when there is none. */
export function takeProducer(memory: RingMemory): TakenPlace {
  const { control, gates, producers } = memory;
  for (let index = 0; index < producers; index++) {
    const word = Layout.producerWord(gates, index) + Layout.PRODUCER_STATE;
    const found = Atomics.load(control, word);
    const stateWord = (found + 1) | 0;
    if ((found & TAKEN_BIT) === 0 && Atomics.compareExchange(control, word, found, stateWord) === found) return { index, stateWord };
  }
  throw new RingError(
    "PRODUCER_TAKEN",
    `all ${producers} places for producers are taken; close one, or unblock() one whose thread has ended`,
  );
}

/** The producer gives its place back, or the host does when its thread has ended. */
export function releaseProducer(memory: RingMemory, index: number): void {
  const word = Layout.producerWord(memory.gates, index);
  Atomics.store(memory.control, word + Layout.PRODUCER_CLAIM_BYTES, 0);
  const found = Atomics.load(memory.control, word + Layout.PRODUCER_STATE);
  if ((found & TAKEN_BIT) !== 0) Atomics.compareExchange(memory.control, word + Layout.PRODUCER_STATE, found, (found + 1) | 0);
}

/**
 * The host, when the thread of producer `index` has ended. Turns its unfinished claim, if there is one, into padding, counts it, and frees
 * the place. Returns the number of unfinished claims, 0 or 1. Throws RangeError, or RingError `CLAIM_OPEN` in the case that another
 * producer stopped at the same claim.
 */
export function unblockProducer(memory: RingMemory, index: number): number {
  const { control, gates, producers } = memory;
  if (!Number.isInteger(index) || index < 0 || index >= producers)
    throw new RangeError(`the producer must be from 0 to ${producers - 1}, was ${index}`);
  breakWalkerLock(control, index);
  const word = Layout.producerWord(gates, index);
  const lengthBytes = Atomics.load(control, word + Layout.PRODUCER_CLAIM_BYTES);
  const low = Atomics.load(control, word + Layout.PRODUCER_CLAIM_LOW);
  const behindTailUnits = (Atomics.load(control, Layout.TAIL_LOW_WORD) - low) | 0;
  const unfinished = lengthBytes > 0 && behindTailUnits > 0 && ownsClaim(memory, index, low, lengthBytes) ? 1 : 0;
  if (unfinished > 0) Atomics.add(control, Layout.UNFINISHED_CLAIMS_WORD, 1);
  releaseProducer(memory, index);
  return unfinished;
}

/** Whether the claim that producer `index` noted is its own and not committed. If so it becomes padding. */
function ownsClaim(memory: RingMemory, index: number, low: number, lengthBytes: number): boolean {
  const { control, tags, capacityBytes } = memory;
  const tail = loadPosition(control, Layout.TAIL_LOW_WORD);
  const start = tail - ((lowWord(tail) - low) | 0) * Layout.UNIT_BYTES;
  if (tail - start > capacityBytes) return false; // The note is old: that claim was committed long ago.
  const toEndBytes = capacityBytes - (start % capacityBytes);
  const wraps = lengthBytes > toEndBytes;
  const record = wraps ? start + toEndBytes : start;
  const recordUnit = (record % capacityBytes) / Layout.UNIT_BYTES;
  for (let look = 0; look < CONTEST_LOOKS_MAX; look++) {
    const tag = Atomics.load(tags, recordUnit);
    if (tag === lapTagOf(record, capacityBytes)) return false;
    if (tag < 0 && tag !== claimMark(index)) return false;
    // Unmarked: the thread ended between winning the claim and marking it, unless another producer is just doing the same with this claim.
    if (tag >= 0 && isContested(memory, index, low)) continue;
    if (wraps) padOut(memory, start, toEndBytes);
    padOut(memory, record, wraps ? lengthBytes - toEndBytes : lengthBytes);
    return true;
  }
  throw new RingError("CLAIM_OPEN", `another producer has stopped at the same claim as producer ${index}: unblock it as well, then again`);
}

function isContested(memory: RingMemory, index: number, low: number): boolean {
  const { control, gates, producers } = memory;
  for (let other = 0; other < producers; other++) {
    const word = Layout.producerWord(gates, other);
    if (other === index || Atomics.load(control, word + Layout.PRODUCER_CLAIM_BYTES) === 0) continue;
    if (Atomics.load(control, word + Layout.PRODUCER_CLAIM_LOW) === low) return true;
  }
  return false;
}

function padOut(memory: RingMemory, position: number, lengthBytes: number): void {
  const { tags, words, capacityBytes } = memory;
  const index = (position % capacityBytes) / Layout.WORD_BYTES;
  words[index] = Layout.PADDING_FLAG | lengthBytes;
  Atomics.store(tags, index >> 1, lapTagOf(position, capacityBytes));
}
