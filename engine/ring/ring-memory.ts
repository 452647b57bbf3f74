/** The shared memory of a ring: its creation, its checks and its views. */

import { initCheckpoints } from "./checkpoint-table.js";
import { initGates } from "./gate-table.js";
import * as Layout from "./ring-layout.js";
import { highWord, joinWords, lowWord, storePosition } from "./ring-position.js";
import { SharedSignal } from "./shared-signal.js";

/** Size and readers of a new ring. */
export interface RingOptions {
  /** Bytes for records: a power of two, 256 to 2^30. A record takes at most an eighth of it. */
  capacityBytes: number;
  /** Gate readers at most, 0 to 64. Default 1; BroadcastRing 0. */
  gates?: number;
  /**
   * How many of the gates (the first ones) hold the producer back from the start, before a reader has taken them. Default: all. The others
   * join at the tail.
   */
  heldGates?: number;
  /** Producers at most at a time, 1 to 256, for a ring of many producers. Default 16. */
  producers?: number;
  /** False for plain memory: one thread, no parking. Default true. */
  shared?: boolean;
  /**
   * False when the ring will never have observers: this spares a ring of many producers the counting of records, and then it is full when
   * no gate reads. Default true.
   */
  observers?: boolean;
  /** The position of the first record: a multiple of 8, 0 to 2^52. For tests. Default 0. */
  startPosition?: number;
  /**
   * Signals of threads that read several rings; each publication looks at each of them. The ring's own signal is always there. At most 16.
   */
  signal?: SharedSignal | readonly SharedSignal[];
}

/** What another thread needs to attach to a ring: send it through `workerData` or `postMessage`. */
export interface SharedRing {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly signals: readonly SharedArrayBuffer[];
}

/** Views over a ring's memory, made once per thread and handle. */
export interface RingMemory {
  readonly shared: SharedRing;
  readonly kind: number;
  readonly capacityBytes: number;
  readonly gates: number;
  readonly producers: number;
  readonly observers: boolean;
  readonly startPosition: number;
  /** The header: everything except tags and records. */
  readonly control: Int32Array;
  /** Availability tags; empty when there is one producer. */
  readonly tags: Int32Array;
  /** The record area; word index 0 is the position's remainder 0. */
  readonly words: Int32Array;
  /** The ring's own signal first. */
  readonly signals: readonly SharedSignal[];
}

const SIGNALS_MAX = 16;
const PRODUCERS_DEFAULT = 16;
const START_POSITION_MAX = 2 ** 52;

function requireInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${name} must be an integer from ${low} to ${high}, was ${value}`);
}

function requireCapacity(capacityBytes: number): void {
  requireInteger("capacityBytes", capacityBytes, Layout.CAPACITY_BYTES_MIN, Layout.CAPACITY_BYTES_MAX);
  if ((capacityBytes & (capacityBytes - 1)) !== 0) throw new RangeError(`capacityBytes must be a power of two, was ${capacityBytes}`);
}

function signalList(signal: RingOptions["signal"]): readonly SharedSignal[] {
  const list = signal === undefined ? [] : signal instanceof SharedSignal ? [signal] : signal;
  if (list.length > SIGNALS_MAX) throw new RangeError(`a ring rings at most ${SIGNALS_MAX} signals, was given ${list.length}`);
  return list;
}

/** Creates and initialises a ring's memory. Throws RangeError with the rule and the value found. */
export function createMemory(kind: number, options: RingOptions, gatesDefault: number): RingMemory {
  const { capacityBytes, gates = gatesDefault, shared = true, observers = true, startPosition = 0 } = options;
  requireCapacity(capacityBytes);
  requireInteger("gates", gates, 0, Layout.GATES_MAX);
  const { heldGates = gates, producers = PRODUCERS_DEFAULT } = options;
  requireInteger("producers", producers, 1, Layout.PRODUCERS_MAX);
  requireInteger("heldGates", heldGates, 0, gates);
  requireInteger("startPosition", startPosition, 0, START_POSITION_MAX);
  if (startPosition % Layout.UNIT_BYTES !== 0)
    throw new RangeError(`startPosition must be a multiple of ${Layout.UNIT_BYTES}, was ${startPosition}`);
  const many = kind === Layout.KIND_MANY_PRODUCERS;
  if (many && gates === 0 && !observers) throw new RangeError("a ring of many producers must have gates or observers, had neither");
  const signals = signalList(options.signal).map((signal) => signal.shared);
  const lines = many ? producers : 0;
  const bytes = memoryBytes(kind, capacityBytes, gates, lines);
  const buffer = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const control = new Int32Array(buffer, 0, Layout.headerWords(gates, lines));
  control[Layout.LAYOUT_VERSION_WORD] = Layout.LAYOUT_VERSION;
  control[Layout.KIND_WORD] = kind;
  control[Layout.CAPACITY_BYTES_WORD] = capacityBytes;
  control[Layout.GATES_WORD] = gates;
  control[Layout.PRODUCERS_WORD] = lines;
  control[Layout.OBSERVERS_WORD] = observers ? 1 : 0;
  control[Layout.START_LOW_WORD] = lowWord(startPosition);
  control[Layout.START_HIGH_WORD] = highWord(startPosition);
  storePosition(control, Layout.TAIL_LOW_WORD, startPosition);
  storePosition(control, Layout.INTENT_LOW_WORD, startPosition);
  storePosition(control, Layout.WALKED_LOW_WORD, startPosition);
  initCheckpoints(control, capacityBytes, startPosition);
  initGates(control, gates, heldGates, startPosition);
  control[Layout.MAGIC_WORD] = Layout.MAGIC;
  return attachMemory(kind, { buffer, signals });
}

/** Views over memory that another handle or thread has created. Throws RangeError when it is not a ring of this kind. */
export function attachMemory(kind: number, shared: SharedRing): RingMemory {
  const { buffer } = shared;
  const identity = new Int32Array(buffer, 0, Math.min(Layout.LINE_WORDS, Math.floor(buffer.byteLength / Layout.WORD_BYTES)));
  if (identity[Layout.MAGIC_WORD] !== Layout.MAGIC)
    throw new RangeError(`a ring's memory must start with ${Layout.MAGIC}, started with ${identity[Layout.MAGIC_WORD]}`);
  const version = identity[Layout.LAYOUT_VERSION_WORD];
  if (version !== Layout.LAYOUT_VERSION) throw new RangeError(`the ring's layout version must be ${Layout.LAYOUT_VERSION}, was ${version}`);
  const found = identity[Layout.KIND_WORD];
  if (found !== kind) throw new RangeError(`the ring's kind must be ${kind} (1 one producer, 2 many), was ${found}`);
  const capacityBytes = identity[Layout.CAPACITY_BYTES_WORD];
  const gates = identity[Layout.GATES_WORD];
  const producers = identity[Layout.PRODUCERS_WORD];
  const bytes = memoryBytes(kind, capacityBytes, gates, producers);
  if (buffer.byteLength !== bytes) throw new RangeError(`the ring's memory must have ${bytes} bytes, had ${buffer.byteLength}`);
  const control = new Int32Array(buffer, 0, Layout.headerWords(gates, producers));
  const tags = new Int32Array(buffer, control.byteLength, Layout.tagCount(kind, capacityBytes));
  const words = new Int32Array(buffer, control.byteLength + tags.byteLength, capacityBytes / Layout.WORD_BYTES);
  const own = SharedSignal.inside(control, Layout.SIGNAL_WORD);
  const signals = [own, ...shared.signals.map((signal) => SharedSignal.attach(signal))];
  const startPosition = joinWords(control[Layout.START_HIGH_WORD], control[Layout.START_LOW_WORD]);
  return {
    shared,
    kind,
    capacityBytes,
    gates,
    producers,
    observers: control[Layout.OBSERVERS_WORD] === 1,
    startPosition,
    control,
    tags,
    words,
    signals,
  };
}

function memoryBytes(kind: number, capacityBytes: number, gates: number, producers: number): number {
  return (Layout.headerWords(gates, producers) + Layout.tagCount(kind, capacityBytes)) * Layout.WORD_BYTES + capacityBytes;
}
