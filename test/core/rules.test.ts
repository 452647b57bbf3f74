import { describe, expect, it } from "vitest";
import type { Command } from "../../engine/edge/types.js";
import { cancel, order, play, reduce, replace, SUBJECTS } from "./script-helpers.js";

// Each rule of SEMANTICS and SETTLED by an example, worked out by hand, for the core and for the twin that judges it.

const SET_UP: readonly Command[] = [
  { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" },
  {
    cmd: "instrument",
    symbol: "MIN",
    base: "MIN",
    quote: "USD",
    tickSize: "1",
    lotSize: "1",
    minQty: "5",
    maxQty: "50",
    minPrice: "10",
    maxPrice: "20",
  },
  { cmd: "currency", currency: "ATOM", scale: 0 },
  { cmd: "currency", currency: "UNIT", scale: 0 },
  { cmd: "instrument", symbol: "HUGE", base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1" },
  ...["alice", "bob", "eve", "desk"].map((account) => ({ cmd: "account", account, mode: "unchecked" }) as const),
  { cmd: "account", account: "carol", mode: "unchecked", stpGroup: "desk", stp: "cancelOldest" },
  { cmd: "account", account: "dave", mode: "unchecked", stpGroup: "desk", stp: "cancelBoth" },
];
const MAX = "9007199254740991";
const BOOK: Command = { cmd: "book", symbol: "ABC" };

interface Example {
  readonly rule: string;
  readonly before?: readonly Command[];
  readonly commands: readonly Command[];
  readonly events: readonly string[];
}

const MATCHING: Example[] = [
  {
    rule: "SEMANTICS 3: price, then time, at the resting order's price, not beyond the limit",
    before: [order("alice", 1, "sell 2 @ 101"), order("bob", 1, "sell 2 @ 100"), order("alice", 2, "sell 2 @ 100")],
    commands: [order("eve", 9, "buy 9 @ 100.5"), BOOK],
    events: [
      "accepted eve 9 as #4",
      "trade 2 @ 100: bob 1 (0), eve 9 (7)",
      "trade 2 @ 100: alice 2 (0), eve 9 (5)",
      'book [["100.5","5",1]] [["101","2",1]]',
    ],
  },
  {
    rule: "SEMANTICS 3: a market order without an opposite side is accepted and canceled",
    commands: [order("eve", 1, "buy 3"), order("eve", 1, "buy 3", { tif: "ioc" })],
    events: ["accepted eve 1 as #1", "canceled eve 1: 3 noLiquidity", "accepted eve 1 as #2", "canceled eve 1: 3 noLiquidity"],
  },
  {
    rule: "SCRIPT, O11: fok fills at once or not at all, market orders too",
    before: [order("bob", 1, "sell 4 @ 100")],
    commands: [
      order("eve", 1, "buy 5 @ 100", { tif: "fok" }),
      order("eve", 2, "buy 5", { tif: "fok" }),
      order("eve", 3, "buy 4 @ 100", { tif: "fok" }),
    ],
    events: [
      "accepted eve 1 as #2",
      "canceled eve 1: 5 fok",
      "accepted eve 2 as #3",
      "canceled eve 2: 5 fok",
      "accepted eve 3 as #4",
      "trade 4 @ 100: bob 1 (0), eve 3 (0)",
    ],
  },
  {
    rule: "SEMANTICS 3: the rest of an ioc is canceled",
    before: [order("bob", 1, "buy 4 @ 100")],
    commands: [order("eve", 1, "sell 6 @ 99", { tif: "ioc" }), BOOK],
    events: ["accepted eve 1 as #2", "trade 4 @ 100: bob 1 (0), eve 1 (2)", "canceled eve 1: 2 ioc", "book [] []"],
  },
  {
    rule: "O6: post-only is rejected when it crosses the best opposite price, whoever owns it; it takes no order id (N17)",
    before: [order("bob", 1, "sell 4 @ 100")],
    commands: [
      order("bob", 2, "buy 1 @ 100", { postOnly: true }),
      order("eve", 1, "buy 1 @ 100.01", { postOnly: true }),
      order("eve", 1, "buy 1 @ 99.99", { postOnly: true }),
    ],
    events: ["rejected 3001 POST_ONLY_WOULD_CROSS", "rejected 3001 POST_ONLY_WOULD_CROSS", "accepted eve 1 as #2"],
  },
];

const SELF_TRADE: Example[] = [
  {
    rule: "SEMANTICS 6: cancelNewest is the default; what it met before has traded",
    before: [order("bob", 1, "sell 1 @ 99"), order("alice", 1, "sell 2 @ 100")],
    commands: [order("alice", 2, "buy 5 @ 101"), BOOK],
    events: ["accepted alice 2 as #3", "trade 1 @ 99: bob 1 (0), alice 2 (4)", "canceled alice 2: 4 selfTrade", 'book [] [["100","2",1]]'],
  },
  {
    rule: "SEMANTICS 6: cancelOldest, over the group of two accounts, goes on",
    before: [order("dave", 1, "sell 2 @ 100"), order("bob", 1, "sell 2 @ 100")],
    commands: [order("carol", 1, "buy 3 @ 100")],
    events: ["accepted carol 1 as #3", "canceled dave 1: 2 selfTrade", "trade 2 @ 100: bob 1 (0), carol 1 (1)"],
  },
  {
    rule: "P1: cancelBoth, the resting order first; the mode of the aggressor decides",
    before: [order("carol", 1, "sell 2 @ 100")],
    commands: [order("dave", 1, "buy 3 @ 100")],
    events: ["accepted dave 1 as #2", "canceled carol 1: 2 selfTrade", "canceled dave 1: 3 selfTrade"],
  },
  {
    rule: "P1: decrement takes the smaller off both; equal sizes are both canceled",
    before: [order("alice", 1, "sell 2 @ 100"), order("alice", 2, "sell 5 @ 101"), order("alice", 3, "sell 4 @ 102")],
    commands: [order("alice", 4, "buy 6 @ 101", { stp: "decrement" }), order("alice", 5, "buy 5 @ 102", { stp: "decrement" }), BOOK],
    events: [
      "accepted alice 4 as #4",
      "canceled alice 1: 2 selfTrade",
      "reduced alice 4 by 2 to 4: selfTrade",
      "reduced alice 2 by 4 to 1: selfTrade",
      "canceled alice 4: 4 selfTrade",
      "accepted alice 5 as #5",
      "canceled alice 2: 1 selfTrade",
      "reduced alice 5 by 1 to 4: selfTrade",
      "canceled alice 3: 4 selfTrade",
      "canceled alice 5: 4 selfTrade",
      "book [] []",
    ],
  },
  {
    rule: "S26: an account that is named like a group is not in it; SEMANTICS 6: none trades with itself",
    before: [order("desk", 1, "sell 1 @ 100"), order("carol", 1, "sell 1 @ 101")],
    commands: [order("carol", 2, "buy 1 @ 100"), order("carol", 3, "buy 1 @ 101", { stp: "none" })],
    events: [
      "accepted carol 2 as #3",
      "trade 1 @ 100: desk 1 (0), carol 2 (0)",
      "accepted carol 3 as #4",
      "trade 1 @ 101: carol 1 (0), carol 3 (0)",
    ],
  },
  {
    rule: "SEMANTICS 2.6: fok counts only what self-trade prevention would let it take",
    before: [order("bob", 1, "sell 3 @ 100"), order("alice", 1, "sell 3 @ 100"), order("bob", 2, "sell 3 @ 100")],
    commands: [
      order("alice", 2, "buy 4 @ 100", { tif: "fok", stp: "cancelNewest" }),
      order("alice", 2, "buy 4 @ 100", { tif: "fok", stp: "cancelBoth" }),
      order("alice", 2, "buy 9 @ 100", { tif: "fok", stp: "cancelOldest" }),
      order("alice", 2, "buy 3 @ 100", { tif: "fok", stp: "cancelNewest" }),
      order("alice", 2, "buy 3 @ 100", { tif: "fok", stp: "cancelOldest" }),
    ],
    events: [
      "accepted alice 2 as #4",
      "canceled alice 2: 4 fok",
      "accepted alice 2 as #5",
      "canceled alice 2: 4 fok",
      "accepted alice 2 as #6",
      "canceled alice 2: 9 fok",
      "accepted alice 2 as #7",
      "trade 3 @ 100: bob 1 (0), alice 2 (0)",
      "accepted alice 2 as #8",
      "canceled alice 1: 3 selfTrade",
      "trade 3 @ 100: bob 2 (0), alice 2 (0)",
    ],
  },
  {
    rule: "O7: under decrement, fok counts only what would trade",
    before: [order("bob", 1, "sell 3 @ 100"), order("alice", 1, "sell 3 @ 100"), order("bob", 2, "sell 3 @ 100")],
    commands: [
      order("alice", 2, "buy 6 @ 100", { tif: "fok", stp: "decrement" }),
      order("alice", 2, "buy 3 @ 100", { tif: "fok", stp: "decrement" }),
    ],
    events: ["accepted alice 2 as #4", "canceled alice 2: 6 fok", "accepted alice 2 as #5", "trade 3 @ 100: bob 1 (0), alice 2 (0)"],
  },
];

const CHANGES: Example[] = [
  {
    rule: "SEMANTICS 4: cancel by the owner only; unknown or dead: UNKNOWN_ORDER",
    before: [order("alice", 1, "buy 5 @ 100")],
    commands: [
      { cmd: "cancel", account: "bob", orderId: 1 },
      { cmd: "cancel", account: "alice", orderId: "1" },
      cancel("alice", 1),
      cancel("nobody", 1),
    ],
    events: ["rejected 3002 UNKNOWN_ORDER", "canceled alice 1: 5 user", "rejected 3002 UNKNOWN_ORDER", "rejected 4003 UNKNOWN_ACCOUNT"],
  },
  {
    rule: "SEMANTICS 4, N19, R10: reduce keeps the place, by as much as is left it cancels, by nought it is rejected",
    before: [order("alice", 1, "buy 5 @ 100"), order("bob", 1, "buy 5 @ 100")],
    commands: [
      reduce("alice", 1, "2"),
      order("eve", 1, "sell 1 @ 100"),
      reduce("alice", 1, "0"),
      reduce("alice", 1, "-1"),
      reduce("alice", 1, "0.5"),
      reduce("alice", 1, "9007199254740992"),
      reduce("alice", 1, "2"),
    ],
    events: [
      "reduced alice 1 by 2 to 3: user",
      "accepted eve 1 as #3",
      "trade 1 @ 100: alice 1 (2), eve 1 (0)",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "rejected 3010 QTY_OFF_LOT",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "canceled alice 1: 2 user",
    ],
  },
  {
    rule: "SEMANTICS 4: replace with a lower total keeps priority, a higher one goes to the tail",
    before: [order("alice", 1, "buy 5 @ 100"), order("bob", 1, "buy 5 @ 100")],
    commands: [
      replace("alice", 1, { newClOrdId: 2, qty: "3" }),
      order("eve", 1, "sell 1 @ 100"),
      replace("alice", 2, { qty: "6" }),
      order("eve", 2, "sell 6 @ 100"),
    ],
    events: [
      "replaced alice 1 by 2: 3 @ 100, leaves 3, kept",
      "accepted eve 1 as #3",
      "trade 1 @ 100: alice 2 (2), eve 1 (0)",
      "replaced alice 2 by 2: 6 @ 100, leaves 5, tail",
      "accepted eve 2 as #4",
      "trade 5 @ 100: bob 1 (0), eve 2 (1)",
      "trade 1 @ 100: alice 2 (4), eve 2 (0)",
    ],
  },
  {
    rule: "SEMANTICS 4, R4: a replace may match at once; leavesQty is before its match",
    before: [order("bob", 1, "sell 2 @ 101"), order("alice", 1, "buy 5 @ 100")],
    commands: [replace("alice", 1, { price: "101" }), BOOK],
    events: ["replaced alice 1 by 1: 5 @ 101, leaves 5, tail", "trade 2 @ 101: bob 1 (0), alice 1 (3)", 'book [["101","3",1]] []'],
  },
  {
    rule: "R1, R2, N6: a total up to what has executed cancels the rest under the old id, whatever else is given; below a lot it is rejected",
    before: [order("alice", 1, "buy 5 @ 100"), order("alice", 7, "buy 5 @ 90"), order("eve", 1, "sell 2 @ 100")],
    commands: [
      replace("alice", 1, { qty: "0" }),
      replace("alice", 1, { qty: "1.5" }),
      replace("alice", 1, { qty: "2", newClOrdId: 7, price: "-5" }),
    ],
    events: ["rejected 3011 QTY_OUT_OF_RANGE", "rejected 3010 QTY_OFF_LOT", "canceled alice 1: 3 replacedBelowFilled"],
  },
  {
    rule: "R3: nothing, or a new id only, keeps priority, below the instrument's minQty too",
    before: [order("alice", 1, "buy 6 @ 15", { symbol: "MIN" }), reduce("alice", 1, "3")],
    commands: [
      replace("alice", 1, {}),
      replace("alice", 1, { newClOrdId: 2, qty: "3", price: "15.0" }),
      replace("alice", 2, { qty: "2" }),
      replace("alice", 2, { price: "16" }),
    ],
    events: [
      "replaced alice 1 by 1: 3 @ 15, leaves 3, kept",
      "replaced alice 1 by 2: 3 @ 15, leaves 3, kept",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "replaced alice 2 by 2: 3 @ 16, leaves 3, tail",
    ],
  },
  {
    rule: "R8: unknown order, new id, shape, post-only; a rejected replace leaves the order where it is",
    before: [
      order("alice", 1, "buy 5 @ 100", { postOnly: true }),
      order("alice", 2, "buy 5 @ 99"),
      order("bob", 1, "buy 5 @ 100"),
      order("bob", 2, "sell 5 @ 101"),
    ],
    commands: [
      replace("alice", 9, { newClOrdId: 2, price: "-1" }),
      replace("alice", 1, { newClOrdId: 2, price: "-1" }),
      replace("alice", 1, { newClOrdId: 0, price: "-1" }),
      replace("alice", 1, { price: "100.005", qty: "0" }),
      replace("alice", 1, { price: "101", qty: "4" }),
      order("eve", 1, "sell 1 @ 100"),
    ],
    events: [
      "rejected 3002 UNKNOWN_ORDER",
      "rejected 3004 DUPLICATE_CLORDID",
      "rejected 3021 BAD_CLORDID",
      "rejected 3008 PRICE_OFF_TICK",
      "rejected 3001 POST_ONLY_WOULD_CROSS",
      "accepted eve 1 as #5",
      "trade 1 @ 100: alice 1 (4), eve 1 (0)",
    ],
  },
  {
    rule: "R11, S9, S6: mass cancel by symbol id, side, priority; the count comes last",
    before: [
      order("alice", 1, "sell 1 @ 11", { symbol: "MIN", qty: "5" }),
      order("alice", 2, "sell 1 @ 102"),
      order("alice", 3, "sell 1 @ 101"),
      order("alice", 4, "buy 1 @ 99"),
      order("bob", 4, "buy 1 @ 100"),
      order("alice", 5, "buy 1 @ 100"),
    ],
    commands: [
      { cmd: "orders", account: "alice" },
      { cmd: "massCancel", account: "alice", symbol: "ABC", side: "sell" },
      { cmd: "massCancel", account: "alice" },
      { cmd: "massCancel", account: "alice", symbol: "NONE" },
      BOOK,
    ],
    events: [
      "orders alice: 5 ABC buy 1 @ 100; 4 ABC buy 1 @ 99; 3 ABC sell 1 @ 101; 2 ABC sell 1 @ 102; 1 MIN sell 5 @ 11",
      "canceled alice 3: 1 massCancel",
      "canceled alice 2: 1 massCancel",
      "massCanceled alice: 2",
      "canceled alice 5: 1 massCancel",
      "canceled alice 4: 1 massCancel",
      "canceled alice 1: 5 massCancel",
      "massCanceled alice: 3",
      "rejected 3003 UNKNOWN_INSTRUMENT",
      'book [["100","1",1]] []',
    ],
  },
];

const REFUSALS: Example[] = [
  {
    rule: "SEMANTICS 2: the first failure wins",
    before: [order("alice", 1, "buy 5 @ 100")],
    commands: [
      order("nobody", 1, "buy 0 @ 0", { symbol: "NONE" }),
      order("alice", 1, "buy 0 @ 0", { symbol: "NONE" }),
      order("alice", 1, "buy 0 @ 0", { tif: "ioc", postOnly: true }),
      order("alice", 2, "buy 0 @ 0", { tif: "ioc", postOnly: true }),
      order("alice", 2, "buy 0 @ 0.005"),
      order("alice", 2, "buy 0.5 @ 0"),
      order("alice", 2, "buy 0.5 @ 1"),
      order("alice", 2, "buy 0 @ 1"),
      order("alice", 0, "buy 1 @ 1"),
    ],
    events: [
      "rejected 4003 UNKNOWN_ACCOUNT",
      "rejected 3003 UNKNOWN_INSTRUMENT",
      "rejected 3004 DUPLICATE_CLORDID",
      "rejected 3007 BAD_FLAGS",
      "rejected 3008 PRICE_OFF_TICK",
      "rejected 3009 PRICE_OUT_OF_RANGE",
      "rejected 3010 QTY_OFF_LOT",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "rejected 3021 BAD_CLORDID",
    ],
  },
  {
    rule: "O2, N4: price only with limit, and then needed",
    commands: [
      order("alice", 1, "buy 5 @ 1", { type: "market" }),
      order("alice", 1, "buy 5", { type: "limit" }),
      order("alice", 1, "buy 5", { postOnly: true }),
      { cmd: "new", account: "alice", clOrdId: 1, symbol: "ABC", side: "buy", price: "1" },
    ],
    events: Array.from({ length: 4 }, () => "rejected 3007 BAD_FLAGS"),
  },
  {
    rule: "SEMANTICS 2.3: the instrument's own limits, both ends accepted",
    commands: [
      order("alice", 1, "buy 5 @ 9", { symbol: "MIN" }),
      order("alice", 1, "buy 5 @ 21", { symbol: "MIN" }),
      order("alice", 1, "buy 4 @ 10", { symbol: "MIN" }),
      order("alice", 1, "buy 51 @ 10", { symbol: "MIN" }),
      order("alice", 1, "buy 5 @ 10", { symbol: "MIN" }),
      order("alice", 2, "sell 50 @ 20", { symbol: "MIN" }),
    ],
    events: [
      "rejected 3009 PRICE_OUT_OF_RANGE",
      "rejected 3009 PRICE_OUT_OF_RANGE",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "accepted alice 1 as #1",
      "accepted alice 2 as #2",
    ],
  },
  {
    rule: "ARCHITECTURE 5, N14, N19: 2^53−1 is the most that a number, a notional and a level can be",
    commands: [
      order("alice", 1, `buy ${MAX} @ 0.01`),
      order("alice", 1, "buy 9007199254740992 @ 0.01"),
      order("alice", 1, "buy 1 @ 90071992547409.92"),
      order("alice", 1, "buy 9007199255 @ 1"),
      order("alice", 1, "buy 9007199254 @ 1"),
      order("alice", 2, `buy ${MAX} @ 2`, { symbol: "HUGE" }),
      order("alice", 2, `buy ${MAX} @ 1`, { symbol: "HUGE" }),
      order("bob", 2, "buy 1 @ 1", { symbol: "HUGE" }),
      order("bob", 2, "buy 1 @ 1", { symbol: "HUGE", tif: "ioc" }),
      reduce("alice", 2, "1"),
      order("bob", 2, "buy 1 @ 1", { symbol: "HUGE" }),
      replace("bob", 2, { qty: "2" }),
    ],
    events: [
      "rejected 2050 NOTIONAL_OVERFLOW",
      "rejected 3011 QTY_OUT_OF_RANGE",
      "rejected 3009 PRICE_OUT_OF_RANGE",
      "rejected 2050 NOTIONAL_OVERFLOW",
      "accepted alice 1 as #1",
      "rejected 2050 NOTIONAL_OVERFLOW",
      "accepted alice 2 as #2",
      "rejected 2050 NOTIONAL_OVERFLOW",
      "accepted bob 2 as #3",
      "canceled bob 2: 1 ioc",
      "reduced alice 2 by 1 to 9007199254740990: user",
      "accepted bob 2 as #4",
      "rejected 2050 NOTIONAL_OVERFLOW",
    ],
  },
  {
    rule: "S1, S2, S22: what is no command at all is an error and takes no seq; the next order still has id 1",
    commands: [
      order("alice", 1, "buy 1e3 @ 1"),
      order("alice", 1, "buy 1 @ .5"),
      order("alice", "x", "buy 1 @ 1"),
      order("alice", 1, "buy 1 @ 1", { price: 100.0000000000001 }),
      { cmd: "cancel", account: "alice" },
      { cmd: "cancel", account: "alice", clOrdId: 1, orderId: 1 },
      { cmd: "book", symbol: "NONE" },
      { cmd: "orders", account: "nobody" },
      order("alice", "007", "buy 1 @ 1", { price: 1.25 }),
      { cmd: "book", symbol: "ABC", depth: 0 },
    ],
    events: [...Array.from({ length: 8 }, () => "error"), "accepted alice 7 as #1", "book [] []"],
  },
  {
    rule: "S18, S19, S26, N19: time never runs backwards; nothing is declared twice; names and scales have limits",
    commands: [
      { cmd: "time", at: 5 },
      { cmd: "time", at: 5 },
      { cmd: "time", at: 4 },
      { cmd: "account", account: "alice", mode: "unchecked" },
      { cmd: "account", account: "two words", mode: "unchecked" },
      { cmd: "account", account: "x".repeat(33), mode: "unchecked" },
      { cmd: "currency", currency: "USD", scale: 6 },
      { cmd: "currency", currency: "EUR", scale: 16 },
      { cmd: "instrument", symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" },
      { cmd: "instrument", symbol: "FINE", base: "ABC", quote: "USD", tickSize: "0.0000001", lotSize: "1" },
      { cmd: "instrument", symbol: "FINE", base: "ABC", quote: "USD", tickSize: "0.001", lotSize: "0.0001" },
    ],
    events: [
      "ok",
      "ok",
      "rejected 5003 TIME_BACKWARDS",
      "rejected 5001 ALREADY_EXISTS",
      "rejected 5005 BAD_NAME",
      "rejected 5005 BAD_NAME",
      "rejected 5001 ALREADY_EXISTS",
      "rejected 5006 BAD_VALUE",
      "rejected 5001 ALREADY_EXISTS",
      "rejected 5002 BAD_INSTRUMENT",
      "rejected 5002 BAD_INSTRUMENT",
    ],
  },
];

for (const [name, create] of Object.entries(SUBJECTS)) {
  describe(`the ${name} keeps every rule`, () => {
    it.each([...MATCHING, ...SELF_TRADE, ...CHANGES, ...REFUSALS])("$rule", ({ before = [], commands, events }) => {
      const subject = create();
      expect(play(subject, SET_UP)).toEqual(SET_UP.map(() => "ok"));
      play(subject, before);
      expect(play(subject, commands)).toEqual(events);
    });
  });
}
