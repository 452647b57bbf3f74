import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CoreFlash } from "../../bench/flows/core-flash.js";
import { dataPath } from "../../bench/flows/data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES, FlashReports, loadFlash } from "../../bench/flows/flash.js";
import { linesOf, runCli } from "../cli/run-cli.js";

const TIMEOUT_MS = 120_000;
const RECORDS = 100_000;

/** The trades of a run, as `price,qty,maker,taker`. */
class Trades extends FlashReports {
  readonly lines: string[] = [];

  override trade(seq: number, price: number, qty: number, makerId: number, takerId: number): void {
    this.lines.push([price, qty, makerId, takerId].join());
    super.trade(seq, price, qty, makerId, takerId);
  }
}

// The published SHA-256 of the whole stream is the matter of test/core/flash.test.ts.
describe.each(FLASH_NAMES)("ringbook convert flash | ringbook run on %s", (name) => {
  const path = dataPath("flash", EXPECTED_FLASH[name].file);

  it("makes the trades that the flow makes when it is played as records", { timeout: TIMEOUT_MS }, async ({ skip }) => {
    skip(!existsSync(path), `${path} is missing (RINGBOOK_DATA names the folder of the data)`);
    const expected = new Trades();
    new CoreFlash(expected).play(loadFlash(path), 0, RECORDS);
    const script = await runCli(["convert", "flash", path, "--limit", String(RECORDS)]);
    const { stdout, exitCode } = await runCli(["run", "--events", "trades"], script.stdout);
    const trades = linesOf(stdout).map((line) => {
      const { price, qty, maker, taker } = JSON.parse(line) as {
        price: string;
        qty: string;
        maker: { clOrdId: number };
        taker: { clOrdId: number };
      };
      return [price, qty, maker.clOrdId, taker.clOrdId].join();
    });
    expect(exitCode).toBe(0);
    expect(trades.length).toBeGreaterThan(1_000);
    expect(trades).toEqual(expected.lines);
  });
});
