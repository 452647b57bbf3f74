import { afterEach, describe, expect, it } from "vitest";
import {
  BusinessReject,
  codeName,
  Header,
  Heartbeat,
  InstrumentDefinition,
  LogonAck,
  LogonReject,
  LogoutNotice,
  NewOrder,
  NotApplied,
  OrderFilled,
  SubscribeAck,
  TestReply,
  TopOfBook,
} from "../../engine/wire/index.js";
import { CLOSE, Gateway, type GatewayKey, type GatewayLimits } from "../../gateway/index.js";
import { accepted, canceledByEngine, FakeEngine, topOfBook, trade, tradePrint } from "./fake-port.js";
import { RawClient, type Received } from "./raw-client.js";
import { cancel, concat, heartbeat, instrumentListRequest, logon, logout, newOrder, subscribe, testRequest } from "./records.js";
import { settle, until } from "./transport-contract.js";

const ALICE: GatewayKey = { id: "alice-1", secret: "s1", account: "alice", permissions: ["trade", "marketData"] };
const ALICE_2: GatewayKey = { id: "alice-2", secret: "s2", account: "alice", permissions: ["read"] };
const BOB: GatewayKey = { id: "bob-1", secret: "s3", account: "bob", permissions: ["trade"] };
const FEED: GatewayKey = { id: "feed-1", secret: "s4", account: "bob", permissions: ["marketData"] };
const KEYS = [ALICE, ALICE_2, BOB, FEED];

const gateways: Gateway[] = [];

async function start(limits: Partial<GatewayLimits> = {}) {
  const engine = new FakeEngine();
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys: KEYS, limits });
  gateways.push(gateway);
  return { engine, gateway, port: gateway.port };
}

function as(key: GatewayKey) {
  return { key: key.id, secret: String(key.secret) };
}

function rejectOf({ words }: Received) {
  return {
    seq: BusinessReject.clientSeq(words, 0),
    code: codeName(BusinessReject.code(words, 0)),
    offset: BusinessReject.offset(words, 0),
  };
}

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
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
    bytes[88 + index] = (bytes[88 + index] ?? 0) ^ 1;
    return bytes;
  };
  it.each<[string, () => Uint8Array, string]>([
    ["an unknown key", () => logon({ key: "nobody", secret: "s1" }), "BAD_KEY"],
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
    for (const seq of [1, 2, 0]) {
      expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq, code: "DUPLICATE_SEQ" });
    }
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
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 3, code: "DUPLICATE_SEQ" });
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
    expect(seqs.length).toBe(9);
  });
});

describe("orders", () => {
  it("enter the ring as the session's, whatever they say", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(BOB));
    client.send(newOrder({ seq: 1, account: 1 }), cancel({ seq: 2, clOrdId: 1 }));
    await until(() => engine.commands.length === 2);
    for (const [index, words] of engine.commands.entries()) {
      expect(NewOrder.clientSeq(words, 0)).toBe(index + 1);
      expect(Header.flags(words, 0)).toBe(0);
      expect(Header.time(words, 0)).toBe(1_700_000_000_000_000);
    }
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    expect(NewOrder.account(order, 0)).toBe(2);
    expect(NewOrder.session(order, 0)).toBe(client.sessionId);
  });

  it("lose what their schema does not know, and keep the rest of their frame", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    const longer = new Uint8Array(NewOrder.RECORD_BYTES + 8).fill(0xee);
    longer.set(newOrder({ seq: 1 }));
    const view = new DataView(longer.buffer);
    view.setUint32(0, longer.length, true);
    view.setUint16(8, NewOrder.BLOCK_BYTES + 8, true);
    view.setUint16(14, 7, true);
    client.send(concat(longer, newOrder({ seq: 2, clOrdId: 2 })));
    await until(() => engine.commands.length === 2);
    expect(engine.commands.map((words) => [words.length * 4, Header.blockLength(words, 0), Header.version(words, 0)])).toEqual([
      [NewOrder.RECORD_BYTES, NewOrder.BLOCK_BYTES, 1],
      [NewOrder.RECORD_BYTES, NewOrder.BLOCK_BYTES, 1],
    ]);
  });

  it("need the permission to trade", async () => {
    const { port, engine } = await start();
    for (const key of [ALICE_2, FEED]) {
      const client = await RawClient.logOn(port, as(key));
      client.send(newOrder({ seq: 1 }));
      expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ code: "NOT_PERMITTED" });
    }
    expect(engine.commands).toHaveLength(0);
  });

  it("are refused at once when the ring is full", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    engine.hasRoom = false;
    client.send(newOrder({ seq: 1 }));
    expect(rejectOf(await client.next("BusinessReject"))).toEqual({ seq: 1, code: "ENGINE_BUSY", offset: 0 });
    engine.hasRoom = true;
    client.send(newOrder({ seq: 2 }));
    await client.next("OrderAccepted");
  });

  it("are refused when too many are unanswered, until answers come", async () => {
    const { port, engine } = await start({ maxInFlight: 2 });
    const client = await RawClient.logOn(port, as(ALICE));
    engine.respond = () => [];
    client.send(newOrder({ seq: 1 }), newOrder({ seq: 2 }), newOrder({ seq: 3 }));
    expect(rejectOf(await client.next("BusinessReject"))).toMatchObject({ seq: 3, code: "TOO_MANY_IN_FLIGHT" });
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order), trade(order, 2)]);
    await client.next("OrderAccepted");
    await client.next("OrderFilled");
    engine.respond = (words) => [accepted(words)];
    client.send(newOrder({ seq: 4 }));
    await client.next("OrderAccepted");
  });
});

