/**
 * The port through which the gateway speaks WebSocket. Two adapters implement it, `ws` and uWebSockets.js, and one
 * contract suite (test/gateway/transport-contract.ts) holds them to the same behaviour, close codes included.
 * Everything here runs on the thread that called `listen`.
 */

/**
 * What became of a message. `sent`: handed to the operating system. `buffered`: waits in this process, `onDrain` tells
 * when it is gone. `full`: not taken, because it would pass maxBackpressureBytes (then the connection closes with 4008)
 * or because the connection is closing already. A message is never dropped on a connection that stays open.
 */
export type SendResult = "sent" | "buffered" | "full";

/** One open WebSocket. */
export interface Connection {
  /** Sends one binary message. The bytes are copied: the caller may reuse them at once. Never throws, never blocks. */
  send(bytes: Uint8Array): SendResult;
  /** Bytes that wait in this process for the socket, 0 when closed. */
  readonly bufferedBytes: number;
  /** Sends a close frame and lets go. `onClose` follows with this code. A second call does nothing. */
  close(code: number, reason: string): void;
  /** Runs `work` at once; what it sends leaves in as few system calls as the transport manages. */
  cork(work: () => void): void;
  readonly remoteAddress: string;
  /** The negotiated sub-protocol, one of those given to `listen`. */
  readonly subprotocol: string;
}

/** What is known of a client before its upgrade is granted. */
export interface UpgradeRequest {
  readonly path: string;
  /** Empty when the client sends none: browsers always do. */
  readonly origin: string;
  readonly remoteAddress: string;
  readonly subprotocol: string;
  /** Everything that the client offers, as it offers it. */
  readonly offeredProtocols: readonly string[];
  /** The Authorization header, empty when there is none. */
  readonly authorization: string;
}

/**
 * Callbacks of a listener. `Peer` is whatever `onOpen` returns; the transport hands it back with every later call.
 * None of them is called from inside `send` or `close`, so a handler never meets itself half done.
 */
export interface TransportHandlers<Peer> {
  /** Returns an HTTP status (400 to 599) to refuse the client with, or undefined to let it in; either at once or later. It must not throw or reject. */
  onUpgrade?(request: UpgradeRequest): number | undefined | Promise<number | undefined>;
  /** `request` is the object that `onUpgrade` was given for this connection. */
  onOpen(connection: Connection, request: UpgradeRequest): Peer;
  /** One binary message. `bytes` is valid until the handler returns: copy what must live longer. */
  onFrame(peer: Peer, bytes: Uint8Array): void;
  onText(peer: Peer): void;
  /** What was `buffered` has all been handed to the operating system. */
  onDrain(peer: Peer): void;
  /** Once for each connection that was opened. The code is ours when we closed it, the client's otherwise, 1006 when it vanished, 1009 above maxFrameBytes. */
  onClose(peer: Peer, code: number): void;
}

export interface ListenOptions {
  /** Address to bind, for example "127.0.0.1". */
  readonly host: string;
  /** 0 to 65535; 0 lets the operating system choose. */
  readonly port: number;
  /** Known sub-protocols, the preferred first. A client that offers none of them gets HTTP 400 and no WebSocket. */
  readonly subprotocols: readonly string[];
  /** A longer message ends the connection before it is delivered. */
  readonly maxFrameBytes: number;
  /** Most bytes that may wait for one connection. */
  readonly maxBackpressureBytes: number;
}

export interface Listener {
  /** The bound port. */
  readonly port: number;
  /** Stops listening and ends what is still open, without a close frame. Resolves when the port is free. A second call does nothing. */
  close(): Promise<void>;
}

export interface Transport {
  /** "ws", "uws", or the name of one that the gateway was given. */
  readonly name: string;
  /** Rejects with GatewayError LISTEN_FAILED when the address is taken or not ours. */
  listen<Peer>(options: ListenOptions, handlers: TransportHandlers<Peer>): Promise<Listener>;
}

/** How long a closing connection may keep its socket while the client does not answer the close frame. */
export const CLOSE_GRACE_MS = 4_000;

/** The first of `known` that the client's Sec-WebSocket-Protocol header offers. */
export function chooseSubprotocol(header: string | undefined, known: readonly string[]): string | undefined {
  const offered = offeredIn(header);
  return known.find((name) => offered.includes(name));
}

/** What a Sec-WebSocket-Protocol header offers. */
export function offeredIn(header: string | undefined): readonly string[] {
  return header === undefined || header === "" ? [] : header.split(",").map((name) => name.trim());
}
