import type { Readable, Writable } from "node:stream";

/** One flag of a command. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** How its value is called in the help. */
  readonly value?: string;
  readonly describe: string;
  /** Belongs to a later version: giving it is a usage error that says so, and the help does not list it. */
  readonly notBuilt?: boolean;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** Where a command reads and writes: data on `stdout`, everything for people on `stderr`. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One command of `ringbook`: what its help says and what it does. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** Without the `ringbook` in front. */
  readonly usage: readonly string[];
  readonly details?: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** A line each: the command, then what it is for behind `#`. */
  readonly examples: readonly string[];
  /** Returns the exit code. Throws CliError for what has to end it. */
  run(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number>;
}
