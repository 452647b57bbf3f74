import { BusinessReject, CLOSE_CODES, codeName, Header, Logon, LogonAck, LogoutNotice, TEMPLATES } from "../../engine/wire/index.js";
import { Gateway } from "../../gateway/index.js";
import { type MemoryClient, MemoryTransport } from "../gateway/memory-transport.js";
import { logon } from "../gateway/records.js";
import { readSchema, type Schema } from "../wire/schema-codec.js";
import { type PlainRecord, RecordCheck } from "./check-record.js";
import { RecordDraw } from "./draw-record.js";
import { FuzzEngine } from "./fuzz-engine.js";
import { FrameMutator } from "./mutate-frame.js";
import { Random } from "./random.js";

const KEY = { id: "fuzz", secret: "s" };
const RECORDS_MAX = 4;
const SEQ_MAX = 2 ** 52;
/** Events are read once a turn of the event loop. */
const FRAMES_PER_TURN = 16;
const DIGEST_EVERY = 64;
const CHECK_EVERY = 4_096;
const PLENTY = { perSecond: 1e9, burst: 1e9 };
const COUNTED_TEMPLATE_FIRST = 20;

export interface FuzzCounts {
  frames: number;
  malformed: number;
  /** Records that the gateway has refused, by code. */
  refused: Map<string, number>;
  /** Templates of the schema that were in a frame that could be walked. */
  templates: Set<number>;
  commands: number;
  sessions: number;
  digests: number;
}

/** Thrown with what it takes to see it again. */
export class FuzzFailure extends Error {
  constructor(seed: number, frame: number, bytes: Uint8Array, message: string) {
    super(`seed ${seed}, frame ${frame}: ${message}\n${Buffer.from(bytes).toString("hex")}`);
    this.name = "FuzzFailure";
  }
}

/** Sends mutated frames to a gateway with the trading core behind it, and holds every answer to the rules. */
export class FrameFuzz {
  readonly counts: FuzzCounts = {
    frames: 0,
    malformed: 0,
    refused: new Map(),
    templates: new Set(),
    commands: 0,
    sessions: 0,
    digests: 0,
  };
  private readonly schema: Schema = readSchema();
  private readonly random: Random;
  private readonly draw: RecordDraw;
  private readonly mutator: FrameMutator;
  private readonly check: RecordCheck;
  private readonly engine = new FuzzEngine();
  private readonly transport = new MemoryTransport();
  private gateway: Gateway | undefined;
  private client: MemoryClient | undefined;
  private sessionId = 0;
  private seqNext = 1;
  private serverSeq = 0;
  private frame: Uint8Array = new Uint8Array(0);
  /** Parts of Logons that were really signed: splicing may bring one back that was never taken. */
  private readonly signed = new Set<string>();

  constructor(private readonly seed: number) {
    this.random = new Random(seed);
    this.draw = new RecordDraw(this.schema, this.random);
    this.mutator = new FrameMutator(this.draw);
    this.check = new RecordCheck(this.schema);
  }

  async open(): Promise<void> {
    this.gateway = await Gateway.listen(this.engine, {
      port: 0,
      transport: this.transport,
      keys: [{ ...KEY, account: "alice", permissions: ["trade", "marketData"] }],
      limits: { maxInFlight: 1 << 20, maxNonces: 1 << 16, logonWindowMs: 100, replySpinUs: 0, eagerUs: 100_000 },
      throttle: {
        session: PLENTY,
        account: PLENTY,
        address: PLENTY,
        sessionCancels: PLENTY,
        accountCancels: PLENTY,
        addressCancels: PLENTY,
      },
    });
  }

  async close(): Promise<void> {
    await this.gateway?.close();
  }

  /** What the gateway holds, to see that it does not grow. */
  stats() {
    return this.gateway?.stats();
  }

  /** Throws FuzzFailure at the first answer that breaks a rule. */
  async run(frames: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      if (this.counts.frames % FRAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      await this.one();
      if (this.counts.frames % CHECK_EVERY === 0) this.engine.core.assertConsistent();
    }
  }

