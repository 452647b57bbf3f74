import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { BookRow, Command, Event, ReplaceCommand } from "../../engine/edge/types.js";
import { ACCOUNTS, commandRuns, MARKET_SET_UP, plainRuns, SYMBOLS } from "./command-arbitrary.js";
import { EventLedger, tenths } from "./event-ledger.js";
import { readState } from "./saved-reader.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

/** Room for every run here; a default core reserves hundreds of megabytes. */
const SMALL = { orders: 300, levels: 100, accounts: 8, instruments: 8, currencies: 8, positions: 16 };
const TINY = { orders: 250, levels: 50, accounts: 4, instruments: 3, currencies: 5, positions: 9 };

/** Lots of an instrument in tenths. */
const LOT_TENTHS: Readonly<Record<string, number>> = { ABC: 10, XYZ: 1, BND: 10 };
/** Twice the tick: prices are counted in halves. */
const TICK_HALVES: Readonly<Record<string, number>> = { ABC: 1, XYZ: 2, BND: 1 };

function newMarket(capacities = SMALL): Core {
  const core = new Core({ capacities });
  for (const command of MARKET_SET_UP) applied(core, command);
  return core;
}

/** A ledger that knows what the set-up has said and no event repeats. */
function newLedger(): EventLedger {
  return new EventLedger({
    groups: { bob: "desk", carol: "desk" },
    modes: { bob: "decrement", carol: "cancelOldest" },
    lastPrices: { BND: "4" },
  });
}

function applied(core: Core, command: Command): Event[] {
  const events: Event[] = [];
  core.apply(command, (event) => events.push(event));
  return events;
}

/** The saved state without the number of the last command, which every command moves and which comes first. */
function stateWithoutSeq(core: Core): string {
  return Buffer.from(core.snapshot().subarray(8)).toString("hex");
}

/** Price, what is shown, how many: as `book` must say it. */
function rowsOf(ledger: EventLedger, symbol: string, side: "buy" | "sell"): [number, number, number][] {
  const rows: [number, number, number][] = [];
  for (const order of ledger.queue(symbol, side)) {
    const row = rows.at(-1);
    const shown = order.visible ?? order.leaves;
    if (row === undefined || row[0] !== order.price) rows.push([order.price, shown, 1]);
    else {
      row[1] += shown;
      row[2]++;
    }
  }
  return rows;
}

function numbers(rows: readonly BookRow[]): [number, number, number][] {
  return rows.map(([price, qty, count]) => [Number(price), tenths(qty), count]);
}

/** How many other orders rest at the price of the order that a command names. */
function neighbours(core: Core, command: ReplaceCommand): number {
  const own = core.orders(command.account).find(({ clOrdId }) => clOrdId === Number(command.clOrdId));
  if (own === undefined) throw new Error("a replace of no live order is refused for that");
  const book = core.book(own.symbol);
  const row = (own.side === "buy" ? book.bids : book.asks).find(([price]) => price === own.price);
  if (row === undefined) throw new Error("a replace of an order that does not rest needs no level");
  return row[2] - 1;
}

/** Books are compared after so many commands: that costs more than the commands do. */
const CHECK_EVERY = 5;

const STATUS = { active: "resting", dormant: "dormant", pending: "pending" } as const;

/** Books, live orders, positions and last prices of the core are those that the events tell. */
function checkAgainst(core: Core, ledger: EventLedger): void {
  const state = readState(core.snapshot());
  for (const symbol of SYMBOLS) {
    const book = core.book(symbol);
    expect(numbers(book.bids)).toEqual(rowsOf(ledger, symbol, "buy"));
    expect(numbers(book.asks)).toEqual(rowsOf(ledger, symbol, "sell"));
  }
  const open = ACCOUNTS.flatMap((account) =>
    core.orders(account).map((order) => `${account} ${order.clOrdId} ${tenths(order.leavesQty)} ${order.status} ${order.price}`),
  );
  const told = [...ledger.live.values()].map((order) => `${order.key} ${order.leaves} ${STATUS[order.status]} ${order.price}`);
  expect(open.sort()).toEqual(told.sort());
  const positions = state.positions.map(({ account, instrument, lots }) => {
    const symbol = state.instruments[instrument]?.symbol ?? "";
    return [`${state.accounts[account]} ${symbol}`, lots * (LOT_TENTHS[symbol] ?? 0)] as const;
  });
  expect(new Map(positions)).toEqual(new Map([...ledger.positions].filter(([, lots]) => lots !== 0)));
  for (const { symbol, lastPrice } of state.instruments) {
    expect(lastPrice * (TICK_HALVES[symbol] ?? 0)).toBe(2 * Number(ledger.lastPriceOf(symbol) ?? 0));
  }
}

