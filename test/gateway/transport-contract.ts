import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  CLOSE_GRACE_MS,
  type Connection,
  type Listener,
  type ListenOptions,
  type Transport,
  type TransportHandlers,
} from "../../gateway/transport/transport.js";

/** One case of the suite that an adapter cannot pass, and why. */
export interface SkippedCase {
  readonly test: string;
  readonly reason: string;
}

interface Seen {
  readonly connection: Connection;
  readonly frames: Buffer[];
  texts: number;
  drains: number;
  readonly closeCodes: number[];
}

const OPTIONS: ListenOptions = {
  host: "127.0.0.1",
  port: 0,
  subprotocols: ["ringbook.sbe.v1", "ringbook.other.v1"],
  maxFrameBytes: 4096,
  maxBackpressureBytes: 1 << 20,
};

/** Holds an adapter to transport.ts. Every case runs on real sockets over loopback, with `ws` as the client. */
export function describeTransport(transport: Transport, { skip }: { skip: readonly SkippedCase[] }): void {
  const check = (name: string, run: () => Promise<void>, timeoutMs = 5_000): void => {
    const skipped = skip.find((entry) => entry.test === name);
    if (skipped === undefined) it(name, run, timeoutMs);
    else it.skip(`${name} (${skipped.reason})`, run);
  };

  describe(`transport contract: ${transport.name}`, () => {
    const listeners: Listener[] = [];
    const clients: WebSocket[] = [];

    afterEach(async () => {
      for (const client of clients.splice(0)) client.terminate();
      for (const listener of listeners.splice(0)) await listener.close();
    });

    async function listen(options: Partial<ListenOptions> = {}, extra: Partial<TransportHandlers<Seen>> = {}) {
      const opened: Seen[] = [];
      const listener = await transport.listen<Seen>(
        { ...OPTIONS, ...options },
        {
          onOpen: (connection) => {
            const seen: Seen = { connection, frames: [], texts: 0, drains: 0, closeCodes: [] };
            opened.push(seen);
            return seen;
          },
          onFrame: (seen, bytes) => seen.frames.push(Buffer.from(bytes)),
          onText: (seen) => {
            seen.texts += 1;
          },
          onDrain: (seen) => {
            seen.drains += 1;
          },
          onClose: (seen, code) => seen.closeCodes.push(code),
          ...extra,
        },
      );
      listeners.push(listener);
      return { listener, opened };
    }

    function dial(port: number, protocols: string[] = ["ringbook.sbe.v1"], options = {}): WebSocket {
      const client = new WebSocket(`ws://127.0.0.1:${port}/trade?x=1`, protocols, { perMessageDeflate: false, ...options });
      client.on("error", () => {});
      clients.push(client);
      return client;
    }

    async function open(port: number, protocols?: string[], options = {}): Promise<WebSocket> {
      const client = dial(port, protocols, options);
      await once(client, "open");
      return client;
    }

    /** Status of the HTTP answer to an upgrade that is refused. */
    function refusal(port: number, protocols: string[]): Promise<number> {
      const client = dial(port, protocols);
      return new Promise((resolve, reject) => {
        client.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        client.on("open", () => reject(new Error("the upgrade was granted")));
      });
    }

    async function openPair(options: Partial<ListenOptions> = {}) {
      const { listener, opened } = await listen(options);
      const client = await open(listener.port);
      await until(() => opened.length === 1);
      return { client, server: first(opened), listener, opened };
    }

    check("tells the port that it bound", async () => {
      const { listener } = await listen();
      expect(listener.port).toBeGreaterThan(0);
      expect(listener.port).toBeLessThan(65536);
    });

    check("refuses a port that is taken", async () => {
      const { listener } = await listen();
      await expect(listen({ port: listener.port })).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    });

    check("takes its own favourite among the sub-protocols", async () => {
      const { listener, opened } = await listen();
      const client = await open(listener.port, ["unheard.of", "ringbook.other.v1", "ringbook.sbe.v1"]);
      expect(client.protocol).toBe("ringbook.sbe.v1");
      await until(() => opened.length === 1);
      expect(first(opened).connection.subprotocol).toBe("ringbook.sbe.v1");
      expect(first(opened).connection.remoteAddress).toContain("127.0.0.1");
    });

    check("answers 400 when no sub-protocol is known or offered", async () => {
      const { listener, opened } = await listen();
      expect(await refusal(listener.port, ["unheard.of"])).toBe(400);
      expect(await refusal(listener.port, [])).toBe(400);
      expect(opened).toHaveLength(0);
    });

    check("answers plain HTTP with 426", async () => {
      const { listener } = await listen();
      expect(await httpStatusLine(listener.port)).toContain(" 426 ");
    });

    check("lets onUpgrade refuse, and tells it who asks", async () => {
      const asked: unknown[] = [];
      const { listener, opened } = await listen(
        {},
        {
          onUpgrade: (request) => {
            asked.push(request);
            return 503;
          },
        },
      );
      expect(await refusal(listener.port, ["ringbook.sbe.v1"])).toBe(503);
      expect(opened).toHaveLength(0);
      expect(asked).toMatchObject([{ path: "/trade?x=1", origin: "", subprotocol: "ringbook.sbe.v1" }]);
    });

    check("delivers binary frames whole and in order, up to maxFrameBytes", async () => {
      const { client, server } = await openPair();
      const sizes = [0, 1, 7, 8, 125, 126, 127, 1000, 4096];
      for (const size of sizes) client.send(Buffer.alloc(size, size & 0xff));
      await until(() => server.frames.length === sizes.length);
      expect(server.frames).toEqual(sizes.map((size) => Buffer.alloc(size, size & 0xff)));
    });

    check("reassembles a fragmented message", async () => {
      const { client, server } = await openPair();
      client.send(Buffer.from("abc"), { fin: false, binary: true });
      client.send(Buffer.from("def"), { fin: true });
      await until(() => server.frames.length === 1);
      expect(first(server.frames).toString()).toBe("abcdef");
    });

    check("sends copies: the buffer may be reused at once", async () => {
      const { client, server } = await openPair();
      const received = collect(client);
      const scratch = new Uint8Array(40_000);
      for (let i = 0; i < 12; i++) {
        scratch.fill(i);
        expect(server.connection.send(scratch)).not.toBe("full");
      }
      scratch.fill(255);
      await until(() => received.length === 12);
      for (let i = 0; i < 12; i++) expect(received[i]?.every((byte) => byte === i)).toBe(true);
    });

    check("sends a view of a larger buffer, and nothing around it", async () => {
      const { client, server } = await openPair();
      const received = collect(client);
      server.connection.send(new Uint8Array(new Uint8Array([1, 2, 3, 4, 5]).buffer, 1, 3));
      await until(() => received.length === 1);
      expect([...first(received)]).toEqual([2, 3, 4]);
    });

    check("keeps the order of what is sent inside cork", async () => {
      const { client, server } = await openPair();
      const received = collect(client);
      server.connection.cork(() => {
        for (let i = 0; i < 50; i++) server.connection.send(Uint8Array.of(i));
      });
      await until(() => received.length === 50);
      expect(received.map((bytes) => bytes[0])).toEqual(Array.from({ length: 50 }, (_, i) => i));
    });

    check("corks and sends to one connection from another's handler", async () => {
      const all: Seen[] = [];
      const { listener, opened } = await listen(
        {},
        {
          onFrame: (_from, bytes) => {
            for (const seen of all) seen.connection.cork(() => seen.connection.send(bytes));
          },
        },
      );
      const one = await open(listener.port);
      const two = await open(listener.port);
      await until(() => opened.length === 2);
      all.push(...opened);
      const received = [collect(one), collect(two)];
      one.send(Uint8Array.of(9));
      await until(() => received.every((frames) => frames.length === 1));
      expect(received.map((frames) => first(frames)[0])).toEqual([9, 9]);
    });

    check("reports text frames as such", async () => {
      const { client, server } = await openPair();
      client.send("hello");
      await until(() => server.texts === 1);
      expect(server.frames).toHaveLength(0);
    });

    check("ends a connection that sends more than maxFrameBytes, and only that one", async () => {
      const { client, server, listener, opened } = await openPair();
      const other = await open(listener.port);
      await until(() => opened.length === 2);
      client.send(Buffer.alloc(4097));
      await until(() => server.closeCodes.length > 0);
      expect(server.closeCodes).toEqual([1009]);
      expect(server.frames).toHaveLength(0);
      other.send(Uint8Array.of(1));
      await until(() => opened[1]?.frames.length === 1);
    });

    check("closes with a code and a reason, tells onClose once and later", async () => {
      const { client, server } = await openPair();
      const closed = once(client, "close");
      server.connection.close(4006, "REPLACED_BY_NEW_LOGON");
      expect(server.closeCodes).toEqual([]);
      server.connection.close(4010, "a second close does nothing");
      expect(server.connection.send(Uint8Array.of(1))).toBe("full");
      expect(server.connection.bufferedBytes).toBe(0);
      const [code, reason] = await closed;
      expect([code, String(reason)]).toEqual([4006, "REPLACED_BY_NEW_LOGON"]);
      await settle();
      expect(server.closeCodes).toEqual([4006]);
    });

    check("delivers what was sent before a close", async () => {
      const { client, server } = await openPair();
      const received = collect(client);
      const closed = once(client, "close");
      server.connection.cork(() => {
        server.connection.send(Uint8Array.of(1, 2, 3));
        server.connection.close(4003, "MALFORMED_FRAME");
      });
      expect((await closed)[0]).toBe(4003);
      expect(received.map((bytes) => [...bytes])).toEqual([[1, 2, 3]]);
    });

    check("delivers no frame after a close", async () => {
      const { client, server } = await openPair();
      server.connection.close(4000, "");
      client.send(Uint8Array.of(1));
      await once(client, "close");
      await settle();
      expect(server.frames).toHaveLength(0);
    });

    check("can close in onOpen", async () => {
      const closes: number[] = [];
      const { listener } = await listen(
        {},
        {
          onOpen: (connection) => {
            connection.close(4001, "at once");
            return { connection, frames: [], texts: 0, drains: 0, closeCodes: closes };
          },
        },
      );
      const client = dial(listener.port);
      expect((await once(client, "close"))[0]).toBe(4001);
      await until(() => closes.length === 1);
      expect(closes).toEqual([4001]);
    });

    check("reports the client's close code, and 1006 when it vanishes", async () => {
      const { client, server, listener, opened } = await openPair();
      client.close(4999, "bye");
      await until(() => server.closeCodes.length === 1);
      const other = await open(listener.port);
      await until(() => opened.length === 2);
      other.terminate();
      await until(() => opened[1]?.closeCodes.length === 1);
      await settle();
      expect(opened.map((seen) => seen.closeCodes)).toEqual([[4999], [1006]]);
    });

    check("buffers for a slow reader and tells when it drained", async () => {
      const { client, server } = await openPair({ maxBackpressureBytes: 64 << 20 });
      const received = collect(client);
      client.pause();
      let sent = 0;
      while (server.connection.send(new Uint8Array(65_536).fill(sent)) === "sent") sent += 1;
      sent += 1;
      expect(server.connection.bufferedBytes).toBeGreaterThan(0);
      expect(server.drains).toBe(0);
      client.resume();
      await until(() => server.drains === 1 && received.length === sent);
      expect(server.connection.bufferedBytes).toBe(0);
      expect(received.map((bytes) => bytes[0])).toEqual(Array.from({ length: sent }, (_, i) => i & 0xff));
      expect(server.closeCodes).toEqual([]);
    });

    check("closes with 4008 before it buffers more than allowed; what it took arrives", async () => {
      const { client, server } = await openPair({ maxBackpressureBytes: 256 << 10 });
      const received = collect(client);
      const closed = once(client, "close");
      client.pause();
      let taken = 0;
      const message = new Uint8Array(50_000);
      while (taken < 1000) {
        message.fill(taken);
        if (server.connection.send(message) === "full") break;
        taken += 1;
        expect(server.connection.bufferedBytes).toBeLessThanOrEqual(256 << 10);
      }
      expect(taken).toBeLessThan(1000);
      expect(server.connection.send(Uint8Array.of(1))).toBe("full");
      await until(() => server.closeCodes.length === 1);
      expect(server.closeCodes).toEqual([4008]);
      client.resume();
      expect((await closed)[0]).toBe(4008);
      expect(received.map((bytes) => bytes[0])).toEqual(Array.from({ length: taken }, (_, i) => i & 0xff));
    });

    check(
      "lets go of a client that neither reads nor answers the close",
      async () => {
        const { client, server } = await openPair();
        client.pause();
        while (server.connection.send(new Uint8Array(60_000)) !== "full");
        await until(() => server.closeCodes.length === 1);
        const started = Date.now();
        // A socket that is gone answers the next bytes with a reset, and then the client's end closes too.
        const knock = setInterval(() => client.ping(), 50);
        await once(client, "close").finally(() => clearInterval(knock));
        expect(Date.now() - started).toBeGreaterThan(CLOSE_GRACE_MS / 2);
        expect(Date.now() - started).toBeLessThan(CLOSE_GRACE_MS * 2);
      },
      3 * CLOSE_GRACE_MS,
    );

    check("close ends the open connections and frees the port", async () => {
      const { client, server, listener } = await openPair();
      const closed = once(client, "close");
      await listener.close();
      await listener.close();
      await closed;
      await until(() => server.closeCodes.length === 1);
      const again = await listen({ port: listener.port });
      expect(again.listener.port).toBe(listener.port);
    });
  });
}

function collect(client: WebSocket): Buffer[] {
  const received: Buffer[] = [];
  client.on("message", (data: Buffer) => received.push(data));
  return received;
}

function first<T>(list: readonly T[]): T {
  const [head] = list;
  if (head === undefined) throw new Error("the list is empty");
  return head;
}

/** Long enough for a late or doubled callback to show itself. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

export async function until(holds: () => boolean, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Asks without any wish to upgrade. */
function httpStatusLine(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    socket.on("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString("latin1").split("\r\n")[0] ?? "");
    });
    socket.on("error", reject);
  });
}
