import { existsSync } from "node:fs";
import { dataPath } from "../../bench/flows/data-path.js";
import { LobsterDay } from "../../cli/convert/lobster/derive-ops.js";
import { type LobsterRow, linesOf, parseMessages, parseRow } from "../../cli/convert/lobster/lobster-day.js";
import { readText } from "../../cli/convert/read-input.js";

/** One day of real order flow, with what the data's README promises about it. */
export interface LobsterCase {
  readonly symbol: string;
  readonly messages: string;
  readonly orderbook: string;
  readonly replayOps: string;
  readonly rows: number;
  readonly ops: number;
  readonly executions: number;
  /** Not published for every day. */
  readonly sweeps?: number;
}

const GOOG = "GOOG_2012-06-21_34200000_57600000";
const AAPL = "AAPL_2012-06-21_first999";

export const LOBSTER_CASES: readonly LobsterCase[] = [
  {
    symbol: "AAPL",
    messages: dataPath("lobster", `${AAPL}_message_10.csv`),
    orderbook: dataPath("lobster", `${AAPL}_orderbook_10.csv`),
    replayOps: dataPath("lobster", `${AAPL}_replayops_10.csv.gz`),
    rows: 999,
    ops: 1_708,
    executions: 98,
  },
  {
    symbol: "GOOG",
    messages: dataPath("lobster", `${GOOG}_message_10.csv.gz`),
    orderbook: dataPath("lobster", `${GOOG}_orderbook_10.csv.gz`),
    replayOps: dataPath("lobster", `${GOOG}_replayops_10.csv.gz`),
    rows: 147_916,
    ops: 263_898,
    executions: 7_759,
    sweeps: 5_928,
  },
];

/** Why a test on this day can not run here; undefined when it can. */
export function missingFile(day: LobsterCase): string | undefined {
  const missing = [day.messages, day.orderbook, day.replayOps].find((path) => !existsSync(path));
  return missing === undefined ? undefined : `${missing} is missing (RINGBOOK_DATA names the folder of the data)`;
}

export interface LoadedDay {
  readonly day: LobsterDay;
  readonly rows: readonly LobsterRow[];
}

export function loadDay(files: LobsterCase): LoadedDay {
  const rows = linesOf(readText(files.orderbook)).map(parseRow);
  return { rows, day: new LobsterDay(parseMessages(readText(files.messages)), (row) => rows[row - 1] as LobsterRow) };
}
