import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Header from "../../engine/wire/header.js";
import { exportsOf, flyweightOf, getField, MESSAGE_NAMES, setField, setterName } from "./flyweight-access.js";
import { decode, encode, readSchema, type SchemaField, type SchemaMessage, sizeOf, type Value, type Values } from "./schema-codec.js";

const schema = readSchema();
const MAX_SAFE = 2n ** 53n - 1n;
const WORDS = 80;
const EXTREMES = [0n, 1n, -1n, MAX_SAFE, -MAX_SAFE, 2n ** 31n, -(2n ** 31n), 2n ** 32n, -(2n ** 32n), 2n ** 32n - 1n, -(2n ** 32n) - 1n];

function int64(): fc.Arbitrary<bigint> {
  return fc.oneof(fc.constantFrom(...EXTREMES), fc.bigInt({ min: -MAX_SAFE, max: MAX_SAFE }), fc.bigInt({ min: -1000n, max: 1000n }));
}

function fieldValue(field: SchemaField): fc.Arbitrary<Value> {
  const plain = plainValue(field);
  return field.optional ? fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: plain }) : plain;
}

function plainValue(field: SchemaField): fc.Arbitrary<Value> {
  if (field.kind === "chars") {
    const character = fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code));
    return fc.array(character, { maxLength: field.count, size: "max" }).map((characters) => characters.join(""));
  }
  if (field.kind === "bytes") {
    const bytes = fc.uint8Array({ minLength: field.count, maxLength: field.count });
    return bytes.map((array) => Buffer.from(array).toString("hex"));
  }
  if (field.kind === "enum") return fc.constantFrom(...field.values);
  if (field.primitive === "int64") return int64();
  const bits = 8 * sizeOf(field.primitive);
  const unsigned = field.primitive.startsWith("u");
  // An optional field's top value is its null, which the codec reads as such.
  const max = (unsigned ? 2 ** bits : 2 ** (bits - 1)) - (field.optional ? 2 : 1);
  return fc.integer({ min: unsigned ? 0 : -(2 ** (bits - 1)), max });
}

interface Instance {
  seq: bigint;
  time: bigint;
  flags: number;
  values: Values;
  at: number;
  garbage: Int32Array;
  order: number[];
}

function fieldsOf(message: SchemaMessage): SchemaField[] {
  return message.fields.filter((field) => !field.reserved);
}

function instanceOf(message: SchemaMessage): fc.Arbitrary<Instance> {
  const fields = fieldsOf(message);
  const values: Record<string, fc.Arbitrary<Value>> = {};
  for (const field of fields) values[field.name] = fieldValue(field);
  const indices = fields.map((_, index) => index);
  return fc.record({
    seq: fc.bigInt({ min: 0n, max: MAX_SAFE }),
    time: fc.bigInt({ min: 0n, max: MAX_SAFE }),
    flags: fc.integer({ min: 0, max: 65535 }),
    values: fc.record(values) as fc.Arbitrary<Values>,
    at: fc.constantFrom(0, 2, 6),
    garbage: fc.int32Array({ minLength: WORDS, maxLength: WORDS }),
    order: fc.shuffledSubarray(indices, { minLength: indices.length }),
  });
}

function headerOf(message: SchemaMessage, instance: Instance): Values {
  const fixed = { encoding: 0xeb50, blockLength: message.blockBytes, templateId: message.id, schemaId: schema.id, version: schema.version };
  return { ...fixed, length: 32 + message.blockBytes, flags: instance.flags, seq: instance.seq, time: instance.time };
}

/** Fills a record by flyweight over what lay there before, fields in the instance's order. */
function fill(message: SchemaMessage, instance: Instance, words: Int32Array): void {
  const flyweight = flyweightOf(message.name);
  flyweight.init(words, instance.at, Number(instance.seq), Number(instance.time));
  Header.setFlags(words, instance.at, instance.flags);
  const fields = fieldsOf(message);
  for (const index of instance.order) {
    const field = fields[index];
    if (field !== undefined) setField(message, field, words, instance.at, instance.values[field.name] ?? null);
  }
}

function bytesAt(words: Int32Array, at: number, lengthBytes: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + at * 4, lengthBytes).slice();
}

