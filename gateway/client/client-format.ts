import type { SocketLike } from "./socket.js";

/** How records look on the client's socket. One for each sub-protocol. */
export interface ClientFormat {
  readonly subprotocol: string;
  /** A message of the whole records up to word `endWords`; a copy, because a WebSocket may keep what it is given. */
  encode(words: Int32Array, endWords: number): Parameters<SocketLike["send"]>[0];
  /** The records of a message, one behind the other; undefined when it holds anything else. */
  decode(data: ArrayBuffer): Int32Array | undefined;
}

/** Records as they are. */
export const SBE: ClientFormat = {
  subprotocol: "ringbook.sbe.v1",
  encode: (words, endWords) => new Uint8Array(words.buffer, words.byteOffset, endWords * 4).slice(),
  decode: (data) => (data.byteLength % 8 === 0 ? new Int32Array(data) : undefined),
};

/** MessagePack maps. Loaded when it is asked for, so that nobody else pays for it. */
export async function msgpackFormat(): Promise<ClientFormat> {
  const { MSGPACK_SUBPROTOCOL, MsgpackCodec } = await import("../codec/msgpack-codec.js");
  const { mapRecordBytes, writeMap } = await import("../codec/record-map.js");
  // A gateway puts as many records into a message as its outbox holds.
  const codec = new MsgpackCodec(4_096);
  return {
    subprotocol: MSGPACK_SUBPROTOCOL,
    encode: (words, endWords) => codec.encode(words, 0, endWords).slice(),
    decode(data) {
      const maps = codec.decode(new Uint8Array(data));
      if (maps === undefined) return undefined;
      const words = new Int32Array(maps.reduce((bytes, map) => bytes + mapRecordBytes(map), 0) / 4);
      let at = 0;
      for (const map of maps) {
        // What a newer gateway says beyond this schema is left out; the numbers of its records stay.
        writeMap(map, words, at);
        at += mapRecordBytes(map) / 4;
      }
      return words;
    },
  };
}
