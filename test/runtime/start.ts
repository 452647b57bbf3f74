import { Engine, type EngineConfig } from "../../dist/engine/index.js";

/** Small, so that many engines can be started. */
export const CAPACITIES = { orders: 20_000, levels: 5000, accounts: 64, instruments: 16, currencies: 32 };

export const ABC = { symbol: "ABC", base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1" } as const;
export const BTC = { symbol: "BTC-USD", base: "BTC", quote: "USD", tickSize: "0.5", lotSize: "0.0001" } as const;

/** An engine with two instruments and three accounts. */
export function startEngine(config: EngineConfig = {}): Promise<Engine> {
  return Engine.start({
    instruments: [ABC, BTC],
    accounts: [
      { name: "alice", mode: "unchecked" },
      { name: "bob", mode: "unchecked" },
      { name: "carol", mode: "unchecked" },
    ],
    capacities: CAPACITIES,
    ...config,
  });
}

/** Fails instead of waiting for ever. */
export function within<T>(promise: Promise<T>, timeoutMs = 10_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing happened for ${timeoutMs} ms`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
