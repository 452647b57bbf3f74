import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command } from "../../engine/edge/types.js";
import { bank, CAPACITIES } from "./bank.js";
import {
  AUCTION_CALL,
  bid,
  DORMANT,
  GTD,
  MAX_SAFE,
  PENDING,
  pair,
  type SavedState,
  STOP,
  STOP_LIMIT,
  saved,
  special,
  state,
  TRAILING,
} from "./saved-state.js";

function restored(bytes: Uint8Array): Core {
  return Core.restore(bytes, { capacities: CAPACITIES });
}

function market(): Core {
  const core = new Core({
    capacities: CAPACITIES,
    instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", maxQty: "100", maxPrice: "9", bandBps: 900 }],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked", stpGroup: "desk" },
    ],
  });
  const commands: Command[] = [
    { cmd: "new", account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1", qty: "5" },
    { cmd: "new", account: "alice", clOrdId: 2, symbol: "ABC", side: "buy", price: "1", qty: "6" },
    { cmd: "new", account: "bob", clOrdId: 1, symbol: "ABC", side: "buy", price: "0.99", qty: "7", postOnly: true },
    { cmd: "new", account: "bob", clOrdId: 2, symbol: "ABC", side: "sell", price: "1", qty: "2" },
    { cmd: "new", account: "bob", clOrdId: 3, symbol: "ABC", side: "sell", price: "1.02", qty: "3" },
    { cmd: "new", account: "alice", clOrdId: 4, symbol: "ABC", side: "buy", price: "0.98", qty: "9", displayQty: "2", tif: "day" },
    { cmd: "new", account: "alice", clOrdId: 5, symbol: "ABC", side: "buy", type: "stop", stopPrice: "1.5", qty: "2", tif: "ioc" },
    { cmd: "new", account: "bob", clOrdId: 6, symbol: "ABC", side: "sell", type: "trailingStop", trailBps: 500, qty: "2" },
    { cmd: "new", account: "bob", clOrdId: 7, symbol: "ABC", side: "sell", price: "8", qty: "2", tif: "gtd", expireTime: 99, oco: 8 },
    {
      cmd: "new",
      account: "bob",
      clOrdId: 8,
      symbol: "ABC",
      side: "sell",
      type: "stopLimit",
      stopPrice: "0.5",
      price: "0.4",
      qty: "2",
      oco: 7,
    },
    { cmd: "new", account: "bob", clOrdId: 9, symbol: "ABC", side: "sell", price: "7", qty: "2", reduceOnly: true, oco: 10 },
    { cmd: "kill", scope: "account", account: "bob", on: true },
    { cmd: "time", at: 77 },
    { cmd: "state", symbol: "ABC", state: "auctionCall" },
  ];
  for (const command of commands) core.apply(command, (event) => expect(event.event).not.toBe("rejected"));
  return core;
}

