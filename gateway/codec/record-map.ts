/**
 * Records as maps with the schema's names, and back. Enumerations are their names, sets lists of names, text is text, nulls are
 * left out; numbers are numbers. For formats in which people and scripts can write: everything here allocates.
 */
import { CODES } from "../../engine/wire/codes.js";
import { type FieldSpec, RECORD_SPECS, type RecordSpec } from "../../engine/wire/generated/fields.js";
import { SCHEMA_ID, VERSION } from "../../engine/wire/generated/frame-table.js";
import { TEMPLATES } from "../../engine/wire/generated/templates.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT16, NULL_UINT32, readInt64, writeInt64 } from "../../engine/wire/numbers.js";
import { readBytes, readText, writeBytes, writeText } from "../../engine/wire/text.js";

/** A record as a map. */
export type RecordMap = Record<string, unknown>;

/** A template id that the schema does not have, for a name that it does not have. */
export const NO_TEMPLATE = 0xffff;

/** No enumeration has this value, and it is not null: the frame check finds it, and answers with the field's own code. */
const NO_SUCH_NAME = 0xfe;
/** Negative, so no header with it is safe. */
const UNSAFE_COUNT = -1;
const OFTEN_LEFT_OUT: ReadonlySet<string> = new Set([
  "clientSeq",
  "account",
  "session",
  "cause",
  "flags",
  "toSeq",
  "intervalMs",
  "depth",
  // Of a Logon: a new session, nothing to cancel; with a token there is nothing to sign either.
  "timestamp",
  "nonce",
  "nextServerSeq",
  "cancelGraceMs",
  "cancelScope",
  "keyId",
  "signature",
]);
const HEADER_KEYS: ReadonlySet<string> = new Set(["template", "seq", "time", "possibleResend", "lastOfBatch"]);

/** The record at `at` as a map; undefined for a template that the schema does not have. */
export function readMap(words: Int32Array, at: number): RecordMap | undefined {
  const spec = RECORD_SPECS.get(Header.templateId(words, at));
  if (spec === undefined) return undefined;
  const flags = Header.flags(words, at);
  const map: RecordMap = { template: spec.name, seq: Header.seq(words, at), time: Header.time(words, at) };
  if ((flags & Header.FLAG_POSSIBLE_RESEND) !== 0) map["possibleResend"] = true;
  if ((flags & Header.FLAG_LAST_OF_BATCH) !== 0) map["lastOfBatch"] = true;
  if ((flags & Header.FLAG_STATE) !== 0) map["asState"] = true;
  for (const field of spec.fields) {
    const value = readField(field, words, at + field.word);
    if (value !== undefined) map[field.name] = value;
  }
  return map;
}

function readField(field: FieldSpec, words: Int32Array, at: number): unknown {
  switch (field.kind) {
    case "int64":
      return present(field, readInt64(words, at), NULL_INT64);
    case "uint32":
      return present(field, words[at] >>> 0, NULL_UINT32);
    case "int32":
      return words[at];
    case "uint16":
      return present(field, (words[at] >>> field.shift) & 0xffff, NULL_UINT16);
    case "int16":
      return (words[at] << (16 - field.shift)) >> 16;
    case "uint8":
      return present(field, (words[at] >>> field.shift) & 0xff, NULL_UINT8);
    case "int8":
      return (words[at] << (24 - field.shift)) >> 24;
    case "enum":
      return nameOf(field, (words[at] >>> field.shift) & 0xff);
    case "set":
      return field.names.filter((_, bit) => ((words[at] >>> field.shift) & (1 << bit)) !== 0);
    case "chars":
      return readText(words, at, field.length);
    case "bytes":
      return readBytes(words, at, field.length);
  }
}

function present(field: FieldSpec, value: number, nil: number): number | undefined {
  return field.optional && value === nil ? undefined : value;
}

/** A value that a newer schema may have stays a number. */
function nameOf(field: FieldSpec, value: number): string | number | undefined {
  return field.optional && value === NULL_UINT8 ? undefined : (field.names[value] ?? value);
}

/** How many bytes the record of a map has: only its header when its template is not known. */
export function mapRecordBytes(map: RecordMap): number {
  return specOf(map)?.recordBytes ?? Header.HEADER_BYTES;
}

/**
 * Writes the record of a map. Returns 0, or the code of what the map lacks or has too much; the header is written in any case, as far as it
 * can be. What is a number out of its range, or a name that there is not, is written so that the frame check finds it.
 */
