import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { CLOSE } from "../close-codes.js";
import { GatewayError } from "../gateway-error.js";
import {
  CLOSE_GRACE_MS,
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

/** The dependable transport: runs on every Node, no native code. */
export const wsTransport: Transport = { name: "ws", listen };

/** How long a listener that closes waits for clients that were sent a close frame. */
const LISTENER_GRACE_MS = 500;
/** For sockets that never get as far as an upgrade. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 10_000 };
const TOO_LARGE = 1009;
const SEND_OPTIONS = { binary: true } as const;

class WsConnection<Peer> implements Connection {
  readonly remoteAddress: string;
  readonly subprotocol: string;
  readonly #socket: WebSocket;
  readonly #handlers: TransportHandlers<Peer>;
  readonly #maxBackpressureBytes: number;
  readonly #peer: Peer;
  #isClosed = false;
  #isWaitingForDrain = false;

  constructor(socket: WebSocket, options: ListenOptions, handlers: TransportHandlers<Peer>, request: UpgradeRequest) {
    this.remoteAddress = request.remoteAddress;
    this.subprotocol = socket.protocol;
    this.#socket = socket;
    this.#handlers = handlers;
    this.#maxBackpressureBytes = options.maxBackpressureBytes;
    this.#peer = handlers.onOpen(this, request);
    socket.on("message", this.#onMessage);
    socket.on("error", this.#onError);
    socket.on("close", (code) => this.#closed(code));
  }

  get bufferedBytes(): number {
    return this.#isClosed ? 0 : this.#socket.bufferedAmount;
  }

  send(bytes: Uint8Array): SendResult {
    if (this.#isClosed) return "full";
    const socket = this.#socket;
    if (socket.bufferedAmount + bytes.byteLength > this.#maxBackpressureBytes) {
      this.close(CLOSE.SLOW_CONSUMER, "SLOW_CONSUMER");
      return "full";
    }
    // ws keeps a reference until the kernel has taken the bytes, the contract lets the caller reuse them at once.
    socket.send(Buffer.from(bytes), SEND_OPTIONS, this.#onWritten);
    if (socket.bufferedAmount === 0) return "sent";
    this.#isWaitingForDrain = true;
    return "buffered";
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#socket.close(code, reason);
    this.#isClosed = true;
    queueMicrotask(() => this.#handlers.onClose(this.#peer, code));
  }

  cork(work: () => void): void {
    work();
  }

  /** Without a close frame: for a listener that closes. */
  terminate(): void {
    this.#socket.terminate();
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (this.#isClosed) return;
    if (!isBinary) this.#handlers.onText(this.#peer);
    else if (data instanceof Uint8Array) this.#handlers.onFrame(this.#peer, data);
  };

  readonly #onError = (error: Error & { code?: string }): void => {
    this.#closed(error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? TOO_LARGE : 1006);
  };

  readonly #onWritten = (): void => {
    if (!this.#isWaitingForDrain || this.#isClosed || this.#socket.bufferedAmount > 0) return;
    this.#isWaitingForDrain = false;
    this.#handlers.onDrain(this.#peer);
  };

  #closed(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handlers.onClose(this.#peer, code);
  }
}

async function listen<Peer>(options: ListenOptions, handlers: TransportHandlers<Peer>): Promise<Listener> {
  const http = createServer(TIMEOUTS, (_request, response) => {
    response.writeHead(426, { Connection: "close", Upgrade: "websocket" }).end();
  });
  // The published types lag behind ws 8.19, which brought closeTimeout.
  const socketOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    closeTimeout: CLOSE_GRACE_MS,
    handleProtocols: (offered) => options.subprotocols.find((name) => offered.has(name)) ?? false,
  };
  const sockets = new WebSocketServer(socketOptions);
  http.on("upgrade", (request, socket, head) => upgrade(request, socket, head, { sockets, options, handlers }));
  await bind(http, options);
  // Accepting fails when descriptors run out. Whoever is in is served on; whoever knocks must come again.
  http.on("error", () => {});
  return {
    port: (http.address() as AddressInfo).port,
    close: () => closeListener(http, sockets),
  };
}

interface UpgradeContext<Peer> {
  readonly sockets: WebSocketServer;
  readonly options: ListenOptions;
  readonly handlers: TransportHandlers<Peer>;
}

function upgrade<Peer>(request: IncomingMessage, socket: Duplex, head: Buffer, context: UpgradeContext<Peer>): void {
  const { options, handlers } = context;
  const offer = request.headers["sec-websocket-protocol"];
  const subprotocol = chooseSubprotocol(offer, options.subprotocols);
  if (subprotocol === undefined) return refuse(socket, 400);
  const asked: UpgradeRequest = {
    path: request.url ?? "/",
    origin: request.headers.origin ?? "",
    authorization: request.headers.authorization ?? "",
    remoteAddress: request.socket.remoteAddress ?? "",
    subprotocol,
    offeredProtocols: offeredIn(offer),
  };
  const verdict = handlers.onUpgrade?.(asked);
  const settle = (status: number | undefined): void => {
    if (status !== undefined) refuse(socket, status);
    else accept(request, socket, head, context, asked);
  };
  if (!(verdict instanceof Promise)) return settle(verdict);
  // The client may vanish while it waits, which is nobody's error.
  const onError = (): void => void socket.destroy();
  socket.on("error", onError);
  void verdict.then((status) => {
    socket.off("error", onError);
    if (!socket.destroyed) settle(status);
  });
}

function accept<Peer>(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { sockets, options, handlers }: UpgradeContext<Peer>,
  asked: UpgradeRequest,
): void {
  request.socket.setNoDelay(true);
  sockets.handleUpgrade(request, socket, head, (accepted) => {
    new WsConnection(accepted, options, handlers, asked);
  });
}

/** Answers an upgrade with plain HTTP. The socket may vanish meanwhile, which is nobody's error. */
function refuse(socket: Duplex, status: number): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function bind(http: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      reject(new GatewayError("LISTEN_FAILED", `cannot listen on ${options.host}:${options.port}: ${cause.message}`, { cause }));
    };
    http.once("error", onError);
    http.listen(options.port, options.host, () => {
      http.off("error", onError);
      resolve();
    });
  });
}

/** Whoever was told goodbye may still read it; the others are cut off. */
async function closeListener(http: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  for (const socket of sockets.clients) if (socket.readyState === WebSocket.OPEN) socket.terminate();
  const cutOff = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
  }, LISTENER_GRACE_MS);
  http.closeIdleConnections();
  await closed;
  clearTimeout(cutOff);
}
