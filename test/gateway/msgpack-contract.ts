import { afterEach, describe, expect, it } from "vitest";
import { CODES, Header, NewOrder, TEMPLATES } from "../../engine/wire/index.js";
import type { RecordMap } from "../../gateway/codec/record-map.js";
import { accepted, canceledByEngine, trade } from "./fake-port.js";
import { logonMap, MapClient } from "./map-client.js";
import { RawClient } from "./raw-client.js";
import { newOrder } from "./records.js";
import { ALICE, ALICE_2, as, start } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import type { TransportName } from "./transports.js";

const ORDER = { template: "NewOrder", clOrdId: 1, price: 100, qty: 5, instrument: 1, side: "buy", ordType: "limit", tif: "gtc" };

/** `ringbook.msgpack.v1` on real sockets: the same messages, and the same checks, as maps. */
export function describeMaps(transport: TransportName): void {
  describe("MessagePack", () => {
    const clients: MapClient[] = [];
    afterEach(() => {
      for (const client of clients.splice(0)) client.socket.terminate();
    });
    const open = () => start({}, { transport });
    async function logOn(port: number, fields = {}): Promise<MapClient> {
      const client = await MapClient.logOn(port, { ...as(ALICE), ...fields });
      clients.push(client);
      return client;
    }

    it("is chosen when it is all that a client knows, after records otherwise", async () => {
      const { port } = await open();
      clients.push(await MapClient.connect(port), await MapClient.connect(port, ["ringbook.msgpack.v1", "ringbook.sbe.v1"]));
      expect(clients.map(({ socket }) => socket.protocol)).toEqual(["ringbook.msgpack.v1", "ringbook.sbe.v1"]);
      await expect(MapClient.connect(port, ["ringbook.msgpack.v2"])).rejects.toThrow("400");
    });

    it("enters orders and tells reports with the schema's names", async () => {
      const { port, engine } = await open();
      engine.respond = (words) => [accepted(words), trade(words, 9)];
      const client = await logOn(port);
      expect(client.received[0]).toMatchObject({
        nextClientSeq: 1,
        account: 1,
        session: 1,
        permissions: ["trade", "marketData"],
        resumed: 0,
      });
      client.send({ ...ORDER, seq: 1, flags: ["postOnly"], stp: "cancelOldest", account: 99 });
      const report = await client.next("OrderAccepted");
      expect(report).toMatchObject({ seq: 1, clientSeq: 1, clOrdId: 1, orderId: 1001, price: 100, qty: 5, side: "buy", ordType: "limit" });
      expect(await client.next("OrderFilled")).toMatchObject({ seq: 2, liquidity: "taker", fee: 9, leavesQty: 3, lastOfBatch: true });
      const [words] = engine.commands as [Int32Array];
      expect([NewOrder.account(words, 0), NewOrder.flags(words, 0), NewOrder.stp(words, 0), NewOrder.clientSeq(words, 0)]).toEqual([
        1, 1, 2, 1,
      ]);
      expect(client.frames).toEqual([false, true]);
    });

    it("takes several maps in a frame, and answers each by itself", async () => {
      const { port, engine } = await open();
      const client = await logOn(port);
      client.send([
        { ...ORDER, seq: 1 },
        { ...ORDER, seq: 2, clOrdId: 2, side: "long" },
        { ...ORDER, seq: 3, clOrdId: 3, colour: "red" },
        { template: "Order", seq: 4 },
        { template: "OrderRejected", seq: 5, code: 1, refTemplateId: 1 },
        { ...ORDER, seq: 6, clOrdId: 6, qty: 0.5 },
        { ...ORDER, seq: 8, clOrdId: 8 },
        { ...ORDER, seq: 8, clOrdId: 9 },
      ]);
      await until(() => client.received.length === 10);
      const byTemplate = (template: string) => client.received.filter((map) => map["template"] === template);
      expect(byTemplate("BusinessReject").map((map) => [map["clientSeq"], map["code"], map["offset"]])).toEqual([
        [2, CODES.BAD_SIDE, 1],
        [3, CODES.BAD_FIELD, 2],
        [4, CODES.UNKNOWN_TEMPLATE, 3],
        [5, CODES.NOT_A_CLIENT_MESSAGE, 4],
        [6, CODES.UNSAFE_NUMBER, 5],
      ]);
      expect(byTemplate("NotApplied")).toMatchObject([{ fromSeq: 7, count: 1 }]);
      expect(byTemplate("RequestStatus")).toMatchObject([{ clientSeq: 8, state: "pending", refTemplateId: TEMPLATES.NewOrder }]);
      expect(engine.commands.map((words) => NewOrder.clOrdId(words, 0))).toEqual([1, 8]);
    });

    it("lists instruments, subscribes, and answers tests and status requests", async () => {
      const { port } = await open();
      const client = await logOn(port);
      client.send({ template: "InstrumentListRequest", seq: 1 }, { template: "Subscribe", seq: 2, instrument: 1, channel: "top" });
      client.send({ template: "TestRequest", token: 5 }, { ...ORDER, seq: 3 });
      await until(() => client.received.some((map) => map["template"] === "OrderAccepted"));
      client.send({ template: "MassStatusRequest", seq: 4 });
      await until(() => client.received.some((map) => map["template"] === "RequestDone"));
      const find = (template: string) => client.received.find((map) => map["template"] === template) as RecordMap;
      expect(find("InstrumentDefinition")).toMatchObject({
        symbol: "BTC-USD",
        base: "BTC",
        tickMantissa: 1,
        tickExponent: -2,
        quoteScale: 6,
      });
      expect(find("InstrumentState")).toMatchObject({ state: "open" });
      expect(find("TopOfBook")).toMatchObject({ bidPrice: 99, askQty: 0, asState: true });
      expect(find("TopOfBook")).not.toHaveProperty("askPrice");
      expect(find("TestReply")).toMatchObject({ token: 5, seq: 0 });
      expect(find("OrderStatus")).toMatchObject({ clOrdId: 1, state: "resting", flags: [] });
    });

    it("resumes, whichever way the session spoke before", async () => {
      const { port, engine, gateway } = await open();
      const raw = await RawClient.logOn(port, as(ALICE));
      raw.send(newOrder({ seq: 1 }));
      await raw.next("OrderAccepted");
      raw.drop();
      await until(() => gateway.sessionCount === 0);
      engine.emit([canceledByEngine(1, 1)]);
      const client = await logOn(port, { nextServerSeq: 1 });
      expect(client.received[0]).toMatchObject({ resumed: 1, nextClientSeq: 2 });
      expect(await client.next("OrderAccepted")).toMatchObject({ seq: 1, possibleResend: true, lastOfBatch: true });
      expect(await client.next("OrderCanceled")).toMatchObject({ seq: 2, reason: "user" });
      client.socket.terminate();
      await until(() => gateway.sessionCount === 0);
      const again = await RawClient.logOn(port, { ...as(ALICE), nextServerSeq: 2 });
      expect((await again.next("OrderCanceled")).flags & Header.FLAG_POSSIBLE_RESEND).toBe(1);
      again.drop();
    });

    it("stands beside sessions that speak in records", async () => {
      const { port } = await open();
      const reader = await logOn(port, as(ALICE_2));
      const raw = await RawClient.logOn(port, as(ALICE));
      raw.send(newOrder({ seq: 1 }));
      await raw.next("OrderAccepted");
      expect(await reader.next("OrderAccepted")).toMatchObject({ clientSeq: 0, session: 0, orderId: 1001 });
      raw.drop();
    });

    it.each<[string, unknown, string]>([
      ["a wrong signature", { ...logonMap(as(ALICE)), signature: new Uint8Array(32) }, "BAD_SIGNATURE"],
      ["no signature", (({ signature: _, ...rest }) => rest)(logonMap(as(ALICE))), "BAD_SIGNATURE"],
      ["a field too many", { ...logonMap(as(ALICE)), password: "x" }, "BAD_FIELD"],
      ["an order first", { ...ORDER, seq: 1 }, "NOT_LOGGED_ON"],
    ])("refuses a logon with %s", async (_, map, code) => {
      const { port, engine } = await open();
      const client = await MapClient.connect(port);
      clients.push(client);
      client.send([map, { ...ORDER, seq: 1 }]);
      expect(await client.next("LogonReject")).toMatchObject({ code: CODES[code as keyof typeof CODES], text: code });
      expect(await client.closed()).toBe(4001);
      expect(engine.commands).toEqual([]);
    });

    it.each<[string, Buffer, string]>([
      ["no MessagePack", Buffer.from([0xc1]), "BAD_MESSAGEPACK at offset 0"],
      ["a record", Buffer.from(newOrder({ seq: 1 })), "BAD_MESSAGEPACK at offset 0"],
      ["a number", Buffer.from([5]), "BAD_MESSAGEPACK at offset 0"],
      ["too many bytes", Buffer.alloc(65_537, 0x80), "FRAME_TOO_LARGE at offset 0"],
    ])("ends a session whose frame has %s", async (_, bytes, reason) => {
      const { port, engine } = await open();
      const client = await logOn(port);
      client.socket.send(bytes);
      expect(await client.next("LogoutNotice")).toMatchObject({ text: reason });
      expect([await client.closed(), client.closeReason]).toEqual([4003, reason]);
      expect(engine.commands).toEqual([]);
    });

    it("ends a session that sends text", async () => {
      const { port } = await open();
      const client = await logOn(port);
      client.socket.send(JSON.stringify({ ...ORDER, seq: 1 }));
      expect(await client.closed()).toBe(4004);
    });
  });
}
