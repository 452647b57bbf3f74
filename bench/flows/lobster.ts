import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The two samples, and what is in them. */
export const LOBSTER_NAMES = ["AAPL", "GOOG"] as const;
export type LobsterName = (typeof LOBSTER_NAMES)[number];

export interface ExpectedLobster {
  readonly operations: string;
  readonly orderbook: string;
  readonly rows: number;
  readonly executions: number;
}

export const EXPECTED_LOBSTER: Readonly<Record<LobsterName, ExpectedLobster>> = {
  AAPL: {
    operations: "AAPL_2012-06-21_first999_replayops_10.csv.gz",
    orderbook: "AAPL_2012-06-21_first999_orderbook_10.csv",
    rows: 999,
    executions: 98,
  },
  GOOG: {
    operations: "GOOG_2012-06-21_34200000_57600000_replayops_10.csv.gz",
    orderbook: "GOOG_2012-06-21_34200000_57600000_orderbook_10.csv.gz",
    rows: 147_916,
    executions: 7_759,
  },
};

/** The operations that LOBSTER's message files were turned into (`../shared/data/README.md`). */
export type LobsterOpName = "S" | "A" | "R" | "D" | "X" | "Y" | "P" | "H";

/** One line of a `replayops` file. */
export interface LobsterOp {
  /** Row of the orderbook file that the book must equal after the last operation of the row; from 1. */
  readonly row: number;
  readonly op: LobsterOpName;
  readonly id: number;
  /** Of the resting order, also for executions. */
  readonly side: "buy" | "sell";
  /** USD × 10,000. */
  readonly price: number;
  readonly size: number;
}

/** One row of an `orderbook` file: levels best first, as [price, size]. */
export interface LobsterBook {
  readonly asks: readonly (readonly [price: number, size: number])[];
  readonly bids: readonly (readonly [price: number, size: number])[];
}

const OP_NAMES = "SARDXYPH";
/** LOBSTER fills levels that are not there with these prices and a size of 0. */
const EMPTY_LEVEL_PRICE = 9_999_999_999;

/** Reads a text file, unpacked when it ends in .gz. The last line may lack its newline. */
export function readLines(path: string): string[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Reads a `replayops` file. Throws RangeError on a line that is none. */
export function loadLobsterOps(path: string): LobsterOp[] {
  return readLines(path).map(parseOp);
}

function parseOp(line: string, index: number): LobsterOp {
  const [row, op = "", id, side, price, size] = line.split(",");
  const numbers = { row: Number(row), id: Number(id), price: Number(price), size: Number(size) };
  const isGood = op.length === 1 && OP_NAMES.includes(op) && (side === "1" || side === "-1");
  if (!isGood || !Object.values(numbers).every(Number.isSafeInteger)) throw new RangeError(`line ${index + 1} is no operation: ${line}`);
  return { ...numbers, op: op as LobsterOpName, side: side === "1" ? "buy" : "sell" };
}

/** Reads one line of an `orderbook` file: ask price, ask size, bid price, bid size, level by level. */
export function parseLobsterBook(line: string): LobsterBook {
  const cells = line.split(",").map(Number);
  if (cells.length % 4 !== 0 || !cells.every(Number.isSafeInteger)) throw new RangeError(`no orderbook row: ${line}`);
  const asks: [number, number][] = [];
  const bids: [number, number][] = [];
  for (let at = 0; at < cells.length; at += 4) {
    const [askPrice = 0, askSize = 0, bidPrice = 0, bidSize = 0] = cells.slice(at, at + 4);
    if (Math.abs(askPrice) !== EMPTY_LEVEL_PRICE) asks.push([askPrice, askSize]);
    if (Math.abs(bidPrice) !== EMPTY_LEVEL_PRICE) bids.push([bidPrice, bidSize]);
  }
  return { asks, bids };
}
