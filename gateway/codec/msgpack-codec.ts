import { Decoder, Encoder } from "@msgpack/msgpack";
import * as Header from "../../engine/wire/header.js";
import { type RecordMap, readMap } from "./record-map.js";

export const MSGPACK_SUBPROTOCOL = "ringbook.msgpack.v1";

/** Maps in one frame. */
export const MAPS_MAX = 1_024;

/** What the schema has at most, and not a byte more: every limit that the decoder knows. */
const LIMITS = { maxStrLength: 64, maxBinLength: 64, maxArrayLength: 16, maxMapLength: 40, maxExtLength: 0 } as const;
/** An array of maps with lists of names in them. */
const DEPTH_MAX = 4;

/** Frames of `ringbook.msgpack.v1`: one map, or an array of maps. One thread. */
export class MsgpackCodec {
  readonly #decoder = new Decoder(LIMITS);
  readonly #encoder = new Encoder({ maxDepth: DEPTH_MAX });
  readonly #mapsMax: number;

  constructor(mapsMax = MAPS_MAX) {
    this.#mapsMax = mapsMax;
  }

  /** Whole records from word `from` to word `end`: a map when it is one, else an array. The bytes are the caller's. */
  encode(words: Int32Array, from: number, end: number): Uint8Array {
    const maps: RecordMap[] = [];
    for (let at = from; at < end; at += Header.length(words, at) >> 2) {
      const map = readMap(words, at);
      if (map !== undefined) maps.push(map);
    }
    return this.#encoder.encode(maps.length === 1 ? maps[0] : maps);
  }

  encodeMap(map: RecordMap): Uint8Array {
    return this.#encoder.encode(map);
  }

  /** The maps of a frame; undefined when it holds anything else, too many maps, or something above a limit. */
  decode(bytes: Uint8Array): RecordMap[] | undefined {
    const list = listOf(bytes);
    if (list.count > this.#mapsMax) return undefined;
    const maps: RecordMap[] = [];
    try {
      for (const value of this.#decoder.decodeMulti(bytes.subarray(list.offset))) {
        if (!isMap(value) || maps.length === list.count) return undefined;
        maps.push(value);
      }
    } catch {
      return undefined;
    }
    return maps.length === list.count && maps.length > 0 ? maps : undefined;
  }
}

/** Where the maps of a frame begin, and how many there are. The outermost array may be longer than any within, so the decoder does not see it. */
function listOf(bytes: Uint8Array): { readonly offset: number; readonly count: number } {
  const first = bytes.length === 0 ? 0 : bytes[0];
  if ((first & 0xf0) === 0x90) return { offset: 1, count: first & 0x0f };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (first === 0xdc && bytes.length >= 3) return { offset: 3, count: view.getUint16(1) };
  if (first === 0xdd && bytes.length >= 5) return { offset: 5, count: view.getUint32(1) };
  return { offset: 0, count: 1 };
}

function isMap(value: unknown): value is RecordMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
