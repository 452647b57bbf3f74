import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { linesOf, runCli } from "./run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "ringbook-convert-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const EMPTY = "9999999999,0,-9999999999,0";
// A window of two levels. Row 1 shows a book; row 2 brings a better bid, which pushes 99.00 out of view; row 3 deletes it
// again, which brings 99.00 back; in row 4 two orders of one moment are executed, with a hidden one between them in row 5.
const MESSAGES = [
  "34200.1,1,10,5,1000000,1",
  "34200.2,1,11,7,1005000,1",
  "34200.3,3,11,7,1005000,1",
  "34200.4,4,10,5,1000000,1",
  "34200.4,5,0,1,999900,1",
  "34200.4,4,9,2,990000,1",
].join("\n");
const ROWS = [
  "1010000,3,1000000,5,9999999999,0,990000,4",
  "1010000,3,1005000,7,9999999999,0,1000000,5",
  "1010000,3,1000000,5,9999999999,0,990000,4",
  `1010000,3,990000,4,${EMPTY}`,
  `1010000,3,990000,4,${EMPTY}`,
  `1010000,3,990000,2,${EMPTY}`,
].join("\n");

function resting(clOrdId: number, side: string, price: string, qty: string): object {
  return { cmd: "new", account: "resting", clOrdId, symbol: "TINY", side, price, qty };
}

function taking(clOrdId: number, price: string, qty: string): object {
  return { cmd: "new", account: "taker", clOrdId, symbol: "TINY", side: "sell", tif: "ioc", price, qty };
}

