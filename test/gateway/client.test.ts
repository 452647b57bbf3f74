import { fork } from "node:child_process";
import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Cancel, CODES, Header, InstrumentListRequest, NewOrder, OrderRejected } from "../../engine/wire/index.js";
import { type Client, ClientError, type ConnectOptions, connect, type Report, type SocketClass } from "../../gateway/client/index.js";
import { Gateway, type GatewayLimits } from "../../gateway/index.js";
import { accepted, canceledByEngine, FakeEngine, topOfBook, trade, tradePrint } from "./fake-port.js";
import { settle, until } from "./transport-contract.js";

const KEYS = [
  { id: "alice-1", secret: "s1", account: "alice", permissions: ["trade", "marketData"] },
  { id: "bob-1", secret: new Uint8Array([7, 0, 255]), account: "bob", permissions: ["trade"] },
] as const;

const ORDER = { clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "1.00", qty: "0.0005" } as const;

const gateways: Gateway[] = [];
const clients: Client[] = [];

async function start(limits: Partial<GatewayLimits> = {}) {
  const engine = new FakeEngine();
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys: KEYS, limits });
  gateways.push(gateway);
  return { engine, gateway, url: `ws://127.0.0.1:${gateway.port}` };
}

async function join(url: string, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect(url, { key: "alice-1", secret: "s1", ...options });
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const gateway of gateways.splice(0)) await gateway.close();
});

