import { describe, expect, it, vi } from "vitest";
import { dataFile } from "../../bench/flows/data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES, FlashReports, readFlash } from "../../bench/flows/flash.js";
import { checkCore } from "./check-core.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

describe("the public matching-engine benchmark", () => {
  for (const name of FLASH_NAMES) {
    const { file } = EXPECTED_FLASH[name];
    const path = dataFile("flash", file);

    it.skipIf(path === undefined)(
      `${name}: the core gives the published report stream${path === undefined ? ` (skipped: no ${file})` : ""}`,
      () => {
        expect(checkCore("--flash", name)).toBe(`flash ${name}: as published`);
      },
    );
  }

  it("reports of one seq are sorted by type, and seqs never fall", () => {
    const sorted = new FlashReports();
    sorted.orderAck(1, 0, 7, 100, 5);
    sorted.trade(1, 100, 5, 3, 7);
    sorted.cancelAck(2, 1, 4, 90);
    const shuffled = new FlashReports();
    shuffled.trade(1, 100, 5, 3, 7);
    shuffled.orderAck(1, 0, 7, 100, 5);
    shuffled.cancelAck(2, 1, 4, 90);
    expect(() => shuffled.orderAck(1, 0, 8, 100, 5)).toThrow(RangeError);
    expect(shuffled.digest()).toBe(sorted.digest());
  });

  it("a file that is none is refused", () => {
    expect(() => readFlash(new Uint8Array(56))).toThrow(RangeError);
  });
});
