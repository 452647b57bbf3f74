import { Header } from "../../engine/wire/flyweights.js";
import { OrdType, TimeInForce } from "../../engine/wire/generated/enums.js";
import * as NewOrder from "../../engine/wire/generated/new-order.js";
import type { RecordedFlow } from "../book/core-flow.js";
import { writeNewOrder } from "../flows/flow-records.js";
import { CLOCK_US, type MarketRules } from "../flows/set-up-records.js";

/** Accounts that rest orders; one more takes them. */
const MAKERS = 32;
const PRICE = 100_000;

/** Cash accounts that pay fees: what a cycle of trades needs. */
export const CYCLE_RULES: MarketRules = {
  ...{ makerFeePpm: 100, takerFeePpm: 500, collarBps: 1_000_000, lastPrice: "0.1" },
  ...{ traders: MAKERS + 1, deposit: "1000000000", trader: { mode: "cash", limits: "unlimited" } },
};
export const CYCLE_ACCOUNTS = MAKERS + 1;
export const CYCLE_TRADES = 2 * MAKERS;

/**
 * Orders that come and go: every maker offers, the taker buys it all; every maker bids, the taker sells it all. The books are empty again
 * and everybody has what they had, less the fees, so it can be played without end. `repeats` of it make one sheet.
 */
export function tradeCycle(repeats: number): RecordedFlow {
  const perCycle = 2 * (MAKERS + 1);
  const recordWords = NewOrder.RECORD_BYTES >> 2;
  const offsets = Int32Array.from({ length: repeats * perCycle }, (_, index) => index * recordWords);
  const words = new Int32Array(offsets.length * recordWords);
  for (const [index, at] of offsets.entries()) {
    const place = index % perCycle;
    const makerSide = place <= MAKERS ? 1 : 0;
    const account = place % (MAKERS + 1);
    const isTaker = account === MAKERS;
    const side = isTaker ? 1 - makerSide : makerSide;
    // Each maker a tick further away, so that the taker walks along levels too.
    const price = isTaker ? PRICE + (side === 0 ? MAKERS : -MAKERS) : PRICE + (makerSide === 1 ? account >> 3 : -(account >> 3));
    const qty = isTaker ? MAKERS * 5 : 5;
    const tif = isTaker ? TimeInForce.ioc : TimeInForce.gtc;
    writeNewOrder(words, at, 0, { id: 1, side, ordType: OrdType.limit, tif, price, qty });
    NewOrder.setAccount(words, at, account);
    Header.setTime(words, at, CLOCK_US);
  }
  return { words, offsets, setupRecords: 0, timedCommands: offsets.length };
}
