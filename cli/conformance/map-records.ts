import {
  type FieldSpec,
  Header,
  NULL_INT64,
  NULL_UINT8,
  NULL_UINT16,
  NULL_UINT32,
  RECORD_SPECS,
  readInt64,
  SCHEMA_ID,
  TEMPLATES,
  VERSION,
  writeInt64,
} from "../../engine/wire/index.js";

/** A record as `ringbook.msgpack.v1` has it. Written from docs/GATEWAY.md, not from the gateway's codec, which is what is checked. */
export type WireMap = Record<string, unknown>;

const FLAGS = { possibleResend: Header.FLAG_POSSIBLE_RESEND, lastOfBatch: Header.FLAG_LAST_OF_BATCH, asState: Header.FLAG_STATE };
const NULLS: Partial<Record<FieldSpec["kind"], number>> = {
  ...{ int64: NULL_INT64, uint32: NULL_UINT32, uint16: NULL_UINT16, uint8: NULL_UINT8, enum: NULL_UINT8 },
};
const BITS: Partial<Record<FieldSpec["kind"], number>> = {
  uint32: 32,
  int32: 32,
  uint16: 16,
  int16: 16,
  uint8: 8,
  int8: 8,
  enum: 8,
  set: 16,
};

/** The map of a record of the schema. */
export function mapOf(words: Int32Array, at: number): WireMap {
  const spec = RECORD_SPECS.get(Header.templateId(words, at));
  if (spec === undefined) throw new Error(`no template ${Header.templateId(words, at)}`);
  const map: WireMap = { template: spec.name, seq: Header.seq(words, at), time: Header.time(words, at) };
  for (const field of spec.fields) {
    const value = fieldOf(field, words, at + field.word);
    if (value !== undefined) map[field.name] = value;
  }
  return map;
}

function fieldOf(field: FieldSpec, words: Int32Array, at: number): unknown {
  if (field.kind === "chars" || field.kind === "bytes") {
    const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * at, field.length);
    return field.kind === "bytes" ? bytes.slice() : String.fromCharCode(...bytes).replace(/\0+$/, "");
  }
  const number = field.kind === "int64" ? readInt64(words, at) : numberOf(field, words[at]);
  if (field.optional && number === NULLS[field.kind]) return undefined;
  if (field.kind === "enum") return field.names[number] ?? number;
  return field.kind === "set" ? field.names.filter((_, bit) => (number & (1 << bit)) !== 0) : number;
}

function numberOf({ kind, shift }: FieldSpec, word: number): number {
  const bits = BITS[kind] ?? 32;
  const value = bits === 32 ? word >>> 0 : (word >>> shift) & (2 ** bits - 1);
  return kind.startsWith("int") && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** The record of a map, or what is wrong with it. */
export function recordOfMap(map: WireMap): Int32Array | string {
  const { template, seq, time, ...rest } = map;
  const id = TEMPLATES[template as keyof typeof TEMPLATES];
  const spec = RECORD_SPECS.get(id);
  if (spec === undefined || !Number.isSafeInteger(seq) || !Number.isSafeInteger(time))
    return `a map has template ${template}, seq ${seq}, time ${time}`;
  const words = new Int32Array(spec.recordBytes / 4);
  words[0] = spec.recordBytes;
  words[1] = Header.ENCODING_SBE_LITTLE_ENDIAN;
  words[2] = (spec.recordBytes - Header.HEADER_BYTES) | (id << 16);
  words[3] = SCHEMA_ID | (VERSION << 16);
  Header.setSeq(words, 0, seq as number);
  Header.setTime(words, 0, time as number);
  for (const [name, flag] of Object.entries(FLAGS)) {
    if (rest[name] !== undefined && rest[name] !== true) return `${name} is true or not there, was ${rest[name]}`;
    if (rest[name] === true) Header.setFlags(words, 0, Header.flags(words, 0) | flag);
    delete rest[name];
  }
  for (const field of spec.fields) {
    const fault = put(field, rest[field.name], words);
    if (fault !== undefined) return `${template}: ${fault}`;
    delete rest[field.name];
  }
  const [extra] = Object.keys(rest);
  return extra === undefined ? words : `${template} has no ${extra}`;
}

/** Returns what is wrong with the value. */
function put(field: FieldSpec, value: unknown, words: Int32Array): string | undefined {
  const { kind, name, word } = field;
  if (kind === "chars" || kind === "bytes") {
    const bytes = typeof value === "string" && kind === "chars" ? new TextEncoder().encode(value) : kind === "bytes" ? value : undefined;
    if (!(bytes instanceof Uint8Array) || bytes.length > field.length) return `${name} was ${String(value)}`;
    new Uint8Array(words.buffer).set(bytes, 4 * word);
    return undefined;
  }
  const number = value === undefined && field.optional ? NULLS[kind] : numberFrom(field, value);
  if (number === undefined) return `${name} was ${String(value)}`;
  if (kind === "int64") writeInt64(words, word, number);
  else words[word] |= (number & (2 ** (BITS[kind] ?? 32) - 1)) << field.shift;
  return undefined;
}

function numberFrom({ kind, names }: FieldSpec, value: unknown): number | undefined {
  if (kind === "set") return Array.isArray(value) ? value.reduce((sum: number, name) => sum + 2 ** names.indexOf(name), 0) : undefined;
  if (kind === "enum" && typeof value === "string") return names.includes(value) && value !== "" ? names.indexOf(value) : undefined;
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
