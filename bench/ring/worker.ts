/** Entry of the ring bench's worker threads. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { RingBuffer } from "ringbuf.js";
import {
  BroadcastRing,
  type GateReader,
  INSUFFICIENT_CAPACITY,
  type ManyProducer,
  MpscRing,
  type SingleProducer,
  SpscRing,
} from "../../engine/ring/index.js";
import { beat, SHORT_PATIENCE, serve, sleepMs, type Work, type WorkerStart } from "./crew.js";
import { RECORD_BYTES, RECORD_WORDS, readRecord, writeRecord } from "./records.js";

/** Produces `count` records, publishing every `batch`. */
function produceSingle(producer: SingleProducer, count: number, batch: number): void {
  const words = producer.words;
  let unpublished = 0;
  let looks = 0;
  for (let n = 0; n < count; ) {
    const at = producer.tryClaim(RECORD_BYTES);
    if (at === INSUFFICIENT_CAPACITY) {
      looks = beat(looks);
      continue;
    }
    looks = 0;
    writeRecord(words, at, n++);
    producer.commit();
    if (++unpublished === batch) {
      producer.publish();
      unpublished = 0;
    }
  }
  producer.publish();
}

function produceMany(producer: ManyProducer, count: number, batch: number): void {
  const words = producer.words;
  let unpublished = 0;
  let looks = 0;
  for (let n = 0; n < count; ) {
    const at = producer.tryClaim(RECORD_BYTES);
    if (at === INSUFFICIENT_CAPACITY) {
      looks = beat(looks, SHORT_PATIENCE);
      continue;
    }
    looks = 0;
    writeRecord(words, at, n++);
    producer.commit();
    if (++unpublished === batch) {
      producer.publish();
      unpublished = 0;
    }
  }
  producer.publish();
}

/** The same, noting the longest time that one batch took: a broadcast never waits for a reader. */
function broadcast(producer: SingleProducer, count: number, batch: number, stalls: Float64Array): void {
  const words = producer.words;
  let longestMs = 0;
  for (let n = 0; n < count; ) {
    const startMs = performance.now();
    const end = Math.min(count, n + batch);
    while (n < end) {
      const at = producer.tryClaim(RECORD_BYTES);
      if (at === INSUFFICIENT_CAPACITY) throw new Error("a broadcast ring must always have room");
      writeRecord(words, at, n++);
      producer.commit();
    }
    producer.publish();
    const tookMs = performance.now() - startMs;
    if (tookMs > longestMs) longestMs = tookMs;
  }
  stalls[0] = longestMs;
}

function produceRingbuf(ring: RingBuffer, count: number, batch: number): void {
  const staging = new Int32Array(batch * RECORD_WORDS);
  let looks = 0;
  for (let n = 0; n < count; ) {
    const records = Math.min(batch, count - n);
    if (ring.available_write() < records * RECORD_WORDS) {
      looks = beat(looks);
      continue;
    }
    looks = 0;
    for (let i = 0; i < records; i++) writeRecord(staging, i * RECORD_WORDS, n++);
    ring.push(staging, records * RECORD_WORDS);
  }
}

function producePort(port: MessagePort, count: number): void {
  for (let n = 0; n < count; n++) {
    const record = new Int32Array(RECORD_WORDS);
    writeRecord(record, 0, n);
    port.postMessage(record);
  }
}

/** Sends every record back, one by one. */
function echoRing(reader: GateReader, producer: SingleProducer, count: number): void {
  const words = producer.words;
  const onRecord = (from: Int32Array, at: number): void => {
    const to = producer.tryClaim(RECORD_BYTES);
    if (to === INSUFFICIENT_CAPACITY) throw new Error("the way back must have room for an echo");
    writeRecord(words, to, from[at + 1]);
    producer.commit();
    producer.publish();
  };
  let looks = 0;
  for (let echoed = 0; echoed < count; ) {
    const records = reader.poll(onRecord, 1);
    echoed += records;
    looks = records > 0 ? 0 : beat(looks);
  }
}

function echoRingbuf(out: RingBuffer, back: RingBuffer, count: number): void {
  const record = new Int32Array(RECORD_WORDS);
  let looks = 0;
  for (let echoed = 0; echoed < count; ) {
    if (out.available_read() < RECORD_WORDS) {
      looks = beat(looks);
      continue;
    }
    looks = 0;
    out.pop(record);
    back.push(record);
    echoed++;
  }
}

/** Observes with pauses until everything is delivered or lost, checking that the numbers of records and gaps fit together. */
function observer(work: Extract<Work, { job: "observe" }>): () => void {
  const reader = BroadcastRing.attach(work.ring).observer();
  const result = new Float64Array(work.result);
  let rounds = 0;
  return () => {
    const until = ++rounds * work.total;
    let wrong = 0;
    const first = reader.sequence;
    let expected = first;
    const onRecord = (words: Int32Array, at: number): void => {
      if (readRecord(words, at) !== 2 * ((expected++ - first) % work.total)) wrong++;
    };
    const onGap = (from: number, to: number): void => {
      if (from !== expected) wrong++;
      expected = to;
    };
    let looks = 0;
    while (reader.sequence < until) {
      const records = reader.poll(onRecord, 256, onGap);
      looks = records > 0 ? 0 : beat(looks, SHORT_PATIENCE);
      if (records > 0 && work.pauseMs > 0) sleepMs(work.pauseMs);
    }
    result.set([reader.delivered, reader.lost, wrong]);
  };
}

/** What one round of the job is. */
function roundOf(work: Work): () => void {
  switch (work.job) {
    case "produceSingle": {
      const producer = SpscRing.attach(work.ring).producer();
      return () => produceSingle(producer, work.count, work.batch);
    }
    case "produceMany": {
      const producer = MpscRing.attach(work.ring).producer();
      return () => produceMany(producer, work.count, work.batch);
    }
    case "broadcast": {
      const producer = BroadcastRing.attach(work.ring).producer();
      const stalls = new Float64Array(work.stalls);
      return () => broadcast(producer, work.count, work.batch, stalls);
    }
    case "produceRingbuf": {
      const ring = new RingBuffer(work.storage, Int32Array);
      return () => produceRingbuf(ring, work.count, work.batch);
    }
    case "producePort":
      return () => producePort(work.port, work.count);
    case "echoPort":
      throw new Error("the echo of a MessagePort has no rounds");
    case "echoRing": {
      const reader = SpscRing.attach(work.out).gate();
      const producer = SpscRing.attach(work.back).producer();
      return () => echoRing(reader, producer, work.count);
    }
    case "echoRingbuf": {
      const out = new RingBuffer(work.out, Int32Array);
      const back = new RingBuffer(work.back, Int32Array);
      return () => echoRingbuf(out, back, work.count);
    }
    case "observe":
      return observer(work);
  }
}

const { control, work: given } = workerData as WorkerStart;
const work = given as Work;
if (work.job === "echoPort") {
  const { port } = work;
  port.on("message", (record) => port.postMessage(record));
  parentPort?.postMessage("ready");
} else {
  const round = roundOf(work);
  parentPort?.postMessage("ready");
  serve(control, round);
}
