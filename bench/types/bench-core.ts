import { TradingCore } from "../../engine/core/core.js";
import { SpscRing } from "../../engine/ring/index.js";
import type { SingleProducer } from "../../engine/ring/single-producer.js";
import { Header } from "../../engine/wire/flyweights.js";
import { type MarketRules, setUpCore } from "../flows/set-up-records.js";
import type { OrderSheet } from "./order-sheet.js";

const EVENT_RING_BYTES = 1 << 20;
const BATCH_RECORDS = 256;
const POLL_LIMIT = 1 << 20;
const TEMPLATES = 128;

/** A core behind a ring that the same thread reads after each batch, counting the events by template. */
export class BenchCore {
  readonly core: TradingCore;
  private readonly producer: SingleProducer;
  private readonly counts = new Int32Array(TEMPLATES);
  private readonly drain: () => void;

  constructor(capacities: { orders: number; levels: number }, rules: MarketRules = {}) {
    const ring = SpscRing.create({ capacityBytes: EVENT_RING_BYTES });
    const reader = ring.gate();
    const onEvent = (words: Int32Array, at: number): void => {
      this.counts[Header.templateId(words, at)]++;
    };
    this.producer = ring.producer();
    this.drain = () => {
      this.producer.publish();
      reader.poll(onEvent, POLL_LIMIT);
    };
    const sizes = { ...capacities, instruments: 4, accounts: 4, currencies: 4 };
    this.core = new TradingCore({ ring: this.producer, makeRoom: this.drain }, sizes);
    setUpCore(this.core, rules);
    this.drain();
    this.counts.fill(0);
  }

  /** Applies every record of a sheet, in batches as a shard does, and returns the milliseconds that it took. */
  play(sheet: OrderSheet): number {
    const { words, offsets } = sheet;
    const { core } = this;
    sheet.stamp(core.lastSeq);
    const startMs = performance.now();
    for (let start = 0; start < offsets.length; start += BATCH_RECORDS) {
      const end = Math.min(offsets.length, start + BATCH_RECORDS);
      for (let index = start; index < end; index++) core.apply(words, offsets[index]);
      this.drain();
    }
    return performance.now() - startMs;
  }

  /** How many events of a template there were since the last `expect`. */
  count(templateId: number): number {
    return this.counts[templateId];
  }

  /** Throws unless the events since the last call were exactly these, by template id; a template that is not named: none. */
  expect(what: string, expected: ReadonlyMap<number, number>): void {
    for (let id = 0; id < TEMPLATES; id++) {
      const wanted = expected.get(id) ?? 0;
      if (this.counts[id] !== wanted) throw new Error(`${what}: there must be ${wanted} events of template ${id}, were ${this.counts[id]}`);
    }
    this.counts.fill(0);
  }
}
