import { describe, expect, it } from "vitest";
import { UNKNOWN_ID } from "../../engine/edge/catalog.js";
import { COMMAND_BYTES_MAX, encode } from "../../engine/edge/encode.js";
import { CommandError, NumberText } from "../../engine/edge/index.js";
import type {
  AccountCommand,
  CurrencyCommand,
  InstrumentCommand,
  KillCommand,
  LimitsCommand,
  LimitValues,
  NewCommand,
  OrderCommand,
  ReplaceCommand,
  SetUpCommand,
} from "../../engine/edge/types.js";
import {
  DefineAccount,
  DefineCurrency,
  DefineInstrument,
  Deposit,
  Header,
  NewOrder,
  NewOrderFull,
  Replace,
  Review,
  SetAccountState,
  SetKill,
  SetKyc,
  SetLimits,
  SetMark,
  SetState,
  Transfer,
  Withdraw,
} from "../../engine/wire/flyweights.js";
import {
  AccountMode,
  AccountState,
  InstrumentKind,
  KillScope,
  Kyc,
  LimitName,
  LimitsGiven,
  OrderFlags,
  OrdType,
  RiskLevel,
  SelfTradeMode,
  Side,
  TimeInForce,
  TradingState,
} from "../../engine/wire/generated/enums.js";
import { BEYOND, NULL_INT64, NULL_UINT8, NULL_UINT32, OFF_STEP } from "../../engine/wire/numbers.js";
import { ABC, smallCatalog } from "./hand-made.js";

const catalog = smallCatalog();
const NEW: NewCommand = { cmd: "new", account: "alice", clOrdId: 9, symbol: "ABC", side: "sell" };
/** Words that no field may keep. */
const GARBAGE = 0x5a5a5a5a;

function encoded(command: SetUpCommand | OrderCommand, isOrderKnown = true): Int32Array {
  const words = new Int32Array(COMMAND_BYTES_MAX / 4).fill(GARBAGE);
  const bytes = encode(command, { catalog, instrumentOfOrder: () => (isOrderKnown ? ABC : undefined) }, words, 0, 41, 42);
  expect(Header.length(words, 0)).toBe(bytes);
  expect([Header.seq(words, 0), Header.time(words, 0)]).toEqual([41, 42]);
  return words;
}

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

describe("currency", () => {
  function fieldsOf(keys: Partial<CurrencyCommand>): [scale: number, amlThreshold: number] {
    const words = encoded({ cmd: "currency", currency: "BTC", ...keys });
    return [DefineCurrency.scale(words, 0), DefineCurrency.amlThreshold(words, 0)];
  }

  it("has six places and no threshold unless it is given one", () => {
    expect(fieldsOf({})).toEqual([6, NULL_INT64]);
    expect(fieldsOf({ amlThreshold: "1.5" })).toEqual([6, 1_500_000]);
    expect(fieldsOf({ scale: 2, amlThreshold: "10000" })).toEqual([2, 1_000_000]);
    expect(fieldsOf({ scale: 0, amlThreshold: 0 })).toEqual([0, 0]);
  });

  it("marks what the core refuses", () => {
    expect(fieldsOf({ scale: 2, amlThreshold: "0.001" })).toEqual([2, OFF_STEP]);
    expect(fieldsOf({ scale: 15, amlThreshold: "10" })).toEqual([15, BEYOND]);
    expect(fieldsOf({ scale: 2, amlThreshold: "-1" })).toEqual([2, -100]);
    for (const scale of [-1, 16, 2 ** 53, -(2 ** 53)]) expect(fieldsOf({ scale, amlThreshold: "1" })).toEqual([-1, OFF_STEP]);
  });

  it("throws when amlThreshold is no decimal", () => {
    expect(() => fieldsOf({ amlThreshold: "x" })).toThrow("amlThreshold is no decimal: x");
    expect(() => fieldsOf({ scale: 99, amlThreshold: "x" })).toThrow("amlThreshold is no decimal: x");
  });
});

/** The limits of SETTLED S15 with the flyweights' getters, of either record. */
const AMOUNT_LIMITS = [
  ...(["maxOrderQty", "maxOrderNotional", "maxOpenNotional", "maxPosition", "maxExposure", "maxDailyNotional", "maxDailyLoss"] as const),
];
const COUNT_LIMITS = ["maxOpenOrders", "maxOrders", "maxDuplicates", "maxRiskRejects"] as const;
const LIMIT_RECORDS = [
  ["limits", SetLimits, (limits: LimitValues) => encoded({ cmd: "limits", account: "bob", ...limits })],
  ["account", DefineAccount, (limits: LimitValues) => encoded({ cmd: "account", account: "dora", mode: "margin", limits })],
] as const;

