import { generateKeyPairSync, webcrypto } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CancelScope, Header, NewOrder, TEMPLATES } from "../../engine/wire/index.js";
import { BackOff } from "../../gateway/client/back-off.js";
import {
  type Client,
  ClientError,
  type ConnectOptions,
  connect,
  OrderTracker,
  type Report,
  type SocketClass,
} from "../../gateway/client/index.js";
import { Gateway, type GatewayOptions } from "../../gateway/index.js";
import { accepted, canceledByEngine, FakeEngine, topOfBook, trade } from "./fake-port.js";
import { ALICE, start } from "./started-gateway.js";
import { until } from "./transport-contract.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ORDER = { clOrdId: 1, symbol: "BTC-USD", side: "buy", price: "1.00", qty: "0.0005" } as const;

/** A network that can be cut, and that can lose what is sent just before. */
class Network {
  readonly sockets: WebSocket[] = [];
  isLosing = false;

  get socketClass(): SocketClass {
    const network = this;
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, { perMessageDeflate: false });
        network.sockets.push(this);
      }
      override send(data: Uint8Array): void {
        if (!network.isLosing) super.send(data);
      }
    } as unknown as SocketClass;
  }

  cut(): void {
    this.isLosing = false;
    this.sockets.at(-1)?.terminate();
  }
}

function collect(client: Client): Report[] {
  const seen: Report[] = [];
  void (async () => {
    for await (const report of client.reports()) seen.push(report);
  })().catch(() => {});
  return seen;
}

