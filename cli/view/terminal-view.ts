import type { ChalkInstance } from "chalk";
import type { BookRow } from "../../engine/index.js";
import { clock, latencyText, wholeNumber } from "./format.js";
import type { InstrumentSnapshot, MarketSnapshot, TradeLine } from "./market-snapshot.js";

/** Levels of a side that are shown when the terminal is high enough. */
export const LEVELS_MAX = 8;
/** Lines beside the ladders, the one below the cursor included; and lines beside the levels of one ladder. */
const FRAME_LINES = 6;
const HEADING_LINES = 2;
const PRICE_WIDTH = 11;
const QTY_WIDTH = 10;
const ORDERS_WIDTH = 4;
const BAR_WIDTH = 12;
const LADDER_WIDTH = PRICE_WIDTH + QTY_WIDTH + ORDERS_WIDTH + BAR_WIDTH + 1;
const TRADES_WIDTH = 24;

/** The whole screen of the terminal view: a ladder and the last trades of each instrument, then the figures. */
export function renderTerminal(snapshot: MarketSnapshot, chalk: ChalkInstance, rows: number): string {
  const levels = levelsIn(rows, snapshot.instruments.length);
  const { uptimeMs, url, transport, sessions, commands, commandsPerSecond, trades, latency } = snapshot;
  const figures = `${wholeNumber(commandsPerSecond)} orders/s   ${wholeNumber(commands)} orders   ${wholeNumber(trades)} trades`;
  return [
    `${chalk.bold("ringbook")}  ${url}  ${transport}  ${sessions} sessions  up ${clock(uptimeMs)}`,
    "",
    ...snapshot.instruments.flatMap((instrument) => [...renderInstrument(instrument, chalk, levels), ""]),
    chalk.bold(figures),
    `order→report  ${latencyText(latency)}`,
    chalk.dim("Ctrl-C stops"),
  ].join("\n");
}

/** A screen that is too high would lose its top: it gets fewer levels. */
function levelsIn(rows: number, instruments: number): number {
  const forLadders = rows - FRAME_LINES - HEADING_LINES * instruments;
  return Math.min(LEVELS_MAX, Math.max(1, Math.floor(forLadders / (2 * instruments))));
}

function renderInstrument(instrument: InstrumentSnapshot, chalk: ChalkInstance, levels: number): string[] {
  const { symbol, bids, asks, trades } = instrument;
  const largest = Math.max(1e-12, ...[...bids.slice(0, levels), ...asks.slice(0, levels)].map(([, qty]) => Number(qty)));
  const rows = (side: readonly BookRow[], paint: (text: string) => string): string[] =>
    Array.from({ length: levels }, (_, index) => ladderRow(side[index], largest, paint));
  const ladder = [...rows(asks, chalk.red).reverse(), ...rows(bids, chalk.green)];
  const prints = ladder.map((_, index) => tradeRow(trades[index], chalk));
  const heading = `${chalk.bold(symbol.padEnd(PRICE_WIDTH))}${chalk.dim("qty".padStart(QTY_WIDTH) + "#".padStart(ORDERS_WIDTH))}`;
  const title = heading + " ".repeat(BAR_WIDTH + 1) + chalk.dim("last trades".padStart(TRADES_WIDTH));
  return [title, ...ladder.map((row, index) => `${row}${prints[index] ?? ""}`)];
}

function ladderRow(row: BookRow | undefined, largest: number, paint: (text: string) => string): string {
  if (row === undefined) return " ".repeat(LADDER_WIDTH);
  const [price, qty, orders] = row;
  const bar = "█".repeat(Math.max(1, Math.round((Number(qty) / largest) * BAR_WIDTH)));
  return `${paint(price.padStart(PRICE_WIDTH))}${qty.padStart(QTY_WIDTH)}${String(orders).padStart(ORDERS_WIDTH)} ${paint(bar.padEnd(BAR_WIDTH))}`;
}

function tradeRow(trade: TradeLine | undefined, chalk: ChalkInstance): string {
  if (trade === undefined) return "";
  const text = `${trade.price.padStart(PRICE_WIDTH + 2)}${trade.qty.padStart(TRADES_WIDTH - PRICE_WIDTH - 2)}`;
  if (trade.aggressor === undefined) return text;
  return trade.aggressor === "buy" ? chalk.green(text) : chalk.red(text);
}
