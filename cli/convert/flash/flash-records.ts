/** One message of the public matching-engine benchmark (flash1-dev/matching-engine-benchmark). */
export interface FlashRecord {
  readonly type: number;
  /** 0 buy, 1 sell. */
  readonly side: number;
  readonly isImmediate: boolean;
  readonly qty: number;
  readonly seq: number;
  readonly id: number;
  /** Ticks. */
  readonly price: number;
}

export const FLASH_NEW = 0;
export const FLASH_CANCEL = 1;
export const FLASH_MODIFY = 2;

const HEADER_BYTES = 16;
const RECORD_BYTES = 40;
const MAGIC = 0x4d454257_5f303031n;
const VERSION = 1;

// 0      1      2     3     4      8     16         24             32
// | type | side | ioc | pad | qty  | seq | order id | price, ticks | 0 |   little-endian

/** The messages of a benchmark file, an array per chunk of input. Throws RangeError when it is none, or cut short. */
export async function* readFlashRecords(input: AsyncIterable<Buffer>): AsyncGenerator<FlashRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let expected = -1;
  let seen = 0;
  for await (const chunk of input) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (expected === -1) {
      if (bytes.length < HEADER_BYTES) {
        rest = bytes;
        continue;
      }
      expected = checkHeader(bytes);
      bytes = bytes.subarray(HEADER_BYTES);
    }
    const count = Math.floor(bytes.length / RECORD_BYTES);
    yield Array.from({ length: count }, (_, index) => recordAt(bytes, index * RECORD_BYTES));
    seen += count;
    rest = bytes.subarray(count * RECORD_BYTES);
  }
  if (seen !== expected)
    throw new RangeError(expected === -1 ? "the file has no header" : `the header says ${expected} records, found ${seen}`);
}

function checkHeader(bytes: Buffer): number {
  if (bytes.readBigUInt64LE(0) !== MAGIC) throw new RangeError("no benchmark file: the magic number is missing");
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) throw new RangeError(`benchmark file of version ${version}, only ${VERSION} is known`);
  return bytes.readUInt32LE(12);
}

function recordAt(bytes: Buffer, at: number): FlashRecord {
  return {
    type: bytes.readUInt8(at),
    side: bytes.readUInt8(at + 1),
    isImmediate: bytes.readUInt8(at + 2) === 1,
    qty: bytes.readUInt32LE(at + 4),
    seq: Number(bytes.readBigUInt64LE(at + 8)),
    id: Number(bytes.readBigUInt64LE(at + 16)),
    price: Number(bytes.readBigInt64LE(at + 24)),
  };
}
