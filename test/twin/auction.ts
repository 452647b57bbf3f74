import type { SideName } from "../../engine/edge/types.js";
import type { Desk } from "./desk.js";
import { auction } from "./events.js";
import type { Indication, Instrument, Order } from "./state.js";
import { bestPrice, limitOf, NO_INDICATION, SIDES, smaller, visible } from "./state.js";

/** Up to so many ticks between best ask and best bid, every one of them is tried. */
const TICKS_TRIED_MAX = 300n;

interface Candidate {
  readonly price: bigint;
  readonly executed: bigint;
  /** Bought less sold that would be left over at this price: a buy surplus is positive. */
  readonly surplus: bigint;
}

/** What an uncross would do now: SEMANTICS 7 with A2 and A3. C25: whole quantities, reduce-only orders uncut. */
export function indicationOf(instrument: Instrument): Indication {
  const candidates = candidatesOf(instrument);
  const most = extreme(candidates.map(({ executed }) => executed));
  if (most === undefined || most === 0n) return NO_INDICATION;
  const largest = candidates.filter(({ executed }) => executed === most);
  const least = extreme(largest.map(({ surplus }) => -magnitude(surplus)));
  const best = largest.filter(({ surplus }) => -magnitude(surplus) === least);
  return { price: chosen(best, instrument.lastPrice), qty: most };
}

/** A3: all with buy surplus: the highest; all with sell surplus: the lowest; else nearest the reference; else the lower. */
function chosen(best: readonly Candidate[], reference: bigint | undefined): bigint {
  const prices = best.map(({ price }) => price).sort((a, b) => (a < b ? -1 : 1));
  const lowest = prices[0] as bigint;
  if (best.every(({ surplus }) => surplus > 0n)) return prices.at(-1) as bigint;
  if (best.every(({ surplus }) => surplus < 0n) || reference === undefined) return lowest;
  return prices.reduce((nearest, price) => (magnitude(price - reference) < magnitude(nearest - reference) ? price : nearest), lowest);
}

function candidatesOf(instrument: Instrument): Candidate[] {
  const bid = bestPrice(instrument, "buy");
  const ask = bestPrice(instrument, "sell");
  if (bid === undefined || ask === undefined) return [];
  const [buys, sells] = SIDES.map((side) => volumesByPrice(instrument, side)) as [Map<bigint, bigint>, Map<bigint, bigint>];
  return triedPrices(instrument, ask, bid).map((price) => {
    const bought = sumWhere(buys, (limit) => limit >= price);
    const sold = sumWhere(sells, (limit) => limit <= price);
    return { price, executed: smaller(bought, sold), surplus: bought - sold };
  });
}

/**
 * A2: every tick from best ask to best bid. When these are too many: between two neighbouring prices of orders nothing changes
 * but the distance from the reference, so the prices of orders, their neighbours and the reference stand for all.
 */
function triedPrices(instrument: Instrument, ask: bigint, bid: bigint): bigint[] {
  if (bid - ask <= TICKS_TRIED_MAX) {
    const ticks: bigint[] = [];
    for (let price = ask; price <= bid; price++) ticks.push(price);
    return ticks;
  }
  const limits = SIDES.flatMap((side) => instrument.resting[side].map(limitOf));
  const points = [...limits.flatMap((price) => [price - 1n, price, price + 1n]), instrument.lastPrice ?? ask];
  return [...new Set(points)].filter((price) => price >= ask && price <= bid);
}

function volumesByPrice(instrument: Instrument, side: SideName): Map<bigint, bigint> {
  const volumes = new Map<bigint, bigint>();
  for (const order of instrument.resting[side]) {
    const price = limitOf(order);
    volumes.set(price, (volumes.get(price) ?? 0n) + order.leaves);
  }
  return volumes;
}

/**
 * Every entry into `open` uncrosses (A4): one price, price then time on both sides, whatever the accounts (P2). Returns the
 * price, if anything traded.
 */
export function uncross(
  desk: Desk,
  instrument: Instrument,
  mayPrint: (sell: Order, price: bigint, qty: bigint) => boolean,
): bigint | undefined {
  const result = indicationOf(instrument);
  if (result.qty === 0n) return undefined; // N16.
  const { price } = result;
  desk.tape.emit(auction(desk.tape.seq, instrument, result, true));
  for (;;) {
    const buy = instrument.resting.buy[0];
    const sell = instrument.resting.sell[0];
    if (buy === undefined || sell === undefined || limitOf(buy) < price || limitOf(sell) > price) return price;
    // C5: either party that is reduce-only is cut before each of its prints.
    if (!desk.cutToRoom(buy) || !desk.cutToRoom(sell)) continue;
    const qty = smaller(visible(buy), visible(sell)); // A8, C28.
    if (!mayPrint(sell, price, qty)) {
      desk.cancel(sell, "riskOnTrigger");
      continue;
    }
    const [maker, taker] = buy.orderId < sell.orderId ? [buy, sell] : [sell, buy];
    desk.trade(maker, taker, price, qty, true);
  }
}

function sumWhere(volumes: ReadonlyMap<bigint, bigint>, isIn: (price: bigint) => boolean): bigint {
  let sum = 0n;
  for (const [price, volume] of volumes) if (isIn(price)) sum += volume;
  return sum;
}

/** The largest, if there is any. */
function extreme(values: readonly bigint[]): bigint | undefined {
  return values.reduce<bigint | undefined>((best, value) => (best === undefined || value > best ? value : best), undefined);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
