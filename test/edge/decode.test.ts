import { describe, expect, it } from "vitest";
import { decode } from "../../engine/edge/decode.js";
import type { Command, NewCommand } from "../../engine/edge/types.js";
import { CODES } from "../../engine/wire/codes.js";
import {
  Alert,
  AuctionIndication,
  CommandDone,
  CommandRejected,
  InstrumentState,
  Liquidation,
  NewOrder,
  NewOrderFull,
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderRejected,
  OrderReplaced,
  OrderShown,
  OrderTriggered,
  PendingReview,
  SetKill,
  SetState,
  Trade,
} from "../../engine/wire/flyweights.js";
import {
  AlertKind,
  LimitName,
  OrderFlags,
  OrdType,
  QtyType,
  Reason,
  SelfTradeMode,
  Side,
  StateReason,
  TimeInForce,
  TradingState,
} from "../../engine/wire/generated/enums.js";
import { TEMPLATES } from "../../engine/wire/generated/templates.js";
import { NULL_INT64, NULL_UINT8, NULL_UINT32 } from "../../engine/wire/numbers.js";
import { smallCatalog } from "./hand-made.js";

const catalog = smallCatalog();
const words = new Int32Array(64);
const SEQ = 41;

/** The record in `words` as the line that `ringbook run` prints. */
function line(command?: Command): string {
  return JSON.stringify(decode(words, 0, catalog, command));
}

/** OrderAcceptedFull with nothing but what every order has, unless `fields` says more. */
function acceptedFull(fields: Partial<Record<"price" | "qty" | (typeof EXTRAS)[number], number>>, ordType: number, flags = 0): void {
  const full = OrderAcceptedFull;
  full.init(words, 0, SEQ, 0);
  full.setClOrdId(words, 0, 9);
  full.setOrderId(words, 0, 12);
  full.setAccount(words, 0, 7);
  full.setInstrument(words, 0, 3);
  full.setFlags(words, 0, flags);
  full.setSide(words, 0, Side.sell);
  full.setOrdType(words, 0, ordType);
  full.setTif(words, 0, TimeInForce.gtd);
  full.setStp(words, 0, SelfTradeMode.cancelNewest);
  const value = (key: keyof typeof fields): number => fields[key] ?? NULL_INT64;
  full.setPrice(words, 0, value("price"));
  full.setQty(words, 0, value("qty"));
  full.setExpireTime(words, 0, value("expireTime"));
  full.setStopPrice(words, 0, value("stopPrice"));
  full.setTrail(words, 0, value("trail"));
  full.setTrailBps(words, 0, value("trailBps"));
  full.setDisplayQty(words, 0, value("displayQty"));
  full.setMinQty(words, 0, value("minQty"));
  full.setQuoteQty(words, 0, value("quoteQty"));
  full.setOco(words, 0, value("oco"));
}

const EXTRAS = ["expireTime", "stopPrice", "trail", "trailBps", "displayQty", "minQty", "quoteQty", "oco"] as const;
const ALL = {
  price: 21,
  qty: 25,
  expireTime: 99,
  stopPrice: 22,
  trail: 3,
  trailBps: 250,
  displayQty: 4,
  minQty: 5,
  quoteQty: 1234,
  oco: 8,
};
const SHOWN = '{"event":"accepted","seq":41,"account":"alice","clOrdId":9,"orderId":"12","symbol":"ABC","side":"sell"';

/** The keys of a `new` that leave a mark in `accepted`, in an order of their own. */
const GIVEN: NewCommand = {
  cmd: "new",
  oco: "8",
  stp: "cancelNewest",
  reduceOnly: false,
  postOnly: true,
  quoteQty: "12.340",
  minQty: ".5",
  displayQty: "0.40",
  trailBps: 250,
  trail: "0.150",
  stopPrice: "1.10",
  expireTime: 99,
  qty: "2.50",
  price: "1.050",
  tif: "gtd",
  type: "stopLimit",
  side: "sell",
  symbol: "ABC",
  clOrdId: "009",
  account: "alice",
};

