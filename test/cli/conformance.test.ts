import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startEngine } from "../../dist/engine/index.js";
import { Gateway } from "../../dist/gateway/index.js";
import { Header, OrderAccepted, RequestStatus } from "../../engine/wire/index.js";
import { uwsMissing } from "../gateway/transports.js";
import { CAPACITIES } from "../runtime/start.js";
import { linesOf, runCli } from "./run-cli.js";

const TIMEOUT_MS = 120_000;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A gateway whose throttle can be reached. */
async function serve(transport: "ws" | "uws", shards = 1): Promise<string> {
  const engine = await startEngine({
    shards,
    instruments: ["ABC", "DEF"].map((symbol) => ({ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1" })),
    accounts: [{ name: "alice", mode: "unchecked" }],
    capacities: CAPACITIES,
  });
  closing.push(() => engine.close());
  const gateway = await Gateway.listen(engine, {
    port: 0,
    transport,
    keys: [{ id: "k", secret: "s", account: "alice", permissions: ["trade"] }],
    limits: { logonTimeoutMs: 1_500 },
    throttle: { session: { perSecond: 500, burst: 400 } },
  });
  closing.push(() => gateway.close());
  return `ws://127.0.0.1:${gateway.port}`;
}

const check = (url: string, ...args: string[]) => runCli(["conformance", url, "--key", "k", "--secret", "s", ...args]);

describe("ringbook conformance", () => {
  it("is green on both transports in both sub-protocols, with nothing skipped", { timeout: TIMEOUT_MS }, async () => {
    const runs: Promise<Awaited<ReturnType<typeof check>>>[] = [];
    // Whether there are several shards is nothing that a client could see: its instrument is on the second then.
    const kinds = [
      { protocol: "sbe", shards: 1, symbol: "ABC" },
      { protocol: "msgpack", shards: 2, symbol: "DEF" },
    ];
    for (const transport of uwsMissing === undefined ? (["ws", "uws"] as const) : (["ws"] as const)) {
      for (const { protocol, shards, symbol } of kinds)
        runs.push(check(await serve(transport, shards), "--strict", "--protocol", protocol, "--symbol", symbol));
    }
    for (const { exitCode, stdout, stderr } of await Promise.all(runs)) {
      expect(stdout.split("\n").filter((line) => /^ {2}(FAILED|skipped)/.test(line))).toEqual([]);
      expect(linesOf(stdout).at(-1)).toMatch(/^6[0-9] passed, 0 failed, 0 skipped$/);
      expect([exitCode, stderr]).toEqual([0, ""]);
    }
  });

  it("is red where a gateway does not keep to the rules, and says what was wrong", { timeout: TIMEOUT_MS }, async () => {
    const url = await proxy(await serve("ws"), (words, at) => {
      const templateId = Header.templateId(words, at);
      // It sends again without saying so, and has forgotten what became of a request.
      if (templateId === OrderAccepted.TEMPLATE_ID) Header.setFlags(words, at, Header.flags(words, at) & ~Header.FLAG_POSSIBLE_RESEND);
      if (templateId === RequestStatus.TEMPLATE_ID) RequestStatus.setState(words, at, 4);
    });
    const resumed = await check(url, "--protocol", "sbe", "--only", "resume: ", "--json");
    expect(resumed.exitCode).toBe(1);
    const failed = linesOf(resumed.stdout)
      .map((line) => JSON.parse(line))
      .filter(({ verdict }) => verdict === "failed");
    expect(failed.map(({ name, text }) => [name, text])).toEqual([
      [expect.stringContaining("a session goes on where the client stopped"), expect.stringContaining("server seq, id and mark must be")],
      [expect.stringContaining("a ResendRequest brings records again"), "the mark must be 1, was 0"],
    ]);
    const again = await check(url, "--protocol", "sbe", "--only", "a request that comes again");
    expect(again.exitCode).toBe(1);
    expect(again.stdout).toMatch(/FAILED {2}a request that comes again .*\n +what is known of it must be \{.*"state":1/);
    expect(again.stdout).toContain("0 passed, 1 failed, 0 skipped");
  });

  it("skips nothing without saying why, and nothing at all with --strict", { timeout: TIMEOUT_MS }, async () => {
    const url = await serve("ws");
    const args = ["--protocol", "sbe", "--only", "throttle: too many", "--throttle-requests", "100"];
    const lenient = await check(url, ...args);
    expect(lenient.exitCode).toBe(0);
    expect(lenient.stdout).toContain("skipped too many requests are refused with a time to wait");
    expect(lenient.stdout).toContain("100 requests as fast as possible were not throttled");
    expect((await check(url, ...args, "--strict")).exitCode).toBe(1);
  });

  it("says what it cannot begin with", { timeout: TIMEOUT_MS }, async () => {
    const url = await serve("ws");
    expect(await check("ws://example.com")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("is not this machine") });
    expect(await check(url, "--only", "no such check")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no check has no such check"),
    });
    const both = await check(url, "--only", "a TestRequest is answered", "--json");
    expect(linesOf(both.stdout).map((line) => [JSON.parse(line).protocol, JSON.parse(line).verdict])).toEqual([
      ["sbe", "passed"],
      ["msgpack", "passed"],
    ]);
    expect(await check(url, "--symbol", "NONE")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no instrument NONE") });
    const stranger = await runCli(["conformance", url, "--key", "who", "--secret", "s"]);
    expect(stranger).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("BAD_SIGNATURE") });
  });
});

/** A gateway in front of a gateway, that changes records on their way to the client. */
async function proxy(target: string, change: (words: Int32Array, at: number) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: (offered) => [...offered][0] ?? false });
  await once(server, "listening");
  server.on("connection", (client, request) => {
    const inner = new WebSocket(target, String(request.headers["sec-websocket-protocol"] ?? ""), { perMessageDeflate: false });
    const waiting: Buffer[] = [];
    client.on("message", (data: Buffer) => (inner.readyState === WebSocket.OPEN ? inner.send(data) : waiting.push(data)));
    inner.on("open", () => waiting.forEach((data) => void inner.send(data)));
    inner.on("message", (data: Buffer) => {
      const words = new Int32Array(Uint8Array.from(data).buffer);
      for (let at = 0; at < words.length; at += Header.length(words, at) / 4) change(words, at);
      client.send(new Uint8Array(words.buffer));
    });
    inner.on("close", (code, reason) => (code >= 3000 ? client.close(code, reason) : client.terminate()));
    client.on("close", () => inner.terminate());
    for (const socket of [client, inner]) socket.on("error", () => socket.terminate());
  });
  closing.push(async () => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
