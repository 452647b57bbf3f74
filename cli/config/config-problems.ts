import { CliError } from "../args/cli-error.js";
import { EXIT_CONFIG } from "../args/exit-code.js";

/** Everything that is wrong with a configuration, a line each: the path of the key, then what the rule is. */
export class ConfigProblems extends CliError {
  override readonly code = "BAD_CONFIG";

  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    super(`${source} is no good configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`, EXIT_CONFIG);
    this.name = "ConfigProblems";
  }
}
