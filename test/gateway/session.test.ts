import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { codeName, LogonAck, LogonReject, LogoutNotice, NewOrder, NotApplied } from "../../engine/wire/index.js";
import { CLOSE } from "../../gateway/index.js";
import { accepted, trade } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { concat, heartbeat, instrumentListRequest, logon, newOrder, subscribe, testRequest } from "./records.js";
import { ALICE, as, BOB, rejectOf, start, statusOf } from "./started-gateway.js";
import { until } from "./transport-contract.js";

afterEach(() => {
  vi.useRealTimers();
});

describe("logon", () => {
  it("opens a session for the key's account", async () => {
    const { port, gateway } = await start();
    const client = await RawClient.connect(port);
    client.send(logon({ ...as(BOB), heartbeatMs: 700 }));
    const { words, seq } = await client.next("LogonAck");
    expect(LogonAck.account(words, 0)).toBe(2);
    expect(LogonAck.session(words, 0)).toBe(1);
    expect(LogonAck.nextClientSeq(words, 0)).toBe(1);
    expect(LogonAck.heartbeatMs(words, 0)).toBe(700);
    expect(seq).toBe(0);
    expect(gateway.sessionCount).toBe(1);
  });

  const tooOld = () => (Date.now() - 5_500) * 1000;
  const tooNew = () => (Date.now() + 5_500) * 1000;
  const withSignature = (index: number) => {
    const bytes = logon(as(ALICE));
    bytes[104 + index] = (bytes[104 + index] ?? 0) ^ 1;
    return bytes;
  };
  it.each<[string, () => Uint8Array, string]>([
    ["an unknown key", () => logon({ key: "nobody", secret: "s1" }), "BAD_SIGNATURE"],
    ["a wrong secret", () => logon({ ...as(ALICE), secret: "s2" }), "BAD_SIGNATURE"],
    ["a flipped bit of the signature", () => withSignature(31), "BAD_SIGNATURE"],
    ["a bit behind the signature", () => withSignature(63), "BAD_SIGNATURE"],
    ["a timestamp too old", () => logon({ ...as(ALICE), timestamp: tooOld() }), "BAD_TIMESTAMP"],
    ["a timestamp too new", () => logon({ ...as(ALICE), timestamp: tooNew() }), "BAD_TIMESTAMP"],
    ["a heartbeat too short", () => logon({ ...as(ALICE), heartbeatMs: 499 }), "BAD_HEARTBEAT"],
    ["a heartbeat too long", () => logon({ ...as(ALICE), heartbeatMs: 60_001 }), "BAD_HEARTBEAT"],
    ["another record first", () => newOrder({ seq: 1 }), "NOT_LOGGED_ON"],
  ])("is refused with %s", async (_name, bytes, code) => {
    const { port, engine } = await start();
    const client = await RawClient.connect(port);
    client.send(concat(bytes(), newOrder({ seq: 1 })));
    const { words } = await client.next("LogonReject");
    expect(codeName(LogonReject.code(words, 0))).toBe(code);
    expect(await client.closed()).toBe(CLOSE.LOGON_REJECTED);
    expect(engine.commands).toHaveLength(0);
  });

  it("cannot be played again", async () => {
    const { port } = await start();
    const bytes = logon(as(ALICE));
    const first = await RawClient.connect(port);
    first.send(bytes);
    await first.next("LogonAck");
    const second = await RawClient.connect(port);
    second.send(bytes);
    const { words } = await second.next("LogonReject");
    expect(codeName(LogonReject.code(words, 0))).toBe("NONCE_REUSED");
    expect(first.closeCode).toBe(0);
  });

  it("cannot be played again at the last moment of its window", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const { port } = await start({ logonWindowMs: 1_000 });
    const bytes = logon({ ...as(ALICE), timestamp: (Date.now() + 1_000) * 1000 });
    const first = await RawClient.connect(port);
    first.send(bytes);
    await first.next("LogonAck");
    for (const [laterMs, code] of [
      [1_999, "NONCE_REUSED"],
      [2_000, "NONCE_REUSED"],
      [2_001, "BAD_TIMESTAMP"],
    ] as const) {
      vi.setSystemTime(1_800_000_000_000 + laterMs);
      const again = await RawClient.connect(port);
      again.send(bytes);
      expect(codeName(LogonReject.code((await again.next("LogonReject")).words, 0))).toBe(code);
    }
  });

  it("that is refused tells the true reason to the log only", async () => {
    const lines: string[] = [];
    const logger = pino({ level: "warn" }, { write: (line) => lines.push(line) });
    const { port } = await start({}, { logger });
    for (const fields of [
      { key: "nobody", secret: "s1" },
      { ...as(ALICE), secret: "s2" },
    ]) {
      const client = await RawClient.connect(port);
      client.send(logon(fields));
      const { words } = await client.next("LogonReject");
      expect([LogonReject.text(words, 0), await client.closed(), client.closeReason]).toEqual(["BAD_SIGNATURE", 4001, "BAD_SIGNATURE"]);
    }
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { key: "nobody", why: "unknown key", address: "127.0.0.1", msg: "logon refused" },
      { key: "alice-1", why: "wrong signature", address: "127.0.0.1", msg: "logon refused" },
    ]);
  });

  it("takes no more nonces of a key than it can remember", async () => {
    const { port } = await start({ maxNonces: 2 });
    await RawClient.logOn(port, as(ALICE));
    await RawClient.logOn(port, as(ALICE));
    const third = await RawClient.connect(port);
    third.send(logon(as(ALICE)));
    await third.next("LogonReject");
    await RawClient.logOn(port, as(BOB));
  });

  it("must come in time", async () => {
    const { port } = await start({ logonTimeoutMs: 100 });
    const client = await RawClient.connect(port);
    const { words } = await client.next("LogoutNotice");
    expect(codeName(LogoutNotice.code(words, 0))).toBe("LOGON_TIMEOUT");
    expect(await client.closed()).toBe(CLOSE.LOGON_TIMEOUT);
  });

  it("a second time by the same key ends the older session", async () => {
    const { port, gateway } = await start();
    const older = await RawClient.logOn(port, as(ALICE));
    const newer = await RawClient.logOn(port, as(ALICE));
    const { words } = await older.next("LogoutNotice");
    expect(codeName(LogoutNotice.code(words, 0))).toBe("REPLACED_BY_NEW_LOGON");
    expect(await older.closed()).toBe(4006);
    expect(newer.sessionId).not.toBe(older.sessionId);
    newer.send(newOrder({ seq: 1 }));
    await newer.next("OrderAccepted");
    expect(gateway.sessionCount).toBe(1);
  });

  it("a second time on the same socket is refused and changes nothing", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(logon(as(ALICE)), newOrder({ seq: 1 })));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "ALREADY_LOGGED_ON" });
    await client.next("OrderAccepted");
  });

  it("and orders may share the first frame", async () => {
    const { port } = await start();
    const client = await RawClient.connect(port);
    client.send(concat(logon(as(ALICE)), newOrder({ seq: 1 })));
    await client.next("LogonAck");
    await client.next("OrderAccepted");
  });
});

