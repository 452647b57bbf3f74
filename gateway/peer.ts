import { codeName } from "../engine/wire/codes.js";
import { type LogonReject, LogoutNotice } from "../engine/wire/flyweights.js";
import type { CloseCode } from "./close-codes.js";
import type { FaultCode } from "./frame-check.js";
import type { Session } from "./session.js";
import type { TokenIdentity } from "./token.js";
import type { Connection } from "./transport/transport.js";
import type { WireFormat } from "./wire-format.js";

/** One socket, before and after its logon. Gateway thread only. */
export class Peer {
  session: Session | undefined;
  lastReceivedMs: number;
  /** It said Logout: no more is taken from it, but what is under way is answered first. */
  isLoggingOut = false;
  /** Nothing of a leaving peer is listened to any more. */
  isLeaving = false;

  /** `identity`: whom a token at the upgrade has proved it to be. */
  constructor(
    readonly connection: Connection,
    readonly format: WireFormat,
    readonly identity: TokenIdentity | undefined,
    readonly openedMs: number,
  ) {
    this.lastReceivedMs = openedMs;
  }

  /** Whether what it sends is acted on. Answering it may end that, within a frame. */
  get isHeard(): boolean {
    return !this.isLeaving && !this.isLoggingOut && (this.session === undefined || this.session.connection === this.connection);
  }

  /** Says why in a last record and closes. What the session still had to be told goes first. */
  dismiss(farewell: typeof LogoutNotice | typeof LogonReject, code: FaultCode, closeCode: CloseCode, detail = ""): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    const name = codeName(code);
    const words = new Int32Array(farewell.RECORD_BYTES / 4);
    farewell.init(words, 0, 0, Date.now() * 1000);
    farewell.setCode(words, 0, code);
    const reason = detail === "" ? name : `${name} ${detail}`;
    farewell.setText(words, 0, reason);
    this.connection.cork(() => {
      if (this.session?.connection === this.connection) this.session.flush(this.lastReceivedMs);
      this.format.send(this.connection, words, 0, words.length);
      this.connection.close(closeCode, reason);
    });
  }

  /** LogoutNotice and close. */
  logOut(code: FaultCode, closeCode: CloseCode, detail = ""): void {
    this.dismiss(LogoutNotice, code, closeCode, detail);
  }
}
