import { expect } from "vitest";
import { Core } from "../../engine/edge/index.js";
import type { Command } from "../../engine/edge/types.js";

/** Of cores whose states are changed by chance: none is large. */
export const CAPACITIES = { orders: 20, levels: 10, accounts: 4, instruments: 2, positions: 8, balances: 16, movements: 8, currencies: 4 };

/** With everything of funds and risk that a state may remember. */
export function bank(): Core {
  const core = new Core({
    capacities: CAPACITIES,
    currencies: { USD: { scale: 2, amlThreshold: "1000" } },
    instruments: [
      { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", takerFeePpm: 1000, makerFeePpm: -500, collarBps: 9000 },
      {
        ...{ symbol: "PERP", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", kind: "margin", multiplier: "2" },
        ...{ initialMarginPpm: 100_000, maintenanceMarginPpm: 50_000, breakerBps: 9000, breakerWindowUs: 1000 },
      },
    ],
    accounts: [
      { name: "alice", mode: "cash", limits: "unlimited", kyc: "verified", riskLevel: "high" },
      { name: "bob", mode: "cash", limits: "unlimited" },
      { name: "mia", mode: "margin", limits: "unlimited" },
      { name: "max", mode: "margin", limits: "unlimited" },
    ],
  });
  const order = { cmd: "new", symbol: "PERP", side: "buy", price: "10" } as const;
  const commands: Command[] = [
    { cmd: "time", at: 5 },
    { cmd: "deposit", account: "alice", currency: "USD", amount: "1000", ref: "a" },
    { cmd: "deposit", account: "alice", currency: "USD", amount: "999", ref: "b" },
    { cmd: "deposit", account: "bob", currency: "ABC", amount: "20", ref: "c" },
    { cmd: "deposit", account: "mia", currency: "USD", amount: "500", ref: "d" },
    { cmd: "deposit", account: "max", currency: "USD", amount: "500.5", ref: "e" },
    { cmd: "withdraw", account: "alice", currency: "USD", amount: "1000.01", ref: "f" },
    { cmd: "transfer", account: "alice", to: "bob", currency: "USD", amount: "3", ref: "g" },
    {
      cmd: "limits",
      account: "mia",
      maxOrders: 5,
      maxDuplicates: 3,
      maxRiskRejects: 2,
      windowUs: 1000,
      maxOpenOrders: 4,
      maxPosition: "9.5",
    },
    { cmd: "limits", symbol: "PERP", maxExposure: "5000", maxOrderQty: "unlimited" },
    { cmd: "limits", account: "max", symbol: "PERP", maxOpenOrders: 2 },
    { ...order, account: "alice", clOrdId: 1, symbol: "ABC", qty: "5" },
    { ...order, account: "bob", clOrdId: 1, symbol: "ABC", side: "sell", qty: "3" },
    { ...order, account: "bob", clOrdId: 2, symbol: "ABC", side: "sell", price: "11", qty: "3" },
    { ...order, account: "mia", clOrdId: 1, qty: "6" },
    { cmd: "time", at: 9 },
    { ...order, account: "max", clOrdId: 1, side: "sell", qty: "4" },
    { ...order, account: "max", clOrdId: 2, side: "sell", price: "12", qty: "1" },
    { ...order, account: "mia", clOrdId: 2, price: "12", qty: "1" },
    { cmd: "new", account: "mia", clOrdId: 3, symbol: "PERP", side: "sell", type: "stop", stopPrice: "5", qty: "2" },
    { cmd: "mark", symbol: "PERP", price: "10.5" },
    { cmd: "accountState", account: "max", state: "reduceOnly" },
  ];
  for (const command of commands) core.apply(command, (event) => expect(event.event).not.toBe("rejected"));
  core.apply({ ...order, account: "mia", clOrdId: 9, qty: "10" }, (event) => expect(event).toMatchObject({ reason: "POSITION_LIMIT" }));
  return core;
}
