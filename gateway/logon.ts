import { createHmac, timingSafeEqual } from "node:crypto";
import { CODES } from "../engine/wire/codes.js";
import { Logon } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import type { FaultCode } from "./frame-check.js";
import { NonceCache } from "./nonce-cache.js";
import type { GatewayKey, GatewayLimits } from "./options.js";

/** Everything in front of the signature, which covers it. */
const SIGNED_BYTES = 72;
const HMAC_BYTES = 32;
const HEARTBEAT_MS_MIN = 500;
const HEARTBEAT_MS_MAX = 60_000;

/** Why a logon is not taken: what the client is told, and what only the log may know. */
export interface LogonRefusal {
  readonly fault: FaultCode;
  readonly key: string;
  readonly why: string;
}

export type LogonVerdict = { readonly key: GatewayKey; readonly heartbeatMs: number } | LogonRefusal;

/** Checks Logon records against the configured keys. Gateway thread only. */
export class LogonCheck {
  readonly #keys: ReadonlyMap<string, GatewayKey>;
  readonly #nonces: NonceCache;
  readonly #windowUs: number;

  constructor(keys: readonly GatewayKey[], limits: GatewayLimits) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#nonces = new NonceCache({ lifeMs: 2 * limits.logonWindowMs, perKeyMax: limits.maxNonces });
    this.#windowUs = limits.logonWindowMs * 1000;
  }

  /**
   * Judges a record that passed `checkRecord`. Nothing but the key id is believed before the signature is right, and an
   * unknown key costs as much time and has the same answer as a wrong signature: key ids cannot be found by trying.
   */
  judge(words: Int32Array, at: number, nowMs: number): LogonVerdict {
    const keyId = Logon.keyId(words, at);
    const key = this.#keys.get(keyId);
    const isSigned = hasSignature(words, at, key?.secret ?? "no such key");
    const refused = (fault: FaultCode, why: string): LogonRefusal => ({ fault, key: keyId, why });
    if (key === undefined) return refused(CODES.BAD_SIGNATURE, "unknown key");
    if (!isSigned) return refused(CODES.BAD_SIGNATURE, "wrong signature");
    const offUs = Logon.timestamp(words, at) - nowMs * 1000;
    if (Math.abs(offUs) > this.#windowUs) return refused(CODES.BAD_TIMESTAMP, `timestamp off by ${offUs} us`);
    if (!this.#nonces.spend(keyId, Logon.nonce(words, at), nowMs)) return refused(CODES.NONCE_REUSED, "nonce spent, or too many of them");
    const heartbeatMs = Logon.heartbeatMs(words, at);
    if (heartbeatMs < HEARTBEAT_MS_MIN || heartbeatMs > HEARTBEAT_MS_MAX) {
      return refused(CODES.BAD_HEARTBEAT, `heartbeat interval of ${heartbeatMs} ms`);
    }
    return { key, heartbeatMs };
  }
}

function hasSignature(words: Int32Array, at: number, secret: string | Uint8Array): boolean {
  const block = Buffer.from(words.buffer, words.byteOffset + at * 4 + Header.HEADER_BYTES, SIGNED_BYTES);
  const expected = Buffer.alloc(64);
  createHmac("sha256", secret).update(block).digest().copy(expected, 0, 0, HMAC_BYTES);
  return timingSafeEqual(expected, Logon.signature(words, at));
}
