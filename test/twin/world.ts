import type { AccountModeName, Command, InstrumentCommand, StpName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import { multiply, parseDecimal } from "./decimal.js";

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

/** What a world has of accounts, funds and limits. */
export interface RiskMix {
  /** Modes of the accounts, in turn. */
  readonly modes: readonly AccountModeName[];
  /** Limits of the accounts: none, or as they are drawn. */
  readonly limits: "unlimited" | "tight";
  /** How many average orders an account can pay for at first. */
  readonly riches: number;
  /** Of 1000 commands: deposits, withdrawals, transfers and reviews. */
  readonly funding: number;
  readonly mark: number;
  /** New limits. */
  readonly limit: number;
  /** Account states and kyc. */
  readonly account: number;
  /** Of 1000 `time` commands: how many go about a day on. */
  readonly day: number;
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
  /** Without it every account is unchecked and nobody has anything. */
  readonly risk?: RiskMix;
}

/** One instrument as the generator needs it. */
export interface WorldInstrument {
  readonly symbol: string;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly middle: number;
  readonly base: string;
  readonly quote: string;
  readonly isMargin: boolean;
  /** What one lot costs at the middle, in the quote currency. */
  readonly unit: Decimal;
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

/** Instruments of the worlds with funds. CENT has so few places that every fee is rounded. */
const WITH_FUNDS: Readonly<Record<string, Declared>> = {
  COIN: { ...{ base: "GOLD", quote: "CENT", tickSize: "0.1", lotSize: "0.1", middle: 40 }, makerFeePpm: 1234, takerFeePpm: 2500 },
  REBATE: { ...{ base: "ORE", quote: "CENT", tickSize: "0.5", lotSize: "2", middle: 20 }, makerFeePpm: -3100, takerFeePpm: 7700 },
  GUARDED: {
    ...{ base: "GOLD", quote: "CENT", tickSize: "0.2", lotSize: "0.1", middle: 50, makerFeePpm: 9000, takerFeePpm: -7000 },
    ...{ marketProtectionBps: 300, bandBps: 600, auctionUs: 30, collarBps: 900 },
  },
  PERP: {
    ...{ base: "IDX", quote: "CENT", tickSize: "0.1", lotSize: "0.1", kind: "margin", multiplier: "10", middle: 100 },
    ...{ initialMarginPpm: 100_000, maintenanceMarginPpm: 60_001, makerFeePpm: 333, takerFeePpm: 777, lastPrice: "10" },
  },
  SWAP: {
    ...{ base: "IDX", quote: "CENT", tickSize: "0.5", lotSize: "1", kind: "margin", multiplier: "0.02", middle: 60 },
    ...{ initialMarginPpm: 333_333, maintenanceMarginPpm: 123_457, makerFeePpm: -900, takerFeePpm: 1900, marketProtectionBps: 400 },
  },
  // No leverage, and margins that are never in need.
  FULL: { ...{ base: "IDX", quote: "USD", tickSize: "1", lotSize: "1", kind: "margin", middle: 30 }, collarBps: 1500 },
  // Two or three ticks apart, and it is interrupted.
  BREAK: {
    ...{ base: "TIN", quote: "USD", tickSize: "0.5", lotSize: "0.01", middle: 100, breakerBps: 300, breakerWindowUs: 60, auctionUs: 40 },
    ...{ collarBps: 500, takerFeePpm: 50 },
  },
  BRITTLE: {
    ...{ base: "IDX", quote: "CENT", tickSize: "1", lotSize: "1", kind: "margin", middle: 50, breakerBps: 450, breakerWindowUs: 200 },
    ...{ bandBps: 500, auctionUs: 20, initialMarginPpm: 50_000, maintenanceMarginPpm: 40_000, marketProtectionBps: 1000 },
  },
  // Atoms of scale 0: balances, positions and sums reach 2^53−1.
  VAST: { base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1", middle: 3, extreme: true, makerFeePpm: -99_999, takerFeePpm: 250_000 },
  DEEP: {
    ...{ base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1", kind: "margin", multiplier: "1", middle: 3, extreme: true },
    ...{ initialMarginPpm: 20_000, maintenanceMarginPpm: 10_000, takerFeePpm: 3, makerFeePpm: 999_999 },
  },
  // The same with a rebate of nearly everything.
  ABYSS: {
    ...{ base: "UNIT", quote: "ATOM", tickSize: "1", lotSize: "1", kind: "margin", multiplier: "1", middle: 3, extreme: true },
    ...{ initialMarginPpm: 20_000, maintenanceMarginPpm: 10_000, takerFeePpm: 200_000, makerFeePpm: -999_999 },
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

const FUNDED: RiskMix = {
  ...{ modes: ["cash"], limits: "unlimited", riches: 12, funding: 40, mark: 0, limit: 0, account: 3, day: 0 },
};

const FEW_SPECIAL: Mix = { ...EVERYTHING, stop: 150, iceberg: 100, oco: 40, reduceOnly: 40, state: 6, kill: 3 };

/** Worlds with funds, margin, limits and breakers. */
export const RISK_WORLDS: readonly WorldConfig[] = [
  { ...SMALL, name: "cash", symbols: ["COIN", "REBATE"], mix: { ...FEW_SPECIAL, quoteQty: 120, market: 200 }, risk: FUNDED },
  {
    ...SMALL,
    name: "cash-stops",
    symbols: ["GUARDED"],
    mix: { ...EVERYTHING, stop: 400, reduceOnly: 0, oco: 150 },
    risk: { ...FUNDED, riches: 4 },
  },
  {
    ...{ ...SMALL, name: "margin", symbols: ["PERP", "SWAP"], mix: FEW_SPECIAL },
    risk: { ...FUNDED, modes: ["margin"], riches: 0.5, mark: 25 },
  },
  {
    ...{ ...SMALL, name: "liquidations", symbols: ["PERP", "BRITTLE"], spreadTicks: 8, mix: { ...FEW_SPECIAL, time: 60 } },
    risk: { ...FUNDED, modes: ["margin", "margin", "unchecked"], riches: 0.3, funding: 20, mark: 60 },
  },
  {
    ...{ ...SMALL, name: "limits", symbols: ["COIN", "PERP", "FULL"], mix: { ...FEW_SPECIAL, time: 100 } },
    risk: { modes: ["unchecked", "cash", "margin"], limits: "tight", riches: 60, funding: 10, mark: 10, limit: 40, account: 15, day: 60 },
  },
  {
    ...{ ...SMALL, name: "tight-stops", symbols: ["FULL", "SWAP"], accounts: 4, mix: { ...EVERYTHING, stop: 450, oco: 150, time: 80 } },
    risk: { modes: ["margin", "unchecked"], limits: "tight", riches: 30, funding: 15, mark: 15, limit: 30, account: 15, day: 30 },
  },
  {
    ...{ ...SMALL, name: "movements", symbols: ["COIN", "PERP"], badPermille: 100, mix: { ...FEW_SPECIAL, time: 60 } },
    risk: {
      modes: ["cash", "margin", "unchecked"],
      limits: "unlimited",
      riches: 5,
      funding: 500,
      mark: 10,
      limit: 0,
      account: 30,
      day: 100,
    },
  },
  {
    ...{
      ...SMALL,
      name: "breakers",
      symbols: ["BREAK", "BRITTLE"],
      spreadTicks: 4,
      qtyLots: 30,
      mix: { ...FEW_SPECIAL, time: 150, state: 10 },
    },
    risk: {
      modes: ["unchecked", "unchecked", "margin"],
      limits: "tight",
      riches: 40,
      funding: 10,
      mark: 10,
      limit: 10,
      account: 40,
      day: 5,
    },
  },
  {
    ...{ ...SMALL, name: "vast", symbols: ["VAST"], accounts: 4, spreadTicks: 3, qtyLots: 12, mix: { ...FEW_SPECIAL, quoteQty: 100 } },
    risk: { ...FUNDED, modes: ["unchecked", "cash"], riches: 8, funding: 60 },
  },
  {
    ...{ ...SMALL, name: "deep", symbols: ["DEEP"], accounts: 4, spreadTicks: 3, qtyLots: 12, mix: { ...FEW_SPECIAL, reduceOnly: 150 } },
    risk: { ...FUNDED, modes: ["unchecked", "margin"], riches: 8, funding: 60, mark: 3 },
  },
  {
    // Uncrosses, pairs and liquidations where balances, positions and sums reach 2^53−1, and trades bring more than orders say.
    ...{ ...SMALL, name: "depths", symbols: ["VAST", "ABYSS"], accounts: 4, spreadTicks: 4, qtyLots: 12 },
    mix: { ...FEW_SPECIAL, oco: 200, stop: 100, reduceOnly: 60, state: 70 },
    risk: { ...FUNDED, modes: ["unchecked", "cash", "margin"], riches: 10, funding: 90, mark: 15 },
  },
  {
    ...{ ...SMALL, name: "exchange", symbols: ["COIN", "GUARDED", "PERP", "SWAP", "BREAK"], accounts: 8, ids: 60, mix: EVERYTHING },
    risk: { modes: ["cash", "margin", "unchecked"], limits: "tight", riches: 20, funding: 50, mark: 20, limit: 15, account: 10, day: 20 },
  },
  {
    ...{ ...SMALL, name: "wild-funds", symbols: ["COIN", "PERP", "BREAK", "VAST", "DEEP"], badPermille: 400, mix: EVERYTHING },
    risk: { modes: ["cash", "margin", "unchecked"], limits: "tight", riches: 15, funding: 80, mark: 20, limit: 40, account: 20, day: 20 },
  },
];

export const ALL_WORLDS: readonly WorldConfig[] = [...WORLDS, ...RISK_WORLDS];

export function accountName(index: number): string {
  return `a${index}`;
}

/** Groups are named like accounts on purpose: the name spaces are apart (S26). */
const GROUPS: readonly (string | undefined)[] = [undefined, undefined, "a0", "desk", "desk"];

/** The set-up commands of a world. Half of the accounts share a self-trade group; every mode occurs. */
export function setUp(config: WorldConfig): Command[] {
  const commands: Command[] = [{ cmd: "currency", currency: "ATOM", scale: 0 }];
  if (config.risk !== undefined) commands.push(...CURRENCIES);
  for (const symbol of config.symbols) commands.push(declaration(symbol));
  for (let i = 0; i < config.accounts; i++) {
    const stpGroup = GROUPS[i % GROUPS.length];
    const stp = STP_MODES[i % STP_MODES.length];
    commands.push({
      cmd: "account",
      account: accountName(i),
      mode: modeOf(config, i),
      ...(config.risk === undefined
        ? {}
        : { limits: "unlimited" as const, kyc: i % 4 === 3 ? ("unverified" as const) : ("verified" as const) }),
      ...(config.risk !== undefined && i % 3 === 1 ? { riskLevel: "high" as const } : {}),
      ...(stpGroup === undefined ? {} : { stpGroup }),
      ...(stp === undefined ? {} : { stp }),
    });
  }
  return commands;
}

const CURRENCIES: readonly Command[] = [
  { cmd: "currency", currency: "CENT", scale: 2, amlThreshold: "60" },
  { cmd: "currency", currency: "GOLD", scale: 1, amlThreshold: "4.5" },
  { cmd: "currency", currency: "UNIT", scale: 0 },
];

/** Modes follow each other, so that accounts of one group have different ones. */
export function modeOf({ risk }: WorldConfig, index: number): AccountModeName {
  return risk?.modes[index % risk.modes.length] ?? "unchecked";
}

export function declaration(symbol: string): InstrumentCommand {
  const { middle: _middle, extreme: _extreme, ...keys } = declared(symbol);
  return { cmd: "instrument", symbol, ...keys };
}

export function worldInstrument(symbol: string): WorldInstrument {
  const { tickSize, lotSize, middle, base, quote, kind, multiplier = "1", extreme = false } = declared(symbol);
  const [tick, lot] = [decimal(tickSize), decimal(lotSize)];
  const price = { digits: tick.digits * BigInt(middle), scale: tick.scale };
  const unit = multiply(multiply(price, lot), decimal(multiplier));
  return { symbol, tick, lot, middle, base, quote, isMargin: kind === "margin", unit, extreme };
}

function declared(symbol: string): Declared {
  const keys = DECLARED[symbol] ?? WITH_FUNDS[symbol];
  if (keys === undefined) throw new RangeError(`no instrument ${symbol} in this world`);
  return keys;
}

function decimal(text: string | number): Decimal {
  const value = parseDecimal(String(text));
  if (value === undefined) throw new RangeError(`no decimal: ${text}`);
  return value;
}