for (const encoding of ["sbe", "msgpack"] as const) {
  describe(`a client that comes back, in ${encoding}`, () => {
    async function open(options: Partial<ConnectOptions> = {}, gatewayOptions: Partial<GatewayOptions> = {}) {
      const { engine, gateway, port } = await start({}, gatewayOptions);
      const network = new Network();
      const client = await connect(`ws://127.0.0.1:${port}`, {
        key: "alice-1",
        secret: "s1",
        encoding,
        reconnect: { minDelayMs: 10, maxDelayMs: 100 },
        webSocket: network.socketClass,
        ...options,
      });
      closers.push(() => client.abandon());
      return { engine, gateway, port, network, client, seen: collect(client) };
    }

    it("trades, and goes on where it was: nothing is lost, nothing comes twice", async () => {
      const { engine, gateway, network, client, seen } = await open();
      engine.respond = (words) => [accepted(words), trade(words, 9)];
      expect(await client.submit(ORDER)).toMatchObject({ status: "accepted", cumQty: "0.0002", leavesQty: "0.0003" });
      network.cut();
      await until(() => gateway.sessionCount === 0);
      engine.emit([canceledByEngine(1, 1)]);
      engine.emit([canceledByEngine(1, 2)]);
      await until(() => seen.some((report) => report.event === "connection" && report.state === "resumed"));
      await until(() => seen.filter((report) => report.event === "canceled").length === 2);
      expect(seen.map((report) => (report.event === "connection" ? report.state : report.event))).toEqual([
        "accepted",
        "filled",
        "lost",
        "resumed",
        "canceled",
        "canceled",
      ]);
      expect(await client.submit({ ...ORDER, clOrdId: 2 })).toMatchObject({ status: "accepted" });
      expect(engine.commands.map((words) => NewOrder.clientSeq(words, 0))).toEqual([2, 3 + 1]);
      expect(client.pendingCount).toBe(0);
    });

    it("gets the answer to what the gateway had, and is told what it never had", async () => {
      const { engine, network, client } = await open();
      engine.respond = () => [];
      const taken = client.submit(ORDER);
      await until(() => engine.commands.length === 1);
      network.isLosing = true;
      const lost = client.submit({ ...ORDER, clOrdId: 2 });
      const question = client.openOrders();
      for (const promise of [lost, question]) promise.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      network.cut();
      await expect(client.submit({ ...ORDER, clOrdId: 3 }).catch((error: ClientError) => Promise.reject(error))).rejects.toThrow();
      await expect(lost).rejects.toMatchObject({ code: "NOT_APPLIED" });
      await expect(question).rejects.toMatchObject({ code: "DISCONNECTED" });
      engine.emit([accepted(engine.commands[0] as Int32Array)]);
      expect(await taken).toMatchObject({ status: "accepted", orderId: "1001" });
      expect(engine.commands).toHaveLength(1);
    });

    it("says reset when the gateway does not know it any more, and asks what is open", async () => {
      const { gateway, port, client, seen, engine } = await open();
      engine.respond = () => [];
      const pending = client.submit(ORDER);
      pending.catch(() => {});
      await until(() => engine.commands.length === 1);
      await gateway.close();
      const other = new FakeEngine();
      const second = await Gateway.listen(other, { port, transport: "ws", keys: [ALICE] });
      closers.push(() => second.close());
      await until(() => seen.some((report) => report.event === "connection" && report.state === "reset"));
      await expect(pending).rejects.toMatchObject({ code: "FATE_UNKNOWN" });
      expect(await client.openOrders()).toEqual([]);
      expect(await client.submit({ ...ORDER, clOrdId: 5 })).toMatchObject({ status: "accepted" });
      const tracker = new OrderTracker();
      tracker.reset(await client.openOrders());
      expect(tracker.open()).toMatchObject([{ clOrdId: 5, state: "live", price: "1", qty: "0.0005", leavesQty: "0.0005" }]);
    });

    it("keeps its subscriptions", async () => {
      const { engine, network, client, seen } = await open();
      const tops = client.subscribe({ symbol: "BTC-USD", channel: "top" });
      await tops.next();
      network.cut();
      await until(() => seen.some((report) => report.event === "connection" && report.state === "resumed"));
      await until(() => client.pendingCount === 0);
      engine.emit([topOfBook(1, 321)]);
      let top = await tops.next();
      while (top.value.bidPrice !== "3.21") top = await tops.next();
      expect(top.value).toMatchObject({ symbol: "BTC-USD", bidPrice: "3.21" });
    });

    it("asks to cancel on disconnect, and arms the dead man's switch", async () => {
      const { engine, network, client, seen } = await open({ cancelOnDisconnect: { scope: "account" }, reconnect: { minDelayMs: 400 } });
      await client.cancelAllAfter(60_000);
      await client.cancelAllAfter(0);
      await expect(client.cancelAllAfter(5)).rejects.toMatchObject({ code: "BAD_VALUE" });
      network.cut();
      await until(() => engine.commands.some((words) => Header.templateId(words, 0) === TEMPLATES.MassCancel));
      await until(() => seen.some((report) => report.event === "connection" && report.state === "resumed"));
      expect(CancelScope.account).toBe(1);
    });

    it("ends when it is told to go for good", async () => {
      const { port, client } = await open();
      const other = await connect(`ws://127.0.0.1:${port}`, { key: "alice-1", secret: "s1", encoding });
      closers.push(() => other.close());
      expect((await client.closed).error?.code).toBe("REPLACED_BY_NEW_LOGON");
    });

    it("gives up after so many attempts, and ends at once when it is closed meanwhile", async () => {
      const { gateway, client } = await open({ reconnect: { minDelayMs: 1, maxAttempts: 3 } });
      await gateway.close();
      expect((await client.closed).error).toBeInstanceOf(ClientError);
      const second = await open({ reconnect: { minDelayMs: 60_000 } });
      second.network.cut();
      await until(() => second.seen.some((report) => report.event === "connection"));
      await second.client.close();
      expect((await second.client.closed).error).toBeUndefined();
    });
  });
}

describe("ways to log on", () => {
  it("by Ed25519", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
    const { port } = await start({}, { keys: [{ id: "eve", publicKey: raw, account: "bob", permissions: ["trade"] }] });
    const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
    const key = await webcrypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
    const client = await connect(`ws://127.0.0.1:${port}`, { key: "eve", privateKey: key });
    expect(client.account).toBe(2);
    await client.close();
  });

  it("by a token, asked for at each connection", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const { port, gateway } = await start({}, { token: { algorithm: "HS256", secret, issuer: "i", audience: "a" } });
    let asked = 0;
    const network = new Network();
    const token = async (): Promise<string> => {
      asked += 1;
      const jwt = new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setIssuer("i").setAudience("a").setSubject("alice-1");
      return jwt.setIssuedAt().setExpirationTime("1m").sign(new TextEncoder().encode(secret));
    };
    const client = await connect(`ws://127.0.0.1:${port}`, { token, reconnect: { minDelayMs: 5 }, webSocket: network.socketClass });
    closers.push(() => client.abandon());
    const seen = collect(client);
    network.cut();
    // The session that was cut is still counted for a moment: only the client knows when it is there again.
    await until(() => seen.some((report) => report.event === "connection" && report.state === "resumed"));
    expect(asked).toBe(2);
    expect(gateway.sessionCount).toBe(1);
    expect((await client.submit({ ...ORDER, clOrdId: 9 })).status).toBe("accepted");
  });
});