describe.each(LIMIT_RECORDS)("limits in the record of %s", (_name, record, written) => {
  it("are null when they are not given", () => {
    const words = written({});
    for (const name of [...AMOUNT_LIMITS, ...COUNT_LIMITS, "windowUs"] as const) expect(record[name](words, 0), name).toBe(NULL_INT64);
    for (const name of AMOUNT_LIMITS) expect(record[`${name}Exponent`](words, 0), name).toBe(0);
    expect(record.unlimited(words, 0)).toBe(0);
    expect(record.requireReference(words, 0)).toBe(NULL_UINT8);
  });

  it("are written one by one, without touching another", () => {
    for (const name of AMOUNT_LIMITS) {
      const words = written({ [name]: "12.50" });
      for (const other of AMOUNT_LIMITS) {
        expect(record[other](words, 0), other).toBe(other === name ? 125 : NULL_INT64);
        expect(record[`${other}Exponent`](words, 0), other).toBe(other === name ? -1 : 0);
      }
      expect(record.unlimited(words, 0)).toBe(0);
    }
    for (const name of COUNT_LIMITS) {
      const words = written({ [name]: 7 });
      for (const other of [...COUNT_LIMITS, ...AMOUNT_LIMITS]) expect(record[other](words, 0), other).toBe(other === name ? 7 : NULL_INT64);
    }
  });

  it('may be "unlimited", each by a bit of its own', () => {
    for (const name of [...AMOUNT_LIMITS, ...COUNT_LIMITS]) {
      const words = written({ [name]: "unlimited" });
      expect(record.unlimited(words, 0), name).toBe(1 << LimitName[name]);
      expect(record[name](words, 0), name).toBe(NULL_INT64);
    }
    const all = Object.fromEntries([...AMOUNT_LIMITS, ...COUNT_LIMITS].map((name) => [name, "unlimited"]));
    expect(record.unlimited(written(all), 0)).toBe(0x7ff);
  });

  it("window and reference", () => {
    expect(record.windowUs(written({ windowUs: 250_000 }), 0)).toBe(250_000);
    expect(record.windowUs(written({ windowUs: 2 ** 53 }), 0)).toBe(BEYOND);
    expect(record.requireReference(written({ requireReference: true }), 0)).toBe(1);
    expect(record.requireReference(written({ requireReference: false }), 0)).toBe(0);
  });

  it.each<[string | number | NumberText, number, number]>([
    ["0", 0, 0],
    [-0, 0, 0],
    ["-0.5", -5, -1],
    [1e21, 1, 21],
    ["9007199254740991", 9007199254740991, 0],
    // Digits that no amount could keep are cut off: the limit is never more than was said.
    ["9007199254740992", 900719925474099, 1],
    ["0.12345678901234567890", 1234567890123456, -16],
    ["-0.99999999999999999999", -999999999999999, -15],
    [`0.${"0".repeat(200)}1`, 0, 0],
    [`-0.${"0".repeat(200)}1`, -1, 0],
    [`1${"0".repeat(101)}`, BEYOND, 0],
    [new NumberText("-1e400"), BEYOND, 0],
  ])("an amount of %s", (amount, mantissa, exponent) => {
    const words = written({ maxExposure: amount as string });
    expect([record.maxExposure(words, 0), record.maxExposureExponent(words, 0)]).toEqual([mantissa, exponent]);
  });

  it("hostile counts", () => {
    for (const name of COUNT_LIMITS) {
      expect(record[name](written({ [name]: -1 }), 0), name).toBe(-1);
      expect(record[name](written({ [name]: 2 ** 53 }), 0), name).toBe(BEYOND);
      expect(record[name](written({ [name]: -(2 ** 63) }), 0), name).toBe(BEYOND);
    }
  });

  it("throw when an amount is no decimal", () => {
    for (const name of AMOUNT_LIMITS) expect(() => written({ [name]: "much" })).toThrow(`${name} is no decimal: much`);
  });
});

