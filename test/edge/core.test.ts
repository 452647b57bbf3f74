import { describe, expect, it } from "vitest";
import { CommandError, Core } from "../../engine/edge/index.js";
import type { Event } from "../../engine/edge/types.js";
import { DefineAccount, DefineInstrument, Header, OrderAccepted, SetTime } from "../../engine/wire/flyweights.js";
import { TradingState } from "../../engine/wire/generated/enums.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";

const CAPACITIES = { orders: 8192, levels: 50, accounts: 4, instruments: 4, currencies: 8 };
const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" };
const RECORD_WORDS = 64;

function market(): Core {
  return new Core({
    capacities: CAPACITIES,
    instruments: [ABC],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  });
}

function applied(core: Core, command: Parameters<Core["apply"]>[0]): Event[] {
  const events: Event[] = [];
  core.apply(command, (event) => events.push(event));
  return events;
}

function bid(core: Core, clOrdId: number): Event[] {
  return applied(core, { cmd: "new", account: "alice", clOrdId, symbol: "ABC", side: "buy", price: "1", qty: "1" });
}

describe("a handler that throws", () => {
  it("sees no more of its command, and the next command has only its own events", () => {
    const core = market();
    bid(core, 1);
    bid(core, 2);
    const seen: string[] = [];
    const fail = (event: Event): void => {
      seen.push(event.event);
      throw new Error("mine");
    };
    expect(() => core.apply({ cmd: "massCancel", account: "alice" }, fail)).toThrow("mine");
    expect(seen).toEqual(["canceled"]);
    expect(applied(core, { cmd: "time", at: 5 })).toEqual([{ event: "ok", seq: core.lastSeq, cmd: "time" }]);
    expect(core.orders("alice")).toEqual([]);
    core.assertConsistent();
  });

  it("leaves no command half done, however many events it has", () => {
    const core = market();
    for (let clOrdId = 1; clOrdId <= 8000; clOrdId++) bid(core, clOrdId);
    let events = 0;
    const fail = (): void => {
      events++;
      throw new Error("mine");
    };
    expect(() => core.apply({ cmd: "massCancel", account: "alice" }, fail)).toThrow("mine");
    expect(events).toBe(1);
    expect(core.orders("alice")).toEqual([]);
    core.assertConsistent();
    expect(bid(core, 1)).toMatchObject([{ event: "accepted" }]);
  });

  it("does not keep the core from learning what was declared", () => {
    const core = market();
    const fail = (): void => {
      throw undefined;
    };
    let thrown = 0;
    for (const command of [
      { cmd: "account", account: "carol", mode: "unchecked" },
      { cmd: "instrument", ...ABC, symbol: "DEF", base: "DEF" },
    ] as const) {
      try {
        core.apply(command, fail);
      } catch (error) {
        expect(error).toBeUndefined();
        thrown++;
      }
    }
    expect(thrown).toBe(2);
    const order = { cmd: "new", account: "carol", clOrdId: 1, symbol: "DEF", side: "buy", price: "1", qty: "1" } as const;
    expect(applied(core, order)).toMatchObject([{ event: "accepted", account: "carol", symbol: "DEF" }]);
  });
});

describe("declarations that come as records", () => {
  function declareAccount(core: Core, name: string): void {
    const words = new Int32Array(RECORD_WORDS);
    DefineAccount.init(words, 0, core.lastSeq + 1, 0);
    DefineAccount.setName(words, 0, name);
    DefineAccount.setStp(words, 0, NULL_UINT8);
    DefineAccount.setWindowUs(words, 0, NULL_INT64);
    DefineAccount.setRequireReference(words, 0, NULL_UINT8);
    core.applyRecord(words, 0);
  }

  function declareInstrument(core: Core, symbol: string): void {
    const words = new Int32Array(RECORD_WORDS);
    DefineInstrument.init(words, 0, core.lastSeq + 1, 0);
    DefineInstrument.setSymbol(words, 0, symbol);
    DefineInstrument.setBase(words, 0, symbol);
    DefineInstrument.setQuote(words, 0, "USD");
    DefineInstrument.setTickMantissa(words, 0, 5);
    DefineInstrument.setTickExponent(words, 0, -1);
    DefineInstrument.setLotMantissa(words, 0, 1);
    DefineInstrument.setLotExponent(words, 0, 0);
    DefineInstrument.setMinQty(words, 0, NULL_INT64);
    DefineInstrument.setMaxQty(words, 0, NULL_INT64);
    DefineInstrument.setMinPrice(words, 0, NULL_INT64);
    DefineInstrument.setMaxPrice(words, 0, NULL_INT64);
    DefineInstrument.setMinNotionalMantissa(words, 0, NULL_INT64);
    DefineInstrument.setLastPrice(words, 0, NULL_INT64);
    DefineInstrument.setInitialMarginPpm(words, 0, NULL_INT64);
    DefineInstrument.setMaintenanceMarginPpm(words, 0, NULL_INT64);
    DefineInstrument.setMultiplierMantissa(words, 0, NULL_INT64);
    DefineInstrument.setState(words, 0, TradingState.open);
    core.applyRecord(words, 0);
  }

  it("are known by name from then on", () => {
    const core = market();
    declareAccount(core, "carol");
    declareInstrument(core, "GHI");
    expect(core.orders("carol")).toEqual([]);
    expect(core.book("GHI")).toEqual({ event: "book", symbol: "GHI", bids: [], asks: [] });
    const order = { cmd: "new", account: "carol", clOrdId: 1, symbol: "GHI", side: "buy", price: "1.5", qty: "2" } as const;
    expect(applied(core, order)).toMatchObject([{ event: "accepted", account: "carol", symbol: "GHI", price: "1.5" }]);
    expect(core.orders("carol")).toMatchObject([{ clOrdId: 1, symbol: "GHI" }]);
  });

  it("that are refused teach nothing", () => {
    const core = market();
    declareAccount(core, "alice");
    declareInstrument(core, "ABC");
    expect(bid(core, 1)).toMatchObject([{ event: "accepted", account: "alice", symbol: "ABC" }]);
  });
});

describe("balances", () => {
  it("of an unknown account are an error (SETTLED S8)", () => {
    const core = market();
    expect(() => core.balances("zoe")).toThrow(new CommandError("unknown account: zoe"));
    expect(() => applied(core, { cmd: "balances", account: "zoe" })).toThrow("unknown account: zoe");
  });

  it("of an account that nothing has touched are empty, and the query takes no seq", () => {
    const core = market();
    const before = core.lastSeq;
    const empty = { event: "balances", account: "alice", balances: [], positions: [] };
    expect(core.balances("alice")).toEqual(empty);
    expect(applied(core, { cmd: "balances", account: "alice" })).toEqual([empty]);
    expect(core.lastSeq).toBe(before);
  });
});

describe("a record that is no command", () => {
  it("throws and changes nothing, neither seq nor clock", () => {
    const core = market();
    bid(core, 1);
    const before = core.snapshot();
    const words = new Int32Array(RECORD_WORDS);
    OrderAccepted.init(words, 0, core.lastSeq + 1, 7_000);
    expect(() => core.applyRecord(words, 0)).toThrow(/is no command of the core/);
    expect(core.snapshot()).toEqual(before);
    const seqs: number[] = [];
    SetTime.init(words, 0, core.lastSeq + 1, 0);
    SetTime.setAt(words, 0, 5);
    core.applyRecord(words, 0, (out, at) => seqs.push(Header.seq(out, at)));
    expect(seqs).toEqual([core.lastSeq]);
  });
});