describe("accepted of an order that needs NewOrderFull", () => {
  it("has every given key in the order of SCRIPT.md, normalised (SETTLED S5, N18)", () => {
    acceptedFull(ALL, OrdType.stopLimit, OrderFlags.postOnly);
    expect(line(GIVEN)).toBe(
      `${SHOWN},"type":"stopLimit","tif":"gtd","price":"1.05","qty":"2.5","expireTime":99,"stopPrice":"1.1","trail":"0.15","trailBps":250,"displayQty":"0.4","minQty":"0.5","quoteQty":"12.34","postOnly":true,"reduceOnly":false,"stp":"cancelNewest","oco":8}`,
    );
  });

  it.each(EXTRAS)("shows %s only when it was given", (key) => {
    acceptedFull(ALL, OrdType.stopLimit);
    const bare: NewCommand = { cmd: "new", account: "alice", clOrdId: 9, symbol: "ABC", side: "sell" };
    expect(Object.keys(JSON.parse(line(bare)))).toEqual([
      ...["event", "seq", "account", "clOrdId", "orderId", "symbol", "side", "type", "tif", "price", "qty"],
    ]);
    const one = JSON.parse(line({ ...bare, [key]: GIVEN[key] } as NewCommand));
    expect(Object.keys(one).at(-1)).toBe(key);
    acceptedFull({ ...ALL, [key]: NULL_INT64 }, OrdType.stopLimit);
    expect(JSON.parse(line(GIVEN))).not.toHaveProperty(key);
    expect(JSON.parse(line())).not.toHaveProperty(key);
  });

  it("has neither price nor qty of an order that has none", () => {
    acceptedFull({ quoteQty: 5 }, OrdType.market);
    expect(line()).toBe(`${SHOWN},"type":"market","tif":"gtd","quoteQty":"0.05"}`);
  });

  it("shows what the record has when the command is not at hand", () => {
    acceptedFull(ALL, OrdType.stopLimit, OrderFlags.postOnly | OrderFlags.reduceOnly);
    const whole = `${SHOWN},"type":"stopLimit","tif":"gtd","price":"1.05","qty":"2.5","expireTime":99,"stopPrice":"1.1","trail":"0.15","trailBps":250,"displayQty":"0.4","minQty":"0.5","quoteQty":"12.34","postOnly":true,"reduceOnly":true,"oco":8}`;
    expect(line()).toBe(whole);
    expect(line({ ...GIVEN, clOrdId: 10 })).toBe(whole);
    expect(line({ ...GIVEN, account: "bob" })).toBe(whole);
    expect(line({ cmd: "time", at: 5 })).toBe(whole);
    acceptedFull({ qty: 25 }, OrdType.limit);
    expect(line()).toBe(`${SHOWN},"type":"limit","tif":"gtd","qty":"2.5"}`);
  });

  it("never shows the stop price of a trailing stop, which nobody gave", () => {
    acceptedFull({ qty: 25, trail: 3, stopPrice: 22 }, OrdType.trailingStop);
    expect(line()).toBe(`${SHOWN},"type":"trailingStop","tif":"gtd","qty":"2.5","trail":"0.15"}`);
    expect(line({ ...GIVEN, type: "trailingStop" })).not.toContain("stopPrice");
  });
});

describe("accepted of a plain order", () => {
  function accepted(flags: number): void {
    OrderAccepted.init(words, 0, SEQ, 0);
    OrderAccepted.setClOrdId(words, 0, 9);
    OrderAccepted.setOrderId(words, 0, 12);
    OrderAccepted.setPrice(words, 0, 21);
    OrderAccepted.setQty(words, 0, 25);
    OrderAccepted.setAccount(words, 0, 7);
    OrderAccepted.setInstrument(words, 0, 3);
    OrderAccepted.setFlags(words, 0, flags);
    OrderAccepted.setSide(words, 0, Side.sell);
    OrderAccepted.setOrdType(words, 0, OrdType.limit);
    OrderAccepted.setTif(words, 0, TimeInForce.day);
    OrderAccepted.setStp(words, 0, SelfTradeMode.none);
  }
  const shown = `${SHOWN},"type":"limit","tif":"day","price":"1.05","qty":"2.5"`;

  it("echoes its flags as they were given", () => {
    accepted(0);
    const given = { cmd: "new", account: "alice", clOrdId: 9, symbol: "ABC", side: "sell" } as const;
    expect(line(given)).toBe(`${shown}}`);
    expect(line({ ...given, stp: "none", reduceOnly: false, postOnly: false })).toBe(
      `${shown},"postOnly":false,"reduceOnly":false,"stp":"none"}`,
    );
    accepted(OrderFlags.reduceOnly);
    expect(line({ ...given, reduceOnly: true })).toBe(`${shown},"reduceOnly":true}`);
    expect(line({ ...given, clOrdId: 8, postOnly: false })).toBe(`${shown},"reduceOnly":true}`);
  });

  it("shows the flags that are on when the command is not at hand", () => {
    accepted(OrderFlags.postOnly | OrderFlags.reduceOnly);
    expect(line()).toBe(`${shown},"postOnly":true,"reduceOnly":true}`);
    accepted(0);
    expect(line()).toBe(`${shown}}`);
  });
});