  private async one(): Promise<void> {
    if (this.client === undefined || this.client.closeCode !== 0) await this.logOn();
    const client = this.client as MemoryClient;
    this.answers(); // What came with the turn of the event loop belongs to frames before.
    this.frame = this.drawFrame();
    const isDigested = this.counts.frames % DIGEST_EVERY === 0;
    const digest = isDigested ? this.engine.core.stateHash() : "";
    this.engine.commands.length = 0;
    const plain = this.check.walk(this.frame);
    client.send(this.frame);
    this.counts.frames += 1;
    const answers = this.answers();
    for (const words of answers) this.mustBeGood(words);
    if (plain === undefined) this.mustBeMalformed(client, answers);
    else this.mustBeTaken(plain, answers);
    if (isDigested && this.engine.commands.length === 0) {
      this.counts.digests += 1;
      this.must(this.engine.core.stateHash() === digest, "a frame without commands has changed the books");
    }
  }

  private drawFrame(): Uint8Array {
    const { random, draw } = this;
    const parts = Array.from({ length: 1 + random.below(RECORDS_MAX) }, () => {
      const message = draw.message();
      // A logout ends the session and with it the fun; heartbeats have no seq of their own.
      if (message.id === TEMPLATES.Logout && !random.oneIn(8)) return draw.record(draw.message(), this.seqNext++, 0);
      const seq = message.id < COUNTED_TEMPLATE_FIRST ? 0 : this.seqNext++;
      return draw.record(message, seq, random.oneIn(3) ? 1 + random.below(3) : 0);
    });
    let frame = new Uint8Array(Buffer.concat(parts));
    for (let times = random.oneIn(3) ? 1 + random.below(2) : 0; times > 0; times--) frame = new Uint8Array(this.mutator.mutate(frame));
    return frame;
  }

  /** A malformed frame ends its session with a word, and nothing of it is applied. */
  private mustBeMalformed(client: MemoryClient, answers: readonly Int32Array[]): void {
    this.counts.malformed += 1;
    this.must(this.engine.commands.length === 0, "a command of a malformed frame was applied");
    this.must(client.closeCode === CLOSE_CODES.MALFORMED_FRAME, `the close code was ${client.closeCode}`);
    const last = answers.at(-1);
    this.must(last !== undefined && Header.templateId(last, 0) === TEMPLATES.LogoutNotice, "the last word must be a LogoutNotice");
    if (last !== undefined) this.must(/^[A-Z_]+ at offset \d+$/.test(LogoutNotice.text(last, 0)), "it must name code and offset");
  }

  /** Every record is applied or refused, never both, and what is applied is this session's. */
  private mustBeTaken(plain: readonly PlainRecord[], answers: readonly Int32Array[]): void {
    const refused = new Set<number>();
    for (const words of answers) {
      if (Header.templateId(words, 0) !== TEMPLATES.BusinessReject || isAgain(words)) continue;
      const code = codeName(BusinessReject.code(words, 0));
      this.counts.refused.set(code, (this.counts.refused.get(code) ?? 0) + 1);
      const at = BusinessReject.offset(words, 0);
      this.must(
        plain.some(({ offset }) => offset === at),
        `a refusal names offset ${at}`,
      );
      refused.add(BusinessReject.clientSeq(words, 0));
    }
    let before = 0;
    for (const command of this.engine.commands) {
      const fault = this.check.faultOf(command, ["client", "admin"]);
      this.must(fault === undefined, `a bad command was applied: ${fault}`);
      // A record of the session in front of it may have the same seq, which is none there.
      const isAsked = plain.some(
        ({ seq, template }) => seq === BigInt(Header.seq(command, 0)) && template === Header.templateId(command, 0),
      );
      this.must(isAsked, `a command that no record asked for: template ${Header.templateId(command, 0)}`);
      this.must(!refused.has(Header.seq(command, 0)) || isTwice(plain, Header.seq(command, 0)), "a refused record was applied");
      this.must(Header.seq(command, 0) > before, "commands are out of order");
      before = Header.seq(command, 0);
    }
    this.counts.commands += this.engine.commands.length;
    for (const { template, message } of plain) if (message !== undefined) this.counts.templates.add(template);
    this.follow(plain);
  }

