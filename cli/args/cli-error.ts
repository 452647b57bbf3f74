import { EXIT_FAILED, EXIT_USAGE } from "./exit-code.js";

/** Ends a command with a message for people and an exit code, without a stack trace: the cause lies outside of us. */
export class CliError extends Error {
  readonly code: string = "CLI_FAILED";

  constructor(
    message: string,
    readonly exitCode: number = EXIT_FAILED,
  ) {
    super(message);
    this.name = "CliError";
  }
}

/** A command line that makes no sense. `hint` says what would. */
export class UsageError extends CliError {
  override readonly code = "CLI_USAGE";

  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message, EXIT_USAGE);
    this.name = "UsageError";
  }
}
