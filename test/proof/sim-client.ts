import {
  BusinessReject,
  GapFill,
  Header,
  LogonAck,
  NotApplied,
  OrderStatus,
  RequestDone,
  RequestState,
  RequestStatus,
  type TemplateName,
  templateName,
} from "../../engine/wire/index.js";
import { isCounted } from "../../gateway/counted.js";
import type { Random } from "../fuzz/random.js";
import { cancel, concat, logon, massCancel, massStatusRequest, newOrder } from "../gateway/records.js";
import { History, type SharedIds } from "./history.js";
import type { SimNet, SimSocket } from "./sim-net.js";
import { answeredBy, type TraderKey } from "./trader.js";
import { Violation } from "./violation.js";

/** A request as it was sent, to be sent again as it is. */
export interface SimRequest {
  readonly kind: "new" | "cancel" | "massCancel";
  readonly clOrdId: number;
  readonly bytes: Uint8Array;
  /** What is known of it. `engine`: a report of the engine has answered it, so it was acknowledged. */
  answer: "none" | "engine" | "gateway";
}

/** Something that a client was told of a request for good. */
export interface Claim {
  /** Number of the account. */
  readonly account: number;
  readonly session: number;
  readonly clientSeq: number;
  /** `acknowledged`: it was applied. `never`: it was not, and will not be. */
  readonly what: "acknowledged" | "never";
}

const WINDOW = 24;
const LIVE_MAX = 40;
const PRICE = 10_000;

/**
 * One account behind a socket that is lost again and again, as its server is. It resumes its session each time, sends again what has no answer, or gives it up
 * and goes on with other requests, and holds what it is told against what it was told before.
 */
export class SimClient {
  readonly history: History;
  /** Whatever it was promised, for whoever reads the journal. */
  readonly claims: Claim[] = [];
  acknowledged = 0;
  resumed = 0;
  sentAgain = 0;
  /** It begins nothing new. */
  isQuiet = false;
  private readonly requests = new Map<number, SimRequest>();
  private socket: SimSocket | undefined;
  private isOn = false;
  private session = 0;
  private seqNext = 1;
  private serverSeqNext = 1;
  private clOrdIdNext = 1;
  private nonceNext = 1;
  private acknowledgedSeq = 0;
  private status: { readonly seq: number; readonly found: Map<number, number> } | undefined;
  private hasCompared = false;

  constructor(
    private readonly key: TraderKey,
    ids: SharedIds,
    private readonly random: Random,
    private readonly cancelScope: number,
    private readonly account: number,
  ) {
    this.history = new History(key.account, ids);
  }

  /** Its server is gone, and every socket with it. */
  cutOff(): void {
    this.socket = undefined;
    this.isOn = false;
    this.status = undefined;
  }

  /** The next thing that it does by itself. */
  act(net: SimNet): void {
    if (this.socket === undefined) return this.dial(net);
    if (!this.isOn) return;
    if (!this.isQuiet && this.random.oneIn(60)) return this.lose();
    if (this.isQuiet) return this.settle();
    if (this.unanswered < WINDOW) this.sendSome();
  }

  /** Everything that it has sent is answered, and what lives is what should. */
  get isAtRest(): boolean {
    return this.isQuiet && this.isOn && this.unanswered === 0 && this.hasCompared;
  }

  get unanswered(): number {
    let count = 0;
    for (const { answer } of this.requests.values()) if (answer === "none") count++;
    return count;
  }

  describe(): string {
    const open = [...this.requests].filter(([, { answer }]) => answer === "none").map(([seq]) => seq);
    return `${this.key.account}: on ${this.isOn}, session ${this.session}, without an answer ${open.join(" ")}, status ${this.status?.seq}`;
  }

  private dial(net: SimNet): void {
    const mine: { socket?: SimSocket | undefined } = {};
    mine.socket = net.connect({
      onMessage: (bytes) => {
        if (this.socket === mine.socket) this.onMessage(bytes);
      },
      onClose: (code) => {
        if (this.socket !== mine.socket) return;
        this.history.note(`closed with ${code}`);
        this.cutOff();
      },
    });
    this.socket = mine.socket;
    const { id: key, secret } = this.key;
    const nonce = this.nonceNext++;
    const nextServerSeq = this.serverSeqNext;
    this.socket?.send(logon({ key, secret, nonce, nextServerSeq, heartbeatMs: 60_000, cancelScope: this.cancelScope, cancelGraceMs: 20 }));
  }

