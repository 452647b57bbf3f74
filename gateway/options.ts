import { type Logger, pino } from "pino";
import { GatewayError } from "./gateway-error.js";
import type { DuplicateLogon, GatewayKey } from "./keys.js";
import { DEFAULT_RATES, type ThrottleRates } from "./throttle.js";
import { TokenCheck, type TokenOptions } from "./token.js";
import type { Rate } from "./token-bucket.js";
import type { TransportChoice } from "./transport/choose-transport.js";
import type { Transport } from "./transport/transport.js";

/** Every capacity of a gateway. All are bounds on what one client, or all of them, may make it hold or do. */
export interface GatewayLimits {
  /** Open sockets, logged on or not; above: HTTP 503. 1 to 65536. */
  readonly maxConnections: number;
  /** Sessions, with a socket or waiting for one; above: the one that has waited longest goes, else TOO_MANY_SESSIONS. 1 to 65536. */
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
  /** Reports of one session that are kept to be sent again, a power of two of bytes. 2^12 to 2^26. */
  readonly replayBytes: number;
  /** Requests of one session whose fate is remembered, a power of two. 64 to 2^20. */
  readonly maxRequestsKept: number;
  /** How long a session outlives its socket. 0 to 86400000. */
  readonly sessionLifeMs: number;
  /** How long a gateway that closes goes on for cancels, after it has said ShutdownNotice. 0 to 60000. */
  readonly shutdownMs: number;
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
  replayBytes: 1 << 18,
  maxRequestsKept: 1024,
  sessionLifeMs: 900_000,
  shutdownMs: 0,
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
  replayBytes: [1 << 12, 1 << 26],
  maxRequestsKept: [64, 1 << 20],
  sessionLifeMs: [0, 86_400_000],
  shutdownMs: [0, 60_000],
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
  /** What is not given is as generous as the machine. */
  readonly throttle?: Partial<ThrottleRates>;
  /** Default: "kickOld". */
  readonly duplicateLogon?: DuplicateLogon;
  /** Lets an upgrade bring a JSON Web Token in place of a signed logon. Default: none is taken. */
  readonly token?: TokenOptions;
  /** `Origin` headers that are let in, exactly as browsers send them; above all for browsers' users. Default: every one. */
  readonly origins?: readonly string[];
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
  readonly rates: ThrottleRates;
  readonly duplicateLogon: DuplicateLogon;
  readonly tokens: TokenCheck | undefined;
  readonly origins: ReadonlySet<string> | undefined;
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
  for (const name of ["replayBytes", "maxRequestsKept"] as const) {
    if ((limits[name] & (limits[name] - 1)) !== 0)
      throw new GatewayError("BAD_OPTION", `${name} must be a power of two, was ${limits[name]}`);
  }
  const keys = options.keys ?? [];
  checkKeys(keys);
  return {
    port: options.port,
    host: options.host ?? "127.0.0.1",
    transport: options.transport ?? "auto",
    keys,
    limits,
    rates: checkRates({ ...DEFAULT_RATES, ...options.throttle }),
    duplicateLogon: options.duplicateLogon ?? "kickOld",
    tokens: options.token === undefined ? undefined : new TokenCheck(keys, options.token),
    origins: options.origins === undefined ? undefined : new Set(options.origins),
    logger: options.logger ?? pino({ level: "silent" }),
    signal: options.signal,
  };
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new GatewayError("BAD_OPTION", `${name} must be an integer from ${min} to ${max}, was ${value}`);
}

function checkRates(rates: ThrottleRates): ThrottleRates {
  for (const [name, rate] of Object.entries(rates) as [string, Rate][]) {
    if (!Object.hasOwn(DEFAULT_RATES, name)) throw new GatewayError("BAD_OPTION", `there is no throttle called ${name}`);
    for (const part of ["perSecond", "burst"] as const) checkInteger(`throttle.${name}.${part}`, rate[part], 1, 1e9);
  }
  return rates;
}

function checkKeys(keys: readonly GatewayKey[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (!/^[!-~]{1,32}$/.test(key.id))
      throw new GatewayError("BAD_OPTION", `a key id must be 1 to 32 characters of ASCII 33 to 126, was ${key.id}`);
    if (key.secret?.length === 0) throw new GatewayError("BAD_OPTION", `the secret of key ${key.id} must not be empty`);
    if (key.account === undefined && (key.permissions.includes("trade") || key.permissions.includes("read")))
      throw new GatewayError("BAD_OPTION", `key ${key.id} needs an account to trade or to read`);
    if (seen.has(key.id)) throw new GatewayError("DUPLICATE_KEY", `key ${key.id} is given twice`);
    seen.add(key.id);
  }
}
