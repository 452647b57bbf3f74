import { setTimeout as sleep } from "node:timers/promises";
import { type Client, connect, type Print } from "../../gateway/client/index.js";
import type { GatewayKey } from "../../gateway/index.js";
import { type Bot, Maker, Taker } from "./bots.js";
import { botsOf, DEMO_INSTRUMENTS, type DemoInstrument, WATCHER } from "./demo-market.js";
import { FairPrice } from "./fair-price.js";
import { LatencyRecorder, type LatencySummary } from "./latency.js";
import { Xorshift } from "./xorshift.js";

/** What the crowd of bots is made of. Structured-cloneable: it goes to the crowd's thread. */
export interface CrowdOptions {
  readonly url: string;
  readonly keys: readonly GatewayKey[];
  readonly seed: number;
  readonly requestsPerSecond: number;
}

/** What the crowd has seen so far. */
export interface CrowdStats {
  readonly answers: number;
  readonly rejects: number;
  /** From the call that sent a request to the report that answered it. */
  readonly latency: LatencySummary;
  readonly trades: number;
  /** The last trades of each instrument, newest first. */
  readonly lastTrades: Readonly<Record<string, readonly Print[]>>;
}

const TURN_MS = 2;
const UNANSWERED_MAX = 1_000;
/** After a stall the crowd does not make up for more than this. */
const ARREARS_MS_MAX = 50;
const LAST_TRADES = 8;

/** Makers and takers, each on a WebSocket connection of its own, that send at a bounded rate until they are stopped. */
export class BotCrowd {
  private readonly latency = new LatencyRecorder();
  private readonly random: Xorshift;
  private readonly fairPrices: readonly FairPrice[];
  private readonly clients: Client[] = [];
  private readonly bots: Bot[] = [];
  private readonly lastTrades: Record<string, Print[]> = {};
  private answers = 0;
  private rejects = 0;
  private trades = 0;
  private unanswered = 0;
  private isStopped = false;
  private failure: Error | undefined;

  constructor(private readonly options: CrowdOptions) {
    this.random = new Xorshift(options.seed);
    this.fairPrices = DEMO_INSTRUMENTS.map(({ startTicks }) => new FairPrice(startTicks, this.random));
  }

  async connect(): Promise<void> {
    const watcher = await this.open(WATCHER);
    for (const { symbol } of DEMO_INSTRUMENTS) this.watchTrades(watcher, symbol);
    for (const [index, instrument] of DEMO_INSTRUMENTS.entries()) await this.connectBots(instrument, this.fairPrices[index] as FairPrice);
  }

  /** Resolves after `stop`; rejects when a connection is lost before that. */
  async run(): Promise<void> {
    const startMs = performance.now();
    const perMs = this.options.requestsPerSecond / 1000;
    let turns = 0;
    while (!this.isStopped && this.failure === undefined) {
      const due = (performance.now() - startMs) * perMs;
      turns = Math.max(turns, due - ARREARS_MS_MAX * perMs);
      for (; turns < due && this.unanswered < UNANSWERED_MAX; turns++) this.turn();
      for (const fair of this.fairPrices) fair.step();
      await sleep(TURN_MS);
    }
    await this.close();
    if (this.failure !== undefined) throw this.failure;
  }

  stop(): void {
    this.isStopped = true;
  }

  stats(): CrowdStats {
    return {
      answers: this.answers,
      rejects: this.rejects,
      latency: this.latency.summary(),
      trades: this.trades,
      lastTrades: this.lastTrades,
    };
  }

  private async connectBots(instrument: DemoInstrument, fair: FairPrice): Promise<void> {
    const { random } = this;
    const makers: Maker[] = [];
    for (const { name } of botsOf(instrument, "maker")) {
      const client = await this.openBot(name);
      const maker = new Maker(client, instrument, fair, random);
      makers.push(maker);
      this.follow(client.reports(), (report) => maker.onReport(report));
    }
    this.bots.push(...makers);
    for (const { name } of botsOf(instrument, "taker"))
      this.bots.push(new Taker(await this.openBot(name), instrument, fair, random, makers));
  }

  /** An earlier run may have ended without taking its orders back; a bot begins without any. */
  private async openBot(name: string): Promise<Client> {
    const client = await this.open(name);
    await client.massCancel();
    return client;
  }

  private async open(name: string): Promise<Client> {
    const key = this.options.keys.find(({ id }) => id === name) as GatewayKey;
    const client = await connect(this.options.url, { key: name, secret: key.secret ?? "" });
    this.clients.push(client);
    void client.closed.then(({ error }) => {
      if (error !== undefined && !this.isStopped) this.failure ??= error;
    });
    return client;
  }

  private turn(): void {
    const bot = this.bots[this.random.below(this.bots.length)] as Bot;
    const startedMs = performance.now();
    const answer = bot.act();
    if (answer === undefined) return;
    this.unanswered++;
    void answer.then(
      ({ status }) => {
        this.latency.record(startedMs, performance.now());
        this.answers++;
        this.unanswered--;
        if (status === "rejected") this.rejects++;
      },
      (error: Error) => this.fail(error),
    );
  }

  private watchTrades(watcher: Client, symbol: string): void {
    const last: Print[] = [];
    this.lastTrades[symbol] = last;
    this.follow(watcher.subscribe({ symbol, channel: "trades" }), (print) => {
      this.trades++;
      last.unshift(print);
      if (last.length > LAST_TRADES) last.pop();
    });
  }

  private follow<T>(items: AsyncIterable<T>, onItem: (item: T) => void): void {
    const readAll = async (): Promise<void> => {
      for await (const item of items) onItem(item);
    };
    readAll().catch((error: Error) => this.fail(error));
  }

  private fail(error: Error): void {
    if (!this.isStopped) this.failure ??= error;
  }

  private async close(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.clients.map((client) => client.close()));
  }
}
