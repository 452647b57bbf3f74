import type { Command, LimitValues, NewCommand } from "../../engine/edge/types.js";
import { order, told } from "../twin/tell.js";
import { SUBJECTS } from "./twin-subjects.js";

// SEMANTICS 8 and 9 with SETTLED and docs/RISK.md, by examples whose numbers are worked out by hand. CENT has two places, so that
// fees are rounded; of every 100.00 in T a maker pays 0.10 and a taker 0.25.

export const CENT: Command = { cmd: "currency", currency: "CENT", scale: 2 };
export const T: Command = {
  cmd: "instrument",
  symbol: "T",
  base: "GOLD",
  quote: "CENT",
  tickSize: "1",
  lotSize: "1",
  makerFeePpm: 1000,
  takerFeePpm: 2500,
};
/** Ten times leverage; half of that is the maintenance margin. */
export const M: Command = {
  ...{ cmd: "instrument", symbol: "M", base: "IDX", quote: "CENT", tickSize: "1", lotSize: "1", kind: "margin", multiplier: "2" },
  ...{ initialMarginPpm: 100_000, maintenanceMarginPpm: 50_000 },
};

export const account = (name: string, mode: "cash" | "margin" | "unchecked" = "cash", more = {}): Command => {
  return { cmd: "account", account: name, mode, limits: "unlimited", kyc: "verified", ...more };
};
let refs = 0;
export const deposit = (name: string, amount: string, currency = "CENT"): Command => {
  return { cmd: "deposit", account: name, currency, amount, ref: `auto${refs++}` };
};
export const balances = (name: string): Command => ({ cmd: "balances", account: name });
export const cancel = (name: string, clOrdId: number): Command => ({ cmd: "cancel", account: name, clOrdId });
export const inM = (name: string, clOrdId: number, terms: string, more: Partial<NewCommand> = {}): NewCommand => {
  return order(name, clOrdId, terms, { symbol: "M", ...more });
};
export const mark = (price: string, symbol = "M"): Command => ({ cmd: "mark", symbol, price });
export const time = (at: number): Command => ({ cmd: "time", at });
export const limits = (values: LimitValues, where: { account?: string; symbol?: string } = { account: "a" }): Command => ({
  cmd: "limits",
  ...where,
  ...values,
});

const SET_UP = [CENT, T, M];

/** What is told of the commands by a subject, one list a command, after the set-up. */
export function play(subject: string, commands: readonly Command[]): string[][] {
  const made = (SUBJECTS[subject] as (typeof SUBJECTS)[string])();
  return told(made, [...SET_UP, ...commands]).slice(SET_UP.length);
}