describe("reports", () => {
  it("answer the session that asked; fills go to every session of maker and taker", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [accepted(words), trade(words, 2)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const aliceReader = await RawClient.logOn(port, as(ALICE_2));
    const bob = await RawClient.logOn(port, as(BOB));
    const feed = await RawClient.logOn(port, as(FEED));
    alice.send(newOrder({ seq: 1, side: 1 }));
    await alice.next("OrderAccepted");
    const taker = await alice.next("OrderFilled");
    const maker = await bob.next("OrderFilled");
    await aliceReader.next("OrderFilled");
    expect(await feed.quiet()).toEqual([]);
    expect(await aliceReader.quiet()).toEqual([]);
    expect(fillOf(taker)).toEqual({
      account: 1,
      clOrdId: 1,
      orderId: 1001,
      cumQty: 2,
      leavesQty: 3,
      fee: 9,
      side: 1,
      liquidity: 1,
      price: 100,
      qty: 2,
    });
    expect(fillOf(maker)).toEqual({
      account: 2,
      clOrdId: 77,
      orderId: 770,
      cumQty: 2,
      leavesQty: 1,
      fee: -4,
      side: 0,
      liquidity: 0,
      price: 100,
      qty: 2,
    });
  });

  it("flag the last record that the asker gets of a command, also when the last event is for others", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [accepted(words), canceledByEngine(2, 9)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const bob = await RawClient.logOn(port, as(BOB));
    alice.send(newOrder({ seq: 1 }));
    expect((await alice.next("OrderAccepted")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    expect((await bob.next("OrderCanceled")).flags).toBe(0);
  });

  it("keep the flag for the very last of a command that fills many messages", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [accepted(words), ...Array.from({ length: 5_000 }, (_, i) => trade(words, 2, i + 1))];
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(newOrder({ seq: 1 }));
    await until(() => alice.received.length === 5_002);
    const flagged = alice.received.filter((r) => r.flags !== 0);
    expect(flagged.map((r) => r.seq)).toEqual([5_001]);
    expect(new Set(alice.received.map((r) => r.frame)).size).toBeLessThan(30);
    const tradeIds = alice.received.slice(2).map((r) => OrderFilled.tradeId(r.words, 0));
    expect(tradeIds).toEqual(tradeIds.map((_, i) => i + 1));
  });

  it("keep the flag where it belongs when the gateway speaks in the middle of a command", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(newOrder({ seq: 1 }));
    await until(() => engine.commands.length === 1);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emitPart([accepted(order)]);
    await settle();
    alice.send(newOrder({ seq: 1 }));
    expect(await alice.quiet()).toEqual([]);
    engine.emit([canceledByEngine(2, 9)]);
    expect((await alice.next("OrderAccepted")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    expect((await alice.next("BusinessReject")).flags).toBe(0);
  });

  it("of one frame leave in one message", async () => {
    const { port } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(concat(...Array.from({ length: 50 }, (_, i) => newOrder({ seq: i + 1, clOrdId: i + 1 }))));
    await until(() => alice.received.length === 51);
    expect(new Set(alice.received.slice(1).map((r) => r.frame)).size).toBe(1);
  });

  it("of a session that is gone reach nobody", async () => {
    const { port, engine, gateway } = await start();
    engine.respond = () => [];
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    alice.send(newOrder({ seq: 1 }));
    await until(() => engine.commands.length === 1);
    alice.socket.terminate();
    await until(() => gateway.sessionCount === 1);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order)]);
    expect(await reader.quiet()).toEqual([]);
    const again = await RawClient.logOn(port, as(ALICE));
    expect(await again.quiet()).toEqual([]);
  });

  it("nobody asked for go to all sessions of the account", async () => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    const bob = await RawClient.logOn(port, as(BOB));
    engine.emit([canceledByEngine(1, 5)]);
    await alice.next("OrderCanceled");
    await reader.next("OrderCanceled");
    expect(await bob.quiet()).toEqual([]);
  });
});

