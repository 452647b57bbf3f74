import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command } from "../../engine/edge/types.js";
import { bytesOf, type StateWriter } from "../../engine/step.js";

const CAPACITIES = { orders: 20, levels: 10, accounts: 4, instruments: 2, currencies: 4 };

function restored(bytes: Uint8Array): Core {
  return Core.restore(bytes, { capacities: CAPACITIES });
}

function market(): Core {
  const core = new Core({
    capacities: CAPACITIES,
    instruments: [{ symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", maxQty: "100", maxPrice: "9" }],
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
    { cmd: "time", at: 77 },
  ];
  for (const command of commands) core.apply(command, (event) => expect(event.event).not.toBe("rejected"));
  return core;
}

/** One order as it is saved. */
interface SavedOrder {
  side: 0 | 1;
  orderId: number;
  account: number;
  clOrdId: number;
  price: number;
  total: number;
  leaves: number;
  ordType: number;
  tif: number;
  stp: number;
  flags: number;
}

interface SavedState {
  version: number;
  seq: number;
  time: number;
  lastOrderId: number;
  lastTradeId: number;
  currencies: [name: string, scale: number][];
  symbols: string[];
  base: number;
  quote: number;
  /** Tick mantissa and exponent, lot mantissa and exponent, least and greatest quantity, least and greatest price. */
  sizes: number[];
  accounts: [name: string, mode: number, stp: number, group: string][];
  orders: SavedOrder[];
  /** Stands behind the last order of a side. */
  end: number;
}

function bid(orderId: number, change: Partial<SavedOrder> = {}): SavedOrder {
  const order = { side: 0 as const, orderId, account: 0, clOrdId: orderId, price: 100, total: 5, leaves: 5 };
  return { ...order, ordType: 0, tif: 0, stp: 1, flags: 0, ...change };
}

function state(change: Partial<SavedState> = {}): SavedState {
  return {
    version: 1,
    seq: 20,
    time: 5,
    lastOrderId: 9,
    lastTradeId: 0,
    currencies: [
      ["ABC", 6],
      ["USD", 6],
    ],
    symbols: ["ABC"],
    base: 0,
    quote: 1,
    sizes: [1, -2, 1, 0, 1, 100, 1, 900],
    accounts: [
      ["alice", 0, 1, ""],
      ["bob", 0, 4, "desk"],
    ],
    orders: [bid(1), bid(2, { account: 1, clOrdId: 1, price: 99 }), bid(3, { side: 1, price: 101 })],
    end: 0,
    ...change,
  };
}

function saved(from: SavedState): Uint8Array {
  return bytesOf((out) => {
    out.uint32(from.version);
    for (const number of [from.seq, from.time, from.lastOrderId, from.lastTradeId]) out.int64(number);
    out.uint32(from.currencies.length);
    for (const [name, scale] of from.currencies) {
      out.text(name);
      out.uint32(scale);
    }
    out.uint32(from.symbols.length);
    for (const symbol of from.symbols) {
      out.text(symbol);
      out.uint32(from.base);
      out.uint32(from.quote);
      for (const size of from.sizes) out.int64(size);
    }
    saveAccounts(from, out);
    for (let bookSide = 0; bookSide < 2 * from.symbols.length; bookSide++) {
      for (const order of from.orders) if (order.side === bookSide) saveOrder(order, out);
      out.uint8(from.end);
    }
  });
}

function saveAccounts({ accounts }: SavedState, out: StateWriter): void {
  out.uint32(accounts.length);
  for (const [name, mode, stp, group] of accounts) {
    out.text(name);
    out.uint8(mode);
    out.uint8(stp);
    out.text(group);
  }
}

function saveOrder(order: SavedOrder, out: StateWriter): void {
  out.uint8(1);
  out.int64(order.orderId);
  out.uint32(order.account);
  for (const number of [order.clOrdId, order.price, order.total, order.leaves]) out.int64(number);
  for (const trait of [order.ordType, order.tif, order.stp, order.flags]) out.uint8(trait);
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

describe("Core.restore", () => {
  it("takes a state that a core might have written", () => {
    const core = restored(saved(state()));
    core.assertConsistent();
    expect(core.snapshot()).toEqual(saved(state()));
  });

  it.each<[string, Partial<SavedState>]>([
    ["another version", { version: 2 }],
    ["a negative seq", { seq: -1 }],
    ["a seq beyond 2^53−1", { seq: 2 ** 53 }],
    ["a negative time", { time: -5 }],
    ["an order id that was not given out", { lastOrderId: 2 }],
    ["an order id that stands twice, of two accounts", { orders: [bid(1), bid(1, { account: 1, clOrdId: 7 })] }],
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
    ["an unknown flag", { orders: [bid(1, { flags: 2 })] }],
    ["worse prices first", { orders: [bid(1, { price: 99 }), bid(2, { price: 100 })] }],
    ["a crossed book", { orders: [bid(1), bid(2, { side: 1, price: 100 })] }],
    ["a mark that is none", { end: 2 }],
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
          ["alice", 1, 1, ""],
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

  it("refuses bytes behind the end, and an end that comes too soon", () => {
    const bytes = market().snapshot();
    expect(() => restored(new Uint8Array([...bytes, 0]))).toThrow(RangeError);
    for (let length = 0; length < bytes.length; length++) expect(() => restored(bytes.subarray(0, length))).toThrow(RangeError);
  });

  it("whatever is changed in a state: a RangeError, or a sound core with just that state", () => {
    const bytes = market().snapshot();
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
