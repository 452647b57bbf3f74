import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Capacities } from "../../engine/edge/index.js";
import type { NewCommand } from "../../engine/edge/types.js";
import { cancel, describeEvent, order, replace } from "./script-helpers.js";

const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" };

/** A core that holds very little, and what it says to each command. */
function small(
  capacities: Pick<Capacities, "orders" | "levels"> & Partial<Capacities>,
): (command: Parameters<Core["apply"]>[0]) => string[] {
  const core = new Core({
    capacities: { positions: 16, accounts: 4, instruments: 2, currencies: 4, ...capacities },
    instruments: [ABC],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  });
  return (command) => {
    const lines: string[] = [];
    core.apply(command, (event) => lines.push(describeEvent(event)));
    core.assertConsistent();
    return lines;
  };
}

const FULL = ["rejected 3020 BOOK_FULL"];

describe("a book without a free level", () => {
  it("moves an order that is alone at its price: its own level is freed first", () => {
    const say = small({ orders: 10, levels: 2 });
    say(order("alice", 1, "buy 5 @ 1.00"));
    say(order("bob", 2, "sell 5 @ 2.00"));
    expect(say(order("alice", 3, "buy 5 @ 1.10"))).toEqual(FULL);
    expect(say(replace("alice", 1, { price: "1.10" }))).toEqual(["replaced alice 1 by 1: 5 @ 1.1, leaves 5, tail"]);
    expect(say(replace("bob", 2, { price: "1.90", qty: "9" }))).toEqual(["replaced bob 2 by 2: 9 @ 1.9, leaves 9, tail"]);
    expect(say(replace("bob", 2, { price: "1.05" }))).toEqual([
      "replaced bob 2 by 2: 9 @ 1.05, leaves 9, tail",
      "trade 5 @ 1.1: alice 1 (0), bob 2 (4)",
    ]);
  });

  it("does not move an order that leaves others behind", () => {
    const say = small({ orders: 10, levels: 2 });
    say(order("alice", 1, "buy 5 @ 1.00"));
    say(order("alice", 2, "buy 5 @ 1.00"));
    say(order("bob", 3, "sell 5 @ 2.00"));
    expect(say(replace("alice", 1, { price: "1.10" }))).toEqual(FULL);
    expect(say(replace("alice", 1, { qty: "7" }))).toEqual(["replaced alice 1 by 1: 7 @ 1, leaves 7, tail"]);
    expect(say(cancel("alice", 2))).toEqual(["canceled alice 2: 5 user"]);
    expect(say(replace("alice", 1, { price: "1.10" }))).toEqual(["replaced alice 1 by 1: 7 @ 1.1, leaves 7, tail"]);
  });
});

describe("a book without a free order", () => {
  it("refuses new orders that would rest, and no replace", () => {
    const say = small({ orders: 2, levels: 10 });
    say(order("alice", 1, "buy 5 @ 1.00"));
    say(order("alice", 2, "buy 5 @ 1.00"));
    expect(say(order("alice", 3, "buy 5 @ 1.00"))).toEqual(FULL);
    expect(say(replace("alice", 1, { price: "1.10" }))).toEqual(["replaced alice 1 by 1: 5 @ 1.1, leaves 5, tail"]);
    expect(say(replace("alice", 2, { qty: "9", newClOrdId: 7 }))).toEqual(["replaced alice 2 by 7: 9 @ 1, leaves 9, tail"]);
    expect(say(order("bob", 4, "sell 6"))).toEqual([
      "accepted bob 4 as #3",
      "trade 5 @ 1.1: alice 1 (0), bob 4 (1)",
      "trade 1 @ 1: alice 7 (8), bob 4 (0)",
    ]);
  });
});

const STOP = { type: "stop", stopPrice: "1.50" } as const;
const STOP_LIMIT = { type: "stopLimit", stopPrice: "1.50" } as const;

describe("a book without a free order, for every type", () => {
  it.each([
    ["an iceberg", order("bob", 1, "buy 5 @ 1.00", { displayQty: "1" })],
    ["an order that expires", order("bob", 1, "buy 5 @ 1.00", { tif: "gtd", expireTime: 9 })],
    ["an order of the day", order("bob", 1, "buy 5 @ 1.00", { tif: "day" })],
    ["a stop", order("bob", 1, "buy 5", STOP)],
    ["a stop that will not rest", order("bob", 1, "buy 5", { ...STOP, tif: "fok" })],
    ["a stop limit", order("bob", 1, "buy 5 @ 1.00", STOP_LIMIT)],
    ["a first leg", order("bob", 1, "buy 5 @ 1.00", { oco: 2 })],
    ["a first leg that is a stop", order("bob", 1, "buy 5", { ...STOP, oco: 2 })],
  ])("refuses %s", (_, command) => {
    const say = small({ orders: 1, levels: 10 });
    say(order("alice", 1, "buy 5 @ 1.00"));
    expect(say(command)).toEqual(FULL);
    say(cancel("alice", 1));
    expect(say(command)).toEqual(["accepted bob 1 as #2"]);
  });

  it("takes what will not stay, and fires a stop that has its place", () => {
    const say = small({ orders: 3, levels: 10 });
    say(order("alice", 1, "sell 9 @ 1.00"));
    say(order("alice", 2, "buy 1", { ...STOP, stopPrice: "1.00" }));
    say(order("alice", 3, "buy 1 @ 0.90"));
    expect(say(order("bob", 1, "buy 1", { tif: "fok" }))).toEqual([
      "accepted bob 1 as #4",
      "trade 1 @ 1: alice 1 (8), bob 1 (0)",
      "triggered",
      "canceled alice 2: 1 selfTrade",
    ]);
    say(order("alice", 4, "buy 1 @ 0.90"));
    expect(say(order("bob", 2, "buy 2 @ 1.00", { tif: "ioc", minQty: "1" })).slice(0, 1)).toEqual(["accepted bob 2 as #6"]);
  });
});