describe("market data", () => {
  it("tops come as state first and then every change", async () => {
    const { port, engine } = await start();
    const feed = await RawClient.logOn(port, as(FEED));
    engine.emit([topOfBook(1, 50)]);
    await settle();
    feed.send(subscribe({ seq: 1 }));
    const ack = await feed.next("SubscribeAck");
    expect([SubscribeAck.clientSeq(ack.words, 0), SubscribeAck.subscribed(ack.words, 0)]).toEqual([1, 1]);
    const state = await feed.next("TopOfBook");
    expect([state.seq, TopOfBook.bidPrice(state.words, 0)]).toEqual([1, 99]);
    engine.emit([topOfBook(1, 51), topOfBook(2, 7), tradePrint(1, 1), topOfBook(1, 52)]);
    const changes = [await feed.next("TopOfBook"), await feed.next("TopOfBook")];
    expect(changes.map((r) => [r.seq, r.flags, TopOfBook.bidPrice(r.words, 0)])).toEqual([
      [2, 0, 51],
      [3, 0, 52],
    ]);
    expect(await feed.quiet()).toEqual([]);
  });

  it("trades have no state, and end with the subscription", async () => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(subscribe({ seq: 1, channel: 1 }));
    await alice.next("SubscribeAck");
    engine.emit([tradePrint(1, 1)]);
    expect((await alice.next("TradePrint")).seq).toBe(1);
    const unsubscribe = subscribe({ seq: 2, channel: 1 });
    new DataView(unsubscribe.buffer).setUint16(10, 81, true);
    alice.send(unsubscribe);
    const ack = await alice.next("SubscribeAck");
    expect(SubscribeAck.subscribed(ack.words, 0)).toBe(0);
    engine.emit([tradePrint(1, 2)]);
    expect(await alice.quiet()).toEqual([]);
  });

  it("is refused for unknown instruments and without the permission", async () => {
    const { port } = await start();
    const feed = await RawClient.logOn(port, as(FEED));
    feed.send(subscribe({ seq: 1, instrument: 3 }));
    expect(rejectOf(await feed.next("BusinessReject"))).toMatchObject({ code: "UNKNOWN_INSTRUMENT" });
    const bob = await RawClient.logOn(port, as(BOB));
    bob.send(subscribe({ seq: 1 }));
    expect(rejectOf(await bob.next("BusinessReject"))).toMatchObject({ code: "NOT_PERMITTED" });
  });

  it("lists the instruments", async () => {
    const { port } = await start();
    const feed = await RawClient.logOn(port, as(FEED));
    feed.send(instrumentListRequest(1));
    const all = [await feed.next("InstrumentDefinition"), await feed.next("InstrumentDefinition")];
    expect(all.map((r) => [InstrumentDefinition.symbol(r.words, 0), InstrumentDefinition.tickExponent(r.words, 0), r.flags])).toEqual([
      ["BTC-USD", -2, 0],
      ["ETH-USD", -2, Header.FLAG_LAST_OF_BATCH],
    ]);
  });
});

