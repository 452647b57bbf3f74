import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { extname } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What a page may load: the package, what it depends on, and the page. */
const FOLDERS = ["/dist/", "/node_modules/", "/test/browser/"];
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };

type Post = (body: unknown) => unknown;

/** Serves the repository's files on loopback, and takes what a page has to say. */
export class PageServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(posts: Readonly<Record<string, Post>>): Promise<PageServer> {
    const server = createServer((request, response) => void serve(request, response, posts));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new PageServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, posts: Readonly<Record<string, Post>>): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
  if (request.method === "POST") {
    await posts[pathname]?.(await json(request));
    response.writeHead(204).end();
    return;
  }
  const path = `${ROOT}${decodeURIComponent(pathname).slice(1)}`;
  const isServed = FOLDERS.some((folder) => pathname.startsWith(folder)) && !pathname.includes("..") && existsSync(path);
  if (!isServed) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
  createReadStream(path).pipe(response);
}

/** A network between a client and a gateway that can be cut, without a goodbye to either. */
export class CuttableWire {
  private readonly sockets = new Set<Socket>();
  private isDown = false;

  private constructor(
    private readonly server: TcpServer,
    readonly port: number,
  ) {}

  static async to(target: number): Promise<CuttableWire> {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const wire = new CuttableWire(server, (server.address() as AddressInfo).port);
    server.on("connection", (near) => {
      if (wire.isDown) return near.resetAndDestroy();
      const far = connectTcp(target, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        wire.sockets.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          wire.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    return wire;
  }

  /** Until `mend` nobody gets through any more. */
  cut(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.isDown = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
