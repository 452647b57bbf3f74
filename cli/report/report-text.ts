import { stringify } from "csv-stringify/sync";
import type { ReportSection, StateReport } from "../../engine/edge/index.js";
import { REPORT_COLUMNS, REPORT_SECTIONS } from "./report-columns.js";

export type ReportFormat = "json" | "csv";
export const REPORT_FORMATS: readonly ReportFormat[] = ["json", "csv"];

/** What is written of a report, and where it is from. */
export interface ReportOptions {
  readonly source: string;
  readonly format: ReportFormat;
  /** Only this section. */
  readonly section?: ReportSection;
  /** One of several sources: rows of CSV tell which, and only the first has a header. */
  readonly place: "only" | "first" | "later";
}

const ROWS_A_PIECE = 4096;

/** The report as text, in pieces: no string has to hold all of a large one. */
export function reportText(report: StateReport, options: ReportOptions): string[] {
  return options.format === "json" ? jsonText(report, options) : csvText(report, options);
}

/** One row a line, so that reports can be compared line by line. */
function jsonText(report: StateReport, { source, section }: ReportOptions): string[] {
  const pieces = [`{"source":${JSON.stringify(source)},"seq":${report.seq},"timeUs":${report.timeUs}`];
  for (const name of section === undefined ? REPORT_SECTIONS : [section]) {
    pieces.push(`,\n${JSON.stringify(name)}:[`);
    const rows: readonly object[] = report[name];
    for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
      const lines = rows.slice(from, from + ROWS_A_PIECE).map((row) => `\n${JSON.stringify(row)}`);
      pieces.push(from === 0 ? lines.join(",") : `,${lines.join(",")}`);
    }
    pieces.push("]");
  }
  pieces.push("}\n");
  return pieces;
}

/** One table: of one section, its own columns; of all of them, every column that one has, behind the name of the section. */
function csvText(report: StateReport, { source, section, place }: ReportOptions): string[] {
  const sections = section === undefined ? REPORT_SECTIONS : [section];
  const own = [...new Set<string>(sections.flatMap((name) => REPORT_COLUMNS[name]))];
  const columns = [...(place === "only" ? [] : ["source"]), ...(section === undefined ? ["section"] : []), ...own];
  const pieces = place === "later" ? [] : [stringify([columns])];
  for (const name of sections) {
    const rows: readonly object[] = report[name];
    for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
      const records = rows.slice(from, from + ROWS_A_PIECE).map((row) => ({ source, section: name, ...row }));
      pieces.push(stringify(records, { columns, cast: { boolean: String } }));
    }
  }
  return pieces;
}
