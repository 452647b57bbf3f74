import { ordTypeOf, Slot } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { NIL } from "../flat/level-tree.js";
import { ORD_TYPE_NAMES, SIDE_NAMES } from "../wire/generated/enums.js";
import type { InstrumentInfo } from "./catalog.js";
import { fromUnits } from "./decimal.js";
import type { BookRow, LiveOrder } from "./types.js";

/** One side of a book, best first, at most `depth` rows. */
export function bookRows(core: TradingCore, info: InstrumentInfo, side: number, depth: number): BookRow[] {
  const { levels } = core.book;
  const rows: BookRow[] = [];
  let level = levels.first(2 * info.id + side);
  while (level !== NIL && rows.length < depth) {
    const price = fromUnits(Math.abs(levels.keyOf(level)), info.tick);
    rows.push([price, fromUnits(levels.totalOf(level), info.lot), levels.countOf(level)]);
    level = levels.next(level);
  }
  return rows;
}

/** The live orders of an account in the order of a mass cancel (SETTLED S6). */
export function liveOrders(core: TradingCore, account: number, instruments: readonly InstrumentInfo[]): LiveOrder[] {
  const found: LiveOrder[] = [];
  if (core.accounts.orderCounts[account] === 0) return found;
  for (const info of instruments) {
    for (const side of [0, 1]) collectSide(core, account, info, side, found);
  }
  return found;
}

function collectSide(core: TradingCore, account: number, info: InstrumentInfo, side: number, found: LiveOrder[]): void {
  const { levels, pool } = core.book;
  for (let level = levels.first(2 * info.id + side); level !== NIL; level = levels.next(level)) {
    for (let slot = levels.headOf(level); slot !== 0; slot = pool.words[slot * Slot.WORDS + Slot.NEXT]) {
      if (pool.words[slot * Slot.WORDS + Slot.ACCOUNT] !== account) continue;
      found.push({
        clOrdId: pool.clOrdIdOf(slot),
        symbol: info.symbol,
        side: SIDE_NAMES[side],
        type: ORD_TYPE_NAMES[ordTypeOf(pool.words[slot * Slot.WORDS + Slot.TRAITS])],
        price: fromUnits(Math.abs(levels.keyOf(level)), info.tick),
        leavesQty: fromUnits(pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES], info.lot),
        status: "resting",
      });
    }
  }
}
