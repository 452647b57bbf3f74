import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import type * as EngineDoor from "../../engine/index.js";
import { Header, LevelUpdate, OrderAdded, OrderChanged, OrderRemoved } from "../../engine/wire/index.js";
import { type Client, connect, type LocalBook, type SocketClass } from "../../gateway/client/index.js";
import { Gateway } from "../../gateway/index.js";
import { Random } from "../twin/random.js";
import { until } from "./transport-contract.js";
import { describeOverTransports, type TransportName } from "./transports.js";

// A worker thread only starts from a compiled file.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;

const SYMBOL = "BTC-USD";
const KEYS = [
  { id: "alice-1", secret: "a", account: "alice", permissions: ["trade", "marketData"] },
  { id: "bob-1", secret: "b", account: "bob", permissions: ["trade"] },
  { id: "feed-1", secret: "f", account: "alice", permissions: ["marketData"] },
  { id: "feed-2", secret: "f", account: "alice", permissions: ["marketData"] },
] as const;

const CONFIG: EngineDoor.EngineConfig = {
  currencies: { USD: { scale: 6 }, BTC: { scale: 8 } },
  instruments: [
    { symbol: SYMBOL, base: "BTC", quote: "USD", tickSize: "0.01", lotSize: "0.0001" },
    { symbol: "PERP", base: "BTC", quote: "USD", tickSize: "0.1", lotSize: "0.01", kind: "margin" },
  ],
  accounts: [
    { name: "alice", mode: "unchecked", stp: "none" },
    { name: "bob", mode: "unchecked" },
  ],
};

const CHANGES: readonly number[] = [LevelUpdate, OrderAdded, OrderChanged, OrderRemoved].map(({ TEMPLATE_ID }) => TEMPLATE_ID);
const closers: { close(): Promise<void> }[] = [];

/** So many changes of market data that come from now on are kept from every client of `LossySocket`. */
const loss = { count: 0 };

/** A WebSocket on whose way records get lost, which no real one does. */
class LossySocket extends WebSocket {
  override addEventListener(type: string, listener: unknown, ...more: unknown[]): void {
    const heard =
      type === "message" ? (event: { data: unknown }) => (listener as (event: unknown) => void)({ data: without(event.data) }) : listener;
    (super.addEventListener as (...args: unknown[]) => void)(type, heard, ...more);
  }
}

function without(data: unknown): unknown {
  if (!(data instanceof ArrayBuffer) || loss.count === 0) return data;
  const words = new Int32Array(data);
  const kept: number[] = [];
  for (let at = 0; at < words.length; at += Header.length(words, at) / 4) {
    const isChange = CHANGES.includes(Header.templateId(words, at)) && (Header.flags(words, at) & Header.FLAG_STATE) === 0;
    if (isChange && loss.count > 0) loss.count--;
    else kept.push(...words.subarray(at, at + Header.length(words, at) / 4));
  }
  return Int32Array.from(kept).buffer;
}

afterEach(async () => {
  for (const closer of closers.splice(0)) await closer.close();
});

async function start(transport: TransportName) {
  const engine = await Engine.start(CONFIG);
  closers.push(engine);
  const listen = async (): Promise<string> => {
    const gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS });
    closers.unshift(gateway);
    return `ws://127.0.0.1:${gateway.port}`;
  };
  const first = await listen();
  const open = async (key: string, secret: string, webSocket?: SocketClass, url = first): Promise<Client> => {
    const client = await connect(url, { key, secret, ...(webSocket === undefined ? {} : { webSocket }) });
    closers.unshift(client);
    return client;
  };
  return { engine, open, listen };
}

/** Orders that rest, cross, are canceled and reduced. */
async function trade(client: Client, orders: number, random: Random, firstId: number): Promise<void> {
  const outcomes: Promise<unknown>[] = [];
  for (let index = 0; index < orders; index++) {
    const side = random.below(2) === 0 ? "buy" : "sell";
    const price = (100 + (side === "buy" ? -1 : 1) * (random.below(12) - 3) * 0.01).toFixed(2);
    const clOrdId = firstId + index;
    outcomes.push(client.submit({ clOrdId, symbol: SYMBOL, side, price, qty: String(1 + random.below(5)) }));
    if (random.below(3) === 0 && index > 0) outcomes.push(client.cancel({ clOrdId: firstId + random.below(index) }));
    if (index % 20 === 19) await Promise.all(outcomes.splice(0));
  }
  await Promise.all(outcomes);
}

async function equals(book: LocalBook, engine: EngineDoor.Engine, depth?: number): Promise<void> {
  const { bids, asks } = await engine.book(SYMBOL, depth);
  await until(() => JSON.stringify([book.bids(depth), book.asks(depth)]) === JSON.stringify([bids, asks]), 20_000);
  expect(book.isExact).toBe(true);
}

