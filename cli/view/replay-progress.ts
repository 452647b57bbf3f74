import type { ReplayProgress } from "../../engine/index.js";
import type { Terminal } from "../args/cli-command.js";
import { ProgressBar } from "./progress-bar.js";

const WORDS: Readonly<Record<ReplayProgress["phase"], readonly [phase: string, unit: string]>> = {
  verify: ["verifying the journal", "segments"],
  load: ["loading the snapshot", "bytes"],
  replay: ["replaying the journal", "commands"],
};

/** Shows a recovery or a replay. */
export class ReplayBar {
  private readonly bar: ProgressBar;

  constructor(terminal: Pick<Terminal, "stderr">) {
    this.bar = new ProgressBar(terminal);
  }

  readonly show = ({ phase, done, of }: ReplayProgress): void => {
    const [words, unit] = WORDS[phase];
    this.bar.show(words, unit, done, of);
  };

  end(): void {
    this.bar.end();
  }
}
