import { describe, expect, it } from "vitest";
import {
  Cancel,
  CODES,
  codeName,
  FrameTable,
  MassCancel,
  NewOrder,
  NewOrderFull,
  NULL_INT64,
  Reduce,
  Replace,
  Subscribe,
  TEMPLATES,
} from "../../engine/wire/index.js";
import { BEYOND, OFF_STEP } from "../../engine/wire/numbers.js";
import { checkRecord, FrameCheck } from "../../gateway/frame-check.js";
import { concat, newOrder, newOrderFull, record, subscribe } from "./records.js";

const FRAME_BYTES_MAX = 8192;

function take(bytes: Uint8Array) {
  const frame = new FrameCheck(FRAME_BYTES_MAX);
  const code = frame.take(bytes);
  return { fault: code === 0 ? "OK" : codeName(code), offset: frame.faultOffsetBytes, frame };
}

function patched(change: (view: DataView) => void): Uint8Array {
  const bytes = newOrder({ seq: 1 });
  change(new DataView(bytes.buffer, bytes.byteOffset));
  return bytes;
}

function verdict(bytes: Uint8Array): string {
  const frame = new FrameCheck(FRAME_BYTES_MAX);
  expect(frame.take(bytes)).toBe(0);
  const code = checkRecord(frame.words, 0);
  return code === 0 ? "OK" : codeName(code);
}

describe("the structure of a frame", () => {
  const good = newOrder({ seq: 1 });
  const length = good.length;

  it.each<[string, Uint8Array, string, number]>([
    ["one record", good, "OK", 0],
    ["three records", concat(good, subscribe({ seq: 2 }), good), "OK", 0],
    ["an empty frame", new Uint8Array(0), "TRUNCATED", 0],
    ["one byte", Uint8Array.of(1), "TRUNCATED", 0],
    ["half a header", good.subarray(0, 31), "TRUNCATED", 0],
    ["a header without its block", good.subarray(0, 32), "TRUNCATED", 0],
    ["a record short of one byte", good.subarray(0, length - 1), "TRUNCATED", 0],
    ["a second record short of one byte", concat(good, good).subarray(0, 2 * length - 1), "TRUNCATED", length],
    ["bytes behind the last record", concat(good, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)), "TRUNCATED", length],
    ["a wrong magic", patched((view) => view.setUint16(4, 0x5be0, true)), "BAD_MAGIC", 0],
    ["a big-endian magic", patched((view) => view.setUint16(4, 0xeb50, false)), "BAD_MAGIC", 0],
    ["a length of nought", patched((view) => view.setUint32(0, 0, true)), "BAD_LENGTH", 0],
    ["a length below the header", patched((view) => view.setUint32(0, 24, true)), "BAD_LENGTH", 0],
    ["a length off the alignment", patched((view) => view.setUint32(0, length - 4, true)), "BAD_LENGTH", 0],
    ["a negative length", patched((view) => view.setInt32(0, -8, true)), "TRUNCATED", 0],
    ["the largest length", patched((view) => view.setUint32(0, 0xfffffff8, true)), "TRUNCATED", 0],
    ["a length past the frame", patched((view) => view.setUint32(0, length + 8, true)), "TRUNCATED", 0],
    ["a foreign schema", patched((view) => view.setUint16(12, 2, true)), "BAD_SCHEMA", 0],
    ["version nought", patched((view) => view.setUint16(14, 0, true)), "BAD_SCHEMA", 0],
    ["a later version", patched((view) => view.setUint16(14, 9, true)), "OK", 0],
    ["a shorter block", patched((view) => view.setUint16(8, NewOrder.BLOCK_BYTES - 8, true)), "BAD_BLOCK_LENGTH", 0],
    ["a block past its record", patched((view) => view.setUint16(8, NewOrder.BLOCK_BYTES + 8, true)), "BAD_BLOCK_LENGTH", 0],
    ["a block off the alignment", patched((view) => view.setUint16(8, NewOrder.BLOCK_BYTES - 1, true)), "BAD_BLOCK_LENGTH", 0],
    [
      "a fault in the second record",
      concat(
        good,
        patched((view) => view.setUint16(4, 0, true)),
      ),
      "BAD_MAGIC",
      length,
    ],
    ["too many bytes", new Uint8Array(FRAME_BYTES_MAX + 1), "FRAME_TOO_LARGE", 0],
  ])("%s", (_name, bytes, fault, offset) => {
    expect(take(bytes)).toMatchObject({ fault, offset });
  });

  it("takes a frame at any alignment of its buffer", () => {
    for (let shift = 0; shift < 8; shift++) {
      const buffer = new Uint8Array(good.length + 8);
      buffer.set(good, shift);
      const { fault, frame } = take(buffer.subarray(shift, shift + good.length));
      expect(fault).toBe("OK");
      expect(NewOrder.clOrdId(frame.words, 0)).toBe(1);
    }
  });

  it("takes a longer block and a longer record, as SBE extends them", () => {
    const longer = new Uint8Array(length + 16).fill(7);
    longer.set(good);
    const view = new DataView(longer.buffer);
    view.setUint32(0, length + 16, true);
    view.setUint16(8, NewOrder.BLOCK_BYTES + 8, true);
    expect(take(concat(longer, good)).fault).toBe("OK");
    expect(verdict(longer)).toBe("OK");
  });

  it("forgets the fault of the frame before", () => {
    const frame = new FrameCheck(FRAME_BYTES_MAX);
    expect(frame.take(concat(good, Uint8Array.of(1)))).toBe(CODES.TRUNCATED);
    expect(frame.take(good)).toBe(0);
    expect(frame.faultOffsetBytes).toBe(0);
  });
});

