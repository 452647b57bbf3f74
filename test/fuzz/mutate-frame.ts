import type { RecordDraw } from "./draw-record.js";

const HEADER_FIELDS = [
  { name: "length", kind: "integer", primitive: "uint32", offset: 0 },
  { name: "encoding", kind: "integer", primitive: "uint16", offset: 4 },
  { name: "flags", kind: "integer", primitive: "uint16", offset: 6 },
  { name: "blockLength", kind: "integer", primitive: "uint16", offset: 8 },
  { name: "templateId", kind: "integer", primitive: "uint16", offset: 10 },
  { name: "schemaId", kind: "integer", primitive: "uint16", offset: 12 },
  { name: "version", kind: "integer", primitive: "uint16", offset: 14 },
  { name: "seq", kind: "integer", primitive: "uint64", offset: 16 },
  { name: "time", kind: "integer", primitive: "uint64", offset: 24 },
].map((field) => ({ ...field, kind: "integer" as const, count: 1, optional: false, reserved: false, values: [] }));

/** Breaks a frame where its structure is: at records, headers, fields and ends. */
export class FrameMutator {
  /** What frames are spliced with. */
  private before: Uint8Array = new Uint8Array(0);

  constructor(private readonly draw: RecordDraw) {}

  /** A changed copy. It may be empty, and it may be as good as it was. */
  mutate(frame: Uint8Array): Uint8Array {
    const changed = this.change(frame.slice());
    this.before = frame;
    return changed;
  }

  private change(bytes: Uint8Array): Uint8Array {
    const { random } = this.draw;
    if (bytes.length < 32) return bytes;
    switch (random.below(10)) {
      case 0:
        return flip(bytes, random.below(bytes.length), random.below(8));
      case 1:
        return this.spoilHeader(bytes);
      case 2:
        return bytes.subarray(0, random.below(bytes.length + 1));
      case 3:
        return bytes.subarray(8 * random.below(1 + (bytes.length >> 3)));
      case 4:
        return this.splice(bytes);
      case 5:
        return concat(bytes, bytes.subarray(0, 8 * random.below(1 + (bytes.length >> 3))));
      case 6:
        return this.changeTemplate(bytes);
      case 7:
        return this.grow(bytes);
      case 8:
        return concat(bytes, new Uint8Array(random.below(24)));
      default:
        return this.spoilWord(bytes);
    }
  }

  private spoilHeader(bytes: Uint8Array): Uint8Array {
    const at = this.startOfRecord(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 32);
    this.draw.spoil(view, this.draw.random.pick(HEADER_FIELDS));
    return bytes;
  }

  /** The first half of one frame and the second of another, cut at 8 bytes. */
  private splice(bytes: Uint8Array): Uint8Array {
    const { random } = this.draw;
    const cut = 8 * random.below(1 + (bytes.length >> 3));
    return concat(bytes.subarray(0, cut), this.before.subarray(8 * random.below(1 + (this.before.length >> 3))));
  }

  /** The same bytes under another name, its block length right or wrong. */
  private changeTemplate(bytes: Uint8Array): Uint8Array {
    const { random, schema } = this.draw;
    const at = this.startOfRecord(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const { id, blockBytes } = random.pick(schema.messages);
    view.setUint16(10, random.oneIn(3) ? random.below(65_536) : id, true);
    if (random.oneIn(2)) view.setUint16(8, blockBytes, true);
    return bytes;
  }

  /** As a later schema would have it: a longer block in a longer record, or the one without the other. */
  private grow(bytes: Uint8Array): Uint8Array {
    const { random } = this.draw;
    const more = 8 * (1 + random.below(4));
    const grown = concat(bytes, new Uint8Array(more));
    const view = new DataView(grown.buffer);
    if (!random.oneIn(4)) view.setUint32(0, view.getUint32(0, true) + more, true);
    if (!random.oneIn(4)) view.setUint16(8, view.getUint16(8, true) + more, true);
    return grown;
  }

  private spoilWord(bytes: Uint8Array): Uint8Array {
    const { random } = this.draw;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const at = 8 * random.below(bytes.length >> 3);
    view.setBigInt64(at, BigInt.asIntN(64, 1n << BigInt(random.below(64))), true);
    return bytes;
  }

  /** Byte offset of one of the frame's records, as far as they can be walked. */
  private startOfRecord(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const starts = [0];
    for (let at = 0; at + 32 <= bytes.length; ) {
      at += Math.max(32, view.getUint32(at, true));
      if (at + 32 <= bytes.length) starts.push(at);
    }
    return this.draw.random.pick(starts);
  }
}

function flip(bytes: Uint8Array, index: number, bit: number): Uint8Array {
  bytes[index] = (bytes[index] as number) ^ (1 << bit);
  return bytes;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
