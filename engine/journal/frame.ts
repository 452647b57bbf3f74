/**
 * A frame: what is written to the journal at once. It is the only file that knows these offsets.
 *
 * ```
 *  0        4        8         10     12              16        20              24        28       32
 * | magic  | CRC    | version | kind | payload bytes | records | previous CRC  | segment | offset |
 * 32              40                  48          56      60         64
 * | number        | synced number     | first seq | epoch | reserved | payload: records as they were in the ring, 8-byte aligned
 * ```
 *
 * Little-endian. The CRC-32 is over everything behind it, to the payload's end. Magic, CRC, version and payload bytes stay where they are
 * in every later version, so that an older program can tell a newer frame from a broken one.
 *
 * Frames are numbered from 1 without gaps over the whole journal and each repeats the CRC of the one before it: the chain. `synced number`
 * is that of the last frame which was known to be durable when this one was written. So a frame that is broken although a later one says
 * that it was durable has been damaged, while one that was never synced may be missing without any harm: a torn tail.
 */
import { crc32 } from "./crc32.js";

export const FRAME_MAGIC = 0x464a4252; // "RBJF"
export const FRAME_MAGIC_BYTES = Uint8Array.of(0x52, 0x42, 0x4a, 0x46);
export const FORMAT_VERSION = 1;
export const FRAME_HEADER_BYTES = 64;
/** A whole frame. One frame is one sync in group mode, so its size bounds how much a sync has to carry. */
export const FRAME_BYTES_MAX = 1 << 16;
export const PAYLOAD_BYTES_MAX = FRAME_BYTES_MAX - FRAME_HEADER_BYTES;

/** Commands, and notes of the journal's own among them. */
export const KIND_RECORDS = 1;
/** A program begins to write, once an epoch: JSON that says which, padded with spaces. */
export const KIND_START = 2;

const OFFSET_MAGIC = 0;
const OFFSET_CRC = 4;
const OFFSET_VERSION = 8;
const OFFSET_KIND = 10;
const OFFSET_PAYLOAD_BYTES = 12;
const OFFSET_RECORDS = 16;
const OFFSET_PREVIOUS_CRC = 20;
const OFFSET_SEGMENT = 24;
const OFFSET_OFFSET = 28;
const OFFSET_NUMBER = 32;
const OFFSET_SYNCED = 40;
const OFFSET_FIRST_SEQ = 48;
const OFFSET_EPOCH = 56;
const OFFSET_RESERVED = 60;
const CRC_START = 8;

/** What a frame says about itself. */
export interface FrameHeader {
  readonly kind: number;
  readonly payloadBytes: number;
  readonly records: number;
  readonly previousCrc: number;
  readonly segment: number;
  /** Where in its segment it begins. */
  readonly offset: number;
  readonly number: number;
  readonly syncedNumber: number;
  /** Of its first command; when it has none, of the next one to come. */
  readonly firstSeq: number;
  readonly epoch: number;
}

/** A frame that was found whole. */
export interface FoundFrame extends FrameHeader {
  readonly crc: number;
}

/** Writes the header in front of a payload that lies at `at` + FRAME_HEADER_BYTES already. Returns the frame's CRC. */
export function sealFrame(bytes: Uint8Array, view: DataView, at: number, header: FrameHeader): number {
  view.setUint32(at + OFFSET_MAGIC, FRAME_MAGIC, true);
  view.setUint16(at + OFFSET_VERSION, FORMAT_VERSION, true);
  view.setUint16(at + OFFSET_KIND, header.kind, true);
  view.setUint32(at + OFFSET_PAYLOAD_BYTES, header.payloadBytes, true);
  view.setUint32(at + OFFSET_RECORDS, header.records, true);
  view.setUint32(at + OFFSET_PREVIOUS_CRC, header.previousCrc, true);
  view.setUint32(at + OFFSET_SEGMENT, header.segment, true);
  view.setUint32(at + OFFSET_OFFSET, header.offset, true);
  setUint64(view, at + OFFSET_NUMBER, header.number);
  setUint64(view, at + OFFSET_SYNCED, header.syncedNumber);
  setUint64(view, at + OFFSET_FIRST_SEQ, header.firstSeq);
  view.setUint32(at + OFFSET_EPOCH, header.epoch, true);
  view.setUint32(at + OFFSET_RESERVED, 0, true);
  const crc = crc32(bytes, at + CRC_START, at + FRAME_HEADER_BYTES + header.payloadBytes);
  view.setUint32(at + OFFSET_CRC, crc, true);
  return crc;
}

