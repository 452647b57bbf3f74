import { aborted, assertNotAborted } from "./aborted.js";
import { Client, type ClientLimits } from "./client.js";
import { ClientError } from "./client-error.js";
import { signedLogon } from "./sign.js";
import { findSocketClass, type SocketClass } from "./socket.js";

export interface ConnectOptions {
  /** Id of the API key. */
  readonly key: string;
  /** Its secret; the UTF-8 bytes when it is a string. */
  readonly secret: string | Uint8Array;
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

const SUBPROTOCOL = "ringbook.sbe.v1";
const DEFAULTS = { heartbeatMs: 5_000, connectTimeoutMs: 5_000, maxPending: 16_384, maxBuffered: 65_536 };

/**
 * Connects to a gateway and logs on. Resolves when the session is open and the instruments are known.
 * Rejects with ClientError: DISCONNECTED, ABORTED, BAD_ARGUMENT, NO_WEBSOCKET, or the gateway's reason (BAD_SIGNATURE, BAD_TIMESTAMP, …).
 *
 * One session lasts as long as its socket. Coming back by itself after a loss, and resuming where the reports stopped, are not built
 * yet: watch `client.closed`, connect again, and ask what is still open before trading on.
 */
export async function connect(url: string, options: ConnectOptions): Promise<Client> {
  const settings = { ...DEFAULTS, ...options };
  checkSettings(settings);
  const { signal } = options;
  assertNotAborted(signal);
  const socketClass = await findSocketClass(options.webSocket);
  const logon = await signedLogon(options, settings.heartbeatMs);
  assertNotAborted(signal);
  const client = new Client(new socketClass(url, [SUBPROTOCOL]), logon, settings);
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

function checkSettings(settings: ClientLimits & { readonly connectTimeoutMs: number }): void {
  for (const name of ["heartbeatMs", "connectTimeoutMs", "maxPending", "maxBuffered"] as const) {
    const value = settings[name];
    if (!Number.isInteger(value) || value < 1)
      throw new ClientError("BAD_ARGUMENT", `${name} must be an integer of at least 1, was ${value}`);
  }
}
