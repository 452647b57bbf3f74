import { describe, expect, it } from "vitest";
import { DayScript, decimalOf, setUpOf } from "../../cli/convert/lobster/day-script.js";
import type { DerivedOp } from "../../cli/convert/lobster/derive-ops.js";
import { type LobsterLevel, type LobsterRow, linesOf } from "../../cli/convert/lobster/lobster-day.js";
import { SweepGrouper } from "../../cli/convert/lobster/sweeps.js";
import { readText } from "../../cli/convert/read-input.js";
import { Core } from "../../engine/edge/core.js";
import type { BookRow, Command, Event } from "../../engine/edge/types.js";
import { LOBSTER_CASES, loadDay, missingFile } from "./lobster-files.js";

const TIMEOUT_MS = 120_000;

/** A core that is set up for a day, and what happened at its last command. */
class Replay {
  readonly core = new Core();
  readonly events: Event[] = [];

  constructor(private readonly symbol: string) {
    for (const command of setUpOf(symbol, "0.01")) this.apply(command);
  }

  apply(command: Command): Event[] {
    this.events.length = 0;
    this.core.apply(command, (event) => this.events.push(event));
    const rejected = this.events.find((event) => event.event === "rejected");
    if (rejected !== undefined) throw new Error(`${JSON.stringify(command)}: ${JSON.stringify(rejected)}`);
    return this.events;
  }

  /** Undefined when the whole engine book is this row: no level more, none less, no other size. */
  difference(row: LobsterRow): string | undefined {
    const { bids, asks } = this.core.book(this.symbol);
    return sideDifference("bids", bids, row.bids) ?? sideDifference("asks", asks, row.asks);
  }
}

function sideDifference(name: string, rows: readonly BookRow[], levels: readonly LobsterLevel[]): string | undefined {
  const isSame = rows.length === levels.length && levels.every(([price, size], index) => isLevel(rows[index] as BookRow, price, size));
  return isSame ? undefined : `${name}: engine ${JSON.stringify(rows)}, exchange ${JSON.stringify(levels)}`;
}

function isLevel(row: BookRow, price: number, size: number): boolean {
  return row[0] === decimalOf(price) && row[1] === String(size);
}

/** The fills of a command, as the exchange would list them: order, price and size. */
function fillsOf(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.event === "trade" ? [`${event.maker.clOrdId}@${event.price}:${event.qty}`] : []));
}

function executionsOf(ops: readonly DerivedOp[]): string[] {
  return ops.map(({ id, price, size }) => `${id}@${decimalOf(price)}:${size}`);
}

describe.each(LOBSTER_CASES)("$symbol on 2012-06-21", (files) => {
  const missing = missingFile(files);

  it("the operations are those of the reference", { timeout: TIMEOUT_MS }, ({ skip }) => {
    skip(missing !== undefined, missing);
    const { day } = loadDay(files);
    const expected = linesOf(readText(files.replayOps));
    let count = 0;
    for (let row = 1; row <= day.rowCount; row++) {
      for (const op of day.opsOf(row)) {
        const line = [op.row, op.op, op.id, op.side, op.price, op.size].join(",");
        if (line !== expected[count]) expect(line).toBe(expected[count]);
        count++;
      }
    }
    expect({ rows: day.rowCount, ops: count }).toEqual({ rows: files.rows, ops: files.ops });
    expect(expected).toHaveLength(files.ops);
  });

  it("after each row the whole book is the exchange's, and each execution fills the order that it filled", { timeout: TIMEOUT_MS }, ({
    skip,
  }) => {
    skip(missing !== undefined, missing);
    const { day, rows } = loadDay(files);
    const replay = new Replay(files.symbol);
    const script = new DayScript(files.symbol);
    let executions = 0;
    for (let row = 1; row <= day.rowCount; row++) {
      for (const op of day.opsOf(row)) {
        const command = script.commandOf(op);
        const fills = command === undefined ? [] : fillsOf(replay.apply(command));
        const wanted = op.op === "X" ? executionsOf([op]) : [];
        if (fills.join() !== wanted.join()) expect(fills, `row ${row}, ${op.op} ${op.id}`).toEqual(wanted);
        executions += fills.length;
      }
      const difference = replay.difference(rows[row - 1] as LobsterRow);
      if (difference !== undefined) throw new Error(`row ${row}: ${difference}`);
    }
    replay.core.assertConsistent();
    expect({ rows: day.rowCount, executions }).toEqual({ rows: files.rows, executions: files.executions });
  });

  it("a sweep as one order fills the same orders in the same order", { timeout: TIMEOUT_MS }, ({ skip }) => {
    skip(missing !== undefined, missing);
    const { day, rows } = loadDay(files);
    const replay = new Replay(files.symbol);
    const script = new DayScript(files.symbol);
    const grouper = new SweepGrouper();
    let sweeps = 0;
    let executions = 0;
    for (let row = 1; row <= day.rowCount; row++) {
      for (const step of grouper.push(day.opsOf(row))) {
        if (step.kind === "op") {
          const command = script.commandOf(step.op);
          if (command !== undefined) expectNoFill(replay.apply(command), row);
          continue;
        }
        sweeps++;
        executions += step.executions.length;
        const fills = fillsOf(replay.apply(script.sweepCommand(step.executions)));
        const wanted = executionsOf(step.executions);
        if (fills.join() !== wanted.join()) expect(fills, `before row ${row}`).toEqual(wanted);
      }
      const difference = grouper.isOpen ? undefined : replay.difference(rows[row - 1] as LobsterRow);
      if (difference !== undefined) throw new Error(`row ${row}: ${difference}`);
    }
    expect(grouper.isOpen).toBe(false);
    expect(executions).toBe(files.executions);
    expect(sweeps).toBe(files.sweeps ?? sweeps);
  });
});

function expectNoFill(events: readonly Event[], row: number): void {
  if (events.some((event) => event.event === "trade")) throw new Error(`row ${row}: ${JSON.stringify(events)}`);
}
