/** The floor: a server of the same library that sends every message back, and does nothing else. */

import type { us_listen_socket, us_socket } from "uWebSockets.js";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { lookUpUws } from "../../gateway/transport/load-uws.js";

export interface EchoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Undefined when the transport cannot run here. */
export function startEcho(transport: "ws" | "uws"): Promise<EchoServer | undefined> {
  return transport === "ws" ? startWsEcho() : startUwsEcho();
}

async function startWsEcho(): Promise<EchoServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => socket.send(data, { binary: true }));
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

async function startUwsEcho(): Promise<EchoServer | undefined> {
  const found = lookUpUws(() => {});
  if ("missing" in found) return undefined;
  const { module: uws } = found;
  const sockets = new Set<{ close(): void }>();
  const app = uws.App();
  app.ws("/*", {
    compression: uws.DISABLED,
    idleTimeout: 0,
    sendPingsAutomatically: false,
    maxPayloadLength: 1 << 20,
    open: (socket) => void sockets.add(socket),
    message: (socket, message) => void socket.send(message, true, false),
    close: (socket) => void sockets.delete(socket),
  });
  const listening = await new Promise<us_listen_socket>((resolve, reject) => {
    app.listen("127.0.0.1", 0, (socket) => (socket === false ? reject(new Error("cannot listen")) : resolve(socket)));
  });
  return {
    url: `ws://127.0.0.1:${uws.us_socket_local_port(listening as us_socket)}`,
    close: async () => {
      uws.us_listen_socket_close(listening);
      for (const socket of sockets) socket.close();
    },
  };
}
