import type { CanceledEvent, Event, LiveOrder, NewCommand, ReasonName, ReplaceCommand, TradeParty } from "../../engine/edge/types.js";
import { atomOf } from "./amounts.js";
import { formatSteps } from "./decimal.js";
import type { Fees } from "./ledger.js";
import type { Instrument, Order } from "./state.js";

/** The events of SCRIPT, key by key in its order. */
export function accepted(seq: number, order: Order, command: NewCommand): Event {
  return {
    event: "accepted",
    seq,
    account: order.account.name,
    clOrdId: order.clOrdId,
    orderId: String(order.orderId),
    symbol: order.instrument.symbol,
    side: order.side,
    type: order.type,
    tif: order.tif,
    ...when("price", command.price === undefined ? undefined : price(order, order.price)),
    ...when("qty", command.qty === undefined ? undefined : lots(order, order.total)),
    // S5, N18: further keys when given, flags as given.
    ...when("expireTime", command.expireTime),
    ...when("stopPrice", command.stopPrice === undefined ? undefined : price(order, order.stopPrice)),
    ...when("trail", price(order, order.trail)),
    ...when("trailBps", command.trailBps),
    ...when("displayQty", lots(order, order.displayQty)),
    ...when("minQty", lots(order, order.minQty)),
    ...when("quoteQty", money(order)),
    ...when("postOnly", command.postOnly),
    ...when("reduceOnly", command.reduceOnly),
    ...when("stp", command.stp),
    ...when("oco", command.oco === undefined ? undefined : Number(command.oco)),
  };
}

export function replaced(seq: number, order: Order, origClOrdId: number, keptPriority: boolean, command: ReplaceCommand): Event {
  // N18: a trailing stop always shows its present stop price.
  const showsStop = command.stopPrice !== undefined || order.type === "trailingStop";
  return {
    event: "replaced",
    seq,
    account: order.account.name,
    clOrdId: order.clOrdId,
    origClOrdId, // R4: always written.
    symbol: order.instrument.symbol,
    ...when("price", price(order, order.price)),
    qty: formatSteps(order.total, order.instrument.lotSize),
    leavesQty: formatSteps(order.leaves, order.instrument.lotSize), // R4: before its match.
    keptPriority,
    ...when("stopPrice", showsStop ? price(order, order.stopPrice) : undefined),
    ...when("displayQty", command.displayQty === undefined ? undefined : lots(order, order.displayQty)),
  };
}

export function canceled(seq: number, order: Order, reason: ReasonName): CanceledEvent {
  return {
    event: "canceled",
    seq,
    account: order.account.name,
    clOrdId: order.clOrdId,
    symbol: order.instrument.symbol,
    // An order by quoteQty gives back what it did not spend (O9).
    ...(order.money === undefined ? when("qty", lots(order, order.leaves)) : when("quoteQty", money(order))),
    reason,
  };
}

export function reduced(seq: number, order: Order, by: bigint, reason: ReasonName): Event {
  return {
    event: "reduced",
    seq,
    account: order.account.name,
    clOrdId: order.clOrdId,
    symbol: order.instrument.symbol,
    by: formatSteps(by, order.instrument.lotSize),
    ...when("leavesQty", leaves(order)),
    reason,
  };
}

export interface Print {
  readonly seq: number;
  readonly tradeId: number;
  readonly price: bigint;
  readonly qty: bigint;
  readonly maker: Order;
  readonly taker: Order;
  readonly fees: Fees;
  /** S11: an uncross has no aggressor. */
  readonly isUncross: boolean;
}

export function trade({ seq, tradeId, price: ticks, qty, maker, taker, fees, isUncross }: Print): Event {
  const { symbol, tickSize, lotSize } = maker.instrument;
  return {
    event: "trade",
    seq,
    tradeId,
    symbol,
    price: formatSteps(ticks, tickSize),
    qty: formatSteps(qty, lotSize),
    ...when("aggressor", isUncross ? undefined : taker.side),
    maker: party(maker, fees.maker),
    taker: party(taker, fees.taker),
  };
}

/** SCRIPT: the fee when it is not nought. */
function party(order: Order, fee: bigint): TradeParty {
  const paid = fee === 0n ? undefined : formatSteps(fee, atomOf(order.instrument.quote));
  return { account: order.account.name, clOrdId: order.clOrdId, ...when("leavesQty", leaves(order)), ...when("fee", paid) };
}

export function triggered(seq: number, order: Order): Event {
  const { symbol, lastPrice, tickSize } = order.instrument;
  if (lastPrice === undefined) throw new Error("a stop fires by a trade");
  return {
    event: "triggered",
    seq,
    account: order.account.name,
    clOrdId: order.clOrdId,
    symbol,
    lastPrice: formatSteps(lastPrice, tickSize), // S13: at this moment.
  };
}

/** S12: without a price when nothing crosses. */
export function auction(seq: number, instrument: Instrument, indication: { price: bigint; qty: bigint }, isFinal: boolean): Event {
  const { price: ticks, qty } = indication;
  return {
    event: "auction",
    seq,
    symbol: instrument.symbol,
    ...when("price", qty === 0n ? undefined : formatSteps(ticks, instrument.tickSize)),
    qty: formatSteps(qty, instrument.lotSize),
    ...when("final", isFinal ? (true as const) : undefined),
  };
}

/** N20: the closing order of a position. */
export function liquidation(seq: number, order: Order): Event {
  const { account, instrument, side, total } = order;
  return { event: "liquidation", seq, account: account.name, symbol: instrument.symbol, side, qty: formatSteps(total, instrument.lotSize) };
}

/** S6: type as entered, the stop price of whatever has one, status behind. */
export function liveOrder(order: Order): LiveOrder {
  const { place } = order;
  if (place !== "resting" && place !== "dormant" && place !== "pending") throw new Error(`${place} between two commands`);
  return {
    clOrdId: order.clOrdId,
    symbol: order.instrument.symbol,
    side: order.side,
    type: order.type,
    ...when("price", price(order, order.price)),
    ...when("stopPrice", price(order, order.stopPrice)),
    leavesQty: formatSteps(order.leaves, order.instrument.lotSize),
    status: place,
  };
}

/** The key, unless there is no value for it. */
function when<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

function price(order: Order, ticks: bigint | undefined): string | undefined {
  return ticks === undefined ? undefined : formatSteps(ticks, order.instrument.tickSize);
}

function lots(order: Order, count: bigint | undefined): string | undefined {
  return count === undefined ? undefined : formatSteps(count, order.instrument.lotSize);
}

function leaves(order: Order): string | undefined {
  return order.money === undefined ? lots(order, order.leaves) : undefined;
}

function money(order: Order): string | undefined {
  const { quote } = order.instrument;
  return order.money === undefined ? undefined : formatSteps(order.money, atomOf(quote));
}
