import { afterEach, describe, expect, it } from "vitest";
import type { Engine, Outcome } from "../../dist/engine/index.js";
import { ABC, sleep, startEngine, within } from "./start.js";

let engine: Engine;
afterEach(() => engine.close());

const buy = { account: "alice", symbol: "ABC", side: "buy" } as const;
const sell = { account: "bob", symbol: "ABC", side: "sell" } as const;

function kinds(outcome: Outcome): string[] {
  return outcome.events.map((event) => event.event);
}

/** Makes 100 the last price. */
async function tradeAt100(): Promise<void> {
  await engine.submit({ ...buy, clOrdId: 901, price: "100", qty: "1" });
  await engine.submit({ ...sell, clOrdId: 901, price: "100", qty: "1" });
}

describe("the outcome of an order", () => {
  it("of a stop: accepted while it waits, and what became of it when it fires at once", async () => {
    engine = await startEngine();
    await tradeAt100();
    const waits = await engine.submit({ ...sell, clOrdId: 1, type: "stop", stopPrice: "90", qty: "5" });
    expect(waits).toMatchObject({ status: "accepted", leavesQty: "5" });
    await engine.submit({ ...buy, clOrdId: 1, price: "99", qty: "2" });
    const fires = await engine.submit({ ...sell, clOrdId: 2, type: "stop", stopPrice: "100", qty: "5" });
    expect(kinds(fires)).toEqual(["accepted", "triggered", "trade", "canceled"]);
    expect(fires).toMatchObject({ status: "canceled", cumQty: "2", leavesQty: "0" });
    expect(fires.events[1]).toMatchObject({ account: "bob", clOrdId: 2, symbol: "ABC", lastPrice: "100" });
  });

  it("counts what a stop that it has triggered takes of it", async () => {
    engine = await startEngine();
    await engine.submit({ ...sell, account: "carol", clOrdId: 1, type: "stop", stopPrice: "101", qty: "3" });
    await engine.submit({ ...sell, clOrdId: 1, price: "101", qty: "2" });
    const outcome = await engine.submit({ ...buy, clOrdId: 1, price: "101", qty: "5" });
    expect(kinds(outcome)).toEqual(["accepted", "trade", "triggered", "trade"]);
    expect(outcome).toMatchObject({ status: "filled", cumQty: "5", leavesQty: "0" });
  });

  it("of an iceberg counts what is hidden, and the book does not", async () => {
    engine = await startEngine();
    expect(await engine.submit({ ...sell, clOrdId: 1, price: "100", qty: "9", displayQty: "2" })).toMatchObject({ leavesQty: "9" });
    expect((await engine.book("ABC")).asks).toEqual([["100", "2", 1]]);
    expect(await engine.replace({ account: "bob", clOrdId: 1, displayQty: "4" })).toMatchObject({ status: "replaced", leavesQty: "9" });
    expect(await engine.reduce({ account: "bob", clOrdId: 1, by: "6" })).toMatchObject({ status: "reduced", leavesQty: "3" });
    expect((await engine.book("ABC")).asks).toEqual([["100", "3", 1]]);
  });

  it("by quoteQty is filled when the money is spent, else canceled", async () => {
    engine = await startEngine();
    await engine.submit({ ...sell, clOrdId: 1, price: "100", qty: "10" });
    const spent = await engine.submit({ ...buy, clOrdId: 1, type: "market", quoteQty: "300" });
    expect(spent).toMatchObject({ status: "filled", cumQty: "3", leavesQty: "0" });
    const rest = await engine.submit({ ...buy, clOrdId: 1, type: "market", quoteQty: "250.5" });
    expect(rest).toMatchObject({ status: "canceled", cumQty: "2", leavesQty: "0" });
    expect(rest.events[2]).toMatchObject({ event: "canceled", quoteQty: "50.5", reason: "noLiquidity" });
  });

  it("of a leg is its own", async () => {
    engine = await startEngine();
    const first = await engine.submit({ ...sell, clOrdId: 1, price: "110", qty: "5", oco: 2 });
    expect(first).toMatchObject({ status: "accepted", leavesQty: "5" });
    await engine.submit({ ...sell, clOrdId: 2, type: "stop", stopPrice: "90", qty: "5", oco: 1 });
    const canceled = await engine.cancel({ account: "bob", clOrdId: 2 });
    expect(canceled).toMatchObject({ status: "canceled", orderId: "2" });
    expect(canceled.events).toMatchObject([
      { clOrdId: 2, reason: "user" },
      { clOrdId: 1, reason: "oco" },
    ]);
  });

  it("that is cut by the engine stays accepted", async () => {
    engine = await startEngine();
    await tradeAt100();
    const outcome = await engine.submit({ ...buy, account: "bob", clOrdId: 1, price: "90", qty: "5", reduceOnly: true });
    expect(kinds(outcome)).toEqual(["accepted", "reduced"]);
    expect(outcome).toMatchObject({ status: "accepted", leavesQty: "1" });
  });
});

