import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { integerOption } from "./args/parse-options.js";
import { convertFlash } from "./convert/convert-flash.js";
import { convertLobster } from "./convert/convert-lobster.js";
import { Output } from "./output.js";

const LIMIT_MAX = 2 ** 32;
/** Flags that only one of the two formats has. */
const LOBSTER_FLAGS = ["symbol", "books", "sweeps"];

export const convertCommand: CliCommand = {
  name: "convert",
  summary: "turn real or benchmark order flow into a script for `ringbook run`",
  usage: [
    "convert lobster MESSAGES ORDERBOOK [--symbol GOOG] [--limit ROWS] [--books] [--sweeps]",
    "convert flash ORDERS.bin [--limit RECORDS]",
  ],
  details: [
    "lobster: a LOBSTER message file and its orderbook file. After the commands of a row the whole book equals that",
    "  row: orders rest, and go, as their levels enter and leave the window; each visible execution is one immediate order.",
    "flash: the order file of the public matching-engine benchmark.",
    "Files that are packed with gzip are unpacked.",
  ],
  options: {
    symbol: { type: "string", value: "SYMBOL", describe: "lobster: symbol to trade (default: the start of the file name)" },
    limit: { type: "string", value: "N", describe: "rows or records to convert (default: all)" },
    books: { type: "boolean", describe: "lobster: ask for the book after each row, to compare it with the orderbook file" },
    sweeps: { type: "boolean", describe: "lobster: join executions of one moment and side into one order" },
  },
  examples: [
    "ringbook convert lobster GOOG_message_10.csv.gz GOOG_orderbook_10.csv.gz | ringbook run --verify --events trades",
    "ringbook convert flash normal-seed23.bin.gz --limit 100000 > flow.jsonl",
  ],
  run: convert,
};

async function convert(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  const [format, ...files] = positionals;
  const limit = integerOption(options, "limit", 0, LIMIT_MAX);
  const out = new Output(terminal.stdout);
  if (format === "lobster") {
    const [messages, orderbook] = requireFiles(files, ["MESSAGES", "ORDERBOOK"]);
    const symbol = options["symbol"] as string | undefined;
    const flags = { books: options["books"] === true, sweeps: options["sweeps"] === true };
    await convertLobster({ messages: messages as string, orderbook: orderbook as string, symbol, limit, ...flags }, out);
    return EXIT_OK;
  }
  if (format === "flash") {
    const foreign = LOBSTER_FLAGS.find((flag) => options[flag] !== undefined);
    if (foreign !== undefined) throw new UsageError(`convert flash has no --${foreign}`);
    const [orders] = requireFiles(files, ["ORDERS.bin"]);
    await convertFlash(orders as string, limit, out);
    return EXIT_OK;
  }
  throw new UsageError(format === undefined ? "convert needs a format: lobster or flash" : `unknown format ${format}: lobster or flash`);
}

function requireFiles(files: readonly string[], names: readonly string[]): readonly string[] {
  if (files.length === names.length) return files;
  throw new UsageError(`expected ${names.join(" ")}, was given ${files.length === 0 ? "nothing" : files.join(" ")}`);
}
