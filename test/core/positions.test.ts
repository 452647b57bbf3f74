import { describe, expect, it } from "vitest";
import { Positions } from "../../engine/core/positions.js";
import { Memory } from "../../engine/flat/memory.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { MAX_SAFE } from "../../engine/wire/numbers.js";
import { Random } from "../twin/random.js";

const INSTRUMENTS = 4;

function make(capacity: number, orders = 2): Positions {
  return new Positions(capacity, orders, INSTRUMENTS, new Memory());
}

function loaded(from: Positions, capacity: number): Positions {
  const to = make(capacity);
  to.load(new StateReader(bytesOf((out) => from.save(out))), () => undefined);
  return to;
}

describe("positions", () => {
  it("are what a map of sums says, whoever opens and closes them, and rows at nought are taken again", () => {
    const random = new Random(51);
    const positions = make(6);
    const slow = new Map<string, number>();
    let reused = 0;
    for (let round = 0; round < 30_000; round++) {
      const [account, instrument] = [random.below(40), random.below(INSTRUMENTS)];
      const key = `${account} ${instrument}`;
      const held = slow.get(key) ?? 0;
      if (held === 0 && positions.isFull) {
        // No new position: close one, so that its row can be taken back.
        const [first = "0 0"] = slow.keys();
        const [whose = 0, of = 0] = first.split(" ").map(Number);
        positions.add(whose, of, -(slow.get(first) ?? 0));
        slow.delete(first);
        reused++;
        continue;
      }
      const lots = held !== 0 && random.below(3) === 0 ? -held : random.below(9) - 4;
      positions.add(account, instrument, lots);
      if (held + lots === 0) slow.delete(key);
      else slow.set(key, held + lots);
      expect(positions.of(account, instrument)).toBe(held + lots);
      expect(positions.room(account, 2 * instrument)).toBe(Math.max(0, -(held + lots)));
      expect(positions.room(account, 2 * instrument + 1)).toBe(Math.max(0, held + lots));
      expect(positions.isFull).toBe(slow.size >= 6);
    }
    expect(reused).toBeGreaterThan(100);
    const rows = positions.openRows().map((row) => positions.pairOf(row));
    expect(rows.map(({ account, instrument }) => `${account} ${instrument}`)).toEqual(
      [...slow.keys()].sort((one, other) => placeOf(one) - placeOf(other)),
    );
    const copy = loaded(positions, 6);
    for (const [key, lots] of slow) {
      const [account = 0, instrument = 0] = key.split(" ").map(Number);
      expect(copy.of(account, instrument)).toBe(lots);
    }
    expect(bytesOf((out) => copy.save(out))).toEqual(bytesOf((out) => positions.save(out)));
  });

  it("have room for one more of each live order beyond the capacity", () => {
    const positions = make(2, 3);
    for (let account = 0; account < 5; account++) positions.add(account, 0, 1);
    for (let account = 0; account < 5; account++) expect(positions.of(account, 0)).toBe(1);
    expect(positions.isFull).toBe(true);
  });

  it("keep within 2^53 - 1 either way and come back from there; the sum is not asked for any more, also after loading (C3)", () => {
    const positions = make(4);
    positions.add(1, 2, -MAX_SAFE);
    positions.add(2, 2, MAX_SAFE);
    expect(positions.isBalanced(2)).toBe(true);
    positions.add(1, 2, -5);
    positions.add(2, 2, MAX_SAFE);
    expect([positions.of(1, 2), positions.of(2, 2)]).toEqual([-MAX_SAFE, MAX_SAFE]);
    positions.add(1, 2, 9);
    expect(positions.of(1, 2)).toBe(9 - MAX_SAFE);
    expect([positions.isBalanced(2), positions.isBalanced(1)]).toEqual([false, true]);
    expect([loaded(positions, 4).isBalanced(2), loaded(positions, 4).isBalanced(1)]).toEqual([false, true]);
  });

  it("are refused when they do not fit, stand twice or in another order", () => {
    const positions = make(9, 1);
    for (let account = 0; account < 8; account++) positions.add(account, 0, 1 + account);
    expect(() => loaded(positions, 2)).toThrow(/capacities.positions is 2/);
    const bytes = bytesOf((out) => {
      out.uint32(2);
      for (let copy = 0; copy < 2; copy++) {
        out.uint32(1);
        out.uint32(1);
        out.int64(5);
      }
    });
    expect(() => make(9).load(new StateReader(bytes), () => undefined)).toThrow(/each once/);
  });
});

function placeOf(key: string): number {
  const [account = 0, instrument = 0] = key.split(" ").map(Number);
  return account * INSTRUMENTS + instrument;
}
