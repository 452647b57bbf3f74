import { afterEach, describe, expect, it } from "vitest";
import { CommandError, type Engine, type Outcome } from "../../dist/engine/index.js";
import { sleep, startEngine, within } from "./start.js";

let engine: Engine;
afterEach(() => engine.close());

const buy = { account: "alice", symbol: "ABC", side: "buy" } as const;
const sell = { account: "bob", symbol: "ABC", side: "sell" } as const;

function kinds(outcome: Outcome): string[] {
  return outcome.events.map((event) => event.event);
}

describe("commands and their outcomes", () => {
  it("rests, trades, and says what became of each order", async () => {
    engine = await startEngine();
    const rested = await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5" });
    expect(rested).toMatchObject({ status: "accepted", orderId: "1", cumQty: "0", leavesQty: "5" });
    const filled = await engine.submit({ ...sell, clOrdId: 1, price: "99.5", qty: "2" });
    expect(filled).toMatchObject({ status: "filled", orderId: "2", cumQty: "2", leavesQty: "0", seq: rested.seq + 1 });
    expect(filled.events).toEqual([
      {
        event: "accepted",
        seq: filled.seq,
        account: "bob",
        clOrdId: 1,
        orderId: "2",
        symbol: "ABC",
        side: "sell",
        type: "limit",
        tif: "gtc",
        price: "99.5",
        qty: "2",
      },
      {
        event: "trade",
        seq: filled.seq,
        tradeId: 1,
        symbol: "ABC",
        price: "100",
        qty: "2",
        aggressor: "sell",
        maker: { account: "alice", clOrdId: 1, leavesQty: "3" },
        taker: { account: "bob", clOrdId: 1, leavesQty: "0" },
      },
    ]);
    const rest = await engine.submit({ ...sell, clOrdId: 2, price: "100", qty: "7", tif: "ioc" });
    expect(rest).toMatchObject({ status: "canceled", cumQty: "3", leavesQty: "0" });
    expect(kinds(rest)).toEqual(["accepted", "trade", "canceled"]);
    const market = await engine.submit({ ...sell, clOrdId: 3, type: "market", qty: "1" });
    expect(market).toMatchObject({ status: "canceled", cumQty: "0" });
    expect(market.events[1]).toMatchObject({ reason: "noLiquidity" });
  });

  it("reduces, replaces, cancels, and cancels everything", async () => {
    engine = await startEngine();
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "9" });
    expect(await engine.reduce({ account: "alice", clOrdId: 1, by: "2" })).toMatchObject({
      status: "reduced",
      cumQty: "0",
      leavesQty: "7",
    });
    const replaced = await engine.replace({ account: "alice", clOrdId: 1, newClOrdId: 2, price: "101", qty: "6" });
    expect(replaced).toMatchObject({ status: "replaced", orderId: "1", leavesQty: "6" });
    expect(await engine.reduce({ account: "alice", orderId: "1", by: "100" })).toMatchObject({ status: "canceled", leavesQty: "0" });
    for (let clOrdId = 10; clOrdId < 15; clOrdId++) await engine.submit({ ...buy, clOrdId, price: "99", qty: "1" });
    expect(await engine.cancel({ account: "alice", clOrdId: 10 })).toMatchObject({ status: "canceled", orderId: "2" });
    const all = await engine.massCancel({ account: "alice" });
    expect(all).toMatchObject({ status: "done", count: 4 });
    expect(all.orderId).toBeUndefined();
    expect(kinds(all)).toEqual(["canceled", "canceled", "canceled", "canceled", "massCanceled"]);
    expect(await engine.book("ABC")).toEqual({ event: "book", symbol: "ABC", bids: [], asks: [] });
  });

  it("resolves with a reject, whatever the engine refuses", async () => {
    engine = await startEngine();
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "9" });
    const cases: [Promise<Outcome>, number, string][] = [
      [engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "9" }), 3004, "DUPLICATE_CLORDID"],
      [engine.submit({ ...buy, clOrdId: 2, price: "100.001", qty: "9" }), 3008, "PRICE_OFF_TICK"],
      [engine.submit({ ...buy, clOrdId: 2, symbol: "NONE", price: "1", qty: "9" }), 3003, "UNKNOWN_INSTRUMENT"],
      [engine.submit({ ...buy, account: "nobody", clOrdId: 2, price: "1", qty: "9" }), 4003, "UNKNOWN_ACCOUNT"],
      [engine.cancel({ account: "alice", clOrdId: 5 }), 3002, "UNKNOWN_ORDER"],
      [engine.reduce({ account: "alice", clOrdId: 5, by: "1" }), 3002, "UNKNOWN_ORDER"],
      [engine.reduce({ account: "alice", clOrdId: 1, by: "0.5" }), 3010, "QTY_OFF_LOT"],
      [engine.replace({ account: "bob", clOrdId: 1, price: "1" }), 3002, "UNKNOWN_ORDER"],
      [engine.apply({ cmd: "account", account: "alice", mode: "unchecked" }), 5001, "ALREADY_EXISTS"],
      [engine.apply({ cmd: "time", at: 1 }), 5003, "TIME_BACKWARDS"],
    ];
    for (const [outcome, code, reason] of cases) {
      expect(await outcome).toMatchObject({ status: "rejected", code, reason, events: [{ event: "rejected", code, reason }] });
    }
  });

  it("declares while it runs", async () => {
    engine = await startEngine();
    expect(await engine.apply({ cmd: "account", account: "dora", mode: "unchecked" })).toMatchObject({
      status: "done",
      events: [{ event: "ok", cmd: "account" }],
    });
    await engine.apply({ cmd: "instrument", symbol: "NEW", base: "NEW", quote: "CHF", tickSize: "0.05", lotSize: "10", maxPrice: "5" });
    expect(await engine.submit({ account: "dora", clOrdId: 1, symbol: "NEW", side: "sell", price: "4.95", qty: "30" })).toMatchObject({
      status: "accepted",
      leavesQty: "30",
    });
    expect((await engine.book("NEW", 1)).asks).toEqual([["4.95", "30", 1]]);
  });

  it("does not throw for bad shapes but rejects, with nothing sent", async () => {
    engine = await startEngine();
    const { commands } = engine.counters();
    const bad: Promise<unknown>[] = [
      engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "9", colour: "red" } as never),
      engine.submit({ ...buy, clOrdId: 1, price: "1e3", qty: "9" }),
      engine.submit({ ...buy, clOrdId: 1, price: "1", qty: "9", side: "hold" } as never),
      engine.cancel({ account: "alice" }),
      engine.apply({ cmd: "hash" }),
      engine.apply({ cmd: "book", symbol: "ABC" }),
      engine.apply({ cmd: "nonsense" } as never),
      engine.book("NONE"),
      engine.reduce({ account: "alice", clOrdId: 1, by: "1", symbol: "NONE" }),
    ];
    for (const promise of bad) await expect(promise).rejects.toMatchObject({ name: "CommandError", code: "BAD_COMMAND" });
    expect(engine.counters().commands).toBe(commands);
  });
});