  /** A record may have jumped far ahead: then honest ones behind it would all be duplicates. */
  private follow(plain: readonly PlainRecord[]): void {
    for (const { seq, template } of plain) {
      if (template === TEMPLATES.Logout) this.client = undefined;
      if (seq < BigInt(SEQ_MAX) && Number(seq) >= this.seqNext) this.seqNext = Number(seq) + 1;
      else if (seq >= BigInt(SEQ_MAX) && seq <= BigInt(Number.MAX_SAFE_INTEGER)) this.client = undefined;
    }
  }

  /** Whatever the gateway says is a whole record of a gateway, and its counted records have no gaps. */
  private mustBeGood(words: Int32Array): void {
    const fault = this.check.faultOf(words, ["gateway", "either"]);
    this.must(fault === undefined, `a bad answer: ${fault}`);
    const seq = Header.seq(words, 0);
    if (isAgain(words)) this.must(seq <= this.serverSeq, `a record is sent again that never was: ${seq}`);
  }

  /** What has come; server seqs are followed here, because answers may come with any frame. */
  private answers(): Int32Array[] {
    const records: Int32Array[] = [];
    for (const message of this.client?.received.splice(0) ?? []) {
      const words = new Int32Array(message.slice().buffer);
      for (let at = 0; at < words.length; at += Header.length(words, at) >> 2) {
        const record = words.slice(at, at + (Header.length(words, at) >> 2));
        records.push(record);
        this.followServerSeq(record);
      }
    }
    return records;
  }

  private followServerSeq(words: Int32Array): void {
    const seq = Header.seq(words, 0);
    if (seq === 0 || isAgain(words) || isOfMarketData(Header.templateId(words, 0))) return;
    this.must(seq === this.serverSeq + 1, `server seq ${seq} of template ${Header.templateId(words, 0)} follows ${this.serverSeq}`);
    this.serverSeq = seq;
  }

  /** Now and then the Logon is mutated too: then it must be refused, unless nothing that counts was changed. */
  private async logOn(): Promise<void> {
    for (;;) {
      await Promise.resolve(); // The close of the socket before is told in a microtask.
      this.client = this.transport.connect();
      this.serverSeq = 0;
      const good = logon({ key: KEY.id, secret: KEY.secret });
      this.signed.add(signedPart(good));
      this.frame = this.random.oneIn(4) ? new Uint8Array(this.mutator.mutate(good)) : good;
      this.client.send(this.frame);
      const [first] = this.answers();
      const isIn = first !== undefined && Header.templateId(first, 0) === TEMPLATES.LogonAck;
      if (isIn && first !== undefined) {
        this.must(this.signed.has(signedPart(this.frame)), "a Logon was taken that nobody has signed");
        this.sessionId = LogonAck.session(first, 0);
        this.seqNext = LogonAck.nextClientSeq(first, 0);
        this.counts.sessions += 1;
        if (this.client.closeCode === 0) return;
      } else {
        this.must(this.client.closeCode !== 0 || first === undefined, "a refused Logon must end the connection");
        this.must(this.frame !== good || this.sessionId >= 0, "an honest Logon was refused");
        if (this.frame === good) await new Promise((resolve) => setTimeout(resolve, 20)); // Its nonces are used up for a while.
      }
    }
  }

  private must(condition: boolean, message: string): void {
    if (!condition) throw new FuzzFailure(this.seed, this.counts.frames, this.frame, message);
  }
}

/** Sent again because a ResendRequest asked for it. */
function isAgain(words: Int32Array): boolean {
  return (Header.flags(words, 0) & Header.FLAG_POSSIBLE_RESEND) !== 0;
}

/** Market data counts for itself; the answer to its subscription is the session's. */
function isOfMarketData(template: number): boolean {
  return template > TEMPLATES.SubscribeAck && template < 100;
}

/** Whether two records of a frame have the same seq: the second of them is refused. */
function isTwice(plain: readonly PlainRecord[], seq: number): boolean {
  return plain.filter((record) => record.seq === BigInt(seq)).length > 1;
}

/** Of a Logon, the block and the 32 bytes of its signature; the rest of the signature's field is nobody's. */
function signedPart(frame: Uint8Array): string {
  return Buffer.from(frame.subarray(32, Logon.RECORD_BYTES - 32)).toString("latin1");
}
