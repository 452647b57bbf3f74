import { decode, encode } from "@msgpack/msgpack";
import { CLOSE_CODES, Header, TEMPLATES } from "../../engine/wire/index.js";
import { type RecordMap, readMap } from "../../gateway/codec/record-map.js";
import { Gateway } from "../../gateway/index.js";
import { type MemoryClient, MemoryTransport } from "../gateway/memory-transport.js";
import { logon } from "../gateway/records.js";
import { readSchema } from "../wire/schema-codec.js";
import { RecordCheck } from "./check-record.js";
import { RecordDraw } from "./draw-record.js";
import { FuzzFailure } from "./frame-fuzz.js";
import { FuzzEngine } from "./fuzz-engine.js";
import { Random } from "./random.js";

const KEY = { id: "fuzz", secret: "s" };
const MSGPACK = "ringbook.msgpack.v1";
const FRAMES_PER_TURN = 16;
const PLENTY = { perSecond: 1e9, burst: 1e9 };
const COUNTED_TEMPLATE_FIRST = 20;

/** What people and scripts put where something else belongs. */
const ODD_VALUES: readonly unknown[] = [
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 63), 2 ** 64, 1e308, 4294967295, 4294967296],
  ...["", "buy", "sell", "__proto__", "constructor", "x".repeat(64), "x".repeat(65), true, false, null, undefined],
  ...[[], [[]], ["postOnly"], ["none", "none"], {}, { toString: 1 }, new Uint8Array(64), new Uint8Array(65)],
];

/** As FrameFuzz, for MessagePack: mutated maps and mutated bytes. */
export class MapFuzz {
  readonly counts = { frames: 0, closed: 0, commands: 0, answers: 0 };
  private readonly random: Random;
  private readonly draw: RecordDraw;
  private readonly check: RecordCheck;
  private readonly engine = new FuzzEngine();
  private readonly transport = new MemoryTransport();
  private gateway: Gateway | undefined;
  private client: MemoryClient | undefined;
  private seqNext = 1;
  private frame: Uint8Array = new Uint8Array(0);

  constructor(private readonly seed: number) {
    const schema = readSchema();
    this.random = new Random(seed);
    this.draw = new RecordDraw(schema, this.random);
    this.check = new RecordCheck(schema);
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

  /** Throws FuzzFailure at the first answer that breaks a rule. */
  async run(frames: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      if (i % FRAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.client === undefined || this.client.closeCode !== 0) await this.logOn();
      this.one(this.client as MemoryClient);
    }
    this.engine.core.assertConsistent();
  }

  private one(client: MemoryClient): void {
    this.engine.commands.length = 0;
    this.frame = this.drawFrame();
    client.send(this.frame);
    this.counts.frames += 1;
    this.takeAnswers(client);
    let before = 0;
    for (const command of this.engine.commands) {
      const fault = this.check.faultOf(command, ["client", "admin"]);
      this.must(fault === undefined, `a bad command was applied: ${fault}`);
      this.must(Header.seq(command, 0) > before, "commands are out of order");
      before = Header.seq(command, 0);
    }
    this.counts.commands += this.engine.commands.length;
    if (client.closeCode === 0) return;
    this.counts.closed += 1;
    const codes: readonly number[] = [CLOSE_CODES.MALFORMED_FRAME, CLOSE_CODES.LOGGED_OUT];
    this.must(codes.includes(client.closeCode), `the close code was ${client.closeCode}`);
    if (client.closeCode === CLOSE_CODES.MALFORMED_FRAME) this.must(this.engine.commands.length === 0, "a malformed frame was applied");
  }

  /** Whatever comes is maps of the schema's messages. */
  private takeAnswers(client: MemoryClient): void {
    for (const message of client.received.splice(0)) {
      const value = decode(message) as RecordMap | RecordMap[];
      for (const map of Array.isArray(value) ? value : [value]) {
        this.counts.answers += 1;
        this.must(Object.hasOwn(TEMPLATES, String(map["template"])), `an answer is called ${String(map["template"])}`);
      }
    }
  }

  private drawFrame(): Uint8Array {
    const { random } = this;
    const maps = Array.from({ length: 1 + random.below(3) }, () => this.drawMap());
    const bytes = encode(maps.length === 1 ? maps[0] : maps);
    return random.oneIn(4) ? this.mutateBytes(bytes.slice()) : bytes;
  }

  private drawMap(): unknown {
    const { random, draw } = this;
    const message = draw.message();
    const seq = message.id < COUNTED_TEMPLATE_FIRST ? 0 : this.seqNext++;
    const record = draw.record(message, seq, 0);
    const map = readMap(new Int32Array(record.buffer), 0) ?? {};
    for (let times = random.oneIn(2) ? 1 + random.below(2) : 0; times > 0; times--) this.spoil(map);
    if (Number.isInteger(map["seq"]) && Number(map["seq"]) >= this.seqNext && Number(map["seq"]) < 2 ** 50)
      this.seqNext = Number(map["seq"]) + 1;
    return random.oneIn(50) ? random.pick(ODD_VALUES) : map;
  }

  private spoil(map: RecordMap): void {
    const { random } = this;
    const key = random.pick(Object.keys(map));
    switch (random.below(4)) {
      case 0:
        delete map[key];
        return;
      case 1:
        map[random.pick(["__proto__", "constructor", "reserved", "length", "Seq", ""])] = 1;
        return;
      default:
        // A seq that has jumped to the end of all numbers leaves nothing to send.
        map[key] = key === "seq" ? random.pick([-1, 1.5, "1", null, 0]) : random.pick(ODD_VALUES);
    }
  }

  private mutateBytes(bytes: Uint8Array): Uint8Array {
    const { random } = this;
    if (random.oneIn(3)) return bytes.subarray(0, random.below(bytes.length + 1));
    if (random.oneIn(3)) return new Uint8Array(Buffer.concat([bytes, bytes.subarray(0, random.below(bytes.length))]));
    bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  }

  private async logOn(): Promise<void> {
    for (;;) {
      await Promise.resolve();
      this.client = this.transport.connect(MSGPACK);
      const record = logon({ key: KEY.id, secret: KEY.secret });
      this.client.send(encode(readMap(new Int32Array(record.buffer), 0)));
      this.seqNext = 1;
      if (this.client.closeCode === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20)); // Its nonces are used up for a while.
    }
  }

  private must(condition: boolean, message: string): void {
    if (!condition) throw new FuzzFailure(this.seed, this.counts.frames, this.frame, message);
  }
}