describe("trade", () => {
  function trade(aggressor: number, takerLeaves: number, makerFee = 0, takerFee = 0): void {
    Trade.init(words, 0, SEQ, 0);
    Trade.setTradeId(words, 0, 4);
    Trade.setPrice(words, 0, 21);
    Trade.setQty(words, 0, 5);
    Trade.setMakerClOrdId(words, 0, 1);
    Trade.setMakerLeavesQty(words, 0, 10);
    Trade.setTakerClOrdId(words, 0, 2);
    Trade.setTakerLeavesQty(words, 0, takerLeaves);
    Trade.setMakerFee(words, 0, makerFee);
    Trade.setTakerFee(words, 0, takerFee);
    Trade.setMakerAccount(words, 0, 7);
    Trade.setTakerAccount(words, 0, 8);
    Trade.setInstrument(words, 0, 3);
    Trade.setAggressor(words, 0, aggressor);
  }
  const start = '{"event":"trade","seq":41,"tradeId":4,"symbol":"ABC","price":"1.05","qty":"0.5"';
  const maker = '"maker":{"account":"alice","clOrdId":1,"leavesQty":"1"}';

  it("with an aggressor and what is left of both", () => {
    trade(Side.buy, 0);
    expect(line()).toBe(`${start},"aggressor":"buy",${maker},"taker":{"account":"bob","clOrdId":2,"leavesQty":"0"}}`);
  });

  it("without an aggressor in an uncross", () => {
    trade(NULL_UINT8, 3);
    expect(line()).toBe(`${start},${maker},"taker":{"account":"bob","clOrdId":2,"leavesQty":"0.3"}}`);
  });

  it("without what is left of a taker by quoteQty", () => {
    trade(Side.sell, NULL_INT64);
    expect(line()).toBe(`${start},"aggressor":"sell",${maker},"taker":{"account":"bob","clOrdId":2}}`);
  });

  it("with fees in the quote currency, when they are not nought; a rebate is below it", () => {
    const bare = '"maker":{"account":"alice","clOrdId":1,"leavesQty":"1"';
    const taker = '"taker":{"account":"bob","clOrdId":2,"leavesQty":"0"';
    trade(Side.buy, 0, -5, 120);
    expect(line()).toBe(`${start},"aggressor":"buy",${bare},"fee":"-0.05"},${taker},"fee":"1.2"}}`);
    trade(Side.buy, 0, 0, 120);
    expect(line()).toBe(`${start},"aggressor":"buy",${bare}},${taker},"fee":"1.2"}}`);
    trade(Side.buy, 0, Number.MAX_SAFE_INTEGER, 0);
    expect(line()).toBe(`${start},"aggressor":"buy",${bare},"fee":"90071992547409.91"},${taker}}}`);
    trade(Side.sell, NULL_INT64, 0, 1);
    expect(line()).toBe(`${start},"aggressor":"sell",${bare}},"taker":{"account":"bob","clOrdId":2,"fee":"0.01"}}`);
  });

  it("of a liquidation, whose order has the client id 0", () => {
    trade(Side.sell, 0);
    Trade.setTakerClOrdId(words, 0, 0);
    expect(line()).toBe(`${start},"aggressor":"sell",${maker},"taker":{"account":"bob","clOrdId":0,"leavesQty":"0"}}`);
  });
});