describe("convert lobster", () => {
  const messages = file("TINY_message_2.csv", MESSAGES);
  const orderbook = file("TINY_orderbook_2.csv.gz", gzipSync(ROWS));

  it("derives the commands that lead from row to row", async () => {
    const { stdout, exitCode, stderr } = await runCli(["convert", "lobster", messages, orderbook]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([
      { cmd: "currency", currency: "USD", scale: 6 },
      { cmd: "instrument", symbol: "TINY", base: "TINY", quote: "USD", tickSize: "0.01", lotSize: "1" },
      { cmd: "account", account: "resting", mode: "unchecked" },
      { cmd: "account", account: "taker", mode: "unchecked" },
      resting(10, "buy", "100", "5"),
      resting(9, "buy", "99", "2"),
      resting(1_000_000_001, "buy", "99", "2"),
      resting(1_000_000_002, "sell", "101", "3"),
      resting(11, "buy", "100.5", "7"),
      { cmd: "cancel", account: "resting", clOrdId: 9 },
      { cmd: "cancel", account: "resting", clOrdId: 1_000_000_001 },
      { cmd: "cancel", account: "resting", clOrdId: 11 },
      resting(9, "buy", "99", "2"),
      resting(1_000_000_003, "buy", "99", "2"),
      taking(1, "100", "5"),
      taking(2, "99", "2"),
    ]);
  });

  it("--sweeps joins what was executed at one moment; --symbol names the instrument; --limit stops early", async () => {
    const { stdout } = await runCli(["convert", "lobster", messages, orderbook, "--sweeps"]);
    expect(JSON.parse(linesOf(stdout).at(-1) as string)).toEqual(taking(1, "99", "7"));
    const short = linesOf((await runCli(["convert", "lobster", messages, orderbook, "--symbol", "ABC", "--limit", "1"])).stdout);
    expect(short).toHaveLength(8);
    expect(JSON.parse(short.at(-1) as string)).toMatchObject({ symbol: "ABC" });
  });

  it("--books asks for the book after each row, and the run answers with the rows of the file", async () => {
    const script = (await runCli(["convert", "lobster", messages, orderbook, "--books"])).stdout;
    const { stdout, exitCode } = await runCli(["run", "--verify", "--events", "none"], script);
    expect(exitCode).toBe(0);
    const books = linesOf(stdout).map((line) => JSON.parse(line));
    expect(books.map(({ bids }) => bids.map((row: unknown[]) => row.slice(0, 2)))).toEqual([
      [
        ["100", "5"],
        ["99", "4"],
      ],
      [
        ["100.5", "7"],
        ["100", "5"],
      ],
      [
        ["100", "5"],
        ["99", "4"],
      ],
      [["99", "4"]],
      [["99", "4"]],
      [["99", "2"]],
    ]);
    expect(books.every(({ asks }) => JSON.stringify(asks) === '[["101","3",1]]')).toBe(true);
  });

  it.each([
    ["a file that is not there", () => [join(folder, "none.csv"), orderbook], "none.csv"],
    ["no LOBSTER messages", () => [file("bad.csv", "a,b,c\n"), orderbook], "message line 1"],
    ["no orderbook rows", () => [messages, file("bad_orderbook.csv", ROWS.replaceAll("1010000", "x"))], "no LOBSTER orderbook row"],
    ["files of different length", () => [messages, file("short.csv", ROWS.split("\n").slice(1).join("\n"))], "has 6 rows"],
    [
      "a book that the messages do not lead to",
      () => [
        messages,
        file(
          "other.csv",
          ROWS.replace("1000000,5,9999999999,0,990000,4\n1010000,3,1005000,7", "1000000,5,9999999999,0,990000,4\n1010000,3,1005000,8"),
        ),
      ],
      "row 2",
    ],
  ])("fails with 1 on %s", async (_name, files, message) => {
    const result = await runCli(["convert", "lobster", ...files()]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(message);
  });
});

/** A benchmark file: [type, side, ioc, qty, id, price] each. */
function flashFile(records: readonly (readonly number[])[]): Buffer {
  const bytes = Buffer.alloc(16 + 40 * records.length);
  bytes.writeBigUInt64LE(0x4d454257_5f303031n, 0);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(records.length, 12);
  records.forEach(([type = 0, side = 0, ioc = 0, qty = 0, id = 0, price = 0], index) => {
    const at = 16 + 40 * index;
    bytes.set([type, side, ioc], at);
    bytes.writeUInt32LE(qty, at + 4);
    bytes.writeBigUInt64LE(BigInt(index), at + 8);
    bytes.writeBigUInt64LE(BigInt(id), at + 16);
    bytes.writeBigInt64LE(BigInt(price), at + 24);
  });
  return bytes;
}

describe("convert flash", () => {
  const records = [
    [0, 0, 0, 5, 1, 100],
    [2, 0, 0, 4, 1, 101],
    [0, 1, 1, 9, 2, 101],
    [2, 0, 0, 4, 1, 102],
    [1, 0, 0, 0, 7, 100],
  ];
  const order = (clOrdId: number, side: string, price: string, qty: string, tif?: string) => ({
    cmd: "new",
    account: "flow",
    clOrdId,
    symbol: "FLOW",
    side,
    ...(tif === undefined ? {} : { tif }),
    price,
    qty,
  });
  const cancel = (clOrdId: number) => ({ cmd: "cancel", account: "flow", clOrdId });
  // The second modify comes when the order has been filled: only a cancel is left of it, for the engine to reject.
  const expected = [
    order(1, "buy", "100", "5"),
    cancel(1),
    order(1, "buy", "101", "4"),
    order(2, "sell", "101", "9", "ioc"),
    cancel(1),
    cancel(7),
  ];

  it.each([
    ["plain", "flow.bin", flashFile(records)],
    ["packed", "flow.bin.gz", gzipSync(flashFile(records))],
  ])("turns modifies into a cancel and a new order, if the order rests (%s)", async (_name, name, bytes) => {
    const { stdout, exitCode } = await runCli(["convert", "flash", file(name, bytes)]);
    expect(exitCode).toBe(0);
    expect(
      linesOf(stdout)
        .slice(3)
        .map((line) => JSON.parse(line)),
    ).toEqual(expected);
  });

  it("runs: trades and rejects as the benchmark has them", async () => {
    const script = (await runCli(["convert", "flash", file("run.bin", flashFile(records))])).stdout;
    const events = linesOf((await runCli(["run", "--verify"], script)).stdout).map((line) => JSON.parse(line).event);
    expect(events).toEqual(["ok", "ok", "ok", "accepted", "canceled", "accepted", "accepted", "trade", "canceled", "rejected", "rejected"]);
  });

  it("--limit stops early, at 0 too", async () => {
    const path = file("limit.bin", flashFile(records));
    expect(linesOf((await runCli(["convert", "flash", path, "--limit", "1"])).stdout)).toHaveLength(4);
    expect(linesOf((await runCli(["convert", "flash", path, "--limit", "0"])).stdout)).toHaveLength(3);
  });

  it.each([
    ["no benchmark file", Buffer.alloc(56), "magic"],
    ["another version", flashFile(records).fill(2, 8, 9), "version 2"],
    ["a file that is cut short", flashFile(records).subarray(0, 100), "the header says 5 records"],
    ["an empty file", Buffer.alloc(0), "no header"],
    ["an unknown type", flashFile([[9, 0, 0, 1, 1, 1]]), "unknown type 9"],
    ["a broken gzip", Buffer.from("no gzip at all"), "broken.bin.gz"],
  ])("fails with 1 on %s", async (name, bytes, message) => {
    const result = await runCli(["convert", "flash", file(name === "a broken gzip" ? "broken.bin.gz" : "bad.bin", bytes)]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(message);
  });
});
