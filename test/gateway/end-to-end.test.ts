import { fork } from "node:child_process";
import { afterEach, expect, it } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import { TradePrint } from "../../engine/wire/index.js";
import { connect } from "../../gateway/client/index.js";
import { Gateway, type GatewayLimits } from "../../gateway/index.js";
import { RawClient } from "./raw-client.js";
import { concat, logon, newOrder } from "./records.js";
import { describeOverTransports, type TransportName } from "./transports.js";

// A worker thread only starts from a compiled file.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;

const KEYS = [
  { id: "alice-1", secret: "a", account: "alice", permissions: ["trade", "marketData"] },
  { id: "bob-1", secret: "b", account: "bob", permissions: ["trade", "marketData"] },
] as const;

const CONFIG: EngineDoor.EngineConfig = {
  currencies: { USD: { scale: 6 }, BTC: { scale: 8 } },
  instruments: [{ symbol: "BTC-USD", base: "BTC", quote: "USD", tickSize: "0.01", lotSize: "0.0001" }],
  accounts: [
    { name: "alice", mode: "unchecked", stpGroup: "desk", stp: "none" },
    { name: "bob", mode: "unchecked", stpGroup: "desk", stp: "none" },
  ],
};

const closers: { close(): Promise<void> }[] = [];

async function start(transport: TransportName, limits: Partial<GatewayLimits> = {}) {
  const engine = await Engine.start(CONFIG);
  closers.push(engine);
  const gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS, limits });
  closers.unshift(gateway);
  return { engine, gateway, url: `ws://127.0.0.1:${gateway.port}` };
}

afterEach(async () => {
  for (const closer of closers.splice(0)) await closer.close();
});

