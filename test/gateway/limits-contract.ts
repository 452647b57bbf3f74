import { describe, expect, it } from "vitest";
import {
  BusinessReject,
  CancelScope,
  codeName,
  Header,
  LogoutNotice,
  OrderCanceled,
  OrderStatus,
  Reason,
  RequestDone,
  ShutdownNotice,
  TEMPLATES,
} from "../../engine/wire/index.js";
import type { GatewayKey } from "../../gateway/index.js";
import { accepted, trade } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { cancel, concat, instrumentListRequest, massStatusRequest, newOrder, orderStatusRequest } from "./records.js";
import { dead, SessionWorld } from "./session-world.js";
import { ALICE, as, BOB, rejectOf, statusOf } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import type { TransportName } from "./transports.js";

/** Holds limits, questions and the end of a gateway to docs/GATEWAY.md, on real sockets of one transport. */
export function describeLimits(transport: TransportName): void {
  describe("limits, questions and the end", () => {
    const world = new SessionWorld(transport);

    describe("status requests", () => {
      it("tell of an order as it is after the reports in front", async () => {
        await world.open();
        world.engine.respond = (words) => (Header.templateId(words, 0) === TEMPLATES.NewOrder ? [accepted(words), trade(words, 9)] : []);
        const client = await world.logOn();
        client.send(
          concat(
            newOrder({ seq: 1, qty: 5, price: 100 }),
            orderStatusRequest({ seq: 2, clOrdId: 1 }),
            orderStatusRequest({ seq: 3, orderId: 9 }),
          ),
        );
        await client.next("OrderAccepted");
        await client.next("OrderFilled");
        const { words } = await client.next("OrderStatus");
        expect([OrderStatus.clientSeq(words, 0), OrderStatus.cumQty(words, 0), OrderStatus.leavesQty(words, 0)]).toEqual([2, 2, 3]);
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 3, code: "UNKNOWN_ORDER" });
        client.send(orderStatusRequest({ seq: 4, orderId: 1001 }), orderStatusRequest({ seq: 4, orderId: 1001 }));
        await client.next("OrderStatus");
        expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 4, state: "answered", ref: "OrderStatusRequest" });
      });

      it("wait for the commands in front of them, and only for those", async () => {
        await world.open();
        world.engine.respond = () => [];
        const client = await world.logOn();
        client.send(concat(newOrder({ seq: 1 }), massStatusRequest({ seq: 2 }), newOrder({ seq: 3, clOrdId: 3 })));
        client.send(massStatusRequest({ seq: 2 }));
        expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 2, state: "pending" });
        expect(await client.quiet(80)).toEqual([]);
        world.engine.emit([accepted(world.engine.commands[0] as Int32Array)]);
        await client.next("OrderAccepted");
        await client.next("OrderStatus");
        await client.next("RequestDone");
        client.send(concat(...Array.from({ length: 65 }, (_, i) => massStatusRequest({ seq: 4 + i }))));
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 68, code: "TOO_MANY_IN_FLIGHT" });
      });

      it("list the account's live orders, or those of an instrument or side", async () => {
        await world.open();
        const client = await world.logOn();
        const bob = await world.logOn(as(BOB));
        client.send(
          concat(
            newOrder({ seq: 1, clOrdId: 1, side: 0 }),
            newOrder({ seq: 2, clOrdId: 2, side: 1 }),
            newOrder({ seq: 3, clOrdId: 3, instrument: 2 }),
          ),
        );
        await until(() => client.received.length === 4);
        const ask = async (seq: number, scope: { instrument?: number; side?: number }, who = client) => {
          const from = who.received.length;
          who.send(massStatusRequest({ seq, ...scope }));
          await until(() => who.received.at(-1)?.name === "RequestDone" && who.received.length > from);
          const got = who.received.slice(from);
          expect(RequestDone.count((got.at(-1) as (typeof got)[0]).words, 0)).toBe(got.length - 1);
          return got.slice(0, -1).map((record) => OrderStatus.clOrdId(record.words, 0));
        };
        expect(await ask(4, {})).toEqual([1, 2, 3]);
        expect(await ask(5, { instrument: 1 })).toEqual([1, 2]);
        expect(await ask(6, { side: 1 })).toEqual([]);
        expect(await ask(1, {}, bob)).toEqual([]);
        world.engine.emit([dead(1, 2)]);
        await client.next("OrderAccepted");
        await until(() => client.received.at(-1)?.name === "OrderCanceled");
        expect(await ask(7, {})).toEqual([1, 3]);
      });
    });

    describe("throttles", () => {
      const slow = { perSecond: 10, burst: 5 };

      it("refuse with a time to wait, let cancels pass, and take again when the time has passed", async () => {
        await world.open({}, { throttle: { session: slow } });
        const client = await world.logOn();
        client.send(concat(...Array.from({ length: 7 }, (_, i) => newOrder({ seq: i + 1, clOrdId: i + 1 }))));
        await until(() => client.received.length === 8);
        const refused = client.received.filter((record) => record.name === "BusinessReject");
        expect(refused.map((record) => rejectOf(record))).toMatchObject([{ code: "THROTTLED" }, { code: "THROTTLED" }]);
        const waitMs = BusinessReject.retryAfterMs((refused[0] as (typeof refused)[0]).words, 0);
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(100);
        client.send(cancel({ seq: 8, clOrdId: 1 }));
        await until(() => world.engine.commands.length === 6);
        await client.quiet(waitMs + 30);
        client.send(newOrder({ seq: 9, clOrdId: 9 }));
        await until(() => world.engine.commands.length === 7);
      });

      it("end a session that goes on all the same, and cancel for it at once", async () => {
        await world.open({}, { throttle: { session: { perSecond: 1, burst: 5 } } });
        const client = await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 60_000 });
        client.send(concat(...Array.from({ length: 30 }, (_, i) => newOrder({ seq: i + 1, clOrdId: i + 1 }))));
        expect(await client.closed()).toBe(4012);
        const notice = client.received.at(-1) as (typeof client.received)[0];
        expect(codeName(LogoutNotice.code(notice.words, 0))).toBe("THROTTLE_BREACH");
        await until(() => world.commandNames().includes("MassCancel"));
        expect(world.engine.commands).toHaveLength(6);
        // The one that was too much was answered too: nobody has to wait for it.
        const rejects = client.received.filter((record) => record.name === "BusinessReject").map(rejectOf);
        expect(rejects.map(({ seq, code }) => [seq, code])).toEqual([6, 7, 8, 9, 10, 11].map((seq) => [seq, "THROTTLED"]));
        const again = await world.logOn({ nextServerSeq: 1 });
        expect(again.granted.nextClientSeq).toBe(12);
        // A new budget would take all five.
        again.send(concat(...[12, 13, 14, 15, 16].map((seq) => newOrder({ seq, clOrdId: seq }))));
        await again.closed();
        expect(again.closeCode).toBe(4012);
      });

      it("count an account over its sessions, and an address over its accounts", async () => {
        const keys = [ALICE, { ...ALICE, id: "alice-3" }, BOB];
        await world.open({}, { keys, throttle: { account: slow } });
        const one = await world.logOn();
        const two = await world.logOn({ key: "alice-3" });
        const bob = await world.logOn(as(BOB));
        one.send(concat(...[1, 2, 3, 4].map((seq) => newOrder({ seq, clOrdId: seq }))));
        await until(() => world.engine.commands.length === 4);
        two.send(concat(...[1, 2].map((seq) => newOrder({ seq, clOrdId: 10 + seq }))));
        bob.send(newOrder({ seq: 1 }));
        await until(() => two.received.some((record) => record.name === "BusinessReject"));
        await bob.next("OrderAccepted");
        expect(world.engine.commands).toHaveLength(6);
        await world.gateway.close();
        await world.open({}, { keys, throttle: { address: slow } });
        const alice = await world.logOn();
        const other = await world.logOn(as(BOB));
        alice.send(concat(...[1, 2, 3, 4, 5].map((seq) => newOrder({ seq, clOrdId: seq }))));
        await until(() => world.engine.commands.length === 5);
        other.send(newOrder({ seq: 1 }));
        expect(rejectOf(await other.next("BusinessReject"))).toMatchObject({ code: "THROTTLED" });
      });

      it("give each session without an account a budget of its own", async () => {
        const feeds: GatewayKey[] = ["feed-2", "feed-3"].map((id) => ({ id, secret: id, permissions: ["marketData"] }));
        await world.open({}, { keys: feeds, throttle: { account: slow } });
        const [one, two] = [await world.logOn(as(feeds[0])), await world.logOn(as(feeds[1]))];
        one.send(concat(...[1, 2, 3, 4, 5, 6].map((seq) => instrumentListRequest(seq))));
        await until(() => one.received.at(-1)?.name === "BusinessReject");
        expect(rejectOf(one.received.at(-1) as (typeof one.received)[0])).toMatchObject({ seq: 6, code: "THROTTLED" });
        two.send(instrumentListRequest(1));
        await two.next("InstrumentState");
      });

      it("answer too many sockets of one address with 429", async () => {
        await world.open({}, { throttle: { connections: { perSecond: 1, burst: 2 } } });
        await world.logOn();
        await world.logOn();
        await expect(world.logOn()).rejects.toThrow("429");
      });
    });

    describe("a gateway that closes", () => {
      it("says so first, takes cancels and no orders, and cancels for those who asked for it", async () => {
        await world.open({ shutdownMs: 250 });
        const client = await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 60_000 });
        const bob = await world.logOn(as(BOB));
        world.engine.respond = (words) => {
          if (Header.templateId(words, 0) === TEMPLATES.MassCancel) return [dead(1, 1)];
          return Header.templateId(words, 0) === TEMPLATES.NewOrder ? [accepted(words)] : [];
        };
        client.send(newOrder({ seq: 1 }));
        await client.next("OrderAccepted");
        const closed = world.gateway.close();
        const notice = await client.next("ShutdownNotice");
        expect([ShutdownNotice.closesInMs(notice.words, 0), ShutdownNotice.text(notice.words, 0)]).toEqual([250, "SHUTTING_DOWN"]);
        await bob.next("ShutdownNotice");
        await expect(RawClient.connect(world.gateway.port)).rejects.toThrow("503");
        client.send(newOrder({ seq: 2, clOrdId: 2 }), cancel({ seq: 3, clOrdId: 1 }));
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 2, code: "SHUTTING_DOWN" });
        await until(() => world.commandNames().includes("Cancel"));
        const canceled = await client.next("OrderCanceled");
        expect(OrderCanceled.reason(canceled.words, 0)).toBe(Reason.disconnect);
        await client.next("LogoutNotice");
        await closed;
        expect(await client.closed()).toBe(4010);
        expect(world.commandNames()).toEqual(["NewOrder", "Cancel", "MassCancel"]);
      });
    });
  });
}