describeOverTransports("books", (transport) => {
  it("equal the engine's, from any start, and again after a loss", async () => {
    const { engine, open } = await start(transport);
    const random = new Random(3);
    const trader = await open("alice-1", "a");
    await trade(trader, 100, random, 1);
    const feed = await open("feed-1", "f", LossySocket as unknown as SocketClass);
    const books = await Promise.all([
      feed.openBook({ symbol: SYMBOL }),
      feed.openBook({ symbol: SYMBOL, channel: "orders" }),
      feed.openBook({ symbol: SYMBOL, channel: "depth", depth: 3 }),
    ]);
    const [levels, orders, depth] = books as [LocalBook, LocalBook, LocalBook];
    await trade(trader, 200, random, 1_000);
    await equals(levels, engine);
    await equals(orders, engine);
    await equals(depth, engine, 3);
    expect(orders.queue("buy", 0).reduce((sum, [, qty]) => sum + Number(qty), 0)).toBe(Number(levels.bids(1)[0]?.[1]));
    expect(books.map(({ resyncs }) => resyncs)).toEqual([0, 0, 0]);
    loss.count = 5;
    await trade(trader, 200, random, 2_000);
    await until(() => loss.count === 0);
    await equals(levels, engine);
    await equals(orders, engine);
    await equals(depth, engine, 3);
    expect(books.reduce((sum, { resyncs }) => sum + resyncs, 0)).toBeGreaterThan(0);
    await expect(feed.openBook({ symbol: SYMBOL })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    levels.close();
    await feed.openBook({ symbol: SYMBOL });
  }, 60_000);

  it("come back with a new session, and tell of every change", async () => {
    const { engine, open } = await start(transport);
    const random = new Random(4);
    const trader = await open("alice-1", "a");
    const first = await open("feed-1", "f");
    const book = await first.openBook({ symbol: SYMBOL });
    const seqs: number[] = [];
    const following = (async () => {
      for await (const { seq } of book.updates()) seqs.push(seq);
    })();
    await trade(trader, 60, random, 1);
    await equals(book, engine);
    first.abandon();
    await following;
    expect(seqs.length).toBeGreaterThan(3);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const second = await open("feed-2", "f");
    const again = await second.openBook({ symbol: SYMBOL, channel: "orders" });
    await trade(trader, 60, random, 1_000);
    await equals(again, engine);
    await expect(second.openBook({ symbol: SYMBOL, channel: "depth", depth: 101 })).rejects.toMatchObject({ code: "BAD_SUBSCRIPTION" });
  }, 60_000);

  it("stand beside candles, statistics and states that add up", async () => {
    const { engine, open } = await start(transport);
    const trader = await open("alice-1", "a");
    const feed = await open("feed-1", "f");
    const statistics = feed.subscribe({ symbol: SYMBOL, channel: "statistics" });
    const candles = feed.subscribe({ symbol: SYMBOL, channel: "candles", intervalMs: 3_600_000 });
    const states = feed.subscribe({ symbol: SYMBOL, channel: "state" });
    expect((await statistics.next()).value).toMatchObject({ trades: 0, volume: "0", seq: 0 });
    expect((await states.next()).value).toMatchObject({ state: "open", seq: 0 });
    await trader.submit({ clOrdId: 1, symbol: SYMBOL, side: "buy", price: "100.5", qty: "3" });
    await trader.submit({ clOrdId: 2, symbol: SYMBOL, side: "sell", price: "100.5", qty: "1" });
    await trader.submit({ clOrdId: 3, symbol: SYMBOL, side: "buy", price: "101.5", qty: "2" });
    await trader.submit({ clOrdId: 4, symbol: SYMBOL, side: "sell", price: "100.5", qty: "2" });
    expect((await statistics.next()).value).toMatchObject({
      seq: 1,
      trades: 1,
      volume: "1",
      open: "100.5",
      vwap: "100.5",
      last: "100.5",
    });
    expect((await statistics.next()).value).toMatchObject({
      seq: 2,
      trades: 2,
      volume: "3",
      high: "101.5",
      low: "100.5",
      vwap: "101.166667",
    });
    expect((await candles.next()).value).toMatchObject({ seq: 1, open: "100.5", close: "100.5", volume: "1", isClosed: false });
    expect((await candles.next()).value).toMatchObject({ seq: 2, open: "100.5", high: "101.5", close: "101.5", volume: "3", trades: 2 });
    await engine.setState({ symbol: SYMBOL, state: "halted" });
    expect((await states.next()).value).toMatchObject({ seq: 1, state: "halted", reason: "admin" });
  }, 60_000);

  it("tell the open interest of a margin instrument, also to who comes late", async () => {
    const { open, listen } = await start(transport);
    const trader = await open("alice-1", "a");
    const other = await open("bob-1", "b");
    const statistics = trader.subscribe({ symbol: "PERP", channel: "statistics" });
    expect((await statistics.next()).value).toMatchObject({ openInterest: "0" });
    const told: unknown[] = [];
    const exchange = async (clOrdId: number, side: "buy" | "sell", qty: string): Promise<void> => {
      await trader.submit({ clOrdId, symbol: "PERP", side, price: "100", qty });
      await other.submit({ clOrdId, symbol: "PERP", side: side === "buy" ? "sell" : "buy", price: "100", qty });
      told.push((await statistics.next()).value?.openInterest);
    };
    await exchange(1, "buy", "3");
    await exchange(2, "sell", "1");
    await exchange(3, "sell", "4.5");
    expect(told).toEqual(["3", "2", "2.5"]);
    const feed = await open("feed-1", "f", undefined, await listen());
    expect((await feed.subscribe({ symbol: "PERP", channel: "statistics" }).next()).value).toMatchObject({
      openInterest: "2.5",
      trades: 0,
    });
    expect((await feed.subscribe({ symbol: SYMBOL, channel: "statistics" }).next()).value?.openInterest).toBeUndefined();
  }, 60_000);
});
