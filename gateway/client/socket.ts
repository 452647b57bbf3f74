import { ClientError } from "./client-error.js";

/** What the client uses of a WebSocket: the browser's, Node's, and that of `ws` all have it. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: "error", listener: (event: { message?: string }) => void): void;
}

export type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/** The one that was given, `ws` under Node, else the runtime's own. Rejects with NO_WEBSOCKET. */
export async function findSocketClass(given: SocketClass | undefined): Promise<SocketClass> {
  if (given !== undefined) return given;
  if (typeof globalThis.process?.versions?.node === "string") {
    const { WebSocket } = await import("ws");
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, { perMessageDeflate: false });
      }
    } as unknown as SocketClass;
  }
  const own = (globalThis as { WebSocket?: SocketClass }).WebSocket;
  if (own === undefined) throw new ClientError("NO_WEBSOCKET", "this runtime has no WebSocket; give one as options.webSocket");
  return own;
}
