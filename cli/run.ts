import { createReadStream } from "node:fs";
import { Core } from "../engine/edge/index.js";
import { CoreJournal, CoreMarketData, JournalError } from "../engine/index.js";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { choiceOption } from "./args/parse-options.js";
import { Output } from "./output.js";
import { readLines } from "./script/line-reader.js";
import { EVENT_FILTERS, ScriptRunner, VerifyError } from "./script/script-runner.js";
import { ReplayBar } from "./view/replay-progress.js";

export const runCommand: CliCommand = {
  name: "run",
  summary: "run a script of commands through the engine and print its events",
  usage: ["run [FILE|-] [--events all|trades|none] [--market-data] [--verify] [--journal DIR]"],
  details: [
    "Reads one JSON command a line from FILE, or from stdin, and writes one JSON event a line to stdout.",
    "Blank lines and lines that start with # are skipped. A line that is no command gives an error event",
    "with its line number; the run goes on and ends with exit code 1.",
    "With --journal the script's commands follow those that the journal has, and are durable when the run ends.",
  ],
  options: {
    events: {
      type: "string",
      value: "all|trades|none",
      describe: "which events to print; answers of queries and errors always are (default: all)",
    },
    verify: { type: "boolean", describe: "check every invariant after each command" },
    "market-data": { type: "boolean", describe: "print what market data tells of each command, too" },
    journal: { type: "string", value: "DIR", describe: "go on from the journal in DIR, and add what the script does" },
  },
  examples: [
    "ringbook run day.jsonl > events.jsonl",
    "ringbook run --verify --events trades < day.jsonl",
    "ringbook convert flash orders.bin.gz | ringbook run --events none",
  ],
  run: (positionals, options, terminal) => runScript(positionals, options, terminal),
};

/** `ringbook run` on a core of the usual size, or on another one; a journal brings its own. */
export async function runScript(
  positionals: readonly string[],
  options: OptionValues,
  terminal: Terminal,
  makeCore: () => Core = () => new Core(),
): Promise<number> {
  if (positionals.length > 1) throw new UsageError(`run takes one file, was given ${positionals.length}`);
  const events = choiceOption(options, "events", EVENT_FILTERS) ?? "all";
  const out = new Output(terminal.stdout);
  const journal = openJournal(options["journal"] as string | undefined, terminal);
  const core = journal?.core ?? makeCore();
  if (options["market-data"] === true) new CoreMarketData(core, (event) => out.line(JSON.stringify(event)));
  const runner = new ScriptRunner(core, out, { events, verify: options["verify"] === true });
  try {
    for await (const lines of readLines(inputOf(positionals[0], terminal))) {
      await runner.run(lines);
      await out.flush();
      if (out.isClosed) break;
    }
  } catch (error) {
    await out.flush();
    throw asCliError(error, positionals[0]);
  } finally {
    journal?.close();
  }
  return runner.errorCount === 0 ? EXIT_OK : EXIT_FAILED;
}

function openJournal(dir: string | undefined, terminal: Terminal): CoreJournal | undefined {
  if (dir === undefined) return undefined;
  if (dir === "") throw new UsageError("--journal must be a folder, was empty");
  const bar = new ReplayBar(terminal);
  try {
    return new CoreJournal(dir, bar.show);
  } catch (error) {
    throw error instanceof JournalError ? new CliError(error.message) : error;
  } finally {
    bar.end();
  }
}

function inputOf(file: string | undefined, terminal: Terminal): AsyncIterable<Uint8Array | string> {
  return file === undefined || file === "-" ? terminal.stdin : createReadStream(file, { highWaterMark: 1 << 16 });
}

function asCliError(error: unknown, file: string | undefined): unknown {
  if (error instanceof VerifyError) return new CliError(`verify failed at ${error.message}`);
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined ? new CliError(`cannot read ${file ?? "stdin"}: ${message}`) : error;
}
