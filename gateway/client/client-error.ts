import { type CodeName, codeName } from "../../engine/wire/codes.js";

/** The client's own codes. A refusal by gateway or engine that ends the session carries its code's name instead. */
export type ClientErrorCode =
  | CodeName
  /** The socket could not be opened, or was lost without a notice. */
  | "DISCONNECTED"
  /** Nothing came for two and a half heartbeat intervals. */
  | "SERVER_SILENT"
  /** What came was no sequence of records, or left a hole in the session's numbering. */
  | "PROTOCOL_ERROR"
  /** The connection was lost first, and the gateway has never taken the request: it may be sent again. */
  | "NOT_APPLIED"
  /** The connection was lost first, and the gateway knows no more what has become of the request: ask which orders are open. */
  | "FATE_UNKNOWN"
  /** Used after `close`, or after the session ended. */
  | "CLOSED"
  /** More requests are unanswered than `maxPending` allows. */
  | "TOO_MANY_PENDING"
  /** Whoever iterates was too slow for a bounded buffer. What had been buffered was delivered before this. */
  | "BUFFER_OVERFLOW"
  /** There is no WebSocket in this runtime and none was given. */
  | "NO_WEBSOCKET"
  /** The signal was aborted. */
  | "ABORTED"
  /** Text that is no decimal, an id that is no integer, an option out of its range. */
  | "BAD_ARGUMENT";

/** Everything that the client rejects or throws. `code` is stable, the message is for people. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ClientError";
    this.code = code;
  }
}

/** The name of a code of the gateway's. A newer gateway may have codes that this client does not know. */
export function errorCodeOf(code: number): ClientErrorCode {
  try {
    return codeName(code);
  } catch {
    return "DISCONNECTED";
  }
}
