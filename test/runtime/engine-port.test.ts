import { afterEach, describe, expect, it } from "vitest";
import type { Engine, EnginePort } from "../../dist/engine/index.js";
import { Header, NewOrder, OrderAccepted, TopOfBook, Trade, TradePrint } from "../../dist/engine/wire/flyweights.js";
import { sleep, startEngine, within } from "./start.js";

let engine: Engine;
afterEach(() => engine.close());

const NULL_UINT8 = 255;

interface Order {
  readonly session: number;
  readonly clOrdId: number;
  readonly account: number;
  readonly side: number;
  readonly price: number;
  readonly qty: number;
}

/** Sends a limit order on instrument 0 through a port, as a gateway does. */
function sendOrder(port: EnginePort, order: Order): boolean {
  const at = port.tryClaim(NewOrder.RECORD_BYTES);
  if (at < 0) return false;
  const { words } = port;
  NewOrder.init(words, at, 0, 0);
  NewOrder.setClientSeq(words, at, order.clOrdId);
  NewOrder.setClOrdId(words, at, order.clOrdId);
  NewOrder.setPrice(words, at, order.price);
  NewOrder.setQty(words, at, order.qty);
  NewOrder.setAccount(words, at, order.account);
  NewOrder.setSession(words, at, order.session);
  NewOrder.setInstrument(words, at, 0);
  NewOrder.setSide(words, at, order.side);
  NewOrder.setStp(words, at, NULL_UINT8);
  port.commit();
  port.publish();
  return true;
}

interface Heard {
  readonly events: { seq: number; template: number; session: number }[];
  readonly tops: { seq: number; text: string }[];
  readonly prints: number[];
}

function hearing(): Heard {
  return { events: [], tops: [], prints: [] };
}

/** Polls until `isDone`, and notes what comes. */
async function hear(port: EnginePort, heard: Heard, isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isDone()) {
    port.poll((words, at) => note(heard, words, at), 1000);
    if (Date.now() > deadline) throw new Error(`${heard.events.length} events after 10 s`);
    await port.whenReady(10);
  }
}

function note(heard: Heard, words: Int32Array, at: number): void {
  const template = Header.templateId(words, at);
  if (template === TopOfBook.TEMPLATE_ID) heard.tops.push({ seq: Header.seq(words, at), text: topText(words, at) });
  else if (template === TradePrint.TEMPLATE_ID) heard.prints.push(TradePrint.tradeId(words, at));
  else
    heard.events.push({
      seq: Header.seq(words, at),
      template,
      session: template === OrderAccepted.TEMPLATE_ID ? OrderAccepted.session(words, at) : 0,
    });
}

function topText(words: Int32Array, at: number): string {
  return [TopOfBook.bidPrice(words, at), TopOfBook.bidQty(words, at), TopOfBook.askPrice(words, at), TopOfBook.askQty(words, at)]
    .map((n) => (n < -(2 ** 60) ? "-" : n))
    .join(" ");
}

function topOf(port: EnginePort): string {
  const words = new Int32Array(TopOfBook.RECORD_BYTES / 4);
  port.top(0, words, 0);
  return topText(words, 0);
}

