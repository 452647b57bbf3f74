import type {
  AccountModeName,
  AccountStateName,
  InstrumentKindName,
  KycName,
  OrdTypeName,
  RiskLevelName,
  SideName,
  StateName,
  StpName,
  TifName,
} from "../../engine/edge/types.js";
import type { Decimal } from "./decimal.js";
import type { AccountLimits, SymbolLimits } from "./limit-set.js";

/** Amounts, quantities and prices are capped by this (ARCHITECTURE 5). */
export const SAFE_MAX = 2n ** 53n - 1n;

export const SIDES: readonly SideName[] = ["buy", "sell"];

export interface Currency {
  readonly id: number;
  readonly name: string;
  readonly scale: number;
  /** Atoms: a larger movement waits for review. Undefined: none does. */
  readonly amlThreshold: bigint | undefined;
}

/** What an account has traded on one UTC day, of an instrument or in a currency; kept within ±(2^53−1). */
export interface Day {
  day: bigint;
  /** Quote atoms that were traded, as maker or taker. */
  notional: bigint;
  /** Realised less fees, quote atoms. */
  result: bigint;
}

/** What an account has traded of an instrument. */
export interface Position {
  /** Bought less sold. */
  lots: bigint;
  /** Signed quote atoms, by average price: what the open lots have cost. */
  cost: bigint;
  /** Quote atoms, without fees, since ever; kept within ±(2^53−1). */
  realised: bigint;
  readonly today: Day;
}

/** An accepted `new` command, for the rate and the duplicates. */
export interface Sent {
  readonly at: number;
  /** As it was asked for. */
  readonly order: Order;
  /** What makes two orders the same. */
  readonly terms: string;
}

export interface Account {
  readonly id: number;
  readonly name: string;
  readonly mode: AccountModeName;
  readonly riskLevel: RiskLevelName;
  readonly stp: StpName;
  /** Undefined: the account is its own group, whatever groups are called (S26). */
  readonly stpGroup: string | undefined;
  /** Live orders by clOrdId. */
  readonly live: Map<number, Order>;
  /** Its kill switch. */
  killed: boolean;
  state: AccountStateName;
  kyc: KycName;
  limits: AccountLimits;
  /** Limits of the account in one instrument. */
  readonly limitsIn: Map<Instrument, SymbolLimits>;
  /** Atoms by currency: those that a movement or a trade has touched. */
  readonly balances: Map<Currency, bigint>;
  readonly days: Map<Currency, Day>;
  /** Times of its accepted orders: as many as `maxOrders` and no more, from when that was set. */
  sent: number[];
  /** Its accepted orders, from when `maxDuplicates` was set. */
  alike: Sent[];
  /** Times of its rejects with codes 2xxx, as many as `maxRiskRejects`, until its circuit breaker forgets them. */
  rejects: number[];
  /** How much of each limit was used when it was last looked at: 0, 80 or 100 percent. */
  readonly told: Map<string, number>;
}

/**
 * Where an order is: `entering` is an aggressor at work or a fired stop, `queued` a reached stop that waits for its turn,
 * `pending` the first leg of an OCO pair. Between two commands there is no entering, queued or dead order.
 */
export type Place = "entering" | "resting" | "dormant" | "queued" | "pending" | "dead";

