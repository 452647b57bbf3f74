/**
 * The gates of a ring: which of them hold the producer back, and where they stand. A gate's state word is `generation × 8 + state`, so that
 * a reader which has been evicted or replaced notices even when its slot is in use again.
 */

import { RingError } from "./ring-error.js";
import { EVICTED_GATES_WORD, GATE_HEARTBEAT, GATE_POSITION_LOW, GATE_STATE, gateWord, TAIL_LOW_WORD, UNIT_BYTES } from "./ring-layout.js";
import { loadPosition, lowWord } from "./ring-position.js";

const STATE_MASK = 7;
const GENERATION_STEP = 8;
const FREE = 0;
/** Nobody reads it yet, and it holds the producer back all the same. */
const HELD = 1;
const ACTIVE = 2;
const EVICTED = 3;
/** A reader is about to join at the tail; it does not hold the producer back yet. */
const JOINING = 4;

export type GateState = "free" | "held" | "active" | "evicted" | "joining";
const STATE_NAMES: readonly GateState[] = ["free", "held", "active", "evicted", "joining"];

/** How a gate stands, as another thread sees it. */
export interface GateStatus {
  readonly index: number;
  readonly state: GateState;
  /** Bytes between the gate and the tail. */
  readonly lagBytes: number;
  /** Counts the reader's polls, modulo 2^32: one that does not change while there is a lag belongs to a reader that is stuck or dead. */
  readonly heartbeat: number;
}

/** A gate that the caller now owns. */
export interface TakenGate {
  readonly index: number;
  readonly stateWord: number;
}

/** Sets up the gates of a new ring; the first `heldGates` hold the producer from `startPosition` on. */
export function initGates(control: Int32Array, gates: number, heldGates: number, startPosition: number): void {
  for (let index = 0; index < gates; index++) {
    const word = gateWord(index);
    control[word + GATE_POSITION_LOW] = lowWord(startPosition);
    control[word + GATE_STATE] = index < heldGates ? HELD : FREE;
  }
}

/**
 * Producer threads. The greatest distance, in units, from a gate that holds the producer back to the position with low word `positionLow`;
 * -1 without such gates.
 */
export function slowestGateLag(control: Int32Array, gates: number, positionLow: number, capacityUnits: number): number {
  let slowest = -1;
  for (let index = 0; index < gates; index++) {
    const word = gateWord(index);
    const state = Atomics.load(control, word + GATE_STATE) & STATE_MASK;
    if (state !== HELD && state !== ACTIVE) continue;
    const lag = (positionLow - Atomics.load(control, word + GATE_POSITION_LOW)) | 0;
    // A gate that is just joining may show a stale position for a moment: then there is no room until it has settled.
    const bounded = lag < 0 || lag > capacityUnits ? capacityUnits : lag;
    if (bounded > slowest) slowest = bounded;
  }
  return slowest;
}

function nextGeneration(found: number, state: number): number {
  return ((found & ~STATE_MASK) + GENERATION_STEP + state) | 0;
}

/** Moves a gate whose state word is `found` to a new owner. False when somebody else was quicker. */
function tryTake(control: Int32Array, index: number, found: number): TakenGate | undefined {
  const word = gateWord(index);
  const state = found & STATE_MASK;
  const active = nextGeneration(found, ACTIVE);
  if (state === HELD || state === ACTIVE) {
    return Atomics.compareExchange(control, word + GATE_STATE, found, active) === found ? { index, stateWord: active } : undefined;
  }
  const joining = nextGeneration(found, JOINING);
  if (Atomics.compareExchange(control, word + GATE_STATE, found, joining) !== found) return undefined;
  Atomics.store(control, word + GATE_POSITION_LOW, lowWord(loadPosition(control, TAIL_LOW_WORD)));
  if (Atomics.compareExchange(control, word + GATE_STATE, joining, active) !== joining) return undefined;
  // Only now does the producer see the gate. What it allowed itself before was measured from a tail that is not newer than this one.
  Atomics.store(control, word + GATE_POSITION_LOW, lowWord(loadPosition(control, TAIL_LOW_WORD)));
  return { index, stateWord: active };
}

