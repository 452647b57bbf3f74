import { describe, expect, it } from "vitest";
import {
  CancelAllAfterAck,
  CancelScope,
  CODES,
  codeName,
  EndOrder,
  GapFill,
  Header,
  LogonReject,
  MassCancel,
  NewOrder,
  OrderCanceled,
  OrderRejected,
  Reason,
  TEMPLATES,
} from "../../engine/wire/index.js";
import { accepted, canceledByEngine, rejected, trade } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import {
  cancel,
  cancelAllAfter,
  instrumentListRequest,
  logon,
  logout,
  massStatusRequest,
  newOrder,
  orderStatusRequest,
  resendRequest,
} from "./records.js";
import { ACCOUNT_AT_ONCE, dead, SessionWorld } from "./session-world.js";
import { ALICE, ALICE_2, as, BOB, FEED, rejectOf, statusOf } from "./started-gateway.js";
import { until } from "./transport-contract.js";
import type { TransportName } from "./transports.js";

/** Holds the sessions of a gateway to docs/GATEWAY.md, on real sockets of one transport. */
export function describeSessions(transport: TransportName): void {
  describe("sessions", () => {
    const world = new SessionWorld(transport);

    describe("resume", () => {
      it("goes on where the client stopped: numbers both ways, nothing lost, nothing twice", async () => {
        await world.open();
        const first = await world.logOn();
        expect(first.granted).toEqual({ nextClientSeq: 1, nextServerSeq: 1, resumed: 0, resetRequired: 0, canceledOrders: 0 });
        first.send(newOrder({ seq: 1 }), newOrder({ seq: 2, clOrdId: 2 }));
        await first.next("OrderAccepted");
        await first.next("OrderAccepted");
        await world.lose(first);
        world.engine.emit([canceledByEngine(1, 1)]);
        world.engine.emit([canceledByEngine(1, 2)]);
        const second = await world.logOn({ nextServerSeq: 2 });
        expect(second.granted).toEqual({ nextClientSeq: 3, nextServerSeq: 2, resumed: 1, resetRequired: 0, canceledOrders: 0 });
        expect(second.sessionId).toBe(first.sessionId);
        const again = [await second.next("OrderAccepted"), await second.next("OrderCanceled"), await second.next("OrderCanceled")];
        expect(again.map((record) => record.seq)).toEqual([2, 3, 4]);
        expect(again.map((record) => record.flags & Header.FLAG_POSSIBLE_RESEND)).toEqual([1, 1, 1]);
        expect((again[0]?.flags ?? 0) & Header.FLAG_LAST_OF_BATCH).toBe(Header.FLAG_LAST_OF_BATCH);
        second.send(newOrder({ seq: 3, clOrdId: 3 }));
        expect(await second.next("OrderAccepted")).toMatchObject({ seq: 5, flags: Header.FLAG_LAST_OF_BATCH });
      });

      it("brings the answer that came while nobody was there, as the answer that it is", async () => {
        await world.open();
        world.engine.respond = () => [];
        const first = await world.logOn();
        first.send(newOrder({ seq: 1 }));
        await until(() => world.engine.commands.length === 1);
        await world.lose(first);
        world.engine.emit([accepted(world.engine.commands[0] as Int32Array), trade(world.engine.commands[0] as Int32Array, 9)]);
        const second = await world.logOn({ nextServerSeq: 1 });
        const answer = await second.next("OrderAccepted");
        expect(answer.seq).toBe(1);
        expect(await second.next("OrderFilled")).toMatchObject({ seq: 2, flags: Header.FLAG_LAST_OF_BATCH | Header.FLAG_POSSIBLE_RESEND });
        second.send(newOrder({ seq: 1 }));
        expect(statusOf(await second.next("RequestStatus"))).toMatchObject({
          clientSeq: 1,
          state: "answered",
          answerSeq: 1,
          orderId: 1001,
        });
        expect(world.engine.commands).toHaveLength(1);
      });

      it("is refused what is not kept any more, says so, and goes on", async () => {
        await world.open({ replayBytes: 4096 });
        const first = await world.logOn();
        for (let seq = 1; seq <= 60; seq++) first.send(newOrder({ seq, clOrdId: seq }));
        await until(() => first.received.length === 61);
        await world.lose(first);
        const second = await world.logOn({ nextServerSeq: 1 });
        expect(second.granted).toEqual({ nextClientSeq: 61, nextServerSeq: 61, resumed: 1, resetRequired: 1, canceledOrders: 0 });
        expect(await second.quiet()).toEqual([]);
        second.send(massStatusRequest({ seq: 61 }));
        await until(() => second.received.some((record) => record.name === "RequestDone"));
        expect(second.received.filter((record) => record.name === "OrderStatus")).toHaveLength(60);
        await world.lose(second);
        const third = await world.logOn({ nextServerSeq: 30 });
        expect(third.granted).toMatchObject({ nextServerSeq: 30, resetRequired: 0 });
        await until(() => third.received.length === 1 + 31 + 1);
        expect(third.received.at(-1)?.name).toBe("GapFill");
      });

      it("of a session that is not there opens a new one and requires a reset; so does a seq that was never sent", async () => {
        await world.open();
        const first = await world.logOn({ nextServerSeq: 7 });
        expect(first.granted).toEqual({ nextClientSeq: 1, nextServerSeq: 1, resumed: 0, resetRequired: 1, canceledOrders: 0 });
        await world.lose(first);
        expect((await world.logOn({ nextServerSeq: 2 })).granted).toMatchObject({ nextServerSeq: 1, resumed: 1, resetRequired: 1 });
      });

      it("does not find what was forgotten after its life", async () => {
        await world.open({ sessionLifeMs: 80 });
        const first = await world.logOn();
        await world.lose(first);
        expect(world.gateway.stats().sessionsWaiting).toBe(1);
        await until(() => world.gateway.stats().sessionsWaiting === 0);
        expect((await world.logOn({ nextServerSeq: 1 })).granted).toMatchObject({ resumed: 0, resetRequired: 1 });
      });

      it("of seq 0 opens a new session, and what was kept is gone", async () => {
        await world.open();
        const first = await world.logOn();
        first.send(newOrder({ seq: 1 }));
        await first.next("OrderAccepted");
        await world.lose(first);
        const second = await world.logOn();
        expect(second.sessionId).not.toBe(first.sessionId);
        expect(second.granted).toMatchObject({ nextClientSeq: 1, nextServerSeq: 1, resumed: 0, resetRequired: 0 });
        expect(await second.quiet()).toEqual([]);
      });

      it("makes room for a new session at the cost of the one that waits longest", async () => {
        await world.open({ maxSessions: 2 });
        const alice = await world.logOn();
        const reader = await world.logOn(as(ALICE_2));
        await world.lose(reader);
        await world.lose(alice);
        await world.logOn(as(BOB));
        expect((await world.logOn({ nextServerSeq: 1 })).granted.resumed).toBe(1);
        expect(world.gateway.stats()).toMatchObject({ sessions: 2, sessionsWaiting: 0 });
      });

      it("keeps no more than it may, however much happens meanwhile", async () => {
        await world.open({ replayBytes: 1 << 14 });
        await world.lose(await world.logOn());
        for (let i = 0; i < 3000; i++) world.engine.emit([canceledByEngine(1, i + 1)]);
        await until(() => world.gateway.stats().keptBytes >= 1 << 14);
        expect(world.gateway.stats().keptBytes).toBe(1 << 14);
        const again = await world.logOn({ nextServerSeq: 2900 });
        await until(() => again.received.length === 102);
        expect(again.received.at(-1)).toMatchObject({ name: "OrderCanceled", seq: 3000 });
      });
    });

    describe("a resend request", () => {
      it("brings records again, and gaps for answers that can be asked for anew", async () => {
        await world.open();
        const client = await world.logOn();
        client.send(instrumentListRequest(1), newOrder({ seq: 2 }), orderStatusRequest({ seq: 3, clOrdId: 1 }));
        await until(() => client.received.some((record) => record.name === "OrderStatus"));
        const from = client.received.length;
        client.send(resendRequest(1));
        await until(() => client.received.length === from + 6);
        const again = client.received.slice(from).map(({ name, seq, flags, words }) => {
          return [name, seq, flags & 1, name === "GapFill" ? GapFill.nextSeq(words, 0) : 0];
        });
        expect(again).toEqual([
          ["InstrumentState", 1, 1, 0],
          ["GapFill", 2, 1, 3],
          ["InstrumentState", 3, 1, 0],
          ["GapFill", 4, 1, 5],
          ["OrderAccepted", 5, 1, 0],
          ["GapFill", 6, 1, 7],
        ]);
      });

      it("is refused outside of what was sent, and too often", async () => {
        await world.open();
        const client = await world.logOn();
        client.send(newOrder({ seq: 1 }));
        await client.next("OrderAccepted");
        client.send(resendRequest(2));
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "BAD_RESEND" });
        client.send(resendRequest(1));
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "THROTTLED" });
        await client.quiet();
        client.send(resendRequest(1, 1));
        expect(await client.next("OrderAccepted")).toMatchObject({ seq: 1 });
      });
    });

    describe("a request that comes again", () => {
      it("is told as pending, refused, forgotten", async () => {
        await world.open({ maxRequestsKept: 64 });
        world.engine.respond = (words) => (NewOrder.clOrdId(words, 0) === 1 ? [] : [rejected(words)]);
        const client = await world.logOn();
        client.send(newOrder({ seq: 1 }), newOrder({ seq: 2, clOrdId: 2 }), newOrder({ seq: 3, side: 9 }));
        await until(() => client.received.length === 3);
        const seqOf = (name: string) => client.received.find((record) => record.name === name)?.seq;
        client.send(newOrder({ seq: 1 }), newOrder({ seq: 2 }), newOrder({ seq: 3 }));
        await until(() => client.received.length === 6);
        expect(client.received.slice(3).map((record) => statusOf(record))).toMatchObject([
          { state: "pending", answerSeq: 0, code: 0, ref: "NewOrder" },
          { state: "refused", answerSeq: seqOf("OrderRejected"), code: CODES.DUPLICATE_CLORDID },
          { state: "refused", answerSeq: seqOf("BusinessReject"), code: CODES.BAD_SIDE },
        ]);
        for (let seq = 4; seq <= 70; seq++) client.send(newOrder({ seq, clOrdId: seq }));
        await until(() => client.received.filter((record) => record.name === "OrderRejected").length === 68);
        const seen = client.received.length;
        client.send(newOrder({ seq: 2 }));
        await until(() => client.received.length === seen + 1);
        expect(statusOf(client.received.at(-1) as never)).toMatchObject({ clientSeq: 2, state: "forgotten", ref: undefined });
      });
    });

    describe("one session a key", () => {
      it("kickOld takes the session over, open and unharmed", async () => {
        await world.open();
        const older = await world.logOn(ACCOUNT_AT_ONCE);
        older.send(newOrder({ seq: 1 }));
        await older.next("OrderAccepted");
        const newer = await world.logOn({ ...ACCOUNT_AT_ONCE, nextServerSeq: 2 });
        expect(await older.closed()).toBe(4006);
        expect(newer.granted).toMatchObject({ resumed: 1, nextClientSeq: 2, nextServerSeq: 2 });
        newer.send(newOrder({ seq: 2, clOrdId: 2 }));
        expect((await newer.next("OrderAccepted")).seq).toBe(2);
        await newer.quiet(120);
        expect(world.commandNames()).toEqual(["NewOrder", "NewOrder"]);
      });

      it("rejectNew keeps the older socket, and lets the key in when that is gone", async () => {
        await world.open({}, { duplicateLogon: "rejectNew" });
        const older = await world.logOn();
        await expect(world.logOn()).rejects.toThrow("got LogonReject");
        expect(older.closeCode).toBe(0);
        await world.lose(older);
        expect((await world.logOn({ nextServerSeq: 1 })).granted.resumed).toBe(1);
      });
    });

    describe("cancel on disconnect", () => {
      it("of the account comes after the grace, for the reason, and is told on resume", async () => {
        await world.open();
        world.engine.respond = (words) => {
          if (Header.templateId(words, 0) === TEMPLATES.MassCancel) return [dead(1, 1), dead(1, 2)];
          return [accepted(words)];
        };
        const client = await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 300 });
        client.send(newOrder({ seq: 1 }), newOrder({ seq: 2, clOrdId: 2 }));
        await client.next("OrderAccepted");
        await client.next("OrderAccepted");
        const lostMs = performance.now();
        await world.lose(client);
        await until(() => world.engine.commands.length === 3);
        expect(performance.now() - lostMs).toBeGreaterThan(280);
        const command = world.engine.commands[2] as Int32Array;
        expect([MassCancel.account(command, 0), MassCancel.session(command, 0), MassCancel.cause(command, 0)]).toEqual([
          1,
          0,
          Reason.disconnect,
        ]);
        await until(() => world.gateway.stats().liveOrders === 0);
        const again = await world.logOn({ nextServerSeq: 3 });
        expect(again.granted).toMatchObject({ resumed: 1, nextServerSeq: 3, canceledOrders: 2 });
        const told = [await again.next("OrderCanceled"), await again.next("OrderCanceled")];
        expect(told.map(({ words }) => OrderCanceled.reason(words, 0))).toEqual([Reason.disconnect, Reason.disconnect]);
        await world.lose(again);
        expect((await world.logOn({ nextServerSeq: 5 })).granted.canceledOrders).toBe(0);
        expect(world.engine.commands).toHaveLength(3);
      });

      it("does not come when the client is back within the grace, or has not asked for it", async () => {
        await world.open();
        await world.lose(await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 400 }));
        await world.lose(await world.logOn(as(BOB)));
        const client = await world.logOn({ nextServerSeq: 1, cancelScope: CancelScope.account, cancelGraceMs: 400 });
        await client.quiet(600);
        expect(world.engine.commands).toEqual([]);
      });

      it("is not lost when the session has to make room for another one", async () => {
        await world.open({ maxSessions: 2 });
        await world.lose(await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 3_000 }));
        const reader = await world.logOn(as(ALICE_2));
        expect(await world.refusalOf(as(BOB))).toBe("TOO_MANY_SESSIONS");
        await world.lose(reader);
        await world.logOn(as(BOB));
        await until(() => world.engine.commands.length === 1);
        expect(MassCancel.account(world.engine.commands[0] as Int32Array, 0)).toBe(1);
      });

      it("is not for keys that may not trade", async () => {
        await world.open();
        expect(await world.refusalOf({ ...as(ALICE_2), ...ACCOUNT_AT_ONCE })).toBe("NOT_PERMITTED");
        expect(await world.refusalOf({ ...as(FEED), cancelScope: CancelScope.session })).toBe("NOT_PERMITTED");
        const reader = await world.logOn(as(ALICE_2));
        await world.lose(reader);
        await world.lose(await world.logOn());
        expect(world.engine.commands).toEqual([]);
      });

      it("of the session ends its own orders one by one, when none is on its way any more", async () => {
        await world.open();
        const held: Int32Array[] = [];
        const other = await world.logOn({ ...as(ALICE_2) });
        world.engine.respond = (words) => {
          if (NewOrder.clOrdId(words, 0) !== 3) return [accepted(words)];
          held.push(accepted(words));
          return [];
        };
        const client = await world.logOn({ cancelScope: CancelScope.session });
        client.send(
          newOrder({ seq: 1 }),
          newOrder({ seq: 2, clOrdId: 2 }),
          newOrder({ seq: 3, clOrdId: 3 }),
          cancel({ seq: 4, clOrdId: 9 }),
        );
        await until(() => world.engine.commands.length === 4);
        world.engine.respond = () => [];
        await world.lose(client);
        await other.quiet(120);
        expect(world.engine.commands).toHaveLength(4);
        world.engine.emit(held);
        world.engine.emit([canceledByEngine(2, 77)]);
        await other.quiet(120);
        // The cancel is still unanswered.
        expect(world.engine.commands).toHaveLength(4);
        const refusal = rejected(world.engine.commands[0] as Int32Array);
        OrderRejected.setClientSeq(refusal, 0, 4);
        world.engine.emit([refusal]);
        await until(() => world.engine.commands.length === 7);
        const ended = world.engine.commands.slice(4);
        expect(ended.map((words) => [Header.templateId(words, 0), EndOrder.orderId(words, 0), EndOrder.cause(words, 0)])).toEqual([
          [TEMPLATES.EndOrder, 1001, Reason.disconnect],
          [TEMPLATES.EndOrder, 1002, Reason.disconnect],
          [TEMPLATES.EndOrder, 1003, Reason.disconnect],
        ]);
      });

      it("comes at once after a logout, whatever the grace", async () => {
        await world.open();
        const client = await world.logOn({ cancelScope: CancelScope.account, cancelGraceMs: 60_000 });
        client.send(logout());
        expect(await client.closed()).toBe(4000);
        await until(() => world.commandNames().includes("MassCancel"));
      });

      it("comes when silence ends the session, and when it reads too slowly", async () => {
        await world.open({ maxBackpressureBytes: 1 << 16 });
        const silent = await world.logOn({ ...ACCOUNT_AT_ONCE, heartbeatMs: 500 });
        expect(await silent.closed()).toBe(4005);
        await until(() => world.engine.commands.length === 1);
        const slow = await world.logOn(ACCOUNT_AT_ONCE);
        slow.socket.pause();
        for (let i = 0; i < 200_000 && world.gateway.sessionCount > 0; i += 500) {
          for (let k = 0; k < 500; k++) world.engine.emit([canceledByEngine(1, i + k + 1)]);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await until(() => world.engine.commands.length === 2);
        expect(world.commandNames()).toEqual(["MassCancel", "MassCancel"]);
        slow.socket.resume();
        expect(await slow.closed()).toBe(4008);
      }, 20_000);

      it("is tried again until the ring has room", async () => {
        await world.open();
        const client = await world.logOn(ACCOUNT_AT_ONCE);
        world.engine.hasRoom = false;
        await world.lose(client);
        await new Promise((resolve) => setTimeout(resolve, 150));
        expect(world.engine.commands).toEqual([]);
        world.engine.hasRoom = true;
        await until(() => world.engine.commands.length === 1);
      });
    });

    describe("CancelAllAfter", () => {
      it("cancels when it is not renewed, with a socket and without", async () => {
        await world.open();
        const client = await world.logOn();
        client.send(cancelAllAfter({ seq: 1, timeoutMs: 250 }));
        const ack = await client.next("CancelAllAfterAck");
        expect(Math.abs(CancelAllAfterAck.triggerTime(ack.words, 0) / 1000 - Date.now() - 250)).toBeLessThan(150);
        await until(() => world.engine.commands.length === 1);
        expect(MassCancel.cause(world.engine.commands[0] as Int32Array, 0)).toBe(Reason.disconnect);
        client.send(cancelAllAfter({ seq: 2, timeoutMs: 250 }));
        await client.next("CancelAllAfterAck");
        await world.lose(client);
        await until(() => world.engine.commands.length === 2);
        expect(world.commandNames()).toEqual(["MassCancel", "MassCancel"]);
      });

      it("is renewed, disarmed, and refused out of range", async () => {
        await world.open();
        const client = await world.logOn();
        for (let seq = 1; seq <= 5; seq++) {
          client.send(cancelAllAfter({ seq, timeoutMs: 300 }));
          await client.next("CancelAllAfterAck");
          await client.quiet(120);
        }
        expect(world.engine.commands).toEqual([]);
        client.send(cancelAllAfter({ seq: 6, timeoutMs: 0 }), cancelAllAfter({ seq: 7, timeoutMs: 99 }));
        expect(CancelAllAfterAck.triggerTime((await client.next("CancelAllAfterAck")).words, 0)).toBe(0);
        expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "BAD_VALUE" });
        await client.quiet(400);
        expect(world.engine.commands).toEqual([]);
        const reader = await world.logOn(as(ALICE_2));
        reader.send(cancelAllAfter({ seq: 1, timeoutMs: 1000 }));
        expect(rejectOf(await reader.next("BusinessReject"))).toMatchObject({ code: "NOT_PERMITTED" });
      });
    });

    it("a session that the engine cannot note down is refused, and opened later", async () => {
      await world.open();
      world.engine.canOpenSessions = false;
      world.engine.refusal = CODES.JOURNAL_FULL;
      const client = await RawClient.connect(world.gateway.port);
      world.clients.push(client);
      client.send(logon(as(ALICE)));
      expect(codeName(LogonReject.code((await client.next("LogonReject")).words, 0))).toBe("JOURNAL_FULL");
      world.engine.canOpenSessions = true;
      await world.logOn();
      expect(world.engine.sessionNames).toEqual(["alice-1"]);
    });

    it("a logon with a grace above the limit is refused", async () => {
      await world.open();
      const client = await RawClient.connect(world.gateway.port);
      world.clients.push(client);
      client.send(logon({ ...as(ALICE), cancelGraceMs: 600_001 }));
      expect(codeName(LogonReject.code((await client.next("LogonReject")).words, 0))).toBe("BAD_CANCEL_GRACE");
    });
  });
}
