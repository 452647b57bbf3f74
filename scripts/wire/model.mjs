/**
 * Reads the SBE schema into a plain model and refuses one that breaks the layout rules of docs/WIRE.md.
 * Everything that the generator writes is derived from this model.
 */
import { XMLParser } from "fast-xml-parser";

export const HEADER_BYTES = 32;
export const ENCODING_SBE_LITTLE_ENDIAN = 0xeb50;

const PRIMITIVE_BYTES = { char: 1, int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8 };
const SENDERS = ["client", "gateway", "either", "admin", "core"];
const HEADER_FIELDS = ["length:uint32", "encoding:uint16", "flags:uint16", "blockLength:uint16", "templateId:uint16", "schemaId:uint16"];
HEADER_FIELDS.push("version:uint16", "seq:uint64", "time:uint64");

const ARRAYS = new Set(["message", "field", "validValue", "choice", "enum", "set", "type", "composite"]);

/** Parses schema text. Throws an Error that lists every defect when the schema breaks a rule. */
export function readModel(xml) {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    parseAttributeValue: false,
    removeNSPrefix: true,
    isArray: (name) => ARRAYS.has(name),
  });
  const schema = parser.parse(xml).messageSchema;
  const types = readTypes(schema.types);
  const model = {
    id: Number(schema["@id"]),
    version: Number(schema["@version"]),
    package: schema["@package"],
    semanticVersion: schema["@semanticVersion"],
    byteOrder: schema["@byteOrder"],
    headerType: schema["@headerType"],
    header: types.header,
    enums: types.enums,
    sets: types.sets,
    types: [...types.byName.values()].filter((type) => type.kind === "chars" || type.kind === "bytes"),
    messages: schema.message.map((message) => readMessage(message, types.byName)),
  };
  const defects = findDefects(model);
  if (defects.length > 0) throw new Error(`engine/wire/schema.xml:\n  ${defects.join("\n  ")}`);
  return model;
}

function readTypes(types) {
  const byName = new Map();
  for (const [name, bytes] of Object.entries(PRIMITIVE_BYTES))
    byName.set(name, { name, kind: "number", primitive: name, bytes, length: 1 });
  for (const type of types.type ?? []) addPlainType(byName, type);
  const enums = (types.enum ?? []).map((entry) => addEnum(byName, entry));
  const sets = (types.set ?? []).map((entry) => addSet(byName, entry));
  const header = types.composite.find((composite) => composite["@name"] === "recordHeader")?.type ?? [];
  let offset = 0;
  const headerFields = header.map((part) => {
    const primitive = part["@primitiveType"];
    const field = { name: part["@name"], primitive, offset, bytes: PRIMITIVE_BYTES[primitive], description: part["@description"] ?? "" };
    offset += field.bytes;
    return field;
  });
  return { byName, enums, sets, header: headerFields };
}

function addPlainType(byName, type) {
  const primitive = type["@primitiveType"];
  const length = Number(type["@length"] ?? 1);
  const name = type["@name"];
  const kind = length === 1 ? "number" : primitive === "char" ? "chars" : "bytes";
  byName.set(name, { name, kind, primitive, length, bytes: PRIMITIVE_BYTES[primitive] * length, description: type["@description"] ?? "" });
}

function addEnum(byName, entry) {
  const primitive = entry["@encodingType"];
  const values = entry.validValue.map((value) => ({ name: value["@name"], value: Number(value["#text"]) }));
  const made = { name: entry["@name"], kind: "enum", primitive, bytes: PRIMITIVE_BYTES[primitive], length: 1, values };
  made.description = entry["@description"] ?? "";
  byName.set(made.name, made);
  return made;
}

function addSet(byName, entry) {
  const primitive = entry["@encodingType"];
  const choices = entry.choice.map((choice) => ({ name: choice["@name"], bit: Number(choice["#text"]) }));
  const made = { name: entry["@name"], kind: "set", primitive, bytes: PRIMITIVE_BYTES[primitive], length: 1, choices };
  made.description = entry["@description"] ?? "";
  byName.set(made.name, made);
  return made;
}

