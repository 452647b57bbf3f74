import { describe, expect, it } from "vitest";
import {
  Header,
  NewOrderFull,
  NULL_INT64,
  NULL_UINT8,
  OrderAcceptedFull,
  OrderCanceled,
  OrderFilled,
  OrderTriggered,
  SetKill,
  SetState,
  SetTime,
  Side,
  Trade,
} from "../../engine/wire/index.js";
import { acceptedFull, canceledByEngine, shown, trade, triggered } from "./fake-port.js";
import { RawClient } from "./raw-client.js";
import { newOrder, newOrderFull, record } from "./records.js";
import { ALICE, ALICE_2, as, BOB, fillOf, rejectOf, start } from "./started-gateway.js";
import { until } from "./transport-contract.js";

describe("a long order", () => {
  it("enters the ring as the session's, whatever it says", async () => {
    const { port, engine } = await start();
    const bob = await RawClient.logOn(port, as(BOB));
    const order = newOrderFull(1, (words) => {
      NewOrderFull.setAccount(words, 0, 1);
      NewOrderFull.setSession(words, 0, 77);
      NewOrderFull.setClientSeq(words, 0, 77);
      NewOrderFull.setStopPrice(words, 0, 123);
      NewOrderFull.setOco(words, 0, 456);
    });
    bob.send(order);
    await until(() => engine.commands.length === 1);
    const [words] = engine.commands;
    if (words === undefined) throw new Error("no command");
    expect(words.length * 4).toBe(NewOrderFull.RECORD_BYTES);
    expect(Header.templateId(words, 0)).toBe(NewOrderFull.TEMPLATE_ID);
    expect([NewOrderFull.clientSeq(words, 0), NewOrderFull.account(words, 0), NewOrderFull.session(words, 0)]).toEqual([
      1,
      2,
      bob.sessionId,
    ]);
    expect([NewOrderFull.stopPrice(words, 0), NewOrderFull.oco(words, 0), NewOrderFull.trail(words, 0)]).toEqual([123, 456, NULL_INT64]);
  });

  it("is answered at length, and to every session of the account", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [acceptedFull(words)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    alice.send(newOrderFull(1, (words) => NewOrderFull.setDisplayQty(words, 0, 2)));
    const asked = await alice.next("OrderAcceptedFull");
    expect([OrderAcceptedFull.clientSeq(asked.words, 0), OrderAcceptedFull.displayQty(asked.words, 0), asked.flags]).toEqual([
      1,
      2,
      Header.FLAG_LAST_OF_BATCH,
    ]);
    const told = await reader.next("OrderAcceptedFull");
    expect([OrderAcceptedFull.clientSeq(told.words, 0), OrderAcceptedFull.session(told.words, 0), told.flags]).toEqual([0, 0, 0]);
  });
});

describe("what only an operator may send", () => {
  it.each([
    ["SetState", SetState],
    ["SetKill", SetKill],
    ["SetTime", SetTime],
  ] as const)("%s is refused", async (_name, flyweight) => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(record(flyweight, 1, () => {}));
    expect(rejectOf(await alice.next("BusinessReject"))).toEqual({ seq: 1, code: "NOT_A_CLIENT_MESSAGE", offset: 0 });
    expect(engine.commands).toHaveLength(0);
  });
});

describe("a stop that fires", () => {
  it("within its owner's command is part of the answer, and says that nobody asked for it", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [acceptedFull(words), triggered(1, 1), canceledByEngine(1, 1)];
    const alice = await RawClient.logOn(port, as(ALICE));
    alice.send(newOrderFull(1));
    expect((await alice.next("OrderAcceptedFull")).flags).toBe(0);
    const fired = await alice.next("OrderTriggered");
    expect([OrderTriggered.clientSeq(fired.words, 0), OrderTriggered.session(fired.words, 0), fired.flags]).toEqual([0, 0, 0]);
    expect([OrderTriggered.lastPrice(fired.words, 0), OrderTriggered.clOrdId(fired.words, 0)]).toEqual([100, 1]);
    const canceled = await alice.next("OrderCanceled");
    expect([OrderCanceled.clientSeq(canceled.words, 0), canceled.flags]).toEqual([0, Header.FLAG_LAST_OF_BATCH]);
  });

  it("within another's command is told to every session of its owner, and to nobody else", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [acceptedFull(words), triggered(1, 9), canceledByEngine(1, 9)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const reader = await RawClient.logOn(port, as(ALICE_2));
    const bob = await RawClient.logOn(port, as(BOB));
    bob.send(newOrderFull(1));
    expect((await bob.next("OrderAcceptedFull")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    for (const client of [alice, reader]) {
      expect((await client.next("OrderTriggered")).flags).toBe(0);
      expect((await client.next("OrderCanceled")).flags).toBe(0);
    }
    expect(await bob.quiet()).toEqual([]);
  });
});

describe("fills", () => {
  it.each([
    ["buys", Side.buy],
    ["sells", Side.sell],
  ])("of an uncross have their sides from the maker, who %s", async (_name, makerSide) => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    const bob = await RawClient.logOn(port, as(BOB));
    const print = trade(new Int32Array(newOrder({ seq: 1, account: 1 }).buffer), 2);
    Trade.setAggressor(print, 0, NULL_UINT8);
    Trade.setMakerSide(print, 0, makerSide);
    engine.emit([print]);
    expect(fillOf(await bob.next("OrderFilled"))).toMatchObject({ side: makerSide, liquidity: 0, leavesQty: 1 });
    expect(fillOf(await alice.next("OrderFilled"))).toMatchObject({ side: 1 - makerSide, liquidity: 1, leavesQty: 3 });
  });

  it("of an order by quoteQty have no leaves", async () => {
    const { port, engine } = await start();
    const alice = await RawClient.logOn(port, as(ALICE));
    const print = trade(new Int32Array(newOrder({ seq: 1, account: 1 }).buffer), 2);
    Trade.setTakerLeavesQty(print, 0, NULL_INT64);
    engine.emit([print]);
    expect(OrderFilled.leavesQty((await alice.next("OrderFilled")).words, 0)).toBe(NULL_INT64);
  });
});

describe("what is for the books of market data", () => {
  it("leaves the gateway to nobody, and a command that ends with it is complete all the same", async () => {
    const { port, engine } = await start();
    engine.respond = (words) => [acceptedFull(words), shown(1001)];
    const alice = await RawClient.logOn(port, as(ALICE));
    const bob = await RawClient.logOn(port, as(BOB));
    alice.send(newOrderFull(1));
    expect((await alice.next("OrderAcceptedFull")).flags).toBe(Header.FLAG_LAST_OF_BATCH);
    expect([await alice.quiet(), await bob.quiet()]).toEqual([[], []]);
  });
});
