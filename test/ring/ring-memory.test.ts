/** What rings refuse at creation and attachment, with the rule and the value found. */
import { describe, expect, it } from "vitest";
import { BroadcastRing, MpscRing, type RingOptions, SpscRing } from "../../engine/ring/index.js";

const bad: readonly [string, Partial<RingOptions>, RegExp][] = [
  ["a capacity that is no power of two", { capacityBytes: 1000 }, /power of two, was 1000/],
  ["a capacity below 256", { capacityBytes: 128 }, /from 256 to 1073741824, was 128/],
  ["a capacity above 2^30", { capacityBytes: 2 ** 31 }, /was 2147483648/],
  ["a capacity that is no number", { capacityBytes: NaN }, /was NaN/],
  ["too many gates", { gates: 65 }, /gates must be an integer from 0 to 64, was 65/],
  ["more held gates than gates", { gates: 2, heldGates: 3 }, /heldGates must be an integer from 0 to 2, was 3/],
  ["a start position between units", { startPosition: 12 }, /multiple of 8, was 12/],
  ["a negative start position", { startPosition: -8 }, /startPosition must be an integer from 0/],
  ["no place for a producer", { producers: 0 }, /producers must be an integer from 1 to 256, was 0/],
];

describe.each([SpscRing, BroadcastRing, MpscRing])("$name", (Ring) => {
  it.each(bad)("refuses %s", (_what, options, message) => {
    const create = (): unknown => Ring.create({ capacityBytes: 1024, ...options });
    expect(create).toThrow(RangeError);
    expect(create).toThrow(message);
  });

  it("attaches to its own memory and sees the same ring", () => {
    const ring = Ring.create({ capacityBytes: 1024, gates: 1 });
    const again = Ring.attach(structuredClone(ring.shared));
    const producer = ring.producer();
    const at = producer.tryClaim(16);
    producer.words[at + 1] = 42;
    producer.commit();
    producer.publish();
    const seen: number[] = [];
    again.gate().poll((words, index) => seen.push(words[index + 1]), 1);
    expect(seen).toEqual([42]);
  });

  it("refuses memory that is not its own", () => {
    const ring = Ring.create({ capacityBytes: 1024 });
    expect(() => Ring.attach({ buffer: new SharedArrayBuffer(4096), signals: [] })).toThrow(/must start with/);
    expect(() => Ring.attach({ buffer: new SharedArrayBuffer(0), signals: [] })).toThrow(RangeError);
    const other = Ring === MpscRing ? SpscRing.create({ capacityBytes: 1024 }) : MpscRing.create({ capacityBytes: 1024 });
    expect(() => Ring.attach(other.shared)).toThrow(/kind must be/);
    const cut = { buffer: new SharedArrayBuffer(2048), signals: [] };
    new Int32Array(cut.buffer).set(new Int32Array(ring.shared.buffer, 0, 512));
    expect(() => Ring.attach(cut)).toThrow(/must have \d+ bytes, had 2048/);
  });
});

describe("readers of a ring", () => {
  it("cannot observe a ring that was created without observers", () => {
    expect(() => MpscRing.create({ capacityBytes: 1024, observers: false }).observer()).toThrow(/observers: true/);
    expect(() => MpscRing.create({ capacityBytes: 1024, observers: false, gates: 0 })).toThrow(/gates or observers/);
  });

  it("cannot take a gate that does not exist, nor observe from nowhere", () => {
    const ring = SpscRing.create({ capacityBytes: 1024 });
    for (const gate of [-1, 1, 0.5]) expect(() => ring.gate(gate)).toThrow(RangeError);
    expect(() => ring.evict(7)).toThrow(RangeError);
    expect(() => ring.observer({ batchBytes: 100 })).toThrow(RangeError);
    expect(() => ring.observer({ from: "end" as "start" })).toThrow(RangeError);
  });

  it("grow their copy for a record that is longer than the batch", () => {
    const ring = SpscRing.create({ capacityBytes: 1 << 16, gates: 0 });
    const observer = ring.observer({ batchBytes: 256 });
    const producer = ring.producer();
    const lengths: number[] = [];
    for (const lengthBytes of [8, 4096, 16, 8192, 264]) {
      producer.tryClaim(lengthBytes);
      producer.commit();
    }
    producer.publish();
    while (
      observer.poll(
        (_words, _at, lengthBytes) => lengths.push(lengthBytes),
        10,
        () => undefined,
      ) > 0
    );
    expect(lengths).toEqual([8, 4096, 16, 8192, 264]);
  });
});
