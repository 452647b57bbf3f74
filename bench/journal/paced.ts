import { build } from "hdr-histogram-js";
import { INSUFFICIENT_CAPACITY, type RecordHandler } from "../../engine/ring/index.js";
import { Header, Trade } from "../../engine/wire/flyweights.js";
import type { RecordedFlow } from "../book/core-flow.js";
import { type MarketRules, setUpRecords } from "../flows/set-up-records.js";
import type { JournalRig } from "./journal-rig.js";

/** Nanoseconds at the percentiles that were asked for. */
export type Latencies = readonly number[];

const BURST = 64;
const POLL = 256;
const WARM_UPS = 2;

const histogram = () =>
  build({ useWebAssembly: true, lowestDiscernibleValue: 1, highestTrackableValue: 60e9, numberOfSignificantValueDigits: 3 });

/** A plan: number i is due at `startMs` + i × `stepMs`; what was done is counted from that. */
class Plan {
  readonly recorded = histogram();
  private readonly startMs = performance.now() + 1;
  done = 0;

  constructor(private readonly stepMs: number) {}

  /** How many are due. */
  dueAt(nowMs: number): number {
    return Math.floor((nowMs - this.startMs) / this.stepMs) + 1;
  }

  /** All below `count` are done now. */
  finish(count: number, nowMs: number): void {
    for (; this.done < count; this.done++) {
      const latencyMs = nowMs - (this.startMs + this.done * this.stepMs);
      this.recorded.recordValue(Math.max(1, Math.round(latencyMs * 1e6)));
    }
  }

  at(percentiles: readonly number[]): Latencies {
    const values = percentiles.map((percentile) => this.recorded.getValueAtPercentile(percentile));
    this.recorded.destroy();
    return values;
  }
}

/** The same plan with nothing sent: what the machine does to anybody who looks at the clock all the time. */
export function hiccups(count: number, perSecond: number, percentiles: readonly number[]): Latencies {
  const plan = new Plan(1000 / perSecond);
  while (plan.done < count) {
    const nowMs = performance.now();
    plan.finish(Math.min(count, plan.dueAt(nowMs)), nowMs);
  }
  return plan.at(percentiles);
}

/** Sends the flow's timed commands at their planned times through a rig that is new, and reads what comes of them. Blocks this thread meanwhile. */
export async function paceThrough(
  rig: JournalRig,
  flow: RecordedFlow,
  rules: MarketRules,
  perSecond: number,
  percentiles: readonly number[],
): Promise<{ readonly latencies: Latencies; readonly trades: number }> {
  const reader = rig.readEvents();
  const setUp = setUpRecords(rules);
  const { traders = 1 } = rules;
  let seen = 0;
  let trades = 0;
  const onEvent: RecordHandler = (words, at) => {
    seen = Header.seq(words, at);
    if (Header.templateId(words, at) === Trade.TEMPLATE_ID) trades++;
  };
  /** How many commands have their first event, and are released. */
  const answered = (): number => {
    reader.poll(onEvent, POLL);
    return Math.min(seen, rig.releasedSeq());
  };
  const sendAll = (words: Int32Array, offsets: Int32Array): void => {
    for (const at of offsets) {
      while (rig.tryCommit(words, at) === INSUFFICIENT_CAPACITY) answered();
      rig.publish();
    }
  };
  sendAll(setUp.words, setUp.offsets);
  // The shard's thread compiles its code anew, so it has to see the flow first.
  for (let round = 0; round < WARM_UPS; round++) {
    sendAll(flow.words, flow.offsets);
    for (let account = 0; account < traders; account++) while (!rig.tryCancelAll(account)) answered();
  }
  sendAll(flow.words, flow.offsets.subarray(0, flow.setupRecords));
  const before = setUp.offsets.length + WARM_UPS * (flow.offsets.length + traders) + flow.setupRecords;
  while (answered() < before);
  trades = 0;
  const count = flow.offsets.length - flow.setupRecords;
  const plan = new Plan(1000 / perSecond);
  for (let sent = 0; plan.done < count; ) {
    const due = Math.min(count, plan.dueAt(performance.now()), sent + BURST);
    while (sent < due && rig.tryCommit(flow.words, flow.offsets[flow.setupRecords + sent]) !== INSUFFICIENT_CAPACITY) sent++;
    rig.publish();
    const finished = answered() - before;
    plan.finish(finished, performance.now());
  }
  reader.close();
  return { latencies: plan.at(percentiles), trades };
}