describe("commands that do not wait for one another", () => {
  it("are applied in order, and name orders that are on their way", async () => {
    engine = await startEngine();
    const outcomes = await Promise.all([
      engine.submit({ account: "alice", clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "60.5", qty: "0.003" }),
      engine.reduce({ account: "alice", clOrdId: 1, by: "0.0005" }),
      engine.replace({ account: "alice", clOrdId: 1, newClOrdId: 2, price: "61" }),
      engine.replace({ account: "alice", clOrdId: 2, qty: "0.0021" }),
      engine.cancel({ account: "alice", clOrdId: 2 }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["accepted", "reduced", "replaced", "replaced", "canceled"]);
    expect(outcomes[3].leavesQty).toBe("0.0021");
    expect(outcomes.map((outcome) => outcome.seq)).toEqual([0, 1, 2, 3, 4].map((index) => outcomes[0].seq + index));
  });

  it("do not guess an instrument between two", async () => {
    engine = await startEngine();
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "9" });
    const canceled = engine.cancel({ account: "alice", clOrdId: 1 });
    const again = engine.submit({ account: "alice", clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "60", qty: "0.5" });
    await expect(engine.reduce({ account: "alice", clOrdId: 1, by: "0.1" })).rejects.toThrow(/on ABC or on BTC-USD/);
    const reduced = engine.reduce({ account: "alice", clOrdId: 1, by: "0.1", symbol: "BTC-USD" });
    expect((await Promise.all([canceled, again, reduced])).map((outcome) => outcome.status)).toEqual(["canceled", "accepted", "reduced"]);
    expect(await engine.reduce({ account: "alice", clOrdId: 1, by: "0.1" })).toMatchObject({ status: "reduced", leavesQty: "0.3" });
    await expect(engine.reduce({ account: "alice", clOrdId: 1, by: "0.1", symbol: "ABC" })).rejects.toThrow(/is on BTC-USD, not on ABC/);
  });

  it("are seen by the questions that follow them", async () => {
    engine = await startEngine();
    const before = await engine.stateHash();
    const outcomes: Promise<Outcome>[] = [];
    for (let clOrdId = 1; clOrdId <= 500; clOrdId++) outcomes.push(engine.submit({ ...buy, clOrdId, price: "100", qty: "1" }));
    const [book, hash] = await Promise.all([engine.book("ABC"), engine.stateHash()]);
    expect(book.bids).toEqual([["100", "500", 500]]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hash).not.toBe(before);
    expect(new Set((await Promise.all(outcomes)).map((outcome) => outcome.status))).toEqual(new Set(["accepted"]));
    expect(await engine.stateHash()).toBe(hash);
  });
});

