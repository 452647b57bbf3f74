import { Presets, SingleBar } from "cli-progress";
import type { Terminal } from "../args/cli-command.js";

/** Shows how far long work is, on a terminal; without one, nothing. One phase after the other; on stderr, so that data stays clean. */
export class ProgressBar {
  private readonly bar: SingleBar | undefined;
  private phase = "";

  constructor(terminal: Pick<Terminal, "stderr">) {
    const { stderr } = terminal;
    if (!("isTTY" in stderr) || stderr.isTTY !== true) return;
    const format = "{phase} {bar} {percentage}% of {total} {unit}, {eta_formatted} left";
    this.bar = new SingleBar(
      { format, stream: stderr as NodeJS.WriteStream, hideCursor: true, clearOnComplete: true },
      Presets.shades_classic,
    );
  }

  /** `unit`: what is counted. */
  show(phase: string, unit: string, done: number, of: number): void {
    const { bar } = this;
    if (bar === undefined) return;
    if (phase !== this.phase) {
      bar.stop();
      bar.start(of, done, { phase, unit });
      this.phase = phase;
    }
    bar.setTotal(of);
    bar.update(done);
  }

  /** Takes it away. */
  end(): void {
    this.bar?.stop();
    this.phase = "";
  }
}
