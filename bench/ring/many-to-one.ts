/** P2: two producers in threads of their own and one reader. Nothing may be lost, and each producer's records come in its order. */
import { MpscRing, type RecordHandler } from "../../engine/ring/index.js";
import { beat, Hand, SHORT_PATIENCE } from "./crew.js";
import { readRecord, requireSum, sumOf } from "./records.js";
import { type Row, rowOf } from "./statistics.js";

export interface ManyToOneSize {
  readonly rounds: number;
  readonly records: number;
}

const CAPACITY_BYTES = 1 << 20;
const PRODUCERS = 2;
const BATCH = 64;
const POLL_LIMIT = 256;

interface Contestant {
  readonly hands: readonly Hand[];
  readonly read: () => void;
  readonly ratesMillion: number[];
}

async function contestant(records: number, observers: boolean): Promise<Contestant> {
  const ring = MpscRing.create({ capacityBytes: CAPACITY_BYTES, observers });
  const reader = ring.gate();
  const hands: Hand[] = [];
  for (let i = 0; i < PRODUCERS; i++)
    hands.push(await Hand.start({ job: "produceMany", ring: ring.shared, count: records / PRODUCERS, batch: BATCH }));
  const read = (): void => {
    let sum = 0;
    const onRecord: RecordHandler = (words, at) => {
      sum += readRecord(words, at);
    };
    let looks = 0;
    for (let done = 0; done < records; ) {
      const polled = reader.poll(onRecord, POLL_LIMIT);
      done += polled;
      looks = polled > 0 ? 0 : beat(looks, SHORT_PATIENCE);
    }
    requireSum("many-to-one ring", sum, PRODUCERS * sumOf(records / PRODUCERS));
  };
  return { hands, read, ratesMillion: [] };
}

export async function benchManyToOne(size: ManyToOneSize): Promise<Row[]> {
  const plain = await contestant(size.records, false);
  const counted = await contestant(size.records, true);
  for (let round = 0; round <= size.rounds; round++) {
    for (const { hands, read, ratesMillion } of [plain, counted]) {
      const startMs = performance.now();
      for (const hand of hands) hand.go();
      read();
      const tookMs = performance.now() - startMs;
      for (const hand of hands) hand.finished();
      if (round > 0) ratesMillion.push(size.records / tookMs / 1_000);
    }
  }
  for (const hand of [...plain.hands, ...counted.hands]) await hand.stop();
  const unit = "M records/s";
  return [
    rowOf("many-to-one ring, 2 producers, 64 bytes", unit, plain.ratesMillion, "≥ 5, reach for 15"),
    rowOf("many-to-one ring, 2 producers, counted for observers", unit, counted.ratesMillion, "≥ 5"),
  ];
}