describe("canceled and reduced", () => {
  function canceled(qtyType: number, reason: number): void {
    OrderCanceled.init(words, 0, SEQ, 0);
    OrderCanceled.setClOrdId(words, 0, 9);
    OrderCanceled.setQty(words, 0, 1234);
    OrderCanceled.setAccount(words, 0, 7);
    OrderCanceled.setInstrument(words, 0, 3);
    OrderCanceled.setReason(words, 0, reason);
    OrderCanceled.setQtyType(words, 0, qtyType);
  }
  const start = '{"event":"canceled","seq":41,"account":"alice","clOrdId":9,"symbol":"ABC"';

  it("in lots, with every reason", () => {
    for (const [name, reason] of Object.entries(Reason)) {
      canceled(QtyType.lots, reason);
      expect(line()).toBe(`${start},"qty":"123.4","reason":"${name}"}`);
    }
  });

  it("in money", () => {
    canceled(QtyType.quoteAtoms, Reason.noLiquidity);
    expect(line()).toBe(`${start},"quoteQty":"12.34","reason":"noLiquidity"}`);
  });

  it("reduced, with what is left if the order counts lots", () => {
    OrderReduced.init(words, 0, SEQ, 0);
    OrderReduced.setClOrdId(words, 0, 9);
    OrderReduced.setBy(words, 0, 5);
    OrderReduced.setLeavesQty(words, 0, 10);
    OrderReduced.setAccount(words, 0, 7);
    OrderReduced.setInstrument(words, 0, 3);
    OrderReduced.setReason(words, 0, Reason.oco);
    const reduced = '{"event":"reduced","seq":41,"account":"alice","clOrdId":9,"symbol":"ABC","by":"0.5"';
    expect(line()).toBe(`${reduced},"leavesQty":"1","reason":"oco"}`);
    OrderReduced.setLeavesQty(words, 0, NULL_INT64);
    OrderReduced.setReason(words, 0, Reason.selfTrade);
    expect(line()).toBe(`${reduced},"reason":"selfTrade"}`);
  });
});

describe("replaced", () => {
  function replaced(price: number, stopPrice: number, displayQty: number, isTrailing = 0): void {
    OrderReplaced.init(words, 0, SEQ, 0);
    OrderReplaced.setClOrdId(words, 0, 9);
    OrderReplaced.setOrigClOrdId(words, 0, 8);
    OrderReplaced.setPrice(words, 0, price);
    OrderReplaced.setQty(words, 0, 25);
    OrderReplaced.setLeavesQty(words, 0, 20);
    OrderReplaced.setStopPrice(words, 0, stopPrice);
    OrderReplaced.setDisplayQty(words, 0, displayQty);
    OrderReplaced.setAccount(words, 0, 7);
    OrderReplaced.setInstrument(words, 0, 3);
    OrderReplaced.setKeptPriority(words, 0, 1);
    OrderReplaced.setIsTrailing(words, 0, isTrailing);
  }
  const start = '{"event":"replaced","seq":41,"account":"alice","clOrdId":9,"origClOrdId":8,"symbol":"ABC"';
  const rest = '"qty":"2.5","leavesQty":"2","keptPriority":true';
  const bare = { cmd: "replace", account: "alice", clOrdId: 8 } as const;

  it("a plain order", () => {
    replaced(21, NULL_INT64, NULL_INT64);
    for (const command of [undefined, bare, { ...bare, stopPrice: 1, displayQty: 1 }])
      expect(line(command)).toBe(`${start},"price":"1.05",${rest}}`);
  });

  it("shows stop price and displayQty when they were given", () => {
    replaced(21, 22, 3);
    expect(line({ ...bare, price: 1 })).toBe(`${start},"price":"1.05",${rest}}`);
    expect(line({ ...bare, displayQty: "0.3" })).toBe(`${start},"price":"1.05",${rest},"displayQty":"0.3"}`);
    expect(line({ ...bare, stopPrice: "1.10" })).toBe(`${start},"price":"1.05",${rest},"stopPrice":"1.1"}`);
    const both = `${start},"price":"1.05",${rest},"stopPrice":"1.1","displayQty":"0.3"}`;
    expect(line({ ...bare, displayQty: "0.3", stopPrice: "1.1" })).toBe(both);
    expect(line()).toBe(both);
  });

  it("always shows a trailing stop's stop price, which may be below nought (SETTLED N18)", () => {
    replaced(NULL_INT64, -1, NULL_INT64, 1);
    expect(line({ ...bare, qty: 1 })).toBe(`${start},${rest},"stopPrice":"-0.05"}`);
    expect(line()).toBe(`${start},${rest},"stopPrice":"-0.05"}`);
    replaced(NULL_INT64, 22, NULL_INT64, 0);
    expect(line({ ...bare, qty: 1 })).toBe(`${start},${rest}}`);
  });
});