/** What the restored core has to bring back. */
function kindsOf(core: Core): Set<string> {
  const state = readState(core.snapshot());
  const kinds = new Set<string>(ACCOUNTS.flatMap((account) => core.orders(account).map(({ status }) => status)));
  if (state.instruments.some((market) => market.state === 1)) kinds.add("auction call");
  if (state.instruments.some(({ reopenAt }) => reopenAt > 0)) kinds.add("timer");
  if (state.positions.length > 0) kinds.add("position");
  return kinds;
}

/** SETTLED A2 and A3 word for word: every tick from best ask to best bid, whole quantities. */
function uncrossOf(ledger: EventLedger, symbol: string): string {
  const [bids, asks] = [ledger.queue(symbol, "buy"), ledger.queue(symbol, "sell")];
  const tick = (TICK_HALVES[symbol] ?? 0) / 2;
  const candidates: Candidate[] = [];
  for (let price = asks[0]?.price ?? Number.POSITIVE_INFINITY; price <= (bids[0]?.price ?? 0); price += tick) {
    const bought = sumOf(bids.filter((order) => order.price >= price));
    const sold = sumOf(asks.filter((order) => order.price <= price));
    candidates.push({ price, qty: Math.min(bought, sold), surplus: bought - sold });
  }
  if (candidates.length === 0) return "0 @ undefined";
  const most = Math.max(...candidates.map(({ qty }) => qty));
  const largest = candidates.filter(({ qty }) => qty === most);
  const least = Math.min(...largest.map(({ surplus }) => Math.abs(surplus)));
  const best = largest.filter(({ surplus }) => Math.abs(surplus) === least);
  return `${most / 10} @ ${chosenOf(best, Number(ledger.lastPriceOf(symbol) ?? 0))}`;
}

interface Candidate {
  readonly price: number;
  readonly qty: number;
  readonly surplus: number;
}

function chosenOf(best: readonly Candidate[], reference: number): number {
  const prices = best.map(({ price }) => price);
  if (best.every(({ surplus }) => surplus > 0)) return Math.max(...prices);
  if (best.every(({ surplus }) => surplus < 0) || reference === 0) return Math.min(...prices);
  const nearest = Math.min(...prices.map((price) => Math.abs(price - reference)));
  return Math.min(...prices.filter((price) => Math.abs(price - reference) === nearest));
}

function sumOf(orders: readonly { leaves: number }[]): number {
  return orders.reduce((sum, { leaves }) => sum + leaves, 0);
}

