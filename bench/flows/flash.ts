import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The public matching-engine benchmark: its files, and the hash of its report stream (`../shared/data/README.md`). */
export const FLASH_NEW = 0;
export const FLASH_CANCEL = 1;
export const FLASH_MODIFY = 2;

export const FLASH_NAMES = ["normal", "flash-crash"] as const;
export type FlashName = (typeof FLASH_NAMES)[number];

export interface ExpectedFlash {
  readonly file: string;
  readonly reportSha256: string;
  readonly trades: number;
}

export const EXPECTED_FLASH: Readonly<Record<FlashName, ExpectedFlash>> = {
  normal: {
    file: "normal-seed23.bin.gz",
    reportSha256: "e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e",
    trades: 62_474,
  },
  "flash-crash": {
    file: "flash-crash-seed23.bin.gz",
    reportSha256: "cff8d3f94b709fc64a8b2058a6ca4fb6920364904796e46906895e362d2bb16b",
    trades: 70_178,
  },
};

const HEADER_BYTES = 16;
const RECORD_WORDS = 10;
const MAGIC_LOW = 0x5f303031;
const MAGIC_HIGH = 0x4d454257;
const TWO_POW_32 = 2 ** 32;

// A record is 40 bytes:
// 0      1      2     3     4      8     16         24             32
// | type | side | ioc | pad | qty  | seq | order id | price, ticks | 0 |

/** All messages of a file, one column a field. */
export interface FlashFlow {
  readonly count: number;
  readonly types: Uint8Array;
  readonly sides: Uint8Array;
  /** 1: immediate or cancel. */
  readonly iocs: Uint8Array;
  readonly quantities: Uint32Array;
  readonly seqs: Float64Array;
  readonly ids: Float64Array;
  readonly prices: Float64Array;
}

/** Decodes a benchmark file (not compressed). Throws RangeError when it is none. */
export function readFlash(bytes: Uint8Array): FlashFlow {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >>> 2);
  if (words[0] !== MAGIC_LOW || words[1] !== MAGIC_HIGH || words[2] !== 1) throw new RangeError("no benchmark file of version 1");
  const count = words[3] as number;
  if (bytes.byteLength !== HEADER_BYTES + 4 * RECORD_WORDS * count) {
    throw new RangeError(`${count} records take ${HEADER_BYTES + 4 * RECORD_WORDS * count} bytes, found ${bytes.byteLength}`);
  }
  const flow = emptyFlash(count);
  for (let i = 0, at = HEADER_BYTES >>> 2; i < count; i++, at += RECORD_WORDS) {
    const head = words[at] as number;
    flow.types[i] = head & 0xff;
    flow.sides[i] = (head >>> 8) & 0xff;
    flow.iocs[i] = (head >>> 16) & 0xff;
    flow.quantities[i] = words[at + 1] as number;
    flow.seqs[i] = (words[at + 2] as number) + (words[at + 3] as number) * TWO_POW_32;
    flow.ids[i] = (words[at + 4] as number) + (words[at + 5] as number) * TWO_POW_32;
    flow.prices[i] = (words[at + 6] as number) + ((words[at + 7] as number) | 0) * TWO_POW_32;
  }
  return flow;
}

function emptyFlash(count: number): FlashFlow {
  return {
    count,
    types: new Uint8Array(count),
    sides: new Uint8Array(count),
    iocs: new Uint8Array(count),
    quantities: new Uint32Array(count),
    seqs: new Float64Array(count),
    ids: new Float64Array(count),
    prices: new Float64Array(count),
  };
}

/** Reads a compressed benchmark file. */
export function loadFlash(path: string): FlashFlow {
  return readFlash(gunzipSync(readFileSync(path)));
}

const HASH_CHUNK_CHARS = 1 << 16;

/**
 * Collects the reports of a run and gives the SHA-256 that the benchmark publishes: lines sorted stably by (seq, type),
 * joined with newlines. Reports must come with seqs that never fall, so that only the lines of one seq need sorting.
 */
export class FlashReports {
  trades = 0;
  readonly #hash = createHash("sha256");
  #pending = "";
  #isFirst = true;
  #seq = 0;
  readonly #ofSeq: string[] = [];

  orderAck(seq: number, side: number, id: number, price: number, qty: number): void {
    this.#line(seq, `0,${seq},${side},${id},${price},${qty}`);
  }

  /** `seq` is the aggressor's, `price` the maker's. */
  trade(seq: number, price: number, qty: number, makerId: number, takerId: number): void {
    this.trades++;
    this.#line(seq, `1,${seq},${price},${qty},${makerId},${takerId}`);
  }

  /** Also for the rest of an immediate order. */
  cancelAck(seq: number, side: number, id: number, price: number): void {
    this.#line(seq, `2,${seq},${side},${id},${price}`);
  }

  modifyAck(seq: number, side: number, id: number, price: number, qty: number): void {
    this.#line(seq, `3,${seq},${side},${id},${price},${qty}`);
  }

  cancelReject(seq: number, id: number): void {
    this.#line(seq, `4,${seq},${id}`);
  }

  modifyReject(seq: number, id: number): void {
    this.#line(seq, `5,${seq},${id}`);
  }

  /** Ends the collection. */
  digest(): string {
    this.#endSeq();
    this.#hash.update(this.#pending);
    return this.#hash.digest("hex");
  }

  #line(seq: number, line: string): void {
    if (seq < this.#seq) throw new RangeError(`report seqs must not fall: ${seq} after ${this.#seq}`);
    if (seq !== this.#seq) this.#endSeq();
    this.#seq = seq;
    this.#ofSeq.push(line);
  }

  /** The type is the first character of a line, and sort is stable. */
  #endSeq(): void {
    const lines = this.#ofSeq;
    if (lines.length > 1) lines.sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));
    for (const line of lines) {
      this.#pending += this.#isFirst ? line : `\n${line}`;
      this.#isFirst = false;
    }
    lines.length = 0;
    if (this.#pending.length < HASH_CHUNK_CHARS) return;
    this.#hash.update(this.#pending);
    this.#pending = "";
  }
}
