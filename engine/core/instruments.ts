import type { StateReader, StateWriter } from "../step.js";
import { MAX_SAFE } from "../wire/numbers.js";

/** Basis points of a band or a protection are at most this: a hundred times the price. */
export const BPS_MAX = 1_000_000;

/** What an instrument is declared with; sizes are mantissa × 10^exponent. */
export interface InstrumentSpec {
  readonly symbol: string;
  readonly base: number;
  readonly quote: number;
  readonly tickMantissa: number;
  readonly tickExponent: number;
  readonly lotMantissa: number;
  readonly lotExponent: number;
  readonly minQty: number;
  readonly maxQty: number;
  readonly minPrice: number;
  readonly maxPrice: number;
  /** Atoms of the quote currency; 0: none. */
  readonly minNotional: number;
  /** How far prints may leave the last trade, basis points; 0: no band. */
  readonly bandBps: number;
  /** How far a market order may leave the best opposite price, basis points; 0: no limit. */
  readonly marketProtectionBps: number;
  /** How long a volatility interruption lasts, µs; 0: until an admin opens. */
  readonly auctionUs: number;
  /** How far a limit price may lie from the reference, basis points; 0: anywhere. */
  readonly collarBps: number;
  /** How far prints within `breakerWindowUs` may lie apart, basis points; 0: no circuit breaker. */
  readonly breakerBps: number;
  readonly breakerWindowUs: number;
  /** Parts per million of the notional; a rebate is negative. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** 1: its trades open and close positions; 0: they exchange base for quote. */
  readonly isMargin: number;
  readonly initialMarginPpm: number;
  readonly maintenanceMarginPpm: number;
  /** A lot counts mantissa × 10^exponent times. */
  readonly multiplierMantissa: number;
  readonly multiplierExponent: number;
}

/** What an instrument's sizes amount to, in atoms. */
export interface InstrumentAtoms {
  /** Of the quote currency in one tick times one lot. */
  readonly perTickLot: number;
  /** Of the base currency in one lot. */
  readonly perLot: number;
}

/** The instruments: dense ids in order of declaration, limits in flat arrays for the order path. Shard thread only. */
export class Instruments {
  readonly minQty: Float64Array;
  readonly maxQty: Float64Array;
  readonly minPrice: Float64Array;
  readonly maxPrice: Float64Array;
  /** Atoms of the quote currency in one tick times one lot: price × quantity × this is the notional, exactly. */
  readonly atomsPerTickLot: Float64Array;
  /** Atoms of the quote currency; 0: none. */
  readonly minNotional: Float64Array;
  /** Atoms of the base currency in a lot. */
  readonly baseAtomsPerLot: Float64Array;
  readonly makerFeePpm: Float64Array;
  readonly takerFeePpm: Float64Array;
  /** The greater fee, at least 0; and the greater rebate, at least 0 (SETTLED K6). */
  readonly worstFeePpm: Float64Array;
  readonly bestRebatePpm: Float64Array;
  /** The greater of the two as a share of the notional: no more than a bound, because it is rounded. */
  readonly feeShare: Float64Array;
  /** How far from the reference the collar lets a price be, as a share of it. */
  readonly collarShare: Float64Array;
  readonly isMargin: Uint8Array;
  /** Currency ids. */
  readonly baseOf: Int32Array;
  readonly quoteOf: Int32Array;
  private readonly specs: InstrumentSpec[] = [];
  private readonly ids = new Map<string, number>();
  private used = 0;

  constructor(readonly capacity: number) {
    this.minQty = new Float64Array(capacity);
    this.maxQty = new Float64Array(capacity);
    this.minPrice = new Float64Array(capacity);
    this.maxPrice = new Float64Array(capacity);
    this.atomsPerTickLot = new Float64Array(capacity);
    this.minNotional = new Float64Array(capacity);
    this.baseAtomsPerLot = new Float64Array(capacity);
    this.makerFeePpm = new Float64Array(capacity);
    this.takerFeePpm = new Float64Array(capacity);
    this.worstFeePpm = new Float64Array(capacity);
    this.bestRebatePpm = new Float64Array(capacity);
    this.feeShare = new Float64Array(capacity);
    this.collarShare = new Float64Array(capacity);
    this.isMargin = new Uint8Array(capacity);
    this.baseOf = new Int32Array(capacity);
    this.quoteOf = new Int32Array(capacity);
  }

  get count(): number {
    return this.used;
  }

  idOf(symbol: string): number | undefined {
    return this.ids.get(symbol);
  }

  specOf(id: number): InstrumentSpec {
    return this.specs[id];
  }

