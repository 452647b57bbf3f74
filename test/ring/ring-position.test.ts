/** Positions beyond 32 bits: their words, and readers that sleep while the ring goes round more than 2^32 units. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BroadcastRing, MpscRing } from "../../engine/ring/index.js";
import {
  highChanges,
  highWord,
  joinWords,
  lapTagOf,
  loadPosition,
  lowWord,
  nextLapTag,
  raiseHighWord,
  storePosition,
} from "../../engine/ring/ring-position.js";

const UNIT = 8;
const position = fc.integer({ min: 0, max: 2 ** 50 - 1 }).map((units) => units * UNIT);

describe("ring positions", () => {
  it("join to the nearest position while their words are up to 2^30 units apart", () => {
    fc.assert(
      fc.property(position, fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), (at, apart) => {
        const seen = Math.max(0, at + apart * UNIT);
        expect(joinWords(highWord(seen), lowWord(at))).toBe(at);
      }),
      { numRuns: 2_000 },
    );
  });

  it("survive a store and a load, at every power of two", () => {
    const control = new Int32Array(2);
    for (let power = 3; power <= 52; power++) {
      for (const at of [2 ** power - UNIT, 2 ** power, 2 ** power + UNIT]) {
        storePosition(control, 0, at);
        expect(loadPosition(control, 0)).toBe(at);
      }
    }
  });

  it("need a new high word exactly when 2^24 units are passed", () => {
    for (const at of [0, 2 ** 27, 2 ** 35, 2 ** 40]) {
      expect(highChanges(lowWord(at), lowWord(at + 2 ** 27 - UNIT))).toBe(false);
      expect(highChanges(lowWord(at + 2 ** 27 - UNIT), lowWord(at + 2 ** 27))).toBe(true);
    }
  });

  it("raise a high word and never lower it", () => {
    const control = new Int32Array(2);
    raiseHighWord(control, 0, 2 ** 40);
    raiseHighWord(control, 0, 2 ** 30);
    expect(control[1]).toBe(highWord(2 ** 40));
  });

  it("tag laps with numbers that are never negative and go up by one", () => {
    for (const lap of [0, 1, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 33]) {
      expect(lapTagOf(lap * 256, 256)).toBeGreaterThanOrEqual(0);
      expect(nextLapTag(lapTagOf(lap * 256 + 248, 256))).toBe(lapTagOf((lap + 1) * 256, 256));
    }
  });
});

describe.each(["broadcast", "many"] as const)("an observer of a %s ring", (kind) => {
  it.each([2 ** 32, 2 ** 35, 2 ** 36 + 2 ** 20])("that slept for %i bytes knows exactly what it lost", (sleptBytes) => {
    const capacityBytes = 1 << 20;
    const options = { capacityBytes, gates: 0, startPosition: 2 ** 31 - 64 };
    const ring = kind === "broadcast" ? BroadcastRing.create(options) : MpscRing.create(options);
    const producer = ring.producer();
    const observer = ring.observer({ from: "start" });
    const lengthBytes = producer.maxRecordBytes;
    const records = sleptBytes / lengthBytes;
    for (let sequence = 0; sequence < records; sequence++) {
      const at = producer.tryClaim(lengthBytes);
      producer.words[at + 1] = sequence;
      producer.commit();
      producer.publish();
    }
    let expected = 0;
    const onGap = (from: number, to: number): void => {
      expect(from).toBe(0);
      expected = to;
    };
    expect(observer.ready()).toBe(true);
    while (observer.poll((words, at) => expect(words[at + 1]).toBe(expected++), 100, onGap) > 0);
    expect(expected).toBe(records);
    expect(observer.delivered + observer.lost).toBe(records);
    expect(observer.delivered).toBeGreaterThan(0);
    expect(observer.lagBytes()).toBe(0);
  });
});
