import { aborted, assertNotAborted } from "./aborted.js";
import { BackOff, type ReconnectOptions } from "./back-off.js";
import { Client } from "./client.js";
import { ClientError } from "./client-error.js";
import { type ClientFormat, msgpackFormat, SBE } from "./client-format.js";
import type { ClientLimits } from "./client-types.js";
import type { Dialed } from "./dialing.js";
import { type CancelOnDisconnect, type Credentials, checkCancel, signedLogon } from "./sign.js";
import { findSocketClass, type SocketClass } from "./socket.js";

export interface ConnectOptions extends Credentials {
  /** In place of a key and what it signs with: a JSON Web Token, or how to get one, which is asked at every connection. */
  readonly token?: string | (() => string | Promise<string>);
  /** Default "sbe": records. "msgpack": the same as MessagePack maps, larger and slower, and easy to read. */
  readonly encoding?: "sbe" | "msgpack";
  /** Comes back by itself after a loss, and goes on where it was. Default: no, the loss ends the session. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** Default: nothing is canceled. */
  readonly cancelOnDisconnect?: CancelOnDisconnect;
  /** Aborting it closes the connection, at any time. */
  readonly signal?: AbortSignal;
  /** 500 to 60000, default 5000. */
  readonly heartbeatMs?: number;
  /** Time for socket, logon and instrument list together. 1 and up, default 5000. */
  readonly connectTimeoutMs?: number;
  /** Requests that may be unanswered at a time. 1 and up, default 16384. */
  readonly maxPending?: number;
  /** Items that each iterator buffers. 1 and up, default 65536. */
  readonly maxBuffered?: number;
  /** The class to connect with. Default: `ws` under Node, the runtime's own WebSocket elsewhere. */
  readonly webSocket?: SocketClass;
}

const TOKEN_PROTOCOL = "ringbook.jwt.";
const DEFAULTS = { heartbeatMs: 5_000, connectTimeoutMs: 5_000, maxPending: 16_384, maxBuffered: 65_536 };

/**
 * Connects to a gateway and logs on. Resolves when the session is open and the instruments are known.
 * Rejects with ClientError: DISCONNECTED, ABORTED, BAD_ARGUMENT, NO_WEBSOCKET, or the gateway's reason (BAD_SIGNATURE, BAD_TIMESTAMP, …).
 *
 * Without `reconnect` the session ends for this client with its socket: watch `client.closed`. With it the client comes back by itself: requests
 * that the gateway has taken are answered then, those that it has not reject with NOT_APPLIED, and `client.reports()` says `connection`.
 */
export async function connect(url: string, options: ConnectOptions): Promise<Client> {
  const settings = { ...DEFAULTS, ...options };
  checkSettings(settings);
  const { signal } = options;
  assertNotAborted(signal);
  checkCancel(options.cancelOnDisconnect);
  const backOff = options.reconnect === undefined || options.reconnect === false ? undefined : new BackOff(reconnectOf(options.reconnect));
  const socketClass = await findSocketClass(options.webSocket);
  const format = options.encoding === "msgpack" ? await msgpackFormat() : SBE;
  const dial = (nextServerSeq: number): Promise<Dialed> =>
    dialOnce(url, { ...options, ...settings }, { socketClass, format, nextServerSeq });
  const dialed = await dial(0);
  assertNotAborted(signal);
  const client = new Client(dialed, { dial, format, backOff }, settings);
  const onAbort = (): void => client.abandon(signal === undefined ? undefined : aborted(signal));
  const timer = setTimeout(
    () => client.abandon(new ClientError("DISCONNECTED", `no session within ${settings.connectTimeoutMs} ms`)),
    settings.connectTimeoutMs,
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  client.closed.finally(() => signal?.removeEventListener("abort", onAbort));
  try {
    await client.opened;
    await client.instruments();
    return client;
  } catch (error) {
    // Nobody else has the client: what is open of it would stay open.
    client.abandon();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface Dialing {
  readonly socketClass: SocketClass;
  readonly format: ClientFormat;
  readonly nextServerSeq: number;
}

/** A socket that is about to open, and what is to be said first on it. */
async function dialOnce(url: string, options: ConnectOptions & ClientLimits, dialing: Dialing): Promise<Dialed> {
  const { socketClass, format, nextServerSeq } = dialing;
  const { token, cancelOnDisconnect, heartbeatMs } = options;
  const logon = await signedLogon(options, { heartbeatMs, nextServerSeq, cancelOnDisconnect });
  const jwt = typeof token === "function" ? await token() : token;
  assertNotAborted(options.signal);
  const protocols = jwt === undefined ? [format.subprotocol] : [format.subprotocol, TOKEN_PROTOCOL + jwt];
  return { socket: new socketClass(url, protocols), logon };
}

function reconnectOf(given: true | ReconnectOptions): ReconnectOptions {
  return given === true ? {} : given;
}

function checkSettings(settings: ClientLimits & { readonly connectTimeoutMs: number }): void {
  for (const name of ["heartbeatMs", "connectTimeoutMs", "maxPending", "maxBuffered"] as const) {
    const value = settings[name];
    if (!Number.isInteger(value) || value < 1)
      throw new ClientError("BAD_ARGUMENT", `${name} must be an integer of at least 1, was ${value}`);
  }
}
