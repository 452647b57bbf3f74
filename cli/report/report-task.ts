import { CliError } from "../args/cli-error.js";
import { type ReportOptions, reportText } from "./report-text.js";
import { openSource } from "./state-source.js";

export interface ReportTask extends ReportOptions {
  /** The sequence to report of; the last one without it. */
  readonly seq?: number;
}

/** What became of a task, in a shape that survives the way between threads. */
export type ReportResult =
  | { readonly kind: "report"; readonly pieces: string[]; readonly problems: readonly string[]; readonly unbalanced: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

/** Makes one report. Never rejects for what is wrong with the source. */
export async function makeReport(task: ReportTask): Promise<ReportResult> {
  try {
    const { report, problems } = await openSource(task.source).reportAt(task.seq);
    const unbalanced = report.proof.filter(({ isBalanced, isClamped }) => !isBalanced && !isClamped).map(({ currency }) => currency);
    return { kind: "report", pieces: reportText(report, task), problems, unbalanced };
  } catch (error) {
    if (error instanceof CliError) return { kind: "failed", message: error.message };
    throw error;
  }
}
