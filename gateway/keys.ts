/**
 * `trade` includes `read`: orders and their reports. `read`: reports and states only. `marketData`: subscriptions. `dropCopy`: the reports of
 * other accounts. `telemetry`, `game` and `admin` are for the pipelines and the admin service; no message of this gateway asks for them yet.
 */
const PERMISSIONS = ["trade", "read", "marketData", "dropCopy", "telemetry", "game", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What becomes of a logon while the key has a session on another socket: the older socket goes, or the newer. */
export type DuplicateLogon = "kickOld" | "rejectNew";

/** Whoever knows the secret of a key acts for its account. */
export interface GatewayKey {
  /** 1 to 32 characters of ASCII 33 to 126. */
  readonly id: string;
  /** HMAC-SHA256 secret: its UTF-8 bytes when it is a string. */
  readonly secret?: string | Uint8Array;
  /** Ed25519: the 32 bytes of the public key, as they are or in base64. With both, either signature is taken; with neither, only a token. */
  readonly publicKey?: string | Uint8Array;
  /** Name of an account of the engine. Only a key that may neither trade nor read can do without. */
  readonly account?: string;
  readonly permissions: readonly Permission[];
  /** Of a key with `dropCopy`: the accounts whose reports it is told. Default: all. */
  readonly dropCopyAccounts?: readonly string[];
  /** Default: the gateway's. */
  readonly duplicateLogon?: DuplicateLogon;
}
