import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import { afterEach, expect, it } from "vitest";
import type * as EngineDoor from "../../engine/index.js";
import { OrderAccepted } from "../../engine/wire/index.js";
import { connect } from "../../gateway/client/index.js";
import type * as GatewayDoor from "../../gateway/index.js";
import { RawClient } from "./raw-client.js";
import { cancel, type LogonFields, massStatusRequest, newOrder } from "./records.js";
import { until } from "./transport-contract.js";
import { describeOverTransports, type TransportName } from "./transports.js";

// Worker threads only start from compiled files.
const { Engine } = (await import(new URL("../../dist/engine/index.js", import.meta.url).href)) as typeof EngineDoor;
const { GatewayThread } = (await import(new URL("../../dist/gateway/index.js", import.meta.url).href)) as typeof GatewayDoor;

const KEYS: GatewayDoor.GatewayKey[] = [
  { id: "alice-1", secret: "a", account: "alice", permissions: ["trade", "marketData"] },
  { id: "bob-1", secret: "b", account: "bob", permissions: ["trade"] },
];
const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" } as const;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startEngine(config: EngineDoor.EngineConfig = {}) {
  const accounts = ["alice", "bob"].map((name) => ({ name, mode: "unchecked" as const }));
  const engine = await Engine.start({ instruments: [ABC], accounts, evictAfterMs: 60_000, ...config });
  closers.push(() => engine.close());
  return engine;
}

async function serve(engine: EngineDoor.Engine, transport: TransportName, options: Partial<GatewayDoor.GatewayThreadOptions> = {}) {
  const thread = await GatewayThread.start(engine, { port: 0, transport, keys: KEYS, ...options });
  closers.push(() => thread.close());
  return thread;
}

async function logOn(port: number, fields: Partial<LogonFields> = {}): Promise<RawClient> {
  const client = await RawClient.logOn(port, { key: "alice-1", secret: "a", ...fields });
  closers.push(() => client.drop());
  return client;
}

interface GatewayMessage {
  readonly kind: string;
  readonly port?: number;
}

const BOB = { key: "bob-1", secret: "b" };

describeOverTransports("gateways on threads of their own,", (transport) => {
  it("tell what an account has", async () => {
    const engine = await startEngine();
    const { port } = await serve(engine, transport);
    await engine.deposit({ account: "bob", currency: "USD", amount: "12.5", ref: "d" });
    const bob = await connect(`ws://127.0.0.1:${port}`, { key: "bob-1", secret: "b" });
    closers.push(() => bob.close());
    const asked = [bob.balances(), bob.positions(), bob.balances()];
    const row = { currency: "USD", total: "12.5", held: "0", free: "12.5" };
    expect(await Promise.all(asked)).toEqual([[row], [], [row]]);
  });

  it("share one engine: clients of one trade with clients of the other, and both see it", async () => {
    const engine = await startEngine();
    const one = await serve(engine, transport);
    const two = await serve(engine, transport);
    expect(one.port).not.toBe(two.port);
    const alice = await logOn(one.port);
    const bob = await logOn(two.port, BOB);
    alice.send(newOrder({ seq: 1, instrument: 0, price: 100, qty: 5 }));
    await alice.next("OrderAccepted");
    bob.send(newOrder({ seq: 1, instrument: 0, price: 100, qty: 3, side: 1 }));
    await bob.next("OrderAccepted");
    await bob.next("OrderFilled");
    await alice.next("OrderFilled");
    expect(await two.stats()).toMatchObject({ sessions: 1, liveOrders: 1 });
  });

  it("that dies of an error takes nothing with it", async () => {
    const engine = await startEngine({ maxPorts: 1 });
    const ticket = engine.openRemotePort("faulty");
    const worker = new Worker(new URL("./faulty-thread.mjs", import.meta.url), {
      workerData: { ticket, options: { port: 0, transport, keys: KEYS } },
      transferList: [ticket.link as MessagePort],
    });
    const told: GatewayMessage[] = [];
    worker.on("message", (message: GatewayMessage) => told.push(message));
    const exited = once(worker, "exit");
    await until(() => told.length > 0);
    const alice = await logOn(told[0]?.port ?? 0);
    await exited;
    expect(told[1]).toEqual({ kind: "over", error: "a mistake of this thread" });
    expect(await alice.closed()).toBe(1006);
    const three = await serve(engine, transport);
    expect((await logOn(three.port)).granted.resumed).toBe(0);
  });

  it("that is killed hurts neither the engine nor the other gateway, and its place can be had again", async () => {
    const engine = await startEngine({ maxPorts: 2 });
    const one = await serve(engine, transport);
    const two = await serve(engine, transport);
    const alice = await logOn(one.port);
    const bob = await logOn(two.port, BOB);
    alice.send(newOrder({ seq: 1, instrument: 0, price: 100, qty: 5 }));
    await alice.next("OrderAccepted");
    await one.kill();
    expect((await one.failed)?.message).toContain("ended by itself");
    // Far more events than the ring holds: a dead gate would stand in the way.
    for (let round = 0; round < 40; round++) {
      const seqs = Array.from({ length: 2000 }, (_, i) => 1 + 4000 * round + 2 * i);
      for (const seq of seqs)
        bob.send(newOrder({ seq, clOrdId: seq, instrument: 0, price: 90, qty: 1 }), cancel({ seq: seq + 1, clOrdId: seq }));
      const last = 4000 * (round + 1);
      await until(() => bob.received.length >= 1 + last, 20_000);
    }
    expect(engine.counters().evictions).toBe(0);
    const three = await serve(engine, transport);
    const again = await logOn(three.port);
    expect(again.granted.resumed).toBe(0);
    again.send(massStatusRequest({ seq: 1 }));
    await again.next("OrderStatus");
    again.send(cancel({ seq: 2, clOrdId: 1 }));
    await until(() => again.received.some((record) => record.name === "OrderCanceled"));
  });

  it("learn of instruments that are declared later", async () => {
    const engine = await startEngine();
    const thread = await serve(engine, transport);
    await engine.apply({ cmd: "instrument", symbol: "DEF", base: "DEF", quote: "USD", tickSize: "0.01", lotSize: "1" });
    const client = await logOn(thread.port);
    client.send(newOrder({ seq: 1, instrument: 1 }));
    expect(OrderAccepted.instrument((await client.next("OrderAccepted")).words, 0)).toBe(1);
  });

  it("say SHUTTING_DOWN when they close, and when the engine does", async () => {
    const engine = await startEngine();
    const one = await serve(engine, transport);
    const two = await serve(engine, transport);
    const alice = await logOn(one.port);
    const bob = await logOn(two.port, BOB);
    await one.close();
    expect(await alice.closed()).toBe(4010);
    expect(await one.failed).toBeUndefined();
    await engine.close();
    expect(await bob.closed()).toBe(4010);
    await two.close();
  });

  it("refuse what a gateway refuses, and leave nothing behind", async () => {
    const engine = await startEngine({ maxPorts: 1 });
    const keys = [{ ...(KEYS[0] as GatewayDoor.GatewayKey), account: "nobody" }];
    await expect(GatewayThread.start(engine, { port: 0, transport, keys })).rejects.toMatchObject({ code: "UNKNOWN_ACCOUNT" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await serve(engine, transport);
  });
});
