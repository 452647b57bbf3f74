import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { basisPointsOf, trailingDistance, trailingStopPrice } from "../../engine/core/book/trailing-stops.js";
import { MAX_SAFE } from "../../engine/wire/numbers.js";

const price = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 1, max: MAX_SAFE }),
  fc.constantFrom(1, 9999, 10_000, 10_001, MAX_SAFE - 1, MAX_SAFE),
);

function slowBasisPoints(of: number, bps: number): bigint {
  return (BigInt(of) * BigInt(bps)) / 10_000n;
}

describe("distances, to the last tick", () => {
  it("basis points of a price are its product by ten thousand, rounded down, up to 2^53 - 1 and 10,000 bps", () => {
    fc.assert(
      fc.property(price, fc.integer({ min: 0, max: 10_000 }), (of, bps) => {
        expect(BigInt(basisPointsOf(of, bps))).toBe(slowBasisPoints(of, bps));
      }),
      { numRuns: 5000, seed: 41 },
    );
  });

  it("a trailing distance is its ticks, or its basis points and at least one tick (T2)", () => {
    fc.assert(
      fc.property(price, fc.integer({ min: 1, max: 9999 }), price, (of, bps, ticks) => {
        const slow = slowBasisPoints(of, bps);
        expect(BigInt(trailingDistance(of, -bps))).toBe(slow < 1n ? 1n : slow);
        expect(trailingDistance(of, ticks)).toBe(ticks);
      }),
      { numRuns: 5000, seed: 42 },
    );
  });

  it("a buy's stop price lies above what it has followed, at most at 2^53 - 1, a sell's below, below nought too (N5)", () => {
    fc.assert(
      fc.property(price, price, (followed, ticks) => {
        const above = BigInt(followed) + BigInt(ticks);
        const most = BigInt(MAX_SAFE);
        expect(BigInt(trailingStopPrice(4, followed, ticks))).toBe(above > most ? most : above);
        expect(BigInt(trailingStopPrice(5, followed, ticks))).toBe(BigInt(followed) - BigInt(ticks));
      }),
      { numRuns: 5000, seed: 43 },
    );
  });
});
