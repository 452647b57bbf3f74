import { expect, it } from "vitest";
import { AgedQueues } from "../../engine/core/book/aged-queues.js";
import { Extra, OrderExtras } from "../../engine/core/book/order-extras.js";
import { NIL } from "../../engine/flat/level-tree.js";
import { Memory } from "../../engine/flat/memory.js";
import { Random } from "../twin/random.js";

const CAPACITY = 80;
const TREES = 3;

/** Slots of a tree in order, by walking it. */
function walk(queues: AgedQueues, tree: number): number[] {
  const slots: number[] = [];
  for (let level = queues.first(tree); level !== NIL; level = queues.levels.next(level)) {
    for (let slot = queues.oldest(level); slot !== 0; slot = queues.younger(slot)) slots.push(slot);
  }
  return slots;
}

it.each([Extra.TRIGGER, Extra.RATCHET, Extra.EXPIRY] as const)(
  "stand by key and then age, whatever the order of arrival (links %i)",
  (links) => {
    const random = new Random(links);
    const memory = new Memory();
    const extras = new OrderExtras(CAPACITY, memory);
    const queues = new AgedQueues(TREES, CAPACITY, extras, links, memory);
    const slow = new Map<number, { tree: number; key: number; age: number }>();
    for (let round = 0; round < 20_000; round++) {
      const slot = 1 + random.below(CAPACITY);
      expect(queues.has(slot)).toBe(slow.has(slot));
      if (slow.has(slot)) {
        queues.remove(slot);
        slow.delete(slot);
        // Once more: an order that is not in stays out.
        if (round % 5 === 0) queues.remove(slot);
      } else {
        // Old ages come back, as those of stops that an interruption sends to wait again.
        const entry = { tree: random.below(TREES), key: random.below(7) - 3, age: random.below(2) === 0 ? round : random.below(1 + round) };
        extras.doubles[slot * Extra.DOUBLES + Extra.AGE] = entry.age + slot / 1000;
        queues.add(entry.tree, entry.key, slot);
        slow.set(slot, { ...entry, age: entry.age + slot / 1000 });
      }
      if (round % 20 !== 0) continue;
      for (let tree = 0; tree < TREES; tree++) {
        const expected = [...slow].filter(([, entry]) => entry.tree === tree).sort(([, a], [, b]) => a.key - b.key || a.age - b.age);
        expect(walk(queues, tree)).toEqual(expected.map(([one]) => one));
        queues.levels.assertConsistent(tree);
      }
    }
  },
);