export interface Order {
  readonly orderId: number;
  readonly account: Account;
  readonly instrument: Instrument;
  readonly side: SideName;
  /** As entered. */
  readonly type: OrdTypeName;
  readonly tif: TifName;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly stp: StpName;
  /** Lots that must trade at once, of an ioc limit order. */
  readonly minQty: bigint | undefined;
  /** The distance of a trailing stop: ticks, or basis points. */
  readonly trail: bigint | undefined;
  readonly trailBps: bigint | undefined;
  /** Microseconds; of a gtd order. */
  readonly expireTime: number | undefined;
  /** The leg that the first of an OCO pair waits for. */
  readonly names: number | undefined;
  clOrdId: number;
  place: Place;
  /** Ticks; undefined for what has no limit of its own. */
  price: bigint | undefined;
  stopPrice: bigint | undefined;
  /** The last trade that a trailing stop has ratcheted to. */
  watermark: bigint | undefined;
  /** Lots: executed + leaves. Reduce and every other cut lower it. */
  total: bigint;
  leaves: bigint;
  /** Lots of an iceberg that show at most; undefined for a plain order. */
  displayQty: bigint | undefined;
  /** Lots of an iceberg's present tranche, while it rests. */
  tranche: bigint;
  /** Ticks that it counts with in what it could cost; undefined for a market order, which counts with its sweep. */
  riskPrice: bigint | undefined;
  /** Quote atoms that are left to spend or to earn, of an order by quoteQty; its total and leaves mean nothing. */
  money: bigint | undefined;
  /** seq of the command that accepted it, or of the last replace that lost it its priority (C15). */
  age: number;
  /** The other leg of an OCO pair, once both are in and as long as both live. */
  partner: Order | undefined;
}

export interface Indication {
  /** Ticks; 0 when nothing crosses. */
  readonly price: bigint;
  /** Lots that would trade. */
  readonly qty: bigint;
}

export const NO_INDICATION: Indication = { price: 0n, qty: 0n };

export interface Instrument {
  readonly id: number;
  readonly symbol: string;
  readonly base: Currency;
  readonly quote: Currency;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly kind: InstrumentKindName;
  /** Quote atoms in one tick × one lot, the multiplier included; whole by BAD_INSTRUMENT. */
  readonly atomsPerTickLot: bigint;
  readonly multiplier: Decimal;
  /** Base atoms in one lot. */
  readonly atomsPerLot: bigint;
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
  readonly initialMarginPpm: bigint;
  readonly maintenanceMarginPpm: bigint;
  readonly minQty: bigint;
  readonly maxQty: bigint;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
  /** Quote atoms. */
  readonly minNotional: bigint;
  readonly bandBps: bigint;
  readonly marketProtectionBps: bigint;
  readonly collarBps: bigint;
  readonly breakerBps: bigint;
  readonly breakerWindowUs: number;
  readonly auctionUs: number;
  /** Ticks; undefined before the first trade. */
  lastPrice: bigint | undefined;
  /** Ticks: the last `mark`. */
  marked: bigint | undefined;
  /** Prints since the last auctionCall or opening, for the circuit breaker. */
  prints: { readonly at: number; readonly price: bigint }[];
  /** Limits of every account in it. */
  limits: SymbolLimits;
  /** They were set once. */
  limitsGiven: boolean;
  /** The last trade before the present command: the reference of its band (A6). */
  bandReference: bigint | undefined;
  state: StateName;
  killed: boolean;
  /** When an interruption ends by itself; 0: not by itself. */
  reopenAt: number;
  /** The indication that was printed last. */
  told: Indication;
  /** It came into auctionCall in the present command, which prints the indication in any case (N16). */
  entered: boolean;
  /** Orders in the book, in priority. */
  readonly resting: Readonly<Record<SideName, Order[]>>;
  /** Stops that are not reached, in no order. */
  readonly dormant: Set<Order>;
  /** First legs of OCO pairs. */
  readonly pending: Set<Order>;
  readonly positions: Map<Account, Position>;
}

export function opposite(side: SideName): SideName {
  return side === "buy" ? "sell" : "buy";
}

/** Is the first price better for the owner of a resting order of that side to be first with? */
export function isBetter(side: SideName, price: bigint, than: bigint): boolean {
  return side === "buy" ? price > than : price < than;
}

/** Would an order of that side and limit (none: without limit) trade at that price of the other side? */
export function reaches(side: SideName, limit: bigint | undefined, price: bigint): boolean {
  return limit === undefined || !isBetter(side, price, limit);
}

/** The best price of a side, if it has any order. */
export function bestPrice(instrument: Instrument, side: SideName): bigint | undefined {
  return instrument.resting[side][0]?.price;
}

