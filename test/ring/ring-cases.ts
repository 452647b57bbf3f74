/** Every configuration of a ring that the contract suite runs over, and one way to produce into all of them. */
import {
  BroadcastRing,
  INSUFFICIENT_CAPACITY,
  type ManyProducer,
  MpscRing,
  type SingleProducer,
  SpscRing,
} from "../../engine/ring/index.js";

export type RingKind = "single" | "broadcast" | "many";
export type AnyRing = SpscRing | MpscRing;
export type AnyProducer = SingleProducer | ManyProducer;

export interface RingCase {
  readonly name: string;
  readonly kind: RingKind;
  readonly capacityBytes: number;
  readonly startPosition: number;
  readonly shared: boolean;
}

/**
 * Just before the places where a position passes 2^31 and 2^32 in bytes and in units of 8 bytes, where its high word changes, and far
 * beyond.
 */
export const START_POSITIONS: readonly number[] = [0, 2 ** 27 - 64, 2 ** 31 - 64, 2 ** 32 - 64, 2 ** 34 - 64, 2 ** 35 - 64, 2 ** 45 + 8];
const CAPACITIES_BYTES = [256, 4096, 65_536];
const KINDS: readonly RingKind[] = ["single", "broadcast", "many"];

function ringCase(kind: RingKind, capacityBytes: number, startPosition: number, shared: boolean): RingCase {
  const name = `${kind}, ${capacityBytes} bytes, from ${startPosition}, ${shared ? "shared" : "plain"} memory`;
  return { name, kind, capacityBytes, startPosition, shared };
}

export const RING_CASES: readonly RingCase[] = KINDS.flatMap((kind) =>
  CAPACITIES_BYTES.flatMap((capacityBytes) => [
    ...START_POSITIONS.map((startPosition) => ringCase(kind, capacityBytes, startPosition, true)),
    ringCase(kind, capacityBytes, 0, false),
  ]),
);

export function createRing(ringCase: RingCase, options: { gates: number; heldGates?: number; observers?: boolean }): AnyRing {
  const { kind, capacityBytes, startPosition, shared } = ringCase;
  const all = { capacityBytes, startPosition, shared, ...options };
  if (kind === "single") return SpscRing.create(all);
  return kind === "broadcast" ? BroadcastRing.create(all) : MpscRing.create(all);
}

/** Producers that take turns: two when the ring has many. */
export function createProducers(ring: AnyRing): readonly AnyProducer[] {
  return ring instanceof MpscRing ? [ring.producer(), ring.producer()] : [ring.producer()];
}

/** A record of `lengthBytes` whose words all tell `value`. False when the ring is full. */
export function send(producer: AnyProducer, lengthBytes: number, value: number): boolean {
  const at = producer.tryClaim(lengthBytes);
  if (at === INSUFFICIENT_CAPACITY) return false;
  fill(producer.words, at, lengthBytes, value);
  producer.commit();
  return true;
}

export function fill(words: Int32Array, at: number, lengthBytes: number, value: number): void {
  for (let i = 1; i < lengthBytes / 4; i++) words[at + i] = value + i;
}

/** The value that `fill` wrote. Throws when the words do not all tell the same. */
export function readValue(words: Int32Array, at: number, lengthBytes: number): number {
  if (words[at] !== lengthBytes) throw new Error(`the first word must be the length ${lengthBytes}, was ${words[at]}`);
  const value = words[at + 1] - 1;
  for (let i = 2; i < lengthBytes / 4; i++)
    if (words[at + i] !== value + i) throw new Error(`torn record ${value}: word ${i} tells ${words[at + i] - i}`);
  return value;
}

/** Lengths from 8 bytes to the longest record, in an order that meets every alignment to the lap's end. */
export function lengthOf(value: number, maxRecordBytes: number): number {
  return 8 * (1 + ((value * 7) % (maxRecordBytes / 8)));
}
