import { describe, expect, it } from "vitest";
import { readBytes, readText, writeBytes, writeText } from "../../engine/wire/text.js";

const GARBAGE = 0x7e7e7e7e;

describe("text in records", () => {
  it.each(["", "A", "ABC", "ABCD", "ABCDE", "0123456789abcdef", "with space ~"])("round-trips %j and clears what lay behind it", (text) => {
    const words = new Int32Array(6).fill(GARBAGE);
    writeText(words, 1, 16, text);
    expect(Buffer.from(words.buffer, 4, 16).toString("latin1")).toBe(text.padEnd(16, "\0"));
    expect(readText(words, 1, 16)).toBe(text);
    expect([words[0], words[5]]).toEqual([GARBAGE, GARBAGE]);
  });

  it.each([
    ["seventeen letters", "at most 16 characters, had 17"],
    ["a\tb", "character 9 at 1"],
    ["é", "character 233 at 0"],
    ["\u{1F600}", "character 55357"],
    ["a\0", "character 0 at 1"],
  ])("refuses %j and writes nothing", (text, message) => {
    const words = new Int32Array(4).fill(GARBAGE);
    expect(() => writeText(words, 0, 16, text)).toThrow(RangeError);
    expect(() => writeText(words, 0, 16, text)).toThrow(message);
    expect([...words]).toEqual([GARBAGE, GARBAGE, GARBAGE, GARBAGE]);
  });

  it("reads foreign bytes as Latin-1 and stops at the first NUL", () => {
    const words = new Int32Array(2);
    new Uint8Array(words.buffer).set([0xff, 0x41, 0x80, 0, 0x42]);
    expect(readText(words, 0, 8)).toBe("\u00ffA\u0080");
  });
});

describe("bytes in records", () => {
  it("round-trips every byte value, pads with 0 and gives a copy", () => {
    const words = new Int32Array(66).fill(GARBAGE);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
    writeBytes(words, 1, 256, bytes);
    const read = readBytes(words, 1, 256);
    expect(read).toEqual(bytes);
    words[1] = 0;
    expect(read).toEqual(bytes);
    writeBytes(words, 1, 256, Uint8Array.of(1, 2, 3, 4, 5));
    expect([...readBytes(words, 1, 8)]).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
    expect([words[0], words[65]]).toEqual([GARBAGE, GARBAGE]);
  });

  it("refuses too many bytes", () => {
    expect(() => writeBytes(new Int32Array(4), 0, 8, new Uint8Array(9))).toThrow("there must be at most 8 bytes, were 9");
  });
});