describe("life and death", () => {
  it("sends heartbeats into silence, with the next seq, and answers tests", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, { ...as(ALICE), heartbeatMs: 500 });
    client.send(newOrder({ seq: 1 }));
    await client.next("OrderAccepted");
    client.send(testRequest(42));
    expect(TestReply.token((await client.next("TestReply")).words, 0)).toBe(42);
    const before = Date.now();
    const beat = await client.next("Heartbeat");
    expect(Heartbeat.nextSeq(beat.words, 0)).toBe(2);
    expect(Date.now() - before).toBeGreaterThan(400);
  });

  it("ends a session that stays silent for two heartbeats", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, { ...as(ALICE), heartbeatMs: 500 });
    const alive = await RawClient.logOn(port, { ...as(BOB), heartbeatMs: 500 });
    const beat = setInterval(() => alive.send(heartbeat(1)), 300);
    try {
      expect(await client.closed()).toBe(4005);
      const notice = client.received.at(-1);
      expect(notice?.name).toBe("LogoutNotice");
      expect(alive.closeCode).toBe(0);
    } finally {
      clearInterval(beat);
    }
  });

  it("answers what is under way before it says goodbye to a logout", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout()), newOrder({ seq: 2 }));
    expect(await client.quiet(120)).toEqual([]);
    const [order] = engine.commands;
    if (order === undefined) throw new Error("no command");
    engine.emit([accepted(order)]);
    await client.next("OrderAccepted");
    await client.next("LogoutNotice");
    expect(await client.closed()).toBe(4000);
    expect(engine.commands).toHaveLength(1);
  });

  it("does not wait for ever for an answer after a logout", async () => {
    const { port, engine } = await start();
    engine.respond = () => [];
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout()));
    await client.next("LogoutNotice");
    expect(await client.closed()).toBe(4000);
  });

  it("says goodbye to a logout", async () => {
    const { port } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    client.send(concat(newOrder({ seq: 1 }), logout(), newOrder({ seq: 2 })));
    const names = await client.closed().then(() => client.received.map((r) => r.name));
    expect(names).toEqual(["LogonAck", "OrderAccepted", "LogoutNotice"]);
    expect(client.closeCode).toBe(4000);
  });

  it("says SHUTTING_DOWN when it closes, and closes the port of the engine", async () => {
    const { port, gateway, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    await gateway.close();
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("SHUTTING_DOWN");
    expect(await client.closed()).toBe(4010);
    expect(engine.isClosed).toBe(true);
  });

  it("says ENGINE_FAILED when the engine fails, and lets nobody in any more", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    engine.fail(new Error("an assertion in the shard"));
    expect(codeName(LogoutNotice.code((await client.next("LogoutNotice")).words, 0))).toBe("ENGINE_FAILED");
    expect(await client.closed()).toBe(4011);
    await expect(RawClient.connect(port)).rejects.toThrow("503");
  });

  it("bounds the connections", async () => {
    const { port } = await start({ maxConnections: 1 });
    await RawClient.connect(port);
    await expect(RawClient.connect(port)).rejects.toThrow("503");
  });

  it("bounds the sessions, but lets a key replace its own", async () => {
    const { port } = await start({ maxSessions: 1 });
    await RawClient.logOn(port, as(ALICE));
    const bob = await RawClient.connect(port);
    bob.send(logon(as(BOB)));
    expect(codeName(LogonReject.code((await bob.next("LogonReject")).words, 0))).toBe("TOO_MANY_SESSIONS");
    expect(await bob.closed()).toBe(CLOSE.TOO_MANY_SESSIONS);
    await RawClient.logOn(port, as(ALICE));
  });

  it("ends a session that does not read", async () => {
    const { port, engine } = await start({ maxBackpressureBytes: 1 << 16 });
    const client = await RawClient.logOn(port, as(ALICE));
    const other = await RawClient.logOn(port, as(BOB));
    engine.respond = (words) => [accepted(words), ...Array.from({ length: 500 }, (_, i) => trade(words, 3, i + 1))];
    client.socket.pause();
    let seq = 0;
    const feed = setInterval(() => client.send(newOrder({ seq: ++seq })), 1);
    try {
      await until(() => sessionsOf(port) === 1, 10_000);
    } finally {
      clearInterval(feed);
    }
    client.socket.resume();
    expect(await client.closed()).toBe(4008);
    other.send(testRequest(1));
    await other.next("TestReply");
  });
});

function sessionsOf(port: number): number {
  return gateways.find((gateway) => gateway.port === port)?.sessionCount ?? 0;
}

function fillOf({ words }: Received) {
  return {
    account: OrderFilled.account(words, 0),
    clOrdId: OrderFilled.clOrdId(words, 0),
    orderId: OrderFilled.orderId(words, 0),
    cumQty: OrderFilled.cumQty(words, 0),
    leavesQty: OrderFilled.leavesQty(words, 0),
    fee: OrderFilled.fee(words, 0),
    side: OrderFilled.side(words, 0),
    liquidity: OrderFilled.liquidity(words, 0),
    price: OrderFilled.price(words, 0),
    qty: OrderFilled.qty(words, 0),
  };
}