describe("triggered, state and auction", () => {
  it("triggered", () => {
    OrderTriggered.init(words, 0, SEQ, 0);
    OrderTriggered.setClOrdId(words, 0, 9);
    OrderTriggered.setLastPrice(words, 0, 21);
    OrderTriggered.setAccount(words, 0, 8);
    OrderTriggered.setInstrument(words, 0, 3);
    expect(line()).toBe('{"event":"triggered","seq":41,"account":"bob","clOrdId":9,"symbol":"ABC","lastPrice":"1.05"}');
  });

  it("state, with every state and reason", () => {
    for (const [name, state] of Object.entries(TradingState)) {
      for (const [why, reason] of Object.entries(StateReason)) {
        InstrumentState.init(words, 0, SEQ, 0);
        InstrumentState.setInstrument(words, 0, 3);
        InstrumentState.setState(words, 0, state);
        InstrumentState.setReason(words, 0, reason);
        expect(line()).toBe(`{"event":"state","seq":41,"symbol":"ABC","state":"${name}","reason":"${why}"}`);
      }
    }
  });

  function auction(price: number, qty: number, final: number): void {
    AuctionIndication.init(words, 0, SEQ, 0);
    AuctionIndication.setInstrument(words, 0, 3);
    AuctionIndication.setPrice(words, 0, price);
    AuctionIndication.setQty(words, 0, qty);
    AuctionIndication.setFinal(words, 0, final);
  }

  it("auction: an indication, an empty one, and the result (SETTLED S12)", () => {
    auction(21, 12, 0);
    expect(line()).toBe('{"event":"auction","seq":41,"symbol":"ABC","price":"1.05","qty":"1.2"}');
    auction(NULL_INT64, 0, 0);
    expect(line()).toBe('{"event":"auction","seq":41,"symbol":"ABC","qty":"0"}');
    auction(21, 12, 1);
    expect(line()).toBe('{"event":"auction","seq":41,"symbol":"ABC","price":"1.05","qty":"1.2","final":true}');
  });

  it("nothing of what only the books of market data need", () => {
    OrderShown.init(words, 0, SEQ, 0);
    expect(decode(words, 0, catalog)).toBeUndefined();
  });
});