describe("Core.restore", () => {
  it.each<[string, Partial<SavedState>]>([
    ["of plain orders", {}],
    [
      "with every switch on",
      {
        globalKill: 1,
        killed: 1,
        accounts: [
          ["alice", 0, 1, "", 1],
          ["bob", 0, 4, "desk", 1],
        ],
      },
    ],
    [
      "in an auction call with a timer, a told indication and a crossed book",
      { tradingState: AUCTION_CALL, market: [0, 60, 100, 3], orders: [bid(1), bid(2, { side: 1, price: 99 })] },
    ],
    ["with trading rules", { rules: [100, 1_000_000, 5, MAX_SAFE] }],
    [
      "with positions",
      {
        positions: [
          [0, 0, 7],
          [1, 0, -7],
        ],
      },
    ],
    ["with an iceberg", { orders: [special(1, { displayQty: 2, visible: 1 })] }],
    ["with an iceberg that shows more than it has left", { orders: [special(1, { displayQty: 8, visible: 3 })] }],
    ["with an order for a day, and one that expires", { orders: [bid(1, { tif: 3 }), special(2, { expireTime: 60 }, { tif: GTD })] }],
    [
      "with stops, oldest first",
      { orders: [special(1, { stopPrice: 90 }, STOP), special(2, { stopPrice: 95 }, { ...STOP_LIMIT, tif: 1 })] },
    ],
    ["with a stopLimit that has fired", { orders: [special(1, { stopPrice: 90 }, { ordType: 3 })] }],
    [
      "with trailing stops, one of them below nought",
      {
        orders: [
          special(1, { stopPrice: -3, trail: 110, watermark: 107 }, TRAILING),
          special(2, { stopPrice: 95, trailBps: 500, watermark: 100 }, TRAILING),
        ],
      },
    ],
    [
      "with a leg that waits",
      { orders: [special(1, { oco: 5 }, { place: PENDING }), special(2, { stopPrice: 90, oco: 7 }, { ...STOP, place: PENDING })] },
    ],
    ["with a pair", { orders: pair() }],
  ])("takes a state that a core might have written: %s", (_name, change) => {
    const bytes = saved(state(change));
    const core = restored(bytes);
    core.assertConsistent();
    expect(core.snapshot()).toEqual(bytes);
  });

  it.each<[string, Partial<SavedState>]>([
    ["the version before", { version: 2 }],
    ["a version to come", { version: 4 }],
    ["a negative seq", { seq: -1 }],
    ["a seq beyond 2^53−1", { seq: 2 ** 53 }],
    ["a negative time", { time: -5 }],
    ["an order id that was not given out", { lastOrderId: 2 }],
    ["an order id that stands twice, of two accounts", { orders: [bid(1), bid(1, { account: 1, clOrdId: 7 })] }],
    [
      "an order id that stands twice, far from the others",
      { lastOrderId: 2 ** 40, orders: [bid(1), bid(2 ** 40, { clOrdId: 2 }), bid(2 ** 40, { clOrdId: 7 })] },
    ],
    ["a client id that stands twice", { orders: [bid(1), bid(2, { clOrdId: 1 })] }],
    ["a client id of 0", { orders: [bid(1, { clOrdId: 0 })] }],
    ["an account that is none", { orders: [bid(1, { account: 2 })] }],
    ["an account far beyond", { orders: [bid(1, { account: 0xffffffff })] }],
    ["nothing left", { orders: [bid(1, { leaves: 0 })] }],
    ["more left than there was", { orders: [bid(1, { leaves: 6 })] }],
    ["a total above the greatest", { orders: [bid(1, { total: 101 })] }],
    ["a negative price", { orders: [bid(1, { price: -100 })] }],
    ["a price above the greatest", { orders: [bid(1, { price: 901 })] }],
    ["a market order that rests", { orders: [bid(1, { ordType: 1 })] }],
    ["an ioc order that rests", { orders: [bid(1, { tif: 1 })] }],
    ["an unknown self-trade mode", { orders: [bid(1, { stp: 5 })] }],
    ["an unknown flag", { orders: [bid(1, { flags: 4 })] }],
    ["worse prices first", { orders: [bid(1, { price: 99 }), bid(2, { price: 100 })] }],
    ["a crossed book", { orders: [bid(1), bid(2, { side: 1, price: 100 })] }],
    ["a mark that is none", { end: 4 }],
    ["a kill switch that is neither on nor off", { globalKill: 2 }],
    ["an instrument's that is neither", { killed: 2 }],
    [
      "an account's that is neither",
      {
        accounts: [
          ["alice", 0, 1, "", 2],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    ["an unknown trading state", { tradingState: 5 }],
    ["a last price above the greatest", { market: [901, 0, 0, 0] }],
    ["a negative last price", { market: [-1, 0, 0, 0] }],
    ["a timer outside of an auction call", { market: [100, 60, 0, 0] }],
    ["an indication outside of an auction call", { market: [100, 0, 100, 3] }],
    ["an indication of a price and nothing", { tradingState: AUCTION_CALL, market: [100, 0, 100, 0] }],
    ["a negative least notional", { rules: [-1, 0, 0, 0] }],
    ["a band of more than a hundredfold", { rules: [0, 1_000_001, 0, 0] }],
    ["a negative protection", { rules: [0, 0, -1, 0] }],
    ["a negative duration", { rules: [0, 0, 0, -1] }],
    [
      "a position of nobody",
      {
        positions: [
          [0, 0, 7],
          [2, 0, -7],
        ],
      },
    ],
    [
      "a position in nothing",
      {
        positions: [
          [0, 1, 7],
          [1, 1, -7],
        ],
      },
    ],
    ["a position that there never was", { positions: [[0, 0, 0, [], 0]] }],
    [
      "a position that stands twice",
      {
        positions: [
          [0, 0, 3],
          [0, 0, 4],
          [1, 0, -7],
        ],
      },
    ],
    [
      "positions in another order",
      {
        positions: [
          [1, 0, -7],
          [0, 0, 7],
        ],
      },
    ],
    ["extras that a plain order has not", { orders: [special(1, {})] }],
    ["a stop without its extras", { orders: [bid(1, { side: 1, ...STOP })] }],
    ["a gtd order without a time", { orders: [special(1, { displayQty: 2, visible: 1 }, { tif: GTD })] }],
    ["a gtc order with a time", { orders: [special(1, { expireTime: 60 })] }],
    ["a place since no command", { orders: [special(1, { displayQty: 2, visible: 1, age: 0 })] }],
    ["a place since a command to come", { orders: [special(1, { displayQty: 2, visible: 1, age: 21 })] }],
    ["an iceberg that shows nothing", { orders: [special(1, { displayQty: 2 })] }],
    ["an iceberg that shows more than a tranche", { orders: [special(1, { displayQty: 2, visible: 3 })] }],
    ["a plain order that shows a part", { orders: [special(1, { expireTime: 60, visible: 2 }, { tif: GTD })] }],
    ["a dormant order that shows a part", { orders: [special(1, { stopPrice: 90, displayQty: 2, visible: 1 }, STOP_LIMIT)] }],
    ["a displayQty of a market stop", { orders: [special(1, { stopPrice: 90, displayQty: 2 }, STOP)] }],
    ["a limit order that waits for a price", { orders: [special(1, { stopPrice: 90 }, { place: DORMANT })] }],
    ["a stop that rests", { orders: [special(1, { stopPrice: 90 }, { ...STOP, place: 1 })] }],
    ["a market stop with a price", { orders: [special(1, { stopPrice: 90 }, { ...STOP, price: 5 })] }],
    ["a stopLimit without a price", { orders: [special(1, { stopPrice: 90 }, { ...STOP_LIMIT, price: 0 })] }],
    ["a stop without a stop price", { orders: [special(1, { displayQty: 0, stopPrice: 0 }, STOP)] }],
    ["a stop price above the greatest", { orders: [special(1, { stopPrice: 901 }, STOP)] }],
    ["a stop that trails", { orders: [special(1, { stopPrice: 90, trail: 5, watermark: 95 }, STOP)] }],
    ["a trailing stop without a distance", { orders: [special(1, { stopPrice: 90, watermark: 95 }, TRAILING)] }],
    ["a trailing stop with two distances", { orders: [special(1, { stopPrice: 90, trail: 5, trailBps: 5, watermark: 95 }, TRAILING)] }],
    ["a trailing stop with a negative distance", { orders: [special(1, { stopPrice: 100, trail: -5, watermark: 95 }, TRAILING)] }],
    ["a trailing distance of 10,000 basis points", { orders: [special(1, { stopPrice: 0, trailBps: 10_000, watermark: 95 }, TRAILING)] }],
    ["a trailing stop that follows nothing", { orders: [special(1, { stopPrice: 90, trail: 5 }, TRAILING)] }],
    ["a trailing stop away from its distance", { orders: [special(1, { stopPrice: 89, trail: 5, watermark: 95 }, TRAILING)] }],
    ["younger stops first", { orders: [special(1, { stopPrice: 90, age: 9 }, STOP), special(2, { stopPrice: 90, age: 8 }, STOP)] }],
    ["stops in front of what rests", { orders: [special(1, { stopPrice: 90 }, STOP), bid(2, { side: 1, price: 101 })] }],
    ["a leg that waits for nobody", { orders: [special(1, {}, { place: PENDING })] }],
    ["a leg of nothing", { orders: [special(1, { oco: 5 })] }],
    ["a pair of which one names another", { orders: pair({}, { oco: 7 }) }],
    ["a pair of two accounts", { orders: pair({}, {}, { account: 1 }) }],
    ["a pair on two sides", { orders: [bid(1, { price: 90, extras: { age: 1, oco: 2 } }), special(2, { stopPrice: 90, oco: 1 }, STOP)] }],
    ["a pair of two stops", { orders: [special(1, { stopPrice: 90, oco: 2 }, STOP), special(2, { stopPrice: 90, oco: 1 }, STOP)] }],
    ["a pair of two limit orders", { orders: [special(1, { oco: 2 }), special(2, { oco: 1 })] }],
    [
      "a level whose total is too great",
      { sizes: [1, -2, 1, 0, 1, MAX_SAFE, 1, 900], orders: [1, 2].map((id) => bid(id, { price: 1, total: MAX_SAFE, leaves: MAX_SAFE })) },
    ],
    ["a currency that stands twice", { currencies: Array.from({ length: 2 }, () => ["USD", 6]) }],
    [
      "a currency without a name",
      {
        currencies: [
          ["", 6],
          ["USD", 6],
        ],
      },
    ],
    [
      "a currency with a scale of 16",
      {
        currencies: [
          ["ABC", 6],
          ["USD", 16],
        ],
      },
    ],
    ["an instrument that stands twice", { symbols: ["ABC", "ABC"], orders: [] }],
    ["an instrument with a bad symbol", { symbols: ["A B"] }],
    ["a quote currency that is none", { quote: 2 }],
    ["the base as the quote", { quote: 0 }],
    ["a tick of 0", { sizes: [0, -2, 1, 0, 1, 100, 1, 900] }],
    ["a tick finer than the currency", { sizes: [1, -7, 1, 0, 1, 100, 1, 900] }],
    ["a least quantity above the greatest", { sizes: [1, -2, 1, 0, 101, 100, 1, 900] }],
    ["an exponent that makes endless work", { sizes: [1, 2 ** 40, 1, -(2 ** 40), 1, 100, 1, 900] }],
    [
      "an account that stands twice",
      {
        accounts: [
          ["bob", 0, 1, ""],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "an account with a bad name",
      {
        accounts: [
          ["x".repeat(33), 0, 1, ""],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "an account with an unknown mode",
      {
        accounts: [
          ["alice", 3, 1, ""],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "an account with an unknown self-trade mode",
      {
        accounts: [
          ["alice", 0, 5, ""],
          ["bob", 0, 1, ""],
        ],
      },
    ],
    [
      "an account with a bad group",
      {
        accounts: [
          ["alice", 0, 1, " "],
          ["bob", 0, 1, ""],
        ],
      },
    ],
  ])("refuses %s", (_, change) => {
    expect(() => restored(saved(state(change)))).toThrow(RangeError);
  });

  it.each([
    ["of orders", market],
    ["of funds and risk", bank],
  ])("refuses bytes behind the end of a state %s, and an end that comes too soon", (_name, made) => {
    const bytes = made().snapshot();
    expect(() => restored(new Uint8Array([...bytes, 0]))).toThrow(RangeError);
    for (let length = 0; length < bytes.length; length++) expect(() => restored(bytes.subarray(0, length))).toThrow(RangeError);
  });

  it.each([
    ["of orders", market],
    ["of funds and risk", bank],
  ])("whatever is changed in a state %s: a RangeError, or a sound core with just that state", (_name, made) => {
    const bytes = made().snapshot();
    let refused = 0;
    let taken = 0;
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const other = bytes.slice();
        for (const [at, value] of changes) other[at] = value;
        let core: Core;
        try {
          core = restored(other);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          refused++;
          return;
        }
        taken++;
        core.assertConsistent();
        expect(core.snapshot()).toEqual(other);
      }),
      { numRuns: 3000, seed: 19 },
    );
    expect(refused).toBeGreaterThan(1000);
    expect(taken).toBeGreaterThan(100);
  });
});
