/**
 * What stands between a socket and the ring. A frame is walked as a whole before any of its records is acted on, so a
 * malformed frame leaves no trace: its session ends, nothing of it is applied. A record that can be walked but must not
 * be taken (`checkRecord`) is answered by itself, and the rest of its frame goes on.
 *
 * Extension, as SBE has it: a block may be longer than this schema's, and a record longer than its block. What is known
 * is read, and the rest is dropped before the record enters the ring. A shorter block is malformed.
 */
import { CODES } from "../engine/wire/codes.js";
import {
  Cancel,
  MassCancel,
  MassStatusRequest,
  NewOrder,
  NewOrderFull,
  OrderStatusRequest,
  Reduce,
  Replace,
  Subscribe,
  Unsubscribe,
} from "../engine/wire/flyweights.js";
import * as FrameTable from "../engine/wire/generated/frame-table.js";
import * as Header from "../engine/wire/header.js";
import { isNullInt64, isSafeInt64, NULL_INT64 } from "../engine/wire/numbers.js";

/** A code of engine/wire/codes.ts, or 0 when there is nothing to object to. */
export type FaultCode = number;

const { BLOCK_BYTES, ENUM_ALLOWED, ENUM_FIRST, ENUM_NULLABLE, ENUM_SHIFTS, ENUM_WORDS } = FrameTable;
const { INT64_FIRST, INT64_NULLABLE, INT64_WORDS, SENDER_CLIENT, SENDERS, TEMPLATE_ID_MAX } = FrameTable;
const { HEADER_BYTES } = Header;
const SEQ_WORD = 4;
const TIME_WORD = 6;

/** One frame at a time, copied into aligned words. Gateway thread only. */
export class FrameCheck {
  /** The frame, from word 0. Valid after a `take` that returned 0, until the next one. */
  readonly words: Int32Array;
  /** Length of the frame that was taken. */
  lengthBytes = 0;
  /** Where in the frame the last `take` found its fault. */
  faultOffsetBytes = 0;
  readonly #bytes: Uint8Array;
  readonly #frameBytesMax: number;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
    this.words = new Int32Array(Math.ceil(frameBytesMax / 4));
    this.#bytes = new Uint8Array(this.words.buffer);
  }

  /** Copies a frame of any alignment and walks its records. Returns 0, or the code of the first fault with faultOffsetBytes set. */
  take(bytes: Uint8Array): FaultCode {
    this.faultOffsetBytes = 0;
    this.lengthBytes = bytes.length;
    if (bytes.length > this.#frameBytesMax) return CODES.FRAME_TOO_LARGE;
    if (bytes.length === 0) return CODES.TRUNCATED;
    this.#bytes.set(bytes);
    return this.#walk();
  }

  #walk(): FaultCode {
    const words = this.words;
    let offsetBytes = 0;
    while (offsetBytes < this.lengthBytes) {
      const fault = structureFault(words, offsetBytes >> 2, this.lengthBytes - offsetBytes);
      if (fault !== 0) {
        this.faultOffsetBytes = offsetBytes;
        return fault;
      }
      offsetBytes += Header.length(words, offsetBytes >> 2);
    }
    return 0;
  }
}

/** Whether the record can be walked. What is not known to be there is not looked at. */
function structureFault(words: Int32Array, at: number, restBytes: number): FaultCode {
  if (restBytes < HEADER_BYTES) return CODES.TRUNCATED;
  if (Header.encoding(words, at) !== Header.ENCODING_SBE_LITTLE_ENDIAN) return CODES.BAD_MAGIC;
  const lengthBytes = words[at] >>> 0;
  if (lengthBytes < HEADER_BYTES || lengthBytes % 8 !== 0) return CODES.BAD_LENGTH;
  if (lengthBytes > restBytes) return CODES.TRUNCATED;
  if (Header.schemaId(words, at) !== FrameTable.SCHEMA_ID || Header.version(words, at) === 0) return CODES.BAD_SCHEMA;
  const blockBytes = Header.blockLength(words, at);
  if (blockBytes % 8 !== 0 || HEADER_BYTES + blockBytes > lengthBytes) return CODES.BAD_BLOCK_LENGTH;
  return blockBytes < knownBlockBytes(Header.templateId(words, at)) ? CODES.BAD_BLOCK_LENGTH : 0;
}

