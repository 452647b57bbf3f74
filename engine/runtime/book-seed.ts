import { Slot } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { NIL } from "../flat/level-tree.js";
import { saveNoCandles } from "../pipelines/market-data/candles.js";
import { saveNoDay } from "../pipelines/market-data/day-statistics.js";
import {
  NOTHING_TOLD,
  saveBetweenCommands,
  saveHead,
  saveOrder,
  saveSideEnd,
  saveTop,
} from "../pipelines/market-data/market-data-state.js";
import { saveMarketState } from "../pipelines/market-data/market-states.js";
import { bytesOf, type StateWriter } from "../step.js";
import { NULL_INT64, NULL_UINT8 } from "../wire/numbers.js";

/**
 * The core's books as a saved state of the market-data Step, so that one which starts late starts from what is there.
 * Nothing has been told to the public yet, so its sequences begin at 0, and trades are counted from now on: the core keeps none but the last price. Shard thread, between two commands.
 */
export function bookSeed(core: TradingCore): Uint8Array {
  const instruments = core.instruments.count;
  return bytesOf((out) => {
    saveHead(out, { seq: core.lastSeq, time: core.time, isOpen: false, since: core.time, instruments });
    for (let instrument = 0; instrument < instruments; instrument++) {
      saveState(core, instrument, out);
      const last = core.markets.lastPrices[instrument];
      saveNoDay(out, last === 0 ? NULL_INT64 : last, core.openInterestOf(instrument));
      saveNoCandles(out);
      saveTop(out, 0, NOTHING_TOLD);
      saveSide(core, 2 * instrument, out);
      saveSide(core, 2 * instrument + 1, out);
    }
    saveBetweenCommands(out);
  });
}

/** The core has told an indication exactly when its price is not 0. */
function saveState({ markets }: TradingCore, instrument: number, out: StateWriter): void {
  const told = markets.toldPrices[instrument];
  const hasPrice = told !== 0;
  saveMarketState(out, {
    state: markets.states[instrument],
    reason: NULL_UINT8,
    price: hasPrice ? told : NULL_INT64,
    qty: hasPrice ? markets.toldQuantities[instrument] : 0,
  });
}

function saveSide(core: TradingCore, bookSide: number, out: StateWriter): void {
  const { book } = core;
  const { levels, pool } = book;
  for (let level = levels.first(bookSide); level !== NIL; level = levels.next(level)) {
    const price = Math.abs(levels.keyOf(level));
    for (let slot = levels.headOf(level); slot !== 0; slot = pool.words[slot * Slot.WORDS + Slot.NEXT]) {
      saveOrder(out, { orderId: pool.orderIdOf(slot), price, visible: book.visibleOf(slot) });
    }
  }
  saveSideEnd(out);
}
