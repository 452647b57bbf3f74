import { decode, encode } from "@msgpack/msgpack";
import { Header, templateName } from "../../engine/wire/index.js";
import { mapOf, recordOfMap, type WireMap } from "./map-records.js";

export type ProtocolName = "sbe" | "msgpack";

/** How records are put into messages, and found in them. */
export interface Protocol {
  readonly name: ProtocolName;
  readonly subprotocol: string;
  /** One message of whole records. */
  encode(records: Uint8Array): Uint8Array;
  /** The records of a message, or what is wrong with it. */
  decode(message: ArrayBuffer): Int32Array[] | string;
}

const SBE: Protocol = {
  name: "sbe",
  subprotocol: "ringbook.sbe.v1",
  encode: (records) => records,
  decode: (message) => {
    if (message.byteLength % 8 !== 0 || message.byteLength === 0)
      return `messages must be of whole records, one had ${message.byteLength} bytes`;
    return recordsIn(new Int32Array(message));
  },
};

const MSGPACK: Protocol = {
  name: "msgpack",
  subprotocol: "ringbook.msgpack.v1",
  encode: (records) => {
    const found = recordsIn(new Int32Array(Uint8Array.from(records).buffer));
    if (typeof found === "string") throw new Error(found);
    const maps = found.map((words) => mapOf(words, 0));
    return encode(maps.length === 1 ? maps[0] : maps);
  },
  decode: (message) => {
    try {
      const value = decode(message) as WireMap | WireMap[];
      const records = (Array.isArray(value) ? value : [value]).map(recordOfMap);
      return records.find((record) => typeof record === "string") ?? (records as Int32Array[]);
    } catch (error) {
      return `a message is no MessagePack of maps: ${(error as Error).message}`;
    }
  },
};

/** In the order in which they are checked. */
export const PROTOCOLS: readonly Protocol[] = [SBE, MSGPACK];

function recordsIn(words: Int32Array): Int32Array[] | string {
  const found: Int32Array[] = [];
  for (let at = 0; at < words.length; ) {
    const lengthBytes = Header.length(words, at);
    const isWhole = lengthBytes >= Header.HEADER_BYTES && at + lengthBytes / 4 <= words.length;
    if (!isWhole || templateName(Header.templateId(words, at)) === undefined)
      return `a record at offset ${at * 4} cannot be read: length ${lengthBytes}, template ${Header.templateId(words, at)}`;
    found.push(words.slice(at, at + lengthBytes / 4));
    at += lengthBytes / 4;
  }
  return found;
}