describe("limits and their scope", () => {
  it.each<[Partial<LimitsCommand>, number, number]>([
    [{ account: "bob" }, 8, NULL_UINT32],
    [{ symbol: "ABC" }, NULL_UINT32, 3],
    [{ account: "alice", symbol: "ABC" }, 7, 3],
    [{ account: "zoe", symbol: "XYZ" }, UNKNOWN_ID, UNKNOWN_ID],
  ])("%j", (scope, account, instrument) => {
    const words = encoded({ cmd: "limits", ...scope });
    expect(Header.templateId(words, 0)).toBe(SetLimits.TEMPLATE_ID);
    expect([SetLimits.account(words, 0), SetLimits.instrument(words, 0)]).toEqual([account, instrument]);
    expect([SetLimits.clientSeq(words, 0), SetLimits.session(words, 0)]).toEqual([0, 0]);
  });
});

describe("account", () => {
  const ACCOUNT: AccountCommand = { cmd: "account", account: "dora", mode: "unchecked" };

  it("has what is not given as its default", () => {
    const words = encoded(ACCOUNT);
    expect(DefineAccount.name(words, 0)).toBe("dora");
    expect(DefineAccount.stpGroup(words, 0)).toBe("");
    expect(DefineAccount.mode(words, 0)).toBe(AccountMode.unchecked);
    expect(DefineAccount.stp(words, 0)).toBe(NULL_UINT8);
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.no);
    expect(DefineAccount.kyc(words, 0)).toBe(Kyc.unverified);
    expect(DefineAccount.riskLevel(words, 0)).toBe(RiskLevel.low);
  });

  it.each(["unchecked", "cash", "margin"] as const)("in mode %s", (mode) => {
    expect(DefineAccount.mode(encoded({ ...ACCOUNT, mode }), 0)).toBe(AccountMode[mode]);
  });

  it("with every key", () => {
    const words = encoded({ ...ACCOUNT, stpGroup: "g", stp: "none", limits: { maxOrders: 3 }, kyc: "verified", riskLevel: "high" });
    expect(DefineAccount.stpGroup(words, 0)).toBe("g");
    expect(DefineAccount.stp(words, 0)).toBe(SelfTradeMode.none);
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.yes);
    expect(DefineAccount.maxOrders(words, 0)).toBe(3);
    expect(DefineAccount.kyc(words, 0)).toBe(Kyc.verified);
    expect(DefineAccount.riskLevel(words, 0)).toBe(RiskLevel.high);
  });

  it("tells an empty object of limits from none and from unlimited ones", () => {
    expect(DefineAccount.limitsGiven(encoded({ ...ACCOUNT, limits: {} }), 0)).toBe(LimitsGiven.yes);
    const words = encoded({ ...ACCOUNT, limits: "unlimited" });
    expect(DefineAccount.limitsGiven(words, 0)).toBe(LimitsGiven.unlimited);
    expect(DefineAccount.unlimited(words, 0)).toBe(0);
    expect(DefineAccount.maxOrderQty(words, 0)).toBe(NULL_INT64);
  });
});

