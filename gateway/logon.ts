import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { CODES } from "../engine/wire/codes.js";
import { Logon } from "../engine/wire/flyweights.js";
import { CancelScope } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import type { FaultCode } from "./frame-check.js";
import { GatewayError } from "./gateway-error.js";
import type { GatewayKey, Permission } from "./keys.js";
import { NonceCache } from "./nonce-cache.js";
import type { GatewayLimits } from "./options.js";
import type { TokenIdentity } from "./token.js";

/** Everything in front of the signature, which covers it. */
const SIGNED_BYTES = 72;
const HMAC_BYTES = 32;
const ED25519_KEY_BYTES = 32;
/** What stands in front of the 32 bytes in the DER form of an Ed25519 public key (RFC 8410). */
const ED25519_DER_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const HEARTBEAT_MS_MIN = 500;
const HEARTBEAT_MS_MAX = 60_000;
const CANCEL_GRACE_MS_MAX = 600_000;

/** Why a logon is not taken: what the client is told, and what only the log may know. */
export interface LogonRefusal {
  readonly fault: FaultCode;
  readonly key: string;
  readonly why: string;
}

/** What a logon that is taken asks for. */
export interface LogonTerms {
  readonly key: GatewayKey;
  readonly permissions: readonly Permission[];
  readonly nextServerSeq: number;
  readonly heartbeatMs: number;
  readonly cancelScope: number;
  readonly cancelGraceMs: number;
}

export type LogonVerdict = LogonTerms | LogonRefusal;

interface KnownKey {
  readonly key: GatewayKey;
  readonly secret: string | Uint8Array | undefined;
  readonly publicKey: KeyObject | undefined;
}

/** Checks Logon records against the configured keys. Gateway thread only. */
export class LogonCheck {
  readonly #keys: ReadonlyMap<string, KnownKey>;
  readonly #nonces: NonceCache;
  readonly #windowUs: number;
  /** A key that signs with Ed25519, to be tried for those that do not: then all take as long. */
  readonly #anyPublicKey: KeyObject | undefined;

  /** Throws GatewayError BAD_OPTION on a public key that is none. */
  constructor(keys: readonly GatewayKey[], limits: GatewayLimits) {
    const known = keys.map((key): KnownKey => ({ key, secret: key.secret, publicKey: publicKeyOf(key) }));
    this.#keys = new Map(known.map((entry) => [entry.key.id, entry]));
    this.#anyPublicKey = known.find((entry) => entry.publicKey !== undefined)?.publicKey;
    this.#nonces = new NonceCache({ lifeMs: 2 * limits.logonWindowMs, perKeyMax: limits.maxNonces });
    this.#windowUs = limits.logonWindowMs * 1000;
  }

  /**
   * Judges a record that passed `checkRecord`. Nothing but the key id is believed before the signature is right, and an
   * unknown key costs as much time and has the same answer as a wrong signature: key ids cannot be found by trying.
   * With an `identity` that a token has proved, there is nothing to sign.
   */
  judge(words: Int32Array, at: number, nowMs: number, identity?: TokenIdentity): LogonVerdict {
    if (identity !== undefined) return termsOf(words, at, identity.key, identity.permissions);
    const keyId = Logon.keyId(words, at);
    const known = this.#keys.get(keyId);
    const isSigned = this.#isSigned(words, at, known);
    const refused = (fault: FaultCode, why: string): LogonRefusal => ({ fault, key: keyId, why });
    if (known === undefined) return refused(CODES.BAD_SIGNATURE, "unknown key");
    if (!isSigned) return refused(CODES.BAD_SIGNATURE, "wrong signature");
    const offUs = Logon.timestamp(words, at) - nowMs * 1000;
    if (Math.abs(offUs) > this.#windowUs) return refused(CODES.BAD_TIMESTAMP, `timestamp off by ${offUs} us`);
    if (!this.#nonces.spend(keyId, Logon.nonce(words, at), nowMs)) return refused(CODES.NONCE_REUSED, "nonce spent, or too many of them");
    return termsOf(words, at, known.key, known.key.permissions);
  }

  /** Both signatures are always tried. Of a key without a secret no HMAC is right, and the other way round. */
  #isSigned(words: Int32Array, at: number, known: KnownKey | undefined): boolean {
    const block = Buffer.from(words.buffer, words.byteOffset + at * 4 + Header.HEADER_BYTES, SIGNED_BYTES);
    const signature = Logon.signature(words, at);
    const byHmac = hasHmac(block, signature, known?.secret ?? "no such key") && known?.secret !== undefined;
    const publicKey = known?.publicKey ?? this.#anyPublicKey;
    const byKey = publicKey !== undefined && verify(null, block, publicKey, signature) && known?.publicKey !== undefined;
    return byHmac || byKey;
  }
}

function termsOf(words: Int32Array, at: number, key: GatewayKey, permissions: readonly Permission[]): LogonVerdict {
  const heartbeatMs = Logon.heartbeatMs(words, at);
  const cancelGraceMs = Logon.cancelGraceMs(words, at);
  if (heartbeatMs < HEARTBEAT_MS_MIN || heartbeatMs > HEARTBEAT_MS_MAX) {
    return { fault: CODES.BAD_HEARTBEAT, key: key.id, why: `heartbeat interval of ${heartbeatMs} ms` };
  }
  if (cancelGraceMs > CANCEL_GRACE_MS_MAX) return { fault: CODES.BAD_CANCEL_GRACE, key: key.id, why: `grace of ${cancelGraceMs} ms` };
  const cancelScope = Logon.cancelScope(words, at);
  // Who may not cancel may not have it done by losing its socket either.
  if (cancelScope !== CancelScope.none && !permissions.includes("trade"))
    return { fault: CODES.NOT_PERMITTED, key: key.id, why: "cancel on disconnect without the permission trade" };
  const nextServerSeq = Math.max(0, Logon.nextServerSeq(words, at));
  return { key, permissions, nextServerSeq, heartbeatMs, cancelScope, cancelGraceMs };
}

function hasHmac(block: Uint8Array, signature: Uint8Array, secret: string | Uint8Array): boolean {
  const expected = Buffer.alloc(64);
  createHmac("sha256", secret).update(block).digest().copy(expected, 0, 0, HMAC_BYTES);
  return timingSafeEqual(expected, signature);
}

function publicKeyOf({ id, publicKey }: GatewayKey): KeyObject | undefined {
  if (publicKey === undefined) return undefined;
  const bytes = typeof publicKey === "string" ? Buffer.from(publicKey, "base64") : Buffer.from(publicKey);
  if (bytes.length !== ED25519_KEY_BYTES)
    throw new GatewayError("BAD_OPTION", `publicKey of key ${id} must have ${ED25519_KEY_BYTES} bytes, had ${bytes.length}`);
  return createPublicKey({ key: Buffer.concat([ED25519_DER_PREFIX, bytes]), format: "der", type: "spki" });
}
