import { once } from "node:events";
import { WebSocket } from "ws";
import {
  BusinessReject,
  Header,
  LogonAck,
  MassCancelReport,
  OrderAccepted,
  OrderCanceled,
  OrderRejected,
  OrderStatus,
  RequestDone,
  templateName,
} from "../../engine/wire/index.js";
import type { Random } from "../fuzz/random.js";
import { cancel, concat, logon, massCancel, massStatusRequest, newOrder } from "../gateway/records.js";
import { History, type SharedIds } from "./history.js";
import { Violation } from "./violation.js";

export interface TraderKey {
  readonly id: string;
  readonly secret: string;
  readonly account: string;
}

interface Request {
  readonly kind: "new" | "cancel" | "massCancel";
  readonly clOrdId: number;
  isAnswered: boolean;
}

const WINDOW = 64;
const LIVE_MAX = 150;
const PRICE = 10_000;
const ANSWER_MS = 20_000;

/**
 * One account on a real socket. It outlives the server: each `attach` resumes its session and learns what became of what it had sent, each
 * `load` sends until the socket is lost. What it is told goes into its history. One thread, the server is in another process.
 */
export class Trader {
  readonly history: History;
  acknowledged = 0;
  /** Requests that were sent without an answer when the server died, and what became of them. */
  inDoubt = { taken: 0, notTaken: 0 };
  private readonly requests = new Map<number, Request>();
  private socket: WebSocket | undefined;
  private sessionId = 0;
  private seqNext = 1;
  private clOrdIdNext = 1;
  private answeredSeq = 0;
  private unanswered = 0;
  private isLoading = false;
  private failure: Error | undefined;
  private onAck: (words: Int32Array) => void = () => {};
  private statuses: Map<number, number> | undefined;
  private statusSeq = 0;
  private onStatus: (found: Map<number, number>) => void = () => {};

  constructor(
    private readonly key: TraderKey,
    ids: SharedIds,
    private readonly random: Random,
  ) {
    this.history = new History(key.account, ids);
  }

  /** Logs on and compares. Throws a Violation when the market is not as it was promised. */
  async attach(port: number): Promise<void> {
    const ack = await this.open(port);
    const next = LogonAck.nextClientSeq(ack, 0);
    const isResumed = LogonAck.resumed(ack, 0) === 1;
    this.history.note(`logged on: session ${LogonAck.session(ack, 0)}, resumed ${isResumed}, next client seq ${next}`);
    if (!isResumed && this.answeredSeq > 0) throw new Violation(`${this.key.account}: the session is forgotten`);
    if (isResumed && this.sessionId !== 0 && LogonAck.session(ack, 0) !== this.sessionId) {
      throw new Violation(`${this.key.account}: the session is ${LogonAck.session(ack, 0)}, was ${this.sessionId}`);
    }
    this.sessionId = LogonAck.session(ack, 0);
    if (next <= this.answeredSeq)
      throw new Violation(`${this.key.account}: request ${this.answeredSeq} was acknowledged, the server goes on from ${next}`);
    if (next > this.seqNext)
      throw new Violation(`${this.key.account}: only ${this.seqNext - 1} were sent, the server goes on from ${next}`);
    for (const [seq, { clOrdId, kind }] of this.requests) {
      if (seq >= next && kind === "new") this.history.neverTaken(clOrdId);
    }
    const doubted = [...this.requests].filter(([, request]) => !request.isAnswered);
    this.seqNext = next;
    this.compare(await this.askStatus());
    for (const [seq, request] of doubted) {
      if (seq >= next) this.inDoubt.notTaken++;
      else if (request.isAnswered) this.inDoubt.taken++;
      else
        throw new Violation(`${this.key.account}: request ${seq} (${request.kind} ${request.clOrdId}) was taken, but nothing tells of it`);
    }
    this.requests.clear();
    this.unanswered = 0;
  }

  /** Sends, from now on, until the socket is lost. */
  load(): void {
    this.isLoading = true;
    this.pump();
  }

  /** Throws what went wrong while it was trading. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Sends one request and waits for its answer. */
  async tradeOnce(): Promise<void> {
    this.socket?.send(this.draw());
    await this.rest();
  }

