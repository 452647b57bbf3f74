/**
 * One end of a ring in a thread of its own, for test/ring/ring-threads.test.ts. Starts from the compiled engine. Each job posts one result
 * and ends, except those that hang on purpose so that the test can terminate them.
 */
import { parentPort, workerData } from "node:worker_threads";
import {
  AnyReady,
  blockingWait,
  END_OF_BATCH,
  eventLoopWait,
  INSUFFICIENT_CAPACITY,
  MpscRing,
  SharedSignal,
  SpscRing,
} from "../../../dist/engine/ring/index.js";
import { checkRecord, lengthOf, writeRecord } from "./records.mjs";

const LIMIT = 64;
const WAIT_MS = 50;
const nap = new Int32Array(new SharedArrayBuffer(4));

function attach(shared) {
  return workerData.kind === "many" ? MpscRing.attach(shared) : SpscRing.attach(shared);
}

/** Sleeps a little, so that a full ring does not keep a processor from the reader. */
function rest() {
  Atomics.wait(nap, 0, 0, 1);
}

function hang() {
  for (;;) Atomics.wait(nap, 0, 0, 1_000);
}

function produceRecord(producer, id, sequence) {
  const lengthBytes = lengthOf(id, sequence, producer.maxRecordBytes);
  for (let tries = 0; ; tries++) {
    const at = producer.tryClaim(lengthBytes);
    if (at !== INSUFFICIENT_CAPACITY) {
      writeRecord(producer.words, at, lengthBytes, id, sequence);
      return;
    }
    producer.publish();
    if (tries > 100) rest();
  }
}

function produce({ shared, id, from, count, publishEvery, pauseEvery, takeOver }) {
  const producer = attach(shared).producer({ takeOver });
  for (let sequence = from; sequence < from + count; sequence++) {
    produceRecord(producer, id, sequence);
    producer.commit();
    if (sequence % publishEvery === 0) producer.publish();
    if (pauseEvery > 0 && sequence % pauseEvery === 0) rest();
  }
  producer.publish();
  return { index: producer.index, committed: producer.committed };
}

/** Claims a record and stops there, as a thread does that is terminated at the worst moment. */
function produceAndHang(job) {
  const producer = attach(job.shared).producer({ takeOver: job.takeOver });
  for (let sequence = job.from; sequence < job.from + job.count; sequence++) {
    produceRecord(producer, job.id, sequence);
    producer.commit();
    producer.publish();
  }
  produceRecord(producer, job.id, job.from + job.count);
  parentPort.postMessage({ hanging: true, index: producer.index });
  hang();
}

/** Checks that each producer's records come without hole from where they started. */
function orderChecker() {
  const next = new Map();
  return (words, at, lengthBytes) => {
    const { id, sequence } = checkRecord(words, at, lengthBytes);
    const expected = next.get(id) ?? sequence;
    if (sequence !== expected) throw new Error(`producer ${id}: expected record ${expected}, was ${sequence}`);
    next.set(id, sequence + 1);
  };
}

function readGate({ shared, gate, count, strategy }) {
  const reader = attach(shared).gate(gate);
  const waiting = blockingWait(strategy);
  const check = orderChecker();
  parentPort.postMessage({ reading: true });
  for (let polls = 0; reader.delivered < count; polls++) {
    if (reader.poll(check, LIMIT) === 0) reader.wait(waiting, WAIT_MS);
    if (polls % 3 === 0 && reader.delivered + LIMIT < count && reader.begin(LIMIT) > 0) {
      for (let at = reader.next(); at !== END_OF_BATCH; at = reader.next()) checkRecord(reader.words, at, reader.words[at]);
      reader.keep();
    }
  }
  return { delivered: reader.delivered };
}

/** Reads a few records and dies with its gate. */
function readGateAndHang({ shared, gate, count }) {
  const reader = attach(shared).gate(gate);
  const waiting = blockingWait("park");
  while (reader.delivered < count) if (reader.poll(() => undefined, 1) === 0) reader.wait(waiting, WAIT_MS);
  parentPort.postMessage({ hanging: true });
  hang();
}

/**
 * Observes until everything that will be produced is either delivered or lost. With one producer a record's own number must be the ring's.
 */
function observe({ shared, total, strategy, pauseEvery }) {
  const single = workerData.kind !== "many";
  const reader = attach(shared).observer();
  const waiting = blockingWait(strategy);
  let expected = 0;
  let gaps = 0;
  const onRecord = (words, at, lengthBytes) => {
    const { sequence } = checkRecord(words, at, lengthBytes);
    if (single && sequence !== expected) throw new Error(`expected record ${expected}, was ${sequence}`);
    expected++;
  };
  const onGap = (from, to) => {
    if (from !== expected || to <= from) throw new Error(`a gap must start at ${expected}, was ${from} to ${to}`);
    expected = to;
    gaps++;
  };
  parentPort.postMessage({ reading: true });
  for (let polls = 1; expected < total; polls++) {
    if (reader.poll(onRecord, LIMIT, onGap) === 0) reader.wait(waiting, WAIT_MS);
    if (pauseEvery > 0 && polls % pauseEvery === 0) rest();
  }
  return { delivered: reader.delivered, lost: reader.lost, gaps };
}

/** Reads two rings from one thread that parks once for both. */
function readTwo({ first, second, signal, count, strategy }) {
  const readers = [SpscRing.attach(first).gate(), MpscRing.attach(second).gate()];
  const both = new AnyReady(readers);
  const doorbell = SharedSignal.attach(signal);
  const waiting = blockingWait(strategy);
  const checks = readers.map(() => orderChecker());
  parentPort.postMessage({ reading: true });
  let sleptOut = 0;
  while (readers[0].delivered + readers[1].delivered < count) {
    let records = 0;
    for (let i = 0; i < readers.length; i++) records += readers[i].poll(checks[i], LIMIT);
    if (records > 0) continue;
    const before = performance.now();
    waiting.wait(both, doorbell, 5_000);
    if (performance.now() - before > 4_000) sleptOut++;
  }
  return { delivered: readers.map((reader) => reader.delivered), sleptOut };
}

/** Reads on the event loop, without blocking it. */
async function readOnEventLoop({ shared, count, strategy }) {
  const reader = attach(shared).gate();
  const waiting = eventLoopWait(strategy, { schedule: (resume) => setImmediate(resume), looks: 100 });
  const check = orderChecker();
  const keepAlive = setInterval(() => undefined, 1_000); // Waiting for shared memory does not keep an event loop alive.
  parentPort.postMessage({ reading: true });
  while (reader.delivered < count) if (reader.poll(check, LIMIT) === 0) await waiting.wait(reader, reader.signal, WAIT_MS);
  clearInterval(keepAlive);
  return { delivered: reader.delivered, strategy: waiting.name };
}

const jobs = { produce, produceAndHang, readGate, readGateAndHang, observe, readTwo, readOnEventLoop };
parentPort.postMessage({ done: await jobs[workerData.job](workerData) });