  private lose(): void {
    this.history.note("lost its socket");
    this.socket?.lose();
    this.cutOff();
  }

  private onMessage(bytes: Uint8Array): void {
    const words = new Int32Array(bytes.slice().buffer);
    for (let at = 0; at < words.length; at += Header.length(words, at) / 4) {
      this.onRecord(words.slice(at, at + Header.length(words, at) / 4));
    }
  }

  private onRecord(words: Int32Array): void {
    const name = templateName(Header.templateId(words, 0));
    if (name === "LogonAck") return this.loggedOn(words);
    if (name === "GapFill") return this.skipTo(GapFill.nextSeq(words, 0), Header.seq(words, 0));
    if (isCounted(Header.templateId(words, 0))) this.skipTo(Header.seq(words, 0) + 1, Header.seq(words, 0));
    const seq = answeredBy(words, this.session);
    if (seq !== undefined) this.acknowledge(seq);
    if (!this.history.take(words)) this.other(name, words);
  }

  /** Whatever is numbered comes in order, without a hole, once. */
  private skipTo(next: number, seq: number): void {
    if (seq !== this.serverSeqNext) throw new Violation(`${this.key.account}: record ${seq} came, ${this.serverSeqNext} is next`);
    this.serverSeqNext = next;
  }

  private other(name: TemplateName | undefined, words: Int32Array): void {
    switch (name) {
      case "OrderStatus":
        if (OrderStatus.clientSeq(words, 0) === this.status?.seq)
          this.status.found.set(OrderStatus.clOrdId(words, 0), OrderStatus.leavesQty(words, 0));
        return;
      case "RequestDone":
        if (RequestDone.clientSeq(words, 0) === this.status?.seq) this.compare(this.status.found);
        return;
      case "RequestStatus":
        return this.told(RequestStatus.clientSeq(words, 0), RequestStatus.state(words, 0));
      case "NotApplied":
        for (let seq = NotApplied.fromSeq(words, 0), left = NotApplied.count(words, 0); left > 0; seq++, left--) this.claim(seq, "never");
        return;
      case "BusinessReject":
        return this.refused(BusinessReject.clientSeq(words, 0));
    }
  }

  private loggedOn(words: Int32Array): void {
    const isResumed = LogonAck.resumed(words, 0) === 1;
    const session = LogonAck.session(words, 0);
    const next = LogonAck.nextClientSeq(words, 0);
    const { account } = this.key;
    this.isOn = true;
    this.history.note(
      `logged on: session ${session}, resumed ${isResumed}, next client seq ${next}, next ${LogonAck.nextServerSeq(words, 0)}`,
    );
    this.serverSeqNext = LogonAck.nextServerSeq(words, 0);
    if (isResumed) this.resumed++;
    if (!isResumed) return this.begin(session);
    if (session !== this.session && this.session !== 0) throw new Violation(`${account}: the session is ${session}, was ${this.session}`);
    this.session = session;
    if (next <= this.acknowledgedSeq)
      throw new Violation(`${account}: ${this.acknowledgedSeq} was acknowledged, the server goes on from ${next}`);
    if (next > this.seqNext) throw new Violation(`${account}: only ${this.seqNext - 1} were sent, the server goes on from ${next}`);
    this.goOnFrom(next);
  }

  /** A session of its own: the older one is forgotten, which may only be when it was promised nothing. */
  private begin(session: number): void {
    if (this.acknowledgedSeq > 0) throw new Violation(`${this.key.account}: session ${this.session} is forgotten`);
    for (const seq of this.requests.keys()) this.giveUp(seq);
    // Nothing of it has become durable, so its number may be anybody's now: what it was told binds nobody any more.
    this.claims.length = 0;
    this.session = session;
    this.seqNext = 1;
  }

  /** What the server has never seen is sent as it was, or given up; what it has seen is asked for again. */
  private goOnFrom(next: number): void {
    const isPatient = !this.random.oneIn(4) || this.isQuiet;
    if (!isPatient) {
      for (const seq of [...this.requests.keys()]) if (seq >= next) this.giveUp(seq);
    }
    this.sendAgain();
    this.hasCompared = false;
  }

  private sendAgain(): void {
    const again = [...this.requests].filter(([, { answer }]) => answer === "none").sort(([one], [other]) => one - other);
    for (const [seq, { bytes }] of again) {
      this.sentAgain++;
      this.history.note(`sent again: seq ${seq}`);
      this.socket?.send(bytes);
    }
  }

