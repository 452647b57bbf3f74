import type { Command, InstrumentCommand, StpName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { parseDecimal } from "./decimal.js";

/** How often a world uses what: of 1000 new orders (upper part), of 1000 commands (lower part). */
export interface Mix {
  readonly stop: number;
  readonly iceberg: number;
  readonly oco: number;
  readonly reduceOnly: number;
  readonly quoteQty: number;
  /** fok, and ioc with minQty. */
  readonly atOnce: number;
  /** day and gtd. */
  readonly expiring: number;
  readonly market: number;
  readonly state: number;
  readonly time: number;
  readonly kill: number;
}

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
  readonly mix: Mix;
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

type Declared = Omit<InstrumentCommand, "cmd" | "symbol"> & { middle: number; extreme?: boolean };

const DECLARED: Readonly<Record<string, Declared>> = {
  ABC: { base: "ABC", quote: "USD", tickSize: "0.01", lotSize: "1", middle: 10_000 },
  "BTC-USD": { base: "BTC", quote: "USD", tickSize: "0.5", lotSize: "0.0001", minQty: "0.0003", maxQty: "0.05", middle: 60 },
  // A large tick and lot, and a price window that orders often leave.
  COARSE: { base: "ORE", quote: "CHF", tickSize: "25", lotSize: "10", minPrice: "150", maxPrice: "400.0", middle: 11 },
  // Atoms of scale 0 and a tick and lot of 1: notionals and level totals reach 2^53−1.
  HUGE: { base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1", middle: 3, extreme: true },
  // So few prices that every trade reaches stops.
  TIGHT: { base: "TIN", quote: "USD", tickSize: "0.1", lotSize: "1", middle: 20 },
  // Two or three ticks of band and a little more of protection; interruptions that end soon.
  BAND: {
    ...{ base: "TIN", quote: "USD", tickSize: "0.5", lotSize: "0.01", middle: 100, minNotional: "1.5" },
    ...{ bandBps: 250, marketProtectionBps: 300, auctionUs: 40, lastPrice: "50" },
  },
  // The same in short, without protection: interruptions of two instruments end in one step of time.
  BRISK: { base: "TIN", quote: "CHF", tickSize: "1", lotSize: "2", middle: 60, bandBps: 400, auctionUs: 25 },
  // Interruptions that end with time itself, or not at all.
  LONG: { base: "TIN", quote: "USD", tickSize: "0.1", lotSize: "1", middle: 20, bandBps: 1000, auctionUs: 2 ** 53 - 1, lastPrice: "2" },
  // Begins in its auction call; interruptions that only an admin ends.
  CALL: { base: "ORE", quote: "USD", tickSize: "1", lotSize: "5", middle: 40, state: "auctionCall", bandBps: 1000 },
  // Begins before the opening; market orders go nowhere far; a size limit for notionals.
  GUARD: {
    base: "GOLD",
    quote: "ATOM",
    tickSize: "2",
    lotSize: "1",
    middle: 50,
    state: "preOpen",
    marketProtectionBps: 200,
    minNotional: "250",
  },
};

const NOTHING_SPECIAL: Mix = {
  ...{ stop: 0, iceberg: 0, oco: 0, reduceOnly: 0, quoteQty: 0, atOnce: 0, expiring: 0, market: 80 },
  ...{ state: 0, time: 10, kill: 0 },
};

const EVERYTHING: Mix = {
  ...{ stop: 250, iceberg: 200, oco: 90, reduceOnly: 200, quoteQty: 60, atOnce: 150, expiring: 200, market: 110 },
  ...{ state: 12, time: 40, kill: 6 },
};

const STP_MODES: readonly (StpName | undefined)[] = [undefined, "none", "cancelNewest", "cancelOldest", "cancelBoth", "decrement"];

/** What most of the worlds are like. */
const SMALL = { accounts: 6, ids: 40, spreadTicks: 5, qtyLots: 9, badPermille: 30, massCancelPermille: 3 };

export const WORLDS: readonly WorldConfig[] = [
  { ...SMALL, name: "dense", symbols: ["ABC"], accounts: 6, ids: 60, spreadTicks: 6, qtyLots: 20, badPermille: 60, mix: NOTHING_SPECIAL },
  {
    name: "wide",
    symbols: ["ABC", "BTC-USD"],
    accounts: 8,
    ids: 400,
    spreadTicks: 200,
    qtyLots: 60,
    badPermille: 20,
    massCancelPermille: 1,
    mix: NOTHING_SPECIAL,
  },
  {
    ...{ ...SMALL, name: "bounded", symbols: ["COARSE", "BTC-USD"], spreadTicks: 7, badPermille: 120, massCancelPermille: 8 },
    mix: NOTHING_SPECIAL,
  },
  {
    ...{ ...SMALL, name: "extreme", symbols: ["HUGE"], accounts: 4, spreadTicks: 3, qtyLots: 12, badPermille: 100, massCancelPermille: 12 },
    mix: NOTHING_SPECIAL,
  },
  {
    ...{ ...SMALL, name: "everything", symbols: ["ABC", "BTC-USD", "COARSE", "HUGE"], accounts: 10, ids: 80, spreadTicks: 12, qtyLots: 30 },
    ...{ badPermille: 80, mix: NOTHING_SPECIAL },
  },
  { ...SMALL, name: "stops", symbols: ["TIGHT"], ids: 60, mix: { ...NOTHING_SPECIAL, stop: 500, iceberg: 50, oco: 40, market: 120 } },
  { ...SMALL, name: "icebergs", symbols: ["TIGHT"], qtyLots: 25, mix: { ...NOTHING_SPECIAL, iceberg: 500, atOnce: 250, quoteQty: 100 } },
  {
    ...SMALL,
    name: "pairs",
    symbols: ["TIGHT"],
    mix: { ...NOTHING_SPECIAL, oco: 350, stop: 100, iceberg: 60, reduceOnly: 80, state: 8, kill: 8 },
  },
  {
    ...{ ...SMALL, name: "positions", symbols: ["TIGHT", "COARSE"], accounts: 4, badPermille: 20 },
    mix: { ...NOTHING_SPECIAL, reduceOnly: 450, stop: 150, iceberg: 100, oco: 40, atOnce: 120, quoteQty: 80, state: 25 },
  },
  {
    ...{ ...SMALL, name: "sessions", symbols: ["CALL", "GUARD"], spreadTicks: 7, qtyLots: 20 },
    mix: { ...EVERYTHING, stop: 150, oco: 40, state: 60, time: 60, kill: 10 },
  },
  { ...SMALL, name: "bands", symbols: ["BAND", "BRISK"], spreadTicks: 4, qtyLots: 40, mix: { ...EVERYTHING, time: 90, state: 4, kill: 2 } },
  {
    ...{ ...SMALL, name: "rehearsals", symbols: ["TIGHT", "BAND"], ids: 60, qtyLots: 15 },
    mix: { ...NOTHING_SPECIAL, iceberg: 400, reduceOnly: 250, oco: 150, atOnce: 450, stop: 100, quoteQty: 60, state: 8, time: 30, kill: 3 },
  },
  {
    // Auctions full of orders that may only reduce, so that cuts leave the book crossed.
    ...{ ...SMALL, name: "uncrosses", symbols: ["TIGHT"], accounts: 4 },
    mix: { ...NOTHING_SPECIAL, reduceOnly: 600, iceberg: 50, stop: 60, market: 20, state: 50 },
  },
  {
    // Far more ticks between best ask and best bid than can be tried one by one.
    ...{ ...SMALL, name: "wide-auctions", symbols: ["ABC"], ids: 100, spreadTicks: 700, qtyLots: 60 },
    mix: { ...EVERYTHING, state: 50, oco: 40, stop: 100, kill: 0 },
  },
  { ...SMALL, name: "all", symbols: ["TIGHT", "BAND", "CALL", "GUARD"], accounts: 6, ids: 60, mix: EVERYTHING },
  {
    ...{ ...SMALL, name: "extreme-all", symbols: ["HUGE", "LONG"], accounts: 4, spreadTicks: 3, qtyLots: 12, badPermille: 60 },
    ...{ massCancelPermille: 12, mix: { ...EVERYTHING, state: 25 } },
  },
  { ...SMALL, name: "wild", symbols: ["TIGHT", "BAND", "GUARD", "COARSE"], badPermille: 400, mix: EVERYTHING },
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

function declared(symbol: string): Declared {
  const keys = DECLARED[symbol];
  if (keys === undefined) throw new RangeError(`no instrument ${symbol} in this world`);
  return keys;
}

function decimal(text: string | number): Decimal {
  const value = parseDecimal(String(text));
  if (value === undefined) throw new RangeError(`no decimal: ${text}`);
  return value;
}
