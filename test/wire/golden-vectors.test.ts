import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as Header from "../../engine/wire/header.js";
import { flyweightOf, getField, setField } from "./flyweight-access.js";
import { decode, encode, readSchema, type SchemaField, type SchemaMessage, type Value, type Values } from "./schema-codec.js";

interface GoldenVector {
  message: string;
  variant: "filled" | "extreme";
  header: Record<string, number | string>;
  fields: Record<string, number | string | null>;
  hex: string;
}

const schema = readSchema();
const { vectors } = JSON.parse(readFileSync(new URL("golden-vectors.json", import.meta.url), "utf8")) as { vectors: GoldenVector[] };

function messageOf(vector: GoldenVector): SchemaMessage {
  const found = schema.messages.find((message) => message.name === vector.message);
  if (found === undefined) throw new Error(`golden vector of an unknown message ${vector.message}`);
  return found;
}

function toValue(field: SchemaField, value: number | string | null | undefined): Value {
  if (value === null || value === undefined) return null;
  return field.primitive.endsWith("int64") ? BigInt(value) : value;
}

function toValues(fields: SchemaField[], source: Record<string, number | string | null>): Values {
  return Object.fromEntries(fields.filter((field) => !field.reserved).map((field) => [field.name, toValue(field, source[field.name])]));
}

describe("golden vectors", () => {
  it("hold every message in both variants", () => {
    const wanted = schema.messages.flatMap((message) => [`${message.name} filled`, `${message.name} extreme`]);
    expect(vectors.map((vector) => `${vector.message} ${vector.variant}`)).toEqual(wanted);
  });

  describe.each(vectors.map((vector) => [`${vector.message} ${vector.variant}`, vector] as const))("%s", (_, vector) => {
    const message = messageOf(vector);
    const fields = message.fields.filter((field) => !field.reserved);
    const values = toValues(message.fields, vector.fields);
    const bytes = Uint8Array.from(Buffer.from(vector.hex, "hex"));

    it("has exactly the schema's fields", () => {
      expect(Object.keys(vector.fields)).toEqual(fields.map((field) => field.name));
      expect(bytes.length).toBe(vector.header.length);
    });

    it("is encoded byte for byte by the flyweight and by the schema codec", () => {
      const words = new Int32Array(bytes.length / 4).fill(-1);
      flyweightOf(message.name).init(words, 0, Number(vector.header.seq), Number(vector.header.time));
      Header.setFlags(words, 0, Number(vector.header.flags));
      for (const field of fields) setField(message, field, words, 0, values[field.name] ?? null);
      expect(Buffer.from(words.buffer).toString("hex")).toBe(vector.hex);
      const header = toValues(schema.header, vector.header);
      expect(Buffer.from(encode(schema, message, header, values)).toString("hex")).toBe(vector.hex);
    });

    it("is decoded to its values by the flyweight and by the schema codec", () => {
      const words = new Int32Array(bytes.buffer);
      for (const field of fields) expect(getField(message, field, words, 0), field.name).toEqual(values[field.name]);
      expect(decode(schema, message, bytes).values).toMatchObject(values);
      expect(decode(schema, message, bytes).header).toEqual(toValues(schema.header, vector.header));
    });
  });
});
