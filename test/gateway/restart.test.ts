import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import {
  CancelScope,
  Header,
  ORDER_STATE_NAMES,
  OrderAccepted,
  OrderCanceled,
  OrderStatus,
  Reason,
  RequestDone,
} from "../../engine/wire/index.js";
import { Gateway } from "../../gateway/index.js";
import { RawClient } from "./raw-client.js";
import { cancel, concat, type LogonFields, massCancel, massStatusRequest, newOrder, newOrderFull } from "./records.js";
import { statusOf } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import { describeOverTransports, type TransportName } from "./transports.js";

// A worker thread only starts from a compiled file.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;

const KEYS = [
  { id: "alice-1", secret: "a", account: "alice", permissions: ["trade"] },
  { id: "bob-1", secret: "b", account: "bob", permissions: ["trade"] },
  { id: "copy-1", secret: "c", permissions: ["dropCopy"] },
] as const;
const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" } as const;
const CONFIG: EngineDoor.EngineConfig = {
  instruments: [ABC, { ...ABC, symbol: "DEF", base: "DEF" }],
  accounts: ["alice", "bob"].map((name) => ({ name, mode: "unchecked" })),
  capacities: { orders: 1000, levels: 1000, accounts: 8, instruments: 4, currencies: 8 },
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(config: EngineDoor.EngineConfig, transport: TransportName) {
  const engine = await Engine.start(config);
  closers.push(() => engine.close());
  const gateway = await Gateway.listen(engine, { port: 0, transport, keys: KEYS });
  closers.push(() => gateway.close());
  return { engine, gateway };
}

async function logOn(gateway: Gateway, fields: Partial<LogonFields> = {}): Promise<RawClient> {
  const client = await RawClient.logOn(gateway.port, { key: "alice-1", secret: "a", ...fields });
  closers.push(() => client.drop());
  return client;
}

async function statuses(client: RawClient, seq: number) {
  client.send(massStatusRequest({ seq }));
  await until(() => client.received.some((record) => record.name === "RequestDone" && RequestDone.clientSeq(record.words, 0) === seq));
  return client.received
    .filter((record) => record.name === "OrderStatus" && OrderStatus.clientSeq(record.words, 0) === seq)
    .map(({ words }) => [OrderStatus.clOrdId(words, 0), ORDER_STATE_NAMES[OrderStatus.state(words, 0)], OrderStatus.leavesQty(words, 0)]);
}

describeOverTransports("a real engine,", (transport) => {
  it("tells a gateway that comes later of the orders that live", async () => {
    const { engine, gateway } = await serve(CONFIG, transport);
    const client = await logOn(gateway);
    const bob = await logOn(gateway, { key: "bob-1", secret: "b" });
    client.send(
      concat(
        newOrder({ seq: 1, clOrdId: 1, instrument: 0, price: 100, qty: 5 }),
        newOrder({ seq: 2, clOrdId: 2, instrument: 1, price: 90, qty: 7 }),
        newOrderFull(3),
      ),
    );
    await until(() => client.received.length >= 4);
    bob.send(newOrder({ seq: 1, clOrdId: 1, instrument: 0, price: 100, qty: 2, side: 1 }));
    await until(() => client.received.some((record) => record.name === "OrderFilled"));
    const first = await statuses(client, 4);
    const later = await Gateway.listen(engine, { port: 0, transport, keys: KEYS });
    closers.push(() => later.close());
    const there = await logOn(later);
    expect(await statuses(there, 1)).toEqual(first);
    expect(first).toEqual([
      [1, "resting", 3],
      [2, "resting", 7],
      [3, "resting", 5],
    ]);
    there.send(cancel({ seq: 2, clOrdId: 1 }));
    await until(() => client.received.at(-1)?.name === "OrderCanceled");
    expect(await statuses(client, 5)).toEqual(first.slice(1));
  });

  it("cancels on disconnect: the account's orders, or those of the session alone", async () => {
    const { gateway } = await serve(CONFIG, transport);
    const bob = await logOn(gateway, { key: "bob-1", secret: "b" });
    bob.send(newOrder({ seq: 1, instrument: 0 }));
    await bob.next("OrderAccepted");
    const client = await logOn(gateway, { cancelScope: CancelScope.account });
    client.send(newOrder({ seq: 1, clOrdId: 1, instrument: 0 }), newOrder({ seq: 2, clOrdId: 2, instrument: 1 }));
    await client.next("OrderAccepted");
    await client.next("OrderAccepted");
    client.drop();
    await until(() => gateway.stats().liveOrders === 1);
    const again = await logOn(gateway, { nextServerSeq: 3, cancelScope: CancelScope.session });
    expect(again.granted).toMatchObject({ resumed: 1, canceledOrders: 2 });
    for (let i = 0; i < 2; i++) expect(OrderCanceled.reason((await again.next("OrderCanceled")).words, 0)).toBe(Reason.disconnect);
    await again.next("MassCancelReport");
    again.send(newOrder({ seq: 3, clOrdId: 3, instrument: 0 }));
    await again.next("OrderAccepted");
    again.drop();
    await until(() => gateway.stats().liveOrders === 1);
    const third = await logOn(gateway, { nextServerSeq: 7 });
    expect(OrderCanceled.clOrdId((await third.next("OrderCanceled")).words, 0)).toBe(3);
    expect(await statuses(bob, 2)).toHaveLength(1);
  });

  it("brings sessions back after a restart: seqs go on, what came is told again, nothing is applied twice", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ringbook-sessions-"));
    closers.push(() => rmSync(dir, { recursive: true }));
    const config = { ...CONFIG, journal: { dir, segmentBytes: 2 ** 20 } };
    const before = await serve(config, transport);
    const forgotten = await logOn(before.gateway);
    forgotten.send(newOrder({ seq: 1, clOrdId: 900, instrument: 0 }));
    await forgotten.next("OrderAccepted");
    const client = await logOn(before.gateway);
    expect(client.sessionId).not.toBe(forgotten.sessionId);
    client.send(newOrder({ seq: 1, clOrdId: 1, instrument: 0 }), newOrder({ seq: 2, clOrdId: 1, instrument: 0 }));
    client.send(newOrder({ seq: 3, clOrdId: 3, instrument: 1 }));
    await until(() => client.received.length === 4);
    await before.gateway.close();
    await before.engine.close();

    const after = await serve(config, transport);
    expect(after.gateway.stats()).toMatchObject({ sessionsWaiting: 1, liveOrders: 3 });
    const back = await logOn(after.gateway, { nextServerSeq: 4 });
    expect(back.granted).toMatchObject({ resumed: 1, resetRequired: 1, nextClientSeq: 4, nextServerSeq: 1 });
    expect(back.sessionId).toBe(client.sessionId);
    await until(() => back.received.length >= 5);
    const told = back.received.slice(1).map(({ name, seq, flags }) => [name, seq, flags & Header.FLAG_POSSIBLE_RESEND]);
    expect(told.slice(-3)).toEqual([
      ["OrderAccepted", told.length - 2, 1],
      ["OrderRejected", told.length - 1, 1],
      ["OrderAccepted", told.length, 1],
    ]);
    const seen = back.received.length;
    back.send(newOrder({ seq: 1, clOrdId: 11, instrument: 0 }), newOrder({ seq: 2, clOrdId: 12, instrument: 0 }));
    await until(() => back.received.length === seen + 2);
    expect(back.received.slice(seen).map((record) => statusOf(record))).toMatchObject([
      { clientSeq: 1, state: "answered", clOrdId: 1 },
      { clientSeq: 2, state: "refused", code: 3004 },
    ]);
    back.send(massCancel({ seq: 4 }));
    await until(() => back.received.at(-1)?.name === "MassCancelReport");
    expect(await statuses(back, 5)).toEqual([]);
    const fresh = await logOn(after.gateway);
    expect(fresh.granted).toMatchObject({ resumed: 0, nextClientSeq: 1, nextServerSeq: 1, resetRequired: 0 });
    expect(fresh.sessionId).toBeGreaterThan(back.sessionId);
  });

  it("tells a drop copy after a restart what it was told before, and what came until it was back", async () => {
    const dir = mkdtempSync(join(tmpdir(), "ringbook-copies-"));
    closers.push(() => rmSync(dir, { recursive: true }));
    const config = { ...CONFIG, journal: { dir, segmentBytes: 2 ** 20 } };
    const before = await serve(config, transport);
    const copy = await logOn(before.gateway, { key: "copy-1", secret: "c" });
    const alice = await logOn(before.gateway);
    alice.send(newOrder({ seq: 1, clOrdId: 1, instrument: 0 }));
    expect(OrderAccepted.clOrdId((await copy.next("OrderAccepted")).words, 0)).toBe(1);
    await before.gateway.close();
    await before.engine.close();

    const after = await serve(config, transport);
    const again = await logOn(after.gateway, { nextServerSeq: 2 });
    again.send(newOrder({ seq: 2, clOrdId: 2, instrument: 0 }));
    await until(() => again.received.length === 3);
    const back = await logOn(after.gateway, { key: "copy-1", secret: "c", nextServerSeq: 2 });
    expect(back.granted).toMatchObject({ resumed: 1, resetRequired: 1, nextServerSeq: 1 });
    again.send(newOrder({ seq: 3, clOrdId: 3, instrument: 0 }));
    await until(() => back.received.length === 4);
    const told = back.received.slice(1).map(({ name, seq, words }) => [name, seq, OrderAccepted.clOrdId(words, 0)]);
    expect(told).toEqual([1, 2, 3].map((nth) => ["OrderAccepted", nth, nth]));
  });
});