describe("client sequence", () => {
  it("is never applied twice", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(newOrder({ seq: 1 }), newOrder({ seq: 2, clOrdId: 2 }));
    await client.next("OrderAccepted");
    await client.next("OrderAccepted");
    client.send(newOrder({ seq: 1, clOrdId: 3 }), newOrder({ seq: 2, clOrdId: 4 }), newOrder({ seq: 0 }));
    for (const seq of [1, 2]) {
      const status = statusOf(await client.next("RequestStatus"));
      expect(status).toEqual({
        clientSeq: seq,
        state: "answered",
        answerSeq: seq,
        clOrdId: seq,
        orderId: 1000 + seq,
        code: 0,
        ref: "NewOrder",
      });
    }
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 0, code: "DUPLICATE_SEQ" });
    expect(await client.quiet()).toEqual([]);
    expect(engine.commands.map((words) => NewOrder.clOrdId(words, 0))).toEqual([1, 2]);
  });

  it("with a gap is told of what was not applied, and goes on", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(newOrder({ seq: 1 }));
    await client.next("OrderAccepted");
    client.send(newOrder({ seq: 5, clOrdId: 5 }));
    const { words } = await client.next("NotApplied");
    expect([NotApplied.fromSeq(words, 0), NotApplied.count(words, 0)]).toEqual([2, 3]);
    await client.next("OrderAccepted");
    client.send(newOrder({ seq: 3, clOrdId: 3 }));
    expect(statusOf(await client.next("RequestStatus"))).toMatchObject({ clientSeq: 3, state: "notApplied", answerSeq: 0, ref: undefined });
    expect(engine.commands.map((command) => NewOrder.clOrdId(command, 0))).toEqual([1, 5]);
  });

  it("is known from a heartbeat too", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(heartbeat(1), heartbeat(4), newOrder({ seq: 4 }));
    const { words } = await client.next("NotApplied");
    expect([NotApplied.fromSeq(words, 0), NotApplied.count(words, 0)]).toEqual([1, 3]);
    await client.next("OrderAccepted");
  });

  it("is spent by a record that is refused, unknown ones too", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    const unknown = newOrder({ seq: 2 });
    new DataView(unknown.buffer).setUint16(10, 999, true);
    client.send(concat(newOrder({ seq: 1, side: 9 }), unknown, newOrder({ seq: 3 })));
    expect(rejectOf(await client.next("BusinessReject"))).toEqual({ seq: 1, code: "BAD_SIDE", offset: 0 });
    expect(rejectOf(await client.next("BusinessReject"))).toEqual({ seq: 2, code: "UNKNOWN_TEMPLATE", offset: unknown.length });
    await client.next("OrderAccepted");
    expect(engine.commands).toHaveLength(1);
  });
});

describe("server sequence", () => {
  it("counts reports, rejects and acknowledgements without a gap; the rest is not counted", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [accepted(words), trade(words, 2)];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(
      newOrder({ seq: 1 }),
      testRequest(5),
      newOrder({ seq: 1 }),
      subscribe({ seq: 2 }),
      instrumentListRequest(3),
      newOrder({ seq: 9 }),
    );
    await until(() => client.received.filter((r) => r.name === "OrderFilled").length === 2);
    const uncounted = ["LogonAck", "TestReply", "TopOfBook", "TradePrint", "Heartbeat"];
    const seqs = client.received.filter((r) => !uncounted.includes(String(r.name))).map((r) => r.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBe(11);
  });
});
