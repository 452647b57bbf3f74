import { Chalk } from "chalk";
import { createLogUpdate } from "log-update";
import type { BookRow } from "../../engine/index.js";
import type { Terminal } from "../args/cli-command.js";
import { CliError } from "../args/cli-error.js";
import type { StartConfig } from "../config/start-config.js";
import type { CrowdStats } from "../demo/bot-crowd.js";
import { Crowd } from "../demo/crowd.js";
import { DEMO_INSTRUMENTS, type DemoInstrument } from "../demo/demo-market.js";
import { padFraction } from "../view/format.js";
import type { InstrumentSnapshot, MarketSnapshot } from "../view/market-snapshot.js";
import { renderPlain, renderSummary } from "../view/plain-view.js";
import { LEVELS_MAX, renderTerminal } from "../view/terminal-view.js";
import type { Server } from "./server.js";

export interface DemoOptions {
  readonly isPlain: boolean;
  readonly stop: AbortSignal;
  readonly terminal: Terminal;
}

const SEED = 20_120_621;
const REQUESTS_PER_SECOND = 2_000;
const SCREEN_MS = 250;
const LINE_MS = 1_000;
const ROWS_DEFAULT = 24;

/** Lets the bots trade, and shows it, until `stop`. Throws CliError when engine, gateway or bots fail. */
export async function runDemo(server: Server, config: StartConfig, options: DemoOptions): Promise<void> {
  const crowd = await Crowd.start({ url: server.url, keys: config.keys, seed: SEED, requestsPerSecond: REQUESTS_PER_SECOND });
  const camera = new Camera(server, crowd);
  const screen = screenOf(options);
  const failed = Promise.race([crowd.failed, server.engine.failed, server.gateway.failed]);
  try {
    while (!options.stop.aborted) {
      const error = await Promise.race([failed, pause(screen.periodMs, options.stop)]);
      if (error instanceof Error) throw new CliError(error.message);
      if (!options.stop.aborted) screen.show(await camera.shoot());
    }
    screen.end(await camera.shoot());
  } finally {
    await crowd.close();
  }
}

interface Screen {
  readonly periodMs: number;
  show(snapshot: MarketSnapshot): void;
  end(snapshot: MarketSnapshot): void;
}

function screenOf({ isPlain, terminal }: DemoOptions): Screen {
  const writeLine = (line: string): void => void terminal.stdout.write(`${line}\n`);
  if (isPlain || terminal.stdout.isTTY !== true) {
    return {
      periodMs: LINE_MS,
      show: (snapshot) => writeLine(renderPlain(snapshot)),
      end: (snapshot) => writeLine(renderSummary(snapshot)),
    };
  }
  const stdout = terminal.stdout as NodeJS.WriteStream;
  const update = createLogUpdate(stdout);
  const chalk = new Chalk();
  const draw = (snapshot: MarketSnapshot): void => update(renderTerminal(snapshot, chalk, stdout.rows || ROWS_DEFAULT));
  return {
    periodMs: SCREEN_MS,
    show: draw,
    end: (snapshot) => {
      draw(snapshot);
      update.done();
      writeLine(renderSummary(snapshot));
    },
  };
}

/** Takes snapshots of the running market. */
class Camera {
  private readonly startMs = performance.now();
  private readonly rate = new Rate();

  constructor(
    private readonly server: Server,
    private readonly crowd: Crowd,
  ) {
    this.rate.update(this.startMs, server.engine.counters().commands);
  }

  async shoot(): Promise<MarketSnapshot> {
    const { engine, gateway, url } = this.server;
    const { stats } = this.crowd;
    const nowMs = performance.now();
    const { commands } = engine.counters();
    return {
      uptimeMs: nowMs - this.startMs,
      url,
      transport: gateway.transport,
      sessions: gateway.sessionCount,
      commands,
      trades: stats?.trades ?? 0,
      commandsPerSecond: this.rate.update(nowMs, commands),
      latency: stats?.latency,
      instruments: await Promise.all(DEMO_INSTRUMENTS.map((instrument) => this.instrument(instrument, stats))),
    };
  }

  private async instrument({ symbol, tickDigits, lotDigits }: DemoInstrument, stats: CrowdStats | undefined): Promise<InstrumentSnapshot> {
    const { bids, asks } = await this.server.engine.book(symbol, LEVELS_MAX);
    const aligned = ([price, qty, orders]: BookRow): BookRow => [padFraction(price, tickDigits), padFraction(qty, lotDigits), orders];
    const trades = (stats?.lastTrades[symbol] ?? []).map(({ price, qty, aggressor }) => {
      return { price: padFraction(price, tickDigits), qty: padFraction(qty, lotDigits), aggressor };
    });
    return { symbol, bids: bids.map(aligned), asks: asks.map(aligned), trades };
  }
}

const RATE_WINDOW_MS = 1_000;

/** How fast a count grows, over about the last second. */
class Rate {
  private readonly points: { readonly atMs: number; readonly count: number }[] = [];

  update(atMs: number, count: number): number {
    const { points } = this;
    points.push({ atMs, count });
    while (points.length > 2 && (points[1]?.atMs ?? atMs) <= atMs - RATE_WINDOW_MS) points.shift();
    const [first] = points;
    if (first === undefined || first.atMs === atMs) return 0;
    return ((count - first.count) * 1000) / (atMs - first.atMs);
  }
}

/** Resolves after a time, or as soon as it is time to stop. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end, { once: true });
  });
}
