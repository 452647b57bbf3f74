import type { Command } from "../../../engine/edge/index.js";
import type { DerivedOp } from "./derive-ops.js";
import type { LobsterSide } from "./lobster-day.js";

/** Owns every order that rests. */
export const RESTING_ACCOUNT = "resting";
/** Sends every order that executes one, so self-trade prevention never has anything to prevent. */
export const TAKER_ACCOUNT = "taker";

const PRICE_UNITS = 10_000;

/** Currency, instrument and accounts of a day. `tickSize` in USD. */
export function setUpOf(symbol: string, tickSize: string): Command[] {
  return [
    { cmd: "currency", currency: "USD", scale: 6 },
    { cmd: "instrument", symbol, base: symbol, quote: "USD", tickSize, lotSize: "1" },
    { cmd: "account", account: RESTING_ACCOUNT, mode: "unchecked" },
    { cmd: "account", account: TAKER_ACCOUNT, mode: "unchecked" },
  ];
}

/**
 * Operations of a day as commands. LOBSTER's order ids serve as `clOrdId`: an order whose level leaves the window is
 * canceled, which makes its id free for when it comes back.
 */
export class DayScript {
  private takerOrders = 0;

  constructor(private readonly symbol: string) {}

  /** The command of an operation; undefined for a hidden execution. */
  commandOf(op: DerivedOp): Command | undefined {
    switch (op.op) {
      case "S":
      case "A":
        return {
          cmd: "new",
          account: RESTING_ACCOUNT,
          clOrdId: op.id,
          symbol: this.symbol,
          side: nameOf(op.side),
          ...this.terms(op.price, op.size),
        };
      case "R":
      case "Y":
        return { cmd: "reduce", account: RESTING_ACCOUNT, clOrdId: op.id, by: String(op.size) };
      case "D":
      case "P":
        return { cmd: "cancel", account: RESTING_ACCOUNT, clOrdId: op.id };
      case "X":
        return this.immediate(op.side, op.price, op.size);
      case "H":
        return undefined;
    }
  }

  /** One order for a sweep: all it executed, at the worst price that it reached. */
  sweepCommand(executions: readonly DerivedOp[]): Command {
    const last = executions.at(-1) as DerivedOp;
    return this.immediate(
      last.side,
      last.price,
      executions.reduce((sum, { size }) => sum + size, 0),
    );
  }

  private immediate(restingSide: LobsterSide, price: number, size: number): Command {
    const side = nameOf(restingSide === 1 ? -1 : 1);
    const { price: limit, qty } = this.terms(price, size);
    return { cmd: "new", account: TAKER_ACCOUNT, clOrdId: ++this.takerOrders, symbol: this.symbol, side, tif: "ioc", price: limit, qty };
  }

  private terms(price: number, size: number): { price: string; qty: string } {
    return { price: decimalOf(price), qty: String(size) };
  }
}

/** USD × 10,000 as a decimal without trailing zeros. */
export function decimalOf(price: number): string {
  const whole = Math.floor(price / PRICE_UNITS);
  const fraction = String(price % PRICE_UNITS)
    .padStart(4, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(whole) : `${whole}.${fraction}`;
}

function nameOf(side: LobsterSide): "buy" | "sell" {
  return side === 1 ? "buy" : "sell";
}
