import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BookChecksum, CHECKSUM_LEVELS } from "../../engine/wire/book-checksum.js";
import { crc32cOfWords } from "../../engine/wire/crc32c.js";

/** Bit by bit, from the definition. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe("CRC32C", () => {
  it("has the value of the standard", () => {
    expect(slowCrc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    // RFC 3720, B.4: 32 bytes of zeros, and of ones.
    expect(crc32cOfWords(new Int32Array(8), 0, 8)).toBe(0x8a9136aa);
    expect(crc32cOfWords(new Int32Array(8).fill(-1), 0, 8)).toBe(0x62a8ab43);
  });

  it("is that of the bytes in their order, wherever the words lie", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 60 }), fc.nat(5), (values, before) => {
        const words = Int32Array.from([...Array.from({ length: before }, () => 7), ...values, 9]);
        const bytes = new Uint8Array(words.buffer, 4 * before, 4 * values.length);
        expect(crc32cOfWords(words, before, values.length)).toBe(slowCrc32c(bytes));
      }),
    );
  });
});

describe("the checksum of a book", () => {
  it("goes over exactly the bytes that docs/MARKET-DATA.md names", () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 2 ** 53 - 1 }), fc.integer({ min: 1, max: 2 ** 53 - 1 }));
    const side = fc.array(level, { maxLength: 15 });
    const sum = new BookChecksum();
    fc.assert(
      fc.property(side, side, (bids, asks) => {
        sum.start();
        for (const [of, levels] of [bids, asks].entries()) for (const [price, qty] of levels) sum.add(of, price, qty);
        const first = [bids, asks].map((levels) => levels.slice(0, CHECKSUM_LEVELS));
        const bytes = Buffer.alloc(8 + 16 * (first[0].length + first[1].length));
        bytes.writeUInt32LE(first[0].length, 0);
        bytes.writeUInt32LE(first[1].length, 4);
        for (const [index, [price, qty]] of [...first[0], ...first[1]].entries()) {
          bytes.writeBigInt64LE(BigInt(price), 8 + 16 * index);
          bytes.writeBigInt64LE(BigInt(qty), 16 + 16 * index);
        }
        expect(sum.value()).toBe(slowCrc32c(bytes));
      }),
    );
  });

  it("is known for one book", () => {
    const sum = new BookChecksum();
    sum.start();
    expect(sum.add(0, 100, 5)).toBe(true);
    sum.add(1, 101, 7);
    expect(sum.value()).toBe(slowCrc32c(new Uint8Array(Int32Array.of(1, 1, 100, 0, 5, 0, 101, 0, 7, 0).buffer)));
    const documented = readFileSync("docs/MARKET-DATA.md", "utf8");
    expect(documented).toContain(`bytes with the sum 0x${sum.value().toString(16).toUpperCase()}`);
    sum.start();
    expect(sum.value()).toBe(slowCrc32c(new Uint8Array(8)));
    expect(documented).toContain(`8 zeros, 0x${sum.value().toString(16).toUpperCase()}`);
  });
});
