import { afterEach, describe, expect, it } from "vitest";
import {
  Header,
  NewOrder,
  NewOrderFull,
  NULL_INT64,
  NULL_UINT8,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  QtyType,
  Reason,
  Replace,
  StateReason,
  Trade,
  TradePrint,
  TradingState,
} from "../../engine/wire/index.js";
import { type Client, connect, type NewOrderRequest, type Report, type Top } from "../../gateway/client/index.js";
import { Gateway } from "../../gateway/index.js";
import {
  accepted,
  acceptedFull,
  canceledByEngine,
  FakeEngine,
  INSTRUMENT,
  indication,
  shown,
  stateChanged,
  topOfBook,
  trade,
  tradePrint,
  triggered,
} from "./fake-port.js";
import { settle, until } from "./transport-contract.js";

const KEYS = [{ id: "alice-1", secret: "s1", account: "alice", permissions: ["trade", "marketData"] }] as const;
const ORDER = { clOrdId: 1, symbol: "BTC-USD", side: "sell", qty: "0.0005" } as const;

const closers: { close(): Promise<void> }[] = [];

async function join(engine = new FakeEngine()): Promise<{ engine: FakeEngine; client: Client }> {
  const gateway = await Gateway.listen(engine, { port: 0, transport: "ws", keys: KEYS });
  const client = await connect(`ws://127.0.0.1:${gateway.port}`, { key: "alice-1", secret: "s1" });
  closers.push(client, gateway);
  engine.respond = (words) => [Header.templateId(words, 0) === NewOrderFull.TEMPLATE_ID ? acceptedFull(words) : accepted(words)];
  return { engine, client };
}

afterEach(async () => {
  for (const closer of closers.splice(0)) await closer.close();
});

/** A fill of order 1, as its taker. */
function fill(cumQty: number, leavesQty: number): Int32Array {
  const words = trade(new Int32Array(NewOrder.RECORD_BYTES / 4), 2);
  Trade.setTakerAccount(words, 0, 1);
  Trade.setTakerOrderId(words, 0, 1001);
  Trade.setInstrument(words, 0, 1);
  Trade.setTakerCumQty(words, 0, cumQty);
  Trade.setTakerLeavesQty(words, 0, leavesQty);
  return words;
}

/** Order 1 loses what is left of it. */
function canceled(cumQty: number, qty: number, reason: number, qtyType: number = QtyType.lots): Int32Array {
  const words = canceledByEngine(1, 1);
  OrderCanceled.setOrderId(words, 0, 1001);
  OrderCanceled.setCumQty(words, 0, cumQty);
  OrderCanceled.setQty(words, 0, qty);
  OrderCanceled.setReason(words, 0, reason);
  OrderCanceled.setQtyType(words, 0, qtyType);
  return words;
}

function reduced(clOrdId: number, leavesQty: number, reason: number): Int32Array {
  const words = new Int32Array(OrderReduced.RECORD_BYTES / 4);
  OrderReduced.init(words, 0, 0, 1);
  OrderReduced.setClOrdId(words, 0, clOrdId);
  OrderReduced.setOrderId(words, 0, 1000 + clOrdId);
  OrderReduced.setBy(words, 0, 1);
  OrderReduced.setLeavesQty(words, 0, leavesQty);
  OrderReduced.setAccount(words, 0, 1);
  OrderReduced.setInstrument(words, 0, 1);
  OrderReduced.setReason(words, 0, reason);
  return words;
}

