import type { Order } from "./state.js";
import { larger } from "./state.js";

/** The price of a trailing stop's distance from a trade: T2: a bps distance is rounded down to the tick, at least 1. */
export function trailingStopPrice(stop: Pick<Order, "side" | "trail" | "trailBps">, lastPrice: bigint): bigint {
  const byBps = (lastPrice * (stop.trailBps ?? 0n)) / 10_000n;
  const distance = stop.trail ?? larger(byBps, 1n);
  return stop.side === "buy" ? lastPrice + distance : lastPrice - distance;
}

/**
 * The price that an order counts with (RISK.md): its limit; of a stop that becomes a market order its stop price, and of a buy
 * the protection on top. Of a trailing stop where it begins, one tick at least; it does not move with the trail. Undefined: none.
 */
export function riskPriceOf(
  order: Pick<Order, "type" | "side" | "price" | "stopPrice" | "trail" | "trailBps" | "instrument">,
): bigint | undefined {
  const { type, instrument, price, stopPrice } = order;
  if (type === "stop") return withProtection(order, stopPrice as bigint);
  if (type !== "trailingStop") return price;
  if (instrument.lastPrice === undefined) return undefined;
  return withProtection(order, larger(trailingStopPrice(order, instrument.lastPrice), 1n));
}

/** T4. */
function withProtection({ side, instrument }: Pick<Order, "side" | "instrument">, stopPrice: bigint): bigint {
  return side === "buy" ? stopPrice + (stopPrice * instrument.marketProtectionBps) / 10_000n : stopPrice;
}
