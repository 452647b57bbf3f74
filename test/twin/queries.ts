import type { BalanceRow, BalancesEvent, BookEvent, BookRow, OrdersEvent, PositionRow, SideName } from "../../engine/edge/types.js";
import { atomOf } from "./amounts.js";
import { formatSteps } from "./decimal.js";
import { liveOrder } from "./events.js";
import type { Measures } from "./measures.js";
import { atMark } from "./measures.js";
import type { Account, Currency, Instrument } from "./state.js";
import { clamped, inMassCancelOrder, limitOf, positionOf, SIDES, visible } from "./state.js";

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

/** S7: what was ever touched, by currency id; positions of margin instruments, by symbol id. */
export function balancesOf(account: Account, measures: Measures): BalancesEvent {
  const { currencies, instruments } = measures.directory;
  return {
    event: "balances",
    account: account.name,
    balances: currencies.filter((currency) => account.balances.has(currency)).map((currency) => rowOf(account, currency, measures)),
    positions: instruments
      .filter(({ kind, positions }) => kind === "margin" && positions.has(account))
      .map((of) => positionRow(account, of)),
  };
}

function rowOf(account: Account, currency: Currency, measures: Measures): BalanceRow {
  const text = (atoms: bigint) => formatSteps(atoms, atomOf(currency));
  const total = measures.balance(account, currency);
  const pending = measures.pending(account, currency);
  if (account.mode === "margin") {
    // N21.
    const margin = measures.initialMargin(account, currency);
    const free = clamped(measures.equity(account, currency) - margin - pending);
    return { currency: currency.name, total: text(total), held: text(margin), free: text(free) };
  }
  const held = measures.holds(account, currency) + pending;
  return { currency: currency.name, total: text(total), held: text(held), free: text(total - held) };
}

function positionRow(account: Account, instrument: Instrument): PositionRow {
  const { lots, cost, realised } = positionOf(account, instrument);
  const text = (atoms: bigint) => formatSteps(atoms, atomOf(instrument.quote));
  const { symbol, lotSize } = instrument;
  const unrealised = text(atMark(account, instrument) - cost);
  return { symbol, qty: formatSteps(lots, lotSize), cost: text(cost), realised: text(realised), unrealised };
}
