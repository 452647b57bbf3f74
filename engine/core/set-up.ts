import { CODES } from "../wire/codes.js";
import { DefineAccount, DefineCurrency, DefineInstrument } from "../wire/flyweights.js";
import { DEFAULT_SCALE, MAX_SAFE, NULL_INT64, NULL_UINT8 } from "../wire/numbers.js";
import type { Accounts } from "./accounts.js";
import { type Currencies, SCALE_MAX } from "./currencies.js";
import type { Emitter } from "./emitter.js";
import { atomsPerTickLotOf, BPS_MAX, type InstrumentSpec, type Instruments, scaled } from "./instruments.js";
import { Attention, type Markets } from "./markets.js";
import { Check, State, Stp } from "./match/order-types.js";

/** Declares currencies, instruments and accounts. Nothing here is on the order path. Shard thread only. */
export class SetUp {
  constructor(
    private readonly currencies: Currencies,
    private readonly instruments: Instruments,
    private readonly accounts: Accounts,
    private readonly markets: Markets,
    private readonly emitter: Emitter,
  ) {}

  defineCurrency(words: Int32Array, at: number): void {
    const name = DefineCurrency.name(words, at);
    const scale = DefineCurrency.scale(words, at);
    this.emitter.answer(DefineCurrency.session(words, at));
    let code: number = Check.OK;
    if (!isName(name)) code = CODES.BAD_NAME;
    else if (this.currencies.idOf(name) !== undefined) code = CODES.ALREADY_EXISTS;
    else if (scale < 0 || scale > SCALE_MAX) code = CODES.BAD_VALUE;
    else if (this.currencies.count === this.currencies.capacity) code = CODES.CAPACITY_REACHED;
    if (code !== Check.OK) this.emitter.commandRejected(code, DefineCurrency.TEMPLATE_ID);
    else this.emitter.commandDone(this.currencies.add(name, scale), DefineCurrency.TEMPLATE_ID);
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
    const spec = specOf(words, at, symbol, this.currencyId(base), quoteId, this.currencies.scaleOf(quoteId));
    const id = this.instruments.add(spec, atomsPerTickLotOf(spec, this.currencies.scaleOf(quoteId)));
    this.markets.add(id, DefineInstrument.state(words, at), orElse(DefineInstrument.lastPrice(words, at), 0), attentionOf(spec));
    this.emitter.commandDone(id, DefineInstrument.TEMPLATE_ID);
  }

  defineAccount(words: Int32Array, at: number): void {
    this.emitter.answer(DefineAccount.session(words, at));
    const name = DefineAccount.name(words, at);
    const group = DefineAccount.stpGroup(words, at);
    const wantedMode = DefineAccount.stp(words, at);
    const mode = wantedMode === NULL_UINT8 ? Stp.CANCEL_NEWEST : wantedMode;
    let code: number = Check.OK;
    if (!isName(name)) code = CODES.BAD_NAME;
    else if (group !== "" && !isName(group)) code = CODES.BAD_NAME;
    else if (this.accounts.idOf(name) !== undefined) code = CODES.ALREADY_EXISTS;
    else if (mode > Stp.DECREMENT) code = CODES.BAD_VALUE;
    else if (DefineAccount.mode(words, at) !== 0) code = CODES.BAD_VALUE;
    else if (this.accounts.count === this.accounts.capacity) code = CODES.CAPACITY_REACHED;
    if (code !== Check.OK) this.emitter.commandRejected(code, DefineAccount.TEMPLATE_ID);
    else this.emitter.commandDone(this.accounts.add(name, 0, mode, group), DefineAccount.TEMPLATE_ID);
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

/** tick × lot is a whole number of quote atoms and a lot a whole number of base atoms (ARCHITECTURE 5). */
export function isWhole(spec: InstrumentSpec, baseScale: number, quoteScale: number): boolean {
  if (!(spec.tickMantissa >= 1) || !(spec.lotMantissa >= 1)) return false;
  if (Number.isNaN(scaled(spec.lotMantissa, spec.lotExponent + baseScale))) return false;
  return !Number.isNaN(atomsPerTickLotOf(spec, quoteScale));
}

/** Marks of the edge for a limit that is off its step are negative, so they are refused here too. */
export function isRange(min: number, max: number): boolean {
  return min >= 1 && min <= max && max <= MAX_SAFE;
}

/** What is not negative and not too great to be reckoned with. */
export function hasGoodRules(spec: InstrumentSpec): boolean {
  const { minNotional, bandBps, marketProtectionBps, auctionUs } = spec;
  return isUpTo(minNotional, MAX_SAFE) && isUpTo(bandBps, BPS_MAX) && isUpTo(marketProtectionBps, BPS_MAX) && isUpTo(auctionUs, MAX_SAFE);
}

/** The bits of an instrument's attention that its declaration gives. */
export function attentionOf(spec: InstrumentSpec): number {
  return (spec.bandBps > 0 ? Attention.BAND : 0) | (spec.marketProtectionBps > 0 ? Attention.PROTECTION : 0);
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
  };
}

function orElse(value: number, whenNull: number): number {
  return value === NULL_INT64 ? whenNull : value;
}
