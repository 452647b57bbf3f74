import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket, us_socket_context_t, WebSocket } from "uWebSockets.js";
import { STATUS_CODES } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { CLOSE } from "../close-codes.js";
import { GatewayError } from "../gateway-error.js";
import type { UwsModule } from "./load-uws.js";
import {
  type Connection,
  chooseSubprotocol,
  type Listener,
  type ListenOptions,
  offeredIn,
  type SendResult,
  type Transport,
  type TransportHandlers,
  type UpgradeRequest,
} from "./transport.js";

const TOO_LARGE = 1009;
const TOO_LARGE_TEXT = "Received too big message";
const SENT = 1;
const DROPPED = 2;

/** What uWS keeps for each socket: filled at the upgrade, completed at the opening. */
interface UserData<Peer> {
  readonly request: UpgradeRequest;
  connection: UwsConnection<Peer> | undefined;
}

class UwsConnection<Peer> implements Connection {
  readonly remoteAddress: string;
  readonly subprotocol: string;
  readonly #socket: WebSocket<UserData<Peer>>;
  readonly #handlers: TransportHandlers<Peer>;
  readonly #maxBackpressureBytes: number;
  readonly #peer: Peer;
  #isClosed = false;

  constructor(socket: WebSocket<UserData<Peer>>, options: ListenOptions, handlers: TransportHandlers<Peer>) {
    this.remoteAddress = Buffer.from(socket.getRemoteAddressAsText()).toString("latin1");
    const { request } = socket.getUserData();
    this.subprotocol = request.subprotocol;
    this.#socket = socket;
    this.#handlers = handlers;
    this.#maxBackpressureBytes = options.maxBackpressureBytes;
    this.#peer = handlers.onOpen(this, request);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get bufferedBytes(): number {
    return this.#isClosed ? 0 : this.#socket.getBufferedAmount();
  }

