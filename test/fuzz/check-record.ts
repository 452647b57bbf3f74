import { type Schema, type SchemaField, type SchemaMessage, sizeOf } from "../wire/schema-codec.js";

const SAFE = 2n ** 53n - 1n;
const NULL_INT64 = -(2n ** 63n);
const NULL_UINT8 = 255;

/** A record of a frame, as a second reading finds it. */
export interface PlainRecord {
  readonly template: number;
  readonly seq: bigint;
  readonly offset: number;
  /** The message of the schema; undefined for a template that it does not have. */
  readonly message: SchemaMessage | undefined;
}

/** What is right and wrong about bytes, by DataView, BigInt and the schema: nothing of it is the gateway's. */
export class RecordCheck {
  readonly #messages: ReadonlyMap<number, SchemaMessage>;

  constructor(private readonly schema: Schema) {
    this.#messages = new Map(schema.messages.map((message) => [message.id, message]));
  }

  /** The records of a frame; undefined when it is malformed. */
  walk(bytes: Uint8Array): PlainRecord[] | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records: PlainRecord[] = [];
    let at = 0;
    while (at < bytes.length || records.length === 0) {
      if (bytes.length - at < 32 || view.getUint16(at + 4, true) !== 0xeb50) return undefined;
      const length = view.getUint32(at, true);
      const block = view.getUint16(at + 8, true);
      const template = view.getUint16(at + 10, true);
      const message = this.#messages.get(template);
      if (length % 8 !== 0 || length < 32 || at + length > bytes.length) return undefined;
      if (view.getUint16(at + 12, true) !== this.schema.id || view.getUint16(at + 14, true) === 0) return undefined;
      if (block % 8 !== 0 || 32 + block > length || block < (message?.blockBytes ?? 0)) return undefined;
      records.push({ template, seq: view.getBigUint64(at + 16, true), offset: at, message });
      at += length;
    }
    return records;
  }

  /** What is wrong with a whole record that somebody was given; undefined when nothing is. */
  faultOf(words: Int32Array, senders: readonly string[]): string | undefined {
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    const message = this.#messages.get(view.getUint16(10, true));
    if (message === undefined) return `template ${view.getUint16(10, true)} is not in the schema`;
    if (!senders.includes(message.sender)) return `${message.name} is sent by ${message.sender}`;
    if (view.byteLength !== 32 + message.blockBytes) return `${message.name} has ${view.byteLength} bytes`;
    const bad = message.fields.find((field) => !isGood(view, field));
    return bad === undefined ? undefined : `${message.name}.${bad.name} is out of range`;
  }
}

function isGood(view: DataView, field: SchemaField): boolean {
  if (field.reserved || field.count > 1) return true;
  if (field.kind === "enum") {
    const value = view.getUint8(field.offset);
    return field.values.includes(value) || (field.optional && value === NULL_UINT8);
  }
  if (sizeOf(field.primitive) < 8) return true;
  const value = view.getBigInt64(field.offset, true);
  return (value >= -SAFE && value <= SAFE) || (field.optional && value === NULL_INT64);
}
