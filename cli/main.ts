import type { CliCommand, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { commandHelp, overview } from "./args/help.js";
import { nearest } from "./args/nearest.js";
import { parseOptions } from "./args/parse-options.js";
import { benchCommand } from "./bench.js";
import { checkConfigCommand } from "./check-config.js";
import { conformanceCommand } from "./conformance.js";
import { convertCommand } from "./convert.js";
import { inspectCommand } from "./inspect.js";
import { loadCommand } from "./load.js";
import { packageVersion } from "./package-file.js";
import { replayCommand } from "./replay.js";
import { reportCommand } from "./report.js";
import { runCommand } from "./run.js";
import { startCommand } from "./start.js";

const COMMANDS: readonly CliCommand[] = [
  startCommand,
  runCommand,
  replayCommand,
  reportCommand,
  inspectCommand,
  convertCommand,
  checkConfigCommand,
  loadCommand,
  conformanceCommand,
  benchCommand,
];

/** Runs one command line (without node and script). Returns the exit code; everything for people goes to stderr. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    terminal.stderr.write(`ringbook: ${error.message}\n`);
    if (error instanceof UsageError) terminal.stderr.write(`${error.hint ?? "see: ringbook --help"}\n`);
    return error.exitCode;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError("no command given");
  if (name === "--version") return print(terminal, `${packageVersion()}\n`);
  if (name === "--help" || name === "-h" || name === "help") return print(terminal, helpFor(rest[0]));
  const command = findCommand(name);
  if (rest.includes("--help") || rest.includes("-h")) return print(terminal, commandHelp(command));
  const { positionals, options } = parseOptions(command, rest);
  return command.run(positionals, options, terminal);
}

function helpFor(name: string | undefined): string {
  return name === undefined ? overview(COMMANDS) : commandHelp(findCommand(name));
}

function findCommand(name: string): CliCommand {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const isFlag = name.startsWith("-");
  const meant = isFlag
    ? undefined
    : nearest(
        name,
        COMMANDS.map((candidate) => candidate.name),
      );
  const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
  throw new UsageError(isFlag ? `unknown option ${name}` : `unknown command ${name}`, hint);
}

function print(terminal: Terminal, text: string): number {
  terminal.stdout.write(text);
  return EXIT_OK;
}
