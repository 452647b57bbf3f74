import { type Command, CommandError, type Core, type Event } from "../../engine/edge/index.js";
import type { Output } from "../output.js";
import { LINE_BYTES_MAX, type Lines } from "./line-reader.js";
import { parseLine } from "./parse-line.js";

/** Which events are printed (SETTLED S25). Answers of queries and errors always are. */
export type EventFilter = "all" | "trades" | "none";
export const EVENT_FILTERS: readonly EventFilter[] = ["all", "trades", "none"];

export interface ScriptOptions {
  readonly events: EventFilter;
  /** Check every invariant after each command. */
  readonly verify: boolean;
}

/** A check of `--verify` that failed: our mistake, not the script's. */
export class VerifyError extends Error {
  readonly code = "VERIFY_FAILED";

  constructor(line: number, command: string, cause: Error) {
    super(`line ${line}: after ${command}: ${cause.message}`, { cause });
    this.name = "VerifyError";
  }
}

/**
 * A script of SCRIPT.md, line after line: commands in, events out. Deterministic: equal lines give equal bytes.
 */
export class ScriptRunner {
  private lineNumber = 0;
  private errors = 0;

  constructor(
    private readonly core: Core,
    private readonly out: Output,
    private readonly options: ScriptOptions,
  ) {}

  /** Lines that were no command. */
  get errorCount(): number {
    return this.errors;
  }

  /** Runs physical lines, giving way whenever the output is full. Throws VerifyError. */
  async run(lines: Lines): Promise<void> {
    for (const line of lines) {
      this.runLine(line);
      if (!this.out.isFull) continue;
      await this.out.flush();
      if (this.out.isClosed) return;
    }
  }

  private runLine(line: string | undefined): void {
    this.lineNumber++;
    if (line === undefined) {
      this.error(`line is longer than ${LINE_BYTES_MAX} bytes`);
      return;
    }
    if (line.startsWith("#") || line.trim() === "") return;
    try {
      this.core.apply(parseLine(line) as Command, this.print);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.error(error.message);
      return;
    }
    if (this.options.verify) this.verify(line);
  }

  private verify(line: string): void {
    try {
      this.core.assertConsistent();
    } catch (error) {
      throw new VerifyError(this.lineNumber, line, error as Error);
    }
  }

  private readonly print = (event: Event): void => {
    if (isPrinted(event, this.options.events)) this.out.line(JSON.stringify(event));
  };

  private error(text: string): void {
    this.errors++;
    this.out.line(JSON.stringify({ event: "error", line: this.lineNumber, text }));
  }
}

function isPrinted(event: Event, filter: EventFilter): boolean {
  if (filter === "all") return true;
  switch (event.event) {
    case "book":
    case "orders":
    case "balances":
    case "hash":
      return true;
    case "trade":
      return filter === "trades";
    default:
      return false;
  }
}
