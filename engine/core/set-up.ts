import { CODES } from "../wire/codes.js";
import { DefineAccount, DefineCurrency, DefineInstrument } from "../wire/flyweights.js";
import { DEFAULT_SCALE, MAX_SAFE, NULL_INT64, NULL_UINT8 } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import { type Currencies, SCALE_MAX } from "./currencies.js";
import type { Emitter } from "./emitter.js";
import { atomsOf, BPS_MAX, type InstrumentSpec, type Instruments, scaled } from "./instruments.js";
import { MILLION } from "./ledger/exact.js";
import { Attention, type Markets } from "./markets.js";
import { type AccountMode, Check, State, Stp } from "./match/order-types.js";
import type { Breakers } from "./risk/breakers.js";
import type { Limits } from "./risk/limits.js";
import { declaredLimits, limitsCode } from "./risk/risk-commands.js";

/** The last members of AccountMode and LimitsGiven. */
const MODE_MAX = 2;
const LIMITS_GIVEN_MAX = 2;

/** Declares currencies, instruments and accounts. Nothing here is on the order path. Shard thread only. */
export class SetUp {
  constructor(
    private readonly currencies: Currencies,
    private readonly instruments: Instruments,
    private readonly accounts: Accounts,
    private readonly markets: Markets,
    private readonly limits: Limits,
    private readonly breakers: Breakers,
    private readonly emitter: Emitter,
  ) {}

  defineCurrency(words: Int32Array, at: number): void {
    const name = DefineCurrency.name(words, at);
    const scale = DefineCurrency.scale(words, at);
    const given = DefineCurrency.amlThreshold(words, at);
    const threshold = given === NULL_INT64 ? -1 : given;
    this.emitter.answer(DefineCurrency.session(words, at));
    let code: number = Check.OK;
    if (!isName(name)) code = CODES.BAD_NAME;
    else if (this.currencies.idOf(name) !== undefined) code = CODES.ALREADY_EXISTS;
    else if (scale < 0 || scale > SCALE_MAX) code = CODES.BAD_VALUE;
    else if (threshold !== -1 && !(threshold >= 0 && threshold <= MAX_SAFE)) code = CODES.BAD_VALUE;
    else if (given === -1) code = CODES.BAD_VALUE;
    else if (this.currencies.count === this.currencies.capacity) code = CODES.CAPACITY_REACHED;
    if (code !== Check.OK) this.emitter.commandRejected(code, DefineCurrency.TEMPLATE_ID);
    else this.emitter.commandDone(this.currencies.add(name, scale, threshold), DefineCurrency.TEMPLATE_ID);
  }

  /** A currency that is not declared yet is declared along with it, at scale 6 (SETTLED C6). */
  defineInstrument(words: Int32Array, at: number): void {
    this.emitter.answer(DefineInstrument.session(words, at));
    const symbol = DefineInstrument.symbol(words, at);
    const base = DefineInstrument.base(words, at);
    const quote = DefineInstrument.quote(words, at);
    const code = this.checkInstrument(words, at, symbol, base, quote);
    if (code !== Check.OK) {
      this.emitter.commandRejected(code, DefineInstrument.TEMPLATE_ID);
      return;
    }
    const quoteId = this.currencyIdsOf(base, quote);
    const baseId = this.currencyId(base);
    const spec = specOf(words, at, symbol, baseId, quoteId, this.currencies.scaleOf(quoteId));
    const id = this.instruments.add(spec, atomsOf(spec, this.currencies.scaleOf(baseId), this.currencies.scaleOf(quoteId)));
    this.markets.add(id, DefineInstrument.state(words, at), orElse(DefineInstrument.lastPrice(words, at), 0), attentionOf(spec));
    if (spec.breakerBps > 0) this.breakers.declare(id, spec.breakerBps, spec.breakerWindowUs);
    this.emitter.commandDone(id, DefineInstrument.TEMPLATE_ID);
  }