describe("back-pressure", () => {
  it("refuses at once when the ingress ring is full, and loses nothing that it took", async () => {
    engine = await startEngine({ ingressCapacityBytes: 4096 });
    const set = engine.counters().commands;
    const outcomes: Promise<Outcome>[] = [];
    let busy = 0;
    for (let clOrdId = 1; clOrdId <= 5000; clOrdId++) {
      const outcome = engine.submit({ ...buy, clOrdId, price: "1", qty: "1" });
      outcomes.push(outcome);
      outcome.catch(() => {});
    }
    let accepted = 0;
    for (const outcome of outcomes) {
      try {
        expect((await outcome).status).toBe("accepted");
        accepted++;
      } catch (error) {
        expect(error).toMatchObject({ name: "EngineBusyError", code: "ENGINE_BUSY" });
        busy++;
      }
    }
    expect(busy).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
    expect(busy + accepted).toBe(5000);
    expect((await engine.book("ABC")).bids).toEqual([["1", String(accepted), accepted]]);
    expect(engine.counters().commands).toBe(set + accepted);
  });

  it("bounds what is outstanding", async () => {
    engine = await startEngine({ maxOutstanding: 3 });
    const outcomes = [1, 2, 3].map((clOrdId) => engine.submit({ ...buy, clOrdId, price: "1", qty: "1" }));
    await expect(engine.submit({ ...buy, clOrdId: 4, price: "1", qty: "1" })).rejects.toThrow(/3 commands are outstanding/);
    await Promise.all(outcomes);
    expect(await engine.submit({ ...buy, clOrdId: 4, price: "1", qty: "1" })).toMatchObject({ status: "accepted" });
  });

  it("brings a command through whose events are far more than the event ring holds", async () => {
    engine = await startEngine({ eventCapacityBytes: 4096 });
    for (let clOrdId = 1; clOrdId <= 1000; clOrdId++) await engine.submit({ ...buy, clOrdId, price: "1", qty: "1" });
    const all = await within(engine.massCancel({ account: "alice", symbol: "ABC" }));
    expect(all.count).toBe(1000);
    expect(all.events.length).toBe(1001);
    expect(engine.counters().fullWaits).toBeGreaterThan(0);
    expect(engine.counters().evictions).toBe(0);
  });
});

