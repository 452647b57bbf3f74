import { readFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { CODES, codeName, Header, RECORD_SPECS, TEMPLATES, type TemplateName } from "../../engine/wire/index.js";
import { MAPS_MAX, MsgpackCodec } from "../../gateway/codec/msgpack-codec.js";
import { mapRecordBytes, NO_TEMPLATE, type RecordMap, readMap, writeMap } from "../../gateway/codec/record-map.js";
import { checkRecord } from "../../gateway/frame-check.js";

interface Vector {
  readonly message: TemplateName;
  readonly variant: string;
  readonly header: { readonly flags: number; readonly seq: string; readonly time: string };
  readonly fields: Readonly<Record<string, number | string | null>>;
  readonly hex: string;
}

const { vectors } = JSON.parse(readFileSync(new URL("../wire/golden-vectors.json", import.meta.url), "utf8")) as { vectors: Vector[] };

/** What the map of a vector must hold, worked out from the vector and the schema's kinds alone. */
function expected({ message, header, fields }: Vector): RecordMap {
  const spec = RECORD_SPECS.get(TEMPLATES[message]);
  const map: RecordMap = { template: message, seq: Number(header.seq), time: Number(header.time) };
  if ((header.flags & 1) !== 0) map["possibleResend"] = true;
  if ((header.flags & 2) !== 0) map["lastOfBatch"] = true;
  for (const [name, value] of Object.entries(fields)) {
    const field = spec?.fields.find((candidate) => candidate.name === name);
    if (value === null || field === undefined) continue;
    if (field.kind === "int64") map[name] = Number(value);
    else if (field.kind === "enum") map[name] = field.names[value as number] ?? value;
    else if (field.kind === "set") map[name] = field.names.filter((_, bit) => ((value as number) & (1 << bit)) !== 0);
    else if (field.kind === "bytes") map[name] = new Uint8Array(Buffer.from(value as string, "hex"));
    else map[name] = value;
  }
  return map;
}

function wordsOf(hex: string): Int32Array {
  return new Int32Array(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
}

describe("records as maps", () => {
  it.each(vectors.map((vector) => [vector.message, vector.variant, vector] as const))(
    "%s, %s, is what the golden vector says",
    (_, __, vector) => {
      expect(readMap(wordsOf(vector.hex), 0)).toEqual(expected(vector));
    },
  );

  it.each(vectors.map((vector) => [vector.message, vector.variant, vector] as const))(
    "%s, %s, comes back to the same bytes",
    (_, __, vector) => {
      const words = wordsOf(vector.hex);
      // Sets with bits that have no name lose them; headers carry no flags inward.
      const { possibleResend: _resend, lastOfBatch: _last, ...map } = readMap(words, 0) as RecordMap;
      const written = new Int32Array(mapRecordBytes(map) / 4);
      expect(writeMap(map, written, 0)).toBe(0);
      Header.setFlags(words, 0, 0);
      expect(readMap(written, 0)).toEqual(map);
      const spec = RECORD_SPECS.get(TEMPLATES[vector.message]);
      if (spec?.fields.some((field) => field.kind === "set") !== true) expect(written).toEqual(words);
    },
  );

  it("covers every message of the schema", () => {
    expect([...RECORD_SPECS.values()].map((spec) => spec.name)).toEqual(Object.keys(TEMPLATES));
    expect(new Set(vectors.map((vector) => vector.message))).toEqual(new Set(Object.keys(TEMPLATES)));
  });
});

const ORDER: RecordMap = {
  template: "NewOrder",
  seq: 1,
  clOrdId: 7,
  price: 100,
  qty: 5,
  instrument: 1,
  side: "buy",
  ordType: "limit",
  tif: "gtc",
};

describe("a map from a client", () => {
  const faultOf = (map: RecordMap): string => {
    const words = new Int32Array(64);
    const fault = writeMap(map, words, 0) || checkRecord(words, 0);
    return fault === 0 ? "" : codeName(fault);
  };

  it.each<[string, RecordMap, string]>([
    ["with names", ORDER, ""],
    ["with numbers for names", { ...ORDER, side: 1, ordType: 0, tif: 3, flags: 1 }, ""],
    ["with a template by number", { ...ORDER, template: 20 }, ""],
    ["with flags by name", { ...ORDER, flags: ["postOnly", "reduceOnly"] }, ""],
    ["with nulls where there are nulls", { ...ORDER, price: null, stp: null }, ""],
    ["with a null where there is none", { ...ORDER, instrument: null }, "BAD_FIELD"],
    ["without a field that it needs", { ...ORDER, side: undefined }, "BAD_FIELD"],
    ["with a field that the message does not have", { ...ORDER, colour: "red" }, "BAD_FIELD"],
    ["with a reserved field", { ...ORDER, reserved: 0 }, "BAD_FIELD"],
    ["with a text for a number", { ...ORDER, qty: "5" }, "BAD_FIELD"],
    ["with a list for a number", { ...ORDER, qty: [5] }, "BAD_FIELD"],
    ["with a number beyond its field", { ...ORDER, instrument: 2 ** 32 }, "BAD_FIELD"],
    ["with a negative number for a count", { ...ORDER, instrument: -1 }, "BAD_FIELD"],
    ["with a part of a lot", { ...ORDER, qty: 0.5 }, "UNSAFE_NUMBER"],
    ["with a number that is not safe", { ...ORDER, qty: 2 ** 53 }, "UNSAFE_NUMBER"],
    ["with an unsafe seq", { ...ORDER, seq: 2 ** 53 }, "UNSAFE_NUMBER"],
    ["with a seq that is none", { ...ORDER, seq: "1" }, "UNSAFE_NUMBER"],
    ["with no such side", { ...ORDER, side: "long" }, "BAD_SIDE"],
    ["with a side by a number that there is not", { ...ORDER, side: 7 }, "BAD_SIDE"],
    ["with the name of something else", { ...ORDER, ordType: "toString" }, "BAD_ENUM"],
    ["with an empty name", { ...ORDER, ordType: "" }, "BAD_ENUM"],
    ["with no such flag", { ...ORDER, flags: ["postonly"] }, "BAD_FLAGS"],
    ["of no such message", { ...ORDER, template: "Order" }, "UNKNOWN_TEMPLATE"],
    ["of a message of everybody's ancestor", { ...ORDER, template: "constructor" }, "UNKNOWN_TEMPLATE"],
    ["without a message", { seq: 1 }, "UNKNOWN_TEMPLATE"],
    ["that only gateways send", { template: "OrderRejected", seq: 1, code: 1, refTemplateId: 1 }, "NOT_A_CLIENT_MESSAGE"],
    ["that names two orders", { template: "Cancel", seq: 1, clOrdId: 1, orderId: 2 }, "BAD_FLAGS"],
  ])("%s", (_, map, code) => {
    const given = Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
    expect(faultOf(given)).toBe(code);
  });

  it("that is not known still has a header to be answered by", () => {
    const words = new Int32Array(64);
    expect(writeMap({ template: "Order", seq: 9 }, words, 0)).toBe(CODES.UNKNOWN_TEMPLATE);
    expect([Header.seq(words, 0), Header.templateId(words, 0)]).toEqual([9, NO_TEMPLATE]);
  });
});

describe("a MessagePack frame", () => {
  const codec = new MsgpackCodec();
  const bytes = (...values: number[]) => Uint8Array.from(values);

  it("is one map or an array of them", () => {
    expect(codec.decode(encode(ORDER))).toEqual([ORDER]);
    expect(codec.decode(encode([ORDER]))).toEqual([ORDER]);
    const many = Array.from({ length: MAPS_MAX }, () => ({ template: "Logout" }));
    expect(codec.decode(encode(many))).toHaveLength(MAPS_MAX);
    expect(codec.decode(encode([...many, ORDER]))).toBeUndefined();
  });

  it.each<[string, Uint8Array]>([
    ["nothing", bytes()],
    ["an empty array", bytes(0x90)],
    ["a number", encode(5)],
    ["a text", encode("NewOrder")],
    ["a time", encode(new Date())],
    ["an array of arrays", encode([[ORDER]])],
    ["an array of numbers", encode([1, 2])],
    ["an array with less than it says", bytes(0x92, 0x80)],
    ["an array with more than it says", bytes(0x91, 0x80, 0x80)],
    ["an array of four thousand million", bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ["two maps and no array", bytes(0x80, 0x80)],
    ["a map with less than it says", bytes(0x81, 0xa1, 0x61)],
    ["a map with too many keys", encode(Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`k${i}`, 1])))],
    ["a text that is too long", encode({ template: "x".repeat(65) })],
    ["bytes that are too long", encode({ signature: new Uint8Array(65) })],
    ["a list that is too long", encode({ flags: Array.from({ length: 17 }, () => "postOnly") })],
    ["an extension", bytes(0x81, 0xa1, 0x61, 0xd4, 0x01, 0x00)],
    ["a key that is no text", bytes(0x81, 0xc0, 0x01)],
    ["a key that would be a prototype", encode(JSON.parse('{"__proto__":1}'))],
    ["a byte that means nothing", bytes(0xc1)],
    ["text that is no UTF-8 and cut off", bytes(0x81, 0xa5, 0xff, 0xff)],
  ])("with %s is refused", (_, frame) => {
    expect(codec.decode(frame)).toBeUndefined();
    expect(codec.decode(encode(ORDER))).toEqual([ORDER]);
  });

  it("of arrays within arrays takes little memory and is refused", () => {
    const deep = new Uint8Array(65_536).fill(0x9f);
    const before = process.memoryUsage().heapUsed;
    expect(codec.decode(deep)).toBeUndefined();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20);
    expect(codec.decode(encode(ORDER))).toEqual([ORDER]);
  });
});
