import { Slot } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { NIL } from "../flat/level-tree.js";
import {
  NOTHING_TOLD,
  saveBetweenCommands,
  saveHead,
  saveOrder,
  saveSideEnd,
  saveTop,
  saveTradingState,
} from "../pipelines/market-data/market-data-state.js";
import { bytesOf, type StateWriter } from "../step.js";

/**
 * The core's books as a saved state of the market-data Step, so that one which starts late starts from what is there.
 * Nothing has been told to the public yet, so its sequences begin at 0. Shard thread, between two commands.
 */
export function bookSeed(core: TradingCore): Uint8Array {
  const instruments = core.instruments.count;
  return bytesOf((out) => {
    saveHead(out, { seq: core.lastSeq, time: core.time, isOpen: false, instruments });
    for (let instrument = 0; instrument < instruments; instrument++) {
      saveTradingState(out, core.markets.states[instrument]);
      saveTop(out, 0, NOTHING_TOLD);
      saveSide(core, 2 * instrument, out);
      saveSide(core, 2 * instrument + 1, out);
    }
    saveBetweenCommands(out);
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