describe("giving up", () => {
  it("rejects with the signal's reason, before and after sending; what was sent is applied", async () => {
    engine = await startEngine();
    const reason = new Error("enough");
    await expect(engine.submit({ ...buy, clOrdId: 1, price: "1", qty: "1" }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = engine.submit({ ...buy, clOrdId: 2, price: "2", qty: "1" }, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const asked = engine.stateHash({ signal: controller.signal });
    await expect(asked).rejects.toBe(reason);
    expect((await engine.book("ABC")).bids).toEqual([["2", "1", 1]]);
  });
});

describe("events", () => {
  it("come in order, filtered by account and symbol", async () => {
    engine = await startEngine();
    const all = engine.events();
    const bobs = engine.events({ account: "bob" });
    const btc = engine.events({ symbol: "BTC-USD" });
    await engine.submit({ ...buy, clOrdId: 1, price: "100", qty: "5" });
    await engine.submit({ ...sell, clOrdId: 2, price: "100", qty: "5" });
    await engine.submit({ account: "alice", clOrdId: 3, symbol: "BTC-USD", side: "buy", price: "1", qty: "1" });
    await engine.cancel({ account: "carol", clOrdId: 3 });
    await engine.close();
    const names = async (stream: AsyncIterable<{ event: string }>): Promise<string[]> => {
      const found: string[] = [];
      for await (const { event } of stream) found.push(event);
      return found;
    };
    expect(await names(all)).toEqual(["accepted", "accepted", "trade", "accepted", "rejected"]);
    expect(await names(bobs)).toEqual(["accepted", "trade"]);
    expect(await names(btc)).toEqual(["accepted"]);
  });

  it("end with SLOW_CONSUMER behind everything that was buffered", async () => {
    engine = await startEngine();
    const slow = engine.events({ bufferMax: 3 });
    for (let clOrdId = 1; clOrdId <= 5; clOrdId++) await engine.submit({ ...buy, clOrdId, price: "1", qty: "1" });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const event of slow) seen.push("clOrdId" in event && event.clOrdId);
    })();
    await expect(reading).rejects.toMatchObject({ code: "SLOW_CONSUMER" });
    expect(seen).toEqual([1, 2, 3]);
    expect(await slow.next()).toEqual({ done: true, value: undefined });
    expect(() => engine.events({ bufferMax: 0 })).toThrow(RangeError);
  });

  it("end with their signal, with a break, and with the engine", async () => {
    engine = await startEngine();
    const controller = new AbortController();
    const aborted = engine.events({ signal: controller.signal });
    const pending = aborted.next();
    controller.abort();
    expect(await within(pending)).toEqual({ done: true, value: undefined });
    const broken = engine.events();
    void engine.submit({ ...buy, clOrdId: 1, price: "1", qty: "1" });
    for await (const event of broken) {
      expect(event.event).toBe("accepted");
      break;
    }
    expect((await broken.next()).done).toBe(true);
    const open = engine.events();
    const waiting = open.next();
    await engine.close();
    expect(await within(waiting)).toEqual({ done: true, value: undefined });
    await expect(engine.events().next()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });

  it("reach a consumer that waits while others send", async () => {
    engine = await startEngine();
    const stream = engine.events({ account: "bob" });
    const next = stream.next();
    await sleep(50); // The pump is asleep by now and must be woken.
    await engine.submit({ ...sell, clOrdId: 1, price: "1", qty: "1" });
    expect((await within(next)).value).toMatchObject({ event: "accepted", account: "bob" });
  });
});

describe("close", () => {
  it("settles everything that was sent", async () => {
    engine = await startEngine();
    const outcomes: Promise<Outcome>[] = [];
    for (let clOrdId = 1; clOrdId <= 3000; clOrdId++) outcomes.push(engine.submit({ ...buy, clOrdId, price: "1", qty: "1" }));
    const closed = engine.close();
    await expect(engine.submit({ ...buy, clOrdId: 9999, price: "1", qty: "1" })).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await within(closed);
    for (const outcome of outcomes) expect((await outcome).status).toBe("accepted");
    expect(engine.close()).toBe(engine.close());
    expect(await engine.failed).toBeUndefined();
    await expect(engine.stateHash()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    expect(() => engine.openPort("late")).toThrow(/closed/);
  });

  it("is what asyncDispose does", async () => {
    engine = await startEngine();
    await engine[Symbol.asyncDispose]();
    await expect(engine.submit({ ...buy, clOrdId: 1, price: "1", qty: "1" })).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });
});

it("exports the error that bad commands are", () => {
  expect(new CommandError("x")).toMatchObject({ code: "BAD_COMMAND" });
});
