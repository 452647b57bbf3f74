import type { TradingCore } from "../../engine/core/core.js";
import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import type { AccountStatement } from "../../engine/edge/statement.js";
import type { RecordHandler } from "../../engine/ring/index.js";
import { bookSeed } from "../../engine/runtime/book-seed.js";
import { MarketDataFeed } from "../../engine/runtime/market-data-feed.js";
import { CODES, Header } from "../../engine/wire/index.js";
import type { EnginePort, MarketDataView, PortHost } from "../../gateway/engine-port.js";
import { CAPACITIES, MarketDataTwin } from "../pipelines/market-data-twin.js";
import type { WorldConfig } from "../twin/world.js";
import { INSTRUMENT } from "./fake-port.js";

/** A port that tells what a real core makes of random commands. It takes no commands. */
export class BookPort implements PortHost, EnginePort {
  readonly words = new Int32Array(64);
  readonly shards = 1;
  readonly shardInHand = 0;
  readonly hasStarted = true;
  readonly refusal = CODES.ENGINE_BUSY;
  readonly recovered = undefined;
  readonly twin: MarketDataTwin;
  readonly instruments: readonly InstrumentInfo[];
  readonly #feed: MarketDataFeed;
  readonly #events: Int32Array[] = [];
  #onRecord: RecordHandler = () => {};
  #sessionIdNext = 1;

  constructor(world: WorldConfig, seed: number) {
    this.twin = new MarketDataTwin(world, seed);
    this.instruments = this.twin.symbols.map((symbol, id) => ({ ...INSTRUMENT, id, symbol }));
    const { trading } = this.twin.core as unknown as { readonly trading: TradingCore };
    this.#feed = new MarketDataFeed(CAPACITIES, bookSeed(trading));
  }

  get marketData(): MarketDataView {
    return this.#feed.step;
  }

  marketDataOf(): MarketDataView {
    return this.marketData;
  }

  get isBetweenCommands(): boolean {
    return this.#feed.step.isBetweenCommands;
  }

  shardOf(): number {
    return 0;
  }

  shardOfOrder(): number {
    return 0;
  }

  /** Applies random commands, whose events wait for `poll`; `afterEach` is called behind each. */
  play(commands: number, afterEach: () => void): void {
    this.twin.play(commands, (words, at, lengthBytes) => this.#events.push(words.slice(at, at + lengthBytes / 4)), afterEach);
  }

  openPort(): EnginePort {
    return this;
  }

  statement(): Promise<AccountStatement> {
    return Promise.reject(new Error("this port is for market data"));
  }

  get waiting(): number {
    return this.#events.length;
  }

  poll(onRecord: RecordHandler, limit: number): number {
    this.#onRecord = onRecord;
    this.#feed.begin(onRecord);
    const batch = this.#events.splice(0, limit);
    for (const event of batch) {
      onRecord(event, 0, Header.length(event, 0));
      this.#feed.follow(event, 0, onRecord);
    }
    return batch.length;
  }

  tellTime(timeUs: number): void {
    this.#feed.tellTime(timeUs, this.#onRecord);
  }

  top(instrument: number, words: Int32Array, at: number): void {
    this.#feed.top(instrument, words, at);
  }

  tradingState(instrument: number): number {
    return this.#feed.tradingState(instrument);
  }

  tryClaim(): number {
    return -1;
  }

  commit(): void {}

  publish(): void {}

  sleepOn(): boolean {
    return true;
  }

  async whenReady(): Promise<void> {}

  openSession(): number {
    return this.#sessionIdNext++;
  }

  takeOpenOrders(): Int32Array {
    return new Int32Array(0);
  }

  accountId(): number {
    return 1;
  }

  onFailure(): void {}

  close(): void {}
}
