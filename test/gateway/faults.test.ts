import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Engine } from "../../dist/engine/index.js";
import { Gateway, type GatewayKey, type GatewayOptions } from "../../dist/gateway/index.js";
import { CancelScope, Header, InstrumentState, OrderAccepted } from "../../engine/wire/index.js";
import { CAPACITIES, sleep, within } from "../runtime/start.js";
import { RawClient } from "./raw-client.js";
import { heartbeat, newOrder } from "./records.js";
import { until } from "./transport-contract.js";
import { describeOverTransports, type TransportName, uwsMissing } from "./transports.js";

const IDLE_SESSIONS = 5_000;
/** Both ends of every socket are in this process. */
const DESCRIPTORS_NEEDED = 2 * IDLE_SESSIONS + 1_000;
const STORM_CLIENTS = 200;
const STORM_ROUNDS = 4;
const TRADER: GatewayKey = { id: "trader", secret: "s", account: "alice", permissions: ["trade"] };
const READER: GatewayKey = { id: "reader", secret: "s", account: "alice", permissions: ["read"] };

const descriptorLimit = Number(
  (process.report.getReport() as unknown as { userLimits?: { open_files?: { soft?: number | string } } }).userLimits?.open_files?.soft ?? 0,
);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startEngine(config: object = {}): Promise<Engine> {
  const engine = await Engine.start({
    instruments: ["NIL", "ABC"].map((symbol) => ({ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1" })),
    accounts: ["alice", "idle"].map((name) => ({ name, mode: "unchecked" as const })),
    capacities: CAPACITIES,
    ...config,
  });
  closing.push(() => engine.close());
  return engine;
}

async function serve(engine: Engine, transport: TransportName, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await Gateway.listen(engine, { port: 0, transport, keys: [TRADER, READER], ...options });
  closing.push(() => gateway.close());
  return gateway;
}

async function logOn(gateway: Gateway, key: GatewayKey, fields: object = {}): Promise<RawClient> {
  const client = await RawClient.logOn(gateway.port, { key: key.id, secret: String(key.secret), heartbeatMs: 60_000, ...fields });
  closing.push(() => client.drop());
  return client;
}

/** An order and its report; throws when that takes too long. */
async function mustTrade(client: RawClient, seq: number): Promise<void> {
  client.send(newOrder({ seq, clOrdId: seq, price: 1 + (seq % 50) }));
  await within(
    until(() => client.received.some(({ name, words }) => name === "OrderAccepted" && OrderAccepted.clientSeq(words, 0) === seq)),
    5_000,
  );
}

describeOverTransports("faults", (transport) => {
  it("half-open connections, without a word or with half a request, keep nobody out", { timeout: 60_000 }, async () => {
    const engine = await startEngine();
    const gateway = await serve(engine, transport);
    const sockets: Socket[] = Array.from({ length: 300 }, (_, index) => {
      const socket = connectTcp(gateway.port, "127.0.0.1");
      socket.on("error", () => {});
      if (index % 2 === 0) socket.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n");
      closing.push(() => socket.destroy());
      return socket;
    });
    await until(() => sockets.every(({ pending }) => !pending));
    const client = await logOn(gateway, TRADER);
    await mustTrade(client, 1);
    expect(gateway.stats()).toMatchObject({ connections: 1, sessions: 1 });
  });

  it("a client that has vanished without a word is noticed, and what it asked for is canceled", { timeout: 60_000 }, async () => {
    const engine = await startEngine();
    const gateway = await serve(engine, transport);
    const client = await logOn(gateway, TRADER, { heartbeatMs: 500, cancelScope: CancelScope.session });
    await mustTrade(client, 1);
    expect(await engine.account("alice")).toMatchObject({ openOrders: 1 });
    // Its machine is gone: nothing is read, nothing is sent, no FIN.
    (client.socket as unknown as { _socket: Socket })._socket.pause();
    const startMs = performance.now();
    await until(() => gateway.sessionCount === 0, 5_000);
    expect(performance.now() - startMs).toBeGreaterThan(700);
    await within(canceled(engine), 5_000);
    expect(gateway.stats()).toMatchObject({ connections: 0, sessionsWaiting: 1, liveOrders: 0 });
  });

  it("a client that stops reading is closed, in bounded memory, and its neighbours go on", { timeout: 60_000 }, async () => {
    const maxBackpressureBytes = 1 << 18;
    const engine = await startEngine();
    const gateway = await serve(engine, transport, { limits: { maxBackpressureBytes, replayBytes: 1 << 16 } });
    const deaf = await logOn(gateway, READER);
    const trader = await logOn(gateway, TRADER);
    (deaf.socket as unknown as { _socket: Socket })._socket.pause();
    let buffered = 0;
    // Every order is reported to both, until the kernel's buffers and the gateway's are full.
    for (let round = 0; gateway.sessionCount === 2 && round < 1_000; round++) {
      const sent = Array.from({ length: 500 }, (_, index) =>
        engine.submit({ account: "alice", clOrdId: 1 + index, symbol: "ABC", side: "buy", price: "1", qty: 1 }),
      );
      await Promise.all(sent);
      await engine.massCancel({ account: "alice" });
      buffered = Math.max(buffered, gateway.stats().bufferedBytes);
      if (round === 0) await until(() => trader.received.length > 1_000);
    }
    expect(gateway.sessionCount).toBe(1);
    // What was written before the bound was seen is one flush at most.
    expect(buffered).toBeLessThanOrEqual(maxBackpressureBytes + (1 << 17));
    await mustTrade(trader, 1);
    expect(gaps(trader)).toEqual([]);
    const { keptBytes, sessionsWaiting } = gateway.stats();
    expect(sessionsWaiting).toBe(1);
    expect(keptBytes).toBeLessThan(1 << 20);
    // It comes back, and is told that it has missed what is not kept any more.
    const back = await logOn(gateway, READER, { nextServerSeq: 2 });
    expect(back.granted).toMatchObject({ resumed: 1, resetRequired: 1 });
  });

  const lacks = descriptorLimit < DESCRIPTORS_NEEDED ? `needs ${DESCRIPTORS_NEEDED} file descriptors, has ${descriptorLimit}` : undefined;
  it.skipIf(lacks !== undefined)(
    `${IDLE_SESSIONS} idle sessions cost little memory and no time${lacks === undefined ? "" : `: ${lacks}`}`,
    { timeout: 120_000 },
    async () => {
      const engine = await startEngine();
      const idle = Array.from({ length: IDLE_SESSIONS }, (_, index): GatewayKey => {
        return { id: `idle-${index}`, secret: "s", account: "idle", permissions: ["read"] };
      });
      const limits = { maxConnections: IDLE_SESSIONS + 10, maxSessions: IDLE_SESSIONS + 10, logonTimeoutMs: 60_000, logonWindowMs: 60_000 };
      const unlimited = { connections: { perSecond: 1e6, burst: 1e6 } };
      const gateway = await serve(engine, transport, { keys: [TRADER, ...idle], limits, throttle: unlimited });
      const clients: RawClient[] = [];
      for (let from = 0; from < IDLE_SESSIONS; from += 100)
        clients.push(...(await Promise.all(idle.slice(from, from + 100).map((key) => logOn(gateway, key)))));
      const trader = await logOn(gateway, TRADER);
      await mustTrade(trader, 1);
      const { connections, sessions, keptBytes, outboxBytes, throttleBudgets } = gateway.stats();
      expect([connections, sessions]).toEqual([IDLE_SESSIONS + 1, IDLE_SESSIONS + 1]);
      expect(keptBytes / IDLE_SESSIONS).toBeLessThan(2_048);
      expect(outboxBytes).toBeLessThan(32 << 20);
      expect(throttleBudgets).toBeLessThan(10);
      const latencies: number[] = [];
      for (let seq = 2; seq <= 41; seq++) {
        const startMs = performance.now();
        await mustTrade(trader, seq);
        latencies.push(performance.now() - startMs);
      }
      latencies.sort((a, b) => a - b);
      expect(latencies[20]).toBeLessThan(250);
      // News for everybody reaches everybody.
      await engine.setState({ symbol: "ABC", state: "halted" });
      await until(() => clients.every(({ received }) => received.some(({ name }) => name === "InstrumentState")), 30_000);
    },
  );

  it(`${STORM_CLIENTS} clients that lose their sockets together come back together, and miss nothing`, { timeout: 90_000 }, async () => {
    const engine = await startEngine();
    const keys = Array.from({ length: STORM_CLIENTS }, (_, index): GatewayKey => {
      return { id: `k-${index}`, secret: "s", account: "alice", permissions: ["read"] };
    });
    const gateway = await serve(engine, transport, { keys });
    let clients = await Promise.all(keys.map((key) => logOn(gateway, key)));
    let state = 0;
    const news = async (): Promise<void> => {
      await engine.setState({ symbol: "ABC", state: ["halted", "open"][state++ % 2] as "halted" | "open" });
    };
    const seen = keys.map((): number[] => []);
    const take = (): void => {
      for (const [index, client] of clients.entries()) {
        for (const { name, seq, words } of client.received) {
          if (name !== "InstrumentState") continue;
          expect(InstrumentState.state(words, 0)).toBe(seq % 2 === 1 ? 3 : 2);
          seen[index]?.push(seq);
        }
      }
    };
    for (let round = 0; round < STORM_ROUNDS; round++) {
      await news();
      await until(() => clients.every(({ received }) => received.some(({ name }) => name === "InstrumentState")), 20_000);
      await news(); // This one may be on its way when the socket goes.
      take();
      for (const client of clients) client.drop();
      await until(() => gateway.sessionCount === 0, 20_000);
      await news();
      await news();
      const next = seen.map((seqs) => (seqs.at(-1) ?? 0) + 1);
      clients = await Promise.all(keys.map((key, index) => logOn(gateway, key, { nextServerSeq: next[index] })));
      for (const { granted } of clients) expect(granted).toMatchObject({ resumed: 1, resetRequired: 0 });
    }
    await until(() => clients.every(({ received }) => received.some(({ seq }) => seq === state)), 20_000);
    take();
    const all = Array.from({ length: state }, (_, index) => index + 1);
    for (const seqs of seen) expect(seqs).toEqual(all);
    expect(gateway.stats()).toMatchObject({ connections: STORM_CLIENTS, sessions: STORM_CLIENTS, sessionsWaiting: 0 });
  });
});

describe("a gateway that dies", () => {
  it("is shut out when it holds the engine up, and the other gateway's clients go on", { timeout: 60_000 }, async () => {
    const engine = await startEngine({ eventCapacityBytes: 1 << 16, evictAfterMs: 300 });
    const gateway = await serve(engine, "ws");
    // To the engine a gateway is its port: this one has been taken in, and then never reads again.
    const dead = engine.openPort("dead");
    const failed = new Promise<Error>((resolve) => dead.onFailure(resolve));
    await within(dead.whenReady(5_000));
    const client = await logOn(gateway, TRADER, { cancelScope: CancelScope.none });
    for (let seq = 1; seq <= 2_000; seq += 1) client.send(newOrder({ seq, clOrdId: seq, price: 1 + (seq % 50) }));
    await within(
      until(() => client.received.filter(({ name }) => name === "OrderAccepted").length === 2_000, 20_000),
      30_000,
    );
    expect((await within(failed)).message).toContain("port dead is shut out");
    expect(gaps(client)).toEqual([]);
    await mustTrade(client, 2_001);
    expect(engine.counters().evictions).toBe(1);
  });

  it.skipIf(uwsMissing !== undefined)(
    "leaves its clients to another one: orders live on, and can be canceled there",
    { timeout: 60_000 },
    async () => {
      const engine = await startEngine();
      const first = await serve(engine, "ws");
      const second = await serve(engine, "uws");
      const client = await logOn(first, TRADER);
      await mustTrade(client, 1);
      await first.close();
      expect(await client.closed()).toBe(4010);
      const other = await logOn(second, TRADER, { nextServerSeq: 2 });
      expect(other.granted).toMatchObject({ resumed: 0, resetRequired: 1 });
      await mustTrade(other, 2);
      expect(await engine.account("alice")).toMatchObject({ openOrders: 2 });
      other.send(heartbeat(3));
      await engine.massCancel({ account: "alice" });
      await until(() => other.received.filter(({ name }) => name === "OrderCanceled").length === 2);
    },
  );
});

/** Counted records that are missing, or out of order. */
function gaps({ received }: RawClient): number[] {
  const seqs = received.filter(({ flags, seq }) => seq > 0 && (flags & Header.FLAG_POSSIBLE_RESEND) === 0).map(({ seq }) => seq);
  return seqs.filter((seq, index) => seq !== index + 1);
}

async function canceled(engine: Engine): Promise<void> {
  while ((await engine.account("alice"))?.openOrders !== 0) await sleep(10);
}