describe("the pauses between attempts", () => {
  const lost = new ClientError("DISCONNECTED", "");

  it("double up to a limit and are drawn from their upper half", () => {
    const backOff = new BackOff({ minDelayMs: 100, maxDelayMs: 500 });
    expect([0, 0, 0, 0, 0].map((random) => backOff.next(lost, random))).toEqual([50, 100, 200, 250, 250]);
    backOff.reset();
    expect([1, 1, 1, 1].map((random) => backOff.next(lost, random))).toEqual([100, 200, 400, 500]);
  });

  it("end with the attempts, and with errors that time does not mend", () => {
    const backOff = new BackOff({ maxAttempts: 2 });
    expect(backOff.next(new ClientError("BAD_SIGNATURE", ""), 0)).toBeUndefined();
    expect([backOff.next(lost, 0), backOff.next(lost, 0), backOff.next(lost, 0)]).toEqual([50, 100, undefined]);
  });

  it.each([{ minDelayMs: 0 }, { maxDelayMs: Number.NaN }, { maxAttempts: 0 }])("are refused with %j", (options) => {
    expect(() => new BackOff(options)).toThrow(ClientError);
  });
});

describe("the state machine of orders", () => {
  const stamp = { seq: 1, timeUs: 1, symbol: "ABC", side: "buy", clOrdId: 7, orderId: "70" } as const;
  const rest = { tif: "gtc", postOnly: false, reduceOnly: false, stp: "none" } as const;
  const born = { ...stamp, ...rest, event: "accepted", type: "limit", price: "1", qty: "5" } as const;
  const fill = {
    ...stamp,
    event: "filled",
    tradeId: 1,
    price: "1",
    qty: "2",
    cumQty: "2",
    leavesQty: "3",
    feeAtoms: 0,
    liquidity: "maker",
  } as const;

  it("goes from live to filled, and stays there whatever is told again", () => {
    const tracker = new OrderTracker();
    tracker.apply(born);
    expect(tracker.apply(fill)).toMatchObject({ state: "live", cumQty: "2", leavesQty: "3" });
    expect(tracker.apply({ ...fill, tradeId: 2, qty: "3", cumQty: "5", leavesQty: "0" })).toMatchObject({ state: "filled" });
    expect(tracker.open()).toEqual([]);
    tracker.apply(born);
    tracker.apply(fill);
    expect(tracker.byClOrdId(7)).toMatchObject({ state: "filled", cumQty: "5" });
  });

  it("knows stops, pairs and renamed orders", () => {
    const tracker = new OrderTracker();
    tracker.apply({ ...born, oco: 8 });
    expect(tracker.byClOrdId(7)?.state).toBe("waiting");
    tracker.apply({ ...born, clOrdId: 8, orderId: "80", type: "stop", oco: 7 });
    expect([tracker.byClOrdId(7)?.state, tracker.byClOrdId(8)?.state]).toEqual(["live", "waiting"]);
    tracker.apply({ ...stamp, clOrdId: 8, orderId: "80", event: "triggered", lastPrice: "1" });
    expect(tracker.byClOrdId(8)?.state).toBe("live");
    tracker.apply({ ...stamp, event: "replaced", clOrdId: 9, origClOrdId: 7, qty: "4", cumQty: "0", leavesQty: "4", keptPriority: true });
    expect([tracker.byClOrdId(7), tracker.byClOrdId(9)?.leavesQty]).toEqual([undefined, "4"]);
    tracker.apply({ ...stamp, event: "canceled", clOrdId: 9, qty: "4", cumQty: "0", reason: "user" });
    expect(tracker.byOrderId("70")).toMatchObject({ state: "canceled", leavesQty: "0" });
  });
});
