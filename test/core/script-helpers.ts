import { CommandError } from "../../engine/edge/command-error.js";
import { Core } from "../../engine/edge/core.js";
import type { Command, Event, NewCommand, ReplaceCommand } from "../../engine/edge/types.js";
import { TwinError } from "../twin/input.js";
import { Twin } from "../twin/twin.js";

/** Something that is given commands and says what happened: the core, or its twin. */
export type Subject = (command: Command) => Event[];

export const SUBJECTS: Readonly<Record<string, () => Subject>> = {
  core: () => {
    const core = new Core({ capacities: { orders: 100, levels: 50, accounts: 16, instruments: 8, currencies: 16 } });
    return (command) => {
      const events: Event[] = [];
      core.apply(command, (event) => events.push(event));
      core.assertConsistent();
      return events;
    };
  },
  twin: () => {
    const twin = new Twin();
    return (command) => twin.apply(command);
  },
};

/** Gives all commands to a subject and describes the events of each: a line an event, `error` for SCRIPT's error. */
export function play(subject: Subject, commands: readonly Command[]): string[] {
  return commands.flatMap((command) => {
    try {
      return subject(command).map(describeEvent);
    } catch (error) {
      if (error instanceof CommandError || error instanceof TwinError) return ["error"];
      throw error;
    }
  });
}

type Extra = Partial<Omit<NewCommand, "cmd" | "account" | "clOrdId" | "side">>;

/** `order("alice", 1, "buy 5 @ 100.01")`: a limit order in ABC; without a price a market order. */
export function order(account: string, clOrdId: number | string, terms: string, extra: Extra = {}): NewCommand {
  const [side, qty = "", , price] = terms.split(" ");
  if (side !== "buy" && side !== "sell") throw new Error(`no order: ${terms}`);
  const kind = price === undefined ? { type: "market" as const } : { price };
  return { cmd: "new", account, clOrdId, symbol: "ABC", side, ...kind, qty, ...extra };
}

export function cancel(account: string, clOrdId: number): Command {
  return { cmd: "cancel", account, clOrdId };
}

export function reduce(account: string, clOrdId: number, by: string): Command {
  return { cmd: "reduce", account, clOrdId, by };
}

export function replace(account: string, clOrdId: number, change: Omit<ReplaceCommand, "cmd" | "account" | "clOrdId">): Command {
  return { cmd: "replace", account, clOrdId, ...change };
}

/** One line for people to compare. */
export function describeEvent(event: Event): string {
  switch (event.event) {
    case "accepted":
      return `accepted ${event.account} ${event.clOrdId} as #${event.orderId}`;
    case "trade": {
      const { maker, taker } = event;
      return `trade ${event.qty} @ ${event.price}: ${maker.account} ${maker.clOrdId} (${maker.leavesQty}), ${taker.account} ${taker.clOrdId} (${taker.leavesQty})`;
    }
    case "canceled":
      return `canceled ${event.account} ${event.clOrdId}: ${event.qty} ${event.reason}`;
    case "replaced":
      return `replaced ${event.account} ${event.origClOrdId} by ${event.clOrdId}: ${event.qty} @ ${event.price}, leaves ${event.leavesQty}, ${event.keptPriority ? "kept" : "tail"}`;
    case "reduced":
      return `reduced ${event.account} ${event.clOrdId} by ${event.by} to ${event.leavesQty}: ${event.reason}`;
    case "rejected":
      return `rejected ${event.code} ${event.reason}`;
    case "massCanceled":
      return `massCanceled ${event.account}: ${event.count}`;
    case "book":
      return `book ${JSON.stringify(event.bids)} ${JSON.stringify(event.asks)}`;
    case "orders":
      return `orders ${event.account}: ${event.orders.map((live) => `${live.clOrdId} ${live.symbol} ${live.side} ${live.leavesQty} @ ${live.price}`).join("; ")}`;
    default:
      return event.event;
  }
}
