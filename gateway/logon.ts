import { createHmac, timingSafeEqual } from "node:crypto";
import { CODES } from "../engine/wire/codes.js";
import { Logon } from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import type { FaultCode } from "./frame-check.js";
import { NonceCache } from "./nonce-cache.js";
import type { GatewayKey, GatewayLimits } from "./options.js";

/** Timestamp, nonce, heartbeat interval, reserved and key id: what the signature covers. */
const SIGNED_BYTES = 56;
const HMAC_BYTES = 32;
const HEARTBEAT_MS_MIN = 500;
const HEARTBEAT_MS_MAX = 60_000;

export type LogonVerdict = { readonly key: GatewayKey; readonly heartbeatMs: number } | { readonly fault: FaultCode };

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
   * unknown key costs as much time as a wrong signature.
   */
  judge(words: Int32Array, at: number, nowMs: number): LogonVerdict {
    const keyId = Logon.keyId(words, at);
    const key = this.#keys.get(keyId);
    const isSigned = hasSignature(words, at, key?.secret ?? "no such key");
    if (key === undefined) return { fault: CODES.BAD_KEY };
    if (!isSigned) return { fault: CODES.BAD_SIGNATURE };
    if (Math.abs(Logon.timestamp(words, at) - nowMs * 1000) > this.#windowUs) return { fault: CODES.BAD_TIMESTAMP };
    if (!this.#nonces.spend(keyId, Logon.nonce(words, at), nowMs)) return { fault: CODES.NONCE_REUSED };
    const heartbeatMs = Logon.heartbeatMs(words, at);
    if (heartbeatMs < HEARTBEAT_MS_MIN || heartbeatMs > HEARTBEAT_MS_MAX) return { fault: CODES.BAD_HEARTBEAT };
    return { key, heartbeatMs };
  }
}

function hasSignature(words: Int32Array, at: number, secret: string | Uint8Array): boolean {
  const block = Buffer.from(words.buffer, words.byteOffset + at * 4 + Header.HEADER_BYTES, SIGNED_BYTES);
  const expected = Buffer.alloc(64);
  createHmac("sha256", secret).update(block).digest().copy(expected, 0, 0, HMAC_BYTES);
  return timingSafeEqual(expected, Logon.signature(words, at));
}
