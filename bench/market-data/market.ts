import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import { type GateReader, type RecordHandler, type SingleProducer, SpscRing } from "../../engine/ring/index.js";
import type { MarketDataPort } from "../../gateway/engine-port.js";
import type { RecordedEvents } from "./recorded-events.js";

const INFO: InstrumentInfo = {
  id: 0,
  symbol: "FLOW",
  base: "BASE",
  quote: "QUOTE",
  tick: { mantissa: 1, exponent: 0 },
  lot: { mantissa: 1, exponent: 0 },
  atom: { mantissa: 1, exponent: 0 },
  minQty: 1,
  maxQty: 1,
  minPrice: 1,
  maxPrice: 1,
};

/** Market data that is told recorded events, and hands on what it tells. */
export class Market implements MarketDataPort {
  readonly instruments = [INFO];
  readonly marketData: MarketData;
  readonly #events: RecordedEvents;
  readonly #producer: SingleProducer;
  readonly #reader: GateReader;
  #onRecord: RecordHandler = () => {};

  constructor(events: RecordedEvents) {
    const ring = SpscRing.create({ capacityBytes: 1 << 16, shared: false });
    this.#producer = ring.producer();
    this.#reader = ring.gate();
    this.#events = events;
    const sizes = { orders: 8_000, levels: 2_000, instruments: 1 };
    this.marketData = new MarketData({ ring: this.#producer, makeRoom: () => this.#hand() }, sizes);
  }

  /** Tells the nth event, and hands on what follows from it. */
  tell(nth: number, onRecord: RecordHandler): void {
    this.#onRecord = onRecord;
    const before = this.#producer.position;
    this.marketData.apply(this.#events.words, this.#events.offsets[nth]);
    if (this.#producer.position !== before) this.#hand();
  }

  marketDataOf(): MarketData {
    return this.marketData;
  }

  get isBetweenCommands(): boolean {
    return this.marketData.isBetweenCommands;
  }

  top(instrument: number, words: Int32Array, at: number): void {
    this.marketData.top(instrument, words, at);
  }

  tradingState(): number {
    return 2;
  }

  tellTime(): void {}

  #hand(): void {
    this.#producer.publish();
    this.#reader.poll(this.#onRecord, 1 << 20);
  }
}