export function writeMap(map: RecordMap, words: Int32Array, at: number): number {
  const spec = specOf(map);
  const templateId = spec === undefined ? NO_TEMPLATE : TEMPLATES[spec.name as keyof typeof TEMPLATES];
  const recordBytes = spec?.recordBytes ?? Header.HEADER_BYTES;
  words.fill(0, at, at + (recordBytes >> 2));
  words[at] = recordBytes;
  words[at + 1] = Header.ENCODING_SBE_LITTLE_ENDIAN;
  const resend = map["possibleResend"] === true ? Header.FLAG_POSSIBLE_RESEND : 0;
  Header.setFlags(words, at, resend | (map["lastOfBatch"] === true ? Header.FLAG_LAST_OF_BATCH : 0));
  words[at + 2] = (recordBytes - Header.HEADER_BYTES) | (templateId << 16);
  words[at + 3] = SCHEMA_ID | (VERSION << 16);
  Header.setSeq(words, at, countOf(map["seq"]));
  Header.setTime(words, at, countOf(map["time"]));
  if (spec === undefined) return CODES.UNKNOWN_TEMPLATE;
  let known = 0;
  for (const field of spec.fields) {
    const value = map[field.name];
    if (value !== undefined) known += 1;
    const fault = writeField(field, value ?? undefined, words, at + field.word);
    if (fault !== 0) return fault;
  }
  for (const key of HEADER_KEYS) if (map[key] !== undefined) known += 1;
  return known === Object.keys(map).length ? 0 : CODES.BAD_FIELD;
}

function specOf(map: RecordMap): RecordSpec | undefined {
  const template = map["template"];
  if (typeof template === "number") return RECORD_SPECS.get(template);
  if (typeof template !== "string" || !Object.hasOwn(TEMPLATES, template)) return undefined;
  return RECORD_SPECS.get(TEMPLATES[template as keyof typeof TEMPLATES]);
}

function countOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === "number" && Number.isSafeInteger(value) ? value : UNSAFE_COUNT;
}

function writeField(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  if (value === undefined) return writeNothing(field, words, at);
  switch (field.kind) {
    case "int64":
      return writeNumber(value, words, at);
    case "enum":
      return writeEnum(field, value, words, at);
    case "set":
      return writeSet(field, value, words, at);
    case "chars":
      return writeChars(field, value, words, at);
    case "bytes":
      return writeOctets(field, value, words, at);
    default:
      return writeInteger(field, value, words, at);
  }
}

/** A field that is left out: null where there is a null, 0 where that is what almost everybody means, and else a mistake. */
function writeNothing(field: FieldSpec, words: Int32Array, at: number): number {
  if (!field.optional) return OFTEN_LEFT_OUT.has(field.name) ? 0 : CODES.BAD_FIELD;
  if (field.kind === "int64") writeInt64(words, at, NULL_INT64);
  else if (field.kind === "uint32") words[at] = -1;
  else if (field.kind === "uint16") words[at] |= NULL_UINT16 << field.shift;
  else words[at] |= NULL_UINT8 << field.shift;
  return 0;
}

function writeNumber(value: unknown, words: Int32Array, at: number): number {
  if (typeof value !== "number") return CODES.BAD_FIELD;
  if (!Number.isSafeInteger(value)) return CODES.UNSAFE_NUMBER;
  writeInt64(words, at, value);
  return 0;
}

const RANGES = {
  uint32: [0, 0xffffffff],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint16: [0, 0xffff],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint8: [0, 0xff],
  int8: [-128, 127],
} as const;

function writeInteger(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  const [min, max] = RANGES[field.kind as keyof typeof RANGES];
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) return CODES.BAD_FIELD;
  const mask = max - min;
  words[at] |= (value & mask) << field.shift;
  return 0;
}

function writeEnum(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  if (typeof value === "number") return writeInteger({ ...field, kind: "uint8" }, value, words, at);
  if (typeof value !== "string") return CODES.BAD_FIELD;
  const index = value === "" ? -1 : field.names.indexOf(value);
  words[at] |= (index < 0 ? NO_SUCH_NAME : index) << field.shift;
  return 0;
}

function writeSet(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  if (typeof value === "number") return writeInteger({ ...field, kind: "uint16" }, value, words, at);
  if (!Array.isArray(value)) return CODES.BAD_FIELD;
  for (const name of value as unknown[]) {
    const bit = typeof name === "string" && name !== "" ? field.names.indexOf(name) : -1;
    if (bit < 0) return CODES.BAD_FLAGS;
    words[at] |= 1 << (bit + field.shift);
  }
  return 0;
}

function writeChars(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  if (typeof value !== "string" || value.length > field.length || !/^[ -~]*$/.test(value)) return CODES.BAD_FIELD;
  writeText(words, at, field.length, value);
  return 0;
}

function writeOctets(field: FieldSpec, value: unknown, words: Int32Array, at: number): number {
  if (!(value instanceof Uint8Array) || value.length > field.length) return CODES.BAD_FIELD;
  writeBytes(words, at, field.length, value);
  return 0;
}
