/**
 * A second codec, driven by schema.xml at run time: DataView and BigInt, its own reading of the XML.
 * It shares no code with the generator or the flyweights, so that agreement between them is evidence.
 */
import { existsSync, readFileSync } from "node:fs";

/** The package's folder lies two above the source and three above the compiled file. */
export const SCHEMA_URL = ["../../", "../../../"]
  .map((root) => new URL(`${root}engine/wire/schema.xml`, import.meta.url))
  .find((url) => existsSync(url)) as URL;

export type FieldKind = "integer" | "enum" | "set" | "chars" | "bytes";

export interface SchemaField {
  name: string;
  kind: FieldKind;
  primitive: string;
  /** Elements; 1 but for arrays. */
  count: number;
  /** Bytes from the start of the record. */
  offset: number;
  optional: boolean;
  reserved: boolean;
  /** Values of an enumeration, masks of a set; empty otherwise. */
  values: number[];
}

export interface SchemaMessage {
  name: string;
  id: number;
  sender: string;
  fields: SchemaField[];
  blockBytes: number;
}

export interface Schema {
  id: number;
  version: number;
  header: SchemaField[];
  headerBytes: number;
  messages: SchemaMessage[];
  enums: Map<string, Map<string, number>>;
}

/** 64-bit integers are bigint, text is string, bytes are hex, null is null. */
export type Value = bigint | number | string | null;
export type Values = Record<string, Value>;

interface Tag {
  name: string;
  attributes: Record<string, string>;
  /** "open", "close" or "empty" as in <a>, </a>, <a/>. */
  form: "open" | "close" | "empty";
  /** Text between this tag and the next. */
  text: string;
}

interface TypeEntry {
  kind: FieldKind;
  primitive: string;
  count: number;
  values: number[];
}

const SIZES: Record<string, number> = { char: 1, int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8 };

export function sizeOf(primitive: string): number {
  const size = SIZES[primitive];
  if (size === undefined) throw new Error(`no such primitive type: ${primitive}`);
  return size;
}

/** SBE's null of a primitive type, from its bits alone. */
export function nullValue(primitive: string): bigint {
  const bits = 8 * sizeOf(primitive);
  return primitive.startsWith("u") ? BigInt.asUintN(bits, -1n) : BigInt.asIntN(bits, 1n << BigInt(bits - 1));
}

export function readSchema(): Schema {
  const tags = scan(readFileSync(SCHEMA_URL, "utf8"));
  const root = tags.find((tag) => tag.name === "messageSchema");
  if (root === undefined) throw new Error("schema.xml has no messageSchema");
  const { types, enums, header } = readTypes(tags);
  const messages = readMessages(tags, types, fieldsEnd(header));
  return {
    id: Number(root.attributes.id),
    version: Number(root.attributes.version),
    header,
    headerBytes: fieldsEnd(header),
    messages,
    enums,
  };
}

function scan(xml: string): Tag[] {
  const tags: Tag[] = [];
  const bare = xml.replace(/<!--[\s\S]*?-->/g, "").replace(/<\?[\s\S]*?\?>/g, "");
  for (const match of bare.matchAll(/<(\/?)(?:\w+:)?(\w+)([^<>]*?)(\/?)>([^<]*)/g)) {
    const attributes: Record<string, string> = {};
    for (const pair of (match[3] ?? "").matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)) attributes[pair[1] ?? ""] = pair[2] ?? "";
    const form = match[1] === "/" ? "close" : match[4] === "/" ? "empty" : "open";
    tags.push({ name: match[2] ?? "", attributes, form, text: (match[5] ?? "").trim() });
  }
  return tags;
}

function readTypes(tags: Tag[]): { types: Map<string, TypeEntry>; enums: Map<string, Map<string, number>>; header: SchemaField[] } {
  const types = new Map<string, TypeEntry>();
  for (const primitive of Object.keys(SIZES)) types.set(primitive, { kind: "integer", primitive, count: 1, values: [] });
  const enums = new Map<string, Map<string, number>>();
  const header: SchemaField[] = [];
  let composite = "";
  let names = new Map<string, number>();
  let values: number[] = [];
  for (const { name: tag, attributes, form, text } of tags) {
    const name = attributes.name ?? "";
    if (tag === "composite") composite = form === "open" ? name : "";
    if (tag === "type" && composite === "recordHeader") header.push(fieldAt(fieldsEnd(header), attributes, typeEntry(attributes)));
    if (tag === "type" && composite === "") types.set(name, typeEntry(attributes));
    if ((tag === "enum" || tag === "set") && form === "open") {
      values = [];
      names = new Map();
      types.set(name, { kind: tag, primitive: attributes.encodingType ?? "", count: 1, values });
      if (tag === "enum") enums.set(name, names);
    }
    if (tag === "validValue" && form === "open") values.push(Number(text));
    if (tag === "validValue" && form === "open") names.set(name, Number(text));
    if (tag === "choice" && form === "open") values.push(2 ** Number(text));
  }
  return { types, enums, header };
}

