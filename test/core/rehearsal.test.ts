import { expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { Command, Event, NewCommand, StpName } from "../../engine/edge/types.js";
import { Random } from "../twin/random.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const CAPACITIES = { orders: 200, levels: 40, accounts: 8, instruments: 2, currencies: 4, positions: 16 };
const ACCOUNTS = ["alice", "carol", "dave"];
const MODES: readonly StpName[] = ["none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

function newMarket(bandBps: number, marketProtectionBps: number): Core {
  const market = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "1", lotSize: "1", lastPrice: "20" };
  const core = new Core({ capacities: CAPACITIES });
  applied(core, { cmd: "instrument", ...market, bandBps, marketProtectionBps, auctionUs: 1 });
  for (const account of ACCOUNTS) {
    const group = account === "carol" || account === "dave" ? { stpGroup: "desk" } : {};
    applied(core, { cmd: "account", account, mode: "unchecked", stp: "none", ...group });
  }
  return core;
}

function applied(core: Core, command: Command): Event[] {
  const events: Event[] = [];
  core.apply(command, (event) => events.push(event));
  return events;
}

/** Draws orders around a price of 20, from few accounts, so that own orders, pairs and positions meet. */
class Draws {
  #id = 0;

  constructor(readonly random: Random) {}

  base(): { cmd: "new"; account: string; symbol: string; side: "buy" | "sell"; clOrdId: number } {
    const { random } = this;
    return { cmd: "new", account: random.pick(ACCOUNTS), symbol: "ABC", side: random.pick(["buy", "sell"] as const), clOrdId: ++this.#id };
  }

  /** What rests: icebergs more often than not, some of them reduce-only. */
  maker(): Command[] {
    const { random } = this;
    const order = this.base();
    const price = String(20 + (order.side === "buy" ? -1 : 1) * random.below(4) + random.below(2));
    const qty = String(1 + random.below(12));
    const displayQty = random.below(3) > 0 ? { displayQty: String(1 + random.below(Math.min(3, Number(qty)))) } : {};
    const reduceOnly = random.below(3) === 0 ? { reduceOnly: true } : {};
    const limit = { ...order, price, qty, ...displayQty, ...reduceOnly };
    if (random.below(3) > 0) return [limit];
    // A pair of which both legs come to rest: the stop price lies where the last trade has been already.
    const other = {
      ...this.base(),
      account: order.account,
      side: order.side,
      type: "stopLimit" as const,
      qty: String(1 + random.below(12)),
    };
    const beside = String(Number(price) + (order.side === "buy" ? -1 : 1) * random.below(2));
    const stop = { ...other, price: beside, stopPrice: order.side === "buy" ? "15" : "26" };
    return [
      { ...limit, oco: stop.clOrdId },
      { ...stop, oco: limit.clOrdId },
    ];
  }

  /** What asks before it trades: all or nothing, or so much at least. */
  asker(): NewCommand {
    const { random } = this;
    const order = this.base();
    const qty = 1 + random.below(24);
    const common = { ...order, qty: String(qty), stp: random.pick(MODES), ...(random.below(6) === 0 ? { reduceOnly: true } : {}) };
    if (random.below(4) === 0) return { ...common, type: "market", tif: "fok" };
    const price = String(20 + (order.side === "buy" ? 1 : -1) * random.below(5));
    if (random.below(2) === 0) return { ...common, price, tif: "fok" };
    return { ...common, price, tif: "ioc", minQty: String(1 + random.below(qty)) };
  }
}

/** The same order, which takes whatever there is. */
function unconditional({ minQty: _, ...order }: NewCommand): NewCommand {
  return { ...order, tif: "ioc" };
}

/** Lots that an order has traded itself, and lots that reduce-only has cut before. */
function outcome(events: readonly Event[], order: NewCommand): { traded: number; cut: number; end: string } {
  let [traded, cut, end] = [0, 0, ""];
  for (const event of events) {
    if (event.event === "trade" && event.taker.account === order.account && event.taker.clOrdId === order.clOrdId)
      traded += Number(event.qty);
    if (event.event === "reduced" && event.clOrdId === order.clOrdId && event.account === order.account && event.reason === "reduceOnly") {
      cut += Number(event.by);
    }
    if (event.event === "canceled" && event.account === order.account && event.clOrdId === order.clOrdId) end = event.reason;
  }
  return { traded, cut, end };
}

function note(seen: Map<string, number>, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

/** Asks the core, after the same order has really been carried out on a copy of it. */
function probe(core: Core, order: NewCommand, seen: Map<string, number>): void {
  const copy = Core.restore(core.snapshot(), { capacities: CAPACITIES });
  const really = outcome(applied(copy, unconditional(order)), order);
  const wanted = order.tif === "fok" ? Number(order.qty) - really.cut : Number(order.minQty);
  const events = applied(core, order);
  const answer = outcome(events, order);
  if (events[0]?.event === "rejected") return note(seen, "rejected");
  const kind = order.tif === "fok" ? "fok" : "minQty";
  const text = JSON.stringify([order, really, events]);
  if (really.end === "reduceOnly") expect(answer, text).toEqual(really);
  else if (really.traded >= wanted) {
    expect(answer.traded, text).toBe(really.traded);
    if (kind === "minQty") expect(core.stateHash(), text).toBe(copy.stateHash());
    note(seen, `${kind} done ${order.stp}`);
  } else {
    expect(answer, text).toEqual({ traded: 0, cut: really.cut, end: kind });
    note(seen, `${kind} refused ${order.stp}`);
  }
}

it.each([
  ["an open field", 0, 0, 61],
  ["a band", 1500, 0, 62],
  ["protection", 0, 500, 63],
])(
  "an order that is refused as infeasible would not have traded enough, and one that is taken does: with %s",
  (_, band, protection, seed) => {
    const random = new Random(seed);
    const draws = new Draws(random);
    const seen = new Map<string, number>();
    let core = newMarket(band, protection);
    for (let round = 0; round < 4000; round++) {
      for (const command of draws.maker()) applied(core, command);
      if (random.below(2) === 0) probe(core, draws.asker(), seen);
      if (round % 20 === 0) core.assertConsistent();
      if (round % 12 === 0) applied(core, { cmd: "time", at: round });
      if (round % 60 === 59) core = newMarket(band, protection);
    }
    for (const mode of MODES) {
      for (const kind of ["fok", "minQty"]) {
        expect(seen.get(`${kind} done ${mode}`), `${kind} done ${mode}`).toBeGreaterThan(10);
        expect(seen.get(`${kind} refused ${mode}`), `${kind} refused ${mode}`).toBeGreaterThan(10);
      }
    }
  },
);

it("a leg that is cut to its room between two of its tranches takes the other leg down with it", () => {
  const core = newMarket(0, 0);
  const common = { symbol: "ABC", price: "20" } as const;
  const script: NewCommand[] = [
    { cmd: "new", account: "alice", clOrdId: 1, ...common, side: "sell", qty: "6" },
    { cmd: "new", account: "carol", clOrdId: 1, ...common, side: "buy", qty: "6" },
    { cmd: "new", account: "carol", clOrdId: 2, ...common, side: "sell", qty: "6", displayQty: "1", reduceOnly: true, oco: 3 },
    { cmd: "new", account: "carol", clOrdId: 3, ...common, side: "sell", type: "stopLimit", stopPrice: "26", qty: "6", oco: 2 },
    { cmd: "new", account: "alice", clOrdId: 2, symbol: "ABC", side: "buy", price: "19", qty: "3" },
    { cmd: "new", account: "carol", clOrdId: 4, symbol: "ABC", side: "sell", price: "19", qty: "3", tif: "ioc" },
  ];
  for (const command of script) expect(applied(core, command)[0]?.event).toBe("accepted");
  expect(core.book("ABC").asks).toEqual([["20", "7", 2]]);
  const seen = new Map<string, number>();
  const order: NewCommand = { cmd: "new", account: "alice", clOrdId: 3, ...common, side: "buy", stp: "none", tif: "fok", qty: "4" };
  probe(core, order, seen);
  probe(core, { ...order, clOrdId: 4, qty: "3" }, seen);
  expect([...seen.keys()]).toEqual(["fok refused none", "fok done none"]);
});
