import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decimalOf } from "../../cli/convert/lobster/day-script.js";
import { type LobsterLevel, linesOf, parseRow } from "../../cli/convert/lobster/lobster-day.js";
import { readText } from "../../cli/convert/read-input.js";
import { LOBSTER_CASES, missingFile } from "./lobster-files.js";

const CLI = fileURLToPath(new URL("../../dist/cli/ringbook.js", import.meta.url));
const TIMEOUT_MS = 120_000;
const ROWS_MAX = 5_000;

/** `ringbook convert … | ringbook run …`, as two processes. */
async function pipeThrough(
  convertArgs: readonly string[],
  runArgs: readonly string[],
): Promise<{ stdout: string; stderr: string; codes: number[] }> {
  const convert = spawn(process.execPath, [CLI, "convert", ...convertArgs]);
  const run = spawn(process.execPath, [CLI, "run", ...runArgs]);
  convert.stdout.pipe(run.stdin);
  const exits = Promise.all([once(convert, "exit"), once(run, "exit")]);
  const [stdout, convertErrors, runErrors] = await Promise.all([text(run.stdout), text(convert.stderr), text(run.stderr)]);
  return { stdout, stderr: convertErrors + runErrors, codes: (await exits).map(([code]) => code as number) };
}

function expectedSide(levels: readonly LobsterLevel[]): string[] {
  return levels.map(([price, size]) => `${decimalOf(price)}:${size}`);
}

describe.each(LOBSTER_CASES)("ringbook convert lobster | ringbook run --verify on $symbol", (files) => {
  it("prints the book of the exchange after each row", { timeout: TIMEOUT_MS }, async ({ skip }) => {
    const missing = missingFile(files);
    skip(missing !== undefined, missing);
    const rowCount = Math.min(files.rows, ROWS_MAX);
    const convertArgs = ["lobster", files.messages, files.orderbook, "--books", "--limit", String(rowCount)];
    const { stdout, stderr, codes } = await pipeThrough(convertArgs, ["--verify", "--events", "none"]);
    expect({ stderr, codes }).toEqual({ stderr: "", codes: [0, 0] });
    const books = linesOf(stdout);
    const rows = linesOf(readText(files.orderbook));
    expect(books).toHaveLength(rowCount);
    books.forEach((line, index) => {
      const book = JSON.parse(line) as { symbol: string; bids: string[][]; asks: string[][] };
      const { bids, asks } = parseRow(rows[index] as string);
      const sides = [book.bids, book.asks].map((side) => side.map(([price, size]) => `${price}:${size}`));
      expect({ row: index + 1, symbol: book.symbol, sides }).toEqual({
        row: index + 1,
        symbol: files.symbol,
        sides: [expectedSide(bids), expectedSide(asks)],
      });
    });
  });
});
