import { describe, expect, it } from "vitest";
import { Catalog } from "../../engine/edge/catalog.js";

describe("currencies of a catalog", () => {
  it("have the id and scale that they were declared with", () => {
    const catalog = new Catalog();
    catalog.addCurrency(0, "USD", 2);
    catalog.addCurrency(1, "BTC", 8);
    expect(catalog.currency("BTC")).toEqual({ id: 1, name: "BTC", atom: { mantissa: 1, exponent: -8 } });
    expect(catalog.knownCurrency(0).name).toBe("USD");
    expect(catalog.currency("EUR")).toBeUndefined();
    expect(() => catalog.knownCurrency(2)).toThrow("currency 2 is not in the catalog");
  });

  it("that an instrument names come next, at scale 6, unless they are there", () => {
    const catalog = new Catalog();
    catalog.addCurrency(0, "USD", 2);
    for (const name of ["ABC", "USD", "ABC", "DEF"]) catalog.addImplicitCurrency(name);
    expect(catalog.currency("USD")?.atom.exponent).toBe(-2);
    expect(catalog.currency("ABC")).toEqual({ id: 1, name: "ABC", atom: { mantissa: 1, exponent: -6 } });
    expect(catalog.currency("DEF")?.id).toBe(2);
  });
});
