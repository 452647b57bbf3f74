import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BEYOND, isNullInt64, isSafeInt64, MAX_SAFE, NULL_INT64, OFF_STEP, readInt64, writeInt64 } from "../../engine/wire/numbers.js";

const words = new Int32Array(4);
const view = new DataView(words.buffer);
const AT = 2;

const bits64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.tuple(fc.constantFrom(-63n, -62n, -61n, -53n, 53n, 62n), fc.bigInt({ min: -2n, max: 2n })).map(([power, offset]) => {
    return BigInt.asIntN(64, (power < 0n ? -(2n ** -power) : 2n ** power) + offset);
  }),
  fc.bigInt({ min: -1000n, max: 1000n }),
);

describe("int64 as two words", () => {
  it("has the sentinels at their powers of two", () => {
    expect([BigInt(NULL_INT64), BigInt(OFF_STEP), BigInt(BEYOND)]).toEqual([-(2n ** 63n), -(2n ** 62n), -(2n ** 61n)]);
    expect(MAX_SAFE).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([NULL_INT64, OFF_STEP, BEYOND, MAX_SAFE, -MAX_SAFE, 0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 32 - 1])(
    "round-trips %d with the right bits",
    (value) => {
      writeInt64(words, AT, value);
      expect(view.getBigInt64(AT * 4, true)).toBe(BigInt(value));
      expect(readInt64(words, AT)).toBe(value);
    },
  );

  it("writes and reads every safe integer as BigInt does", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        writeInt64(words, AT, value);
        expect(view.getBigInt64(AT * 4, true)).toBe(BigInt(value));
        expect(Object.is(readInt64(words, AT), value + 0)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("reads any 64 bits as the nearest double", () => {
    fc.assert(
      fc.property(bits64, (value) => {
        view.setBigInt64(AT * 4, value, true);
        expect(readInt64(words, AT)).toBe(Number(value));
      }),
      { numRuns: 5000 },
    );
  });

  it("tells safe integers and null by their bits", () => {
    fc.assert(
      fc.property(bits64, (value) => {
        view.setBigInt64(AT * 4, value, true);
        expect(isSafeInt64(words, AT)).toBe(value >= -BigInt(MAX_SAFE) && value <= BigInt(MAX_SAFE));
        expect(isNullInt64(words, AT)).toBe(value === -(2n ** 63n));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [2n ** 53n - 1n, true],
    [2n ** 53n, false],
    [-(2n ** 53n) + 1n, true],
    [-(2n ** 53n), false],
    [-(2n ** 53n) - 1n, false],
    [-(2n ** 63n), false],
  ])("knows whether %d is safe", (value, safe) => {
    view.setBigInt64(AT * 4, value, true);
    expect(isSafeInt64(words, AT)).toBe(safe);
  });

  it("does not take the neighbour of null for null, though their doubles are equal", () => {
    view.setBigInt64(AT * 4, -(2n ** 63n) + 1n, true);
    expect(readInt64(words, AT)).toBe(NULL_INT64);
    expect(isNullInt64(words, AT)).toBe(false);
  });
});
