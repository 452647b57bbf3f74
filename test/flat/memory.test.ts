import { describe, expect, it } from "vitest";
import { Memory, wordsOf } from "../../engine/flat/memory.js";

const LINE = 128;

describe.each([0, 1000, 1 << 20])("memory in chunks of %i bytes", (chunk) => {
  it("gives arrays of the length that was asked for, in zeros, each at the start of a cache line and of its own", () => {
    const memory = new Memory(chunk);
    const arrays: (Float64Array | Int32Array | Uint8Array)[] = [];
    for (let round = 1; round < 60; round++) {
      const made = [memory.float64(round), memory.int32(3 * round), memory.uint8(7 * round)];
      expect(made.map(({ length }) => length)).toEqual([round, 3 * round, 7 * round]);
      for (const array of made) {
        expect(array.byteOffset % LINE).toBe(0);
        expect(array.every((value: number) => value === 0)).toBe(true);
        array.fill(arrays.length + 1);
        arrays.push(array);
      }
    }
    // Whoever shared memory with another would have been written over.
    for (const [index, array] of arrays.entries())
      expect(array.every((value: number) => value === (index + 1) % 256 || value === index + 1)).toBe(true);
  });

  it("gives an array that is larger than a chunk, and small ones after it", () => {
    const memory = new Memory(chunk);
    const before = memory.int32(4);
    const large = memory.float64(300_000);
    const after = memory.uint8(5);
    large.fill(7);
    expect(large.length).toBe(300_000);
    expect([...before, ...after]).toEqual(Array(9).fill(0));
  });

  it("gives empty arrays, and goes on behind them", () => {
    const memory = new Memory(chunk);
    expect(memory.uint8(0).length).toBe(0);
    expect(memory.float64(0).length).toBe(0);
    expect([...memory.int32(2)]).toEqual([0, 0]);
  });
});

it("one chunk holds what fits, one buffer for all; without chunks each array has its own", () => {
  const [shared, apart] = [new Memory(4096), new Memory()];
  expect(shared.int32(8).buffer).toBe(shared.float64(8).buffer);
  expect(apart.int32(8).buffer).not.toBe(apart.float64(8).buffer);
  // | 128 bytes | 128 | 3840 left | : to the last byte, and then a new chunk.
  const rest = shared.uint8(4096 - 2 * LINE);
  expect(rest.byteOffset + rest.length).toBe(4096);
  expect(shared.uint8(1).buffer).not.toBe(rest.buffer);
});

it("words are the same memory as the doubles", () => {
  const memory = new Memory(4096);
  memory.uint8(3);
  const doubles = memory.float64(4);
  const words = wordsOf(doubles);
  doubles[1] = 1;
  expect(words.length).toBe(8);
  expect([...words]).toEqual([0, 0, 0, 0x3ff00000, 0, 0, 0, 0]);
});