function typeEntry(attributes: Record<string, string>): TypeEntry {
  const primitive = attributes.primitiveType ?? "";
  const count = Number(attributes.length ?? "1");
  return { kind: count === 1 ? "integer" : primitive === "char" ? "chars" : "bytes", primitive, count, values: [] };
}

function readMessages(tags: Tag[], types: Map<string, TypeEntry>, headerBytes: number): SchemaMessage[] {
  const messages: SchemaMessage[] = [];
  for (const { name: tag, attributes, form } of tags) {
    if (tag === "message" && form === "open") {
      messages.push({
        name: attributes.name ?? "",
        id: Number(attributes.id),
        sender: attributes.semanticType ?? "",
        fields: [],
        blockBytes: 0,
      });
    }
    const message = messages.at(-1);
    if (tag !== "field" || message === undefined) continue;
    const type = types.get(attributes.type ?? "");
    if (type === undefined) throw new Error(`${message.name}: no such type: ${attributes.type}`);
    message.fields.push(fieldAt(headerBytes + message.blockBytes, attributes, type));
    message.blockBytes = fieldsEnd(message.fields) - headerBytes;
  }
  return messages;
}

function fieldAt(offset: number, attributes: Record<string, string>, type: TypeEntry): SchemaField {
  const name = attributes.name ?? "";
  return { name, ...type, offset, optional: attributes.presence === "optional", reserved: name.startsWith("reserved") };
}

function fieldsEnd(fields: SchemaField[]): number {
  const last = fields.at(-1);
  return last === undefined ? 0 : last.offset + sizeOf(last.primitive) * last.count;
}

/** The bytes of a whole record. Reserved fields are 0. */
export function encode(schema: Schema, message: SchemaMessage, header: Values, values: Values): Uint8Array {
  const bytes = new Uint8Array(schema.headerBytes + message.blockBytes);
  const view = new DataView(bytes.buffer);
  for (const field of schema.header) putValue(view, field, header[field.name] ?? null);
  for (const field of message.fields) if (!field.reserved) putValue(view, field, values[field.name] ?? null);
  return bytes;
}

function putValue(view: DataView, field: SchemaField, value: Value): void {
  if (field.kind === "chars") {
    for (let i = 0; i < String(value).length; i++) view.setUint8(field.offset + i, String(value).charCodeAt(i));
    return;
  }
  if (field.kind === "bytes") {
    for (let i = 0; i < field.count; i++) view.setUint8(field.offset + i, Number.parseInt(String(value).slice(2 * i, 2 * i + 2), 16));
    return;
  }
  // Any integer is its low bytes, whatever its sign, so one loop serves every width.
  const bits = BigInt.asUintN(64, value === null ? nullValue(field.primitive) : BigInt(value));
  for (let i = 0; i < sizeOf(field.primitive); i++) view.setUint8(field.offset + i, Number((bits >> BigInt(8 * i)) & 0xffn));
}

export function decode(schema: Schema, message: SchemaMessage, bytes: Uint8Array): { header: Values; values: Values } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header: Values = {};
  const values: Values = {};
  for (const field of schema.header) header[field.name] = takeValue(view, field);
  for (const field of message.fields) values[field.name] = takeValue(view, field);
  return { header, values };
}

function takeValue(view: DataView, field: SchemaField): Value {
  const size = sizeOf(field.primitive);
  const raw = Array.from({ length: size * field.count }, (_, i) => view.getUint8(field.offset + i));
  if (field.kind === "chars") return String.fromCharCode(...raw.slice(0, [...raw, 0].indexOf(0)));
  if (field.kind === "bytes") return raw.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let bits = 0n;
  for (const [i, byte] of raw.entries()) bits |= BigInt(byte) << BigInt(8 * i);
  const value = field.primitive.startsWith("u") ? bits : BigInt.asIntN(8 * size, bits);
  if (field.optional && value === nullValue(field.primitive)) return null;
  return size === 8 ? value : Number(value);
}
