import { describe, expect, it } from "vitest";
import { Header, NewOrder, OrderAccepted, OrderCanceled, OrderFilled } from "../../engine/wire/index.js";
import { accepted, canceledByEngine, canceledInSession, rejected, trade } from "./fake-port.js";
import { RawClient, type Received } from "./raw-client.js";
import { cancel, concat, newOrder } from "./records.js";
import { ALICE, ALICE_2, as, BOB, FEED, fillOf, rejectOf, start } from "./started-gateway.js";
import { settle, until } from "./transport-contract.js";

/** What tells the asker which command a report answers. */
function answerOf({ words, seq, flags }: Received) {
  const report = words[0] === OrderAccepted.RECORD_BYTES ? OrderAccepted : OrderCanceled;
  return { clientSeq: report.clientSeq(words, 0), session: report.session(words, 0), clOrdId: report.clOrdId(words, 0), seq, flags };
}

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

  it("that name two orders are refused by themselves", async () => {
    const { port, engine } = await start();
    const client = await RawClient.logOn(port, as(ALICE));
    const two = cancel({ seq: 1, clOrdId: 1 });
    new DataView(two.buffer, two.byteOffset).setBigInt64(48, 2n, true);
    client.send(concat(two, newOrder({ seq: 2 })));
    expect(rejectOf(await client.next("BusinessReject"))).toEqual({ seq: 1, code: "BAD_FLAGS", offset: 0 });
    await client.next("OrderAccepted");
    expect(engine.commands).toHaveLength(1);
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
  it("go to every session of the account; only the copy of the one that asked says what they answer", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [accepted(words), canceledInSession(words)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    const bob = await RawClient.logOn(port, as(BOB));
    alice.send(newOrder({ seq: 1 }));
    const asked = [await alice.next("OrderAccepted"), await alice.next("OrderCanceled")];
    const told = [await reader.next("OrderAccepted"), await reader.next("OrderCanceled")];
    expect(asked.map(answerOf)).toEqual([
      { clientSeq: 1, session: alice.sessionId, clOrdId: 1, seq: 1, flags: 0 },
      { clientSeq: 1, session: alice.sessionId, clOrdId: 1, seq: 2, flags: Header.FLAG_LAST_OF_BATCH },
    ]);
    expect(told.map(answerOf)).toEqual([
      { clientSeq: 0, session: 0, clOrdId: 1, seq: 1, flags: 0 },
      { clientSeq: 0, session: 0, clOrdId: 1, seq: 2, flags: 0 },
    ]);
    expect(await bob.quiet()).toEqual([]);
  });

  it("of a refusal go to the session that asked only", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [rejected(words)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    alice.send(newOrder({ seq: 1 }));
    await alice.next("OrderRejected");
    expect(await reader.quiet()).toEqual([]);
  });

  it("of orders that came past this gateway go to the sessions of the account", async () => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    const order = new Int32Array(newOrder({ seq: 7, account: 1 }).buffer);
    NewOrder.setSession(order, 0, 999);
    NewOrder.setClientSeq(order, 0, 7);
    engine.emit([accepted(order)]);
    engine.emit([rejected(order)]);
    expect(answerOf(await alice.next("OrderAccepted"))).toEqual({ clientSeq: 0, session: 0, clOrdId: 1, seq: 1, flags: 0 });
    expect(await alice.quiet()).toEqual([]);
  });

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
    await aliceReader.next("OrderAccepted");
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
    expect((await alice.next("RequestStatus")).flags).toBe(0);
  });

  it("of one frame leave in one message", async () => {
    const { port } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(concat(...Array.from({ length: 50 }, (_, i) => newOrder({ seq: i + 1, clOrdId: i + 1 }))));
    await until(() => alice.received.length === 51);
    expect(new Set(alice.received.slice(1).map((r) => r.frame)).size).toBe(1);
  });

  it("of a session that is gone reach the others of the account, and no later session of its key", async () => {
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
    expect(answerOf(await reader.next("OrderAccepted"))).toMatchObject({ clientSeq: 0, session: 0 });
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
