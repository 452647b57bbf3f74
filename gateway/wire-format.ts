import { MSGPACK_SUBPROTOCOL, MsgpackCodec } from "./codec/msgpack-codec.js";
import type { Connection, SendResult } from "./transport/transport.js";

/** How records look on a socket. One for each sub-protocol. */
export interface WireFormat {
  readonly subprotocol: string;
  /** Whether a frame is MessagePack; else it is records as they are. */
  readonly isMsgpack: boolean;
  /** Sends whole records, from word `from` to word `end`, in one message. Gateway thread only. */
  send(connection: Connection, words: Int32Array, from: number, end: number): SendResult;
}

/** Records as they are. */
export const SBE_FORMAT: WireFormat = {
  subprotocol: "ringbook.sbe.v1",
  isMsgpack: false,
  send: (connection, words, from, end) => connection.send(new Uint8Array(words.buffer, words.byteOffset + from * 4, (end - from) * 4)),
};

const codec = new MsgpackCodec();

/** The same records as maps with the schema's names. */
export const MSGPACK_FORMAT: WireFormat = {
  subprotocol: MSGPACK_SUBPROTOCOL,
  isMsgpack: true,
  send: (connection, words, from, end) => connection.send(codec.encode(words, from, end)),
};

const FORMATS: readonly WireFormat[] = [SBE_FORMAT, MSGPACK_FORMAT];

/** The sub-protocols that the gateway speaks, the preferred first. */
export const SUBPROTOCOLS: readonly string[] = FORMATS.map((format) => format.subprotocol);

/** The format of a sub-protocol that was negotiated. */
export function formatOf(subprotocol: string): WireFormat {
  return FORMATS.find((format) => format.subprotocol === subprotocol) ?? SBE_FORMAT;
}
