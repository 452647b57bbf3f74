import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_OK } from "./args/exit-code.js";
import { nearest } from "./args/nearest.js";
import { packageFile } from "./package-file.js";

export const benchCommand: CliCommand = {
  name: "bench",
  summary: "run the benches of this repository and print figures with their conditions",
  usage: ["bench [NAME] [--tiny] [--json]"],
  details: [
    "Without a name all benches run, one after the other. Each checks its own answer and fails on a wrong one.",
    "The benches are part of the repository, not of the published package: clone it and run npm run build first.",
  ],
  options: {
    tiny: { type: "boolean", describe: "small sizes that only show that a bench works" },
    json: { type: "boolean", describe: "one JSON object a bench instead of a table" },
  },
  examples: ["ringbook bench", "ringbook bench ring --json"],
  run: bench,
};

interface BenchRow {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
  readonly target?: string;
}
interface BenchReport {
  readonly name: string;
  readonly rows: readonly BenchRow[];
  readonly checked: readonly string[];
}
interface BenchModule {
  run(options: { size: "tiny" | "full" }): BenchReport | Promise<BenchReport>;
}

async function bench(positionals: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  if (positionals.length > 1) throw new UsageError(`bench takes one name, was given ${positionals.length}`);
  const size = options["tiny"] === true ? "tiny" : "full";
  const write = (text: string): void => void terminal.stdout.write(text);
  const isJson = options["json"] === true;
  const benches = await chosenBenches(positionals[0]);
  const conditions = conditionsNow();
  if (!isJson)
    write(
      `${Object.entries(conditions)
        .map(([key, value]) => `${key}: ${value}`)
        .join("\n")}\n`,
    );
  for (const { name, url } of benches) {
    const report = await ((await import(url.href)) as BenchModule).run({ size });
    write(isJson ? `${JSON.stringify({ ...report, name, size, conditions })}\n` : tableOf(report));
  }
  return EXIT_OK;
}

interface BenchFile {
  readonly name: string;
  readonly url: URL;
}

async function chosenBenches(wanted: string | undefined): Promise<BenchFile[]> {
  const folder = packageFile("dist/bench/");
  if (!existsSync(folder))
    throw new CliError(
      "there are no benches here: they are part of the repository, not of the published package (clone it, npm run build)",
    );
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  const benches: BenchFile[] = [];
  for (const file of files.sort()) {
    const url = new URL(file, folder);
    if (await isBench(url)) benches.push({ name: file.slice(0, -".js".length), url });
  }
  if (wanted === undefined) return benches;
  const found = benches.filter(({ name }) => name === wanted);
  if (found.length > 0) return found;
  const names = benches.map(({ name }) => name);
  const meant = nearest(wanted, names);
  throw new UsageError(`there is no bench ${wanted}`, meant === undefined ? `there are: ${names.join(", ")}` : `did you mean ${meant}?`);
}

/** A file beside the benches may also be a part of one. */
async function isBench(url: URL): Promise<boolean> {
  return typeof ((await import(url.href)) as Partial<BenchModule>).run === "function";
}

/** What a figure depends on, and what has to stand next to it. */
function conditionsNow(): Record<string, string> {
  const [cpu] = cpus();
  return {
    cpu: `${cpu?.model ?? "unknown"} × ${cpus().length}`,
    node: `${process.version} ${process.execArgv.join(" ")}`.trim(),
    commit: commit(),
    load: loadavg()
      .map((value) => value.toFixed(2))
      .join(" "),
    date: new Date().toISOString(),
  };
}

function commit(): string {
  try {
    const cwd = fileURLToPath(packageFile("./"));
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const head = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") === "" ? head : `${head} with changes`;
  } catch {
    return "unknown";
  }
}

function tableOf({ name, rows, checked }: BenchReport): string {
  const cells = rows.map(({ metric, value, unit, low, high, target }) => [
    metric,
    `${figure(value)} ${unit}`,
    low === undefined || high === undefined ? "" : `${figure(low)} to ${figure(high)}`,
    target === undefined ? "" : `target ${target}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...cells.map((row) => (row[column] as string).length)));
  const lines = cells.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] as number)).join("  ")}`.trimEnd());
  return `\n${name}\n${[...lines, ...checked.map((sentence) => `  checked: ${sentence}`)].join("\n")}\n`;
}

function figure(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
}
