import { sha256 } from "@noble/hashes/sha2.js";
import type { SingleProducer } from "./ring/single-producer.js";

/**
 * A deterministic fold over records. It reads records and its own state, nothing else: no clock, no randomness, no I/O.
 * The trading core, the market-data books, the telemetry windows and a game room are Steps, and the shard loop, the
 * journal, replay and recovery work on any of them.
 */
export interface Step {
  /** Applies the record that begins at word `at` of `words` (a wire record, committed, seq and time stamped). */
  apply(words: Int32Array, at: number): void;
  /** Writes the whole state in a form that does not depend on how the Step keeps it. */
  save(out: StateWriter): void;
  /** Takes over a saved state. The Step must be new. Throws RangeError when its capacities are too small for it. */
  load(input: StateReader): void;
  /** SHA-256 over what the records have made of it, 64 hex digits; a Step says at its own what of `save` does not count. */
  digest(): string;
}

/** Where a Step writes its events, and what it may do when there is no room. */
export interface EventOutput {
  readonly ring: SingleProducer;
  /** Must make room in `ring`, by publishing what is committed and having it read. It is called until an event fits. */
  readonly makeRoom: () => void;
}

/**
 * What the shard loop imports by URL: a module that makes a Step. `answer`, when it is there, answers questions of the
 * host between two commands; question and answer travel by structured clone.
 */
export interface StepModule {
  createStep(output: EventOutput, options: unknown): Step;
  answer?(step: Step, question: unknown): unknown;
  timer?: StepTimer;
  /** Makes what is to be known beside the Step after a restart; asked for only when there is a journal. */
  createCompanion?(): Companion;
}

/**
 * What follows from a Step's commands and events without being part of its state: whom they have answered, for example. A replay folds it
 * beside the Step, and a snapshot has both. The live shard does not: once its journal is replayed, the host has the summary.
 */
export interface Companion {
  /** A command, in front of its application and its events. */
  command(words: Int32Array, at: number): void;
  /** An event of the last command. Those of old commands may be left out: see `eventsWanted`. */
  event(words: Int32Array, at: number): void;
  /** A note of the journal's own. */
  note(words: Int32Array, at: number): void;
  /** Of so many commands before the journal's end the events are wanted. */
  readonly eventsWanted: number;
  save(out: StateWriter): void;
  load(input: StateReader): void;
  /** What the host gets; by structured clone. */
  summary(): unknown;
}

/**
 * For a Step in which something happens at a time. A Step has no clock, so the loop that runs it brings the time as a
 * record like any other: it takes the next sequence, and a replay finds it where it was.
 */
export interface StepTimer {
  /** When the next thing is to happen, in microseconds since the Unix epoch; Infinity when nothing is. Asked at every turn of the loop. */
  dueAt(step: Step): number;
  /**
   * Writes the record that brings the time `timeUs`, seq and time of its header apart. Returns its length in bytes, at most
   * TIMER_BYTES_MAX. Once it was applied, `dueAt` must be later than `timeUs`.
   */
  write(words: Int32Array, at: number, timeUs: number): number;
}

/** Bytes that a StepTimer has for its record. */
export const TIMER_BYTES_MAX = 256;

/** Receives a state, number by number. Everything is little-endian. */
export class StateWriter {
  private readonly bytes = new Uint8Array(CHUNK_BYTES);
  private readonly view = new DataView(this.bytes.buffer);
  private used = 0;

  /** `onChunk` gets views that are only valid during the call. */
  constructor(private readonly onChunk: (bytes: Uint8Array) => void) {}

  uint8(value: number): void {
    this.room(1);
    this.view.setUint8(this.used, value);
    this.used += 1;
  }

  uint32(value: number): void {
    this.room(4);
    this.view.setUint32(this.used, value, true);
    this.used += 4;
  }

  /** A safe integer, or a null of the wire (−2^63). */
  int64(value: number): void {
    this.room(8);
    this.view.setInt32(this.used, value | 0, true);
    this.view.setInt32(this.used + 4, Math.floor(value * TWO_POW_MINUS_32) | 0, true);
    this.used += 8;
  }

  /** ASCII, at most 255 characters, behind its length. */
  text(value: string): void {
    this.uint8(value.length);
    for (let index = 0; index < value.length; index++) this.uint8(value.charCodeAt(index));
  }

  /** Hands on what is left. Call it once, at the end. */
  finish(): void {
    if (this.used > 0) this.onChunk(this.bytes.subarray(0, this.used));
    this.used = 0;
  }

  private room(bytes: number): void {
    if (this.used + bytes > CHUNK_BYTES) this.finish();
  }
}

/** Reads what a StateWriter wrote. Throws RangeError at the end of the bytes. */
export class StateReader {
  private readonly view: DataView;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How much has not been read. */
  get bytesLeft(): number {
    return this.view.byteLength - this.position;
  }

  /** True when everything has been read. */
  get isAtEnd(): boolean {
    return this.position === this.view.byteLength;
  }

  uint8(): number {
    const value = this.view.getUint8(this.position);
    this.position += 1;
    return value;
  }

  uint32(): number {
    const value = this.view.getUint32(this.position, true);
    this.position += 4;
    return value;
  }

  int64(): number {
    const low = this.view.getUint32(this.position, true);
    const high = this.view.getInt32(this.position + 4, true);
    this.position += 8;
    // As a double a neighbour of null would be one.
    return high === -0x80000000 && low !== 0 ? Number.NaN : high * TWO_POW_32 + low;
  }

  text(): string {
    const length = this.uint8();
    let value = "";
    for (let index = 0; index < length; index++) value += String.fromCharCode(this.uint8());
    return value;
  }
}

/** SHA-256 (FIPS 180-4) over what `save` writes, 64 hex digits. */
export function digestOf(save: (out: StateWriter) => void): string {
  const hash = sha256.create();
  const writer = new StateWriter((bytes) => hash.update(bytes));
  save(writer);
  writer.finish();
  let hex = "";
  for (const byte of hash.digest()) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** What `save` writes, in one array. */
export function bytesOf(save: (out: StateWriter) => void): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const writer = new StateWriter((bytes) => {
    chunks.push(bytes.slice());
    length += bytes.length;
  });
  save(writer);
  writer.finish();
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const CHUNK_BYTES = 1 << 16;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_MINUS_32 = 2 ** -32;
