/** What SCRIPT.md calls an `error`: a command that cannot even be read. Nothing was applied and no `seq` was taken. */
export class CommandError extends Error {
  readonly code = "BAD_COMMAND";

  constructor(message: string) {
    super(message);
    this.name = "CommandError";
  }
}
