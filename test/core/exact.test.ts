import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clamped, mulDiv, ppmOf, wholeSteps } from "../../engine/core/ledger/exact.js";

// Issue 4, "Numbers must be exact": every amount against BigInt and against decimal.js, over random extremes.

const MAX = Number.MAX_SAFE_INTEGER;
const Exact = Decimal.clone({ precision: 400, rounding: Decimal.ROUND_FLOOR, toExpNeg: -9e15, toExpPos: 9e15 });
const RUNS = { numRuns: 20_000 };

/** Near powers of two, near multiples of a million, near the largest, and anything between. */
const atoms = fc.oneof(
  fc.integer({ min: 0, max: MAX }),
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 1000 }).map((below) => MAX - below),
  fc.tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -2, max: 2 })).map(([bits, off]) => within(2 ** bits + off)),
  fc
    .tuple(fc.integer({ min: 0, max: 9_007_199_254 }), fc.integer({ min: -2, max: 2 }))
    .map(([millions, off]) => within(millions * 1_000_000 + off)),
);
const ppm = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.constantFrom(-1_000_000, -999_999, -1, 0, 1, 333_333, 999_999, 1_000_000),
);

function within(value: number): number {
  return Math.min(MAX, Math.max(0, value));
}

/** As a number while it is exact; else anything above the largest. */
function expectFloor(found: number, quotient: bigint): void {
  if (quotient <= BigInt(MAX)) expect(found).toBe(Number(quotient));
  else expect(found).toBeGreaterThan(MAX);
}

describe("ppmOf", () => {
  it("is the fee rounded up, the rebate rounded down, as BigInt and decimal.js have it", () => {
    fc.assert(
      fc.property(atoms, ppm, (amount, rate) => {
        const product = BigInt(amount) * BigInt(rate);
        const truncated = product / 1_000_000n;
        const up = product > 0n && product % 1_000_000n !== 0n ? truncated + 1n : truncated;
        const found = ppmOf(amount, rate);
        expect(found).toBe(Number(up));
        expect(found).toBe(new Exact(amount).times(rate).div(1_000_000).ceil().toNumber() + 0);
        expect(Object.is(found, -0)).toBe(false);
      }),
      RUNS,
    );
  });

  it("covers with the fee of one lot whatever fills of several lots cost (K5)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 999_999 }),
        (unit, fills, rate) => {
          const lots = fills.reduce((sum, qty) => sum + qty, 0);
          const held = lots * (unit + ppmOf(unit, rate));
          const paid = fills.reduce((sum, qty) => sum + unit * qty + ppmOf(unit * qty, rate), 0);
          expect(held).toBeGreaterThanOrEqual(paid);
        },
      ),
    );
  });
});

describe("mulDiv", () => {
  it("is the quotient rounded down, as BigInt and decimal.js have it, and above the largest where that is", () => {
    fc.assert(
      fc.property(atoms, atoms, atoms, (a, b, c) => {
        fc.pre(c > 0);
        const quotient = (BigInt(a) * BigInt(b)) / BigInt(c);
        expectFloor(mulDiv(a, b, c), quotient);
        expect(BigInt(new Exact(a).times(b).divToInt(c).toFixed(0))).toBe(quotient);
      }),
      RUNS,
    );
  });

  it("shares a cost so that parts and rest are the whole (K11)", () => {
    fc.assert(
      fc.property(atoms, fc.integer({ min: 1, max: MAX }), fc.nat(), (cost, position, part) => {
        const closed = (part % position) + 1;
        const share = mulDiv(cost, closed, position);
        expect(share).toBe(Number((BigInt(cost) * BigInt(closed)) / BigInt(position)));
        expect(share).toBeLessThanOrEqual(cost);
        if (closed === position) expect(share).toBe(cost);
      }),
      RUNS,
    );
  });
});

describe("wholeSteps", () => {
  it("is the number of whole steps in a decimal, rounded down, Infinity above the largest", () => {
    const exponent = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(atoms, exponent, fc.integer({ min: 1, max: MAX }), exponent, (mantissa, place, step, stepPlace) => {
        const scale = (value: number, exp: number) => BigInt(value) * 10n ** BigInt(exp + 20);
        const steps = scale(mantissa, place) / scale(step, stepPlace);
        const found = wholeSteps(mantissa, place, step, stepPlace);
        expect(found).toBe(steps > BigInt(MAX) ? Number.POSITIVE_INFINITY : Number(steps));
        const decimal = new Exact(mantissa).times(new Exact(10).pow(place)).divToInt(new Exact(step).times(new Exact(10).pow(stepPlace)));
        expect(BigInt(decimal.toFixed(0))).toBe(steps);
      }),
      RUNS,
    );
  });
});

describe("clamped", () => {
  it("keeps what is safe and stays at the largest beyond", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(clamped(value)).toBe(value);
      }),
    );
    expect([2 ** 53, 2 ** 60, -(2 ** 53), Number.POSITIVE_INFINITY].map(clamped)).toEqual([MAX, MAX, -MAX, MAX]);
  });
});