describe("dormant orders", () => {
  it("are known by their instrument: decimals of reduce and replace need no symbol", async () => {
    engine = await startEngine();
    const { orderId } = await engine.submit({ ...sell, clOrdId: 1, type: "stopLimit", stopPrice: "90", price: "89", qty: "5" });
    expect(await engine.reduce({ account: "bob", clOrdId: 1, by: "2" })).toMatchObject({ status: "reduced", leavesQty: "3" });
    const replaced = await engine.replace({ account: "bob", orderId: orderId ?? "", stopPrice: "88.5", newClOrdId: 7 });
    expect(replaced).toMatchObject({ status: "replaced", leavesQty: "3", events: [{ stopPrice: "88.5", origClOrdId: 1 }] });
    expect(await engine.reduce({ account: "bob", clOrdId: 7, by: "3" })).toMatchObject({ status: "canceled" });
    await expect(engine.reduce({ account: "bob", clOrdId: 7, by: "3" })).resolves.toMatchObject({ reason: "UNKNOWN_ORDER" });
  });
});

describe("an operator", () => {
  it("moves an instrument through its states, and sees what that brings", async () => {
    engine = await startEngine();
    const called = await engine.setState({ symbol: "ABC", state: "auctionCall" });
    expect(called).toMatchObject({
      status: "done",
      events: [
        { event: "state", state: "auctionCall", reason: "admin" },
        { event: "auction", qty: "0" },
      ],
    });
    await engine.submit({ ...buy, clOrdId: 1, price: "101", qty: "3" });
    const crossing = await engine.submit({ ...sell, clOrdId: 1, price: "99", qty: "2" });
    expect(kinds(crossing)).toEqual(["accepted", "auction"]);
    expect(crossing).toMatchObject({ status: "accepted", leavesQty: "2" });
    const opened = await engine.setState({ symbol: "ABC", state: "open", cancel: true });
    expect(kinds(opened)).toEqual(["state", "auction", "trade", "canceled"]);
    expect(opened).toMatchObject({ status: "done" });
    expect(opened.orderId).toBeUndefined();
    expect(opened.events[2]).not.toHaveProperty("aggressor");
    expect(await engine.setState({ symbol: "ABC", state: "open" })).toMatchObject({ status: "rejected", reason: "STATE_UNCHANGED" });
    expect(await engine.setState({ symbol: "NONE", state: "open" })).toMatchObject({ status: "rejected", reason: "UNKNOWN_INSTRUMENT" });
  });

  it("turns kill switches on and off", async () => {
    engine = await startEngine();
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5" });
    const killed = await engine.kill({ scope: "account", account: "alice", on: true, cancel: true });
    expect(kinds(killed)).toEqual(["ok", "canceled"]);
    expect(killed).toMatchObject({ status: "done" });
    expect(await engine.submit({ ...buy, clOrdId: 2, price: "100", qty: "5" })).toMatchObject({ reason: "KILL_SWITCH" });
    expect(await engine.kill({ scope: "account", account: "alice", on: false })).toMatchObject({ status: "done" });
    expect(await engine.submit({ ...buy, clOrdId: 2, price: "100", qty: "5" })).toMatchObject({ status: "accepted" });
    await expect(engine.kill({ scope: "global", account: "alice", on: true })).rejects.toMatchObject({ name: "CommandError" });
  });

  it("is heard by streams, which leave the instruments' events out when they are for an account", async () => {
    engine = await startEngine();
    const all = engine.events();
    const ofAlice = engine.events({ account: "alice" });
    await engine.setState({ symbol: "ABC", state: "halted" });
    expect((await within(all.next())).value).toMatchObject({ event: "state", symbol: "ABC", state: "halted" });
    await engine.setState({ symbol: "ABC", state: "open" });
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5" });
    expect((await within(ofAlice.next())).value).toMatchObject({ event: "accepted", account: "alice" });
  });
});