describe("whatever is sent to a core", () => {
  it.each([
    ["plain orders", plainRuns, 80],
    ["orders of every type", commandRuns, 250],
  ] as const)("trades go by price and time, quantities add up, and the books are what the events say: %s", (_, runs, numRuns) => {
    fc.assert(
      fc.property(runs, (run) => {
        const core = newMarket();
        const ledger = newLedger();
        for (const [index, command] of run.entries()) {
          for (const event of applied(core, command)) {
            expect("seq" in event ? event.seq : undefined).toBe(core.lastSeq);
            ledger.follow(event);
          }
          ledger.checkTotals();
          core.assertConsistent();
          if (index % CHECK_EVERY === 0 || index === run.length - 1) checkAgainst(core, ledger);
        }
      }),
      { numRuns, seed: 11 },
    );
  });

  it("the book of an open instrument is never crossed", () => {
    let crossedCalls = 0;
    fc.assert(
      fc.property(commandRuns, (run) => {
        const core = newMarket();
        const ledger = newLedger();
        for (const command of run) {
          for (const event of applied(core, command)) ledger.follow(event);
          ledger.checkTotals();
          for (const symbol of SYMBOLS) {
            const [bid, ask] = [core.book(symbol, 1).bids[0], core.book(symbol, 1).asks[0]];
            if (bid === undefined || ask === undefined || Number(bid[0]) < Number(ask[0])) continue;
            expect(ledger.states.get(symbol) ?? "open").not.toBe("open");
            crossedCalls++;
          }
        }
      }),
      { numRuns: 150, seed: 12 },
    );
    expect(crossedCalls).toBeGreaterThan(100);
  });

  it("the last indication of an auction call is what a look at every tick gives", () => {
    let crossed = 0;
    fc.assert(
      fc.property(commandRuns, (run) => {
        const core = newMarket();
        const ledger = newLedger();
        const told = new Map<string, string>();
        for (const command of run) {
          for (const event of applied(core, command)) {
            ledger.follow(event);
            if (event.event === "auction") told.set(event.symbol, `${event.qty} @ ${event.price}`);
          }
          ledger.checkTotals();
          for (const symbol of SYMBOLS) {
            if (ledger.states.get(symbol) !== "auctionCall") continue;
            const expected = uncrossOf(ledger, symbol);
            expect(told.get(symbol)).toBe(expected);
            if (!expected.startsWith("0")) crossed++;
          }
        }
      }),
      { numRuns: 150, seed: 17 },
    );
    expect(crossed).toBeGreaterThan(100);
  });

  it("a rejected command changes no bit of the state but the number of the last command", () => {
    let rejections = 0;
    fc.assert(
      fc.property(commandRuns, (run) => {
        const core = newMarket();
        for (const command of run) {
          const before = stateWithoutSeq(core);
          const events = applied(core, command);
          if (events[0]?.event !== "rejected") continue;
          rejections++;
          expect(events.length).toBe(1);
          expect(stateWithoutSeq(core)).toBe(before);
        }
      }),
      { numRuns: 150, seed: 13 },
    );
    expect(rejections).toBeGreaterThan(100);
  });

  it("a core that is saved and restored at any point goes on as if nothing had happened", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(commandRuns, commandRuns, (past, future) => {
        const core = newMarket();
        for (const command of past) applied(core, command);
        for (const kind of kindsOf(core)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        const bytes = core.snapshot();
        const restored = Core.restore(bytes, { capacities: SMALL });
        expect(restored.stateHash()).toBe(core.stateHash());
        expect(restored.snapshot()).toEqual(bytes);
        restored.assertConsistent();
        for (const command of future) expect(applied(restored, command)).toEqual(applied(core, command));
        expect(restored.stateHash()).toBe(core.stateHash());
      }),
      { numRuns: 250, seed: 14 },
    );
    for (const kind of ["resting", "dormant", "pending", "auction call", "timer", "position"])
      expect(seen.get(kind), kind).toBeGreaterThan(10);
  });

  it("the same commands give the same events and the same digest, also in a core of another size", () => {
    fc.assert(
      fc.property(commandRuns, (run) => {
        const one = newMarket();
        const other = newMarket(TINY);
        for (const command of run) expect(applied(other, command)).toEqual(applied(one, command));
        expect(other.stateHash()).toBe(one.stateHash());
      }),
      { numRuns: 100, seed: 15 },
    );
  });

  it("a core that is full answers BOOK_FULL, and goes on", () => {
    let full = 0;
    fc.assert(
      fc.property(commandRuns, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), (run, orders, levels) => {
        const core = newMarket({ ...TINY, orders, levels });
        const ledger = newLedger();
        for (const command of run) {
          for (const event of applied(core, command)) {
            ledger.follow(event);
            if (event.event !== "rejected" || event.reason !== "BOOK_FULL") continue;
            full++;
            const counts = SYMBOLS.flatMap((symbol) => [...core.book(symbol).bids, ...core.book(symbol).asks]).map(([, , count]) => count);
            const live = ACCOUNTS.flatMap((account) => core.orders(account)).length;
            if (command.cmd === "replace") {
              // Only a missing level may refuse it, and only when other orders need the one that it would leave.
              expect(counts).toHaveLength(levels);
              expect(neighbours(core, command)).toBeGreaterThan(0);
            } else if (counts.length < levels) expect(live).toBe(orders);
          }
          core.assertConsistent();
          ledger.checkTotals();
          expect(ledger.live.size).toBeLessThanOrEqual(orders);
        }
      }),
      { numRuns: 200, seed: 16 },
    );
    expect(full).toBeGreaterThan(100);
  });

  it("a state that does not fit is refused, and so are bytes that are no state", () => {
    const core = newMarket();
    for (let id = 1; id <= 9; id++) {
      applied(core, { cmd: "new", account: "alice", clOrdId: id, symbol: "ABC", side: "buy", price: String(id), qty: "1" });
    }
    const bytes = core.snapshot();
    expect(() => Core.restore(bytes, { capacities: { ...SMALL, orders: 8 } })).toThrow(/capacities.orders is 8/);
    expect(() => Core.restore(bytes, { capacities: { ...SMALL, levels: 8 } })).toThrow(/capacities.levels is 8/);
    expect(() => Core.restore(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
    expect(() => Core.restore(new Uint8Array(64).fill(255))).toThrow(RangeError);
  });
});
