import fc from "fast-check";
import { expect, it } from "vitest";
import { SlotHeap } from "../../engine/core/book/slot-heap.js";

/** Slots by a key that a table gives them. */
class ByKey extends SlotHeap {
  constructor(
    list: Int32Array,
    private readonly keys: readonly number[],
  ) {
    super(list);
  }

  protected isBefore(one: number, other: number): boolean {
    return (this.keys[one] ?? 0) < (this.keys[other] ?? 0);
  }
}

it("sorts the first entries as the runtime's own sort does, and leaves the others where they are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { size: "max", maxLength: 200 }),
      fc.integer({ min: 0, max: 200 }),
      (keys, wanted) => {
        const count = Math.min(wanted, keys.length);
        const list = Int32Array.from(keys.keys());
        new ByKey(list, keys).sort(count);
        const sorted = [...list.subarray(0, count)];
        expect(sorted.map((slot) => keys[slot])).toEqual(keys.slice(0, count).sort((a, b) => a - b));
        expect([...sorted].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        expect([...list.subarray(count)]).toEqual([...keys.keys()].slice(count));
      },
    ),
    { numRuns: 500, seed: 31 },
  );
});

it.each(["sorted", "reversed", "equal"])("sorts ten thousand that come %s", (order) => {
  const keys = Array.from({ length: 10_000 }, (_, index) => (order === "equal" ? 1 : order === "sorted" ? index : -index));
  const list = Int32Array.from(keys.keys());
  new ByKey(list, keys).sort(keys.length);
  expect([...list].map((slot) => keys[slot])).toEqual([...keys].sort((a, b) => a - b));
});
