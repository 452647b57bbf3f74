import type { Connection, Listener, ListenOptions, SendResult, Transport, TransportHandlers } from "../../gateway/transport/transport.js";

/** The client's end of a connection without a network. */
export interface MemoryClient {
  send(bytes: Uint8Array): void;
  /** What the gateway sent, as copies. */
  readonly received: Uint8Array[];
  closeCode: number;
  /** True: the next message finds no room, and closes the connection. */
  isFull: boolean;
}

/** A transport without sockets, for tests that need many frames and exact order: everything happens inside the call. */
export class MemoryTransport implements Transport {
  readonly name = "memory";
  #open: ((subprotocol: string) => MemoryClient) | undefined;

  async listen<Peer>(_options: ListenOptions, handlers: TransportHandlers<Peer>): Promise<Listener> {
    this.#open = (subprotocol) => connect(handlers, subprotocol);
    return { port: 1, close: async () => {} };
  }

  connect(subprotocol = "ringbook.sbe.v1"): MemoryClient {
    if (this.#open === undefined) throw new Error("nobody listens");
    return this.#open(subprotocol);
  }
}

function connect<Peer>(handlers: TransportHandlers<Peer>, subprotocol: string): MemoryClient {
  const received: Uint8Array[] = [];
  let isClosed = false;
  const client: MemoryClient = {
    received,
    closeCode: 0,
    isFull: false,
    send: (bytes) => {
      if (!isClosed) handlers.onFrame(peer, bytes);
    },
  };
  const connection: Connection = {
    remoteAddress: "memory",
    subprotocol,
    bufferedBytes: 0,
    send: (bytes): SendResult => {
      if (client.isFull) connection.close(4008, "SLOW_CONSUMER");
      if (isClosed) return "full";
      received.push(bytes.slice());
      return "sent";
    },
    cork: (work) => work(),
    close: (code) => {
      if (isClosed) return;
      isClosed = true;
      client.closeCode = code;
      queueMicrotask(() => handlers.onClose(peer, code));
    },
  };
  const request = {
    path: "/",
    origin: "",
    authorization: "",
    remoteAddress: "memory",
    subprotocol,
    offeredProtocols: [],
  };
  const peer = handlers.onOpen(connection, request);
  return client;
}