  send(bytes: Uint8Array): SendResult {
    if (this.#isClosed) return "full";
    const socket = this.#socket;
    // The native limit drops a message and keeps the socket, so it stands above ours and ours decides.
    if (socket.getBufferedAmount() + bytes.byteLength > this.#maxBackpressureBytes) return this.#overflow();
    const status = socket.send(bytes, true, false);
    if (status === SENT) return "sent";
    return status === DROPPED ? this.#overflow() : "buffered";
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    // `end` calls the close handler before it returns: the flag keeps that from being taken for the client's doing.
    this.#isClosed = true;
    this.#socket.end(code, reason);
    queueMicrotask(() => this.#handlers.onClose(this.#peer, code));
  }

  cork(work: () => void): void {
    if (this.#isClosed) work();
    else this.#socket.cork(work);
  }

  message(message: ArrayBuffer, isBinary: boolean): void {
    if (this.#isClosed) return;
    if (isBinary) this.#handlers.onFrame(this.#peer, new Uint8Array(message));
    else this.#handlers.onText(this.#peer);
  }

  drained(): void {
    if (!this.#isClosed && this.#socket.getBufferedAmount() === 0) this.#handlers.onDrain(this.#peer);
  }

  closed(code: number, message: ArrayBuffer): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isTooLarge = code === 1006 && Buffer.from(message).toString("latin1") === TOO_LARGE_TEXT;
    this.#handlers.onClose(this.#peer, isTooLarge ? TOO_LARGE : code);
  }

  /** Without a close frame: for a listener that closes. */
  terminate(): void {
    if (!this.#isClosed) this.#socket.close();
  }

  #overflow(): SendResult {
    this.close(CLOSE.SLOW_CONSUMER, "SLOW_CONSUMER");
    return "full";
  }
}

/** The fast transport, over the native module that `lookUpUws` found. */
export function uwsTransport(uws: UwsModule): Transport {
  return { name: "uws", listen: (options, handlers) => listen(uws, options, handlers) };
}

async function listen<Peer>(uws: UwsModule, options: ListenOptions, handlers: TransportHandlers<Peer>): Promise<Listener> {
  const connections = new Set<UwsConnection<Peer>>();
  const app = uws.App();
  app.ws<UserData<Peer>>("/*", {
    compression: uws.DISABLED,
    maxPayloadLength: options.maxFrameBytes,
    maxBackpressure: 2 * options.maxBackpressureBytes,
    // The sessions watch over silence themselves. 0 is off; 1 to 7 and above 960 would kill the process.
    idleTimeout: 0,
    sendPingsAutomatically: false,
    upgrade: (response, request, context) => upgrade(response, request, context, options, handlers),
    open: (socket) => {
      // A handler may close the socket at once, and a closed uWS socket must not be touched again.
      const data = socket.getUserData();
      data.connection = new UwsConnection(socket, options, handlers);
      if (!data.connection.isClosed) connections.add(data.connection);
    },
    message: (socket, message, isBinary) => socket.getUserData().connection?.message(message, isBinary),
    drain: (socket) => socket.getUserData().connection?.drained(),
    close: (socket, code, message) => {
      const { connection } = socket.getUserData();
      if (connection === undefined) return;
      connections.delete(connection);
      connection.closed(code, message);
    },
  });
  app.any("/*", (response) => {
    response.writeStatus("426 Upgrade Required").writeHeader("Upgrade", "websocket").end(undefined, true);
  });
  let socket: us_listen_socket | undefined = await bind(uws, app, options);
  return {
    port: uws.us_socket_local_port(socket as us_socket),
    close: async () => {
      // A listen socket that is closed twice takes the process down.
      if (socket === undefined) return;
      uws.us_listen_socket_close(socket);
      socket = undefined;
      for (const connection of connections) connection.terminate();
    },
  };
}

function upgrade<Peer>(
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
  options: ListenOptions,
  handlers: TransportHandlers<Peer>,
): void {
  const offer = request.getHeader("sec-websocket-protocol");
  const subprotocol = chooseSubprotocol(offer, options.subprotocols);
  if (subprotocol === undefined) return refuse(response, 400);
  const asked: UpgradeRequest = {
    path: request.getUrl() + (request.getQuery() === "" ? "" : `?${request.getQuery()}`),
    origin: request.getHeader("origin"),
    authorization: request.getHeader("authorization"),
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString("latin1"),
    subprotocol,
    offeredProtocols: offeredIn(offer),
  };
  const key = request.getHeader("sec-websocket-key");
  const extensions = request.getHeader("sec-websocket-extensions");
  const settle = (status: number | undefined): void => {
    if (status !== undefined) return refuse(response, status);
    const data: UserData<Peer> = { request: asked, connection: undefined };
    response.upgrade(data, key, subprotocol, extensions, context);
  };
  const verdict = handlers.onUpgrade?.(asked);
  if (!(verdict instanceof Promise)) return settle(verdict);
  // A response that is gone must not be touched, and one that is answered later must be corked.
  let isGone = false;
  response.onAborted(() => {
    isGone = true;
  });
  void verdict.then((status) => {
    if (!isGone) response.cork(() => settle(status));
  });
}

function refuse(response: HttpResponse, status: number): void {
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? "Refused"}`).end(undefined, true);
}

/** Without the exclusive flag uWS shares a port that another uWS listens on, and each gets half of the clients. */
async function bind(uws: UwsModule, app: TemplatedApp, options: ListenOptions): Promise<us_listen_socket> {
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  return new Promise((resolve, reject) => {
    const onListen = (socket: us_listen_socket | false): void => {
      if (socket !== false) resolve(socket);
      else reject(new GatewayError("LISTEN_FAILED", `cannot listen on ${options.host}:${port}: the address is taken or not ours`));
    };
    (app as ExclusiveApp).listen(options.host, port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, onListen);
  });
}

/** The binary takes host and flags together; its published types know only one or the other. */
interface ExclusiveApp extends TemplatedApp {
  listen(...rest: unknown[]): TemplatedApp;
}

/**
 * uWS marks a port as reusable only when it is told its number; one that the system chose stays blocked for a minute
 * after its last connection. So an ordinary socket finds the number and lets go of it.
 */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause) => {
      reject(new GatewayError("LISTEN_FAILED", `cannot listen on ${host}: ${cause.message}`, { cause }));
    });
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
