import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import {
  CancelScope,
  Header,
  MassCancelReport,
  OrderCanceled,
  Reason,
  RequestDone,
  RequestState,
  RequestStatus,
} from "../../engine/wire/index.js";
import { type Client, connect } from "../../gateway/client/index.js";
import type * as GatewayDoor from "../../gateway/index.js";
import { RawClient } from "./raw-client.js";
import { cancel, cancelAllAfter, concat, type LogonFields, massCancel, massStatusRequest, newOrder } from "./records.js";
import { until } from "./transport-contract.js";
import { describeOverTransports, type TransportName } from "./transports.js";

// Worker threads only start from compiled files.
const { ShardedEngine, Engine, replayJournal, startEngine } = (await import(
  new URL("../../dist/engine/index.js", import.meta.url).href
)) as typeof EngineDoor;
const { Gateway, GatewayThread } = (await import(new URL("../../dist/gateway/index.js", import.meta.url).href)) as typeof GatewayDoor;

const SHARDS = 2;
const SYMBOLS = ["A", "B", "C", "D"] as const;
const KEYS: GatewayDoor.GatewayKey[] = [
  { id: "alice-1", secret: "a", account: "alice", permissions: ["trade", "marketData"] },
  { id: "alice-2", secret: "a", account: "alice", permissions: ["trade"] },
  { id: "bob-1", secret: "b", account: "bob", permissions: ["trade", "marketData"] },
  { id: "copy", secret: "c", permissions: ["dropCopy"] },
];
const CONFIG: EngineDoor.EngineConfig = {
  shards: SHARDS,
  instruments: SYMBOLS.map((symbol) => ({ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1" })),
  accounts: ["alice", "bob"].map((name) => ({ name, mode: "unchecked" })),
  capacities: { orders: 20_000, levels: 5_000, accounts: 8, instruments: 8, currencies: 16 },
};
const BOB = { key: "bob-1", secret: "b" };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startShards(config: EngineDoor.EngineConfig = CONFIG): Promise<EngineDoor.ShardedEngine> {
  const engine = await ShardedEngine.start(config);
  closers.push(() => engine.close());
  return engine;
}

async function serve(transport: TransportName, config: EngineDoor.EngineConfig = CONFIG) {
  const engine = await startShards(config);
  const gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS });
  closers.push(() => gateway.close());
  return { engine, gateway, port: gateway.port };
}

async function logOn(port: number, fields: Partial<LogonFields> = {}): Promise<RawClient> {
  const client = await RawClient.logOn(port, { key: "alice-1", secret: "a", ...fields });
  closers.push(() => client.drop());
  return client;
}

async function open(port: number, key: string, secret: string): Promise<Client> {
  const client = await connect(`ws://127.0.0.1:${port}`, { key, secret });
  closers.push(() => client.close());
  return client;
}

/** One order a symbol, from this client id and seq on. */
function orders(first: number, price = 100): Uint8Array {
  return concat(
    ...SYMBOLS.map((_, instrument) => newOrder({ seq: first + instrument, clOrdId: first + instrument, instrument, price, qty: 5 })),
  );
}

describeOverTransports("a gateway in front of two shards,", (transport) => {
  it("takes orders on all instruments, numbers each once, and trades them where they are", async () => {
    const { engine, port } = await serve(transport);
    expect(SYMBOLS.map((symbol) => engine.shardOf(symbol))).toEqual([0, 1, 0, 1]);
    const alice = await open(port, "alice-1", "a");
    const bob = await open(port, "bob-1", "b");
    const ids = new Set<string>();
    for (const [index, symbol] of SYMBOLS.entries()) {
      const outcome = await alice.submit({ clOrdId: index + 1, symbol, side: "buy", price: "1.00", qty: "5" });
      ids.add(String(outcome.orderId));
      expect(await bob.submit({ clOrdId: index + 1, symbol, side: "sell", price: "1.00", qty: "2" })).toMatchObject({ status: "filled" });
    }
    expect(ids.size).toBe(4);
    const open4 = await alice.openOrders();
    expect(open4.map(({ symbol, leavesQty }) => [symbol, leavesQty]).sort()).toEqual(SYMBOLS.map((symbol) => [symbol, "3"]));
    for (const { orderId } of open4.slice(0, 2)) expect(await alice.cancel({ orderId })).toMatchObject({ status: "canceled" });
    for (const { clOrdId, symbol } of open4.slice(2, 3))
      expect(await alice.reduce({ clOrdId, symbol, by: "1" })).toMatchObject({ leavesQty: "2" });
    for (const { clOrdId, symbol } of open4.slice(3)) await alice.replace({ clOrdId, symbol, newClOrdId: 77, price: "0.99" });
    expect(await alice.cancel({ clOrdId: 77 })).toMatchObject({ status: "canceled" });
    expect(await alice.cancel({ clOrdId: 999 })).toMatchObject({ reason: "UNKNOWN_ORDER" });
    expect(await alice.openOrders()).toHaveLength(1);
    expect(await engine.balances("alice")).toMatchObject({
      balances: expect.arrayContaining([{ currency: "USD", total: "-8", held: "0", free: "-8" }]),
    });
    expect((await alice.balances()).find(({ currency }) => currency === "USD")).toMatchObject({ total: "-8" });
  });

  it("counts one client sequence and one stream of reports, whichever shard is faster", async () => {
    const { port } = await serve(transport);
    const alice = await logOn(port);
    const frames = Array.from({ length: 50 }, (_, round) => orders(1 + 4 * round, 10 + round));
    for (const frame of frames) alice.send(frame);
    // Sent before its order can be known here.
    alice.send(concat(newOrder({ seq: 201, clOrdId: 201, instrument: 1, price: 9, qty: 1 }), cancel({ seq: 202, clOrdId: 201 })));
    alice.send(massStatusRequest({ seq: 203 }));
    await until(() => alice.received.at(-1)?.name === "RequestDone");
    const records = alice.received.slice(1);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
    const count = (name: string): number => records.filter((record) => record.name === name).length;
    expect([count("OrderAccepted"), count("OrderCanceled"), count("OrderStatus"), count("OrderRejected")]).toEqual([201, 1, 200, 0]);
    alice.send(newOrder({ seq: 206, instrument: 2 }));
    await until(() => alice.received.some(({ name }) => name === "NotApplied"));
    alice.send(orders(1));
    await until(() => alice.received.filter(({ name }) => name === "RequestStatus").length === 4);
    const again = alice.received.filter(({ name }) => name === "RequestStatus");
    expect(again.map(({ words }) => RequestStatus.state(words, 0))).toEqual(again.map(() => RequestState.answered));
  });

  it("answers a mass cancel once, with the sum of all shards, behind all that it has canceled", async () => {
    const { port } = await serve(transport);
    const alice = await logOn(port);
    const other = await logOn(port, { key: "alice-2" });
    alice.send(orders(1), orders(5), massCancel({ seq: 9 }));
    await until(() => alice.received.at(-1)?.name === "MassCancelReport");
    await until(() => other.received.at(-1)?.name === "MassCancelReport");
    alice.send(massStatusRequest({ seq: 10 }));
    await until(() => alice.received.at(-1)?.name === "RequestDone");
    const answers = alice.received.filter(({ words, name }) => name === "OrderCanceled" && OrderCanceled.clientSeq(words, 0) === 9);
    const reports = alice.received.filter(({ name }) => name === "MassCancelReport");
    expect([answers.length, reports.map(({ words }) => MassCancelReport.count(words, 0))]).toEqual([8, [8]]);
    const lastOf = (records: typeof answers): number => records.filter(({ flags }) => (flags & Header.FLAG_LAST_OF_BATCH) !== 0).length;
    expect([lastOf(answers), lastOf(reports)]).toEqual([0, 1]);
    expect(RequestDone.count(alice.received.at(-1)?.words as Int32Array, 0)).toBe(0);
    expect(other.received.filter(({ name }) => name === "MassCancelReport").map(({ words }) => MassCancelReport.count(words, 0))).toEqual([
      8,
    ]);
    // Nothing is there: both shards have nothing but the count, and one may be answering what came later by then.
    alice.send(massCancel({ seq: 11 }), newOrder({ seq: 12, clOrdId: 12, instrument: 3 }));
    const counts = () =>
      alice.received.flatMap(({ name, words }) => (name === "MassCancelReport" ? [MassCancelReport.count(words, 0)] : []));
    await until(() => counts().length === 2 && alice.received.filter(({ name }) => name === "OrderAccepted").length === 9);
    expect(counts()).toEqual([8, 0]);
  });

  it("cancels in all shards when a switch fires or a socket is lost, and tells it on resume", async () => {
    const { port, gateway } = await serve(transport);
    const copy = await logOn(port, { key: "copy", secret: "c" });
    const alice = await logOn(port, { cancelScope: CancelScope.account });
    alice.send(orders(1), cancelAllAfter({ seq: 5, timeoutMs: 100 }));
    await until(() => alice.received.filter(({ name }) => name === "OrderCanceled").length === 4);
    alice.send(orders(6));
    await until(() => alice.received.filter(({ name }) => name === "OrderAccepted").length === 8);
    const { seq } = alice.received.filter(({ name }) => name === "OrderAccepted").at(-1) as { seq: number };
    alice.drop();
    await until(() => gateway.stats().liveOrders === 0);
    const back = await logOn(port, { nextServerSeq: seq + 1 });
    expect(back.granted).toMatchObject({ resumed: 1, resetRequired: 0, canceledOrders: 4, nextClientSeq: 10 });
    await until(() => back.received.filter(({ name }) => name === "OrderCanceled").length === 4);
    const reasons = back.received.flatMap(({ name, words }) => (name === "OrderCanceled" ? [OrderCanceled.reason(words, 0)] : []));
    expect(reasons).toEqual([0, 0, 0, 0].map(() => Reason.disconnect));
    expect(copy.received.filter(({ name }) => name === "OrderCanceled")).toHaveLength(8);
    // Those of a session alone.
    const own = await logOn(port, { cancelScope: CancelScope.session, nextServerSeq: 0 });
    own.send(orders(1));
    await until(() => own.received.filter(({ name }) => name === "OrderAccepted").length === 4);
    own.drop();
    await until(() => gateway.stats().liveOrders === 0);
  });

  it("tells market data of every shard", async () => {
    const { engine, port } = await serve(transport);
    const alice = await open(port, "alice-1", "a");
    const bob = await open(port, "bob-1", "b");
    const books = await Promise.all(SYMBOLS.map((symbol, index) => bob.openBook({ symbol, channel: index < 2 ? "book" : "orders" })));
    const prints = bob.subscribe({ symbol: "D", channel: "trades" });
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        SYMBOLS.map((symbol, index) =>
          (round % 2 === 0 ? alice : bob).submit({
            clOrdId: 1 + 4 * round + index,
            symbol,
            side: round % 2 === 0 ? "buy" : "sell",
            price: `${1 + (round % 7)}`,
            qty: "3",
          }),
        ),
      );
    }
    for (const [index, symbol] of SYMBOLS.entries()) {
      const { bids, asks } = await engine.book(symbol);
      const book = books[index] as (typeof books)[number];
      await until(() => JSON.stringify([book.bids(), book.asks()]) === JSON.stringify([bids, asks]));
      expect([book.isExact, book.resyncs, bids.length + asks.length > 0]).toEqual([true, 0, true]);
    }
    expect((await prints.next()).value).toMatchObject({ symbol: "D" });
    const states = bob.subscribe({ symbol: "B", channel: "state" });
    await states.next();
    await engine.apply({ cmd: "state", symbol: "B", state: "halted" });
    expect((await states.next()).value).toMatchObject({ state: "halted" });
    expect(await alice.submit({ clOrdId: 900, symbol: "B", side: "buy", price: "1", qty: "1" })).toMatchObject({
      reason: "STATE_NOT_ALLOWED",
    });
  });

  it("runs on threads of its own, two of them, and the orders of one are seen by the other", async () => {
    const engine = await startShards();
    const threads = [];
    for (let count = 0; count < 2; count++) {
      const thread = await GatewayThread.start(engine, { port: 0, transport, keys: KEYS });
      closers.push(() => thread.close());
      threads.push(thread);
    }
    const alice = await logOn(threads[0]?.port ?? 0);
    const other = await logOn(threads[1]?.port ?? 0, { key: "alice-2" });
    alice.send(orders(1));
    await until(() => other.received.filter(({ name }) => name === "OrderAccepted").length === 4);
    other.send(concat(cancel({ seq: 1, clOrdId: 2 }), massCancel({ seq: 2 })));
    await until(() => other.received.at(-1)?.name === "MassCancelReport");
    expect(MassCancelReport.count(other.received.at(-1)?.words as Int32Array, 0)).toBe(3);
    await until(() => alice.received.filter(({ name }) => name === "OrderCanceled").length === 4);
  });

  it("comes back from the journals of its shards, with its sessions", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ringbook-shards-"));
    closers.unshift(() => rmSync(dir, { recursive: true }));
    const config = { ...CONFIG, journal: { dir, segmentBytes: 1 << 20 } };
    const first = await serve(transport, config);
    const alice = await logOn(first.port);
    const bob = await logOn(first.port, BOB);
    alice.send(orders(1));
    await until(() => alice.received.filter(({ name }) => name === "OrderAccepted").length === 4);
    bob.send(newOrder({ seq: 1, clOrdId: 1, instrument: 3, price: 100, qty: 2, side: 1 }));
    await until(() => alice.received.at(-1)?.name === "OrderFilled");
    const hashes = await first.engine.stateHashes();
    expect(hashes).toHaveLength(SHARDS);
    const ids = alice.received.filter(({ name }) => name === "OrderAccepted").map(({ words }) => words.slice(8));
    alice.drop();
    await first.gateway.close();
    await first.engine.close();
    expect(readdirSync(dir).sort()).toEqual(["shard-0", "shard-1"]);
    expect(() => ShardedEngine.open({ ...config, shards: 3 })).toThrow(/the journal in .* is of 2/);
    await expect(startEngine({ ...config, shards: 1 })).rejects.toThrow(/is of 2/);
    expect(() => Engine.open(config)).toThrow(/start a ShardedEngine/);

    for (const [shard, digest] of hashes.entries())
      expect(await replayJournal(join(dir, `shard-${shard}`), { verify: true })).toMatchObject({ digest });
    const second = await serve(transport, config);
    expect(await second.engine.stateHashes()).toEqual(hashes);
    const back = await logOn(second.port, { nextServerSeq: 2 });
    expect(back.granted).toMatchObject({ resumed: 1, resetRequired: 1, nextClientSeq: 5 });
    await until(() => back.received.some(({ name }) => name === "OrderFilled"));
    const again = back.received.filter(({ name }) => name === "OrderAccepted").map(({ words }) => words.slice(8));
    expect(again.map((words) => [...words]).sort()).toEqual(ids.map((words) => [...words]).sort());
    back.send(orders(1));
    await until(() => back.received.filter(({ name }) => name === "RequestStatus").length === 4);
    back.send(massCancel({ seq: 5 }));
    await until(() => back.received.at(-1)?.name === "MassCancelReport");
    expect(MassCancelReport.count(back.received.at(-1)?.words as Int32Array, 0)).toBe(4);
    // A new session's id is nobody's of before.
    const fresh = await logOn(second.port, { key: "alice-2" });
    expect(fresh.sessionId).toBeGreaterThan(Math.max(back.sessionId, bob.sessionId));
  });
});