  add(spec: InstrumentSpec, atoms: InstrumentAtoms): number {
    const id = this.used++;
    this.specs.push(spec);
    this.ids.set(spec.symbol, id);
    this.minQty[id] = spec.minQty;
    this.maxQty[id] = spec.maxQty;
    this.minPrice[id] = spec.minPrice;
    this.maxPrice[id] = spec.maxPrice;
    this.atomsPerTickLot[id] = atoms.perTickLot;
    this.minNotional[id] = spec.minNotional;
    this.baseAtomsPerLot[id] = atoms.perLot;
    this.makerFeePpm[id] = spec.makerFeePpm;
    this.takerFeePpm[id] = spec.takerFeePpm;
    const worst = Math.max(spec.makerFeePpm, spec.takerFeePpm, 0);
    this.bestRebatePpm[id] = -Math.min(spec.makerFeePpm, spec.takerFeePpm, 0);
    this.worstFeePpm[id] = spec.isMargin === 0 ? worst : Math.max(worst, this.bestRebatePpm[id]);
    this.collarShare[id] = spec.collarBps / 10_000;
    this.feeShare[id] = Math.max(this.worstFeePpm[id], this.bestRebatePpm[id]) / 1_000_000;
    this.isMargin[id] = spec.isMargin;
    this.baseOf[id] = spec.base;
    this.quoteOf[id] = spec.quote;
    return id;
  }

  /** `saveMarket` writes how the instrument is now, behind how it was declared. */
  save(out: StateWriter, saveMarket: (id: number) => void): void {
    out.uint32(this.count);
    for (let id = 0; id < this.count; id++) {
      const spec = this.specs[id];
      out.text(spec.symbol);
      out.uint32(spec.base);
      out.uint32(spec.quote);
      out.int64(spec.tickMantissa);
      out.int64(spec.tickExponent);
      out.int64(spec.lotMantissa);
      out.int64(spec.lotExponent);
      out.int64(spec.minQty);
      out.int64(spec.maxQty);
      out.int64(spec.minPrice);
      out.int64(spec.maxPrice);
      out.int64(spec.minNotional);
      out.int64(spec.bandBps);
      out.int64(spec.marketProtectionBps);
      out.int64(spec.auctionUs);
      out.int64(spec.collarBps);
      out.int64(spec.breakerBps);
      out.int64(spec.breakerWindowUs);
      out.int64(spec.makerFeePpm);
      out.int64(spec.takerFeePpm);
      out.uint8(spec.isMargin);
      out.int64(spec.initialMarginPpm);
      out.int64(spec.maintenanceMarginPpm);
      out.int64(spec.multiplierMantissa);
      out.int64(spec.multiplierExponent);
      saveMarket(id);
    }
  }

  /** `scaleOf` answers for a currency id; currencies are loaded first. `loadMarket` reads what `saveMarket` has written. */
  load(input: StateReader, scaleOf: (currency: number) => number, loadMarket: (id: number) => void): void {
    const count = input.uint32();
    if (count > this.capacity) throw new RangeError(`capacities.instruments is ${this.capacity}, the saved state has ${count}`);
    for (let id = 0; id < count; id++) {
      const spec: InstrumentSpec = {
        symbol: input.text(),
        base: input.uint32(),
        quote: input.uint32(),
        tickMantissa: input.int64(),
        tickExponent: input.int64(),
        lotMantissa: input.int64(),
        lotExponent: input.int64(),
        minQty: input.int64(),
        maxQty: input.int64(),
        minPrice: input.int64(),
        maxPrice: input.int64(),
        minNotional: input.int64(),
        bandBps: input.int64(),
        marketProtectionBps: input.int64(),
        auctionUs: input.int64(),
        collarBps: input.int64(),
        breakerBps: input.int64(),
        breakerWindowUs: input.int64(),
        makerFeePpm: input.int64(),
        takerFeePpm: input.int64(),
        isMargin: input.uint8(),
        initialMarginPpm: input.int64(),
        maintenanceMarginPpm: input.int64(),
        multiplierMantissa: input.int64(),
        multiplierExponent: input.int64(),
      };
      this.add(spec, atomsOf(spec, scaleOf(spec.base), scaleOf(spec.quote)));
      loadMarket(id);
    }
  }
}

/** What tick, lot and multiplier make, NaN where that is no whole safe number from 1 on. */
export function atomsOf(
  spec: Pick<InstrumentSpec, "tickMantissa" | "tickExponent" | "lotMantissa" | "lotExponent" | "multiplierMantissa" | "multiplierExponent">,
  baseScale: number,
  quoteScale: number,
): InstrumentAtoms {
  const perLot = scaled(spec.lotMantissa, spec.lotExponent + baseScale);
  const tickLot = spec.tickMantissa * spec.lotMantissa;
  const product = tickLot * spec.multiplierMantissa;
  if (tickLot > MAX_SAFE || product > MAX_SAFE) return { perTickLot: Number.NaN, perLot };
  return { perTickLot: scaled(product, spec.tickExponent + spec.lotExponent + spec.multiplierExponent + quoteScale), perLot };
}

/** mantissa × 10^exponent when that is a whole safe number from 1 on, else NaN. */
export function scaled(mantissa: number, exponent: number): number {
  let value = mantissa;
  if (!(value >= 1)) return Number.NaN;
  for (let places = exponent; places > 0; places--) {
    value *= 10;
    if (value > MAX_SAFE) return Number.NaN;
  }
  for (let places = exponent; places < 0; places++) {
    if (value % 10 !== 0) return Number.NaN;
    value /= 10;
  }
  return value;
}