describe("ports", () => {
  it("see all events in one order, whoever has sent the commands, two at once", async () => {
    engine = await startEngine();
    const ports = [engine.openPort("one"), engine.openPort("two")];
    for (const port of ports) await port.started; // Both start with the books as they are now, empty.
    const sessions = ports.map((port) => port.newSessionId());
    expect(new Set([...sessions, ports[0].newSessionId()]).size).toBe(3);
    expect(Math.min(...sessions)).toBeGreaterThan(0);
    expect(ports[0].accountId("bob")).toBe(1);
    expect(ports[0].accountId("nobody")).toBeUndefined();
    expect(ports[1].instruments.map((info) => info.symbol)).toEqual(["ABC", "BTC-USD"]);
    const own: Promise<unknown>[] = [];
    for (let clOrdId = 1; clOrdId <= 200; clOrdId++) {
      sendOrder(ports[0], { session: sessions[0], clOrdId, account: 0, side: 0, price: 100, qty: 1 });
      sendOrder(ports[1], { session: sessions[1], clOrdId, account: 1, side: 0, price: 101, qty: 1 });
      own.push(engine.submit({ account: "carol", clOrdId, symbol: "ABC", side: "buy", price: "1.02", qty: "1" }));
    }
    const heard = [hearing(), hearing()];
    await Promise.all(ports.map((port, index) => hear(port, heard[index], () => heard[index].events.length >= 600)));
    await Promise.all(own);
    expect(heard[0].events).toEqual(heard[1].events);
    expect(heard[0].tops).toEqual(heard[1].tops);
    expect(heard[0].events.map((event) => event.seq)).toEqual(Array.from({ length: 600 }, (_, index) => heard[0].events[0].seq + index));
    for (const session of sessions) expect(heard[0].events.filter((event) => event.session === session)).toHaveLength(200);
    for (const port of ports) port.close();
  });

  it("tell the market of the books as they are when they are opened late, and what follows", async () => {
    engine = await startEngine();
    for (let clOrdId = 1; clOrdId <= 300; clOrdId++) {
      await engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: `${clOrdId % 7}.5`, qty: "3" });
    }
    await engine.submit({ account: "alice", clOrdId: 999, symbol: "ABC", side: "sell", price: "8", qty: "3" });
    const flood = (async () => {
      // Commands are under way while the port starts: none may count twice, none may be missed.
      const outcomes: Promise<unknown>[] = [];
      for (let clOrdId = 1; clOrdId <= 400; clOrdId++)
        outcomes.push(engine.submit({ account: "bob", clOrdId, symbol: "ABC", side: "sell", price: "6.5", qty: "1", tif: "ioc" }));
      await Promise.all(outcomes);
    })();
    const port = engine.openPort("late");
    expect(topOf(port)).toBe("- 0 - 0");
    const heard = hearing();
    await flood;
    const { bids, asks } = await engine.book("ABC", 1);
    const best = `${Number(bids[0][0]) * 100} ${bids[0][1]} ${Number(asks[0][0]) * 100} ${asks[0][1]}`;
    await hear(port, heard, () => topOf(port) === best);
    expect(heard.tops.at(-1)?.text).toBe(best);
    expect(heard.tops.length + heard.prints.length).toBeGreaterThan(0);
    const before = heard.prints.length;
    expect(
      sendOrder(port, {
        session: port.newSessionId(),
        clOrdId: 1,
        account: 2,
        side: 1,
        price: Number(bids[0][0]) * 100,
        qty: Number(bids[0][1]),
      }),
    ).toBe(true);
    await hear(port, heard, () => heard.prints.length > before && topOf(port) !== best);
    expect(topOf(port)).not.toBe(best);
    for (let index = 1; index < heard.prints.length; index++) expect(heard.prints[index]).toBe(heard.prints[index - 1] + 1);
    port.close();
  });

  it("let the engine object reach orders of others, when it names the instrument", async () => {
    engine = await startEngine();
    const port = engine.openPort("other");
    expect(port.tryClaim(64)).toBe(-1); // Not before it has started: it would miss the answers.
    await port.started;
    sendOrder(port, { session: port.newSessionId(), clOrdId: 5, account: 0, side: 0, price: 100, qty: 9 });
    const heard = hearing();
    await hear(port, heard, () => heard.events.length === 1);
    await expect(engine.reduce({ account: "alice", clOrdId: 5, by: "2" })).rejects.toThrow(/give its symbol too/);
    expect(await engine.reduce({ account: "alice", clOrdId: 5, by: "2", symbol: "ABC" })).toMatchObject({
      status: "reduced",
      leavesQty: "7",
    });
    expect(await engine.cancel({ account: "alice", clOrdId: 5 })).toMatchObject({ status: "canceled" });
    port.close();
  });

  it("are counted, and can be opened again", async () => {
    engine = await startEngine({ maxPorts: 2 });
    const first = engine.openPort("a");
    const second = engine.openPort("b");
    await Promise.all([first.started, second.started]);
    expect(() => engine.openPort("c")).toThrow(/all 2 ports are open/);
    for (let round = 1; round <= 5; round++) {
      first.close();
      first.close();
      const again = engine.openPort("again");
      await again.started;
      sendOrder(again, { session: again.newSessionId(), clOrdId: round, account: 0, side: 0, price: 100, qty: 1 });
      const heard = hearing();
      await hear(again, heard, () => heard.events.length === 1);
      expect(again.tryClaim(64)).toBeGreaterThanOrEqual(0);
      again.close();
      expect(again.tryClaim(64)).toBe(-1);
      expect(again.poll(() => {}, 1)).toBe(0);
    }
    second.close();
    expect((await engine.book("ABC")).bids).toEqual([["1", "5", 5]]);
  });

  it("wake up when something comes, and sleep otherwise", async () => {
    engine = await startEngine();
    const port = engine.openPort("sleeper");
    await port.whenReady(1000);
    const startedMs = Date.now();
    await port.whenReady(60);
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(50);
    const woken = port.whenReady(8000);
    void engine.submit({ account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: "1" });
    await within(woken, 4000);
    expect(port.poll(() => {}, 100)).toBe(1);
    const closed = port.whenReady(8000);
    port.close();
    await within(closed, 4000);
  });

  it("hold nobody up before they have started, and may be closed before", async () => {
    engine = await startEngine({ eventCapacityBytes: 4096, evictAfterMs: 200, maxPorts: 2 });
    for (let round = 0; round < 10; round++) {
      const kept = engine.openPort("kept");
      engine.openPort("given up").close();
      const sent: Promise<unknown>[] = [];
      for (let clOrdId = 1; clOrdId <= 100; clOrdId++)
        sent.push(engine.submit({ account: "alice", clOrdId: 1000 * round + clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
      const heard = hearing();
      const total = 100 * (round + 1);
      await hear(kept, heard, () => heard.tops.at(-1)?.text === `100 ${total} - 0`);
      await within(Promise.all(sent));
      await kept.started;
      kept.close();
      await sleep(5); // The other one gives its place back when the shard has answered.
    }
    expect(engine.counters().evictions).toBe(0);
  });

  it("are shut out when they hold the shard up, and nobody else is", async () => {
    engine = await startEngine({ eventCapacityBytes: 4096, evictAfterMs: 150 });
    const dead = engine.openPort("dead");
    const live = engine.openPort("live");
    await Promise.all([dead.started, live.started]);
    const failed = new Promise<Error>((resolve) => dead.onFailure(resolve));
    const heard = hearing();
    const sent: Promise<unknown>[] = [];
    for (let clOrdId = 1; clOrdId <= 100; clOrdId++)
      sent.push(engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
    await hear(live, heard, () => heard.events.length === 100);
    await within(Promise.all(sent));
    const error = await within(failed);
    expect(error).toMatchObject({ code: "SLOW_CONSUMER" });
    expect(error.message).toMatch(/port dead is shut out/);
    expect(dead.poll(() => {}, 10)).toBe(0);
    expect(dead.tryClaim(64)).toBe(-1);
    expect(engine.counters().evictions).toBe(1);
    dead.close();
    const instead = engine.openPort("instead");
    await instead.whenReady(1000);
    instead.close();
    live.close();
  });

  it("learn that the engine is closed", async () => {
    engine = await startEngine();
    const port = engine.openPort("left");
    const failed = new Promise<Error>((resolve) => port.onFailure(resolve));
    await engine.close();
    expect(await within(failed)).toMatchObject({ code: "ENGINE_CLOSED" });
    const late = new Promise<Error>((resolve) => port.onFailure(resolve));
    expect(await within(late)).toMatchObject({ code: "ENGINE_CLOSED" });
    expect(port.tryClaim(64)).toBe(-1);
    port.close();
  });
});

describe("a port whose engine is closed", () => {
  it("has what was published before, within the callback", async () => {
    engine = await startEngine();
    const port = engine.openPort("last");
    await port.started;
    const ids: number[] = [];
    const onRecord: Parameters<typeof port.poll>[0] = (words, at) => {
      if (Header.templateId(words, at) === OrderAccepted.TEMPLATE_ID) ids.push(OrderAccepted.clOrdId(words, at));
    };
    const failed = new Promise<Error>((resolve) =>
      port.onFailure((error) => {
        while (port.poll(onRecord, 10) > 0);
        resolve(error);
      }),
    );
    const sent: Promise<unknown>[] = [];
    for (let clOrdId = 1; clOrdId <= 50; clOrdId++)
      sent.push(engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
    await engine.close();
    await within(Promise.all(sent));
    expect(await within(failed)).toMatchObject({ code: "ENGINE_CLOSED" });
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(ids).toHaveLength(50);
    expect(port.poll(onRecord, 10)).toBe(0);
  });
});

describe("an engine whose event loop is blocked", () => {
  it("loses its place after evictAfterMs of a full event ring, and says so", async () => {
    engine = await startEngine({ eventCapacityBytes: 4096, evictAfterMs: 50 });
    const outcomes: Promise<unknown>[] = [];
    for (let clOrdId = 1; clOrdId <= 200; clOrdId++)
      outcomes.push(engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
    const untilMs = Date.now() + 400;
    while (Date.now() < untilMs);
    const settled = await within(Promise.allSettled(outcomes));
    for (const result of settled) expect(result).toMatchObject({ status: "rejected", reason: { code: "ENGINE_FAILED" } });
    expect((await within(engine.failed))?.message).toMatch(/blocked for too long/);
  });
});

describe("an engine whose shard fails", () => {
  it("settles what was answered, rejects the rest, and tells everybody", async () => {
    engine = await startEngine();
    const port = engine.openPort("evil");
    await port.started;
    const portFailed = new Promise<Error>((resolve) => port.onFailure(resolve));
    const stream = engine.events({ account: "alice" });
    const waiting = engine.events({ account: "bob" }).next();
    waiting.catch(() => {});
    expect(await engine.submit({ account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: "1" })).toMatchObject({
      status: "accepted",
    });
    const at = port.tryClaim(Trade.RECORD_BYTES);
    Trade.init(port.words, at, 0, 0); // An event is no command: no gateway lets it through, and the core stops at it.
    port.commit();
    port.publish();
    const outcomes: Promise<unknown>[] = [];
    for (let clOrdId = 2; clOrdId <= 600; clOrdId++)
      outcomes.push(engine.submit({ account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" }));
    const settled = await within(Promise.allSettled(outcomes));
    // The shard meets the bad record after at most one batch of the other ring; what it had published by then is known.
    const rejected = settled.filter((result) => result.status === "rejected");
    expect(rejected.length).toBeGreaterThan(300);
    expect(settled.slice(0, settled.length - rejected.length).every((result) => result.status === "fulfilled")).toBe(true);
    for (const { reason } of rejected) expect(reason).toMatchObject({ name: "EngineFailedError", code: "ENGINE_FAILED" });
    const error = await within(engine.failed);
    expect(error?.message).toContain("is no command of the core");
    expect(error?.stack).toContain("core.js");
    expect(await within(portFailed)).toBe(error);
    await expect(waiting).rejects.toBe(error);
    expect((await stream.next()).value).toMatchObject({ event: "accepted", clOrdId: 1 });
    await stream.return();
    await expect(engine.events().next()).rejects.toBe(error);
    await expect(engine.submit({ account: "alice", clOrdId: 9, symbol: "ABC", side: "buy", price: "1", qty: "1" })).rejects.toBe(error);
    await expect(engine.book("ABC")).rejects.toBe(error);
    await expect(engine.stateHash()).rejects.toBe(error);
    expect(() => engine.openPort("x")).toThrow(/is no command/);
    await within(port.whenReady(60_000)); // There is nothing to wait for: who waits has been told by onFailure.
    expect(port.hasStarted).toBe(false);
    await within(engine.close());
    port.close();
  });
});
