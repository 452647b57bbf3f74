/** Stable codes of what the gateway itself throws; a client's mistakes are never thrown, they are answered on its socket. */
export type GatewayErrorCode =
  | "TRANSPORT_MISSING"
  | "LISTEN_FAILED"
  | "BAD_OPTION"
  | "UNKNOWN_ACCOUNT"
  | "DUPLICATE_KEY"
  | "ENGINE_FAILED"
  | "ENGINE_NOT_READY"
  | "THREAD_STUCK";

/** Thrown by `Gateway.listen` and by the transports. `code` is stable, the message is for people. */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "GatewayError";
    this.code = code;
  }
}
