import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32, crc32Table } from "../../engine/journal/crc32.js";
import { FORMAT_VERSION, FRAME_HEADER_BYTES, isFrame, KIND_RECORDS, readFrame, sealFrame } from "../../engine/journal/frame.js";

describe("crc32", () => {
  it("has the check value of the standard, both ways", () => {
    const check = new TextEncoder().encode("123456789");
    expect(crc32(check, 0, 9)).toBe(0xcbf43926);
    expect(crc32Table(check, 0, 9)).toBe(0xcbf43926);
  });

  it("comes to the same by Node's own and by the table, from any place to any", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 200, maxLength: 600 }), fc.nat(9), fc.nat(9), (bytes, skip, less) => {
        expect(crc32(bytes, skip, bytes.length - less)).toBe(crc32Table(bytes, skip, bytes.length - less));
      }),
    );
  });
});

const HEADER = {
  kind: KIND_RECORDS,
  payloadBytes: 40,
  records: 1,
  previousCrc: 0xdeadbeef,
  segment: 3,
  offset: 128,
  number: 2 ** 40 + 7,
  syncedNumber: 2 ** 40 + 6,
  firstSeq: 2 ** 50 + 1,
  epoch: 9,
};

function sealed(): { bytes: Uint8Array; view: DataView; crc: number } {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + HEADER.payloadBytes);
  const view = new DataView(bytes.buffer);
  for (let at = FRAME_HEADER_BYTES; at < bytes.length; at++) bytes[at] = at;
  return { bytes, view, crc: sealFrame(bytes, view, 0, HEADER) };
}

describe("a frame", () => {
  it("is read as it was sealed", () => {
    const { bytes, view, crc } = sealed();
    expect(readFrame(bytes, view, 0, bytes.length, 3, 128)).toEqual({ ...HEADER, crc });
  });

  it("is broken by any flipped bit, and in another place", () => {
    const { bytes, view } = sealed();
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(isFrame(readFrame(bytes, view, 0, bytes.length, 3, 128)), `bit ${bit}`).toBe(false);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    expect(readFrame(bytes, view, 0, bytes.length, 3, 136)).toMatchObject({
      fault: "broken",
      text: "it belongs at offset 128, not at 136",
    });
    expect(readFrame(bytes, view, 0, bytes.length, 4, 128)).toMatchObject({ fault: "broken", text: "it belongs to segment 3, not to 4" });
  });

  it("is broken when it is cut off anywhere", () => {
    const { bytes, view } = sealed();
    for (let end = 0; end < bytes.length; end++)
      expect(readFrame(bytes, view, 0, end, 3, 128)).toMatchObject({ fault: end === 0 ? "empty" : "broken" });
  });

  it("of a later format is told from a broken one", () => {
    const { bytes, view } = sealed();
    view.setUint16(8, FORMAT_VERSION + 1, true);
    expect(readFrame(bytes, view, 0, bytes.length, 3, 128)).toMatchObject({ fault: "broken" });
    view.setUint32(4, crc32(bytes, 8, bytes.length), true);
    const found = readFrame(bytes, view, 0, bytes.length, 3, 128);
    expect(found).toMatchObject({ fault: "newer" });
    expect((found as { text: string }).text).toContain(`format version ${FORMAT_VERSION + 1}`);
  });
});