describe("ok and rejected", () => {
  it("ok of a kill switch", () => {
    CommandDone.init(words, 0, SEQ, 0);
    CommandDone.setRefTemplateId(words, 0, SetKill.TEMPLATE_ID);
    CommandDone.setRiskPpm(words, 0, NULL_UINT32);
    expect(line()).toBe('{"event":"ok","seq":41,"cmd":"kill"}');
  });

  const OPERATOR_COMMANDS = [
    ["currency", "DefineCurrency"],
    ["instrument", "DefineInstrument"],
    ["account", "DefineAccount"],
    ["time", "SetTime"],
    ["deposit", "Deposit"],
    ["withdraw", "Withdraw"],
    ["transfer", "Transfer"],
    ["review", "Review"],
    ["kyc", "SetKyc"],
    ["accountState", "SetAccountState"],
    ["mark", "SetMark"],
    ["limits", "SetLimits"],
  ] as const;

  it.each(OPERATOR_COMMANDS)("ok of %s, with a risk score when the record has one", (cmd, message) => {
    CommandDone.init(words, 0, SEQ, 0);
    CommandDone.setRefTemplateId(words, 0, TEMPLATES[message]);
    CommandDone.setRiskPpm(words, 0, NULL_UINT32);
    expect(line()).toBe(`{"event":"ok","seq":41,"cmd":"${cmd}"}`);
    CommandDone.setRiskPpm(words, 0, 0);
    expect(line()).toBe(`{"event":"ok","seq":41,"cmd":"${cmd}","riskPpm":0}`);
    CommandDone.setRiskPpm(words, 0, 1_000_000);
    expect(line()).toBe(`{"event":"ok","seq":41,"cmd":"${cmd}","riskPpm":1000000}`);
  });

  it.each([NewOrder.TEMPLATE_ID, NewOrderFull.TEMPLATE_ID])("new, by either record (%i)", (template) => {
    OrderRejected.init(words, 0, SEQ, 0);
    OrderRejected.setClOrdId(words, 0, 9);
    OrderRejected.setAccount(words, 0, 7);
    OrderRejected.setCode(words, 0, CODES.BAD_OCO);
    OrderRejected.setRefTemplateId(words, 0, template);
    expect(line()).toMatch(
      /^\{"event":"rejected","seq":41,"cmd":"new","account":"alice","clOrdId":9,"code":3018,"reason":"BAD_OCO","text":"[^"]+"\}$/,
    );
  });

  function rejected(template: number, code: number): void {
    CommandRejected.init(words, 0, SEQ, 0);
    CommandRejected.setRefTemplateId(words, 0, template);
    CommandRejected.setCode(words, 0, code);
  }

  it("state names no account, kill the one of its scope", () => {
    rejected(SetState.TEMPLATE_ID, CODES.STATE_UNCHANGED);
    const stateLine = /^\{"event":"rejected","seq":41,"cmd":"state","code":5004,"reason":"STATE_UNCHANGED","text":"[^"]+"\}$/;
    expect(line({ cmd: "state", symbol: "ABC", state: "open" })).toMatch(stateLine);
    rejected(SetKill.TEMPLATE_ID, CODES.UNKNOWN_INSTRUMENT);
    const symbolLine = /^\{"event":"rejected","seq":41,"cmd":"kill","code":3003,"reason":"UNKNOWN_INSTRUMENT","text":"[^"]+"\}$/;
    expect(line({ cmd: "kill", scope: "instrument", symbol: "XYZ", on: true })).toMatch(symbolLine);
    const marked = /^\{"event":"rejected","seq":41,"cmd":"mark","code":3008,"reason":"PRICE_OFF_TICK","text":"[^"]+"\}$/;
    rejected(TEMPLATES.SetMark, CODES.PRICE_OFF_TICK);
    expect(line({ cmd: "mark", symbol: "ABC", price: "1.01" })).toMatch(marked);
    const reviewed = /^\{"event":"rejected","seq":41,"cmd":"review","code":4007,"reason":"UNKNOWN_MOVEMENT","text":"[^"]+"\}$/;
    rejected(TEMPLATES.Review, CODES.UNKNOWN_MOVEMENT);
    expect(line({ cmd: "review", ref: "r", release: true })).toMatch(reviewed);
    rejected(SetKill.TEMPLATE_ID, CODES.UNKNOWN_ACCOUNT);
    const accountLine =
      /^\{"event":"rejected","seq":41,"cmd":"kill","account":"zoe","code":4003,"reason":"UNKNOWN_ACCOUNT","text":"[^"]+"\}$/;
    expect(line({ cmd: "kill", scope: "account", account: "zoe", on: true })).toMatch(accountLine);
  });

  it.each<[keyof typeof TEMPLATES, Command]>([
    ["Deposit", { cmd: "deposit", account: "zoe", currency: "USD", amount: "1", ref: "r" }],
    ["Withdraw", { cmd: "withdraw", account: "zoe", currency: "USD", amount: "1", ref: "r" }],
    ["Transfer", { cmd: "transfer", account: "zoe", to: "bob", currency: "USD", amount: "1", ref: "r" }],
    ["SetKyc", { cmd: "kyc", account: "zoe", kyc: "verified" }],
    ["SetAccountState", { cmd: "accountState", account: "zoe", state: "active" }],
    ["SetLimits", { cmd: "limits", account: "zoe", symbol: "ABC" }],
  ])("%s names its account as it was given", (message, command) => {
    rejected(TEMPLATES[message], CODES.UNKNOWN_ACCOUNT);
    const start = `{"event":"rejected","seq":41,"cmd":"${command.cmd}","account":"zoe","code":4003,"reason":"UNKNOWN_ACCOUNT","text":"`;
    expect(line(command).startsWith(start)).toBe(true);
    expect(line()).not.toContain('"account"');
  });
});

