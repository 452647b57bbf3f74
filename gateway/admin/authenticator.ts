import { createHash, timingSafeEqual } from "node:crypto";
import {
  type CryptoKey,
  createRemoteJWKSet,
  importSPKI,
  type JWTPayload,
  type JWTVerifyOptions,
  errors as joseErrors,
  jwtVerify,
} from "jose";
import { AdminError } from "./admin-error.js";
import type { AdminJwt, AdminToken } from "./admin-options.js";
import { isRole, type Principal } from "./roles.js";

/** Says who a token belongs to, undefined when to nobody. Rejects only when it cannot know: a key set that cannot be fetched. */
type Verifier = (token: string) => Promise<Principal | undefined>;

/** Bearer tokens of the configuration, and JSON Web Tokens of whoever it trusts. */
export class Authenticator {
  private constructor(private readonly verifiers: readonly Verifier[]) {}

  /** Rejects with AdminError BAD_OPTION when the key cannot be read. */
  static async create(tokens: readonly AdminToken[], jwt: AdminJwt | undefined): Promise<Authenticator> {
    const verifiers = [ofTokens(tokens)];
    if (jwt !== undefined) verifiers.push(await ofJwt(jwt));
    return new Authenticator(verifiers);
  }

  /** `header`: the value of Authorization. Undefined when it names nobody. */
  async principalOf(header: string | undefined): Promise<Principal | undefined> {
    const token = /^Bearer +([!-~]+)$/i.exec(header ?? "")?.[1];
    if (token === undefined) return undefined;
    for (const verify of this.verifiers) {
      const principal = await verify(token);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }
}

/** Digests are compared, all of them and in constant time, so the time tells nothing about any token. */
function ofTokens(tokens: readonly AdminToken[]): Verifier {
  const known = tokens.map(({ name, token, roles }) => ({ digest: digestOf(token), principal: { name, roles } }));
  return async (token) => {
    const digest = digestOf(token);
    let found: Principal | undefined;
    for (const { digest: other, principal } of known) if (timingSafeEqual(digest, other)) found = principal;
    return found;
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

async function ofJwt(jwt: AdminJwt): Promise<Verifier> {
  const { secret, publicKey, jwksUrl, issuer, audience, rolesClaim = "roles" } = jwt;
  const algorithm = jwt.algorithm ?? (secret === undefined ? "EdDSA" : "HS256");
  const options: JWTVerifyOptions = {
    algorithms: [algorithm],
    requiredClaims: ["sub", "exp"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const keySet = jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl));
  const key = publicKey === undefined ? new TextEncoder().encode(secret) : await publicKeyOf(publicKey, algorithm);
  return async (token) => {
    try {
      const { payload } = keySet === undefined ? await jwtVerify(token, key, options) : await jwtVerify(token, keySet, options);
      return principalOf(payload, rolesClaim);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
}

async function publicKeyOf(pem: string, algorithm: string): Promise<CryptoKey> {
  try {
    return await importSPKI(pem, algorithm);
  } catch (error) {
    throw new AdminError("BAD_OPTION", `jwt.publicKey is no SPKI key in PEM for ${algorithm}: ${(error as Error).message}`);
  }
}

/** A role that we do not know gives nothing. */
function principalOf(payload: JWTPayload, rolesClaim: string): Principal {
  const roles = payload[rolesClaim];
  return { name: payload.sub ?? "", roles: Array.isArray(roles) ? roles.filter(isRole) : [] };
}

/** Everything that jose has against a token is the caller's fault; a key set that does not come is not. */
function isRefusal(error: unknown): boolean {
  return error instanceof joseErrors.JOSEError && !(error instanceof joseErrors.JWKSTimeout) && error.code !== "ERR_JOSE_GENERIC";
}
