import { basename } from "node:path";
import type { Command } from "../../engine/edge/index.js";
import { CliError } from "../args/cli-error.js";
import type { Output } from "../output.js";
import { DayScript, setUpOf } from "./lobster/day-script.js";
import { type DerivedOp, LobsterDay } from "./lobster/derive-ops.js";
import { type LobsterRow, linesOf, MESSAGE_HIDDEN, parseMessages, parseRow } from "./lobster/lobster-day.js";
import { type Step, SweepGrouper } from "./lobster/sweeps.js";
import { readText } from "./read-input.js";

export interface LobsterOptions {
  readonly messages: string;
  readonly orderbook: string;
  readonly symbol?: string | undefined;
  /** Rows to convert; all without it. */
  readonly limit?: number | undefined;
  /** A book query after each row. */
  readonly books: boolean;
  readonly sweeps: boolean;
}

const CENT = 100;

/** Writes a LOBSTER day as a script. Throws CliError when the two files do not fit together. */
export async function convertLobster(options: LobsterOptions, out: Output): Promise<void> {
  const messages = named(options.messages, () => parseMessages(readText(options.messages)));
  const rows = linesOf(readText(options.orderbook));
  if (rows.length !== messages.length) {
    throw new CliError(`${options.messages} has ${messages.length} rows, but ${options.orderbook} has ${rows.length}`);
  }
  const symbol = options.symbol ?? basename(options.messages).split("_")[0] ?? "LOBSTER";
  const isInCents = messages.every(({ type, price }) => type === MESSAGE_HIDDEN || price % CENT === 0);
  for (const command of setUpOf(symbol, isInCents ? "0.01" : "0.0001")) write(command, out);
  const day = new LobsterDay(messages, rowReader(rows, options.orderbook));
  await writeDay(day, symbol, options, out);
}

async function writeDay(day: LobsterDay, symbol: string, options: LobsterOptions, out: Output): Promise<void> {
  const script = new DayScript(symbol);
  const sweeps = options.sweeps ? new SweepGrouper() : undefined;
  const rowCount = Math.min(options.limit ?? day.rowCount, day.rowCount);
  for (let row = 1; row <= rowCount; row++) {
    const ops = opsOf(day, row);
    if (sweeps === undefined) for (const op of ops) write(script.commandOf(op), out);
    else for (const step of sweeps.push(ops)) write(commandOfStep(script, step), out);
    if (options.books) write({ cmd: "book", symbol }, out);
    if (out.isFull) await out.flush();
    if (out.isClosed) return;
  }
  for (const step of sweeps?.end() ?? []) write(commandOfStep(script, step), out);
  await out.flush();
}

function commandOfStep(script: DayScript, step: Step): Command | undefined {
  return step.kind === "op" ? script.commandOf(step.op) : script.sweepCommand(step.executions);
}

function opsOf(day: LobsterDay, row: number): DerivedOp[] {
  try {
    return day.opsOf(row);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** Rows are parsed when they are asked for; the last one is kept, for it is asked for again. */
function rowReader(lines: readonly string[], path: string): (row: number) => LobsterRow {
  let lastNumber = 0;
  let last: LobsterRow = { bids: [], asks: [] };
  return (row) => {
    if (row !== lastNumber) {
      last = named(path, () => parseRow(lines[row - 1] as string));
      lastNumber = row;
    }
    return last;
  };
}

/** What fails while a file is read is told with the name of the file. */
function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${path}: ${(error as Error).message}`);
  }
}

function write(command: Command | undefined, out: Output): void {
  if (command !== undefined) out.line(JSON.stringify(command));
}
