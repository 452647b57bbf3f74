import { JournalError, replayJournal } from "../engine/index.js";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { integerOption } from "./args/parse-options.js";
import { ReplayBar } from "./view/replay-progress.js";

export const replayCommand: CliCommand = {
  name: "replay",
  summary: "rebuild the state that a journal leads to and print its digest",
  usage: ["replay JOURNAL [--to SEQ] [--verify]"],
  details: [
    "Prints one JSON object: the seq that it came to, the state's digest, how many commands were applied and how many digests",
    "were compared. It begins from the newest snapshot; it changes nothing, and the journal may be in use.",
    "A damaged journal, or one that leads elsewhere than it says, ends it with exit code 1, the file and the offset.",
  ],
  options: {
    to: { type: "string", value: "SEQ", describe: "stop behind this command (default: the last)" },
    verify: { type: "boolean", describe: "begin at the beginning; check every byte, every snapshot, and the state's invariants" },
  },
  examples: [
    "ringbook replay ringbook-data/main",
    "ringbook replay ringbook-data/main --verify",
    "ringbook replay ringbook-data/main --to 1000000",
  ],
  run: replay,
};

async function replay(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  const [dir] = positionals;
  if (dir === undefined || positionals.length > 1) throw new UsageError(`replay takes one journal, was given ${positionals.length}`);
  const to = integerOption(options, "to", 0, Number.MAX_SAFE_INTEGER);
  const bar = new ReplayBar(terminal);
  try {
    const verify = options["verify"] === true;
    const result = await replayJournal(dir, { ...(to === undefined ? {} : { to }), verify, onProgress: bar.show });
    bar.end();
    terminal.stdout.write(`${JSON.stringify(result)}\n`);
    return EXIT_OK;
  } catch (error) {
    throw asCliError(error);
  } finally {
    bar.end();
  }
}

/** What is wrong with files, rather than with us. */
export function asCliError(error: unknown): unknown {
  if (error instanceof JournalError) return new CliError(error.message);
  const { code, syscall, message, path } = error as NodeJS.ErrnoException;
  if (code === "ENOTDIR") return new CliError(`${path} is no folder of a journal, and not called as its segments and snapshots are`);
  return code !== undefined && syscall !== undefined ? new CliError(message) : error;
}
