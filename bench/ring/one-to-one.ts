/** P1, throughput: one thread sends 64-byte records, another reads them, over a ring, over ringbuf.js and over a MessagePort. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { RingBuffer } from "ringbuf.js";
import { END_OF_BATCH, type GateReader, type RecordHandler, SpscRing } from "../../engine/ring/index.js";
import { beat, Hand } from "./crew.js";
import { RECORD_WORDS, readRecord, requireSum, sumOf } from "./records.js";
import { type Row, ratioOf, rowOf } from "./statistics.js";

export interface ThroughputSize {
  readonly rounds: number;
  readonly records: number;
  readonly portRecords: number;
}

const CAPACITY_BYTES = 1 << 20;
const BATCH = 64;
const POLL_LIMIT = 256;

type Round = () => Promise<void> | void;

/** One contestant: how many records a round has, and how it is read. */
interface Contestant {
  readonly records: number;
  readonly read: Round;
  readonly hand: Hand;
  readonly ratesMillion: number[];
}

function readByPoll(reader: GateReader, count: number): number {
  let sum = 0;
  const onRecord: RecordHandler = (words, at) => {
    sum += readRecord(words, at);
  };
  let looks = 0;
  for (let read = 0; read < count; ) {
    const records = reader.poll(onRecord, POLL_LIMIT);
    read += records;
    looks = records > 0 ? 0 : beat(looks);
  }
  return sum;
}

/** The same with the caller's own loop, whose body the compiler sees whatever else polls in this thread. */
function readByCursor(reader: GateReader, count: number): number {
  const words = reader.words;
  let sum = 0;
  let looks = 0;
  for (let read = 0; read < count; ) {
    const records = reader.begin(POLL_LIMIT);
    read += records;
    if (records === 0) {
      looks = beat(looks);
      continue;
    }
    looks = 0;
    for (let at = reader.next(); at !== END_OF_BATCH; at = reader.next()) sum += readRecord(words, at);
    reader.accept();
  }
  return sum;
}

function readRingbuf(ring: RingBuffer, count: number, batch: number): number {
  const staging = new Int32Array(batch * RECORD_WORDS);
  let sum = 0;
  let looks = 0;
  for (let read = 0; read < count; ) {
    const records = Math.min(batch, Math.floor(ring.available_read() / RECORD_WORDS));
    if (records === 0) {
      looks = beat(looks);
      continue;
    }
    looks = 0;
    ring.pop(staging, records * RECORD_WORDS);
    for (let i = 0; i < records; i++) sum += readRecord(staging, i * RECORD_WORDS);
    read += records;
  }
  return sum;
}

function readPort(port: MessagePort, count: number): Promise<number> {
  return new Promise((resolve) => {
    let sum = 0;
    let read = 0;
    const onRecord = (record: Int32Array): void => {
      sum += readRecord(record, 0);
      if (++read < count) return;
      port.off("message", onRecord);
      resolve(sum);
    };
    port.on("message", onRecord);
  });
}

async function ringContestant(records: number, read: (reader: GateReader, count: number) => number, what: string): Promise<Contestant> {
  const ring = SpscRing.create({ capacityBytes: CAPACITY_BYTES });
  const reader = ring.gate();
  const hand = await Hand.start({ job: "produceSingle", ring: ring.shared, count: records, batch: BATCH });
  return { records, hand, ratesMillion: [], read: () => requireSum(what, read(reader, records), sumOf(records)) };
}

async function ringbufContestant(records: number, batch: number): Promise<Contestant> {
  const storage = RingBuffer.getStorageForCapacity(CAPACITY_BYTES / 4, Int32Array);
  const ring = new RingBuffer(storage, Int32Array);
  const hand = await Hand.start({ job: "produceRingbuf", storage, count: records, batch });
  return { records, hand, ratesMillion: [], read: () => requireSum("ringbuf.js", readRingbuf(ring, records, batch), sumOf(records)) };
}

async function portContestant(records: number): Promise<Contestant> {
  const { port1, port2 } = new MessageChannel();
  const hand = await Hand.start({ job: "producePort", port: port2, count: records }, port2);
  const read = async (): Promise<void> => requireSum("MessagePort", await readPort(port1, records), sumOf(records));
  return { records, hand, ratesMillion: [], read };
}

async function runRound(contestant: Contestant, counts: boolean): Promise<void> {
  const startMs = performance.now();
  contestant.hand.go();
  await contestant.read();
  const tookMs = performance.now() - startMs;
  contestant.hand.finished();
  if (counts) contestant.ratesMillion.push(contestant.records / tookMs / 1_000);
}

/** Makes `poll` meet other handlers in this thread first, as in a program that reads many rings. */
function meetOtherHandlers(): void {
  const ring = SpscRing.create({ capacityBytes: 4096, shared: false });
  const producer = ring.producer();
  const reader = ring.gate();
  let met = 0;
  // Written one by one: closures of one literal would count as one target for the compiler.
  const handlers: readonly RecordHandler[] = [
    (words, at) => {
      met += words[at];
    },
    (_words, at) => {
      met += at;
    },
    (_words, _at, lengthBytes) => {
      met += lengthBytes;
    },
    (words) => {
      met += words.length;
    },
    (words, at) => {
      met ^= words[at + 1];
    },
    () => {
      met++;
    },
  ];
  for (let i = 0; i < 20_000; i++) {
    producer.tryClaim(64);
    producer.commit();
    producer.publish();
    reader.poll(handlers[i % handlers.length], 1);
  }
  if (met === 0) throw new Error("the other handlers must have been called");
}

/** Runs the contestants in turn, round after round; one uncounted round first. */
async function interleave(contestants: readonly Contestant[], rounds: number): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) await runRound(contestant, round > 0);
  }
}

export async function benchOneToOne(size: ThroughputSize): Promise<Row[]> {
  const poll = await ringContestant(size.records, readByPoll, "ring, poll");
  const one = await ringbufContestant(size.records, 1);
  const many = await ringbufContestant(size.records, BATCH);
  const port = await portContestant(size.portRecords);
  await interleave([poll, one, many, port], size.rounds);
  meetOtherHandlers();
  const met = await ringContestant(size.records, readByPoll, "ring, poll after other handlers");
  const cursor = await ringContestant(size.records, readByCursor, "ring, begin and next");
  await interleave([met, cursor], size.rounds);
  for (const contestant of [poll, one, many, port, met, cursor]) await contestant.hand.stop();
  const unit = "M records/s";
  return [
    rowOf("one-to-one ring, 64 bytes, poll, batches of 64", unit, poll.ratesMillion, "≥ 20, reach for 50"),
    rowOf("one-to-one ring, poll in a thread that has polled with 6 other handlers", unit, met.ratesMillion),
    rowOf("one-to-one ring, begin and next in the same thread", unit, cursor.ratesMillion),
    rowOf("ringbuf.js, record by record", unit, one.ratesMillion),
    rowOf("ringbuf.js, batches of 64", unit, many.ratesMillion),
    rowOf("MessagePort", unit, port.ratesMillion),
    ratioOf("ring over ringbuf.js record by record", poll.ratesMillion, one.ratesMillion, "≥ 1.0"),
    ratioOf("ring over ringbuf.js in batches", poll.ratesMillion, many.ratesMillion, "≥ 1.0"),
    ratioOf("ring over MessagePort", poll.ratesMillion, port.ratesMillion, "≥ 50"),
  ];
}
