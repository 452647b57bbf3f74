import { afterEach, describe, expect, it } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import { NewOrderFull } from "../../engine/wire/index.js";
import { type Client, connect, type Report, type Top } from "../../gateway/client/index.js";
import { Gateway } from "../../gateway/index.js";
import { RawClient } from "./raw-client.js";
import { newOrder, newOrderFull } from "./records.js";
import { until } from "./transport-contract.js";

// A worker thread only starts from a compiled file.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;

const KEYS = [
  { id: "alice", secret: "a", account: "alice", permissions: ["trade", "marketData"] },
  { id: "bob", secret: "b", account: "bob", permissions: ["trade", "marketData"] },
] as const;

const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" } as const;

const closers: { close(): Promise<void> }[] = [];

async function start(more: Partial<EngineDoor.InstrumentCommand> = {}) {
  const accounts = KEYS.map(({ account }) => ({ name: account, mode: "unchecked" as const }));
  const engine = await Engine.start({ instruments: [{ ...ABC, ...more }], accounts });
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys: KEYS });
  const url = `ws://127.0.0.1:${gateway.port}`;
  const [alice, bob] = await Promise.all(KEYS.map((key) => connect(url, { key: key.id, secret: key.secret })));
  if (alice === undefined || bob === undefined) throw new Error("no clients");
  closers.push(alice, bob, gateway, engine);
  return { engine, port: gateway.port, alice, bob };
}

afterEach(async () => {
  for (const closer of closers.splice(0)) await closer.close();
});

function collect(client: Client): Report[] {
  const seen: Report[] = [];
  void (async () => {
    for await (const report of client.reports()) seen.push(report);
  })();
  return seen;
}

describe("over the gateway", () => {
  it("an iceberg shows its tranches, and its owner what is left", async () => {
    const { alice, bob, engine } = await start();
    const tops = bob.subscribe({ symbol: "ABC", channel: "top" });
    const next = async (): Promise<Top> => (await tops.next()).value as Top;
    await next();
    const reports = collect(alice);
    const placed = await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "10", qty: "9", displayQty: "2" });
    expect(placed).toMatchObject({ status: "accepted", leavesQty: "9", reports: [{ event: "accepted", displayQty: "2", qty: "9" }] });
    expect(await next()).toMatchObject({ askPrice: "10", askQty: "2" });
    expect(await bob.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "10", qty: "3" })).toMatchObject({
      status: "filled",
      cumQty: "3",
    });
    expect(await next()).toMatchObject({ askPrice: "10", askQty: "1" });
    await until(() => reports.length === 3);
    expect(reports.slice(1)).toMatchObject([
      { event: "filled", qty: "2", leavesQty: "7", liquidity: "maker", side: "sell" },
      { event: "filled", qty: "1", leavesQty: "6" },
    ]);
    expect((await engine.book("ABC")).asks).toEqual([["10", "1", 1]]);
  });

  it("a stop that another's trade fires is told to its owner, who is not asked", async () => {
    const { alice, bob } = await start();
    const reports = collect(alice);
    await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", type: "stopLimit", stopPrice: "9", price: "8", qty: "5" });
    await bob.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "9", qty: "4" });
    await bob.submit({ clOrdId: 2, symbol: "ABC", side: "sell", price: "9", qty: "1", stp: "none" });
    await until(() => reports.length === 3);
    expect(reports).toMatchObject([
      { event: "accepted", type: "stopLimit", stopPrice: "9" },
      { event: "triggered", clOrdId: 1, lastPrice: "9" },
      { event: "filled", clOrdId: 1, qty: "3", leavesQty: "2", liquidity: "taker" },
    ]);
    expect(await alice.replace({ symbol: "ABC", clOrdId: 1, price: "8.5" })).toMatchObject({ status: "replaced", leavesQty: "2" });
  });

  it("an order by quoteQty spends its money", async () => {
    const { alice, bob } = await start();
    await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "10", qty: "9" });
    const bought = await bob.submit({ clOrdId: 1, symbol: "ABC", side: "buy", type: "market", quoteQty: "25" });
    expect(bought).toMatchObject({ status: "canceled", cumQty: "2", leavesQty: "0" });
    expect(bought.reports[2]).toMatchObject({ event: "canceled", quoteQty: "5", reason: "noLiquidity" });
  });

  it("an auction is called, indicated and uncrossed, with fills for both sides", async () => {
    const { alice, bob, engine } = await start({ state: "preOpen" });
    expect(alice.tradingState("ABC")).toBe("preOpen");
    const reports = collect(alice);
    const tops = bob.subscribe({ symbol: "ABC", channel: "top" });
    await tops.next();
    await engine.setState({ symbol: "ABC", state: "auctionCall" });
    await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "9", qty: "2" });
    await bob.submit({ clOrdId: 1, symbol: "ABC", side: "buy", price: "10", qty: "5" });
    await engine.setState({ symbol: "ABC", state: "open" });
    await until(() => reports.length === 4);
    expect(reports).toMatchObject([
      { event: "state", state: "auctionCall", reason: "admin" },
      { event: "accepted", clOrdId: 1 },
      { event: "state", state: "open" },
      { event: "filled", side: "sell", liquidity: "maker", qty: "2", leavesQty: "0" },
    ]);
    const seen: Top[] = [];
    while (seen[seen.length - 1]?.auction?.isFinal !== true) seen.push((await tops.next()).value as Top);
    expect(seen.map(({ auction }) => auction)).toEqual(
      expect.arrayContaining([expect.objectContaining({ qty: "2", isFinal: false }), expect.objectContaining({ qty: "2", isFinal: true })]),
    );
    expect((await tops.next()).value).toMatchObject({ bidPrice: "10", bidQty: "3", askQty: "0" });
  });

  it("an order expires although nobody sends anything", async () => {
    const { alice } = await start();
    const reports = collect(alice);
    const expireTime = (Date.now() + 50) * 1000;
    await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "9", qty: "2", tif: "gtd", expireTime });
    await until(() => reports.length === 2);
    expect(reports[1]).toMatchObject({ event: "canceled", reason: "expired", qty: "2" });
  });

  it("a plain order in the long record rests, trades, is cut and moves like any other", async () => {
    const { port, alice, engine } = await start();
    const raw = await RawClient.logOn(port, { key: "bob", secret: "b" });
    raw.send(newOrderFull(1, (words) => NewOrderFull.setInstrument(words, 0, 0)));
    raw.send(newOrder({ seq: 2, clOrdId: 2, instrument: 0, price: 100, qty: 5 }));
    // The engine answers in short what is no more than the short record holds.
    await until(() => raw.received.filter(({ name }) => name === "OrderAccepted").length === 2);
    const tops = alice.subscribe({ symbol: "ABC", channel: "top" });
    expect((await tops.next()).value).toMatchObject({ bidPrice: "1", bidQty: "10" });
    expect(await engine.reduce({ account: "bob", clOrdId: 1, by: "2", symbol: "ABC" })).toMatchObject({
      status: "reduced",
      leavesQty: "3",
    });
    expect((await tops.next()).value).toMatchObject({ bidQty: "8" });
    await engine.replace({ account: "bob", clOrdId: 1, price: "1.1", symbol: "ABC" });
    expect((await tops.next()).value).toMatchObject({ bidPrice: "1.1", bidQty: "3" });
    await alice.submit({ clOrdId: 1, symbol: "ABC", side: "sell", price: "1", qty: "4" });
    expect((await tops.next()).value).toMatchObject({ bidPrice: "1", bidQty: "4" });
    expect((await engine.book("ABC")).bids).toEqual([["1", "4", 1]]);
  });
});