describe("flyweights", () => {
  it("exist for every message of the schema and no other, with a getter and a setter a field", () => {
    expect(MESSAGE_NAMES.toSorted()).toEqual(schema.messages.map((message) => message.name).toSorted());
    for (const message of schema.messages) {
      const names = ["TEMPLATE_ID", "BLOCK_BYTES", "RECORD_BYTES", "Word", "init", "initClaimed"];
      for (const field of fieldsOf(message)) names.push(field.name, setterName(field.name));
      expect(exportsOf(message.name).toSorted()).toEqual(names.toSorted());
      const { TEMPLATE_ID, BLOCK_BYTES, RECORD_BYTES } = flyweightOf(message.name);
      expect([TEMPLATE_ID, BLOCK_BYTES, RECORD_BYTES]).toEqual([message.id, message.blockBytes, 32 + message.blockBytes]);
    }
  });

  it.each(schema.messages.map((message) => [message.name, message] as const))(
    "%s: writes the bytes that the schema codec writes",
    (_, message) => {
      fc.assert(
        fc.property(instanceOf(message), (instance) => {
          const words = instance.garbage.slice();
          fill(message, instance, words);
          const lengthBytes = 32 + message.blockBytes;
          expect(bytesAt(words, instance.at, lengthBytes)).toEqual(encode(schema, message, headerOf(message, instance), instance.values));
          const end = instance.at + lengthBytes / 4;
          expect(words.subarray(0, instance.at)).toEqual(instance.garbage.subarray(0, instance.at));
          expect(words.subarray(end)).toEqual(instance.garbage.subarray(end));
        }),
        { numRuns: 150 },
      );
    },
  );

  it.each(schema.messages.map((message) => [message.name, message] as const))("%s: reads what the schema codec wrote", (_, message) => {
    fc.assert(
      fc.property(instanceOf(message), (instance) => {
        const bytes = encode(schema, message, headerOf(message, instance), instance.values);
        const words = instance.garbage.slice();
        new Uint8Array(words.buffer, instance.at * 4, bytes.length).set(bytes);
        const { header, values } = decode(schema, message, bytes);
        for (const field of fieldsOf(message)) {
          expect(getField(message, field, words, instance.at), field.name).toEqual(instance.values[field.name]);
          expect(values[field.name], field.name).toEqual(instance.values[field.name]);
        }
        expect(header).toEqual(headerOf(message, instance));
        expect(headerByFlyweight(words, instance.at)).toEqual(header);
      }),
      { numRuns: 150 },
    );
  });

  it("leave the neighbours of a field alone when it is written again", () => {
    for (const message of schema.messages) {
      for (const field of fieldsOf(message)) {
        fc.assert(
          fc.property(instanceOf(message), fieldValue(field), (instance, value) => {
            const words = instance.garbage.slice();
            fill(message, instance, words);
            setField(message, field, words, instance.at, value);
            const wanted = encode(schema, message, headerOf(message, instance), { ...instance.values, [field.name]: value });
            expect(bytesAt(words, instance.at, wanted.length)).toEqual(wanted);
          }),
          { numRuns: 10 },
        );
      }
    }
  });

  it("name the word of every field", () => {
    for (const message of schema.messages) {
      const named = Object.entries(flyweightOf(message.name).Word).filter(([name]) => Number.isNaN(Number(name)));
      const wanted = fieldsOf(message).map((field) => [field.name, Math.floor(field.offset / 4)]);
      expect(Object.fromEntries(named), message.name).toEqual(Object.fromEntries(wanted));
    }
  });

  it("leave the length word alone in initClaimed", () => {
    for (const message of schema.messages) {
      const claimed = new Int32Array(WORDS).fill(-7);
      const whole = new Int32Array(WORDS).fill(-7);
      flyweightOf(message.name).initClaimed(claimed, 0, 5, 6);
      flyweightOf(message.name).init(whole, 0, 5, 6);
      expect(claimed[0]).toBe(-7);
      expect(whole[0]).toBe(32 + message.blockBytes);
      expect(claimed.subarray(1)).toEqual(whole.subarray(1));
    }
  });
});

function headerByFlyweight(words: Int32Array, at: number): Values {
  const small = { length: Header.length(words, at), encoding: Header.encoding(words, at), flags: Header.flags(words, at) };
  const sbe = {
    blockLength: Header.blockLength(words, at),
    templateId: Header.templateId(words, at),
    schemaId: Header.schemaId(words, at),
  };
  return { ...small, ...sbe, version: Header.version(words, at), seq: BigInt(Header.seq(words, at)), time: BigInt(Header.time(words, at)) };
}
