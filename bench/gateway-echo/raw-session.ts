import { createHmac } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { Cancel, Logon, NewOrder } from "../../engine/wire/flyweights.js";
import { Side } from "../../engine/wire/generated/enums.js";
import { TEMPLATES } from "../../engine/wire/generated/templates.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";
import { SUBPROTOCOL } from "../../gateway/gateway.js";

/** A WebSocket that carries whole records, handled in place: the least that a client can do. */
export class RawSession {
  onFrame: (words: Int32Array) => void = () => {};
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.on("message", (data: ArrayBuffer) => this.onFrame(new Int32Array(data)));
  }

  static async open(url: string): Promise<RawSession> {
    const socket = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false });
    const session = new RawSession(socket);
    await once(socket, "open");
    return session;
  }

  static async logOn(url: string, key: string, secret: string): Promise<RawSession> {
    const session = await RawSession.open(url);
    const acknowledged = new Promise<void>((resolve, reject) => {
      session.onFrame = (words) => {
        if (Header.templateId(words, 0) === TEMPLATES.LogonAck) resolve();
        else reject(new Error(`template ${Header.templateId(words, 0)} instead of LogonAck`));
      };
    });
    session.send(logonOf(key, secret));
    await acknowledged;
    return session;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: true });
  }

  close(): void {
    this.#socket.terminate();
  }
}

function logonOf(key: string, secret: string): Uint8Array {
  const words = new Int32Array(Logon.RECORD_BYTES / 4);
  Logon.init(words, 0, 0, Date.now() * 1000);
  Logon.setTimestamp(words, 0, Date.now() * 1000);
  Logon.setNonce(words, 0, Number(process.hrtime.bigint() & 0xfffffffffffffn));
  Logon.setNextServerSeq(words, 0, 0);
  Logon.setHeartbeatMs(words, 0, 60_000);
  Logon.setKeyId(words, 0, key);
  const bytes = new Uint8Array(words.buffer);
  bytes.set(createHmac("sha256", secret).update(bytes.subarray(32, 104)).digest(), 104);
  return bytes;
}

/** A buy order of one lot that rests. */
export function writeOrder(
  words: Int32Array,
  at: number,
  fields: { seq: number; clOrdId: number; price: number; instrument: number },
): void {
  NewOrder.init(words, at, fields.seq, 0);
  NewOrder.setClientSeq(words, at, 0);
  NewOrder.setClOrdId(words, at, fields.clOrdId);
  NewOrder.setPrice(words, at, fields.price);
  NewOrder.setQty(words, at, 1);
  NewOrder.setAccount(words, at, 0);
  NewOrder.setSession(words, at, 0);
  NewOrder.setInstrument(words, at, fields.instrument);
  NewOrder.setFlags(words, at, 0);
  NewOrder.setSide(words, at, Side.buy);
  NewOrder.setOrdType(words, at, 0);
  NewOrder.setTif(words, at, 0);
  NewOrder.setStp(words, at, NULL_UINT8);
}

export function writeCancel(words: Int32Array, at: number, fields: { seq: number; clOrdId: number }): void {
  Cancel.init(words, at, fields.seq, 0);
  Cancel.setClientSeq(words, at, 0);
  Cancel.setClOrdId(words, at, fields.clOrdId);
  Cancel.setOrderId(words, at, NULL_INT64);
  Cancel.setAccount(words, at, 0);
  Cancel.setSession(words, at, 0);
}
