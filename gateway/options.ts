import { type Logger, pino } from "pino";
import { GatewayError } from "./gateway-error.js";
import type { TransportChoice } from "./transport/choose-transport.js";
import type { Transport } from "./transport/transport.js";

/** `trade` includes `read`: orders and their reports. `read`: reports only. `marketData`: subscriptions. */
export type Permission = "trade" | "read" | "marketData";

/** Whoever knows the secret of a key acts for its account. */
export interface GatewayKey {
  /** 1 to 32 characters of ASCII 33 to 126. */
  readonly id: string;
  /** HMAC-SHA256 secret: its UTF-8 bytes when it is a string. */
  readonly secret: string | Uint8Array;
  /** Name of an account of the engine. */
  readonly account: string;
  readonly permissions: readonly Permission[];
}

/** Every capacity of a gateway. All are bounds on what one client, or all of them, may make it hold or do. */
export interface GatewayLimits {
  /** Open sockets, logged on or not; above: HTTP 503. 1 to 65536. */
  readonly maxConnections: number;
  /** Keys that are logged on at a time; above: TOO_MANY_SESSIONS. 1 to 65536. */
  readonly maxSessions: number;
  /** A longer message is FRAME_TOO_LARGE. 168 (a Logon) to 2^20. */
  readonly maxFrameBytes: number;
  /** Bytes that may wait for one slow reader before it is closed with 4008. 2^16 to 2^30. */
  readonly maxBackpressureBytes: number;
  /** Commands of one session that the engine has not answered yet; above: TOO_MANY_IN_FLIGHT. 1 to 2^20. */
  readonly maxInFlight: number;
  /** Time for the Logon. 10 to 60000. */
  readonly logonTimeoutMs: number;
  /** How far a Logon's timestamp may be off. 100 to 60000. */
  readonly logonWindowMs: number;
  /** Logons of one key within twice that window. 1 to 2^16. */
  readonly maxNonces: number;
  /** How long a turn of the event loop that sent orders waits for their answers. 0 (not at all) to 1000. */
  readonly replySpinUs: number;
  /** How long the event loop goes on looking for events, once a turn, after the last order or event, before it sleeps. 0 (never) to 100000. */
  readonly eagerUs: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  maxConnections: 4096,
  maxSessions: 4096,
  maxFrameBytes: 1 << 16,
  maxBackpressureBytes: 4 << 20,
  maxInFlight: 16_384,
  logonTimeoutMs: 5_000,
  logonWindowMs: 5_000,
  maxNonces: 1024,
  replySpinUs: 50,
  eagerUs: 300,
};

const RANGES: { readonly [name in keyof GatewayLimits]: readonly [min: number, max: number] } = {
  maxConnections: [1, 65_536],
  maxSessions: [1, 65_536],
  maxFrameBytes: [168, 1 << 20],
  maxBackpressureBytes: [1 << 16, 1 << 30],
  maxInFlight: [1, 1 << 20],
  logonTimeoutMs: [10, 60_000],
  logonWindowMs: [100, 60_000],
  maxNonces: [1, 1 << 16],
  replySpinUs: [0, 1_000],
  eagerUs: [0, 100_000],
};

export interface GatewayOptions {
  /** 0 to 65535; 0 lets the operating system choose. */
  readonly port: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
  /** By name, or one of your own. Default "auto". */
  readonly transport?: TransportChoice | Transport;
  /** Default: none, so nobody can log on. */
  readonly keys?: readonly GatewayKey[];
  readonly limits?: Partial<GatewayLimits>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Aborting it gives `listen` up, and closes the gateway later on. */
  readonly signal?: AbortSignal;
}

export interface CheckedOptions {
  readonly port: number;
  readonly host: string;
  readonly transport: TransportChoice | Transport;
  readonly keys: readonly GatewayKey[];
  readonly limits: GatewayLimits;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

/** Fills in the defaults. Throws GatewayError BAD_OPTION or DUPLICATE_KEY, naming the rule and the value found. */
export function checkOptions(options: GatewayOptions): CheckedOptions {
  checkInteger("port", options.port, 0, 65_535);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  for (const name of Object.keys(limits) as (keyof GatewayLimits)[]) {
    const range = RANGES[name];
    if (range === undefined) throw new GatewayError("BAD_OPTION", `there is no limit called ${name}`);
    checkInteger(name, limits[name], range[0], range[1]);
  }
  const keys = options.keys ?? [];
  checkKeys(keys);
  return {
    port: options.port,
    host: options.host ?? "127.0.0.1",
    transport: options.transport ?? "auto",
    keys,
    limits,
    logger: options.logger ?? pino({ level: "silent" }),
    signal: options.signal,
  };
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new GatewayError("BAD_OPTION", `${name} must be an integer from ${min} to ${max}, was ${value}`);
}

function checkKeys(keys: readonly GatewayKey[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (!/^[!-~]{1,32}$/.test(key.id))
      throw new GatewayError("BAD_OPTION", `a key id must be 1 to 32 characters of ASCII 33 to 126, was ${key.id}`);
    if (key.secret.length === 0) throw new GatewayError("BAD_OPTION", `the secret of key ${key.id} must not be empty`);
    if (seen.has(key.id)) throw new GatewayError("DUPLICATE_KEY", `key ${key.id} is given twice`);
    seen.add(key.id);
  }
}