describe("funding", () => {
  const MOVEMENT = { account: "alice", currency: "USD", amount: "12.50", ref: "r-1" } as const;

  it.each([
    ["deposit", Deposit],
    ["withdraw", Withdraw],
  ] as const)("%s", (cmd, record) => {
    const words = encoded({ cmd, ...MOVEMENT });
    expect(Header.templateId(words, 0)).toBe(record.TEMPLATE_ID);
    expect([record.clientSeq(words, 0), record.session(words, 0)]).toEqual([0, 0]);
    expect([record.account(words, 0), record.currency(words, 0), record.amount(words, 0)]).toEqual([7, 0, 1250]);
    expect(record.ref(words, 0)).toBe("r-1");
    const unknown = encoded({ cmd, ...MOVEMENT, account: "zoe", currency: "XXX" });
    expect([record.account(unknown, 0), record.currency(unknown, 0)]).toEqual([UNKNOWN_ID, UNKNOWN_ID]);
    expect(record.amount(unknown, 0)).toBe(OFF_STEP);
  });

  it("transfer", () => {
    const words = encoded({ cmd: "transfer", ...MOVEMENT, to: "bob" });
    expect(Header.templateId(words, 0)).toBe(Transfer.TEMPLATE_ID);
    expect([Transfer.clientSeq(words, 0), Transfer.session(words, 0)]).toEqual([0, 0]);
    expect([Transfer.account(words, 0), Transfer.to(words, 0), Transfer.currency(words, 0)]).toEqual([7, 8, 0]);
    expect([Transfer.amount(words, 0), Transfer.ref(words, 0)]).toEqual([1250, "r-1"]);
    const unknown = encoded({ cmd: "transfer", ...MOVEMENT, account: "zoe", to: "yan", currency: "XXX" });
    expect([Transfer.account(unknown, 0), Transfer.to(unknown, 0), Transfer.currency(unknown, 0)]).toEqual([
      UNKNOWN_ID,
      UNKNOWN_ID,
      UNKNOWN_ID,
    ]);
    expect(Transfer.amount(unknown, 0)).toBe(OFF_STEP);
  });

  it.each([
    ["0", 0],
    ["-0.01", -1],
    ["0.001", OFF_STEP],
    ["-0.001", OFF_STEP],
    ["90071992547409.91", Number.MAX_SAFE_INTEGER],
    ["90071992547409.92", BEYOND],
    ["-90071992547409.92", BEYOND],
    [`1${"0".repeat(400)}`, BEYOND],
  ])("an amount of %s", (amount, atoms) => {
    expect(Deposit.amount(encoded({ cmd: "deposit", ...MOVEMENT, amount }), 0)).toBe(atoms);
    expect(Withdraw.amount(encoded({ cmd: "withdraw", ...MOVEMENT, amount }), 0)).toBe(atoms);
    expect(Transfer.amount(encoded({ cmd: "transfer", to: "bob", ...MOVEMENT, amount }), 0)).toBe(atoms);
  });

  it("throws when an amount is no decimal, whatever else is wrong", () => {
    expect(() => encoded({ cmd: "deposit", ...MOVEMENT, amount: "1e2" })).toThrow("amount is no decimal: 1e2");
    expect(() => encoded({ cmd: "withdraw", ...MOVEMENT, currency: "XXX", amount: "" })).toThrow("amount is no decimal: ");
    expect(() => encoded({ cmd: "transfer", to: "zoe", ...MOVEMENT, amount: Number.NaN })).toThrow("amount is no decimal: NaN");
  });

  it.each([
    ["64 characters", "x".repeat(64), "x".repeat(64)],
    ["65 characters", "x".repeat(65), ""],
    ["none", "", ""],
    ["a blank", "a b", ""],
    ["another alphabet", "référence", ""],
  ])("a ref of %s", (_name, ref, written) => {
    expect(Deposit.ref(encoded({ cmd: "deposit", ...MOVEMENT, ref }), 0)).toBe(written);
    expect(Review.ref(encoded({ cmd: "review", ref, release: true }), 0)).toBe(written);
  });

  it("review", () => {
    const words = encoded({ cmd: "review", ref: "r-1", release: true });
    expect(Header.templateId(words, 0)).toBe(Review.TEMPLATE_ID);
    expect([Review.clientSeq(words, 0), Review.session(words, 0), Review.release(words, 0)]).toEqual([0, 0, 1]);
    expect(Review.release(encoded({ cmd: "review", ref: "r-1", release: false }), 0)).toBe(0);
  });

  it("kyc and accountState, every word", () => {
    for (const kyc of ["unverified", "verified"] as const) {
      const words = encoded({ cmd: "kyc", account: "bob", kyc });
      expect(Header.templateId(words, 0)).toBe(SetKyc.TEMPLATE_ID);
      expect([SetKyc.clientSeq(words, 0), SetKyc.session(words, 0), SetKyc.account(words, 0)]).toEqual([0, 0, 8]);
      expect(SetKyc.kyc(words, 0)).toBe(Kyc[kyc]);
    }
    for (const state of ["active", "suspended", "reduceOnly"] as const) {
      const words = encoded({ cmd: "accountState", account: "zoe", state });
      expect(Header.templateId(words, 0)).toBe(SetAccountState.TEMPLATE_ID);
      expect([SetAccountState.clientSeq(words, 0), SetAccountState.session(words, 0)]).toEqual([0, 0]);
      expect([SetAccountState.account(words, 0), SetAccountState.state(words, 0)]).toEqual([UNKNOWN_ID, AccountState[state]]);
    }
  });

  it("mark", () => {
    const priceOf = (price: string, symbol = "ABC"): number[] => {
      const words = encoded({ cmd: "mark", symbol, price });
      expect(Header.templateId(words, 0)).toBe(SetMark.TEMPLATE_ID);
      expect([SetMark.clientSeq(words, 0), SetMark.session(words, 0)]).toEqual([0, 0]);
      return [SetMark.instrument(words, 0), SetMark.price(words, 0)];
    };
    expect(priceOf("1.05")).toEqual([3, 21]);
    expect(priceOf("1.01")).toEqual([3, OFF_STEP]);
    expect(priceOf("-1")).toEqual([3, -20]);
    expect(priceOf("1", "XYZ")).toEqual([UNKNOWN_ID, OFF_STEP]);
    expect(() => priceOf("x", "XYZ")).toThrow("price is no decimal: x");
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
