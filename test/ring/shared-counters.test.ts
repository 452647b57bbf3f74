/** Shared counters: exact up to 2^53, readable through another attachment. */
import { describe, expect, it } from "vitest";
import { SharedCounters } from "../../engine/ring/index.js";

describe("shared counters", () => {
  it("are written by one handle and read by another", () => {
    const counters = SharedCounters.create(["orders", "trades"]);
    const elsewhere = SharedCounters.attach(counters.shared);
    const orders = counters.index("orders");
    const trades = counters.index("trades");
    for (let i = 0; i < 10; i++) counters.add(orders, 3);
    counters.set(trades, 7);
    expect([elsewhere.read(orders), elsewhere.read(trades)]).toEqual([30, 7]);
    expect(elsewhere.names).toEqual(["orders", "trades"]);
  });

  it.each([2 ** 31, 2 ** 32, 2 ** 33, 2 ** 52])("pass %i exactly, up and down", (border) => {
    const counters = SharedCounters.create(["one"]);
    for (const value of [border - 1, border, border + 1, border - 2]) {
      counters.set(0, value);
      expect(counters.read(0)).toBe(value);
      expect(SharedCounters.attach(counters.shared).read(0)).toBe(value);
    }
  });

  it("go on from what another handle has written before", () => {
    const first = SharedCounters.create(["one"]);
    first.add(0, 2 ** 40);
    const second = SharedCounters.attach(first.shared);
    second.add(0, 1);
    expect(first.read(0)).toBe(2 ** 40 + 1);
  });

  it("refuse bad names, values and memory", () => {
    expect(() => SharedCounters.create([])).toThrow(RangeError);
    expect(() => SharedCounters.create(["a", "a"])).toThrow(RangeError);
    const counters = SharedCounters.create(["a"]);
    expect(() => counters.index("b")).toThrow(RangeError);
    for (const bad of [-1, NaN, 2 ** 53]) expect(() => counters.set(0, bad)).toThrow(RangeError);
    expect(() => SharedCounters.attach({ buffer: new SharedArrayBuffer(8), names: ["a"] })).toThrow(RangeError);
  });
});
