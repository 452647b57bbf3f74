import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import type { CliCommand, OptionValues, Terminal } from "./args/cli-command.js";
import { CliError, UsageError } from "./args/cli-error.js";
import { EXIT_FAILED, EXIT_OK } from "./args/exit-code.js";
import { choiceOption, integerOption } from "./args/parse-options.js";
import { Output } from "./output.js";
import { packageFile } from "./package-file.js";
import { REPORT_SECTIONS } from "./report/report-columns.js";
import { makeReport, type ReportResult, type ReportTask } from "./report/report-task.js";
import { REPORT_FORMATS } from "./report/report-text.js";
import { openSource } from "./report/state-source.js";

/** From so many bytes on, or with several sources, reports are made on threads: less is done before a thread has started. */
const POOL_BYTES_MIN = 4 << 20;

export const reportCommand: CliCommand = {
  name: "report",
  summary: "balances, positions, holds, limits and the zero-sum proof of a state",
  usage: ["report JOURNAL|STATE|SCRIPT ... [--at SEQ] [--format json|csv] [--section NAME]"],
  details: [
    "JOURNAL is the folder of an engine's journal, in use or not; STATE a file with the bytes of Core.snapshot(); SCRIPT a file of",
    "JSON commands as `ringbook run` takes them.",
    "Several sources are the shards of one exchange: each gets a report of its own.",
    `Sections: ${REPORT_SECTIONS.join(", ")}.`,
    "Exits with 1 when a line of a script is no command, a journal has a torn tail, or when a currency's proof does not come out at nought.",
  ],
  options: {
    at: { type: "string", value: "SEQ", describe: "the state right behind the command with this seq (default: the last one)" },
    format: { type: "string", value: "json|csv", describe: "JSON, a row a line, or one table (default: json)" },
    section: { type: "string", value: "NAME", describe: "only this section" },
  },
  examples: ["ringbook report day.jsonl --at 1000 --format csv > day.csv", "ringbook report shard-0.state shard-1.state --section proof"],
  run: report,
};

async function report(sources: readonly string[], options: OptionValues, terminal: Terminal): Promise<number> {
  if (sources.length === 0) throw new UsageError("report needs a journal, a saved state or a script");
  const seq = integerOption(options, "at", 0, Number.MAX_SAFE_INTEGER);
  const format = choiceOption(options, "format", REPORT_FORMATS) ?? "json";
  const section = choiceOption(options, "section", REPORT_SECTIONS);
  const tasks = sources.map((source, index): ReportTask => {
    const place = sources.length === 1 ? "only" : index === 0 ? "first" : "later";
    return { source, format, place, ...(section === undefined ? {} : { section }), ...(seq === undefined ? {} : { seq }) };
  });
  const isLarge = tasks.length > 1 || openSource(tasks[0].source).sizeBytes >= POOL_BYTES_MIN;
  const out = new Output(terminal.stdout);
  return isLarge ? onPool(tasks, out, terminal) : printed([makeReport(tasks[0])], format, out, terminal);
}

/** All reports at once, as many as there are processors; printed in the order in which they were asked for. */
async function onPool(tasks: readonly ReportTask[], out: Output, terminal: Terminal): Promise<number> {
  const pool = new Piscina<ReportTask, ReportResult>({
    filename: packageFile("dist/cli/report/report-worker.js").href,
    minThreads: 1,
    maxThreads: Math.min(tasks.length, availableParallelism()),
  });
  if ((terminal.stderr as { isTTY?: boolean }).isTTY === true)
    terminal.stderr.write(`making ${tasks.length} report(s) on ${pool.options.maxThreads} thread(s)\n`);
  try {
    return await printed(
      tasks.map((task) => pool.run(task, { name: "makeReport" })),
      tasks[0].format,
      out,
      terminal,
    );
  } finally {
    await pool.destroy();
  }
}

async function printed(results: readonly Promise<ReportResult>[], format: string, out: Output, terminal: Terminal): Promise<number> {
  // A later one may fail while an earlier one is awaited: it is met in its turn.
  for (const result of results) result.catch(() => {});
  const isList = format === "json" && results.length > 1;
  let exitCode = EXIT_OK;
  for (const [index, pending] of results.entries()) {
    const result = await pending;
    if (result.kind === "failed") throw new CliError(result.message);
    if (isList) out.text(index === 0 ? "[" : ",");
    await write(result.pieces, out);
    for (const problem of [...result.problems, ...result.unbalanced.map((currency) => `${currency} is out of balance`)]) {
      terminal.stderr.write(`ringbook: ${problem}\n`);
      exitCode = EXIT_FAILED;
    }
  }
  if (isList) out.text("]\n");
  await out.flush();
  return exitCode;
}

async function write(pieces: readonly string[], out: Output): Promise<void> {
  for (const piece of pieces) {
    out.text(piece);
    if (out.isFull) await out.flush();
  }
}
