/**
 * P1, latency: a record of 64 bytes goes to another thread and comes back. Groups of trips are timed, because a clock call costs as much as
 * half a trip; the percentiles are over the groups' mean trips. The threads spin, so the figures need two free processors.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { RingBuffer } from "ringbuf.js";
import { type GateReader, INSUFFICIENT_CAPACITY, type RecordHandler, type SingleProducer, SpscRing } from "../../engine/ring/index.js";
import { beat, Hand } from "./crew.js";
import { RECORD_BYTES, RECORD_WORDS, writeRecord } from "./records.js";
import { percentile, type Row, ratioOf, rowOf } from "./statistics.js";

export interface RoundTripSize {
  readonly rounds: number;
  readonly trips: number;
  readonly portTrips: number;
}

const CAPACITY_BYTES = 4096;
const GROUP = 16;
const US_PER_MS = 1_000;

/** Sends `group` records one after the other, each after the echo of the one before. Throws when an echo is not its record. */
function ringTrips(producer: SingleProducer, reader: GateReader, first: number, group: number): void {
  let echoed = -1;
  const onEcho: RecordHandler = (words, at) => {
    echoed = words[at + RECORD_WORDS - 1];
  };
  for (let n = first; n < first + group; n++) {
    const at = producer.tryClaim(RECORD_BYTES);
    if (at === INSUFFICIENT_CAPACITY) throw new Error("the way out must have room for one record");
    writeRecord(producer.words, at, n);
    producer.commit();
    producer.publish();
    for (let looks = 0; reader.poll(onEcho, 1) === 0; ) looks = beat(looks);
    if (echoed !== n) throw new Error(`the echo must be ${n}, was ${echoed}`);
  }
}

function ringbufTrips(out: RingBuffer, back: RingBuffer, record: Int32Array, first: number, group: number): void {
  for (let n = first; n < first + group; n++) {
    writeRecord(record, 0, n);
    out.push(record);
    for (let looks = 0; back.available_read() < RECORD_WORDS; ) looks = beat(looks);
    back.pop(record);
    if (record[RECORD_WORDS - 1] !== n) throw new Error(`the echo must be ${n}, was ${record[RECORD_WORDS - 1]}`);
  }
}

function portTrip(port: MessagePort, n: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const record = new Int32Array(RECORD_WORDS);
    writeRecord(record, 0, n);
    port.once("message", (echo: Int32Array) =>
      echo[RECORD_WORDS - 1] === n ? resolve() : reject(new Error(`the echo must be ${n}, was ${echo[RECORD_WORDS - 1]}`)),
    );
    port.postMessage(record);
  });
}

/** Percentiles of one contestant, one value a round, in microseconds. */
class Trips {
  readonly p50Us: number[] = [];
  readonly p99Us: number[] = [];

  add(tripsUs: readonly number[]): void {
    this.p50Us.push(percentile(tripsUs, 0.5));
    this.p99Us.push(percentile(tripsUs, 0.99));
  }
}

function timeGroups(trips: number, run: (first: number, group: number) => void): number[] {
  const tripsUs: number[] = [];
  for (let first = 0; first < trips; first += GROUP) {
    const startMs = performance.now();
    run(first, GROUP);
    tripsUs.push(((performance.now() - startMs) * US_PER_MS) / GROUP);
  }
  return tripsUs;
}

async function timePort(port: MessagePort, trips: number): Promise<number[]> {
  const tripsUs: number[] = [];
  for (let n = 0; n < trips; n++) {
    const startMs = performance.now();
    await portTrip(port, n);
    tripsUs.push((performance.now() - startMs) * US_PER_MS);
  }
  return tripsUs;
}

export async function benchRoundTrip(size: RoundTripSize): Promise<Row[]> {
  const trips = Math.ceil(size.trips / GROUP) * GROUP;
  const [out, back] = [SpscRing.create({ capacityBytes: CAPACITY_BYTES }), SpscRing.create({ capacityBytes: CAPACITY_BYTES })];
  const [producer, reader] = [out.producer(), back.gate()];
  const ringHand = await Hand.start({ job: "echoRing", out: out.shared, back: back.shared, count: trips });
  const storage = [0, 1].map(() => RingBuffer.getStorageForCapacity(CAPACITY_BYTES / 4, Int32Array));
  const [ringbufOut, ringbufBack] = storage.map((memory) => new RingBuffer(memory, Int32Array));
  const ringbufHand = await Hand.start({ job: "echoRingbuf", out: storage[0], back: storage[1], count: trips });
  const { port1, port2 } = new MessageChannel();
  const portHand = await Hand.start({ job: "echoPort", port: port2 }, port2);
  const [ring, ringbuf, port] = [new Trips(), new Trips(), new Trips()];
  const record = new Int32Array(RECORD_WORDS);
  for (let round = 0; round <= size.rounds; round++) {
    ringHand.go();
    const ringUs = timeGroups(trips, (first, group) => ringTrips(producer, reader, first, group));
    ringHand.finished();
    ringbufHand.go();
    const ringbufUs = timeGroups(trips, (first, group) => ringbufTrips(ringbufOut, ringbufBack, record, first, group));
    ringbufHand.finished();
    const portUs = await timePort(port1, size.portTrips);
    if (round === 0) continue; // The first round warms up.
    ring.add(ringUs);
    ringbuf.add(ringbufUs);
    port.add(portUs);
  }
  for (const hand of [ringHand, ringbufHand, portHand]) await hand.stop();
  port1.close();
  return [
    rowOf("round trip over two rings, p50", "µs", ring.p50Us, "reach for ≤ 0.25"),
    rowOf("round trip over two rings, p99", "µs", ring.p99Us),
    rowOf("round trip over two ringbuf.js, p50", "µs", ringbuf.p50Us),
    rowOf("round trip over a MessagePort, p50", "µs", port.p50Us),
    rowOf("round trip over a MessagePort, p99", "µs", port.p99Us),
    ratioOf("round trip p50, MessagePort over ring", port.p50Us, ring.p50Us, "≥ 20"),
  ];
}
