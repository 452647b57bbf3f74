import { MarketData } from "../pipelines/market-data/market-data.js";
import type { BookCapacities } from "../pipelines/market-data/visible-books.js";
import { type GateReader, type RecordHandler, type SingleProducer, SpscRing } from "../ring/index.js";
import { StateReader } from "../step.js";
import { SetTime } from "../wire/flyweights.js";

const RING_BYTES = 1 << 16;
const ALL = 1 << 20;

/**
 * Market data on the thread that reads the events: each event is folded, and what the public is told of it is handed on
 * directly behind it. It starts from a seed, and the first event is the one behind it. One thread.
 */
export class MarketDataFeed {
  private readonly producer: SingleProducer;
  private readonly reader: GateReader;
  /** The books, to be read between two events. */
  readonly step: MarketData;
  /** The record that brings the time. */
  private readonly timeRecord = new Int32Array(SetTime.RECORD_BYTES / 4);
  private hasBegun = false;
  private onRecord: RecordHandler = ignore;

  /** `seed`: a saved state of MarketData, taken between two commands. Throws RangeError when the capacities are too small. */
  constructor(capacities: BookCapacities, seed: Uint8Array) {
    const ring = SpscRing.create({ capacityBytes: RING_BYTES, shared: false, observers: false });
    this.producer = ring.producer();
    this.reader = ring.gate();
    this.step = new MarketData({ ring: this.producer, makeRoom: () => this.hand() }, capacities);
    this.step.load(new StateReader(seed));
  }

  /** Once, before the first event: hands on a TopOfBook of every book that is not empty. */
  begin(onRecord: RecordHandler): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.onRecord = onRecord;
    this.step.tellAll();
    this.hand();
  }

  /** Says how late it is, in microseconds since the epoch, when no event does; hands on what follows from it. */
  tellTime(timeUs: number, onRecord: RecordHandler): void {
    SetTime.init(this.timeRecord, 0, 0, timeUs);
    SetTime.setAt(this.timeRecord, 0, timeUs);
    this.follow(this.timeRecord, 0, onRecord);
  }

  /** Folds one event and hands on the records that follow from it: tops, trades, and what is wanted. */
  follow(words: Int32Array, at: number, onRecord: RecordHandler): void {
    this.onRecord = onRecord;
    const before = this.producer.position;
    this.step.apply(words, at);
    if (this.producer.position !== before) this.hand();
  }

  /** Writes a TopOfBook record of what was last told of an instrument. */
  top(instrument: number, words: Int32Array, at: number): void {
    this.step.top(instrument, words, at);
  }

  /** The trading state that was told last of an instrument; NULL_UINT8 when none was. */
  tradingState(instrument: number): number {
    return this.step.tradingState(instrument);
  }

  private hand(): void {
    this.producer.publish();
    this.reader.poll(this.onRecord, ALL);
  }
}

function ignore(): void {}
