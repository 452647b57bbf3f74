import { Readable, Writable } from "node:stream";
import type { Terminal } from "../../cli/args/cli-command.js";
import { parseOptions } from "../../cli/args/parse-options.js";
import { main } from "../../cli/main.js";
import { runCommand, runScript } from "../../cli/run.js";
import { Core } from "../../engine/edge/index.js";

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SMALL = { orders: 4096, levels: 1024, instruments: 64, accounts: 256, positions: 2048, movements: 4096, currencies: 64 };

/** Runs a command line in this process, with everything that it reads and writes held in memory. */
export function runCli(
  args: readonly string[],
  input: string | readonly Uint8Array[] = "",
  env: Record<string, string> = {},
): Promise<CliResult> {
  return runCliWith(main, args, input, env);
}

/** `ringbook run` on a small core: one of the usual size takes a twentieth of a second to reserve, which a thousand cases would pay for. */
export function runOnSmallCore(args: readonly string[], input: string): Promise<CliResult> {
  const { positionals, options } = parseOptions(runCommand, args);
  return runCliWith((_, terminal) => runScript(positionals, options, terminal, () => new Core({ capacities: SMALL })), args, input);
}

/** As `runCli`, with the `main` of another build. */
export async function runCliWith(
  main: (args: readonly string[], terminal: Terminal) => Promise<number>,
  args: readonly string[],
  input: string | readonly Uint8Array[] = "",
  env: Record<string, string> = {},
): Promise<CliResult> {
  const stdout = new Sink();
  const stderr = new Sink();
  const stdin = Readable.from(typeof input === "string" ? [Buffer.from(input)] : input);
  const exitCode = await main(args, { stdin, stdout, stderr, env });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

class Sink extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

/** Lines of a text that ends with a newline. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.slice(0, -1).split("\n");
}
