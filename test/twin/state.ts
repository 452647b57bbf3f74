import { RBTree } from "bintrees";
import type { OrdTypeName, SideName, StpName, TifName } from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";

/** Amounts, quantities and prices are capped by this (ARCHITECTURE 5). */
export const SAFE_MAX = 2n ** 53n - 1n;

export interface Currency {
  readonly id: number;
  readonly name: string;
  readonly scale: number;
}

export interface Account {
  readonly id: number;
  readonly name: string;
  readonly stp: StpName;
  /** Undefined: the account is its own group, whatever groups are called (S26). */
  readonly stpGroup: string | undefined;
  /** Live orders by clOrdId. */
  readonly live: Map<number, Order>;
}

export interface Order {
  readonly orderId: number;
  readonly account: Account;
  readonly instrument: Instrument;
  readonly side: SideName;
  readonly type: OrdTypeName;
  readonly tif: TifName;
  readonly postOnly: boolean;
  readonly stp: StpName;
  clOrdId: number;
  /** Ticks; undefined for a market order. */
  price: bigint | undefined;
  /** Lots: executed + leaves. Reduce and decrement lower it. */
  total: bigint;
  leaves: bigint;
}

export interface Level {
  readonly price: bigint;
  /** Oldest first. */
  readonly orders: Order[];
}

export interface Instrument {
  readonly id: number;
  readonly symbol: string;
  readonly base: Currency;
  readonly quote: Currency;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  /** Quote atoms in one tick × one lot; whole by BAD_INSTRUMENT. */
  readonly atomsPerTickLot: bigint;
  readonly minQty: bigint;
  readonly maxQty: bigint;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  readonly levels: Readonly<Record<SideName, RBTree<Level>>>;
}

/** Both sides, each sorted so that its best price comes first. */
export function emptyLevels(): Readonly<Record<SideName, RBTree<Level>>> {
  return {
    buy: new RBTree<Level>((a, b) => (a.price > b.price ? -1 : a.price < b.price ? 1 : 0)),
    sell: new RBTree<Level>((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0)),
  };
}

export function opposite(side: SideName): SideName {
  return side === "buy" ? "sell" : "buy";
}

/** Would an order of that side and limit (none: a market order) trade at that price of the other side? */
export function reaches(side: SideName, limit: bigint | undefined, price: bigint): boolean {
  if (limit === undefined) return true;
  return side === "buy" ? limit >= price : limit <= price;
}

/** Every order of one side in priority: price, then time. A copy, so that the book may change meanwhile. */
export function inPriority(instrument: Instrument, side: SideName): Order[] {
  const orders: Order[] = [];
  instrument.levels[side].each((level) => {
    orders.push(...level.orders);
  });
  return orders;
}

/** The orders that an aggressor would meet, in priority. */
export function within(instrument: Instrument, side: SideName, limit: bigint | undefined): Order[] {
  const met: Order[] = [];
  const levels = instrument.levels[opposite(side)].iterator();
  for (let level = levels.next(); level !== null && reaches(side, limit, level.price); level = levels.next()) {
    met.push(...level.orders);
  }
  return met;
}

/** The first order that an aggressor would meet, if any. */
export function firstWithin(instrument: Instrument, side: SideName, limit: bigint | undefined): Order | undefined {
  const level = instrument.levels[opposite(side)].min();
  return level !== null && reaches(side, limit, level.price) ? level.orders[0] : undefined;
}

/** Open quantity at one price, in lots; 0 without a level. */
export function levelTotal(instrument: Instrument, side: SideName, price: bigint): bigint {
  const level = instrument.levels[side].find({ price, orders: [] });
  return level === null ? 0n : level.orders.reduce((sum, order) => sum + order.leaves, 0n);
}

/** Puts an order at the tail of its price. */
export function rest(order: Order): void {
  const tree = order.instrument.levels[order.side];
  const price = limitOf(order);
  const level = tree.find({ price, orders: [] });
  if (level === null) tree.insert({ price, orders: [order] });
  else level.orders.push(order);
}

/** Takes an order out of its price, and the price out of the book when it was the last. */
export function unrest(order: Order): void {
  const tree = order.instrument.levels[order.side];
  const level = tree.find({ price: limitOf(order), orders: [] });
  if (level === null || !level.orders.includes(order)) throw new Error(`order ${order.orderId} does not rest`);
  level.orders.splice(level.orders.indexOf(order), 1);
  if (level.orders.length === 0) tree.remove(level);
}

/** The price of a limit order. Throws for a market order: it never rests. */
export function limitOf(order: Order): bigint {
  if (order.price === undefined) throw new Error(`order ${order.orderId} has no price`);
  return order.price;
}

export function executed(order: Order): bigint {
  return order.total - order.leaves;
}

/** Same self-trade group (SEMANTICS 6, S26)? */
export function sameGroup(a: Account, b: Account): boolean {
  return a === b || (a.stpGroup !== undefined && a.stpGroup === b.stpGroup);
}
