import { nullValue, type Schema, type SchemaField, type SchemaMessage, sizeOf } from "../wire/schema-codec.js";
import type { Random } from "./random.js";

const HEADER_BYTES = 32;

/** Numbers at which code goes wrong: ends of types, of safe integers, of sizes. */
const EXTREMES: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, 7n, 8n, 24n, 32n, 127n, 128n, 255n, 256n, 0x7fffn, 0x8000n, 0xeb50n, 0xffffn, 0x7fffffffn, 0x80000000n],
  ...[0xffffffffn, 2n ** 53n - 1n, 2n ** 53n, 1n - 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)],
];

/** Draws records of every message of the schema, whoever may send it, by a reading of the schema that the gateway does not share. */
export class RecordDraw {
  readonly #ofClients: readonly SchemaMessage[];

  constructor(
    readonly schema: Schema,
    readonly random: Random,
  ) {
    this.#ofClients = schema.messages.filter(({ sender }) => sender === "client" || sender === "either");
  }

  /** Of a client as a rule, and now and then of anybody. */
  message(): SchemaMessage {
    return this.random.oneIn(8) ? this.random.pick(this.schema.messages) : this.random.pick(this.#ofClients);
  }

  /** As an honest client sends it, but for `wildness` in 8 fields, which may hold anything that fits in. */
  record(message: SchemaMessage, seq: number, wildness: number): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + message.blockBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, 0xeb50, true);
    view.setUint16(8, message.blockBytes, true);
    view.setUint16(10, message.id, true);
    view.setUint16(12, this.schema.id, true);
    view.setUint16(14, this.schema.version, true);
    view.setBigUint64(16, BigInt(seq), true);
    view.setBigUint64(24, 1_700_000_000_000_000n, true);
    for (const field of message.fields) {
      if (this.random.below(8) < wildness) this.spoil(view, field);
      else this.fill(view, field);
    }
    return bytes;
  }

  /** Writes something extreme into a field, or null. */
  spoil(view: DataView, field: SchemaField): void {
    const { random } = this;
    if (field.kind === "chars" || field.kind === "bytes") view.setUint8(field.offset + random.below(field.count), random.below(256));
    else writeInteger(view, field, random.oneIn(3) ? nullValue(field.primitive) : random.pick(EXTREMES));
  }

  private fill(view: DataView, field: SchemaField): void {
    const { random } = this;
    if (field.reserved || field.kind === "bytes") return;
    if (field.kind === "chars") view.setUint8(field.offset, 65 + random.below(26));
    else if (field.optional && random.oneIn(2)) writeInteger(view, field, nullValue(field.primitive));
    else writeInteger(view, field, this.plain(field));
  }

  private plain({ kind, values, name }: SchemaField): bigint {
    const { random } = this;
    if (kind === "enum") return BigInt(random.pick(values));
    if (kind === "set") return BigInt(random.oneIn(4) ? random.pick(values) : 0);
    return BigInt(name === "instrument" ? random.below(4) : 1 + random.below(200));
  }
}

/** The low bytes of any integer, whatever its sign. */
function writeInteger(view: DataView, { primitive, offset }: SchemaField, value: bigint): void {
  switch (sizeOf(primitive)) {
    case 8:
      return view.setBigInt64(offset, BigInt.asIntN(64, value), true);
    case 4:
      return view.setInt32(offset, Number(BigInt.asIntN(32, value)), true);
    case 2:
      return view.setInt16(offset, Number(BigInt.asIntN(16, value)), true);
    default:
      return view.setInt8(offset, Number(BigInt.asIntN(8, value)));
  }
}
