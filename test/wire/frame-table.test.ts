import { describe, expect, it } from "vitest";
import * as Table from "../../engine/wire/generated/frame-table.js";
import { TEMPLATES, templateName } from "../../engine/wire/generated/templates.js";
import * as Wire from "../../engine/wire/index.js";
import { readSchema, type SchemaMessage } from "./schema-codec.js";

const schema = readSchema();
const byId = new Map(schema.messages.map((message) => [message.id, message]));
const SENDER_BITS: Record<string, number> = { client: 1, gateway: 2, either: 3, admin: 4, core: 8 };

function int64Rows(id: number): number[][] {
  const rows = [];
  for (let i = Table.INT64_FIRST[id]; i < Table.INT64_FIRST[id + 1]; i++) rows.push([Table.INT64_WORDS[i] * 4, Table.INT64_NULLABLE[i]]);
  return rows;
}

function enumRows(id: number): number[][] {
  const rows = [];
  for (let i = Table.ENUM_FIRST[id]; i < Table.ENUM_FIRST[id + 1]; i++) {
    rows.push([Table.ENUM_WORDS[i] * 4 + Table.ENUM_SHIFTS[i] / 8, Table.ENUM_ALLOWED[i], Table.ENUM_NULLABLE[i]]);
  }
  return rows;
}

function mask(values: number[]): number {
  let bits = 0;
  for (const value of values) bits |= 1 << value;
  return bits;
}

function expectTemplate(id: number, message: SchemaMessage | undefined): void {
  expect(Table.BLOCK_BYTES[id]).toBe(message?.blockBytes ?? 0);
  expect(Table.SENDERS[id]).toBe(message === undefined ? 0 : SENDER_BITS[message.sender]);
  const fields = (message?.fields ?? []).filter((field) => !field.reserved);
  const wide = fields.filter((field) => field.primitive === "int64");
  expect(int64Rows(id)).toEqual(wide.map((field) => [field.offset, field.optional ? 1 : 0]));
  const enums = fields.filter((field) => field.kind === "enum");
  expect(enumRows(id)).toEqual(enums.map((field) => [field.offset, mask(field.values), field.optional ? 1 : 0]));
}

describe("frame table", () => {
  it("describes every template id up to the largest as the schema does", () => {
    expect(Table.TEMPLATE_ID_MAX).toBe(Math.max(...byId.keys()));
    expect(Table.BLOCK_BYTES.length).toBe(Table.TEMPLATE_ID_MAX + 1);
    for (let id = 0; id <= Table.TEMPLATE_ID_MAX; id++) expectTemplate(id, byId.get(id));
  });

  it("names the header's constants as the schema does", () => {
    expect([Table.HEADER_WORDS * 4, Table.ENCODING, Table.SCHEMA_ID, Table.VERSION]).toEqual([
      schema.headerBytes,
      0xeb50,
      schema.id,
      schema.version,
    ]);
    expect([Table.SENDER_CLIENT, Table.SENDER_GATEWAY, Table.SENDER_ADMIN, Table.SENDER_CORE]).toEqual([1, 2, 4, 8]);
    expect([Wire.SCHEMA_ID, Wire.VERSION, Wire.Header.HEADER_BYTES]).toEqual([schema.id, schema.version, schema.headerBytes]);
    expect(Wire.Header.ENCODING_SBE_LITTLE_ENDIAN).toBe(Table.ENCODING);
  });
});

describe("templates and enumerations", () => {
  it("name every template both ways", () => {
    expect(TEMPLATES).toEqual(Object.fromEntries(schema.messages.map((message) => [message.name, message.id])));
    for (const message of schema.messages) expect(templateName(message.id)).toBe(message.name);
    expect(templateName(0)).toBeUndefined();
    expect(templateName(65535)).toBeUndefined();
  });

  it("have the schema's values and names", () => {
    const exported = Wire as unknown as Record<string, Record<string, number> | string[]>;
    expect(schema.enums.size).toBeGreaterThan(0);
    for (const [name, values] of schema.enums) {
      expect(exported[name], name).toEqual(Object.fromEntries(values));
      const names = exported[`${name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase()}_NAMES`] as string[];
      for (const [word, value] of values) expect(names[value]).toBe(word);
      expect(names.length).toBe(values.size);
    }
  });
});
