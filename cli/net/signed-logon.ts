import { createHmac, randomInt } from "node:crypto";
import { Header, Logon } from "../../engine/wire/index.js";

const SIGNATURE_BYTES = 64;
const HEARTBEAT_MS = 60_000;

export interface Credentials {
  readonly id: string;
  /** Of HMAC-SHA256. */
  readonly secret: string;
}

/** What a Logon may say beside who it is. */
export interface LogonFields {
  /** Default: now. */
  readonly timestampUs?: number;
  /** Default: drawn. */
  readonly nonce?: number;
  /** Default: 60,000. */
  readonly heartbeatMs?: number;
  /** Default: 0, a new session. */
  readonly nextServerSeq?: number;
  /** A value of CancelScope. Default: 0, nothing. */
  readonly cancelScope?: number;
  readonly cancelGraceMs?: number;
}

/** A Logon record. Everything in front of the signature is signed. */
export function signedLogon({ id, secret }: Credentials, fields: LogonFields = {}): Uint8Array {
  const words = new Int32Array(Logon.RECORD_BYTES / 4);
  const nowUs = Date.now() * 1000;
  Logon.init(words, 0, 0, nowUs);
  Logon.setTimestamp(words, 0, fields.timestampUs ?? nowUs);
  Logon.setNonce(words, 0, fields.nonce ?? randomInt(1, 2 ** 48 - 1));
  Logon.setNextServerSeq(words, 0, fields.nextServerSeq ?? 0);
  Logon.setHeartbeatMs(words, 0, fields.heartbeatMs ?? HEARTBEAT_MS);
  Logon.setCancelGraceMs(words, 0, fields.cancelGraceMs ?? 0);
  Logon.setCancelScope(words, 0, fields.cancelScope ?? 0);
  Logon.setKeyId(words, 0, id);
  const bytes = new Uint8Array(words.buffer);
  const signed = bytes.subarray(Header.HEADER_BYTES, Logon.RECORD_BYTES - SIGNATURE_BYTES);
  bytes.set(createHmac("sha256", secret).update(signed).digest(), Logon.RECORD_BYTES - SIGNATURE_BYTES);
  return bytes;
}
