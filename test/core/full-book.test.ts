import { describe, expect, it } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Capacities } from "../../engine/edge/index.js";
import { cancel, describeEvent, order, replace } from "./script-helpers.js";

const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" };

/** A core that holds very little, and what it says to each command. */
function small(capacities: Pick<Capacities, "orders" | "levels">): (command: Parameters<Core["apply"]>[0]) => string[] {
  const core = new Core({
    capacities: { ...capacities, accounts: 4, instruments: 2, currencies: 4 },
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
