import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataPath } from "../../bench/flows/data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES, loadFlash } from "../../bench/flows/flash.js";
import { playFlash } from "../../bench/flows/flash-reports.js";

const TIMEOUT_MS = 120_000;

describe.each(FLASH_NAMES)("the public benchmark flow %s", (name) => {
  it("gives the published report stream", { timeout: TIMEOUT_MS }, ({ skip }) => {
    const { file, reportSha256, trades } = EXPECTED_FLASH[name];
    const path = dataPath("flash", file);
    skip(!existsSync(path), `${path} is missing (RINGBOOK_DATA names the folder of the data)`);
    expect(playFlash(loadFlash(path))).toEqual({ reportSha256, trades });
  });
});
