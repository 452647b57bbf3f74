import { Catalog, type InstrumentInfo } from "../../engine/edge/catalog.js";

/** ABC in ticks of 0.05 and lots of 0.1, paid in USD with two decimal places. */
export const ABC: InstrumentInfo = {
  id: 3,
  symbol: "ABC",
  base: "A",
  quote: "USD",
  tick: { mantissa: 5, exponent: -2 },
  lot: { mantissa: 1, exponent: -1 },
  atom: { mantissa: 1, exponent: -2 },
  minQty: 1,
  maxQty: 1000,
  minPrice: 1,
  maxPrice: 1000,
};

/** Knows USD (0, in cents), A (1, whole), ABC (3), alice (7) and bob (8). */
export function smallCatalog(): Catalog {
  const catalog = new Catalog();
  catalog.addCurrency(0, "USD", 2);
  catalog.addCurrency(1, "A", 0);
  catalog.addInstrument(ABC);
  catalog.addAccount(7, "alice");
  catalog.addAccount(8, "bob");
  return catalog;
}