describe("orders of every type", () => {
  it("go into the short record as long as it has a field for all that is given", async () => {
    const { engine, client } = await join();
    const plain: Partial<NewOrderRequest>[] = [
      { price: "1" },
      { type: "market" },
      { price: "1", tif: "day", reduceOnly: true },
      { price: "1", postOnly: true },
    ];
    for (const [index, more] of plain.entries()) await client.submit({ ...ORDER, ...more, clOrdId: index + 1 });
    const full: Partial<NewOrderRequest>[] = [
      { price: "1", tif: "gtd", expireTime: 5 },
      { type: "stop", stopPrice: "1" },
      { type: "trailingStop", trailBps: 5 },
      { price: "1", displayQty: "0.0001" },
      { price: "1", oco: 9 },
    ];
    for (const [index, more] of full.entries()) await client.submit({ ...ORDER, ...more, clOrdId: index + 10 });
    expect(engine.commands.map((words) => Header.templateId(words, 0))).toEqual([
      ...plain.map(() => NewOrder.TEMPLATE_ID),
      ...full.map(() => NewOrderFull.TEMPLATE_ID),
    ]);
    expect(NewOrder.flags(engine.commands[2] as Int32Array, 0)).toBe(2);
  });

  it("write every key and read it back", async () => {
    const { engine, client } = await join();
    const limits = {
      type: "stopLimit",
      price: "1.05",
      stopPrice: "1.1",
      displayQty: "0.0002",
      tif: "gtd",
      expireTime: 1_800_000_000_000_000,
    } as const;
    const { reports } = await client.submit({ ...ORDER, ...limits, reduceOnly: true, stp: "none", oco: "12" });
    expect(reports).toEqual([
      {
        event: "accepted",
        seq: 5,
        timeUs: 1,
        clOrdId: 1,
        orderId: "1001",
        symbol: "BTC-USD",
        side: "sell",
        type: "stopLimit",
        tif: "gtd",
        price: "1.05",
        qty: "0.0005",
        expireTime: 1_800_000_000_000_000,
        stopPrice: "1.1",
        displayQty: "0.0002",
        postOnly: false,
        reduceOnly: true,
        stp: "none",
        oco: 12,
      },
    ]);
    expect((await client.submit({ ...ORDER, type: "trailingStop", trail: "0.25" })).reports[0]).toMatchObject({ trail: "0.25" });
    expect((await client.submit({ ...ORDER, type: "trailingStop", trailBps: 150 })).reports[0]).toMatchObject({ trailBps: 150 });
    expect((await client.submit({ ...ORDER, price: "1", tif: "ioc", minQty: "0.0003" })).reports[0]).toMatchObject({ minQty: "0.0003" });
    const { qty: _qty, ...withoutQty } = ORDER;
    const money = await client.submit({ ...withoutQty, type: "market", quoteQty: "12.345678" });
    expect(money.reports[0]).toMatchObject({ quoteQty: "12.345678" });
    expect(money.reports[0]).not.toHaveProperty("qty");
    expect(NewOrderFull.quoteQty(engine.commands[4] as Int32Array, 0)).toBe(12_345_678);
  });

  it.each<[string, Partial<NewOrderRequest>]>([
    ["STOP_PRICE_OFF_TICK", { type: "stop", stopPrice: "1.001" }],
    ["PRICE_OUT_OF_RANGE", { type: "stop", stopPrice: "99999999999999999" }],
    ["BAD_TRAIL", { type: "trailingStop", trail: "0.001" }],
    ["BAD_DISPLAY_QTY", { price: "1", displayQty: "0.00001" }],
    ["BAD_MIN_QTY", { price: "1", minQty: "0.00001", tif: "ioc" }],
    ["QTY_OFF_LOT", { type: "market", quoteQty: "0.0000001" }],
    ["BAD_ARGUMENT", { price: "1", tif: "gtd", expireTime: 1.5 }],
    ["BAD_ARGUMENT", { type: "trailingStop", trailBps: 2 ** 53 }],
    ["BAD_ARGUMENT", { price: "1", oco: "x" }],
    ["BAD_ARGUMENT", { price: "1", reduceOnly: 1 as unknown as boolean }],
    ["BAD_ARGUMENT", { type: "iceberg" as "limit" }],
  ])("reject with %s before anything is sent", async (code, more) => {
    const { engine, client } = await join();
    await expect(client.submit({ ...ORDER, ...more })).rejects.toMatchObject({ name: "ClientError", code });
    expect(engine.commands).toHaveLength(0);
  });

  it("are replaced in stop price and visible quantity too", async () => {
    const { engine, client } = await join();
    engine.respond = (words) => {
      const report = new Int32Array(OrderReplaced.RECORD_BYTES / 4);
      OrderReplaced.init(report, 0, 0, 1);
      OrderReplaced.setClientSeq(report, 0, Replace.clientSeq(words, 0));
      OrderReplaced.setSession(report, 0, Replace.session(words, 0));
      OrderReplaced.setAccount(report, 0, 1);
      OrderReplaced.setInstrument(report, 0, 1);
      OrderReplaced.setClOrdId(report, 0, 1);
      OrderReplaced.setOrigClOrdId(report, 0, 1);
      OrderReplaced.setOrderId(report, 0, 1001);
      OrderReplaced.setPrice(report, 0, NULL_INT64);
      OrderReplaced.setQty(report, 0, 5);
      OrderReplaced.setLeavesQty(report, 0, 5);
      OrderReplaced.setStopPrice(report, 0, Replace.stopPrice(words, 0));
      OrderReplaced.setDisplayQty(report, 0, Replace.displayQty(words, 0));
      return [report];
    };
    const both = await client.replace({ symbol: "BTC-USD", clOrdId: 1, stopPrice: "1.5", displayQty: "0.0002" });
    expect(both).toMatchObject({ status: "replaced", leavesQty: "0.0005", reports: [{ stopPrice: "1.5", displayQty: "0.0002" }] });
    expect(both.reports[0]).not.toHaveProperty("price");
    const none = await client.replace({ symbol: "BTC-USD", clOrdId: 1, newClOrdId: 2 });
    expect(none.reports[0]).not.toHaveProperty("stopPrice");
    expect(none.reports[0]).not.toHaveProperty("displayQty");
    await expect(client.replace({ symbol: "BTC-USD", clOrdId: 1, stopPrice: "1.001" })).rejects.toMatchObject({
      code: "STOP_PRICE_OFF_TICK",
    });
    await expect(client.replace({ symbol: "BTC-USD", clOrdId: 1, displayQty: "1e5" })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});

describe("the outcome of an order", () => {
  it("that fires at once is what became of it, not that it fired", async () => {
    const { engine, client } = await join();
    engine.respond = (words) => [acceptedFull(words), triggered(1, 1), fill(2, 3), canceled(2, 3, Reason.noLiquidity)];
    const outcome = await client.submit({ ...ORDER, type: "stop", stopPrice: "1" });
    expect(outcome).toMatchObject({ status: "canceled", orderId: "1001", cumQty: "0.0002", leavesQty: "0" });
    expect(outcome.reports.map((report) => report.event)).toEqual(["accepted", "triggered", "filled", "canceled"]);
    expect(outcome.reports[1]).toMatchObject({ event: "triggered", lastPrice: "1", clOrdId: 1, side: "sell" });
    engine.respond = (words) => [acceptedFull(words), triggered(1, 1), shown(1001)];
    expect(await client.submit({ ...ORDER, type: "stop", stopPrice: "1" })).toMatchObject({ status: "accepted", leavesQty: "0.0005" });
  });

  it("that is cut by the engine stays accepted, with what is left of it", async () => {
    const { engine, client } = await join();
    engine.respond = (words) => [accepted(words), reduced(1, 3, Reason.reduceOnly), fill(2, 1)];
    expect(await client.submit({ ...ORDER, price: "1", reduceOnly: true })).toMatchObject({
      status: "accepted",
      cumQty: "0.0002",
      leavesQty: "0.0001",
    });
    engine.respond = (words) => [acceptedFull(words), reduced(1, 2, Reason.oco), reduced(9, 1, Reason.oco)];
    expect(await client.submit({ ...ORDER, price: "1", oco: 9 })).toMatchObject({ status: "accepted", leavesQty: "0.0002" });
  });

  it("by quoteQty is filled when its money is spent, canceled when some is left, and never open", async () => {
    const { engine, client } = await join();
    const { qty: _qty, ...money } = { ...ORDER, type: "market", quoteQty: "10" } as const;
    engine.respond = (words) => [acceptedFull(words), fill(2, NULL_INT64), fill(4, NULL_INT64)];
    const spent = await client.submit(money);
    expect(spent).toMatchObject({ status: "filled", cumQty: "0.0004", leavesQty: "0" });
    expect(spent.reports[1]).not.toHaveProperty("leavesQty");
    engine.respond = (words) => [
      acceptedFull(words),
      fill(2, NULL_INT64),
      reduced(1, NULL_INT64, Reason.selfTrade),
      canceled(2, 1_500_000, Reason.noLiquidity, QtyType.quoteAtoms),
    ];
    const left = await client.submit(money);
    expect(left).toMatchObject({ status: "canceled", cumQty: "0.0002", leavesQty: "0" });
    expect(left.reports[2]).not.toHaveProperty("leavesQty");
    expect(left.reports[3]).toMatchObject({ quoteQty: "1.5", reason: "noLiquidity" });
    expect(left.reports[3]).not.toHaveProperty("qty");
  });

  it("of a leg is its own, whatever happens to the other", async () => {
    const { engine, client } = await join();
    engine.respond = (words) => {
      const leg = canceled(0, 5, Reason.user);
      OrderCanceled.setClientSeq(leg, 0, Replace.clientSeq(words, 0));
      OrderCanceled.setSession(leg, 0, 1);
      const other = canceledByEngine(1, 2);
      OrderCanceled.setOrderId(other, 0, 1002);
      OrderCanceled.setReason(other, 0, Reason.oco);
      return [leg, other];
    };
    const outcome = await client.cancel({ clOrdId: 1 });
    expect(outcome).toMatchObject({ status: "canceled", orderId: "1001" });
    expect(outcome.reports).toMatchObject([{ reason: "user" }, { reason: "oco", orderId: "1002" }]);
  });
});

describe("what comes by itself", () => {
  it("tells of stops that fire and orders that expire", async () => {
    const { engine, client } = await join();
    const seen: Report[] = [];
    const reading = (async () => {
      for await (const report of client.reports()) seen.push(report);
    })();
    engine.emit([triggered(1, 5), canceled(0, 5, Reason.expired)]);
    await until(() => seen.length === 2);
    await client.close();
    await reading;
    expect(seen).toMatchObject([
      { event: "triggered", clOrdId: 5, orderId: "1005", symbol: "BTC-USD", side: "sell", lastPrice: "1" },
      { event: "canceled", reason: "expired", qty: "0.0005" },
    ]);
  });

  it("knows every instrument's trading state from the start, and each change", async () => {
    const halted = new FakeEngine();
    halted.states.set(2, TradingState.halted);
    const { engine, client } = await join(halted);
    expect([client.tradingState("BTC-USD"), client.tradingState("ETH-USD"), client.tradingState("DOGE")]).toEqual([
      "open",
      "halted",
      undefined,
    ]);
    const reports = client.reports();
    engine.emit([stateChanged(1, TradingState.auctionCall, StateReason.volatility)]);
    expect((await reports.next()).value).toEqual({
      event: "state",
      seq: 5,
      timeUs: 1,
      symbol: "BTC-USD",
      state: "auctionCall",
      reason: "volatility",
    });
    expect(client.tradingState("BTC-USD")).toBe("auctionCall");
    // Asking for the instruments again is no change.
    await client.instruments();
    expect(client.tradingState("BTC-USD")).toBe("open");
    engine.emit([stateChanged(2, TradingState.open)]);
    expect((await reports.next()).value).toMatchObject({ symbol: "ETH-USD", state: "open", reason: "admin" });
  });

  it("shows an auction on the tops: while it is called, and its result once", async () => {
    const { engine, client } = await join();
    const tops = client.subscribe({ symbol: "BTC-USD", channel: "top" });
    const next = async (): Promise<Top> => (await tops.next()).value as Top;
    expect(await next()).not.toHaveProperty("auction");
    engine.emit([stateChanged(1, TradingState.auctionCall), indication(1, null, 0)]);
    expect(await next()).toMatchObject({ seq: 1, bidPrice: "0.99", auction: { qty: "0", isFinal: false } });
    engine.emit([topOfBook(1, 200), indication(1, 150, 7)]);
    expect(await next()).toMatchObject({ seq: 2, bidPrice: "2", auction: { qty: "0", isFinal: false } });
    expect(await next()).toMatchObject({ seq: 3, bidPrice: "2", auction: { price: "1.5", qty: "0.0007", isFinal: false } });
    await client.instruments();
    engine.emit([topOfBook(1, 201)]);
    expect(await next()).toMatchObject({ seq: 4, auction: { price: "1.5", isFinal: false } });
    engine.emit([stateChanged(1, TradingState.open), indication(1, 150, 7, true), topOfBook(1, 100)]);
    expect(await next()).toMatchObject({ seq: 5, bidPrice: "2.01", auction: { price: "1.5", qty: "0.0007", isFinal: true } });
    const open = await next();
    expect(open).toMatchObject({ seq: 6, bidPrice: "1" });
    expect(open).not.toHaveProperty("auction");
    await settle();
  });

  it("prints an uncross without an aggressor", async () => {
    const { engine, client } = await join();
    const prints = client.subscribe({ symbol: "BTC-USD", channel: "trades" });
    await until(() => client.pendingCount === 0);
    const print = tradePrintOfUncross();
    engine.emit([print]);
    const { value } = await prints.next();
    expect(value).toMatchObject({ tradeId: 7, price: "1" });
    expect(value).not.toHaveProperty("aggressor");
  });
});

function tradePrintOfUncross(): Int32Array {
  const words = tradePrint(INSTRUMENT.id, 7);
  TradePrint.setAggressor(words, 0, NULL_UINT8);
  return words;
}
