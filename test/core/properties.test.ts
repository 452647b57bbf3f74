import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Core } from "../../engine/edge/core.js";
import type { BookRow, Command, Event, ReplaceCommand } from "../../engine/edge/types.js";
import { ACCOUNTS, commandRuns, MARKET_SET_UP, SYMBOLS } from "./command-arbitrary.js";
import { EventLedger, tenths } from "./event-ledger.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

/** Room for every run here; a default core reserves a hundred megabytes. */
const SMALL = { orders: 1000, levels: 100, accounts: 8, instruments: 8, currencies: 8 };

function newMarket(capacities = SMALL): Core {
  const core = new Core({ capacities });
  for (const command of MARKET_SET_UP) applied(core, command);
  return core;
}

function applied(core: Core, command: Command): Event[] {
  const events: Event[] = [];
  core.apply(command, (event) => events.push(event));
  return events;
}

/** The saved state without the number of the last command, which every command moves. */
function stateWithoutSeq(core: Core): string {
  const bytes = core.snapshot();
  // | version (4 bytes) | seq (8 bytes) | the rest |
  return Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)]).toString("hex");
}

function rowsOf(ledger: EventLedger, symbol: string, side: "buy" | "sell"): [number, number, number][] {
  const rows: [number, number, number][] = [];
  for (const order of ledger.queue(symbol, side)) {
    const row = rows.at(-1);
    if (row === undefined || row[0] !== order.price) rows.push([order.price, order.leaves, 1]);
    else {
      row[1] += order.leaves;
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
  if (row === undefined) throw new Error("a live order rests in the book");
  return row[2] - 1;
}

describe("whatever is sent to a core", () => {
  it("trades go by price and time, quantities add up, and the book is what the events say", () => {
    fc.assert(
      fc.property(commandRuns, (run) => {
        const core = newMarket();
        const ledger = new EventLedger();
        for (const command of run) {
          for (const event of applied(core, command)) ledger.follow(event);
          ledger.checkTotals();
          core.assertConsistent();
        }
        for (const symbol of SYMBOLS) {
          const book = core.book(symbol);
          expect(numbers(book.bids)).toEqual(rowsOf(ledger, symbol, "buy"));
          expect(numbers(book.asks)).toEqual(rowsOf(ledger, symbol, "sell"));
        }
        const open = ACCOUNTS.flatMap((account) =>
          core.orders(account).map((order) => `${account} ${order.clOrdId} ${tenths(order.leavesQty)}`),
        );
        expect(open.sort()).toEqual([...ledger.live].map(([key, order]) => `${key} ${order.leaves}`).sort());
      }),
      { numRuns: 1200, seed: 11 },
    );
  });

  it("the book is never crossed", () => {
    fc.assert(
      fc.property(commandRuns, (run) => {
        const core = newMarket();
        for (const command of run) {
          applied(core, command);
          for (const symbol of SYMBOLS) {
            const [bid, ask] = [core.book(symbol, 1).bids[0], core.book(symbol, 1).asks[0]];
            if (bid !== undefined && ask !== undefined) expect(Number(bid[0])).toBeLessThan(Number(ask[0]));
          }
        }
      }),
      { numRuns: 600, seed: 12 },
    );
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
      { numRuns: 600, seed: 13 },
    );
    expect(rejections).toBeGreaterThan(100);
  });

  it("a core that is saved and restored at any point goes on as if nothing had happened", () => {
    fc.assert(
      fc.property(commandRuns, commandRuns, (past, future) => {
        const core = newMarket();
        for (const command of past) applied(core, command);
        const bytes = core.snapshot();
        const restored = Core.restore(bytes, { capacities: SMALL });
        expect(restored.stateHash()).toBe(core.stateHash());
        expect(restored.snapshot()).toEqual(bytes);
        restored.assertConsistent();
        for (const command of future) expect(applied(restored, command)).toEqual(applied(core, command));
        expect(restored.stateHash()).toBe(core.stateHash());
      }),
      { numRuns: 500, seed: 14 },
    );
  });

  it("the same commands give the same events and the same digest, also in a core of another size", () => {
    fc.assert(
      fc.property(commandRuns, (run) => {
        const one = newMarket();
        const other = newMarket({ orders: 200, levels: 50, accounts: 4, instruments: 3, currencies: 5 });
        for (const command of run) expect(applied(other, command)).toEqual(applied(one, command));
        expect(other.stateHash()).toBe(one.stateHash());
      }),
      { numRuns: 400, seed: 15 },
    );
  });

  it("a core that is full answers BOOK_FULL, and goes on", () => {
    let full = 0;
    fc.assert(
      fc.property(commandRuns, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), (run, orders, levels) => {
        const core = newMarket({ orders, levels, accounts: 4, instruments: 3, currencies: 5 });
        const ledger = new EventLedger();
        for (const command of run) {
          for (const event of applied(core, command)) {
            ledger.follow(event);
            if (event.event !== "rejected" || event.reason !== "BOOK_FULL") continue;
            full++;
            const counts = SYMBOLS.flatMap((symbol) => [...core.book(symbol).bids, ...core.book(symbol).asks]).map(([, , count]) => count);
            if (command.cmd === "replace") {
              // Only a missing level may refuse it, and only when other orders need the one that it would leave.
              expect(counts).toHaveLength(levels);
              expect(neighbours(core, command)).toBeGreaterThan(0);
            } else if (counts.length < levels) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(orders);
          }
          core.assertConsistent();
          expect(ledger.live.size).toBeLessThanOrEqual(orders);
        }
        ledger.checkTotals();
      }),
      { numRuns: 1000, seed: 16 },
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
