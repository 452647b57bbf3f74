/**
 * The 32 bytes in front of every record. `at` is the word index of the record's first word.
 *
 * | word | low half                  | high half  |
 * | 0    | length in bytes, in a ring the commit word |
 * | 1    | encoding                  | flags      |
 * | 2    | blockLength               | templateId |
 * | 3    | schemaId                  | version    |
 * | 4, 5 | seq                                    |
 * | 6, 7 | time, microseconds since the epoch     |
 */
import { assertLittleEndian } from "./host-order.js";
import { readInt64, writeInt64 } from "./numbers.js";

assertLittleEndian(new Uint8Array(Int32Array.of(1).buffer)[0]);

export const HEADER_BYTES = 32;
/** SBE, little-endian: the `encoding` of every record. */
export const ENCODING_SBE_LITTLE_ENDIAN = 0xeb50;
export const FLAG_POSSIBLE_RESEND = 1;
export const FLAG_LAST_OF_BATCH = 2;
/** Market data as it is at its seq, not one of the changes that seq counts: a first state, or one that makes up for changes. */
export const FLAG_STATE = 4;

/** Whole record in bytes; 0 or negative in a ring until the record is committed. */
export function length(words: Int32Array, at: number): number {
  return words[at] | 0;
}

export function encoding(words: Int32Array, at: number): number {
  return words[at + 1] & 0xffff;
}

export function flags(words: Int32Array, at: number): number {
  return words[at + 1] >>> 16;
}

export function setFlags(words: Int32Array, at: number, value: number): void {
  words[at + 1] = (words[at + 1] & 0xffff) | (value << 16);
}

/** Bytes of the root block. */
export function blockLength(words: Int32Array, at: number): number {
  return words[at + 2] & 0xffff;
}

export function templateId(words: Int32Array, at: number): number {
  return words[at + 2] >>> 16;
}

export function schemaId(words: Int32Array, at: number): number {
  return words[at + 3] & 0xffff;
}

export function version(words: Int32Array, at: number): number {
  return words[at + 3] >>> 16;
}

/** The sender's sequence; a safe integer in every record that passed the frame check. */
export function seq(words: Int32Array, at: number): number {
  return readInt64(words, at + 4);
}

export function setSeq(words: Int32Array, at: number, value: number): void {
  writeInt64(words, at + 4, value);
}

/** Microseconds since the Unix epoch. */
export function time(words: Int32Array, at: number): number {
  return readInt64(words, at + 6);
}

export function setTime(words: Int32Array, at: number, value: number): void {
  writeInt64(words, at + 6, value);
}
