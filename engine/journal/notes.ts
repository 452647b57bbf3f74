/**
 * Notes: records that the journal has for itself among the commands. They take no seq, are not applied, and carry the seq of the
 * command before them.
 */
import { DigestMark, SessionMark, SetUpMark } from "../wire/flyweights.js";
import * as Header from "../wire/header.js";

const NOTE_TEMPLATE_MIN = 140;
const NOTE_TEMPLATE_MAX = 149;
export const NOTE_BYTES_MAX = Math.max(DigestMark.RECORD_BYTES, SetUpMark.RECORD_BYTES, SessionMark.RECORD_BYTES);

/** Whether a record is a note. */
export function isNote(words: Int32Array, at: number): boolean {
  const templateId = words[at + 2] >>> 16;
  return templateId >= NOTE_TEMPLATE_MIN && templateId <= NOTE_TEMPLATE_MAX;
}

/** What the state's digest is behind the command `seq`. Returns the note's length in bytes. */
export function writeDigestMark(words: Int32Array, at: number, seq: number, time: number, digest: string): number {
  DigestMark.init(words, at, seq, time);
  DigestMark.setDigest(words, at, digest);
  return DigestMark.RECORD_BYTES;
}

/** The digest that a note carries; undefined for a record that is no digest mark. */
export function markedDigest(words: Int32Array, at: number): string | undefined {
  return Header.templateId(words, at) === DigestMark.TEMPLATE_ID ? DigestMark.digest(words, at) : undefined;
}
