import { Logon } from "../../engine/wire/flyweights.js";
import { HEADER_BYTES } from "../../engine/wire/header.js";

export interface Credentials {
  readonly key: string;
  readonly secret: string | Uint8Array;
}

const SIGNED_BYTES = 72;

/** A signed Logon record. WebCrypto, so that it works in browsers too. */
export async function signedLogon(credentials: Credentials, heartbeatMs: number): Promise<Uint8Array<ArrayBuffer>> {
  const nowUs = Date.now() * 1000;
  const words = new Int32Array(Logon.RECORD_BYTES / 4);
  Logon.init(words, 0, 0, nowUs);
  Logon.setTimestamp(words, 0, nowUs);
  Logon.setNonce(words, 0, randomNonce());
  Logon.setNextServerSeq(words, 0, 0);
  Logon.setHeartbeatMs(words, 0, heartbeatMs);
  Logon.setKeyId(words, 0, credentials.key);
  const bytes = new Uint8Array(words.buffer);
  const secret = typeof credentials.secret === "string" ? new TextEncoder().encode(credentials.secret) : new Uint8Array(credentials.secret);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, bytes.subarray(HEADER_BYTES, HEADER_BYTES + SIGNED_BYTES));
  Logon.setSignature(words, 0, new Uint8Array(signature));
  return bytes;
}

/** 53 random bits, never 0. */
function randomNonce(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}
