import { createReadStream } from "node:fs";
import { Core } from "../engine/edge/index.js";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { choiceOption } from "./args/parse-options.js";
import { Output } from "./output.js";
import { readLines } from "./script/line-reader.js";
import { EVENT_FILTERS, ScriptRunner, VerifyError } from "./script/script-runner.js";

export const runCommand: CliCommand = {
  name: "run",
  summary: "run a script of commands through the engine and print its events",
  usage: ["run [FILE|-] [--events all|trades|none] [--verify]"],
  details: [
    "Reads one JSON command a line from FILE, or from stdin, and writes one JSON event a line to stdout.",
    "Blank lines and lines that start with # are skipped. A line that is no command gives an error event",
    "with its line number; the run goes on and ends with exit code 1.",
  ],
  options: {
    events: {
      type: "string",
      value: "all|trades|none",
      describe: "which events to print; answers of queries and errors always are (default: all)",
    },
    verify: { type: "boolean", describe: "check every invariant after each command" },
    "market-data": { type: "boolean", describe: "", notBuilt: true },
    journal: { type: "string", describe: "", notBuilt: true },
  },
  examples: [
    "ringbook run day.jsonl > events.jsonl",
    "ringbook run --verify --events trades < day.jsonl",
    "ringbook convert flash orders.bin.gz | ringbook run --events none",
  ],
  run: runScript,
};

async function runScript(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  if (positionals.length > 1) throw new UsageError(`run takes one file, was given ${positionals.length}`);
  const events = choiceOption(options, "events", EVENT_FILTERS) ?? "all";
  const out = new Output(terminal.stdout);
  const runner = new ScriptRunner(new Core(), out, { events, verify: options["verify"] === true });
  try {
    for await (const lines of readLines(inputOf(positionals[0], terminal))) {
      await runner.run(lines);
      await out.flush();
      if (out.isClosed) break;
    }
  } catch (error) {
    await out.flush();
    throw asCliError(error, positionals[0]);
  }
  return runner.errorCount === 0 ? EXIT_OK : EXIT_FAILED;
}

function inputOf(file: string | undefined, terminal: Terminal): AsyncIterable<Uint8Array | string> {
  return file === undefined || file === "-" ? terminal.stdin : createReadStream(file, { highWaterMark: 1 << 16 });
}

function asCliError(error: unknown, file: string | undefined): unknown {
  if (error instanceof VerifyError) return new CliError(`verify failed at ${error.message}`);
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined ? new CliError(`cannot read ${file ?? "stdin"}: ${message}`) : error;
}