/** Whole open quantity at one price, hidden parts too, in lots. */
export function levelTotal(instrument: Instrument, side: SideName, price: bigint): bigint {
  return instrument.resting[side].reduce((sum, order) => (order.price === price ? sum + order.leaves : sum), 0n);
}

/** Lots that show, and that trade before it loses its place: all of a plain order. */
export function visible(order: Order): bigint {
  return order.displayQty === undefined ? order.leaves : order.tranche;
}

/** Puts an order at the tail of its price. C7: an iceberg shows its first tranche. */
export function rest(order: Order): void {
  const orders = order.instrument.resting[order.side];
  const price = limitOf(order);
  let at = orders.length;
  while (at > 0 && isBetter(order.side, price, limitOf(orders[at - 1] as Order))) at--;
  orders.splice(at, 0, order);
  order.place = "resting";
  if (order.displayQty !== undefined) order.tranche = smaller(order.displayQty, order.leaves);
}

/** Takes an order out of wherever it is. */
export function takeOut(order: Order): void {
  const { instrument, place, side } = order;
  if (place === "dormant") instrument.dormant.delete(order);
  if (place === "pending") instrument.pending.delete(order);
  if (place === "resting") {
    const at = instrument.resting[side].indexOf(order);
    if (at < 0) throw new Error(`order ${order.orderId} does not rest`);
    instrument.resting[side].splice(at, 1);
  }
  order.place = "entering";
}

/** The price of an order that has a limit. Throws for any other: it never rests. */
export function limitOf(order: Order): bigint {
  if (order.price === undefined) throw new Error(`order ${order.orderId} has no price`);
  return order.price;
}

export function executed(order: Order): bigint {
  return order.total - order.leaves;
}

export function isStop(order: Pick<Order, "type">): boolean {
  return order.type === "stop" || order.type === "stopLimit" || order.type === "trailingStop";
}

/** Does what is left of it go into the book? Not of a market order or of a stop that becomes one (O11). */
export function mayRest(order: Pick<Order, "type" | "tif">): boolean {
  return (order.type === "limit" || order.type === "stopLimit") && order.tif !== "ioc" && order.tif !== "fok";
}

const FLAT: Readonly<Position> = { lots: 0n, cost: 0n, realised: 0n, today: { day: 0n, notional: 0n, result: 0n } };

/** What an account has in an instrument, for reading. */
export function positionOf(account: Account, instrument: Instrument): Readonly<Position> {
  return instrument.positions.get(account) ?? FLAT;
}

/** C3: how far an order of that side may go before the account's position is flat. */
export function roomOf(order: Pick<Order, "account" | "instrument" | "side">): bigint {
  const position = positionOf(order.account, order.instrument).lots;
  const room = order.side === "buy" ? -position : position;
  return room > 0n ? room : 0n;
}

/** Has the last trade reached its stop price? Equality does (SEMANTICS 5). Without a trade: no. */
export function isReached(order: Order, lastPrice: bigint | undefined): boolean {
  if (lastPrice === undefined || order.stopPrice === undefined) return false;
  return order.side === "buy" ? lastPrice >= order.stopPrice : lastPrice <= order.stopPrice;
}

/** Same self-trade group (SEMANTICS 6, S26)? */
export function sameGroup(a: Account, b: Account): boolean {
  return a === b || (a.stpGroup !== undefined && a.stpGroup === b.stpGroup);
}

/** Resting orders of a side by priority, then dormant and pending ones together by age (R11, C29). */
export function inMassCancelOrder(instrument: Instrument, side: SideName): Order[] {
  return [...instrument.resting[side], ...asleepByAge(instrument).filter((order) => order.side === side)];
}

/** Dormant and pending orders of both sides, the oldest first. */
export function asleepByAge(instrument: Instrument): Order[] {
  return [...instrument.dormant, ...instrument.pending].sort((a, b) => a.age - b.age);
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Where it would pass ±(2^53−1), it stays there. */
export function clamped(value: bigint): bigint {
  return smaller(larger(value, -SAFE_MAX), SAFE_MAX);
}
