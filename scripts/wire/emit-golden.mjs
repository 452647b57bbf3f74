/**
 * Writes golden byte vectors: two instances of every message, "filled" and "extreme".
 * The encoder here uses DataView and BigInt and shares nothing with the flyweights, so agreement is evidence.
 */
import { ENCODING_SBE_LITTLE_ENDIAN, HEADER_BYTES, nullOf } from "./model.mjs";

const MAX_SAFE = 2n ** 53n - 1n;
const SETTERS = { int8: "setInt8", uint8: "setUint8", int16: "setInt16", uint16: "setUint16", int32: "setInt32", uint32: "setUint32" };

export function emitGolden(model) {
  const vectors = [];
  for (const message of model.messages) {
    vectors.push(makeVector(model, message, "filled", filledValue));
    vectors.push(makeVector(model, message, "extreme", extremeValue));
  }
  const about = "64-bit integers are decimal strings, null is null, bytes are hex; reserved fields are 0 and left out.";
  return new Map([
    ["test/wire/golden-vectors.json", `${JSON.stringify({ about, schemaId: model.id, version: model.version, vectors }, null, 2)}\n`],
  ]);
}

function makeVector(model, message, variant, fieldValue) {
  const fields = {};
  for (const field of message.fields) if (!field.reserved) fields[field.name] = fieldValue(field, message.id);
  const extreme = variant === "extreme";
  const seq = extreme ? MAX_SAFE : 4294967296n + BigInt(message.id);
  const time = extreme ? 0n : 1753400000000000n + BigInt(message.id);
  const header = { length: HEADER_BYTES + message.blockBytes, encoding: ENCODING_SBE_LITTLE_ENDIAN, flags: extreme ? 3 : 0 };
  Object.assign(header, { blockLength: message.blockBytes, templateId: message.id, schemaId: model.id, version: model.version });
  Object.assign(header, { seq: String(seq), time: String(time) });
  const hex = Buffer.from(encode(model, message, header, fields)).toString("hex");
  return { message: message.name, variant, header, fields, hex };
}

/** A value that differs from field to field and has every byte in use. */
function filledValue(field, templateId) {
  const { kind, primitive, length } = field.type;
  const salt = templateId * 64 + field.id;
  if (kind === "chars") return `${field.name}-${salt}`.slice(0, length);
  if (kind === "bytes") return Array.from({ length }, (_, i) => ((i * 7 + salt) & 255).toString(16).padStart(2, "0")).join("");
  if (kind === "enum") return field.type.values[salt % field.type.values.length].value;
  if (kind === "set") return field.type.choices.reduce((bits, choice) => bits | (1 << choice.bit), 0);
  if (primitive === "int64") return String((field.id % 3 === 0 ? -1n : 1n) * (0x000a1b2c3d4e5f60n + BigInt(salt)));
  if (primitive === "uint32") return 0x80000000 + salt;
  if (primitive === "uint16") return 0x8000 + (salt & 0x7fff);
  if (primitive === "uint8") return 1;
  return -(1 + (salt & 15));
}

/** Null where it is allowed, else the far end of the range. */
function extremeValue(field) {
  const { kind, primitive, length } = field.type;
  if (field.optional) return null;
  if (kind === "chars") return "~".repeat(length);
  if (kind === "bytes") return "ff".repeat(length);
  if (kind === "enum") return Math.max(...field.type.values.map((value) => value.value));
  if (kind === "set") return 0;
  if (primitive === "int64") return String(field.id % 2 === 0 ? MAX_SAFE : -MAX_SAFE);
  if (primitive === "uint32") return 0xffffffff;
  if (primitive === "uint16") return 0xffff;
  if (primitive === "uint8") return 1;
  return Number(nullOf(primitive)) + 1;
}

function encode(model, message, header, fields) {
  const bytes = new Uint8Array(HEADER_BYTES + message.blockBytes);
  const view = new DataView(bytes.buffer);
  for (const part of model.header) put(view, part.offset, part.primitive, header[part.name]);
  for (const field of message.fields) {
    if (field.reserved) continue;
    const offset = HEADER_BYTES + field.offset;
    const value = fields[field.name];
    if (field.type.kind === "chars") bytes.set(Buffer.from(value, "latin1"), offset);
    else if (field.type.kind === "bytes") bytes.set(Buffer.from(value, "hex"), offset);
    else put(view, offset, field.type.primitive, value);
  }
  return bytes;
}

function put(view, offset, primitive, value) {
  const wanted = value === null ? nullOf(primitive) : BigInt(value);
  if (primitive === "int64") view.setBigInt64(offset, wanted, true);
  else if (primitive === "uint64") view.setBigUint64(offset, wanted, true);
  else view[SETTERS[primitive]](offset, Number(wanted), true);
}
