import { inspectJournal } from "../engine/index.js";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { Output } from "./output.js";
import { asCliError } from "./replay.js";

export const inspectCommand: CliCommand = {
  name: "inspect",
  summary: "print the frames and records of a journal, or what is in a snapshot",
  usage: ["inspect JOURNAL|SEGMENT|SNAPSHOT"],
  details: [
    "Writes one JSON object a line: each frame with file, offset, checksums, epoch and seqs, behind it its records with offset, seq,",
    "time and fields. The last line says how it ends: clean, torn (never durable), corrupt or newer, and where; the last two end",
    "it with exit code 1. Prices are ticks, quantities lots, as in the record. It changes nothing, and the journal may be in use.",
  ],
  options: {},
  examples: [
    "ringbook inspect ringbook-data/main | tail -n 1",
    'ringbook inspect ringbook-data/main/segment-0000000001.rbj | grep \'"record":"NewOrder"\'',
    "ringbook inspect ringbook-data/main/snapshot-0000000010000000.rbs",
  ],
  run: inspect,
};

async function inspect(positionals: readonly string[], _options: OptionValues, terminal: Terminal): Promise<number> {
  const [path] = positionals;
  if (path === undefined || positionals.length > 1)
    throw new UsageError(`inspect takes one journal, segment or snapshot, was given ${positionals.length}`);
  const out = new Output(terminal.stdout);
  let isGood = true;
  try {
    for (const line of inspectJournal(path)) {
      out.line(JSON.stringify(line));
      isGood = line["end"] === undefined || line["end"] === "clean" || line["end"] === "torn";
      if (!out.isFull) continue;
      await out.flush();
      if (out.isClosed) return EXIT_OK;
    }
  } catch (error) {
    await out.flush();
    throw asCliError(error);
  }
  await out.flush();
  return isGood ? EXIT_OK : EXIT_FAILED;
}