  defineAccount(words: Int32Array, at: number): void {
    this.emitter.answer(DefineAccount.session(words, at));
    const name = DefineAccount.name(words, at);
    const groupName = DefineAccount.stpGroup(words, at);
    const wantedMode = DefineAccount.stp(words, at);
    const selfTradeMode = wantedMode === NULL_UINT8 ? Stp.CANCEL_NEWEST : wantedMode;
    const mode = DefineAccount.mode(words, at) as AccountMode;
    const kyc = DefineAccount.kyc(words, at);
    const riskLevel = DefineAccount.riskLevel(words, at);
    let code: number = Check.OK;
    if (!isName(name)) code = CODES.BAD_NAME;
    else if (groupName !== "" && !isName(groupName)) code = CODES.BAD_NAME;
    else if (this.accounts.idOf(name) !== undefined) code = CODES.ALREADY_EXISTS;
    else if (selfTradeMode > Stp.DECREMENT || mode > MODE_MAX || kyc > 1 || riskLevel > 1) code = CODES.BAD_VALUE;
    else if (DefineAccount.limitsGiven(words, at) > LIMITS_GIVEN_MAX) code = CODES.BAD_VALUE;
    else if (limitsCode(DefineAccount, words, at) !== Check.OK) code = CODES.BAD_VALUE;
    else if (this.accounts.count === this.accounts.capacity) code = CODES.CAPACITY_REACHED;
    if (code !== Check.OK) {
      this.emitter.commandRejected(code, DefineAccount.TEMPLATE_ID);
      return;
    }
    const id = this.accounts.add({ name, mode, selfTradeMode, groupName, kyc, riskLevel });
    this.limits.declare(id, declaredLimits(mode, words, at));
    this.emitter.commandDone(id, DefineAccount.TEMPLATE_ID);
  }

  private checkInstrument(words: Int32Array, at: number, symbol: string, base: string, quote: string): number {
    if (!isName(symbol) || !isName(base) || !isName(quote)) return CODES.BAD_NAME;
    if (this.instruments.idOf(symbol) !== undefined) return CODES.ALREADY_EXISTS;
    const spec = specOf(words, at, symbol, 0, 0, this.scaleOf(quote));
    if (base === quote) return CODES.BAD_INSTRUMENT;
    if (!isWhole(spec, this.scaleOf(base), this.scaleOf(quote))) return CODES.BAD_INSTRUMENT;
    if (!isRange(spec.minQty, spec.maxQty) || !isRange(spec.minPrice, spec.maxPrice)) return CODES.BAD_INSTRUMENT;
    if (!hasGoodRules(spec) || DefineInstrument.state(words, at) > State.CLOSED) return CODES.BAD_INSTRUMENT;
    const lastPrice = DefineInstrument.lastPrice(words, at);
    if (lastPrice !== NULL_INT64 && !(lastPrice >= spec.minPrice && lastPrice <= spec.maxPrice)) return CODES.BAD_INSTRUMENT;
    if (this.instruments.count === this.instruments.capacity) return CODES.CAPACITY_REACHED;
    const missing = Number(this.currencies.idOf(base) === undefined) + Number(this.currencies.idOf(quote) === undefined);
    return this.currencies.count + missing > this.currencies.capacity ? CODES.CAPACITY_REACHED : Check.OK;
  }

  private scaleOf(currency: string): number {
    const id = this.currencies.idOf(currency);
    return id === undefined ? DEFAULT_SCALE : this.currencies.scaleOf(id);
  }

  /** Declares what is missing, the base first, and answers with the quote's id. */
  private currencyIdsOf(base: string, quote: string): number {
    this.currencyId(base);
    return this.currencyId(quote);
  }

  private currencyId(name: string): number {
    return this.currencies.idOf(name) ?? this.currencies.add(name, DEFAULT_SCALE);
  }
}

