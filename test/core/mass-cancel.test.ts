import { afterEach, describe, expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Command } from "../../engine/edge/types.js";

const INSTRUMENTS = ["ABC", "DEF", "GHI"].map((symbol) => ({ symbol, base: symbol, quote: "USD", tickSize: "0.01", lotSize: "1" }));
const ORDERS = 3000;

/** Bids from 1 to 100 and asks from 101 on in every instrument, in no order; alice has one of `share` orders. */
function market(share: number): Core {
  const core = new Core({
    capacities: { orders: 4096, levels: 4096, accounts: 4, instruments: 4, currencies: 8 },
    instruments: INSTRUMENTS,
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
    ],
  });
  for (let id = 1; id <= ORDERS; id++) {
    // 7919 is a prime: the prices come in a jumble, and some of them twice.
    const cents = (id * 7919) % 1500;
    const isBid = id % 2 === 0;
    core.apply(
      {
        cmd: "new",
        account: id % share === 0 ? "alice" : "bob",
        clOrdId: id,
        symbol: INSTRUMENTS[id % 3]?.symbol ?? "",
        side: isBid ? "buy" : "sell",
        price: ((isBid ? 1000 : 3000) + cents) / 100,
        qty: "1",
      },
      (event) => expect(event.event).toBe("accepted"),
    );
  }
  return core;
}

function canceled(core: Core, command: Command): number[] {
  const ids: number[] = [];
  core.apply(command, (event) => {
    if (event.event === "canceled") ids.push(event.clOrdId);
  });
  return ids;
}

afterEach(() => vi.restoreAllMocks());

describe("a mass cancel in a book of thousands of levels", () => {
  it.each([
    ["an account that is everywhere", 1],
    ["an account with every other order", 2],
    ["an account with a third of the orders, in levels of its own and shared ones", 3],
    ["an account with a seventh of the orders", 7],
    ["an account with few orders", 97],
    ["an account with a single order", ORDERS],
  ])("%s: by symbol, side and priority, as `orders` lists them (R11)", (_, share) => {
    const core = market(share);
    const live = core.orders("alice");
    const others = core.orders("bob");
    expect(live).toHaveLength(Math.floor(ORDERS / share));
    const wanted = live.filter(({ symbol, side }) => symbol === "DEF" && side === "sell").map(({ clOrdId }) => clOrdId);
    expect(canceled(core, { cmd: "massCancel", account: "alice", symbol: "DEF", side: "sell" })).toEqual(wanted);
    const rest = live.map(({ clOrdId }) => clOrdId).filter((id) => !wanted.includes(id));
    expect(canceled(core, { cmd: "massCancel", account: "alice" })).toEqual(rest);
    expect(canceled(core, { cmd: "massCancel", account: "alice" })).toEqual([]);
    expect(core.orders("bob")).toEqual(others);
    core.assertConsistent();
    // What is left is a book like any other: the other account goes the same way.
    expect(canceled(core, { cmd: "massCancel", account: "bob" })).toEqual(others.map(({ clOrdId }) => clOrdId));
    core.assertConsistent();
  });

  it("leaves of each level what others have there, in its order, and all trees as good as new", () => {
    const core = market(ORDERS);
    for (let id = 1; id <= ORDERS; id += 2) core.apply({ cmd: "cancel", account: "bob", clOrdId: id }, () => undefined);
    // Alice stands behind bob, and bob behind alice, at every price; and alice alone at as many.
    const place = (account: string, id: number, cents: number): void =>
      core.apply({ cmd: "new", account, clOrdId: id, symbol: "ABC", side: "buy", price: cents / 100, qty: "2" }, (event) =>
        expect(event.event).toBe("accepted"),
      );
    let id = ORDERS;
    for (let cents = 1; cents <= 300; cents++) {
      place("alice", ++id, 1 + ((cents * 7) % 301));
      if (cents % 10 === 0) place("bob", ++id, 1 + ((cents * 7) % 301));
      if (cents % 20 === 0) place("alice", ++id, 1 + ((cents * 7) % 301));
    }
    for (const each of core.orders("bob"))
      if (Number(each.price) > 3) core.apply({ cmd: "cancel", account: "bob", clOrdId: each.clOrdId }, () => undefined);
    const mine = core.orders("alice").map(({ clOrdId }) => clOrdId);
    const others = core.orders("bob");
    expect(others.length).toBeGreaterThan(20);
    expect(canceled(core, { cmd: "massCancel", account: "alice" })).toEqual(mine);
    expect(core.orders("bob")).toEqual(others);
    core.assertConsistent();
    place("alice", 1, 150);
    core.assertConsistent();
  });

  it.each([1, 97])("makes no array and calls no sort of the runtime (one of %i orders)", (share) => {
    const core = market(share);
    const made = [vi.spyOn(Int32Array.prototype, "subarray"), vi.spyOn(Int32Array.prototype, "sort")];
    core.apply({ cmd: "massCancel", account: "alice" }, () => undefined);
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
  });
});
