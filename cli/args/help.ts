import type { CliCommand } from "./cli-command.js";

const FLAG_COLUMN = 24;

/** What `ringbook --help` prints. */
export function overview(commands: readonly CliCommand[]): string {
  return [
    "ringbook: a low-latency matching engine for Node.js",
    "",
    "Usage: ringbook COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => row(name, summary)),
    "",
    "Options:",
    row("--help", "show this help, or with a command the help of that command"),
    row("--version", "print the version"),
    "",
    "Data goes to stdout, everything else to stderr.",
    "Exit codes: 0 done, 1 something in it failed, 2 usage, 78 bad configuration.",
    "",
  ].join("\n");
}

/** What `ringbook COMMAND --help` prints. */
export function commandHelp(command: CliCommand): string {
  const options = Object.entries(command.options).filter(([, spec]) => spec.notBuilt !== true);
  const flags = options.map(([name, spec]) => row(spec.value === undefined ? `--${name}` : `--${name} ${spec.value}`, spec.describe));
  return [
    `ringbook ${command.name}: ${command.summary}`,
    "",
    ...command.usage.map((line, index) => `${index === 0 ? "Usage:" : "      "} ringbook ${line}`),
    ...(command.details === undefined ? [] : ["", ...command.details]),
    "",
    "Options:",
    ...flags,
    row("--help", "show this help"),
    "",
    "Examples:",
    ...command.examples.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function row(left: string, right: string): string {
  return left.length < FLAG_COLUMN ? `  ${left.padEnd(FLAG_COLUMN)}${right}` : `  ${left}\n  ${" ".repeat(FLAG_COLUMN)}${right}`;
}