/** ASCII 33 to 126 and at least one character (SETTLED S26); the record's field bounds the length. */
export function isName(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** tick × lot × multiplier is a whole number of quote atoms and a lot a whole number of base atoms (ARCHITECTURE 5). */
export function isWhole(spec: InstrumentSpec, baseScale: number, quoteScale: number): boolean {
  if (!(spec.tickMantissa >= 1) || !(spec.lotMantissa >= 1)) return false;
  const atoms = atomsOf(spec, baseScale, quoteScale);
  return !Number.isNaN(atoms.perLot) && !Number.isNaN(atoms.perTickLot);
}

/** Marks of the edge for a limit that is off its step are negative, so they are refused here too. */
export function isRange(min: number, max: number): boolean {
  return min >= 1 && min <= max && max <= MAX_SAFE;
}

/** What is not negative and not too great to be reckoned with. */
export function hasGoodRules(spec: InstrumentSpec): boolean {
  const { minNotional, bandBps, marketProtectionBps, auctionUs } = spec;
  const hasGoodBounds = isUpTo(bandBps, BPS_MAX) && isUpTo(marketProtectionBps, BPS_MAX) && isUpTo(auctionUs, MAX_SAFE);
  const hasGoodBreaker = isUpTo(spec.collarBps, BPS_MAX) && isUpTo(spec.breakerBps, BPS_MAX) && isUpTo(spec.breakerWindowUs, MAX_SAFE);
  return isUpTo(minNotional, MAX_SAFE) && hasGoodBounds && hasGoodBreaker && hasGoodMoney(spec);
}

/** Fees below all of the notional either way (SETTLED K6); margin from all of it down, and less to keep than to begin with. */
function hasGoodMoney({ makerFeePpm, takerFeePpm, isMargin, initialMarginPpm, maintenanceMarginPpm }: InstrumentSpec): boolean {
  const hasGoodFees = Math.abs(makerFeePpm) < MILLION && Math.abs(takerFeePpm) < MILLION;
  return hasGoodFees && isMargin <= 1 && isUpTo(initialMarginPpm, MILLION) && isUpTo(maintenanceMarginPpm, initialMarginPpm);
}

/** The bits of an instrument's attention that its declaration gives. */
export function attentionOf(spec: InstrumentSpec): number {
  const bounds = (spec.bandBps > 0 ? Attention.BAND : 0) | (spec.marketProtectionBps > 0 ? Attention.PROTECTION : 0);
  const hasBreaker = spec.breakerBps > 0 && spec.breakerWindowUs > 0;
  const more = (spec.collarBps > 0 ? Attention.COLLAR : 0) | (hasBreaker ? Attention.BREAKER : 0);
  return bounds | more | (spec.isMargin !== 0 ? Attention.MARGIN : 0);
}

function isUpTo(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}

/** NaN when it is no whole number of atoms. */
function minNotionalOf(words: Int32Array, at: number, quoteScale: number): number {
  const mantissa = DefineInstrument.minNotionalMantissa(words, at);
  if (mantissa === NULL_INT64 || mantissa === 0) return 0;
  return mantissa < 0 ? Number.NaN : scaled(mantissa, DefineInstrument.minNotionalExponent(words, at) + quoteScale);
}

function specOf(words: Int32Array, at: number, symbol: string, base: number, quote: number, quoteScale: number): InstrumentSpec {
  return {
    symbol,
    base,
    quote,
    tickMantissa: DefineInstrument.tickMantissa(words, at),
    tickExponent: DefineInstrument.tickExponent(words, at),
    lotMantissa: DefineInstrument.lotMantissa(words, at),
    lotExponent: DefineInstrument.lotExponent(words, at),
    minQty: orElse(DefineInstrument.minQty(words, at), 1),
    maxQty: orElse(DefineInstrument.maxQty(words, at), MAX_SAFE),
    minPrice: orElse(DefineInstrument.minPrice(words, at), 1),
    maxPrice: orElse(DefineInstrument.maxPrice(words, at), MAX_SAFE),
    minNotional: minNotionalOf(words, at, quoteScale),
    bandBps: DefineInstrument.bandBps(words, at),
    marketProtectionBps: DefineInstrument.marketProtectionBps(words, at),
    auctionUs: DefineInstrument.auctionUs(words, at),
    collarBps: DefineInstrument.collarBps(words, at),
    breakerBps: DefineInstrument.breakerBps(words, at),
    breakerWindowUs: DefineInstrument.breakerWindowUs(words, at),
    makerFeePpm: DefineInstrument.makerFeePpm(words, at),
    takerFeePpm: DefineInstrument.takerFeePpm(words, at),
    ...marginOf(words, at),
  };
}

/** Keys of margin instruments: without them all of the notional to begin with, and nothing to keep. A spot instrument has none (SETTLED K7). */
function marginOf(
  words: Int32Array,
  at: number,
): Pick<InstrumentSpec, "isMargin" | "initialMarginPpm" | "maintenanceMarginPpm" | "multiplierMantissa" | "multiplierExponent"> {
  const isMargin = DefineInstrument.kind(words, at);
  const initial = DefineInstrument.initialMarginPpm(words, at);
  const maintenance = DefineInstrument.maintenanceMarginPpm(words, at);
  const multiplier = DefineInstrument.multiplierMantissa(words, at);
  const multiplierExponent = multiplier === NULL_INT64 ? 0 : DefineInstrument.multiplierExponent(words, at);
  const isBadSpot = isMargin === 0 && (initial !== NULL_INT64 || maintenance !== NULL_INT64 || multiplier !== NULL_INT64);
  return {
    isMargin,
    initialMarginPpm: isBadSpot ? Number.NaN : orElse(initial, isMargin === 0 ? 0 : MILLION),
    maintenanceMarginPpm: orElse(maintenance, 0),
    multiplierMantissa: orElse(multiplier, 1),
    multiplierExponent,
  };
}

function orElse(value: number, whenNull: number): number {
  return value === NULL_INT64 ? whenNull : value;
}