  /** A request that was not taken, and will not be sent again. */
  private giveUp(seq: number): void {
    const request = this.requests.get(seq);
    if (request === undefined) return;
    if (request.answer === "engine")
      throw new Violation(`${this.key.account}: request ${seq} was acknowledged, and the server has not seen it`);
    if (request.kind === "new") this.history.neverTaken(request.clOrdId);
    this.requests.delete(seq);
  }

  private acknowledge(seq: number): void {
    const request = this.requests.get(seq);
    if (request === undefined || request.answer === "engine") return;
    if (request.answer === "gateway") throw new Violation(`${this.key.account}: request ${seq} was refused, and is answered now`);
    request.answer = "engine";
    this.acknowledged++;
    this.acknowledgedSeq = Math.max(this.acknowledgedSeq, seq);
    this.claim(seq, "acknowledged");
  }

  /** The gateway has refused it: the engine never sees it. */
  private refused(seq: number): void {
    const request = this.requests.get(seq);
    if (request === undefined) {
      if (seq === this.status?.seq) this.status = undefined;
      return;
    }
    if (request.answer === "engine") throw new Violation(`${this.key.account}: request ${seq} was acknowledged, and is refused now`);
    if (request.kind === "new") this.history.neverTaken(request.clOrdId);
    request.answer = "gateway";
    this.claim(seq, "never");
  }

  /** What the gateway says of a request that came again. */
  private told(seq: number, state: number): void {
    const request = this.requests.get(seq);
    if (request === undefined) return;
    this.history.note(`status: seq ${seq} state ${state}`);
    if ((state === RequestState.answered || state === RequestState.refused) && request.answer === "none") {
      // The answer itself was to come before this.
      throw new Violation(`${this.key.account}: request ${seq} (${request.kind} ${request.clOrdId}) is answered, and nothing tells how`);
    }
    if (state === RequestState.notApplied || state === RequestState.forgotten) {
      if (request.answer === "engine")
        throw new Violation(`${this.key.account}: request ${seq} was acknowledged, and is said not to be applied`);
      this.refused(seq);
    }
  }

  private claim(clientSeq: number, what: Claim["what"]): void {
    this.claims.push({ account: this.account, session: this.session, clientSeq, what });
  }

  private sendSome(): void {
    const records = Array.from({ length: 1 + this.random.below(4) }, () => this.draw());
    this.socket?.send(concat(...records));
  }

  private draw(): Uint8Array {
    const { random, history } = this;
    // Some client seqs are never used: the gateway says that they never will be.
    if (random.oneIn(200)) this.seqNext++;
    const seq = this.seqNext++;
    if (random.oneIn(150)) return this.sent(seq, "massCancel", 0, massCancel({ seq }));
    if (history.live.size > 0 && (random.below(100) < 30 || history.live.size > LIVE_MAX)) {
      const clOrdId = random.pick([...history.live.keys()]);
      return this.sent(seq, "cancel", clOrdId, cancel({ seq, clOrdId }));
    }
    const clOrdId = this.clOrdIdNext++;
    const side = random.below(2);
    const price = PRICE + (side === 0 ? -1 : 1) * (random.below(40) - 8);
    const tif = random.oneIn(6) ? 1 : 0;
    return this.sent(
      seq,
      "new",
      clOrdId,
      newOrder({ seq, clOrdId, side, price, qty: 1 + random.below(20), instrument: random.below(2), tif }),
    );
  }

  private sent(seq: number, kind: SimRequest["kind"], clOrdId: number, bytes: Uint8Array): Uint8Array {
    this.requests.set(seq, { kind, clOrdId, bytes, answer: "none" });
    this.history.note(`sent: seq ${seq} ${kind} ${clOrdId}`);
    return bytes;
  }

  /** It wants to know what lives, once everything is answered. */
  private settle(): void {
    if (this.status !== undefined || this.hasCompared) return;
    if (this.unanswered > 0) return;
    const seq = this.seqNext++;
    this.status = { seq, found: new Map() };
    this.socket?.send(massStatusRequest({ seq }));
  }

  private compare(found: ReadonlyMap<number, number>): void {
    const { live, account } = this.history;
    this.status = undefined;
    this.hasCompared = true;
    for (const [clOrdId, leaves] of live) {
      if (found.get(clOrdId) !== leaves)
        throw new Violation(`${account}: order ${clOrdId} has ${leaves} open, the market says ${found.get(clOrdId)}`);
    }
    for (const clOrdId of found.keys()) if (!live.has(clOrdId)) throw new Violation(`${account}: order ${clOrdId} lives, and should not`);
  }
}
