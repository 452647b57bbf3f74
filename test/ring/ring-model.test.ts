/**
 * Random programs over rings, compared with plain arrays: whatever is done in whatever order, no record is lost, doubled, changed or out of
 * order.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GateReader, ObserveReader } from "../../engine/ring/index.js";
import { type AnyProducer, type AnyRing, createProducers, createRing, fill, RING_CASES, type RingCase, readValue } from "./ring-cases.js";

type Operation =
  | { op: "send"; producer: number; units: number; abort: boolean }
  | { op: "publish"; producer: number }
  | { op: "poll"; gate: number; limit: number }
  | { op: "batch"; gate: number; limit: number; accept: boolean }
  | { op: "observe"; limit: number }
  | { op: "observeBatch"; limit: number; accept: boolean };

const limit = fc.integer({ min: 1, max: 40 });
const gate = fc.integer({ min: 0, max: 1 });
const producer = fc.integer({ min: 0, max: 1 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant("send" as const),
      producer,
      units: fc.integer({ min: 2, max: 64 }),
      abort: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("publish" as const), producer }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("poll" as const), gate, limit }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("batch" as const), gate, limit, accept: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("observe" as const), limit }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("observeBatch" as const), limit, accept: fc.boolean() }) },
);

/** The ring, and the array that says what it must hold. */
class Model {
  readonly ring: AnyRing;
  readonly producers: readonly AnyProducer[];
  readonly gates: readonly GateReader[];
  readonly observer: ObserveReader;
  readonly lengths: number[] = [];
  readonly many: boolean;
  /** Records that a reader must be able to see; more may be visible. */
  published = 0;
  readonly read = [0, 0];
  observed = 0;

  constructor(ringCase: RingCase) {
    this.ring = createRing(ringCase, { gates: 2 });
    this.producers = createProducers(this.ring);
    this.gates = [this.ring.gate(0), this.ring.gate(1)];
    this.observer = this.ring.observer();
    this.many = ringCase.kind === "many";
  }

  run(step: Operation): void {
    if (step.op === "send") this.send(step.producer, step.units, step.abort);
    else if (step.op === "publish") this.publish(step.producer);
    else if (step.op === "poll") this.poll(step.gate, step.limit);
    else if (step.op === "batch") this.batch(step.gate, step.limit, step.accept);
    else if (step.op === "observe") this.observer.poll(this.observes, step.limit, this.gap);
    else this.observeBatch(step.limit, step.accept);
    expect(this.observer.delivered + this.observer.lost).toBe(this.observed);
  }

  send(producer: number, units: number, abort: boolean): void {
    const by = this.producers[producer % this.producers.length];
    const lengthBytes = Math.min(units * 8, by.maxRecordBytes);
    const at = by.tryClaim(lengthBytes);
    if (at < 0) {
      this.published = this.lengths.length; // A full ring publishes.
      this.expectFull(lengthBytes, by.maxRecordBytes);
      return;
    }
    fill(by.words, at, lengthBytes, this.lengths.length);
    if (abort) {
      by.abort();
      return;
    }
    by.commit();
    this.lengths.push(lengthBytes);
    if (this.many) this.published = this.lengths.length;
  }

  /** A claim may fail only when what the slowest gate has not read, with padding and aborted claims, leaves no room. */
  expectFull(lengthBytes: number, maxRecordBytes: number): void {
    const capacityBytes = this.ring.capacityBytes;
    const lagBytes = Math.max(...[0, 1].map((index) => this.ring.gateStatus(index).lagBytes));
    expect(lagBytes + lengthBytes + maxRecordBytes).toBeGreaterThan(capacityBytes);
  }

  publish(producer: number): void {
    this.producers[producer % this.producers.length].publish();
    this.published = this.lengths.length;
  }

  expectRecord(sequence: number, words: Int32Array, at: number, lengthBytes: number): void {
    expect(lengthBytes).toBe(this.lengths[sequence]);
    expect(readValue(words, at, lengthBytes)).toBe(sequence);
  }

  poll(gate: number, limitRecords: number): void {
    const before = this.read[gate];
    const records = this.gates[gate].poll(
      (words, at, lengthBytes) => this.expectRecord(this.read[gate]++, words, at, lengthBytes),
      limitRecords,
    );
    expect(this.read[gate] - before).toBe(records);
    expect(records).toBeGreaterThanOrEqual(Math.min(limitRecords, this.published - before));
    expect(records).toBeLessThanOrEqual(limitRecords);
  }

  batch(gate: number, limitRecords: number, accept: boolean): void {
    const reader = this.gates[gate];
    const records = reader.begin(limitRecords);
    expect(records).toBeGreaterThanOrEqual(Math.min(limitRecords, this.published - this.read[gate]));
    if (records === 0) return;
    let sequence = this.read[gate];
    reader.forEach((words, at, lengthBytes) => {
      this.expectRecord(sequence++, words, at, lengthBytes);
    });
    expect(sequence - this.read[gate]).toBe(records);
    if (!accept) {
      reader.keep();
      return;
    }
    reader.accept();
    this.read[gate] = sequence;
  }

  readonly observes = (words: Int32Array, at: number, lengthBytes: number): void =>
    this.expectRecord(this.observed++, words, at, lengthBytes);

  readonly gap = (from: number, to: number): void => {
    expect(from).toBe(this.observed);
    expect(to).toBeGreaterThan(from);
    expect(to).toBeLessThanOrEqual(this.lengths.length);
    this.observed = to;
  };

  observeBatch(limitRecords: number, accept: boolean): void {
    const records = this.observer.begin(limitRecords, this.gap);
    if (records === 0) return;
    let sequence = this.observed;
    this.observer.forEach((words, at, lengthBytes) => {
      this.expectRecord(sequence++, words, at, lengthBytes);
    });
    expect(sequence - this.observed).toBe(records);
    if (!accept) {
      this.observer.keep();
      return;
    }
    this.observer.accept();
    this.observed = sequence;
  }

  /** Everything that was committed arrives in the end. */
  finish(): void {
    for (let i = 0; i < this.producers.length; i++) this.publish(i);
    for (const gate of [0, 1]) {
      while (this.read[gate] < this.lengths.length) this.poll(gate, 1_000);
      expect(this.gates[gate].poll(() => undefined, 1)).toBe(0);
      expect(this.gates[gate].lagBytes()).toBe(0);
    }
    while (this.observer.poll(this.observes, 1_000, this.gap) > 0);
    expect(this.observer.delivered + this.observer.lost).toBe(this.lengths.length);
  }
}

const MODEL_CASES = RING_CASES.filter(({ capacityBytes, kind, shared }) => shared && capacityBytes <= 4096 && kind !== "broadcast");

describe.each(MODEL_CASES)("$name", (ringCase) => {
  it("agrees with an array under random programs", () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 50, maxLength: 300, size: "max" }), (program) => {
        const model = new Model(ringCase);
        for (const step of program) model.run(step);
        model.finish();
      }),
      { numRuns: 60 },
    );
  });
});
