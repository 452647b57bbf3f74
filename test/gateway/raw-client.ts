import { once } from "node:events";
import { WebSocket } from "ws";
import { Header, LogonAck, type TemplateName, templateName } from "../../engine/wire/index.js";
import { type LogonFields, logon } from "./records.js";
import { until } from "./transport-contract.js";

export interface Received {
  readonly name: TemplateName | undefined;
  readonly words: Int32Array;
  readonly seq: number;
  readonly flags: number;
  /** Number of the WebSocket message that it came in, from 0. */
  readonly frame: number;
}

/** What an upgrade brings beside the sub-protocol. */
export interface Upgrade {
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Record<string, string>;
}

/** A client that sends whatever bytes a test wants and keeps every record that it gets. */
export class RawClient {
  readonly received: Received[] = [];
  closeCode = 0;
  closeReason = "";
  sessionId = 0;
  ack: Int32Array = new Int32Array(0);
  #frames = 0;
  #read = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => this.#onMessage(data));
    socket.on("close", (code, reason) => {
      this.closeCode = code;
      this.closeReason = reason.toString();
    });
    socket.on("error", () => {});
  }

  static async connect(port: number, upgrade: Upgrade = {}): Promise<RawClient> {
    const { path = "/", protocols = [], headers = {} } = upgrade;
    const options = { perMessageDeflate: false, headers };
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ["ringbook.sbe.v1", ...protocols], options);
    const client = new RawClient(socket);
    await once(socket, "open");
    return client;
  }

  static async logOn(port: number, fields: LogonFields): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(logon(fields));
    client.ack = (await client.next("LogonAck")).words;
    client.sessionId = LogonAck.session(client.ack, 0);
    return client;
  }

  /** What the logon was answered with. */
  get granted() {
    const words = this.ack;
    return {
      nextClientSeq: LogonAck.nextClientSeq(words, 0),
      nextServerSeq: LogonAck.nextServerSeq(words, 0),
      resumed: LogonAck.resumed(words, 0),
      resetRequired: LogonAck.resetRequired(words, 0),
      canceledOrders: LogonAck.canceledOrders(words, 0),
    };
  }

  /** Goes without a word. */
  drop(): void {
    this.socket.terminate();
  }

  send(...frames: Uint8Array[]): void {
    for (const frame of frames) this.socket.send(frame);
  }

  /** The next record that was not yet looked at; it must have this name. */
  async next(name: TemplateName): Promise<Received> {
    await until(() => this.received.length > this.#read);
    const record = this.received[this.#read++];
    if (record?.name !== name) throw new Error(`expected ${name}, got ${record?.name}`);
    return record;
  }

  /** Names of what came since the last look, after a while. */
  async quiet(ms = 30): Promise<(TemplateName | undefined)[]> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.received.slice(this.#read).map((record) => record.name);
  }

  async closed(): Promise<number> {
    await until(() => this.closeCode !== 0);
    return this.closeCode;
  }

  #onMessage(data: Buffer): void {
    const words = new Int32Array(Uint8Array.from(data).buffer);
    for (let at = 0; at < words.length; at += Header.length(words, at) / 4) {
      const copy = words.slice(at, at + Header.length(words, at) / 4);
      this.received.push({
        name: templateName(Header.templateId(copy, 0)),
        words: copy,
        seq: Header.seq(copy, 0),
        flags: Header.flags(copy, 0),
        frame: this.#frames,
      });
    }
    this.#frames += 1;
  }
}
