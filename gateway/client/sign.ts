import { Logon } from "../../engine/wire/flyweights.js";
import { CancelScope } from "../../engine/wire/generated/enums.js";
import { HEADER_BYTES } from "../../engine/wire/header.js";
import { ClientError } from "./client-error.js";

export interface Credentials {
  /** Id of the API key. Not needed with a token. */
  readonly key?: string;
  /** Its HMAC-SHA256 secret; the UTF-8 bytes when it is a string. */
  readonly secret?: string | Uint8Array;
  /** In place of the secret: the Ed25519 private key, for which WebCrypto must know Ed25519. */
  readonly privateKey?: Parameters<typeof crypto.subtle.sign>[1];
}

/** What the gateway cancels when it has lost the client. */
export interface CancelOnDisconnect {
  /** Every order of the account, or those that this session has entered. */
  readonly scope: "account" | "session";
  /** How long it waits for the client to come back first. 0 to 600000, default 0. */
  readonly graceMs?: number;
}

export interface LogonTerms {
  readonly heartbeatMs: number;
  /** 0: a new session. */
  readonly nextServerSeq: number;
  readonly cancelOnDisconnect: CancelOnDisconnect | undefined;
}

const SIGNED_BYTES = 72;

/** A Logon record, signed when there is something to sign with. WebCrypto, so that it works in browsers too. */
export async function signedLogon(credentials: Credentials, terms: LogonTerms): Promise<Int32Array<ArrayBuffer>> {
  const nowUs = Date.now() * 1000;
  const words = new Int32Array(Logon.RECORD_BYTES / 4);
  Logon.init(words, 0, 0, nowUs);
  Logon.setTimestamp(words, 0, nowUs);
  Logon.setNonce(words, 0, randomNonce());
  Logon.setNextServerSeq(words, 0, terms.nextServerSeq);
  Logon.setHeartbeatMs(words, 0, terms.heartbeatMs);
  const { cancelOnDisconnect: cancel } = terms;
  Logon.setCancelScope(words, 0, cancel === undefined ? CancelScope.none : CancelScope[cancel.scope]);
  Logon.setCancelGraceMs(words, 0, cancel?.graceMs ?? 0);
  Logon.setKeyId(words, 0, credentials.key ?? "");
  const signature = await sign(credentials, new Uint8Array(words.buffer, HEADER_BYTES, SIGNED_BYTES));
  if (signature !== undefined) Logon.setSignature(words, 0, new Uint8Array(signature));
  return words;
}

async function sign({ secret, privateKey }: Credentials, block: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer | undefined> {
  if (privateKey !== undefined) return crypto.subtle.sign("Ed25519", privateKey, block);
  if (secret === undefined) return undefined;
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : new Uint8Array(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, block);
}

/** Throws ClientError BAD_ARGUMENT. */
export function checkCancel(cancel: CancelOnDisconnect | undefined): void {
  if (cancel === undefined) return;
  const { scope, graceMs = 0 } = cancel;
  if (scope !== "account" && scope !== "session")
    throw new ClientError("BAD_ARGUMENT", `cancelOnDisconnect.scope must be account or session, was ${String(scope)}`);
  if (!Number.isInteger(graceMs) || graceMs < 0)
    throw new ClientError("BAD_ARGUMENT", `cancelOnDisconnect.graceMs must be an integer of at least 0, was ${graceMs}`);
}

/** 53 random bits, never 0. */
function randomNonce(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}
