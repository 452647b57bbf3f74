import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import {
  BusinessReject,
  type CODES,
  codeName,
  Header,
  InstrumentState,
  LogonAck,
  LogonReject,
  LogoutNotice,
  OrderRejected,
  type TemplateName,
  templateName,
} from "../../engine/wire/index.js";
import type { Closed } from "../net/record-session.js";
import { CheckFailure, mustBe } from "./must.js";
import type { Protocol } from "./protocol.js";
import type { RequestWriter } from "./requests.js";

/** How long a gateway may take for anything. */
const ANSWER_MS_MAX = 3_000;
const LOOK_MS = 2;

/** A record that came, copied. */
export interface Received {
  readonly name: TemplateName;
  readonly words: Int32Array;
  readonly seq: number;
  readonly flags: number;
}

/** A client of a check: it sends whatever a check wants, and keeps everything that comes, in order. */
export class ConformanceSession {
  /** Client seq of the next request. */
  nextSeq = 1;
  private readonly received: Received[] = [];
  private read = 0;
  private closed: Closed | undefined;
  private fault: string | undefined;

  private constructor(
    private readonly socket: WebSocket,
    private readonly protocol: Protocol,
  ) {
    socket.binaryType = "arraybuffer";
    socket.on("message", (data: ArrayBuffer, isBinary) => this.take(data, isBinary));
    socket.on("error", () => {}); // The close that follows is what counts.
    socket.once("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /** Throws CheckFailure when the gateway does not let it in. */
  static async connect(url: URL, protocol: Protocol): Promise<ConformanceSession> {
    const socket = new WebSocket(url, [protocol.subprotocol], { perMessageDeflate: false, handshakeTimeout: ANSWER_MS_MAX });
    const session = new ConformanceSession(socket, protocol);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new CheckFailure(`no connection: ${error.message}`)));
    });
    mustBe("the sub-protocol", socket.protocol, protocol.subprotocol);
    return session;
  }

  /** One frame of these records, as the sub-protocol has them. */
  send(...records: Uint8Array[]): void {
    this.sendRaw(this.protocol.encode(Buffer.concat(records)));
  }

  /** One frame of these bytes. */
  sendRaw(...parts: Uint8Array[]): void {
    this.socket.send(Buffer.concat(parts), { binary: true });
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Requests in one frame, each with the next client seq. Returns the seq of the first. */
  request(...writers: RequestWriter[]): number {
    const first = this.nextSeq;
    this.send(...writers.map((write) => write(this.nextSeq++)));
    return first;
  }

  /** The next record that was not looked at; it must have this name. Heartbeats and news of trading states are passed over. */
  async next(name: TemplateName, withinMs = ANSWER_MS_MAX): Promise<Received> {
    const record = await this.any({ withinMs });
    if (record === undefined) throw new CheckFailure(`${name} must come, ${this.silence()}`);
    if (record.name !== name) throw new CheckFailure(`${name} must come, ${describe(record)} came`);
    return record;
  }

  /** The next record, undefined when none comes in time. */
  async any({ withinMs = ANSWER_MS_MAX, isNewsToo = false } = {}): Promise<Received | undefined> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      const record = this.received[this.read];
      if (record !== undefined) {
        this.read += 1;
        if (isNewsToo ? record.name !== "Heartbeat" : !isNews(record)) return record;
        continue;
      }
      if (this.fault !== undefined) throw new CheckFailure(this.fault);
      if (this.closed !== undefined || performance.now() > deadlineMs) return undefined;
      await sleep(LOOK_MS);
    }
  }

  /** Whether a record of this name comes in time; whatever else comes is passed over. */
  async sees(name: TemplateName, withinMs: number): Promise<Received | undefined> {
    const deadlineMs = performance.now() + withinMs;
    while (performance.now() <= deadlineMs) {
      const record = this.received[this.read];
      if (record === undefined) {
        if (this.closed !== undefined) return undefined;
        await sleep(LOOK_MS);
        continue;
      }
      this.read += 1;
      if (record.name === name) return record;
    }
    return undefined;
  }

  /** Nothing may come for a while. */
  async quiet(ms = 60): Promise<void> {
    const record = await this.any({ withinMs: ms });
    if (record !== undefined) throw new CheckFailure(`nothing must come, ${describe(record)} came`);
  }

  /** The next record must be a refusal with this code. */
  async refused(code: keyof typeof CODES): Promise<Received> {
    const record = await this.next("BusinessReject");
    mustBe("the code", codeName(BusinessReject.code(record.words, 0)), code);
    return record;
  }

  /** The session must go on: a TestRequest of it is answered. */
  async mustGoOn(test: (token: number) => Uint8Array): Promise<void> {
    this.send(test(4711));
    await this.next("TestReply");
  }

  /** The gateway must close the socket with this code, and say why before it does. */
  async mustClose(
    closeCode: number,
    notice: "LogoutNotice" | "LogonReject",
    code: keyof typeof CODES,
    withinMs = ANSWER_MS_MAX,
  ): Promise<void> {
    const record = await this.next(notice, withinMs);
    const found = notice === "LogonReject" ? LogonReject.code(record.words, 0) : LogoutNotice.code(record.words, 0);
    mustBe(`the code of ${notice}`, codeName(found), code);
    mustBe("the close code", (await this.closing(withinMs)).code, closeCode);
  }

  async closing(withinMs = ANSWER_MS_MAX): Promise<Closed> {
    const deadlineMs = performance.now() + withinMs;
    while (this.closed === undefined) {
      if (performance.now() > deadlineMs) throw new CheckFailure("the socket must be closed, it was left open");
      await sleep(LOOK_MS);
    }
    return this.closed;
  }

  /** Goes without a word. Resolves when this side knows. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.closing();
  }

  private silence(): string {
    return this.closed === undefined ? "nothing came" : `the socket was closed with ${this.closed.code} ${this.closed.reason}`.trimEnd();
  }

  private take(data: ArrayBuffer, isBinary: boolean): void {
    const records = isBinary ? this.protocol.decode(data) : "messages must be binary, a text came";
    if (typeof records === "string") {
      this.fault ??= records;
      return;
    }
    for (const words of records) {
      const name = templateName(Header.templateId(words, 0)) as TemplateName;
      this.received.push({ name, words, seq: Header.seq(words, 0), flags: Header.flags(words, 0) });
    }
  }
}

/** What comes whatever a check does. */
function isNews({ name, words }: Received): boolean {
  return name === "Heartbeat" || (name === "InstrumentState" && InstrumentState.clientSeq(words, 0) === 0);
}

function describe({ name, words }: Received): string {
  if (name === "BusinessReject") return `${name} ${codeName(BusinessReject.code(words, 0))}`;
  if (name === "LogoutNotice") return `${name} ${codeName(LogoutNotice.code(words, 0))}`;
  if (name === "LogonReject") return `${name} ${codeName(LogonReject.code(words, 0))}`;
  return name === "OrderRejected" ? `${name} ${codeName(OrderRejected.code(words, 0))}` : name;
}

/** What a logon was answered with. */
export function grantedBy({ words }: Received) {
  return {
    nextClientSeq: LogonAck.nextClientSeq(words, 0),
    nextServerSeq: LogonAck.nextServerSeq(words, 0),
    resumed: LogonAck.resumed(words, 0) === 1,
    resetRequired: LogonAck.resetRequired(words, 0) === 1,
    canceledOrders: LogonAck.canceledOrders(words, 0),
    heartbeatMs: LogonAck.heartbeatMs(words, 0),
  };
}
