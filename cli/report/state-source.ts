import { closeSync, createReadStream, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Command, CommandError, Core, type StateReport } from "../../engine/edge/index.js";
import { JournalError, replayJournal } from "../../engine/index.js";
import { CliError } from "../args/cli-error.js";
import { LINE_BYTES_MAX, readLines } from "../script/line-reader.js";
import { parseLine } from "../script/parse-line.js";

/** What a source has led to. */
export interface SourcedReport {
  readonly report: StateReport;
  /** What was wrong with the source, though not so much that there is no state. */
  readonly problems: readonly string[];
}

/** Something that leads to a state: a saved one, a script, a journal. */
export interface StateSource {
  /** How much has to be read. */
  readonly sizeBytes: number;
  /** Of the state right behind the command with this sequence, or the last one that there is. Rejects with CliError. */
  reportAt(seq: number | undefined): Promise<SourcedReport>;
}

const PROBLEMS_MAX = 10;

/** What lies at a path. A script is told from a saved state by its first byte: a state begins with its version. Throws CliError. */
export function openSource(path: string): StateSource {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return new Journal(path);
    return isText(path) ? new Script(path, stat.size) : new SavedState(path, stat.size);
  } catch (error) {
    throw asCliError(error, path);
  }
}

/** Bytes of `Core.snapshot`. */
class SavedState implements StateSource {
  constructor(
    private readonly path: string,
    readonly sizeBytes: number,
  ) {}

  async reportAt(seq: number | undefined): Promise<SourcedReport> {
    const core = this.restore();
    if (seq !== undefined && core.lastSeq !== seq) {
      throw new CliError(`${this.path} is the state at seq ${core.lastSeq}: another one needs the script or the journal that led to it`);
    }
    return { report: core.report(), problems: [] };
  }

  private restore(): Core {
    try {
      return Core.restore(readFileSync(this.path));
    } catch (error) {
      if (error instanceof RangeError) throw new CliError(`${this.path}: ${error.message}`);
      throw asCliError(error, this.path);
    }
  }
}

/** A journal of an engine. It may be in use. */
class Journal implements StateSource {
  readonly sizeBytes: number;

  constructor(private readonly dir: string) {
    this.sizeBytes = readdirSync(dir).reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  async reportAt(seq: number | undefined): Promise<SourcedReport> {
    try {
      const { report, tail } = await replayJournal(this.dir, { report: true, ...(seq === undefined ? {} : { to: seq }) });
      return { report: report as StateReport, problems: tail === undefined ? [] : [tail] };
    } catch (error) {
      if (error instanceof JournalError) throw new CliError(error.message);
      throw asCliError(error, this.dir);
    }
  }
}

/** JSON lines as `ringbook run` takes them. */
class Script implements StateSource {
  constructor(
    private readonly path: string,
    readonly sizeBytes: number,
  ) {}

  async reportAt(seq: number | undefined): Promise<SourcedReport> {
    const run = new ScriptRun(seq);
    try {
      for await (const lines of readLines(createReadStream(this.path, { highWaterMark: 1 << 16 }))) {
        if (lines.some((line) => run.isThereAfter(line))) break;
      }
    } catch (error) {
      throw asCliError(error, this.path);
    }
    const { core } = run;
    if (seq !== undefined && core.lastSeq !== seq) throw new CliError(`${this.path} ends at seq ${core.lastSeq}, before seq ${seq}`);
    return { report: core.report(), problems: run.problems.map((problem) => `${this.path}: ${problem}`) };
  }
}

class ScriptRun {
  readonly core = new Core();
  private readonly found: string[] = [];
  private count = 0;
  private line = 0;

  constructor(private readonly seq: number | undefined) {}

  /** The first ones in words, and how many more there are. */
  get problems(): readonly string[] {
    const more = this.count - this.found.length;
    return more === 0 ? this.found : [...this.found, `and ${more} more lines that are no commands`];
  }

  /** Applies a line; whether the wanted command was applied, now or before. */
  isThereAfter(line: string | undefined): boolean {
    if (this.core.lastSeq === this.seq) return true;
    this.line++;
    if (line === undefined) this.refuse(`line is longer than ${LINE_BYTES_MAX} bytes`);
    else if (!line.startsWith("#") && line.trim() !== "") this.apply(line);
    return this.core.lastSeq === this.seq;
  }

  private apply(line: string): void {
    try {
      this.core.apply(parseLine(line) as Command, () => {});
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.refuse(error.message);
    }
  }

  private refuse(text: string): void {
    this.count++;
    if (this.found.length < PROBLEMS_MAX) this.found.push(`line ${this.line}: ${text}`);
  }
}

/** A script begins with a brace, a comment, a blank or a byte order mark; a saved state with a small number. */
function isText(path: string): boolean {
  const bytes = new Uint8Array(1);
  const file = openSync(path, "r");
  const count = readSync(file, bytes);
  closeSync(file);
  const [first] = bytes;
  return count === 0 || first >= 0x20 || (first >= 0x09 && first <= 0x0d);
}

function asCliError(error: unknown, path: string): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined ? new CliError(`cannot read ${path}: ${message}`) : error;
}