/** Why there is no whole frame at a place. */
export interface BadFrame {
  /** `empty`: zeros, as everything is where nothing was written. `newer`: whole, of a format that is not known here. */
  readonly fault: "empty" | "broken" | "newer";
  readonly text: string;
}

/**
 * Looks at the bytes from `at` to `end` as a frame that must lie at `offset` of `segment`. Whether it follows the frame before it is for
 * the caller to check.
 */
export function readFrame(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  segment: number,
  offset: number,
): FoundFrame | BadFrame {
  if (at + FRAME_HEADER_BYTES > end) return isBlank(bytes, at, end) ? EMPTY : broken("the segment ends within a header");
  const magic = view.getUint32(at + OFFSET_MAGIC, true);
  if (magic !== FRAME_MAGIC) {
    if (magic === 0 && isBlank(bytes, at, at + FRAME_HEADER_BYTES)) return EMPTY;
    return broken(`a frame begins with ${hex(FRAME_MAGIC)}, found ${hex(magic)}`);
  }
  const payloadBytes = view.getUint32(at + OFFSET_PAYLOAD_BYTES, true);
  if (payloadBytes > end - at - FRAME_HEADER_BYTES) return broken(`its payload of ${payloadBytes} bytes goes beyond the segment's end`);
  const crc = view.getUint32(at + OFFSET_CRC, true);
  const sum = crc32(bytes, at + CRC_START, at + FRAME_HEADER_BYTES + payloadBytes);
  if (crc !== sum) return broken(`its checksum says ${hex(crc)}, its bytes make ${hex(sum)}`);
  const version = view.getUint16(at + OFFSET_VERSION, true);
  if (version !== FORMAT_VERSION) {
    return { fault: "newer", text: `format version ${version}: this program knows version ${FORMAT_VERSION} only` };
  }
  const frame: FoundFrame = {
    crc,
    kind: view.getUint16(at + OFFSET_KIND, true),
    payloadBytes,
    records: view.getUint32(at + OFFSET_RECORDS, true),
    previousCrc: view.getUint32(at + OFFSET_PREVIOUS_CRC, true),
    segment: view.getUint32(at + OFFSET_SEGMENT, true),
    offset: view.getUint32(at + OFFSET_OFFSET, true),
    number: getUint64(view, at + OFFSET_NUMBER),
    syncedNumber: getUint64(view, at + OFFSET_SYNCED),
    firstSeq: getUint64(view, at + OFFSET_FIRST_SEQ),
    epoch: view.getUint32(at + OFFSET_EPOCH, true),
  };
  if (frame.segment !== segment) return broken(`it belongs to segment ${frame.segment}, not to ${segment}`);
  if (frame.offset !== offset) return broken(`it belongs at offset ${frame.offset}, not at ${offset}`);
  return frame;
}

/** Whether `readFrame` has found a whole frame. */
export function isFrame(found: FoundFrame | BadFrame): found is FoundFrame {
  return !("fault" in found);
}

/** Bytes from a frame's beginning to that of the next. */
export function frameBytes(header: FrameHeader): number {
  return FRAME_HEADER_BYTES + header.payloadBytes;
}

/** Whether a run of bytes is all zeros. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

export function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

export function getUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

export function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}

const EMPTY: BadFrame = { fault: "empty", text: "there is nothing written here" };

function broken(text: string): BadFrame {
  return { fault: "broken", text };
}
