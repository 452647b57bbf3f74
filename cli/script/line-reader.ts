const NEWLINE = 10;

/** Longest line that is read; a longer one is handed on as `undefined`, without its text. */
export const LINE_BYTES_MAX = 1 << 20;

/** Physical lines of one chunk of input; `undefined` stands for a line that is too long. */
export type Lines = (string | undefined)[];

/**
 * Splits bytes into physical lines, one array per chunk of input. Ends of lines are newlines; what follows the last one
 * is a line too when it is not empty. A trailing CR is dropped (SETTLED S24), and a byte order mark at the very start.
 */
export async function* readLines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<Lines> {
  const cutter = new LineCutter();
  for await (const chunk of input) {
    const lines = cutter.push(
      typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
    );
    if (lines.length > 0) yield lines;
  }
  const rest = cutter.end();
  if (rest.length > 0) yield rest;
}

class LineCutter {
  private rest: Buffer = Buffer.alloc(0);
  /** In the middle of a line that is too long: drop up to its newline. */
  private isSkipping = false;
  private isStart = true;

  push(chunk: Buffer): Lines {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = end === 0 ? [] : this.cut(bytes.subarray(0, end - 1));
    this.keep(bytes.subarray(end));
    return lines;
  }

  end(): Lines {
    if (this.isSkipping) return [undefined];
    return this.rest.length === 0 ? [] : this.cut(this.rest);
  }

  private cut(bytes: Buffer): Lines {
    const lines: Lines = bytes.toString("utf8").split("\n").map(tidy);
    if (this.isSkipping) lines[0] = undefined;
    else if (this.isStart) lines[0] = lines[0]?.replace(/^\uFEFF/, "");
    this.isSkipping = false;
    this.isStart = false;
    return lines;
  }

  private keep(rest: Buffer): void {
    if (this.isSkipping || rest.length > LINE_BYTES_MAX) {
      this.isSkipping = true;
      this.rest = Buffer.alloc(0);
    } else this.rest = rest;
  }
}

function tidy(line: string): string | undefined {
  if (line.length > LINE_BYTES_MAX) return undefined;
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
