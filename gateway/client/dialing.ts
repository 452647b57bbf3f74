import type { BackOff } from "./back-off.js";
import type { ClientFormat } from "./client-format.js";
import type { SocketLike } from "./socket.js";

/** A socket that is about to open, and the Logon record for it. */
export interface Dialed {
  readonly socket: SocketLike;
  readonly logon: Int32Array;
}

/** How a client gets sockets. */
export interface Dialing {
  /** With the seq from which the gateway is to send again; 0: a new session. */
  dial(nextServerSeq: number): Promise<Dialed>;
  readonly format: ClientFormat;
  /** Undefined: a loss ends the session. */
  readonly backOff: BackOff | undefined;
}
