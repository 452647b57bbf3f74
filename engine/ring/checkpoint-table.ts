/**
 * A few pairs (position, records before it) of a ring's recent past. They let an observer that was lapped, and a producer that takes over,
 * know exact record numbers although records vary in length. There is one slot per segment, a sixteenth of the ring; a slot is guarded by a
 * stamp before and after its fields.
 */
import {
  CHECKPOINT_BEGIN,
  CHECKPOINT_COUNT_HIGH,
  CHECKPOINT_COUNT_LOW,
  CHECKPOINT_END,
  CHECKPOINT_POSITION_HIGH,
  CHECKPOINT_POSITION_LOW,
  CHECKPOINTS,
  checkpointWord,
} from "./ring-layout.js";
import { countHigh, countLow, highWord, joinCount, joinWords, lowWord } from "./ring-position.js";

/** A record boundary and the number of records before it. */
export interface Checkpoint {
  position: number;
  count: number;
}

/** Writes the first checkpoint of a new ring. */
export function initCheckpoints(control: Int32Array, capacityBytes: number, startPosition: number): void {
  writeCheckpoint(control, capacityBytes, startPosition, 0);
}

/** The one producer, or the walker that holds the lock. `position` is a record boundary; positions never decrease from call to call. */
export function writeCheckpoint(control: Int32Array, capacityBytes: number, position: number, count: number): void {
  const segmentBytes = capacityBytes / CHECKPOINTS;
  const word = checkpointWord(Math.floor(position / segmentBytes) % CHECKPOINTS);
  const positionLow = lowWord(position);
  const positionHigh = highWord(position);
  const low = countLow(count);
  const high = countHigh(count);
  const stamp = (Atomics.load(control, word + CHECKPOINT_END) + 1) | 0;
  // No call of ours lies between these stores, because a thread is terminated at calls and loops.
  Atomics.store(control, word + CHECKPOINT_BEGIN, stamp);
  Atomics.store(control, word + CHECKPOINT_POSITION_LOW, positionLow);
  Atomics.store(control, word + CHECKPOINT_POSITION_HIGH, positionHigh);
  Atomics.store(control, word + CHECKPOINT_COUNT_LOW, low);
  Atomics.store(control, word + CHECKPOINT_COUNT_HIGH, high);
  Atomics.store(control, word + CHECKPOINT_END, stamp);
}

/** Reads one slot into `out`. False when it was never written or is being written. */
function readCheckpoint(control: Int32Array, slot: number, out: Checkpoint): boolean {
  const word = checkpointWord(slot);
  const stamp = Atomics.load(control, word + CHECKPOINT_END);
  const positionLow = Atomics.load(control, word + CHECKPOINT_POSITION_LOW);
  const positionHigh = Atomics.load(control, word + CHECKPOINT_POSITION_HIGH);
  const low = Atomics.load(control, word + CHECKPOINT_COUNT_LOW);
  const high = Atomics.load(control, word + CHECKPOINT_COUNT_HIGH);
  if (stamp === 0 || Atomics.load(control, word + CHECKPOINT_BEGIN) !== stamp) return false;
  out.position = joinWords(positionHigh, positionLow);
  out.count = joinCount(high, low);
  return true;
}

const candidate: Checkpoint = { position: 0, count: 0 };

/** Any thread. Finds the checkpoint from `atLeast` to `atMost` that is nearest to `aim`. False when there is none. */
export function findCheckpoint(control: Int32Array, atLeast: number, atMost: number, aim: number, out: Checkpoint): boolean {
  let found = false;
  for (let slot = 0; slot < CHECKPOINTS; slot++) {
    if (!readCheckpoint(control, slot, candidate)) continue;
    const { position, count } = candidate;
    if (position < atLeast || position > atMost) continue;
    if (found && Math.abs(position - aim) >= Math.abs(out.position - aim)) continue;
    out.position = position;
    out.count = count;
    found = true;
  }
  return found;
}
