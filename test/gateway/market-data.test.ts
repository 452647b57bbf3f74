import { describe, expect, it } from "vitest";
import { Header, InstrumentDefinition, SubscribeAck, TopOfBook } from "../../engine/wire/index.js";
import { topOfBook, tradePrint } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { instrumentListRequest, subscribe } from "./records.js";
import { ALICE, as, BOB, FEED, rejectOf, start } from "./started-gateway.js";
import { settle } from "./transport-contract.js";

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
