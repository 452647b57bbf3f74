import { describe, expect, it, vi } from "vitest";
import { dataFile } from "../../bench/flows/data-path.js";
import { EXPECTED_LOBSTER, LOBSTER_NAMES, parseLobsterBook } from "../../bench/flows/lobster.js";
import { checkCore } from "./check-core.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

describe("a real NASDAQ day through the core", () => {
  for (const name of LOBSTER_NAMES) {
    const { operations, rows, executions } = EXPECTED_LOBSTER[name];
    const isMissing = dataFile("lobster", operations) === undefined;
    const title = `${name}: ${rows} books equal the exchange's, ${executions} executions fill the orders that they filled there`;

    it.skipIf(isMissing)(isMissing ? `${title} (skipped: no ${operations})` : title, () => {
      expect(checkCore("--lobster", name)).toBe(`lobster ${name}: as published`);
    });
  }

  it("reads an orderbook row, and leaves out levels that are not there", () => {
    expect(parseLobsterBook("5802300,100,5794000,496,9999999999,0,-9999999999,0")).toEqual({
      asks: [[5802300, 100]],
      bids: [[5794000, 496]],
    });
    expect(() => parseLobsterBook("1,2,3")).toThrow(RangeError);
  });
});
