import { CommandError } from "../../engine/edge/command-error.js";
import { Core } from "../../engine/edge/core.js";
import { fromUnits, type Step10, toStep } from "../../engine/edge/decimal.js";
import type { BookRow } from "../../engine/edge/types.js";
import { NIL } from "../../engine/flat/level-tree.js";
import { MarketData } from "../../engine/pipelines/market-data/market-data.js";
import type { GateReader, RecordHandler, SingleProducer } from "../../engine/ring/index.js";
import { SpscRing } from "../../engine/ring/index.js";
import { bytesOf, StateReader } from "../../engine/step.js";
import { Generator } from "../twin/generator.js";
import { TwinError } from "../twin/input.js";
import { Twin } from "../twin/twin.js";
import { declaration, type WorldConfig } from "../twin/world.js";

export const CAPACITIES = { orders: 20_000, levels: 5000, accounts: 64, instruments: 16, currencies: 32 };

/** A core whose event records can be listened to. */
class TappedCore extends Core {
  onEvent: RecordHandler = () => {};

  override applyRecord(words: Int32Array, at: number, onRecord: RecordHandler = () => {}): void {
    super.applyRecord(words, at, (eventWords, eventAt, lengthBytes) => {
      this.onEvent(eventWords, eventAt, lengthBytes);
      onRecord(eventWords, eventAt, lengthBytes);
    });
  }
}

/** Market data with a ring of its own to write to, and what it wrote. */
export class Listener {
  step: MarketData;
  private readonly producer: SingleProducer;
  private readonly reader: GateReader;
  private onRecord: RecordHandler = () => {};

  /** `wanted`: what is told of every instrument beside tops and trades. */
  constructor(private readonly wanted = 0) {
    const ring = SpscRing.create({ capacityBytes: 2048, shared: false });
    this.producer = ring.producer();
    this.reader = ring.gate();
    this.step = this.createStep();
  }

  /** Takes one event; `onRecord` gets what is told because of it. */
  apply(words: Int32Array, at: number, onRecord: RecordHandler): void {
    this.onRecord = onRecord;
    this.step.apply(words, at);
    this.drain();
  }

  /** Tells every top of which nothing was told yet. */
  tellAll(onRecord: RecordHandler): void {
    this.onRecord = onRecord;
    this.step.tellAll();
    this.drain();
  }

  /** Goes on with a step that has loaded what the one before has saved. */
  reload(): void {
    const before = this.step;
    this.step = this.createStep();
    this.step.load(new StateReader(bytesOf((out) => before.save(out))));
  }

  private createStep(): MarketData {
    const step = new MarketData({ ring: this.producer, makeRoom: () => this.drain() }, CAPACITIES);
    for (let instrument = 0; instrument < CAPACITIES.instruments; instrument++) step.want(instrument, this.wanted);
    return step;
  }

  private drain(): void {
    this.producer.publish();
    this.reader.poll(this.onRecord, 1 << 20);
  }
}

interface Sizes {
  readonly tick: Step10;
  readonly lot: Step10;
}

/** One world's random commands through a core, with its event records at hand. */
export class MarketDataTwin {
  readonly core = new TappedCore({ capacities: CAPACITIES });
  readonly symbols: readonly string[];
  private readonly twin = new Twin();
  private readonly generator: Generator;
  private readonly sizes: readonly Sizes[];

  constructor(world: WorldConfig, seed: number) {
    this.generator = new Generator(world, seed, this.twin.directory);
    this.symbols = world.symbols;
    this.sizes = world.symbols.map((symbol) => {
      const { tickSize, lotSize } = declaration(symbol);
      return { tick: toStep(tickSize, "tickSize"), lot: toStep(lotSize, "lotSize") };
    });
  }

  /** Applies `commands` random commands behind the set-up, and calls `afterEach` after every one that took a seq. */
  play(commands: number, onEvent: RecordHandler, afterEach: () => void): void {
    this.core.onEvent = onEvent;
    const setUp = this.generator.setUp();
    for (let index = 0; index < setUp.length + commands; index++) {
      const command = setUp[index] ?? this.generator.next();
      const before = this.core.lastSeq;
      try {
        this.twin.apply(command);
      } catch (error) {
        if (!(error instanceof TwinError)) throw error;
      }
      try {
        this.core.apply(command, () => {});
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
      }
      if (this.core.lastSeq !== before) afterEach();
    }
  }

  /** A side of an instrument's book as market data sees it. */
  rows(step: MarketData, instrument: number, side: number): BookRow[] {
    const { books } = step;
    const rows: BookRow[] = [];
    for (let level = books.bestLevel(2 * instrument + side); level !== NIL; level = books.nextLevel(level)) {
      rows.push([this.price(instrument, books.levelPrice(level)), this.qty(instrument, books.levelQty(level)), books.levelOrders(level)]);
    }
    return rows;
  }

  price(instrument: number, ticks: number): string {
    return fromUnits(ticks, this.sizes[instrument].tick);
  }

  qty(instrument: number, lots: number): string {
    return fromUnits(lots, this.sizes[instrument].lot);
  }
}
