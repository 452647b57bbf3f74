import { describe, expect, it } from "vitest";
import { UNKNOWN_ID } from "../../engine/edge/catalog.js";
import { CommandError, NumberText } from "../../engine/edge/index.js";
import type { InstrumentCommand, KillCommand, NewCommand, ReplaceCommand } from "../../engine/edge/types.js";
import { DefineInstrument, Header, NewOrder, NewOrderFull, Replace, SetKill, SetState } from "../../engine/wire/flyweights.js";
import {
  InstrumentKind,
  KillScope,
  OrderFlags,
  OrdType,
  SelfTradeMode,
  Side,
  TimeInForce,
  TradingState,
} from "../../engine/wire/generated/enums.js";
import { BEYOND, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { encoded } from "./encoded.js";

const NEW: NewCommand = { cmd: "new", account: "alice", clOrdId: 9, symbol: "ABC", side: "sell" };
function templateOf(command: NewCommand): number {
  return Header.templateId(encoded(command), 0);
}

describe("a new order travels as NewOrder", () => {
  it.each<[string, Partial<NewCommand>]>([
    ["with its defaults", {}],
    ["limit with every short key", { type: "limit", price: "1", qty: "2", postOnly: true, reduceOnly: true, stp: "none" }],
    ["market", { type: "market", qty: "2" }],
    ["day", { tif: "day" }],
    ["ioc", { tif: "ioc" }],
    ["fok", { tif: "fok" }],
    ["with flags that are off", { postOnly: false, reduceOnly: false }],
  ])("%s", (_name, keys) => {
    expect(templateOf({ ...NEW, ...keys })).toBe(NewOrder.TEMPLATE_ID);
  });

  it("with every field", () => {
    const words = encoded({ ...NEW, type: "market", tif: "fok", price: "1.05", qty: "2.5", postOnly: true, reduceOnly: true, stp: "none" });
    expect(NewOrder.clientSeq(words, 0)).toBe(0);
    expect(NewOrder.session(words, 0)).toBe(0);
    expect(NewOrder.account(words, 0)).toBe(7);
    expect(NewOrder.clOrdId(words, 0)).toBe(9);
    expect(NewOrder.instrument(words, 0)).toBe(3);
    expect(NewOrder.side(words, 0)).toBe(Side.sell);
    expect(NewOrder.ordType(words, 0)).toBe(OrdType.market);
    expect(NewOrder.tif(words, 0)).toBe(TimeInForce.fok);
    expect(NewOrder.price(words, 0)).toBe(21);
    expect(NewOrder.qty(words, 0)).toBe(25);
    expect(NewOrder.flags(words, 0)).toBe(OrderFlags.postOnly | OrderFlags.reduceOnly);
    expect(NewOrder.stp(words, 0)).toBe(SelfTradeMode.none);
  });

  it("with reduceOnly alone", () => {
    expect(NewOrder.flags(encoded({ ...NEW, reduceOnly: true }), 0)).toBe(OrderFlags.reduceOnly);
    expect(NewOrder.flags(encoded({ ...NEW, postOnly: false, reduceOnly: false }), 0)).toBe(0);
  });
});

describe("a new order travels as NewOrderFull", () => {
  it.each<[string, Partial<NewCommand>]>([
    ["stop", { type: "stop" }],
    ["stopLimit", { type: "stopLimit" }],
    ["trailingStop", { type: "trailingStop" }],
    ["gtd, with or without its time", { tif: "gtd" }],
    ["expireTime", { expireTime: 1 }],
    ["stopPrice", { stopPrice: "1" }],
    ["trail", { trail: "1" }],
    ["trailBps", { trailBps: 1 }],
    ["displayQty", { displayQty: "1" }],
    ["minQty", { minQty: "1" }],
    ["quoteQty", { quoteQty: "1" }],
    ["oco", { oco: 1 }],
  ])("%s", (_name, keys) => {
    expect(templateOf({ ...NEW, ...keys })).toBe(NewOrderFull.TEMPLATE_ID);
  });

  it("with every field", () => {
    const words = encoded({
      ...NEW,
      type: "trailingStop",
      tif: "gtd",
      price: "1.05",
      qty: "2.5",
      expireTime: 1_700_000_000_000_000,
      stopPrice: "1.1",
      trail: "0.15",
      trailBps: 250,
      displayQty: "0.3",
      minQty: "0.4",
      quoteQty: "12.34",
      postOnly: true,
      reduceOnly: true,
      stp: "decrement",
      oco: "0012",
    });
    expect(NewOrderFull.clientSeq(words, 0)).toBe(0);
    expect(NewOrderFull.session(words, 0)).toBe(0);
    expect(NewOrderFull.account(words, 0)).toBe(7);
    expect(NewOrderFull.clOrdId(words, 0)).toBe(9);
    expect(NewOrderFull.instrument(words, 0)).toBe(3);
    expect(NewOrderFull.side(words, 0)).toBe(Side.sell);
    expect(NewOrderFull.ordType(words, 0)).toBe(OrdType.trailingStop);
    expect(NewOrderFull.tif(words, 0)).toBe(TimeInForce.gtd);
    expect(NewOrderFull.price(words, 0)).toBe(21);
    expect(NewOrderFull.qty(words, 0)).toBe(25);
    expect(NewOrderFull.expireTime(words, 0)).toBe(1_700_000_000_000_000);
    expect(NewOrderFull.stopPrice(words, 0)).toBe(22);
    expect(NewOrderFull.trail(words, 0)).toBe(3);
    expect(NewOrderFull.trailBps(words, 0)).toBe(250);
    expect(NewOrderFull.displayQty(words, 0)).toBe(3);
    expect(NewOrderFull.minQty(words, 0)).toBe(4);
    expect(NewOrderFull.quoteQty(words, 0)).toBe(1234);
    expect(NewOrderFull.oco(words, 0)).toBe(12);
    expect(NewOrderFull.flags(words, 0)).toBe(OrderFlags.postOnly | OrderFlags.reduceOnly);
    expect(NewOrderFull.stp(words, 0)).toBe(SelfTradeMode.decrement);
  });

  it("with null for what was not given", () => {
    const words = encoded({ ...NEW, type: "stop" });
    const { price, qty, expireTime, stopPrice, trail, trailBps, displayQty, minQty, quoteQty, oco } = NewOrderFull;
    for (const field of [price, qty, expireTime, stopPrice, trail, trailBps, displayQty, minQty, quoteQty, oco])
      expect(field(words, 0), field.name).toBe(NULL_INT64);
    expect(NewOrderFull.stp(words, 0)).toBe(NULL_UINT8);
    expect(NewOrderFull.tif(words, 0)).toBe(TimeInForce.gtc);
    expect(NewOrderFull.flags(words, 0)).toBe(0);
  });
});

/** The keys of `new` that are counted in units: how to read the field, a value off the step and one beyond all bounds. */
const COUNTED = [
  ["price", NewOrderFull.price, "1.01"],
  ["qty", NewOrderFull.qty, "1.25"],
  ["stopPrice", NewOrderFull.stopPrice, "1.01"],
  ["trail", NewOrderFull.trail, "0.051"],
  ["displayQty", NewOrderFull.displayQty, "0.05"],
  ["minQty", NewOrderFull.minQty, "0.05"],
  ["quoteQty", NewOrderFull.quoteQty, "0.001"],
] as const;

describe.each(COUNTED)("%s as a mark for the core (SETTLED C9)", (key, read, offStep) => {
  function fieldOf(value: string, symbol = "ABC"): number {
    return read(encoded({ ...NEW, symbol, type: "stop", [key]: value } as NewCommand), 0);
  }

  it("off its step, beyond 2^53-1, nought and below", () => {
    expect(fieldOf(offStep)).toBe(OFF_STEP);
    expect(fieldOf(`1${"0".repeat(30)}`)).toBe(BEYOND);
    expect(fieldOf("0")).toBe(0);
    expect(fieldOf("-1")).toBeLessThan(0);
    expect(Number.isSafeInteger(fieldOf("-1"))).toBe(true);
  });

  it("of an instrument that is not there", () => {
    expect(fieldOf("1", "XYZ")).toBe(OFF_STEP);
  });

  it("throws on what is no decimal, whatever else is wrong", () => {
    expect(() => fieldOf("1e2")).toThrow(new CommandError(`${key} is no decimal: 1e2`));
    expect(() => fieldOf("", "XYZ")).toThrow(new CommandError(`${key} is no decimal: `));
  });
});

describe("integers and ids as marks", () => {
  const huge = new NumberText("9007199254740992") as unknown as number;

  it.each([
    ["expireTime", NewOrderFull.expireTime],
    ["trailBps", NewOrderFull.trailBps],
    ["oco", NewOrderFull.oco],
    ["clOrdId", NewOrderFull.clOrdId],
  ] as const)("%s", (key, read) => {
    const fieldOf = (value: number) => read(encoded({ ...NEW, type: "stop", [key]: value } as NewCommand), 0);
    expect(fieldOf(huge)).toBe(BEYOND);
    expect(fieldOf(-huge)).toBe(BEYOND);
    expect(fieldOf(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(fieldOf(-3)).toBe(-3);
    expect(fieldOf(0)).toBe(0);
  });

  it("unknown names are ids that nothing has", () => {
    const words = encoded({ ...NEW, account: "zoe", symbol: "XYZ", type: "stop" });
    expect([NewOrderFull.account(words, 0), NewOrderFull.instrument(words, 0)]).toEqual([UNKNOWN_ID, UNKNOWN_ID]);
  });
});

describe("replace", () => {
  const REPLACE = { cmd: "replace", account: "alice", clOrdId: 1 } as const;

  it("counts in the steps of the order's instrument", () => {
    const words = encoded({ ...REPLACE, newClOrdId: 2, price: "1.05", qty: "2", stopPrice: "1.1", displayQty: "0.5" });
    expect(Replace.newClOrdId(words, 0)).toBe(2);
    expect(Replace.price(words, 0)).toBe(21);
    expect(Replace.qty(words, 0)).toBe(20);
    expect(Replace.stopPrice(words, 0)).toBe(22);
    expect(Replace.displayQty(words, 0)).toBe(5);
  });

  it("leaves null what stays, and marks what fits no step", () => {
    const bare = encoded(REPLACE);
    for (const field of [Replace.newClOrdId, Replace.price, Replace.qty, Replace.stopPrice, Replace.displayQty])
      expect(field(bare, 0), field.name).toBe(NULL_INT64);
    const marked = encoded({ ...REPLACE, stopPrice: "1.01", displayQty: "0.05" });
    expect([Replace.stopPrice(marked, 0), Replace.displayQty(marked, 0)]).toEqual([OFF_STEP, OFF_STEP]);
    const blind = encoded({ ...REPLACE, stopPrice: "1", displayQty: "1" }, false);
    expect([Replace.stopPrice(blind, 0), Replace.displayQty(blind, 0)]).toEqual([OFF_STEP, OFF_STEP]);
  });

  it.each(["stopPrice", "displayQty"])("throws when %s is no decimal", (key) => {
    expect(() => encoded({ ...REPLACE, [key]: "x" } as ReplaceCommand, false)).toThrow(`${key} is no decimal: x`);
  });
});

describe("instrument", () => {
  const INSTRUMENT: InstrumentCommand = { cmd: "instrument", symbol: "X", base: "X", quote: "USD", tickSize: "0.05", lotSize: "1" };

  it("has the widest of what is not given, and is open", () => {
    const words = encoded(INSTRUMENT);
    expect(DefineInstrument.minNotionalMantissa(words, 0)).toBe(NULL_INT64);
    expect(DefineInstrument.minNotionalExponent(words, 0)).toBe(0);
    expect(DefineInstrument.lastPrice(words, 0)).toBe(NULL_INT64);
    const { bandBps, marketProtectionBps, auctionUs } = DefineInstrument;
    for (const field of [bandBps, marketProtectionBps, auctionUs]) expect(field(words, 0), field.name).toBe(0);
    expect(DefineInstrument.state(words, 0)).toBe(TradingState.open);
    const { collarBps, breakerBps, breakerWindowUs, makerFeePpm, takerFeePpm } = DefineInstrument;
    for (const field of [collarBps, breakerBps, breakerWindowUs, makerFeePpm, takerFeePpm]) expect(field(words, 0), field.name).toBe(0);
    const { initialMarginPpm, maintenanceMarginPpm, multiplierMantissa } = DefineInstrument;
    for (const field of [initialMarginPpm, maintenanceMarginPpm, multiplierMantissa]) expect(field(words, 0), field.name).toBe(NULL_INT64);
    expect(DefineInstrument.multiplierExponent(words, 0)).toBe(0);
    expect(DefineInstrument.kind(words, 0)).toBe(InstrumentKind.spot);
  });

  it("with every key", () => {
    const words = encoded({
      ...INSTRUMENT,
      minNotional: "12.50",
      bandBps: 500,
      marketProtectionBps: 300,
      auctionUs: 60_000_000,
      state: "closed",
      lastPrice: "100.05",
    });
    expect(DefineInstrument.minNotionalMantissa(words, 0)).toBe(125);
    expect(DefineInstrument.minNotionalExponent(words, 0)).toBe(-1);
    expect(DefineInstrument.bandBps(words, 0)).toBe(500);
    expect(DefineInstrument.marketProtectionBps(words, 0)).toBe(300);
    expect(DefineInstrument.auctionUs(words, 0)).toBe(60_000_000);
    expect(DefineInstrument.state(words, 0)).toBe(TradingState.closed);
    expect(DefineInstrument.lastPrice(words, 0)).toBe(2001);
    expect(DefineInstrument.tickExponent(words, 0)).toBe(-2);
  });

  it("with every key of margin, fees and breakers", () => {
    const words = encoded({
      ...INSTRUMENT,
      makerFeePpm: -250,
      takerFeePpm: 1000,
      kind: "margin",
      multiplier: "0.10",
      initialMarginPpm: 0,
      maintenanceMarginPpm: 50_000,
      collarBps: 700,
      breakerBps: 800,
      breakerWindowUs: 5_000_000,
    });
    expect(DefineInstrument.makerFeePpm(words, 0)).toBe(-250);
    expect(DefineInstrument.takerFeePpm(words, 0)).toBe(1000);
    expect(DefineInstrument.kind(words, 0)).toBe(InstrumentKind.margin);
    expect(DefineInstrument.multiplierMantissa(words, 0)).toBe(1);
    expect(DefineInstrument.multiplierExponent(words, 0)).toBe(-1);
    expect(DefineInstrument.initialMarginPpm(words, 0)).toBe(0);
    expect(DefineInstrument.maintenanceMarginPpm(words, 0)).toBe(50_000);
    expect(DefineInstrument.collarBps(words, 0)).toBe(700);
    expect(DefineInstrument.breakerBps(words, 0)).toBe(800);
    expect(DefineInstrument.breakerWindowUs(words, 0)).toBe(5_000_000);
  });

  it.each([
    "makerFeePpm",
    "takerFeePpm",
    "initialMarginPpm",
    "maintenanceMarginPpm",
    "collarBps",
    "breakerBps",
    "breakerWindowUs",
  ] as const)("with a hostile %s", (key) => {
    const fieldOf = (value: number): number => DefineInstrument[key](encoded({ ...INSTRUMENT, [key]: value }), 0);
    expect(fieldOf(-1)).toBe(-1);
    expect(fieldOf(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(fieldOf(2 ** 53)).toBe(BEYOND);
    expect(fieldOf(-(2 ** 63))).toBe(BEYOND);
    expect(fieldOf(new NumberText("1e400") as unknown as number)).toBe(BEYOND);
  });

  it.each([
    ["nought", "0", 0],
    ["below nought", "-2", BEYOND],
    ["with too many digits", "1.00000000000000001", BEYOND],
  ])("with a multiplier %s", (_name, multiplier, mantissa) => {
    expect(DefineInstrument.multiplierMantissa(encoded({ ...INSTRUMENT, multiplier }), 0)).toBe(mantissa);
  });

  it.each(["preOpen", "auctionCall", "open", "halted", "closed"] as const)("in state %s", (state) => {
    expect(DefineInstrument.state(encoded({ ...INSTRUMENT, state }), 0)).toBe(TradingState[state]);
  });

  it.each([
    ["nought", "0", 0],
    ["an amount with a positive exponent", "300", 3],
    ["below nought", "-1", BEYOND],
    ["below nought by little", "-0.000001", BEYOND],
    ["with too many digits", "1.00000000000000001", BEYOND],
  ])("with a minNotional %s", (_name, minNotional, mantissa) => {
    expect(DefineInstrument.minNotionalMantissa(encoded({ ...INSTRUMENT, minNotional }), 0)).toBe(mantissa);
  });

  it("marks what the core refuses", () => {
    expect(DefineInstrument.lastPrice(encoded({ ...INSTRUMENT, lastPrice: "1.01" }), 0)).toBe(OFF_STEP);
    expect(DefineInstrument.bandBps(encoded({ ...INSTRUMENT, bandBps: 2 ** 53 }), 0)).toBe(BEYOND);
    expect(DefineInstrument.marketProtectionBps(encoded({ ...INSTRUMENT, marketProtectionBps: -1 }), 0)).toBe(-1);
    expect(DefineInstrument.auctionUs(encoded({ ...INSTRUMENT, auctionUs: -(2 ** 53) }), 0)).toBe(BEYOND);
  });

  it.each(["minNotional", "lastPrice", "multiplier"])("throws when %s is no decimal", (key) => {
    expect(() => encoded({ ...INSTRUMENT, [key]: "x" } as InstrumentCommand)).toThrow(`${key} is no decimal: x`);
  });
});

describe("state and kill", () => {
  it("a state", () => {
    const words = encoded({ cmd: "state", symbol: "ABC", state: "halted", cancel: true });
    expect(Header.templateId(words, 0)).toBe(SetState.TEMPLATE_ID);
    expect([SetState.instrument(words, 0), SetState.state(words, 0), SetState.cancel(words, 0)]).toEqual([3, TradingState.halted, 1]);
    const other = encoded({ cmd: "state", symbol: "XYZ", state: "preOpen", cancel: false });
    expect([SetState.instrument(other, 0), SetState.state(other, 0), SetState.cancel(other, 0)]).toEqual([
      UNKNOWN_ID,
      TradingState.preOpen,
      0,
    ]);
    expect(SetState.cancel(encoded({ cmd: "state", symbol: "ABC", state: "open" }), 0)).toBe(0);
  });

  it.each<[KillCommand, readonly number[]]>([
    [{ cmd: "kill", scope: "global", on: true }, [KillScope.global, NULL_UINT32, NULL_UINT32, 1, 0]],
    [{ cmd: "kill", scope: "instrument", symbol: "ABC", on: false, cancel: true }, [KillScope.instrument, NULL_UINT32, 3, 0, 1]],
    [{ cmd: "kill", scope: "instrument", symbol: "XYZ", on: true }, [KillScope.instrument, NULL_UINT32, UNKNOWN_ID, 1, 0]],
    [{ cmd: "kill", scope: "account", account: "bob", on: true, cancel: true }, [KillScope.account, 8, NULL_UINT32, 1, 1]],
    [{ cmd: "kill", scope: "account", account: "zoe", on: true, cancel: false }, [KillScope.account, UNKNOWN_ID, NULL_UINT32, 1, 0]],
  ])("%j", (command, fields) => {
    const words = encoded(command);
    const { scope, account, instrument, on, cancel } = SetKill;
    expect([scope, account, instrument, on, cancel].map((field) => field(words, 0))).toEqual(fields);
    expect([SetKill.clientSeq(words, 0), SetKill.session(words, 0)]).toEqual([0, 0]);
  });
});