describe("funds and risk", () => {
  function alert(account: number, instrument: number, kind: number, limit: number, percent: number): void {
    Alert.init(words, 0, SEQ, 0);
    Alert.setAccount(words, 0, account);
    Alert.setInstrument(words, 0, instrument);
    Alert.setKind(words, 0, kind);
    Alert.setLimit(words, 0, limit);
    Alert.setPercent(words, 0, percent);
  }

  it("alert of a circuit breaker names the account or the symbol (SETTLED K13, N7)", () => {
    alert(7, NULL_UINT32, AlertKind.circuitBreaker, NULL_UINT8, 0);
    expect(line()).toBe('{"event":"alert","seq":41,"kind":"circuitBreaker","account":"alice"}');
    alert(NULL_UINT32, 3, AlertKind.circuitBreaker, NULL_UINT8, 0);
    expect(line()).toBe('{"event":"alert","seq":41,"kind":"circuitBreaker","symbol":"ABC"}');
  });

  it("alert of a limit names scope, limit and percent", () => {
    for (const [name, limit] of Object.entries(LimitName)) {
      alert(8, 3, AlertKind.limit, limit, 80);
      expect(line()).toBe(`{"event":"alert","seq":41,"kind":"limit","account":"bob","symbol":"ABC","limit":"${name}","percent":80}`);
    }
    alert(8, NULL_UINT32, AlertKind.limit, LimitName.maxExposure, 100);
    expect(line()).toBe('{"event":"alert","seq":41,"kind":"limit","account":"bob","limit":"maxExposure","percent":100}');
  });

  function pending(template: number, to: number, ref: string): void {
    PendingReview.init(words, 0, SEQ, 0);
    PendingReview.setAmount(words, 0, 1250);
    PendingReview.setAccount(words, 0, 7);
    PendingReview.setTo(words, 0, to);
    PendingReview.setCurrency(words, 0, 0);
    PendingReview.setRefTemplateId(words, 0, template);
    PendingReview.setRef(words, 0, ref);
  }

  it("pendingReview of every movement, in the currency's scale", () => {
    const ref = "~".repeat(64);
    for (const [cmd, template] of [
      ["deposit", TEMPLATES.Deposit],
      ["withdraw", TEMPLATES.Withdraw],
    ] as const) {
      pending(template, NULL_UINT32, ref);
      const start = `{"event":"pendingReview","seq":41,"cmd":"${cmd}","account":"alice"`;
      expect(line()).toBe(`${start},"currency":"USD","amount":"12.5","ref":"${ref}"}`);
    }
    pending(TEMPLATES.Transfer, 8, "t");
    expect(line()).toBe(
      '{"event":"pendingReview","seq":41,"cmd":"transfer","account":"alice","to":"bob","currency":"USD","amount":"12.5","ref":"t"}',
    );
    pending(TEMPLATES.SetKyc, 8, "t");
    expect(() => decode(words, 0, catalog)).toThrow("is no movement");
    PendingReview.setCurrency(words, 0, 9);
    expect(() => decode(words, 0, catalog)).toThrow("currency 9 is not in the catalog");
  });

  it.each(["buy", "sell"] as const)("liquidation that is to %s", (side) => {
    Liquidation.init(words, 0, SEQ, 0);
    Liquidation.setQty(words, 0, 25);
    Liquidation.setAccount(words, 0, 8);
    Liquidation.setInstrument(words, 0, 3);
    Liquidation.setSide(words, 0, Side[side]);
    expect(line()).toBe(`{"event":"liquidation","seq":41,"account":"bob","symbol":"ABC","side":"${side}","qty":"2.5"}`);
  });
});

describe("a record that is no event", () => {
  it.each(["NewOrder", "OrderFilled", "TradePrint", "TopOfBook", "SetKill"] as const)("%s throws", (name) => {
    NewOrder.init(words, 0, SEQ, 0);
    const template = TEMPLATES[name];
    words[2] = (words[2] & 0xffff) | (template << 16);
    expect(() => decode(words, 0, catalog)).toThrow(`template ${template} is no event of the core`);
  });

  it("throws when it names what was never declared", () => {
    OrderTriggered.init(words, 0, SEQ, 0);
    OrderTriggered.setInstrument(words, 0, 4);
    expect(() => decode(words, 0, catalog)).toThrow("instrument 4 is not in the catalog");
    OrderTriggered.setInstrument(words, 0, 3);
    OrderTriggered.setAccount(words, 0, 1);
    expect(() => decode(words, 0, catalog)).toThrow("account 1 is not in the catalog");
  });
});
