import type { Command, InstrumentCommand, StpName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { parseDecimal } from "./decimal.js";

/** A market to generate commands for, and how wild they are. */
export interface WorldConfig {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly accounts: number;
  /** clOrdIds are drawn from 1…ids, so that they collide and come again after death. */
  readonly ids: number;
  /** Prices are drawn from so many ticks on either side of a wandering middle. */
  readonly spreadTicks: number;
  /** Quantities are drawn from 1…qtyLots, and sometimes from ten times as much. */
  readonly qtyLots: number;
  /** Of 1000 commands, how many carry something bad. */
  readonly badPermille: number;
  /** Of 1000 commands, how many cancel everything of an account. */
  readonly massCancelPermille: number;
}

/** One instrument as the generator needs it. */
export interface WorldInstrument {
  readonly symbol: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly middle: number;
  /** Quantities and prices near the largest notional instead of everyday ones. */
  readonly extreme: boolean;
}

const DECLARED: Record<string, Omit<InstrumentCommand, "cmd" | "symbol"> & { middle: number; extreme?: boolean }> = {
  ABC: { base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", middle: 10_000 },
  "BTC-USD": { base: "BTC", quote: "USD", tickSize: "0.5", lotSize: "0.0001", minQty: "0.0003", maxQty: "0.05", middle: 60 },
  // A large tick and lot, and a price window that orders often leave.
  COARSE: { base: "ORE", quote: "CHF", tickSize: "25", lotSize: "10", minPrice: "150", maxPrice: "400.0", middle: 11 },
  // Atoms of scale 0 and a tick and lot of 1: notionals and level totals reach 2^53−1.
  HUGE: { base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1", middle: 3, extreme: true },
};

const STP_MODES: readonly (StpName | undefined)[] = [undefined, "none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

export const WORLDS: readonly WorldConfig[] = [
  { name: "dense", symbols: ["ABC"], accounts: 6, ids: 60, spreadTicks: 6, qtyLots: 20, badPermille: 60, massCancelPermille: 4 },
  {
    name: "wide",
    symbols: ["ABC", "BTC-USD"],
    accounts: 8,
    ids: 400,
    spreadTicks: 200,
    qtyLots: 60,
    badPermille: 20,
    massCancelPermille: 1,
  },
  {
    name: "bounded",
    symbols: ["COARSE", "BTC-USD"],
    accounts: 5,
    ids: 40,
    spreadTicks: 7,
    qtyLots: 9,
    badPermille: 120,
    massCancelPermille: 8,
  },
  { name: "extreme", symbols: ["HUGE"], accounts: 4, ids: 40, spreadTicks: 3, qtyLots: 12, badPermille: 100, massCancelPermille: 12 },
  {
    name: "everything",
    symbols: ["ABC", "BTC-USD", "COARSE", "HUGE"],
    accounts: 10,
    ids: 80,
    spreadTicks: 12,
    qtyLots: 30,
    badPermille: 80,
    massCancelPermille: 4,
  },
];

export function accountName(index: number): string {
  return `a${index}`;
}

/** Groups are named like accounts on purpose: the name spaces are apart (S26). */
const GROUPS: readonly (string | undefined)[] = [undefined, undefined, "a0", "desk", "desk"];

/** The set-up commands of a world. Half of the accounts share a self-trade group; every mode occurs. */
export function setUp(config: WorldConfig): Command[] {
  const commands: Command[] = [{ cmd: "currency", currency: "ATOM", scale: 0 }];
  for (const symbol of config.symbols) commands.push(declaration(symbol));
  for (let i = 0; i < config.accounts; i++) {
    const stpGroup = GROUPS[i % GROUPS.length];
    const stp = STP_MODES[i % STP_MODES.length];
    commands.push({
      cmd: "account",
      account: accountName(i),
      mode: "unchecked",
      ...(stpGroup === undefined ? {} : { stpGroup }),
      ...(stp === undefined ? {} : { stp }),
    });
  }
  return commands;
}

export function declaration(symbol: string): InstrumentCommand {
  const { middle: _middle, extreme: _extreme, ...keys } = declared(symbol);
  return { cmd: "instrument", symbol, ...keys };
}

export function worldInstrument(symbol: string): WorldInstrument {
  const { tickSize, lotSize, middle, extreme = false } = declared(symbol);
  return { symbol, tick: decimal(tickSize), lot: decimal(lotSize), middle, extreme };
}

function declared(symbol: string) {
  const keys = DECLARED[symbol];
  if (keys === undefined) throw new RangeError(`no instrument ${symbol} in this world`);
  return keys;
}

function decimal(text: string | number): Decimal {
  const value = parseDecimal(String(text));
  if (value === undefined) throw new RangeError(`no decimal: ${text}`);
  return value;
}
