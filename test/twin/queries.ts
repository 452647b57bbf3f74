import type { BookEvent, BookRow, OrdersEvent, SideName } from "../../engine/edge/types.js";
import { formatSteps } from "./decimal.js";
import { liveOrder } from "./events.js";
import type { Account, Instrument } from "./state.js";
import { inMassCancelOrder, limitOf, SIDES, visible } from "./state.js";

/** Price, visible quantity, number of orders; best first. */
export function bookOf(instrument: Instrument, depth: number): BookEvent {
  const { symbol } = instrument;
  const [bids, asks] = SIDES.map((side) => rowsOf(instrument, side).slice(0, depth)) as [BookRow[], BookRow[]];
  return { event: "book", symbol, bids, asks };
}

function rowsOf(instrument: Instrument, side: SideName): BookRow[] {
  const levels = new Map<bigint, { shown: bigint; count: number }>();
  for (const order of instrument.resting[side]) {
    const level = levels.get(limitOf(order)) ?? { shown: 0n, count: 0 };
    levels.set(limitOf(order), { shown: level.shown + visible(order), count: level.count + 1 });
  }
  return [...levels].map(([price, { shown, count }]) => [
    formatSteps(price, instrument.tickSize),
    formatSteps(shown, instrument.lotSize),
    count,
  ]);
}

/** S6: all live orders in mass-cancel order. */
export function ordersOf(account: Account, instruments: readonly Instrument[]): OrdersEvent {
  const orders = instruments.flatMap((instrument) => SIDES.flatMap((side) => inMassCancelOrder(instrument, side)));
  return { event: "orders", account: account.name, orders: orders.filter((order) => order.account === account).map(liveOrder) };
}
