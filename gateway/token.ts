import { createPublicKey, type KeyObject } from "node:crypto";
import { errors, jwtVerify } from "jose";
import { GatewayError } from "./gateway-error.js";
import type { GatewayKey, Permission } from "./keys.js";
import type { UpgradeRequest } from "./transport/transport.js";

export type TokenAlgorithm = "HS256" | "EdDSA" | "ES256" | "RS256";

/** Which tokens an upgrade may bring in place of a signed logon. */
export interface TokenOptions {
  readonly algorithm: TokenAlgorithm;
  /** HS256: the shared secret, at least 32 bytes; its UTF-8 bytes when it is a string. */
  readonly secret?: string | Uint8Array;
  /** The others: the issuer's public key as PEM. */
  readonly publicKey?: string;
  /** `iss` and `aud` must be these. */
  readonly issuer: string;
  readonly audience: string;
  /** Longest life of a token, from `iat` on. Default 3600, 1 to 86400. */
  readonly maxAgeSeconds?: number;
}

/** Whom a token has proved its bearer to be. */
export interface TokenIdentity {
  readonly key: GatewayKey;
  /** Those of the key, or fewer. */
  readonly permissions: readonly Permission[];
  /** The session ends then. */
  readonly expiresMs: number;
}

/** Sub-protocols cannot be read by what logs URLs; browsers can set no header but this one. */
const TOKEN_PROTOCOL = "ringbook.jwt.";
const MAX_AGE_SECONDS = 3_600;
const SECRET_BYTES_MIN = 32;
const TOKEN_LENGTH_MAX = 4_096;

/** The token of an upgrade, undefined when it brings none: in `Authorization: Bearer`, as a sub-protocol, or as `access_token`. */
export function tokenOf(request: UpgradeRequest): string | undefined {
  const bearer = /^Bearer +([^ ]+) *$/i.exec(request.authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const offered = request.offeredProtocols.find((name) => name.startsWith(TOKEN_PROTOCOL));
  if (offered !== undefined) return offered.slice(TOKEN_PROTOCOL.length);
  const query = request.path.indexOf("?");
  return (query < 0 ? undefined : new URLSearchParams(request.path.slice(query)).get("access_token")) ?? undefined;
}

/** Checks tokens. `sub` names a key of the gateway, `permissions` may narrow what the key may do. One thread. */
export class TokenCheck {
  readonly #keys: ReadonlyMap<string, GatewayKey>;
  readonly #options: TokenOptions;
  readonly #secret: Uint8Array | KeyObject;

  /** Throws GatewayError BAD_OPTION. */
  constructor(keys: readonly GatewayKey[], options: TokenOptions) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#options = options;
    this.#secret = secretOf(options);
  }

  /** Resolves with whom the token proves its bearer to be, or with a sentence for the log. Never rejects. */
  async judge(token: string): Promise<TokenIdentity | string> {
    if (token.length > TOKEN_LENGTH_MAX) return "token too long";
    const { algorithm, issuer, audience, maxAgeSeconds = MAX_AGE_SECONDS } = this.#options;
    try {
      const rules = { algorithms: [algorithm], issuer, audience, requiredClaims: ["sub", "exp", "iat"], maxTokenAge: maxAgeSeconds };
      const { payload } = await jwtVerify(token, this.#secret, rules);
      const key = this.#keys.get(payload.sub ?? "");
      if (key === undefined) return `token for ${payload.sub}, who has no key`;
      const permissions = narrowed(key, payload["permissions"]);
      if (permissions === undefined) return "permissions of the token are no list of names";
      return { key, permissions, expiresMs: (payload.exp ?? 0) * 1000 };
    } catch (error) {
      return error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : "token cannot be read";
    }
  }
}

function narrowed(key: GatewayKey, claim: unknown): readonly Permission[] | undefined {
  if (claim === undefined) return key.permissions;
  if (!Array.isArray(claim)) return undefined;
  return key.permissions.filter((permission) => claim.includes(permission));
}

function secretOf({ algorithm, secret, publicKey }: TokenOptions): Uint8Array | KeyObject {
  if (algorithm === "HS256") {
    const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
    if (bytes !== undefined && bytes.length >= SECRET_BYTES_MIN) return bytes;
    throw new GatewayError("BAD_OPTION", `token.secret must have at least ${SECRET_BYTES_MIN} bytes, had ${bytes?.length ?? 0}`);
  }
  try {
    return createPublicKey(publicKey ?? "");
  } catch (cause) {
    throw new GatewayError("BAD_OPTION", `token.publicKey must be a public key in PEM for ${algorithm}`, { cause });
  }
}