describe("a record of a well-formed frame", () => {
  const SIDE = 32 + 48;

  it.each<[string, Uint8Array, string]>([
    ["as it should be", newOrder({ seq: 1 }), "OK"],
    ["an unknown template", patched((view) => view.setUint16(10, 19, true)), "UNKNOWN_TEMPLATE"],
    ["a template beyond the table", patched((view) => view.setUint16(10, 65535, true)), "UNKNOWN_TEMPLATE"],
    ["template nought", patched((view) => view.setUint16(10, 0, true)), "UNKNOWN_TEMPLATE"],
    ["a seq of 2^53", patched((view) => view.setBigInt64(16, 2n ** 53n, true)), "UNSAFE_NUMBER"],
    ["a negative seq", patched((view) => view.setBigInt64(16, -1n, true)), "UNSAFE_NUMBER"],
    ["a time of 2^64 - 1", patched((view) => view.setBigUint64(24, 2n ** 64n - 1n, true)), "UNSAFE_NUMBER"],
    ["clOrdId 2^53", patched((view) => view.setBigInt64(40, 2n ** 53n, true)), "UNSAFE_NUMBER"],
    ["clOrdId 2^53 - 1", patched((view) => view.setBigInt64(40, 2n ** 53n - 1n, true)), "OK"],
    ["clOrdId -2^53", patched((view) => view.setBigInt64(40, -(2n ** 53n), true)), "UNSAFE_NUMBER"],
    ["clOrdId null", patched((view) => view.setBigInt64(40, -(2n ** 63n), true)), "UNSAFE_NUMBER"],
    ["price null", patched((view) => view.setBigInt64(48, -(2n ** 63n), true)), "OK"],
    ["price one above null", patched((view) => view.setBigInt64(48, -(2n ** 63n) + 1n, true)), "UNSAFE_NUMBER"],
    ["the engine's own sentinel OFF_STEP", patched((view) => view.setBigInt64(48, -(2n ** 62n), true)), "UNSAFE_NUMBER"],
    ["the engine's own sentinel BEYOND", patched((view) => view.setBigInt64(48, -(2n ** 61n), true)), "UNSAFE_NUMBER"],
    ["qty -(2^53 - 1)", patched((view) => view.setBigInt64(56, -(2n ** 53n) + 1n, true)), "OK"],
    ["side 2", patched((view) => view.setUint8(SIDE, 2)), "BAD_SIDE"],
    ["side null", patched((view) => view.setUint8(SIDE, 255)), "BAD_SIDE"],
    ["side 33, which a shift would fold onto 1", patched((view) => view.setUint8(SIDE, 33)), "BAD_SIDE"],
    ["type 9", patched((view) => view.setUint8(SIDE + 1, 9)), "BAD_ENUM"],
    ["tif 31", patched((view) => view.setUint8(SIDE + 2, 31)), "BAD_ENUM"],
    ["stp 5", patched((view) => view.setUint8(SIDE + 3, 5)), "BAD_ENUM"],
    ["stp null", patched((view) => view.setUint8(SIDE + 3, 255)), "OK"],
    ["channel 8", subscribe({ seq: 1, channel: 8 }), "UNKNOWN_CHANNEL"],
  ])("%s", (_name, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });

  it.each<[string, (words: Int32Array) => void, string]>([
    ["as it should be", () => {}, "OK"],
    ["with everything", (words) => NewOrderFull.setOco(words, 0, 2 ** 53 - 1), "OK"],
    ["side 2", (words) => NewOrderFull.setSide(words, 0, 2), "BAD_SIDE"],
    ["type 5", (words) => NewOrderFull.setOrdType(words, 0, 5), "BAD_ENUM"],
    ["tif 5", (words) => NewOrderFull.setTif(words, 0, 5), "BAD_ENUM"],
    ["stp 5", (words) => NewOrderFull.setStp(words, 0, 5), "BAD_ENUM"],
    ["a stop price of 2^53", (words) => NewOrderFull.setStopPrice(words, 0, 2 ** 53), "UNSAFE_NUMBER"],
    ["the engine's own sentinel OFF_STEP", (words) => NewOrderFull.setDisplayQty(words, 0, OFF_STEP), "UNSAFE_NUMBER"],
    ["the engine's own sentinel BEYOND", (words) => NewOrderFull.setOco(words, 0, BEYOND), "UNSAFE_NUMBER"],
    ["clOrdId null", (words) => NewOrderFull.setClOrdId(words, 0, NULL_INT64), "UNSAFE_NUMBER"],
  ])("NewOrderFull: %s", (_name, change, expected) => {
    expect(verdict(newOrderFull(1, change))).toBe(expected);
  });

  it("takes a null side where it means both", () => {
    const bytes = record(MassCancel, 1, (words) => {
      MassCancel.setClientSeq(words, 0, 0);
      MassCancel.setAccount(words, 0, 0);
      MassCancel.setSession(words, 0, 0);
      MassCancel.setInstrument(words, 0, 0xffffffff);
      MassCancel.setSide(words, 0, 255);
    });
    expect(verdict(bytes)).toBe("OK");
  });

  it.each([
    ["Cancel", Cancel],
    ["Reduce", Reduce],
    ["Replace", Replace],
  ] as const)("takes a %s that names its order once", (_name, flyweight) => {
    const naming = (clOrdId: number, orderId: number) =>
      verdict(
        record(flyweight, 1, (words) => {
          flyweight.setClOrdId(words, 0, clOrdId);
          flyweight.setOrderId(words, 0, orderId);
        }),
      );
    expect(naming(1, NULL_INT64)).toBe("OK");
    expect(naming(NULL_INT64, 1)).toBe("OK");
    expect(naming(1, 1)).toBe("BAD_FLAGS");
    expect(naming(NULL_INT64, NULL_INT64)).toBe("BAD_FLAGS");
  });

  it("takes from a client only what a client sends", () => {
    const fromClients = Object.entries(TEMPLATES).filter(([, id]) => {
      const words = new Int32Array(64);
      words[0] = 32 + FrameTable.BLOCK_BYTES[id];
      words[1] = 0xeb50;
      words[2] = FrameTable.BLOCK_BYTES[id] | (id << 16);
      words[3] = 1 | (1 << 16);
      return checkRecord(words, 0) !== CODES.NOT_A_CLIENT_MESSAGE;
    });
    expect(fromClients.map(([name]) => name)).toEqual([
      "Logon",
      "Heartbeat",
      "TestRequest",
      "TestReply",
      "Logout",
      "ResendRequest",
      "NewOrder",
      "Cancel",
      "Reduce",
      "Replace",
      "MassCancel",
      "NewOrderFull",
      "CancelAllAfter",
      "OrderStatusRequest",
      "MassStatusRequest",
      "InstrumentListRequest",
      "PositionRequest",
      "BalanceRequest",
      "Subscribe",
      "Unsubscribe",
    ]);
  });

  it("finds the side and the channel where the special codes expect them: first", () => {
    const { ENUM_FIRST, ENUM_SHIFTS, ENUM_WORDS } = FrameTable;
    const words = new Int32Array(64);
    NewOrder.setSide(words, 0, 1);
    expect(words[ENUM_WORDS[ENUM_FIRST[NewOrder.TEMPLATE_ID]]]).toBe(1 << ENUM_SHIFTS[ENUM_FIRST[NewOrder.TEMPLATE_ID]]);
    words.fill(0);
    NewOrderFull.setSide(words, 0, 1);
    expect(words[ENUM_WORDS[ENUM_FIRST[NewOrderFull.TEMPLATE_ID]]]).toBe(1 << ENUM_SHIFTS[ENUM_FIRST[NewOrderFull.TEMPLATE_ID]]);
    words.fill(0);
    MassCancel.setSide(words, 0, 1);
    expect(words[ENUM_WORDS[ENUM_FIRST[MassCancel.TEMPLATE_ID]]]).toBe(1 << ENUM_SHIFTS[ENUM_FIRST[MassCancel.TEMPLATE_ID]]);
    words.fill(0);
    Subscribe.setChannel(words, 0, 1);
    expect(words[ENUM_WORDS[ENUM_FIRST[Subscribe.TEMPLATE_ID]]]).toBe(1 << ENUM_SHIFTS[ENUM_FIRST[Subscribe.TEMPLATE_ID]]);
  });
});
