import { CommandError } from "../../engine/edge/command-error.js";
import type { Command, Event, NewCommand, TradeParty } from "../../engine/edge/types.js";
import { TwinError } from "./input.js";

/** An event in a few words, for cases that people read: `trade 5 @ 10 a:1 (0) b:2 (3)`. */
export function tell(event: Event): string {
  switch (event.event) {
    case "accepted":
      return `accepted ${who(event)}`;
    case "trade":
      return `${event.aggressor === undefined ? "uncross" : "trade"} ${event.qty} @ ${event.price} ${party(event.maker)} ${party(event.taker)}`;
    case "canceled":
      return `canceled ${who(event)} ${event.qty ?? `money ${event.quoteQty}`} ${event.reason}`;
    case "reduced":
      return `reduced ${who(event)} by ${event.by} to ${event.leavesQty ?? "?"} ${event.reason}`;
    case "replaced": {
      const marks = [event.keptPriority ? "kept" : "tail", ...named("stop", event.stopPrice), ...named("shows", event.displayQty)];
      return `replaced ${event.account}:${event.origClOrdId} ${who(event)} ${event.leavesQty}/${event.qty} @ ${event.price ?? "-"} ${marks.join(" ")}`;
    }
    case "triggered":
      return `triggered ${who(event)} at ${event.lastPrice}`;
    case "state":
      return `${event.symbol} ${event.state} ${event.reason}`;
    case "auction":
      return `${event.final ? "result" : "indication"} ${event.qty} @ ${event.price ?? "-"}`;
    case "rejected":
      return event.reason;
    case "massCanceled":
      return `massCanceled ${event.account} ${event.count}`;
    case "book":
      return `book ${event.bids.map((row) => row.join(" ")).join(", ")} | ${event.asks.map((row) => row.join(" ")).join(", ")}`;
    case "orders":
      return event.orders
        .map(({ clOrdId, type, stopPrice, leavesQty, status }) => `${clOrdId} ${status} ${type} ${leavesQty} ${stopPrice ?? "-"}`)
        .join("; ");
    case "ok":
      return event.riskPpm === undefined ? "ok" : `ok risk ${event.riskPpm}`;
    case "pendingReview":
      return `pending ${event.cmd} ${[event.account, ...named("to", event.to)].join(" ")} ${event.amount} ${event.currency} ${event.ref}`;
    case "alert":
      return `alert ${[event.kind, event.account, event.symbol, event.limit, event.percent].filter((part) => part !== undefined).join(" ")}`;
    case "liquidation":
      return `liquidation ${event.account} ${event.side} ${event.qty} ${event.symbol}`;
    case "balances":
      return [
        ...event.balances.map(({ currency, total, held, free }) => `${currency} ${total} held ${held} free ${free}`),
        ...event.positions.map((row) => `${row.symbol} ${row.qty} cost ${row.cost} realised ${row.realised} unrealised ${row.unrealised}`),
      ].join("; ");
    default:
      return event.event;
  }
}

/** What somebody who is given the commands tells of each, one list a command; `error` for what SCRIPT calls so. */
export function told(apply: (command: Command) => Event[], commands: readonly Command[]): string[][] {
  return commands.map((command) => {
    try {
      return apply(command).map(tell);
    } catch (error) {
      if (error instanceof TwinError || error instanceof CommandError) return ["error"];
      throw error;
    }
  });
}

/** `order("a", 1, "buy 5 @ 10")`: a limit order in T; without a price a market order; with more keys whatever they make of it. */
export function order(account: string, clOrdId: number, terms: string, more: Partial<NewCommand> = {}): NewCommand {
  const [side, qty, , price] = terms.split(" ");
  if (side !== "buy" && side !== "sell") throw new Error(`no order: ${terms}`);
  const keys = { ...(qty === undefined ? {} : { qty }), ...(price === undefined ? {} : { price }) };
  return { cmd: "new", account, clOrdId, symbol: "T", side, ...(price === undefined ? { type: "market" as const } : {}), ...keys, ...more };
}

/** `stop("a", 1, "sell 5 at 10")`: a stop in T; with a fifth word a stopLimit: `"sell 5 at 10 limit 9"`. */
export function stop(account: string, clOrdId: number, terms: string, more: Partial<NewCommand> = {}): NewCommand {
  const [side, qty, , stopPrice, , price] = terms.split(" ");
  if (side !== "buy" && side !== "sell") throw new Error(`no stop: ${terms}`);
  const limit = price === undefined ? { type: "stop" as const } : { type: "stopLimit" as const, price };
  return {
    cmd: "new",
    account,
    clOrdId,
    symbol: "T",
    side,
    ...limit,
    ...(qty === undefined ? {} : { qty }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...more,
  };
}

function who(event: { account: string; clOrdId: number }): string {
  return `${event.account}:${event.clOrdId}`;
}

function party(of: TradeParty): string {
  return `${who(of)} (${of.leavesQty ?? "?"})${of.fee === undefined ? "" : ` fee ${of.fee}`}`;
}

function named(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name} ${value}`];
}