function readMessage(message, typesByName) {
  let offset = 0;
  const fields = message.field.map((entry) => {
    const type = typesByName.get(entry["@type"]);
    if (type === undefined) throw new Error(`${message["@name"]}.${entry["@name"]}: no such type ${entry["@type"]}`);
    const name = entry["@name"];
    const field = { name, id: Number(entry["@id"]), type, offset, bytes: type.bytes, description: entry["@description"] ?? "" };
    field.optional = entry["@presence"] === "optional";
    // SBE's mark of a field that was added at the end of a block.
    field.added = entry["@sinceVersion"] !== undefined;
    field.reserved = /^reserved\d*$/.test(name);
    field.word = (HEADER_BYTES + offset) >> 2;
    field.shift = (offset & 3) * 8;
    offset += type.bytes;
    return field;
  });
  const declared = message["@blockLength"] === undefined ? offset : Number(message["@blockLength"]);
  const made = {
    name: message["@name"],
    id: Number(message["@id"]),
    sender: message["@semanticType"],
    fields,
    blockBytes: offset,
    declared,
  };
  made.description = message["@description"] ?? "";
  return made;
}

/** Every rule that the schema breaks, one sentence each; empty for a sound schema. */
function findDefects(model) {
  const defects = [];
  if (model.byteOrder !== "littleEndian") defects.push(`byteOrder must be littleEndian, was ${model.byteOrder}`);
  const header = model.header.map((field) => `${field.name}:${field.primitive}`);
  if (header.join() !== HEADER_FIELDS.join()) defects.push(`recordHeader must be ${HEADER_FIELDS.join(", ")}, was ${header.join(", ")}`);
  pushDuplicates(
    defects,
    "template id",
    model.messages.map((message) => message.id),
  );
  pushDuplicates(
    defects,
    "message name",
    model.messages.map((message) => message.name),
  );
  for (const entry of model.enums) pushEnumDefects(defects, entry);
  for (const message of model.messages) pushMessageDefects(defects, message);
  return defects;
}

function pushDuplicates(defects, what, values) {
  const seen = new Set();
  for (const value of values) {
    if (seen.has(value)) defects.push(`${what} ${value} is used twice`);
    seen.add(value);
  }
}

function pushEnumDefects(defects, entry) {
  pushDuplicates(
    defects,
    `${entry.name} value`,
    entry.values.map((value) => value.value),
  );
  // The frame check holds an enumeration's allowed values in the 32 bits of one word.
  for (const { name, value } of entry.values) {
    if (!Number.isInteger(value) || value < 0 || value > 31) defects.push(`${entry.name}.${name} must be 0 to 31, was ${value}`);
  }
}

function pushMessageDefects(defects, message) {
  const say = (text) => defects.push(`${message.name}: ${text}`);
  if (!(message.id > 0 && message.id < 65536)) say(`template id must be 1 to 65535, was ${message.id}`);
  if (message.blockBytes % 8 !== 0) say(`the block must be a multiple of 8 bytes, was ${message.blockBytes}: add reserved fields`);
  if (message.declared !== message.blockBytes) say(`blockLength is ${message.declared}, the fields have ${message.blockBytes} bytes`);
  if (!SENDERS.includes(message.sender)) say(`semanticType must name the sender (${SENDERS.join(", ")}), was ${message.sender}`);
  pushDuplicates(
    defects,
    `${message.name}: field id`,
    message.fields.map((field) => field.id),
  );
  pushDuplicates(
    defects,
    `${message.name}: field name`,
    message.fields.map((field) => field.name),
  );
  let scalarBytesMax = 8;
  let arraySeen = false;
  for (const field of message.fields) {
    const isArray = field.type.length > 1;
    const alignBytes = isArray ? 4 : field.bytes;
    if (field.offset % alignBytes !== 0) say(`${field.name} must be aligned to ${alignBytes} bytes, was at ${field.offset}`);
    if (isArray && field.bytes % 4 !== 0) say(`${field.name} must be whole words, had ${field.bytes} bytes`);
    if (isArray && field.optional) say(`${field.name} is an array, which has no null`);
    if (!isArray && arraySeen) say(`${field.name} must stand in front of the arrays`);
    if (field.reserved) continue;
    if (field.added && field.offset % 8 === 0) scalarBytesMax = 8;
    if (!isArray && field.bytes > scalarBytesMax) say(`${field.name} is larger than a field in front of it`);
    if (isArray) arraySeen = true;
    else scalarBytesMax = field.bytes;
  }
}

/** The null of a primitive type, as SBE defines it. */
export function nullOf(primitive) {
  const bits = BigInt(PRIMITIVE_BYTES[primitive] * 8);
  return primitive.startsWith("u") ? (1n << bits) - 1n : -(1n << (bits - 1n));
}

/** `NewOrder` to `new-order`. */
export function kebab(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/** `selfTradeMode` or `SelfTradeMode` to `SELF_TRADE_MODE`. */
export function upperSnake(name) {
  return kebab(name).replaceAll("-", "_").toUpperCase();
}