/** Bytes of the template's block in this schema, 0 when it has no such template. */
export function knownBlockBytes(templateId: number): number {
  return templateId > TEMPLATE_ID_MAX ? 0 : BLOCK_BYTES[templateId];
}

/** Whether the header's seq and time are numbers that a session can count with. */
export function hasSafeHeader(words: Int32Array, at: number): boolean {
  return isCount(words, at + SEQ_WORD) && isCount(words, at + TIME_WORD);
}

function isCount(words: Int32Array, at: number): boolean {
  return words[at + 1] >= 0 && isSafeInt64(words, at);
}

/** Why a walkable record is not taken from a client, or 0. Reads only what the template's block holds. */
export function checkRecord(words: Int32Array, at: number): FaultCode {
  const templateId = Header.templateId(words, at);
  if (knownBlockBytes(templateId) === 0) return CODES.UNKNOWN_TEMPLATE;
  if ((SENDERS[templateId] & SENDER_CLIENT) === 0) return CODES.NOT_A_CLIENT_MESSAGE;
  if (!hasSafeHeader(words, at) || !hasSafeNumbers(words, at, templateId)) return CODES.UNSAFE_NUMBER;
  const fault = enumFault(words, at, templateId);
  return fault !== 0 || namesOneOrder(words, at, templateId) ? fault : CODES.BAD_FLAGS;
}

/** What is about an order names it by exactly one of its ids: two might be those of two orders. */
function namesOneOrder(words: Int32Array, at: number, templateId: number): boolean {
  if (templateId === Cancel.TEMPLATE_ID) return (Cancel.clOrdId(words, at) === NULL_INT64) !== (Cancel.orderId(words, at) === NULL_INT64);
  if (templateId === Reduce.TEMPLATE_ID) return (Reduce.clOrdId(words, at) === NULL_INT64) !== (Reduce.orderId(words, at) === NULL_INT64);
  if (templateId === OrderStatusRequest.TEMPLATE_ID)
    return (OrderStatusRequest.clOrdId(words, at) === NULL_INT64) !== (OrderStatusRequest.orderId(words, at) === NULL_INT64);
  if (templateId !== Replace.TEMPLATE_ID) return true;
  return (Replace.clOrdId(words, at) === NULL_INT64) !== (Replace.orderId(words, at) === NULL_INT64);
}

function hasSafeNumbers(words: Int32Array, at: number, templateId: number): boolean {
  const end = INT64_FIRST[templateId + 1];
  for (let i = INT64_FIRST[templateId]; i < end; i++) {
    const field = at + INT64_WORDS[i];
    if (isSafeInt64(words, field)) continue;
    if (INT64_NULLABLE[i] === 0 || !isNullInt64(words, field)) return false;
  }
  return true;
}

function enumFault(words: Int32Array, at: number, templateId: number): FaultCode {
  const first = ENUM_FIRST[templateId];
  const end = ENUM_FIRST[templateId + 1];
  for (let i = first; i < end; i++) {
    const value = (words[at + ENUM_WORDS[i]] >>> ENUM_SHIFTS[i]) & 0xff;
    if (value < 32 && (ENUM_ALLOWED[i] & (1 << value)) !== 0) continue;
    if (value === 0xff && ENUM_NULLABLE[i] === 1) continue;
    return enumCode(templateId, i - first);
  }
  return 0;
}

const OF_SIDE: ReadonlySet<number> = new Set([
  NewOrder.TEMPLATE_ID,
  NewOrderFull.TEMPLATE_ID,
  MassCancel.TEMPLATE_ID,
  MassStatusRequest.TEMPLATE_ID,
]);

/** A side, and a channel, have codes of their own; both are the first enumeration of the messages that have them. */
function enumCode(templateId: number, index: number): FaultCode {
  if (index > 0) return CODES.BAD_ENUM;
  if (OF_SIDE.has(templateId)) return CODES.BAD_SIDE;
  if (templateId === Subscribe.TEMPLATE_ID || templateId === Unsubscribe.TEMPLATE_ID) return CODES.UNKNOWN_CHANNEL;
  return CODES.BAD_ENUM;
}