describe("connect", () => {
  it("logs on and knows the instruments", async () => {
    const { url } = await start();
    const client = await join(url);
    expect([client.account, client.sessionId]).toEqual([1, 1]);
    expect((await client.instruments()).map((info) => info.symbol)).toEqual(["BTC-USD", "ETH-USD"]);
  });

  it("takes a secret of bytes", async () => {
    const { url } = await start();
    expect((await join(url, { key: "bob-1", secret: new Uint8Array([7, 0, 255]) })).account).toBe(2);
  });

  it("rejects with the gateway's reason", async () => {
    const { url } = await start();
    await expect(join(url, { secret: "wrong" })).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
    await expect(join(url, { key: "nobody" })).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
  });

  it("rejects when nobody listens, and on bad options", async () => {
    const { url, gateway } = await start();
    await gateway.close();
    await expect(join(url)).rejects.toMatchObject({ code: "DISCONNECTED" });
    await expect(join(url, { maxPending: 0 })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });

  it("gives up in time on a server that says nothing", async () => {
    const { url } = await start();
    class Silent {
      binaryType = "";
      bufferedAmount = 0;
      send(): void {}
      close(): void {}
      addEventListener(): void {}
    }
    await expect(join(url, { webSocket: Silent, connectTimeoutMs: 50 })).rejects.toMatchObject({ code: "DISCONNECTED" });
  });

  it("rejects with ABORTED, whenever the signal is aborted, and opens no socket for nothing", async () => {
    const { url, gateway } = await start();
    let sockets = 0;
    class Counting extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets += 1;
      }
    }
    const webSocket = Counting as unknown as SocketClass;
    await expect(join(url, { webSocket, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "ClientError", code: "ABORTED" });
    const controller = new AbortController();
    const early = join(url, { webSocket, signal: controller.signal });
    controller.abort(new Error("changed my mind"));
    await expect(early).rejects.toMatchObject({ name: "ClientError", code: "ABORTED", cause: new Error("changed my mind") });
    expect(sockets).toBe(0);
    const late = new AbortController();
    const waiting = join(url, { webSocket, signal: late.signal });
    await until(() => sockets === 1);
    late.abort();
    await expect(waiting).rejects.toMatchObject({ name: "ClientError", code: "ABORTED" });
    await until(() => gateway.sessionCount === 0);
  });

  it("leaves no socket open when the instruments are refused", async () => {
    const { url, gateway } = await start();
    class Garbling extends WebSocket {
      override send(bytes: Uint8Array): void {
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        if (view.getUint16(10, true) === InstrumentListRequest.TEMPLATE_ID) view.setUint16(10, 999, true);
        super.send(bytes);
      }
    }
    const webSocket = Garbling as unknown as SocketClass;
    await expect(join(url, { webSocket })).rejects.toMatchObject({ code: "UNKNOWN_TEMPLATE" });
    await until(() => gateway.sessionCount === 0);
  });

  it("ends when its signal is aborted later", async () => {
    const { url } = await start();
    const controller = new AbortController();
    const client = await join(url, { signal: controller.signal });
    controller.abort();
    expect((await client.closed).error?.code).toBe("ABORTED");
    await expect(client.submit(ORDER)).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("requests", () => {
  it("write ticks and lots, and resolve with the whole outcome", async () => {
    const { url, engine } = await start();
    engine.respond = (words) => [accepted(words), trade(words, 2), trade(words, 2, 2)];
    const client = await join(url);
    const outcome = await client.submit(ORDER);
    expect(outcome).toMatchObject({ status: "accepted", orderId: "1001", cumQty: "0.0002", leavesQty: "0.0003" });
    expect(outcome.reports.map((report) => report.event)).toEqual(["accepted", "filled", "filled"]);
    expect(outcome.reports[0]).toEqual({
      event: "accepted",
      seq: 5,
      timeUs: 1,
      clOrdId: 1,
      orderId: "1001",
      symbol: "BTC-USD",
      side: "buy",
      type: "limit",
      tif: "gtc",
      price: "1",
      qty: "0.0005",
      postOnly: false,
      reduceOnly: false,
      stp: "none",
    });
    expect(outcome.reports[1]).toMatchObject({
      event: "filled",
      price: "1",
      qty: "0.0002",
      liquidity: "taker",
      feeAtoms: 9,
      fee: "0.000009",
    });
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    expect([NewOrder.price(order, 0), NewOrder.qty(order, 0), NewOrder.instrument(order, 0)]).toEqual([100, 5, 1]);
  });

  it("are given up with ABORTED, and what was sent is not taken back", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const { signal } = new AbortController();
    expect((await client.submit(ORDER, { signal })).status).toBe("accepted");
    expect(await client.instruments({ signal })).toHaveLength(2);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);

    const aborted = { signal: AbortSignal.abort("no") };
    const name = { symbol: "BTC-USD", clOrdId: 1 };
    const requests = [
      client.submit(ORDER, aborted),
      client.cancel(name, aborted),
      client.reduce({ ...name, by: "0.0001" }, aborted),
      client.replace({ ...name, qty: "0.0001" }, aborted),
      client.massCancel({}, aborted),
      client.instruments(aborted),
    ];
    for (const request of requests) await expect(request).rejects.toMatchObject({ name: "ClientError", code: "ABORTED", cause: "no" });
    expect(engine.commands).toHaveLength(1);

    engine.respond = () => [];
    const controller = new AbortController();
    const waiting = client.submit({ ...ORDER, clOrdId: 2 }, controller);
    await until(() => engine.commands.length === 2);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    const [, order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order)]);
    await until(() => client.pendingCount === 0);
    engine.respond = (words) => [accepted(words)];
    expect(await client.submit({ ...ORDER, clOrdId: 3 })).toMatchObject({ status: "accepted", orderId: "1003" });
  });

  it("of one turn leave in one frame and settle each by itself", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const outcomes = await Promise.all(Array.from({ length: 300 }, (_, i) => client.submit({ ...ORDER, clOrdId: i + 1 })));
    expect(outcomes.map((outcome) => outcome.orderId)).toEqual(outcomes.map((_, i) => String(1001 + i)));
    expect(engine.commands).toHaveLength(300);
    expect(client.pendingCount).toBe(0);
  });

  it("resolve with a refusal by the engine", async () => {
    const { url, engine } = await start();
    engine.respond = (words) => {
      const reject = new Int32Array(OrderRejected.RECORD_BYTES / 4);
      OrderRejected.init(reject, 0, 0, 1);
      OrderRejected.setClientSeq(reject, 0, Cancel.clientSeq(words, 0));
      OrderRejected.setClOrdId(reject, 0, Cancel.clOrdId(words, 0));
      OrderRejected.setOrderId(reject, 0, Cancel.orderId(words, 0));
      OrderRejected.setSession(reject, 0, Cancel.session(words, 0));
      OrderRejected.setAccount(reject, 0, Cancel.account(words, 0));
      OrderRejected.setCode(reject, 0, CODES.UNKNOWN_ORDER);
      OrderRejected.setRefTemplateId(reject, 0, Header.templateId(words, 0));
      return [reject];
    };
    const client = await join(url);
    const outcome = await client.cancel({ clOrdId: 9 });
    expect(outcome).toMatchObject({ status: "rejected", code: 3002, reason: "UNKNOWN_ORDER" });
    expect(outcome.reports).toMatchObject([{ event: "rejected", request: "Cancel", clOrdId: 9 }]);
    expect(outcome.reports[0]).not.toHaveProperty("orderId");
  });

  it("resolve with a refusal by the gateway", async () => {
    const { url, engine } = await start();
    engine.hasRoom = false;
    const client = await join(url);
    expect(await client.massCancel()).toMatchObject({ status: "rejected", reason: "ENGINE_BUSY" });
    expect(await client.massCancel({ symbol: "ETH-USD", side: "sell" })).toMatchObject({ status: "rejected", reason: "ENGINE_BUSY" });
  });

  it.each([
    ["PRICE_OFF_TICK", { ...ORDER, price: "1.001" }],
    ["PRICE_OUT_OF_RANGE", { ...ORDER, price: "99999999999999999" }],
    ["QTY_OFF_LOT", { ...ORDER, qty: "0.00001" }],
    ["QTY_OUT_OF_RANGE", { ...ORDER, qty: "9999999999999999" }],
    ["BAD_ARGUMENT", { ...ORDER, price: "1e2" }],
    ["BAD_ARGUMENT", { ...ORDER, clOrdId: 1.5 }],
    ["BAD_ARGUMENT", { ...ORDER, clOrdId: "0x1" }],
    ["UNKNOWN_INSTRUMENT", { ...ORDER, symbol: "DOGE-USD" }],
    ["BAD_ARGUMENT", { ...ORDER, side: "Sell" as "sell" }],
    ["BAD_ARGUMENT", { ...ORDER, side: undefined as unknown as "sell" }],
    ["BAD_ARGUMENT", { ...ORDER, side: "toString" as "sell" }],
    ["BAD_ARGUMENT", { ...ORDER, type: "MARKET" as "market" }],
    ["BAD_ARGUMENT", { ...ORDER, tif: "IOC" as "ioc" }],
    ["BAD_ARGUMENT", { ...ORDER, stp: "oldest" as "cancelOldest" }],
    ["BAD_ARGUMENT", { ...ORDER, postOnly: "true" as unknown as boolean }],
  ])("reject with %s before anything is sent", async (code, order) => {
    const { url, engine } = await start();
    const client = await join(url);
    await expect(client.submit(order)).rejects.toMatchObject({ name: "ClientError", code });
    await client.submit({ ...ORDER, clOrdId: 77 });
    expect(engine.commands.map((words) => NewOrder.clOrdId(words, 0))).toEqual([77]);
  });

  it("that name no order or two, or a side that does not exist, reject before anything is sent", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const both = { clOrdId: 1, orderId: "2", symbol: "BTC-USD" };
    const none: { readonly clOrdId?: number; readonly symbol: string } = { symbol: "BTC-USD" };
    for (const name of [both, none]) {
      await expect(client.cancel(name)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
      await expect(client.reduce({ ...name, by: "0.0001" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
      await expect(client.replace({ ...name, qty: "0.0001" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
    await expect(client.massCancel({ side: "BUY" as "buy" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    expect(() => client.subscribe({ symbol: "BTC-USD", channel: "books" as "top" })).toThrow("channel must be one of");
    await client.submit({ ...ORDER, clOrdId: 77 });
    expect(engine.commands.map((words) => NewOrder.clOrdId(words, 0))).toEqual([77]);
  });

  it("are bounded", async () => {
    const { url, engine } = await start();
    engine.respond = () => [];
    const client = await join(url, { maxPending: 2 });
    const pending = [client.submit(ORDER), client.submit(ORDER)];
    await expect(client.submit(ORDER)).rejects.toMatchObject({ code: "TOO_MANY_PENDING" });
    engine.fail(new Error("end of the test"));
    for (const outcome of pending) await expect(outcome).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    expect((await client.closed).code).toBe(4011);
  });

  it("that are under way are answered before close", async () => {
    const { url } = await start();
    const client = await join(url);
    const outcome = client.submit(ORDER);
    await client.close();
    expect((await outcome).status).toBe("accepted");
    expect(await client.closed).toEqual({ code: 4000 });
  });
});

describe("streams", () => {
  it("reports bring everything of the account and end with close", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const seen: Report[] = [];
    const reading = (async () => {
      for await (const report of client.reports()) seen.push(report);
    })();
    await client.submit(ORDER);
    engine.emit([canceledByEngine(1, 5)]);
    await until(() => seen.length === 2);
    await client.close();
    await reading;
    expect(seen.map((report) => report.event)).toEqual(["accepted", "canceled"]);
  });

  it("reports are bounded, and say so after what was buffered", async () => {
    const { url, engine } = await start();
    const client = await join(url, { maxBuffered: 3 });
    const reports = client.reports();
    for (let i = 1; i <= 5; i++) engine.emit([canceledByEngine(1, i)]);
    await settle();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const report of reports) if (report.event === "canceled") seen.push(report.clOrdId);
    })();
    await expect(reading).rejects.toMatchObject({ code: "BUFFER_OVERFLOW" });
    expect(seen).toEqual([1, 2, 3]);
  });

  it("reports serve several calls that wait, in order", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const reports = client.reports();
    const waiting = [reports.next(), reports.next(), reports.next()];
    engine.emit([canceledByEngine(1, 1)]);
    engine.emit([canceledByEngine(1, 2)]);
    expect([(await waiting[0])?.value, (await waiting[1])?.value]).toMatchObject([{ clOrdId: 1 }, { clOrdId: 2 }]);
    await reports.return?.();
    expect(await waiting[2]).toEqual({ value: undefined, done: true });
  });

  it("reports let go of their signal when they end", async () => {
    const { url } = await start();
    const client = await join(url);
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) await client.reports({ signal }).return?.();
    for (let i = 0; i < 20; i++) await client.subscribe({ symbol: "BTC-USD", channel: "top", signal }).return?.();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("reports end on an abort, and fail with the session", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const controller = new AbortController();
    const aborted = client.reports({ signal: controller.signal }).next();
    const failing = client.reports().next();
    controller.abort();
    expect(await aborted).toEqual({ value: undefined, done: true });
    engine.fail(new Error("broken"));
    await expect(failing).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    await expect(client.reports().next()).rejects.toMatchObject({ code: "ENGINE_FAILED" });
  });

  it("tops start with the state and go on; leaving unsubscribes", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const tops = client.subscribe({ symbol: "BTC-USD", channel: "top" });
    expect((await tops.next()).value).toEqual({ symbol: "BTC-USD", seq: 0, timeUs: 1, bidPrice: "0.99", bidQty: "0.0007", askQty: "0" });
    engine.emit([topOfBook(1, 200), tradePrint(1, 1)]);
    expect((await tops.next()).value).toMatchObject({ seq: 1, bidPrice: "2" });
    const late = client.subscribe({ symbol: "BTC-USD", channel: "top" });
    expect((await late.next()).value).toMatchObject({ seq: 1, bidPrice: "2" });
    await tops.return?.();
    engine.emit([topOfBook(1, 300)]);
    expect((await late.next()).value).toMatchObject({ seq: 2, bidPrice: "3" });
    await late.return?.();
    await until(() => client.pendingCount === 0);
    engine.emit([topOfBook(1, 400)]);
    await settle();
    const again = client.subscribe({ symbol: "BTC-USD", channel: "top" });
    expect((await again.next()).value).toMatchObject({ seq: 3, bidPrice: "0.99" });
  });

  it("trades come as prints", async () => {
    const { url, engine } = await start();
    const client = await join(url);
    const prints = client.subscribe({ symbol: "BTC-USD", channel: "trades" });
    await until(() => client.pendingCount === 0);
    engine.emit([tradePrint(1, 7)]);
    expect((await prints.next()).value).toEqual({
      symbol: "BTC-USD",
      seq: 1,
      timeUs: 1,
      tradeId: 7,
      price: "1",
      qty: "0.0001",
      aggressor: "buy",
    });
  });

  it("subscriptions without the permission throw", async () => {
    const { url } = await start();
    const client = await join(url, { key: "bob-1", secret: new Uint8Array([7, 0, 255]) });
    await expect(client.subscribe({ symbol: "BTC-USD", channel: "top" }).next()).rejects.toMatchObject({ code: "NOT_PERMITTED" });
    expect(() => client.subscribe({ symbol: "NONE", channel: "top" })).toThrow(ClientError);
  });
});

describe("a session", () => {
  it("stays alive on heartbeats alone", async () => {
    const { url, gateway } = await start();
    const client = await join(url, { heartbeatMs: 500 });
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(gateway.sessionCount).toBe(1);
    expect((await client.submit(ORDER)).status).toBe("accepted");
  });

  it("tells why the gateway ended it", async () => {
    const { url, gateway } = await start();
    const client = await join(url);
    await gateway.close();
    const { code, error } = await client.closed;
    expect([code, error?.code]).toEqual([4010, "SHUTTING_DOWN"]);
  });

  it("is replaced by a second one of the same key", async () => {
    const { url } = await start();
    const older = await join(url);
    await join(url);
    expect((await older.closed).error?.code).toBe("REPLACED_BY_NEW_LOGON");
  });
});

describe("a client in another process", () => {
  it("submits, streams and closes, through the compiled package", async () => {
    const { url, engine } = await start();
    engine.respond = (words) => [accepted(words), trade(words, 2)];
    const child = fork(new URL("./client-process.mjs", import.meta.url), [url, "alice-1", "s1"], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const answer = await new Promise((resolve, reject) => {
      child.on("message", resolve);
      child.on("exit", (code) => reject(new Error(`the client ended with ${code} and no answer`)));
      setTimeout(() => {
        child.kill();
        reject(new Error("the client took too long"));
      }, 15_000).unref();
    });
    expect(answer).toEqual({ orders: 100, statuses: ["accepted"], reports: 200, closeCode: 4000 });
    expect(engine.commands).toHaveLength(100);
  }, 20_000);
});
