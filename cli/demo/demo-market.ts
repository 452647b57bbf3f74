import { randomBytes } from "node:crypto";
import type { EngineConfig } from "../../engine/index.js";
import type { AdminToken } from "../../gateway/admin/index.js";
import type { GatewayKey } from "../../gateway/index.js";

/** An instrument of the demo: how its prices and quantities are written, and where its market starts. */
export interface DemoInstrument {
  readonly symbol: string;
  readonly base: string;
  /** Decimal places of a tick and of a lot, each a power of ten. */
  readonly tickDigits: number;
  readonly lotDigits: number;
  readonly startTicks: number;
  /** Largest order of a maker, in lots. */
  readonly lotsMax: number;
}

export const DEMO_INSTRUMENTS: readonly DemoInstrument[] = [
  { symbol: "BTC-USD", base: "BTC", tickDigits: 1, lotDigits: 3, startTicks: 650_000, lotsMax: 2_000 },
  { symbol: "ETH-USD", base: "ETH", tickDigits: 2, lotDigits: 2, startTicks: 350_000, lotsMax: 3_000 },
];

const BOTS_PER_INSTRUMENT = { maker: 2, taker: 2 } as const;

/** A bot's account, which is its key's id as well. */
export interface DemoBot {
  readonly name: string;
}

export function botsOf({ base }: DemoInstrument, kind: keyof typeof BOTS_PER_INSTRUMENT): DemoBot[] {
  return Array.from({ length: BOTS_PER_INSTRUMENT[kind] }, (_, index) => ({ name: `${kind}-${base.toLowerCase()}-${index + 1}` }));
}

const ALL_BOTS = DEMO_INSTRUMENTS.flatMap((instrument) => [...botsOf(instrument, "maker"), ...botsOf(instrument, "taker")]);

/** Sees the public trades only. */
export const WATCHER = "watcher";
/** For whoever wants to join in: key and secret are both this. It trades with play money on this machine only. */
export const GUEST = "demo";
/** For the admin API of the demo, when it is given a port. */
export const GUEST_TOKEN = "demo-viewer-token";

/** Two instruments, a bot on every account, and a guest. */
export function demoEngine(): EngineConfig {
  return {
    instruments: DEMO_INSTRUMENTS.map(({ symbol, base, tickDigits, lotDigits }) => ({
      symbol,
      base,
      quote: "USD",
      tickSize: decimal(1, tickDigits),
      lotSize: decimal(1, lotDigits),
    })),
    accounts: [...ALL_BOTS.map(({ name }) => name), WATCHER, GUEST].map((name) => ({ name, mode: "unchecked" as const })),
    journal: { dir: "ringbook-data/demo", segmentBytes: 2 ** 24 },
    capacities: { orders: 2 ** 16, levels: 2 ** 16, accounts: 64, instruments: 16, currencies: 16 },
  };
}

/** The bots' secrets are drawn anew at every start: nobody but the bots ever needs them. */
export function demoKeys(): GatewayKey[] {
  const secret = () => randomBytes(24).toString("base64");
  return [
    ...ALL_BOTS.map(({ name }): GatewayKey => ({ id: name, secret: secret(), account: name, permissions: ["trade"] })),
    { id: WATCHER, secret: secret(), account: WATCHER, permissions: ["marketData"] },
    { id: GUEST, secret: GUEST, account: GUEST, permissions: ["trade", "marketData"] },
  ];
}

export function demoTokens(): AdminToken[] {
  return [{ name: GUEST, token: GUEST_TOKEN, roles: ["viewer"] }];
}

/** Whole units of 10^−digits as a decimal. */
export function decimal(units: number, digits: number): string {
  if (digits === 0) return String(units);
  const text = String(units).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
