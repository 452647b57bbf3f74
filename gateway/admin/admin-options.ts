import { type Logger, pino } from "pino";
import type { AdminGateway } from "./admin-engine.js";
import { AdminError } from "./admin-error.js";
import { isRole, ROLES, type Role } from "./roles.js";

/** Whoever knows the token has the roles. */
export interface AdminToken {
  /** Stands in the audit trail. 1 to 64 characters of ASCII 33 to 126. */
  readonly name: string;
  /** Sent as `Authorization: Bearer`. 16 to 512 characters of ASCII 33 to 126. */
  readonly token: string;
  readonly roles: readonly Role[];
}

/** Tokens that somebody else signs. `sub` is the name; `exp` and `sub` must be there. Exactly one of the three keys. */
export interface AdminJwt {
  /** Of HS256, at least 32 characters. */
  readonly secret?: string;
  /** SPKI in PEM; `algorithm` says of what kind. */
  readonly publicKey?: string;
  /** Where a JSON Web Key Set is fetched, and fetched again when a key is new. */
  readonly jwksUrl?: string;
  /** Default HS256 with `secret`, EdDSA with the others. */
  readonly algorithm?: string;
  /** Both must fit when they are given. */
  readonly issuer?: string;
  readonly audience?: string;
  /** The claim that has the roles, a list. Default "roles". */
  readonly rolesClaim?: string;
}

export interface AdminOptions {
  /** 0 to 65535; 0 lets the operating system choose. */
  readonly port: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
  /** Default: none, so nobody may call anything under /v1. */
  readonly tokens?: readonly AdminToken[];
  readonly jwt?: AdminJwt;
  /** Requests of one address in a minute, 1 to 1,000,000; above: 429. Probes and metrics are not counted. Default 600. */
  readonly requestsPerMinute?: number;
  /** Longest body, 1,024 to 1,048,576. Default 16,384. */
  readonly maxBodyBytes?: number;
  /** Entries of the audit trail that are kept in memory, 1 to 1,000,000. Default 1,000. */
  readonly auditEntries?: number;
  /** Who may read /metrics: everybody, or those with a role. Default "open". */
  readonly metrics?: "open" | "roles";
  /** What /version says. Default "unknown". */
  readonly version?: string;
  /** What /readyz looks at and a drain stops. Default: none. */
  readonly gateways?: readonly AdminGateway[];
  /** Called once by POST /v1/shutdown, after its answer is on its way. Default: that call is answered with 501. */
  readonly onShutdown?: () => void;
  /** Default: silent. */
  readonly logger?: Logger;
}

export interface CheckedAdminOptions {
  readonly port: number;
  readonly host: string;
  readonly tokens: readonly AdminToken[];
  readonly jwt: AdminJwt | undefined;
  readonly requestsPerMinute: number;
  readonly maxBodyBytes: number;
  readonly auditEntries: number;
  readonly metrics: "open" | "roles";
  readonly version: string;
  readonly gateways: readonly AdminGateway[];
  readonly onShutdown: (() => void) | undefined;
  readonly logger: Logger;
}

/** Fills in the defaults. Throws AdminError BAD_OPTION, naming the rule and the value found, secrets apart. */
export function checkAdminOptions(options: AdminOptions): CheckedAdminOptions {
  const { port, host = "127.0.0.1", tokens = [], jwt, metrics = "open", version = "unknown", gateways = [] } = options;
  const { requestsPerMinute = 600, maxBodyBytes = 16_384, auditEntries = 1_000 } = options;
  checkInteger("port", port, 0, 65_535);
  checkInteger("requestsPerMinute", requestsPerMinute, 1, 1_000_000);
  checkInteger("maxBodyBytes", maxBodyBytes, 1_024, 1_048_576);
  checkInteger("auditEntries", auditEntries, 1, 1_000_000);
  if (metrics !== "open" && metrics !== "roles") throw bad(`metrics must be open or roles, was ${String(metrics)}`);
  checkTokens(tokens);
  if (jwt !== undefined) checkJwt(jwt);
  const logger = options.logger ?? pino({ level: "silent" });
  const { onShutdown } = options;
  return { port, host, tokens, jwt, requestsPerMinute, maxBodyBytes, auditEntries, metrics, version, gateways, onShutdown, logger };
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw bad(`${name} must be an integer from ${min} to ${max}, was ${value}`);
}

function checkTokens(tokens: readonly AdminToken[]): void {
  const names = new Set<string>();
  const secrets = new Set<string>();
  for (const { name, token, roles } of tokens) {
    if (!/^[!-~]{1,64}$/.test(name)) throw bad(`the name of a token must be 1 to 64 characters of ASCII 33 to 126, was ${name}`);
    if (!/^[!-~]{16,512}$/.test(token)) throw bad(`the token of ${name} must be 16 to 512 characters of ASCII 33 to 126`);
    if (names.has(name)) throw bad(`the token ${name} is given twice`);
    if (secrets.has(token)) throw bad(`the token of ${name} is somebody else's too`);
    const unknown = roles.find((role) => !isRole(role));
    if (roles.length === 0 || unknown !== undefined)
      throw bad(`the roles of token ${name} must be some of ${ROLES.join(", ")}, were ${roles.length === 0 ? "none" : String(unknown)}`);
    names.add(name);
    secrets.add(token);
  }
}

const SECRET_CHARS_MIN = 32;

function checkJwt({ secret, publicKey, jwksUrl }: AdminJwt): void {
  const given = [secret, publicKey, jwksUrl].filter((key) => key !== undefined).length;
  if (given !== 1) throw bad(`jwt takes exactly one of secret, publicKey and jwksUrl, was given ${given}`);
  if (secret !== undefined && secret.length < SECRET_CHARS_MIN)
    throw bad(`jwt.secret must have at least ${SECRET_CHARS_MIN} characters, had ${secret.length}`);
  if (jwksUrl !== undefined && !/^https?:\/\//.test(jwksUrl)) throw bad(`jwt.jwksUrl must be an http or https URL, was ${jwksUrl}`);
}

function bad(message: string): AdminError {
  return new AdminError("BAD_OPTION", message);
}
