import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Interest, Table, TOO_OLD } from "../../engine/table/index.js";
import { Reader, TableTwin } from "./table-twin.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const GROUPS = 3;
const KEYS = 12;
const FAR = [-(2 ** 53) + 1, -1, 0, 1, 2 ** 31, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1];

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant("put" as const), group: fc.nat(GROUPS - 1), key: fc.nat(FAR.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("remove" as const), group: fc.nat(GROUPS - 1), key: fc.nat(FAR.length - 1) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("read" as const), reader: fc.nat(5), budget: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("ask" as const), group: fc.nat(GROUPS - 1), version: fc.nat(60) }) },
);

function keysOf(table: Table, count: number): [key: number, isGone: boolean, version: number][] {
  return [...table.found.subarray(0, count)].map((slot) => [table.keyOf(slot), table.isGone(slot), table.versionOf(slot)]);
}

describe("a table", () => {
  it("answers as its slow twin does, and brings every reader to what is there", () => {
    let restarts = 0;
    let fulls = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300, size: "max" }), (steps) => {
        const table = new Table({ keys: KEYS, groups: GROUPS, rowWords: 1 });
        const twin = new TableTwin(GROUPS, KEYS);
        const readers = [0, 1, 2, 0, 1, 2].map((group) => new Reader(table, group));
        for (const [value, taken] of steps.entries()) {
          if (taken.op === "put") {
            const slot = table.put(taken.group, FAR[taken.key]);
            expect(slot !== 0).toBe(twin.put(taken.group, FAR[taken.key], value));
            if (slot === 0) fulls++;
            else table.rows[slot] = value;
          } else if (taken.op === "remove") {
            const slot = table.find(taken.group, FAR[taken.key]);
            expect(slot !== 0).toBe(twin.remove(taken.group, FAR[taken.key]));
            if (slot !== 0) table.remove(slot);
          } else if (taken.op === "read") readers[taken.reader].read(taken.budget);
          else {
            const expected = twin.since(taken.version, taken.group, taken.version === 0 ? twin.version : 0);
            const count = table.since(taken.version, Interest.ofGroup(taken.group), KEYS);
            if (expected === undefined) expect(count).toBe(TOO_OLD);
            else expect(keysOf(table, count)).toEqual(expected.map(([key, { isGone, version }]) => [key, isGone, version]));
          }
          expect(table.version).toBe(twin.version);
        }
        table.assertConsistent();
        for (const reader of readers) {
          while (!reader.read(2));
          expect([...reader.known].sort(([a], [b]) => a - b)).toEqual(twin.live(reader.group));
          expect(table.size(reader.group)).toBe(reader.known.size);
          restarts += reader.restarts;
        }
      }),
      { numRuns: 400, seed: 5 },
    );
    expect(restarts, "some readers were too late").toBeGreaterThan(20);
    expect(fulls, "some tables were full").toBeGreaterThan(20);
  });

  it("tells a list of slots what has changed in it, the oldest first when there is a budget", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(19), { minLength: 1, maxLength: 120, size: "max" }),
        fc.uniqueArray(fc.nat(19), { maxLength: 20 }),
        fc.nat(80),
        fc.integer({ min: 1, max: 25 }),
        (touches, wanted, version, budget) => {
          const table = new Table({ keys: 20, groups: 1, rowWords: 0 });
          const slots = Array.from({ length: 20 }, (_, key) => table.put(0, key));
          for (const key of touches) table.touch(slots[key]);
          const interest = Interest.ofSlots(20);
          for (const key of wanted) interest.slots[interest.count++] = slots[key];
          const changed = wanted.map((key) => slots[key]).filter((slot) => table.versionOf(slot) > version);
          const count = table.since(version, interest, budget);
          expect(count).toBe(Math.min(budget, changed.length));
          const found = [...table.found.subarray(0, count)];
          const byAge = changed.sort((a, b) => table.versionOf(a) - table.versionOf(b)).slice(0, count);
          expect(found.sort((a, b) => a - b)).toEqual([...byAge].sort((a, b) => a - b));
          expect(table.reached).toBe(changed.length <= budget ? table.version : table.versionOf(byAge[count - 1]));
        },
      ),
      { numRuns: 500, seed: 6 },
    );
  });

  it("gives a key that comes back its slot with a row of zeros, and remembers a row until it is forgotten", () => {
    const table = new Table({ keys: 2, groups: 1, rowWords: 2 });
    const slot = table.put(0, 7);
    table.rows.set([1, 2], 2 * slot);
    table.remove(slot);
    expect([...table.rows.subarray(2 * slot, 2 * slot + 2)]).toEqual([1, 2]);
    expect(table.find(0, 7)).toBe(0);
    expect(table.put(0, 7)).toBe(slot);
    expect([...table.rows.subarray(2 * slot, 2 * slot + 2)]).toEqual([0, 0]);
    expect(() => {
      table.remove(slot);
      table.remove(slot);
    }).toThrow(/holds no key that is there/);
  });

  it("that is made anew tells readers of the old one to start again", () => {
    const table = new Table({ keys: 4, groups: 1, rowWords: 0, firstVersion: 100 });
    table.put(0, 1);
    expect(table.version).toBe(101);
    expect(table.since(57, Interest.ofGroup(0), 4)).toBe(TOO_OLD);
    expect(table.since(0, Interest.ofGroup(0), 4)).toBe(1);
    expect(table.since(100, Interest.ofGroup(0), 4)).toBe(1);
  });

  it("refuses sizes out of range", () => {
    expect(() => new Table({ keys: 0, groups: 1, rowWords: 0 })).toThrow(/keys must be an integer from 1 to 33554431, was 0/);
    expect(() => new Table({ keys: 1, groups: 0, rowWords: 0 })).toThrow(/groups must be/);
    expect(() => new Table({ keys: 1, groups: 1, rowWords: 1.5 })).toThrow(/rowWords must be/);
    expect(() => new Table({ keys: 1, groups: 1, rowWords: 1, firstVersion: -1 })).toThrow(/firstVersion must be/);
  });
});