  /** Sends nothing any more, and waits for what is under way. */
  async rest(): Promise<void> {
    this.isLoading = false;
    for (let ms = 0; this.unanswered > 0 && this.failure === undefined; ms += 5) {
      if (ms > ANSWER_MS) throw new Violation(`${this.key.account}: ${this.unanswered} requests have no answer after ${ANSWER_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.check();
  }

  /** The socket is lost, or shall be. */
  drop(): void {
    this.isLoading = false;
    this.socket?.terminate();
  }

  /** Takes what a server that is dead had sent before. Resolves when the socket is closed. */
  async lost(): Promise<void> {
    this.isLoading = false;
    const { socket } = this;
    if (socket !== undefined && socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
  }

  /** Compares with what the market says lives. */
  async confirm(): Promise<void> {
    this.compare(await this.askStatus());
  }

  private open(port: number): Promise<Int32Array> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ["ringbook.sbe.v1"], { perMessageDeflate: false });
    this.socket = socket;
    const { id: key, secret } = this.key;
    return new Promise((resolve, reject) => {
      this.onAck = resolve;
      const nonce = Date.now() * 1000 + this.random.below(1000);
      socket.on("open", () => socket.send(logon({ key, secret, nonce, nextServerSeq: 1, heartbeatMs: 60_000 })));
      socket.on("message", (data: Buffer) => this.guarded(() => this.onMessage(data)));
      socket.on("error", reject);
      socket.on("close", (code) => reject(new Error(`the socket was closed with ${code}`)));
    });
  }

  /** Nobody awaits a message: what it breaks is kept for `check`. */
  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.failure ??= error as Error;
      this.drop();
    }
  }

  private onMessage(data: Buffer): void {
    const words = new Int32Array(Uint8Array.from(data).buffer);
    for (let at = 0; at < words.length; at += Header.length(words, at) / 4) {
      this.onRecord(words.slice(at, at + Header.length(words, at) / 4));
    }
    if (this.isLoading) this.pump();
  }

  private onRecord(words: Int32Array): void {
    const seq = answeredBy(words, this.sessionId);
    if (seq !== undefined) this.answered(seq);
    if (this.history.take(words)) return;
    switch (templateName(Header.templateId(words, 0))) {
      case "LogonAck":
        // What follows in the same message is of this session already.
        if (this.sessionId === 0) this.sessionId = LogonAck.session(words, 0);
        return this.onAck(words);
      case "OrderStatus":
        return void this.statuses?.set(OrderStatus.clOrdId(words, 0), OrderStatus.leavesQty(words, 0));
      case "RequestDone":
        if (RequestDone.clientSeq(words, 0) === this.statusSeq) this.onStatus(this.statuses ?? new Map());
        return;
      case "BusinessReject":
        throw new Violation(
          `${this.key.account}: request ${BusinessReject.clientSeq(words, 0)} was refused: ${BusinessReject.code(words, 0)}`,
        );
    }
  }

  private answered(seq: number): void {
    const request = this.requests.get(seq);
    if (request === undefined || request.isAnswered) return;
    request.isAnswered = true;
    this.unanswered--;
    this.acknowledged++;
    this.answeredSeq = Math.max(this.answeredSeq, seq);
  }

  private async askStatus(): Promise<Map<number, number>> {
    this.statusSeq = this.seqNext++;
    this.statuses = new Map();
    const found = new Promise<Map<number, number>>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.failure ?? new Violation(`${this.key.account}: no answer to a mass status`)), ANSWER_MS);
      this.onStatus = (statuses) => {
        clearTimeout(timer);
        resolve(statuses);
      };
    });
    this.socket?.send(massStatusRequest({ seq: this.statusSeq }));
    const statuses = await found;
    this.check();
    return statuses;
  }

  private compare(found: ReadonlyMap<number, number>): void {
    const { live, account } = this.history;
    for (const [clOrdId, leaves] of live) {
      if (found.get(clOrdId) !== leaves)
        throw new Violation(`${account}: order ${clOrdId} has ${leaves} open, the market says ${found.get(clOrdId)}`);
    }
    for (const clOrdId of found.keys()) if (!live.has(clOrdId)) throw new Violation(`${account}: order ${clOrdId} lives, and should not`);
  }

  private pump(): void {
    while (this.isLoading && this.unanswered < WINDOW) {
      const records = Array.from({ length: 1 + this.random.below(8) }, () => this.draw());
      this.socket?.send(concat(...records));
    }
  }

  private draw(): Uint8Array {
    const { random, history } = this;
    const seq = this.seqNext++;
    this.unanswered++;
    if (random.oneIn(1500)) return this.sent(seq, "massCancel", 0, massCancel({ seq }));
    if (history.live.size > 0 && (random.below(100) < 30 || history.live.size > LIVE_MAX)) {
      const clOrdId = random.pick([...history.live.keys()]);
      return this.sent(seq, "cancel", clOrdId, cancel({ seq, clOrdId }));
    }
    const clOrdId = this.clOrdIdNext++;
    const side = random.below(2);
    const price = PRICE + (side === 0 ? -1 : 1) * (random.below(40) - 8);
    const order = newOrder({ seq, clOrdId, side, price, qty: 1 + random.below(20), instrument: random.below(2) });
    return this.sent(seq, "new", clOrdId, order);
  }

  private sent(seq: number, kind: Request["kind"], clOrdId: number, record: Uint8Array): Uint8Array {
    this.requests.set(seq, { kind, clOrdId, isAnswered: false });
    this.history.note(`sent: seq ${seq} ${kind} ${clOrdId}`);
    return record;
  }
}

/** The request of a session that a report answers. */
export function answeredBy(words: Int32Array, session: number): number | undefined {
  switch (templateName(Header.templateId(words, 0))) {
    case "OrderAccepted":
      return OrderAccepted.session(words, 0) === session ? OrderAccepted.clientSeq(words, 0) : undefined;
    case "OrderRejected":
      return OrderRejected.session(words, 0) === session ? OrderRejected.clientSeq(words, 0) : undefined;
    case "OrderCanceled":
      return OrderCanceled.session(words, 0) === session ? OrderCanceled.clientSeq(words, 0) : undefined;
    case "MassCancelReport":
      return MassCancelReport.session(words, 0) === session ? MassCancelReport.clientSeq(words, 0) : undefined;
    default:
      return undefined;
  }
}
