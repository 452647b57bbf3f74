import type { Writable } from "node:stream";

const WRITE_CHARS = 64 * 1024;

/**
 * Lines on their way to stdout, one write per 64 KiB. The caller awaits `flush` when `isFull`, so a slow reader slows
 * us down instead of filling the memory. When the reader has gone away (EPIPE), `isClosed` turns true and nothing more is
 * written; that is no error of ours: `ringbook run day.jsonl | head`.
 */
export class Output {
  private pending = "";
  private closed = false;

  constructor(private readonly stream: Writable) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      this.closed = true;
    });
  }

  get isClosed(): boolean {
    return this.closed;
  }

  get isFull(): boolean {
    return this.pending.length >= WRITE_CHARS;
  }

  line(text: string): void {
    this.pending += text;
    this.pending += "\n";
  }

  /** Text that has its ends of lines. */
  text(text: string): void {
    this.pending += text;
  }

  /** Resolves when the stream has taken everything. */
  async flush(): Promise<void> {
    if (this.pending === "" || this.closed) return;
    const text = this.pending;
    this.pending = "";
    await new Promise<void>((resolve) => {
      this.stream.write(text, () => resolve());
    });
  }
}
