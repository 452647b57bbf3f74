import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { readConfigFile } from "./config/check-file.js";

export const checkConfigCommand: CliCommand = {
  name: "check-config",
  summary: "check a configuration file without starting anything",
  usage: ["check-config FILE"],
  details: [
    "Lists everything that is wrong with the file and exits with 78, or says what is in it and exits with 0.",
    "A file that cannot be read gives the reason, and 78 too.",
    "The file's JSON Schema is cli/config.schema.json in the package.",
  ],
  options: {},
  examples: ["ringbook check-config ringbook.json"],
  run: checkConfig,
};

async function checkConfig(positionals: readonly string[], _options: OptionValues, terminal: Terminal): Promise<number> {
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError(`check-config takes one file, was given ${positionals.length}`);
  const { engine, gateway } = readConfigFile(file);
  const counts = [
    count(engine?.instruments?.length ?? 0, "instrument"),
    count(engine?.accounts?.length ?? 0, "account"),
    count(gateway?.keys?.length ?? 0, "key"),
  ];
  terminal.stdout.write(`${file} is good: ${counts.join(", ")}\n`);
  return EXIT_OK;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
