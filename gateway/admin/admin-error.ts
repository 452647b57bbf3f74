/** Stable codes of what the admin server itself throws when it is started; a caller's mistakes are answered as problems. */
export type AdminErrorCode = "BAD_OPTION" | "LISTEN_FAILED";

export class AdminError extends Error {
  readonly code: AdminErrorCode;

  constructor(code: AdminErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AdminError";
    this.code = code;
  }
}