describe("a book without a free level, for every type", () => {
  it.each([
    ["an iceberg", order("bob", 1, "buy 5 @ 1.10", { displayQty: "1" })],
    ["an order that expires", order("bob", 1, "buy 5 @ 1.10", { tif: "gtd", expireTime: 9 })],
    ["an order that posts only", order("bob", 1, "buy 5 @ 1.10", { postOnly: true })],
  ])("refuses %s", (_, command) => {
    const say = small({ orders: 10, levels: 1 });
    say(order("alice", 1, "buy 5 @ 1.00"));
    expect(say(command)).toEqual(FULL);
  });

  it("takes a stop limit, which needs its level when it fires: then it is canceled riskOnTrigger", () => {
    const say = small({ orders: 10, levels: 2 });
    say(order("alice", 1, "sell 2 @ 1.50"));
    say(order("alice", 2, "buy 9 @ 1.00"));
    expect(say(order("alice", 3, "buy 3 @ 1.60", STOP_LIMIT))).toEqual(["accepted alice 3 as #3"]);
    expect(say(order("bob", 1, "buy 1"))).toEqual([
      "accepted bob 1 as #4",
      "trade 1 @ 1.5: alice 1 (1), bob 1 (0)",
      "triggered",
      "canceled alice 3: 3 riskOnTrigger",
    ]);
    // One that will not rest needs none.
    expect(say(order("bob", 2, "buy 1 @ 1.60", { ...STOP_LIMIT, tif: "ioc" }))).toEqual([
      "accepted bob 2 as #5",
      "triggered",
      "trade 1 @ 1.5: alice 1 (0), bob 2 (0)",
    ]);
  });

  it("asks for the level of a pair's limit leg when the second leg comes", () => {
    const say = small({ orders: 10, levels: 1 });
    say(order("bob", 9, "buy 1 @ 1.00"));
    expect(say(order("alice", 1, "buy 5 @ 1.10", { oco: 2 }))).toEqual(["accepted alice 1 as #2"]);
    expect(say(order("alice", 2, "buy 5", { ...STOP, oco: 1 }))).toEqual(FULL);
    say(cancel("bob", 9));
    expect(say(order("alice", 2, "buy 5", { ...STOP, oco: 1 }))).toEqual(["accepted alice 2 as #3"]);
  });
});

const BY_MONEY: NewCommand = { cmd: "new", account: "eve", clOrdId: 1, symbol: "ABC", side: "buy", type: "market", quoteQty: "5" };

describe("positions that are all open", () => {
  it.each([
    ["a limit", order("eve", 1, "buy 1 @ 1.00")],
    ["a market order", order("eve", 1, "buy 1")],
    ["a market order by money", BY_MONEY],
    ["a stop", order("eve", 1, "buy 1", STOP)],
    ["a trailing stop", order("eve", 1, "buy 1", { type: "trailingStop", trail: "0.10" })],
    ["a leg", order("eve", 1, "buy 1 @ 1.00", { oco: 2 })],
  ])("refuse %s of whoever has none, and take those of whoever has one", (_, command) => {
    const say = small({ orders: 10, levels: 10, positions: 2 });
    say(order("alice", 1, "sell 5 @ 1.00"));
    say(order("bob", 1, "buy 3 @ 1.00"));
    expect(say({ cmd: "account", account: "eve", mode: "unchecked" })).toEqual(["ok"]);
    expect(say(command)).toEqual(FULL);
    expect(say({ ...command, account: "bob", clOrdId: 7 })[0]).toBe("accepted bob 7 as #3");
  });

  it("leave room for another account once one of them is flat, and the day on which it has traded is over", () => {
    const say = small({ orders: 10, levels: 10, positions: 2 });
    say({ cmd: "account", account: "eve", mode: "unchecked" });
    say(order("alice", 1, "sell 3 @ 1.00"));
    say(order("bob", 1, "buy 3 @ 1.00"));
    expect(say(order("eve", 1, "buy 1 @ 1.00"))).toEqual(FULL);
    say(order("bob", 2, "sell 3 @ 1.00"));
    say(order("alice", 2, "buy 3 @ 1.00"));
    expect(say(order("eve", 1, "buy 1 @ 1.00"))).toEqual(FULL);
    say({ cmd: "time", at: 86_400_000_000 });
    expect(say(order("eve", 1, "buy 1 @ 1.00"))).toEqual(["accepted eve 1 as #5"]);
  });
});
