import { parseArgs } from "node:util";
import type { CliCommand, OptionValues } from "./cli-command.js";
import { UsageError } from "./cli-error.js";
import { nearest } from "./nearest.js";

interface ParsedOptions {
  readonly positionals: string[];
  readonly options: OptionValues;
}

/** Flags and positionals of one command. Throws UsageError, with a hint, on a flag that it does not have. */
export function parseOptions(command: CliCommand, args: readonly string[]): ParsedOptions {
  const known = { ...command.options, help: { type: "boolean", describe: "show this help" } as const };
  const flags = Object.fromEntries(Object.entries(known).map(([name, { type }]) => [name, { type }]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
    refuseNotBuilt(command, values as OptionValues);
    return { positionals, options: values as OptionValues };
  } catch (error) {
    throw asUsageError(error, command);
  }
}

function refuseNotBuilt(command: CliCommand, values: OptionValues): void {
  for (const [name, spec] of Object.entries(command.options)) {
    if (spec.notBuilt === true && values[name] !== undefined) throw new UsageError(`--${name} is not built yet`);
  }
}

function asUsageError(error: unknown, command: CliCommand): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined || !code.startsWith("ERR_PARSE_ARGS")) return error;
  const flag = /'(-[^' ]*)/.exec(message ?? "")?.[1] ?? "";
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION")
    return new UsageError((message ?? "bad arguments").split("\n")[0] as string, helpHint(command));
  const names = Object.keys(command.options).filter((name) => command.options[name]?.notBuilt !== true);
  const meant = nearest(flag.replace(/^-+/, ""), [...names, "help"]);
  return new UsageError(`unknown option ${flag}`, meant === undefined ? helpHint(command) : `did you mean --${meant}?`);
}

function helpHint(command: CliCommand): string {
  return `see: ringbook ${command.name} --help`;
}

/** A flag's value that must be an integer in a range. Throws UsageError. */
export function integerOption(options: OptionValues, name: string, min: number, max: number): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (typeof text !== "string" || !/^[0-9]+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be an integer from ${min} to ${max}, was ${String(text)}`);
  }
  return value;
}

/** A flag's value that must be one of a list. Throws UsageError. */
export function choiceOption<T extends string>(options: OptionValues, name: string, choices: readonly T[]): T | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new UsageError(`--${name} must be one of ${choices.join(", ")}, was ${String(text)}`);
  return choice;
}
