import type { TradingCore } from "../core/core.js";
import { atomOfScale, type InstrumentInfo } from "./catalog.js";

/** What the edge has to know of an instrument that a core has. */
export function instrumentInfo(core: TradingCore, id: number): InstrumentInfo {
  const spec = core.instruments.specOf(id);
  return {
    id,
    symbol: spec.symbol,
    base: core.currencies.nameOf(spec.base),
    quote: core.currencies.nameOf(spec.quote),
    tick: { mantissa: spec.tickMantissa, exponent: spec.tickExponent },
    lot: { mantissa: spec.lotMantissa, exponent: spec.lotExponent },
    atom: atomOfScale(core.currencies.scaleOf(spec.quote)),
    minQty: spec.minQty,
    maxQty: spec.maxQty,
    minPrice: spec.minPrice,
    maxPrice: spec.maxPrice,
  };
}
