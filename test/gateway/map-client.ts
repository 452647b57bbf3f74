import { createHmac } from "node:crypto";
import { once } from "node:events";
import { decode, encode } from "@msgpack/msgpack";
import { WebSocket } from "ws";
import type { RecordMap } from "../../gateway/codec/record-map.js";
import { type LogonFields, logon } from "./records.js";
import { until } from "./transport-contract.js";

/** A client of `ringbook.msgpack.v1` as a script would have it: MessagePack, maps, and nothing of this repository's codec. */
export class MapClient {
  readonly received: RecordMap[] = [];
  /** Whether each frame was an array. */
  readonly frames: boolean[] = [];
  closeCode = 0;
  closeReason = "";
  #read = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      const value = decode(data) as RecordMap | RecordMap[];
      this.frames.push(Array.isArray(value));
      this.received.push(...(Array.isArray(value) ? value : [value]));
    });
    socket.on("close", (code, reason) => {
      this.closeCode = code;
      this.closeReason = reason.toString();
    });
    socket.on("error", () => {});
  }

  static async connect(port: number, protocols = ["ringbook.msgpack.v1"]): Promise<MapClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols, { perMessageDeflate: false });
    const client = new MapClient(socket);
    await once(socket, "open");
    return client;
  }

  static async logOn(port: number, fields: LogonFields): Promise<MapClient> {
    const client = await MapClient.connect(port);
    client.send(logonMap(fields));
    await client.next("LogonAck");
    return client;
  }

  /** One frame each. */
  send(...frames: unknown[]): void {
    for (const frame of frames) this.socket.send(encode(frame));
  }

  async next(template: string): Promise<RecordMap> {
    await until(() => this.received.length > this.#read);
    const map = this.received[this.#read++] as RecordMap;
    if (map["template"] !== template) throw new Error(`expected ${template}, got ${String(map["template"])}`);
    return map;
  }

  async closed(): Promise<number> {
    await until(() => this.closeCode !== 0);
    return this.closeCode;
  }
}

/** The signature covers the bytes that the record would have. */
export function logonMap(fields: LogonFields): RecordMap {
  const block = Buffer.from(logon(fields)).subarray(32, 104);
  return {
    template: "Logon",
    timestamp: Number(block.readBigInt64LE(0)),
    nonce: Number(block.readBigInt64LE(8)),
    nextServerSeq: Number(block.readBigInt64LE(16)),
    heartbeatMs: block.readUInt32LE(24),
    cancelGraceMs: block.readUInt32LE(28),
    cancelScope: block.readUInt8(32),
    keyId: fields.key,
    signature: createHmac("sha256", fields.secret).update(block).digest(),
  };
}
