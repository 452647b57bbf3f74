import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { MassCancelReport, OrderAccepted, OrderCanceled } from "../engine/wire/flyweights.js";
import { Side } from "../engine/wire/generated/enums.js";
import type { BenchReport } from "./report.js";
import { rowOf } from "./ring/statistics.js";
import { BenchCore } from "./types/bench-core.js";
import { Draws } from "./types/draws.js";
import { OrderSheet } from "./types/order-sheet.js";

/**
 * One mass cancel of all orders of one account, in the books that make it easy or hard: how the levels lie in memory decides.
 * A round enters the orders and cancels them; only the cancel is timed. Its events are read by the same thread, which is in the time.
 */
interface Case {
  readonly name: string;
  /** Prices of the orders, in order of entry. */
  readonly prices: Int32Array;
}

/** Main thread. Throws when an order is missing in a report. */
export function run(options: { size: "tiny" | "full" }): BenchReport {
  raiseInliningBudget();
  const orders = options.size === "tiny" ? 2_000 : 100_000;
  const rounds = options.size === "tiny" ? 2 : 15;
  const target = "≥ 5";
  const contestants = casesOf(orders).map((known) => ({ ...known, ...enteredBy(known), rates: [] as number[] }));
  for (let round = -3; round < rounds; round++) {
    for (const { name, core, entry, cancel, rates } of contestants) {
      core.play(entry);
      core.expect(name, new Map([[OrderAccepted.TEMPLATE_ID, orders]]));
      const tookMs = core.play(cancel);
      core.expect(
        name,
        new Map([
          [OrderCanceled.TEMPLATE_ID, orders],
          [MassCancelReport.TEMPLATE_ID, 1],
        ]),
      );
      if (core.core.book.pool.size !== 0 || core.core.book.levels.size !== 0) throw new Error(`${name}: the book must be empty`);
      if (round >= 0) rates.push(orders / tookMs / 1000); // The first rounds warm up.
    }
  }
  const rows = contestants.map(({ name, rates }) => rowOf(`mass cancel of ${orders} orders, ${name}`, "M orders/s", rates, target));
  return {
    name: "mass-cancel",
    rows,
    checked: ["Every order gave one event, the report counts them, and no level is left, in every round."],
  };
}

function casesOf(orders: number): Case[] {
  const draws = new Draws(12345);
  const ascending = Int32Array.from({ length: orders }, (_, i) => 1 + i);
  const shuffled = draws.shuffled(ascending);
  return [
    { name: "1,000 levels", prices: shuffled.map((price) => 1 + (price % 1000)) },
    { name: "a level each, shuffled", prices: shuffled },
    { name: "a level each, ascending", prices: ascending },
  ];
}

function enteredBy({ prices }: Case): { core: BenchCore; entry: OrderSheet; cancel: OrderSheet } {
  const entry = new OrderSheet();
  for (let i = 0; i < prices.length; i++) entry.order({ id: 1 + i, side: Side.buy, price: prices[i], qty: 10 });
  const cancel = new OrderSheet();
  cancel.massCancel();
  return { core: new BenchCore({ orders: prices.length, levels: prices.length }), entry, cancel };
}
