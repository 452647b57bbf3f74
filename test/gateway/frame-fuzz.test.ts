import { expect, it } from "vitest";
import { FrameTable, Header, LogoutNotice, TEMPLATES } from "../../engine/wire/index.js";
import { CLOSE, Gateway } from "../../gateway/index.js";
import { FakeEngine } from "./fake-port.js";
import { type MemoryClient, MemoryTransport } from "./memory-transport.js";
import { cancel, concat, heartbeat, instrumentListRequest, logon, massCancel, newOrder, subscribe, testRequest } from "./records.js";

const FRAMES = 20_000;
const KEYS = [{ id: "fuzz", secret: "s", account: "alice", permissions: ["trade", "marketData"] }] as const;
const NULL = -(2n ** 63n);
const SAFE = 2n ** 53n;

/** xorshift32, as in PERFORMANCE.md: the same frames every time. */
function randomOf(seed: number): (n: number) => number {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

/** A record as an honest client sends it. */
function honest(random: (n: number) => number, seq: number): Uint8Array {
  switch (random(8)) {
    case 0:
      return cancel({ seq, clOrdId: 1 + random(1000) });
    case 1:
      return massCancel({ seq });
    case 2:
      return subscribe({ seq, instrument: random(4), channel: random(2) });
    case 3:
      return instrumentListRequest(seq);
    case 4:
      return testRequest(random(1000));
    case 5:
      return heartbeat(seq);
    default:
      return newOrder({ seq, clOrdId: 1 + random(1000), side: random(2), price: 1 + random(500), qty: 1 + random(9) });
  }
}

const INTERESTING = [
  0, 1, 2, 7, 8, 24, 31, 32, 40, 56, 88, 96, 127, 128, 255, 256, 0x7fff, 0x8000, 0xeb50, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** Breaks a frame where it hurts: headers, lengths, ids, numbers and ends. */
function mutate(frame: Uint8Array, random: (n: number) => number): Uint8Array {
  const bytes = frame.slice();
  const view = new DataView(bytes.buffer);
  const value = INTERESTING[random(INTERESTING.length)] ?? 0;
  const word = 4 * random(Math.max(1, bytes.length >> 2));
  switch (random(9)) {
    case 0:
      view.setUint8(random(bytes.length), random(256));
      return bytes;
    case 1:
      view.setUint32(0, value, true);
      return bytes;
    case 2:
      view.setUint16(2 * random(8), value & 0xffff, true);
      return bytes;
    case 3:
      return bytes.subarray(0, random(bytes.length + 1));
    case 4:
      view.setUint32(word, value, true);
      return bytes;
    case 5:
      view.setUint16(10, random(130), true);
      return bytes;
    case 6:
      view.setUint8(random(bytes.length), 1 << random(8));
      return bytes;
    case 7:
      return concat(bytes, bytes.subarray(0, 8 * random(bytes.length >> 3)));
    default:
      view.setUint32(16 + 4 * random(4), value, true);
      return bytes;
  }
}

interface Plain {
  readonly template: number;
  readonly seq: bigint;
}

/** A second opinion, by DataView and BigInt: the records of a frame, or undefined when it is malformed. */
function walk(bytes: Uint8Array, blockOf: ReadonlyMap<number, number>): Plain[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Plain[] = [];
  let at = 0;
  while (at < bytes.length || records.length === 0) {
    if (bytes.length - at < 32 || view.getUint16(at + 4, true) !== 0xeb50) return undefined;
    const length = view.getUint32(at, true);
    const block = view.getUint16(at + 8, true);
    const template = view.getUint16(at + 10, true);
    if (length % 8 !== 0 || length < 32 || at + length > bytes.length) return undefined;
    if (view.getUint16(at + 12, true) !== 1 || view.getUint16(at + 14, true) === 0) return undefined;
    if (block % 8 !== 0 || 32 + block > length || block < (blockOf.get(template) ?? 0)) return undefined;
    records.push({ template, seq: view.getBigUint64(at + 16, true) });
    at += length;
  }
  return records;
}

/** What may enter the ring: numbers in range, words of enumerations known, and the session's own name on it. */
function assertClean(command: Int32Array, session: number): void {
  const view = new DataView(command.buffer);
  const template = Header.templateId(command, 0);
  const size = {
    [TEMPLATES.NewOrder]: 88,
    [TEMPLATES.Cancel]: 64,
    [TEMPLATES.Reduce]: 72,
    [TEMPLATES.Replace]: 88,
    [TEMPLATES.MassCancel]: 56,
  }[template];
  expect(command.length * 4).toBe(size);
  const int64s =
    { [TEMPLATES.NewOrder]: 4, [TEMPLATES.Cancel]: 3, [TEMPLATES.Reduce]: 4, [TEMPLATES.Replace]: 6, [TEMPLATES.MassCancel]: 1 }[
      template
    ] ?? 0;
  for (let i = 0; i < int64s; i++) {
    const value = view.getBigInt64(32 + 8 * i, true);
    if (value === NULL) continue;
    expect(value < SAFE && value > -SAFE).toBe(true);
  }
  const at = 32 + 8 * int64s;
  expect([view.getUint32(at, true), view.getUint32(at + 4, true)]).toEqual([1, session]);
  if (template !== TEMPLATES.NewOrder) return;
  expect(view.getUint8(at + 16)).toBeLessThan(2);
  expect(view.getUint8(at + 17)).toBeLessThan(2);
  expect(view.getUint8(at + 18)).toBeLessThan(3);
}

const QUESTIONS: readonly number[] = [
  TEMPLATES.OrderStatusRequest,
  TEMPLATES.MassStatusRequest,
  TEMPLATES.BalanceRequest,
  TEMPLATES.PositionRequest,
];

it(`${FRAMES} mutated frames: malformed ones leave no trace, the others are answered record by record`, async () => {
  const blockOf = new Map(Array.from(FrameTable.BLOCK_BYTES, (bytes, template) => [template, bytes] as const));
  const random = randomOf(20260807);
  const engine = new FakeEngine();
  engine.respond = () => [];
  const transport = new MemoryTransport();
  const gateway = await Gateway.listen(engine, {
    port: 0,
    transport,
    keys: KEYS,
    limits: { maxInFlight: 1 << 20, maxNonces: 1 << 16, replySpinUs: 0 },
  });
  const counts = { malformed: 0, applied: 0, refused: 0, sessions: 0 };
  let client: MemoryClient | undefined;
  let seqNext = 1;
  let serverSeq = 0;

  for (let i = 0; i < FRAMES; i++) {
    if (client === undefined || client.closeCode !== 0) {
      await Promise.resolve();
      client = transport.connect();
      client.send(logon({ key: "fuzz", secret: "s" }));
      seqNext = 1;
      serverSeq = 0;
      counts.sessions += 1;
      client.received.length = 0;
    }
    const size = 1 + random(4);
    let frame = concat(...Array.from({ length: size }, (_, k) => honest(random, seqNext + k)));
    seqNext += size;
    for (let k = random(3); k > 0 && frame.length >= 32; k--) frame = mutate(frame, random);
    const plain = walk(frame, blockOf);
    client.send(frame);
    const resent: Int32Array[] = [];
    const answers = answersOf(client).filter((words) => {
      const isAgain = (Header.flags(words, 0) & Header.FLAG_POSSIBLE_RESEND) !== 0;
      if (isAgain) resent.push(words);
      return !isAgain;
    });
    for (const words of resent) expect(Header.seq(words, 0)).toBeLessThanOrEqual(serverSeq + answers.length);
    const commands = engine.commands.splice(0);
    if (plain === undefined) {
      counts.malformed += 1;
      expect(commands).toHaveLength(0);
      expect(client.closeCode).toBe(CLOSE.MALFORMED_FRAME);
      expect(answers.map((words) => Header.templateId(words, 0))).toEqual([TEMPLATES.LogoutNotice]);
      expect(LogoutNotice.text(answers[0] as Int32Array, 0)).toMatch(/^[A-Z_]+ at offset \d+$/);
      continue;
    }
    for (const command of commands) assertClean(command, counts.sessions);
    counts.applied += commands.length;
    for (const words of answers) {
      const template = Header.templateId(words, 0);
      if (template === TEMPLATES.TestReply || template === TEMPLATES.TopOfBook || template === TEMPLATES.LogoutNotice) continue;
      expect(Header.seq(words, 0)).toBe(++serverSeq);
    }
    const refused = answers.filter((words) => Header.templateId(words, 0) === TEMPLATES.BusinessReject).length;
    counts.refused += refused;
    // After a Logout the rest of a frame is not looked at, and the session is on its way out.
    if (plain.some((record) => record.template === TEMPLATES.Logout)) {
      client = undefined;
      continue;
    }
    // What is asked waits for the commands in front of it, and this engine answers none.
    const hasQuestion = plain.some(({ template }) => QUESTIONS.includes(template));
    if (client.closeCode === 0 && !hasQuestion) expect(answered(answers, commands.length)).toBe(expectedAnswers(plain, answers));
    // A mutated seq may have jumped far ahead: then the honest ones that follow would all be duplicates.
    const highest = plain.reduce((max, record) => (record.seq < SAFE && record.seq > max ? record.seq : max), 0n);
    if (highest >= BigInt(seqNext)) seqNext = highest > 2n ** 52n ? seqNext : Number(highest) + 1;
  }
  await gateway.close();
  expect(counts.malformed).toBeGreaterThan(FRAMES / 10);
  expect(counts.applied).toBeGreaterThan(FRAMES / 2);
  expect(counts.refused).toBeGreaterThan(FRAMES / 20);
}, 60_000);

function answersOf(client: MemoryClient): Int32Array[] {
  const records: Int32Array[] = [];
  for (const message of client.received.splice(0)) {
    const words = new Int32Array(message.slice().buffer);
    for (let at = 0; at < words.length; at += Header.length(words, at) / 4)
      records.push(words.slice(at, at + Header.length(words, at) / 4));
  }
  return records;
}

/** Every record is taken into the ring, or answered by exactly one of these. */
function answered(answers: Int32Array[], commands: number): number {
  const single: number[] = [TEMPLATES.BusinessReject, TEMPLATES.SubscribeAck, TEMPLATES.TestReply];
  single.push(TEMPLATES.RequestStatus, TEMPLATES.CancelAllAfterAck);
  const lists = answers.filter(
    (words) => Header.templateId(words, 0) === TEMPLATES.InstrumentDefinition && Header.flags(words, 0) !== 0,
  ).length;
  return commands + lists + answers.filter((words) => single.includes(Header.templateId(words, 0))).length;
}

/** Heartbeats, replies to tests and requests to resend are taken without a word of their own, unless something is wrong with them. */
function expectedAnswers(plain: Plain[], answers: Int32Array[]): number {
  const silent: number[] = [TEMPLATES.Heartbeat, TEMPLATES.TestReply, TEMPLATES.ResendRequest];
  const silentRecords = plain.filter((record) => silent.includes(record.template)).length;
  const refusedSilent = answers.filter((words) => {
    if (Header.templateId(words, 0) !== TEMPLATES.BusinessReject) return false;
    return silent.includes(new DataView(words.buffer).getUint16(32 + 18, true));
  }).length;
  return plain.length - silentRecords + refusedSilent;
}
