import { describe, expect, it } from "vitest";
import {
  AuctionIndication,
  Header,
  InstrumentDefinition,
  InstrumentState,
  StateReason,
  SubscribeAck,
  TopOfBook,
  TradingState,
} from "../../engine/wire/index.js";
import { accepted, canceledInSession, indication, stateChanged, topOfBook, tradePrint } from "./fake-port.js";
import { RawClient, type Received } from "./raw-client.js";
import { instrumentListRequest, newOrder, subscribe } from "./records.js";
import { ALICE, ALICE_2, as, BOB, FEED, rejectOf, start } from "./started-gateway.js";
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

  it("lists the instruments, each with its state in front", async () => {
    const { port, engine } = await start();
    engine.states.set(2, TradingState.halted);
    const feed = await RawClient.logOn(port, as(FEED));
    feed.send(instrumentListRequest(1));
    const states: Received[] = [];
    const definitions: Received[] = [];
    for (let id = 1; id <= 2; id++) {
      states.push(await feed.next("InstrumentState"));
      definitions.push(await feed.next("InstrumentDefinition"));
    }
    expect(
      definitions.map((r) => [InstrumentDefinition.symbol(r.words, 0), InstrumentDefinition.tickExponent(r.words, 0), r.flags]),
    ).toEqual([
      ["BTC-USD", -2, 0],
      ["ETH-USD", -2, Header.FLAG_LAST_OF_BATCH],
    ]);
    expect(
      states.map((r) => [InstrumentState.instrument(r.words, 0), InstrumentState.state(r.words, 0), InstrumentState.clientSeq(r.words, 0)]),
    ).toEqual([
      [1, TradingState.open, 1],
      [2, TradingState.halted, 1],
    ]);
    expect([...states, ...definitions].map((r) => r.seq).sort()).toEqual([1, 2, 3, 4]);
  });
});

describe("trading states and auctions", () => {
  it("changes of state go to every session, counted, as nobody's answer", async () => {
    const { port, engine } = await start();
    const clients = await Promise.all([ALICE, ALICE_2, BOB, FEED].map((key) => RawClient.logOn(port, as(key))));
    engine.emit([stateChanged(2, TradingState.auctionCall, StateReason.volatility)]);
    for (const client of clients) {
      const { words, seq, flags } = await client.next("InstrumentState");
      expect([seq, flags, InstrumentState.clientSeq(words, 0), InstrumentState.session(words, 0)]).toEqual([1, 0, 0, 0]);
      expect([InstrumentState.instrument(words, 0), InstrumentState.state(words, 0), InstrumentState.reason(words, 0)]).toEqual([2, 1, 1]);
    }
  });

  it("a change of state within a command leaves its last report marked", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [
      accepted(words),
      canceledInSession(words),
      stateChanged(1, TradingState.auctionCall),
      indication(1, null, 0),
    ];
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(newOrder({ seq: 1 }));
    expect((await alice.next("OrderAccepted")).flags).toBe(0);
    expect((await alice.next("OrderCanceled")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    const state = await alice.next("InstrumentState");
    expect([state.flags, state.seq]).toEqual([0, 3]);
    expect(await alice.quiet()).toEqual([]);
  });

  it("indications go to the subscribers of tops in one sequence with them, and late ones get the present one", async () => {
    const { port, engine } = await start();
    const feed = await RawClient.logOn(port, as(FEED));
    feed.send(subscribe({ seq: 1 }), subscribe({ seq: 2, channel: 1 }));
    await feed.next("SubscribeAck");
    await feed.next("TopOfBook");
    await feed.next("SubscribeAck");
    engine.emit([indication(1, 105, 7), indication(2, 1, 1), topOfBook(1, 51)]);
    const told = await feed.next("AuctionIndication");
    expect([told.seq, AuctionIndication.price(told.words, 0), AuctionIndication.qty(told.words, 0)]).toEqual([1, 105, 7]);
    expect((await feed.next("TopOfBook")).seq).toBe(2);
    const late = await RawClient.logOn(port, as(ALICE));
    late.send(subscribe({ seq: 1 }));
    await late.next("SubscribeAck");
    expect((await late.next("TopOfBook")).seq).toBe(2);
    const present = await late.next("AuctionIndication");
    expect([present.seq, AuctionIndication.price(present.words, 0)]).toEqual([2, 105]);
    engine.emit([stateChanged(1, TradingState.open), indication(1, 105, 7, true)]);
    await feed.next("InstrumentState");
    expect((await feed.next("AuctionIndication")).seq).toBe(3);
    late.send(subscribe({ seq: 2 }));
    await late.next("InstrumentState");
    await late.next("AuctionIndication");
    await late.next("SubscribeAck");
    await late.next("TopOfBook");
    expect(await late.quiet()).toEqual([]);
  });
});