describeOverTransports("engine, gateway and clients in another process,", (transport) => {
  it("trade with each other", async () => {
    const { engine, url } = await start(transport);
    const seen = await inAnotherProcess("./trader-process.mjs", [url]);
    expect(seen).toEqual({
      first: { symbol: "BTC-USD", seq: 0, timeUs: expect.any(Number), bidQty: "0", askQty: "0" },
      asks: Array.from({ length: 10 }, () => "accepted"),
      taken: { status: "filled", cumQty: "1", events: ["accepted", "filled", "filled", "filled", "filled"] },
      crossed: "POST_ONLY_WOULD_CROSS",
      reduced: ["reduced", "0.2"],
      replaced: ["replaced", "0.4"],
      canceled: "canceled",
      unknown: "UNKNOWN_ORDER",
      swept: ["done", 6],
      rest: ["accepted", "2.5"],
      prints: [
        [1, "100.5", "0.3", "buy"],
        [2, "101.5", "0.3", "buy"],
        [3, "102.5", "0.3", "buy"],
        [4, "103.5", "0.1", "buy"],
      ],
      fills: [
        [1, "100.5", "0.3", "0", "maker"],
        [2, "101.5", "0.3", "0", "maker"],
        [3, "102.5", "0.3", "0", "maker"],
        [4, "103.5", "0.1", "0.2", "maker"],
      ],
    });
    expect(await engine.book("BTC-USD")).toEqual({ event: "book", symbol: "BTC-USD", bids: [["42.01", "2.5", 1]], asks: [] });
  }, 30_000);

  it("a malformed frame changes nothing in the engine", async () => {
    const { engine, gateway } = await start(transport);
    const honest = await connect(`ws://127.0.0.1:${gateway.port}`, { key: "bob-1", secret: "b" });
    await honest.submit({ clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "10", qty: "1" });
    const before = await engine.stateHash();
    const client = await RawClient.connect(gateway.port);
    client.send(concat(logon({ key: "alice-1", secret: "a" }), newOrder({ seq: 1, instrument: 0 }), Uint8Array.of(1, 2, 3)));
    expect(await client.closed()).toBe(4003);
    expect(await engine.stateHash()).toBe(before);
    expect((await honest.submit({ clOrdId: 2, symbol: "BTC-USD", side: "buy", price: "11", qty: "1" })).status).toBe("accepted");
    await honest.close();
  }, 30_000);

  it("a failing engine ends the sessions with its reason", async () => {
    const { engine, url } = await start(transport);
    const client = await connect(url, { key: "alice-1", secret: "a" });
    const port = engine.openPort("saboteur");
    await port.whenReady(5_000);
    const at = port.tryClaim(TradePrint.RECORD_BYTES);
    TradePrint.initClaimed(port.words, at, 0, 0);
    port.commit();
    port.publish();
    const { code, error } = await client.closed;
    expect([code, error?.code]).toEqual([4011, "ENGINE_FAILED"]);
    await expect(connect(url, { key: "alice-1", secret: "a" })).rejects.toMatchObject({ code: "DISCONNECTED" });
  }, 30_000);

  it("an engine that is closed answers what it took, and the sessions end with SHUTTING_DOWN", async () => {
    const { engine, gateway, url } = await start(transport);
    const client = await connect(url, { key: "alice-1", secret: "a" });
    const orders = Array.from({ length: 500 }, (_, i) =>
      client.submit({ clOrdId: i + 1, symbol: "BTC-USD", side: "buy", price: "10", qty: "0.0001" }),
    );
    await orders[0];
    await engine.close();
    expect(await gateway.failed).toBe(undefined);
    const { code, error } = await client.closed;
    expect([code, error?.code]).toEqual([4010, "SHUTTING_DOWN"]);
    expect((await Promise.all(orders)).every(({ status, reason }) => status === "accepted" || reason === "ENGINE_BUSY")).toBe(true);
  }, 30_000);

  it("a cancel that self-trade prevention causes reaches the owner, who did not ask", async () => {
    const { url } = await start(transport);
    const alice = await connect(url, { key: "alice-1", secret: "a" });
    const bob = await connect(url, { key: "bob-1", secret: "b" });
    const reports = alice.reports();
    await alice.submit({ clOrdId: 1, symbol: "BTC-USD", side: "sell", price: "100", qty: "1" });
    const outcome = await bob.submit({ clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "100", qty: "2", stp: "cancelOldest" });
    expect(outcome).toMatchObject({ status: "accepted", cumQty: "0", leavesQty: "2" });
    expect(outcome.reports.map((report) => report.event)).toEqual(["accepted"]);
    expect((await reports.next()).value).toMatchObject({ event: "accepted", clOrdId: 1 });
    expect((await reports.next()).value).toMatchObject({ event: "canceled", clOrdId: 1, qty: "1", reason: "selfTrade" });
    await alice.close();
    await bob.close();
  }, 30_000);

  it("a thousand orders of one turn are all acknowledged, in order", async () => {
    const { engine, url } = await start(transport);
    const client = await connect(url, { key: "alice-1", secret: "a" });
    const orders = Array.from({ length: 1_000 }, (_, i) =>
      client.submit({ clOrdId: i + 1, symbol: "BTC-USD", side: "buy", price: `${10 + (i % 50)}`, qty: "0.0001" }),
    );
    const outcomes = await Promise.all(orders);
    expect(outcomes.map((outcome) => outcome.orderId)).toEqual(outcomes.map((_, i) => String(i + 1)));
    const { bids } = await engine.book("BTC-USD");
    expect(bids).toHaveLength(50);
    expect(bids.every(([, qty, count]) => qty === "0.002" && count === 20)).toBe(true);
    await client.close();
  }, 30_000);
});

it("a gateway for an account that the engine does not have is refused", async () => {
  const engine = await Engine.start(CONFIG);
  closers.push(engine);
  const keys = [{ id: "x", secret: "s", account: "nobody", permissions: ["trade"] }] as const;
  await expect(Gateway.listen(engine, { port: 0, keys, transport: "ws" })).rejects.toMatchObject({ code: "UNKNOWN_ACCOUNT" });
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws" });
  await gateway.close();
  await gateway.close();
});

function inAnotherProcess(script: string, args: string[]): Promise<unknown> {
  const child = fork(new URL(script, import.meta.url), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const timer = setTimeout(() => child.kill(), 20_000);
  return new Promise((resolve, reject) => {
    child.on("message", resolve);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the process ended with ${code} and no answer`));
    });
  });
}