describe("what a port knows of trading states", () => {
  it("is what was before it, what it has read, and what was declared meanwhile", async () => {
    const declaration = { base: "NEW", quote: "USD", tickSize: "0.01", lotSize: "1" };
    engine = await startEngine({ instruments: [ABC, { ...declaration, symbol: "SHUT", state: "closed" }] });
    const port = engine.openPort("states");
    await within(port.started);
    const states = () => [0, 1, 2].map((instrument) => port.tradingState(instrument));
    expect(states()).toEqual([2, 4, 2]);
    await engine.apply({ cmd: "instrument", ...declaration, symbol: "NEW", state: "preOpen" });
    await engine.setState({ symbol: "SHUT", state: "open" });
    port.poll(() => {}, 100);
    expect(states()).toEqual([2, 2, 0]);
    await engine.setState({ symbol: "NEW", state: "open" });
    port.poll(() => {}, 100);
    expect(states()).toEqual([2, 2, 2]);
    port.close();
  });
});

describe("the clock of a live shard", () => {
  /** A busy machine may be this much too late. */
  const LATE_MS_MAX = 250;

  it("expires an order at its time, of which every other reader hears", async () => {
    engine = await startEngine();
    const events = engine.events();
    const expireTime = (Date.now() + 60) * 1000;
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5", tif: "gtd", expireTime });
    expect((await engine.book("ABC")).bids).toHaveLength(1);
    expect((await within(events.next())).value).toMatchObject({ event: "accepted", expireTime });
    expect((await within(events.next())).value).toMatchObject({ event: "canceled", clOrdId: 1, qty: "5", reason: "expired" });
    const lateMs = Date.now() - expireTime / 1000;
    expect(lateMs).toBeGreaterThanOrEqual(-6); // The shard's clock may differ from the wall clock by 5 ms.
    expect(lateMs).toBeLessThan(LATE_MS_MAX);
    expect((await engine.book("ABC")).bids).toEqual([]);
  });

  it("expires one on a parked shard that nobody talks to", async () => {
    engine = await startEngine({ waitStrategy: "park" });
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5", tif: "gtd", expireTime: (Date.now() + 300) * 1000 });
    const { commands } = engine.counters();
    await sleep(300 + LATE_MS_MAX);
    expect(engine.counters().commands).toBe(commands + 1);
    expect(await engine.cancel({ account: "alice", clOrdId: 1 })).toMatchObject({ reason: "UNKNOWN_ORDER" });
  });

  it("ends a volatility interruption after its time, with an uncross", async () => {
    const banded = { ...ABC, bandBps: 100, auctionUs: 50_000, lastPrice: "100" };
    engine = await startEngine({ instruments: [banded] });
    await engine.submit({ ...sell, clOrdId: 1, price: "105", qty: "5" });
    const events = engine.events();
    const interrupted = await engine.submit({ ...buy, clOrdId: 1, price: "106", qty: "2" });
    expect(kinds(interrupted)).toEqual(["accepted", "state", "auction"]);
    const startMs = Date.now();
    const seen: string[] = [];
    while (!seen.includes("trade")) {
      const { value } = await within(events.next());
      if (value === undefined) throw new Error("the stream has ended");
      seen.push(value.event === "state" ? `${value.state} ${value.reason}` : value.event);
    }
    expect(seen).toEqual(["accepted", "auctionCall volatility", "auction", "open timer", "auction", "trade"]);
    expect(Date.now() - startMs).toBeLessThan(50 + LATE_MS_MAX);
    expect((await engine.book("ABC")).asks).toEqual([["105", "3", 1]]);
  });
});