function takeNamed(control: Int32Array, index: number, takeOver: boolean): TakenGate {
  const found = Atomics.load(control, gateWord(index) + GATE_STATE);
  const state = found & STATE_MASK;
  const busy = (state === ACTIVE && !takeOver) || state === JOINING;
  const taken = busy ? undefined : tryTake(control, index, found);
  if (taken === undefined)
    throw new RingError(
      "GATE_TAKEN",
      `gate ${index} must be held, free or evicted to be taken, was ${STATE_NAMES[state]}; { takeOver: true } continues for a dead reader`,
    );
  return taken;
}

/**
 * Any thread. Takes gate `index`, or the first that is held, free or evicted, in this order. Throws RangeError or RingError `GATE_TAKEN`,
 * `NO_GATE_FREE`.
 */
export function takeGate(control: Int32Array, gates: number, index: number | undefined, takeOver: boolean): TakenGate {
  if (index !== undefined) {
    if (!Number.isInteger(index) || index < 0 || index >= gates)
      throw new RangeError(`the gate must be from 0 to ${gates - 1}, was ${index}`);
    return takeNamed(control, index, takeOver);
  }
  for (const wanted of [HELD, FREE, EVICTED]) {
    for (let candidate = 0; candidate < gates; candidate++) {
      const found = Atomics.load(control, gateWord(candidate) + GATE_STATE);
      if ((found & STATE_MASK) !== wanted) continue;
      const taken = tryTake(control, candidate, found);
      if (taken !== undefined) return taken;
    }
  }
  throw new RingError("NO_GATE_FREE", `all ${gates} gates of this ring are taken`);
}

/**
 * The gate's reader. True while the gate is still its own. A plain load: it costs nothing per poll, and the next poll sees what this one
 * may miss.
 */
export function ownsGate(control: Int32Array, taken: TakenGate): boolean {
  return control[gateWord(taken.index) + GATE_STATE] === taken.stateWord;
}

/** The gate's reader gives the gate back; it no longer holds the producer. Nothing happens when the gate is not its own any more. */
export function releaseGate(control: Int32Array, taken: TakenGate): void {
  const free = (taken.stateWord & ~STATE_MASK) | FREE;
  Atomics.compareExchange(control, gateWord(taken.index) + GATE_STATE, taken.stateWord, free);
}

/**
 * Any thread, usually the host. The gate stops holding the producer and its reader learns of it at its next poll. True when it did hold the
 * producer or was joining.
 */
export function evictGate(control: Int32Array, gates: number, index: number): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= gates)
    throw new RangeError(`the gate must be from 0 to ${gates - 1}, was ${index}`);
  const word = gateWord(index) + GATE_STATE;
  const found = Atomics.load(control, word);
  const state = found & STATE_MASK;
  if (state === FREE || state === EVICTED) return false;
  if (Atomics.compareExchange(control, word, found, (found & ~STATE_MASK) | EVICTED) !== found) return false;
  Atomics.add(control, EVICTED_GATES_WORD, 1);
  return true;
}

/** Any thread. The state of one gate; of the values only the state is exact while others work. */
export function gateStatus(control: Int32Array, index: number): GateStatus {
  const word = gateWord(index);
  const state = STATE_NAMES[Atomics.load(control, word + GATE_STATE) & STATE_MASK] ?? "free";
  const low = Atomics.load(control, word + GATE_POSITION_LOW);
  const lagUnits = Math.max(0, (Atomics.load(control, TAIL_LOW_WORD) - low) | 0);
  return {
    index,
    state,
    lagBytes: state === "active" || state === "held" ? lagUnits * UNIT_BYTES : 0,
    heartbeat: Atomics.load(control, word + GATE_HEARTBEAT),
  };
}
