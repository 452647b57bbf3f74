/**
 * P2: one producer that waits for nobody, one observer that keeps up as well as it can and one that keeps stalling. Each must account for
 * every record.
 */
import { BroadcastRing, type GapHandler, type RecordHandler } from "../../engine/ring/index.js";
import { beat, Hand, SHORT_PATIENCE } from "./crew.js";
import { readRecord } from "./records.js";
import { type Row, rowOf } from "./statistics.js";

export interface BroadcastSize {
  readonly rounds: number;
  readonly records: number;
}

const CAPACITY_BYTES = 1 << 20;
const BATCH = 64;
const POLL_LIMIT = 256;
const STALL_MS = 2;

export async function benchBroadcast(size: BroadcastSize): Promise<Row[]> {
  const ring = BroadcastRing.create({ capacityBytes: CAPACITY_BYTES });
  const stalls = new SharedArrayBuffer(8);
  const result = new SharedArrayBuffer(3 * 8);
  const producer = await Hand.start({ job: "broadcast", ring: ring.shared, count: size.records, batch: BATCH, stalls });
  const stalled = await Hand.start({ job: "observe", ring: ring.shared, total: size.records, pauseMs: STALL_MS, result });
  const fast = ring.observer();
  let expected = 0;
  let wrong = 0;
  const onRecord: RecordHandler = (words, at) => {
    if (readRecord(words, at) !== 2 * (expected++ % size.records)) wrong++;
  };
  const onGap: GapHandler = (from, to) => {
    if (from !== expected) wrong++;
    expected = to;
  };
  const [producedMillion, fastLossPercent, stalledLossPercent, longestMs]: number[][] = [[], [], [], []];
  const totals = new Float64Array(result);
  for (let round = 0; round <= size.rounds; round++) {
    const [fastLost, stalledLost] = [fast.lost, totals[1]];
    const until = (round + 1) * size.records;
    const startMs = performance.now();
    stalled.go();
    producer.go();
    for (let looks = 0; fast.sequence < until; ) looks = fast.poll(onRecord, POLL_LIMIT, onGap) > 0 ? 0 : beat(looks, SHORT_PATIENCE);
    const tookMs = performance.now() - startMs;
    producer.finished();
    stalled.finished();
    if (wrong > 0 || fast.delivered + fast.lost !== until)
      throw new Error(`the fast observer: ${wrong} wrong, ${fast.delivered} + ${fast.lost} must be ${until}`);
    if (totals[2] > 0 || totals[0] + totals[1] !== until)
      throw new Error(`the stalled observer: ${totals[2]} wrong, ${totals[0]} + ${totals[1]} must be ${until}`);
    if (round === 0) continue;
    producedMillion.push(size.records / tookMs / 1_000);
    fastLossPercent.push((100 * (fast.lost - fastLost)) / size.records);
    stalledLossPercent.push((100 * (totals[1] - stalledLost)) / size.records);
    longestMs.push(new Float64Array(stalls)[0]);
  }
  await producer.stop();
  await stalled.stop();
  return [
    rowOf("broadcast ring, 1 fast and 1 stalled observer, 64 bytes", "M records/s", producedMillion, "≥ 5, reach for 15"),
    rowOf("records lost by the fast observer, exactly reported", "%", fastLossPercent),
    rowOf("records lost by the stalled observer, exactly reported", "%", stalledLossPercent),
    rowOf("longest time of the producer for 64 records, descheduling included", "ms", longestMs),
  ];
}
