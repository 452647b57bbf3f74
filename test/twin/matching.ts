import { copyOf } from "./copy.js";
import { Desk } from "./desk.js";
import { reduced } from "./events.js";
import type { Instrument, Order } from "./state.js";
import { bestPrice, larger, limitOf, mayRest, opposite, reaches, rest, roomOf, sameGroup, smaller, takeOut, visible } from "./state.js";
import { interrupt } from "./states.js";

/** One of an aggressor's trades. */
export interface Fill {
  readonly price: bigint;
  readonly qty: bigint;
}

/** What became of an aggressor's way through the book. */
export interface Passage {
  readonly fills: readonly Fill[];
  /** It came to a level outside of the band (A6), or too far from another print (K13). */
  readonly stoppedBy: "band" | "breaker" | undefined;
}

const STOOD_STILL: Passage = { fills: [], stoppedBy: undefined };

/** SEMANTICS 3 and 6: what an aggressor does to the other side. */
export class Matching {
  constructor(readonly desk: Desk) {}

  /** An order enters the book: cut to its room, then steps 6 and 7. While not open it only rests (SEMANTICS 7). */
  enter(order: Order): Passage {
    if (!this.desk.cutToRoom(order)) return STOOD_STILL;
    return this.work(order);
  }

  /** Steps 6 and 7 for an order that has been cut. */
  work(order: Order): Passage {
    if (order.instrument.state !== "open") {
      rest(order);
      return STOOD_STILL;
    }
    const limit = order.price ?? protectionCap(order);
    const wanted = order.tif === "fok" ? order.leaves : (order.minQty ?? 0n);
    if (wanted > 0n && this.#wouldTrade(order, limit) < wanted) {
      this.desk.cancel(order, order.tif === "fok" ? "fok" : "minQty");
      return STOOD_STILL;
    }
    const passage = this.#sweep(order, limit);
    this.#settle(order);
    // C12: the residual's event, then the state.
    if (passage.stoppedBy !== undefined) interrupt(this.desk.tape, order.instrument, passage.stoppedBy);
    return passage;
  }

  /** What is left rests or is canceled per its TIF. */
  #settle(order: Order): void {
    if (order.place === "dead") return;
    if (order.tif === "fok") throw new Error(`order ${order.orderId} was feasible and did not fill`);
    if (mayRest(order)) rest(order);
    // O11: a market order with gtc and ioc alike; its rest is canceled with noLiquidity (SEMANTICS 3).
    else this.desk.cancel(order, order.price === undefined ? "noLiquidity" : "ioc");
  }

  /** C9: the lots that would trade, found by trading them: on a copy, with events that nobody reads. */
  #wouldTrade(order: Order, limit: bigint | undefined): bigint {
    return lotsOf(this.#trial().#sweep(copyOf(order), limit).fills);
  }

  /** K3: the trades that an order with these terms would make if it entered now. */
  rehearse(order: Order, terms: Partial<Order> = {}): readonly Fill[] {
    const copy = copyOf(order);
    takeOut(copy);
    Object.assign(copy, terms);
    // An order that only rests while not open is worth what it would trade for when trading begins.
    copy.instrument.state = "open";
    return this.#trial().enter(copy).fills;
  }

  #trial(): Matching {
    return new Matching(new Desk(this.desk.tape.muted()));
  }

  /** Matches until the order is done, or nothing more is in reach. What is left of it is the caller's. */
  #sweep(order: Order, limit: bigint | undefined): Passage {
    const { instrument, side } = order;
    const fills: Fill[] = [];
    const band = bandBound(order);
    const breaker = breakerBound(order, this.desk.tape.clock);
    // O12, C6: what an order by quoteQty may do at most, if it is reduce-only.
    const room = order.money !== undefined && order.reduceOnly ? roomOf(order) : undefined;
    while (order.place === "entering") {
      if (room !== undefined && lotsOf(fills) === room) {
        this.desk.cancel(order, "reduceOnly");
        break;
      }
      const price = bestPrice(instrument, opposite(side));
      if (price === undefined || !reaches(side, limit, price)) break;
      const most = affordable(order, price);
      if (most === 0n) break; // C11.
      if (inDirection(side, price) > smaller(band, breaker)) return { fills, stoppedBy: breaker < band ? "breaker" : "band" };
      const maker = instrument.resting[opposite(side)][0] as Order;
      if (isSelfTrade(order, maker)) {
        this.#preventSelfTrade(order, maker);
        continue;
      }
      if (!this.desk.cutToRoom(maker)) continue; // C5.
      let qty = smaller(most, visible(maker));
      if (room !== undefined) qty = smaller(qty, room - lotsOf(fills));
      // A trade prints at the resting order's price (SEMANTICS 3).
      this.desk.trade(maker, order, price, qty, false);
      fills.push({ price, qty });
    }
    return { fills, stoppedBy: undefined };
  }

  /** SEMANTICS 6 on encounter; P1: the resting order's event first. */
  #preventSelfTrade(aggressor: Order, resting: Order): void {
    switch (aggressor.stp) {
      case "cancelNewest":
        return this.desk.cancel(aggressor, "selfTrade");
      case "cancelOldest":
        return this.desk.cancel(resting, "selfTrade");
      case "cancelBoth":
        this.desk.cancel(resting, "selfTrade");
        return this.desk.cancel(aggressor, "selfTrade");
      case "decrement":
        return aggressor.money === undefined ? this.#decrement(aggressor, resting) : this.#decrementMoney(aggressor, resting);
      case "none":
        throw new Error("mode none prevents nothing");
    }
  }

  /** The smaller order goes, the larger is reduced by as much; P1: equal sizes both go. C8: an iceberg counts whole. */
  #decrement(aggressor: Order, resting: Order): void {
    const qty = smaller(aggressor.leaves, resting.leaves);
    for (const order of [resting, aggressor]) {
      if (order.leaves === qty) this.desk.cancel(order, "selfTrade");
      else this.desk.reduce(order, qty, "selfTrade");
    }
  }

  /** N9: the resting order goes, and its notional off the amount; nothing left of that: both go. */
  #decrementMoney(aggressor: Order, resting: Order): void {
    const by = resting.leaves;
    const notional = by * limitOf(resting) * resting.instrument.atomsPerTickLot;
    const money = aggressor.money ?? 0n;
    this.desk.cancel(resting, "selfTrade");
    if (notional >= money) return this.desk.cancel(aggressor, "selfTrade");
    aggressor.money = money - notional;
    this.desk.tape.emit(reduced(this.desk.tape.seq, aggressor, by, "selfTrade"));
  }
}

/** O6: would the price cross the best opposite price, whoever owns it? */
export function wouldCross(instrument: Instrument, side: Order["side"], price: bigint): boolean {
  const best = bestPrice(instrument, opposite(side));
  return best !== undefined && reaches(side, price, best);
}

/** C10: a market order goes so far from the best opposite price of any owner and no further. Undefined: as far as it likes. */
function protectionCap({ instrument, side }: Order): bigint | undefined {
  const best = bestPrice(instrument, opposite(side));
  if (best === undefined || instrument.marketProtectionBps === 0n) return undefined;
  const distance = (best * instrument.marketProtectionBps) / 10_000n;
  return side === "buy" ? best + distance : best - distance;
}

/** Prices in the order's own direction: the larger, the further it goes. */
function inDirection(side: Order["side"], price: bigint): bigint {
  return side === "buy" ? price : -price;
}

/** Beyond every price, in either direction. */
const FAR = 2n ** 64n;

/** How far prices from `low` to `high` let an order go that begins at `first`: not at all when that is outside at the other end. */
function boundOf(side: Order["side"], first: bigint, low: bigint, high: bigint): bigint {
  if (side === "buy") return first < low ? -FAR : high;
  return first > high ? -FAR : -low;
}

/** C12: inside is ≤. Without a band, or without a trade before the command, everything is inside. */
function bandBound({ instrument, side }: Order): bigint {
  const { bandBps, bandReference } = instrument;
  const best = bestPrice(instrument, opposite(side));
  if (bandBps === 0n || bandReference === undefined || best === undefined) return FAR;
  const distance = (bandReference * bandBps) / 10_000n;
  return boundOf(side, best, bandReference - distance, bandReference + distance);
}

/** K13, RISK.md: not too far from the lowest or the highest print within the window, this order's first one included. */
function breakerBound(order: Order, clock: number): bigint {
  const { breakerBps, breakerWindowUs, prints } = order.instrument;
  const first = firstPrint(order);
  if (breakerBps === 0n || first === undefined) return FAR;
  const recent = [first, ...prints.filter(({ at }) => at > clock - breakerWindowUs).map((print) => print.price)];
  const lowest = recent.reduce(smaller);
  const highest = recent.reduce(larger);
  return boundOf(order.side, first, highest - (highest * breakerBps) / 10_000n, lowest + (lowest * breakerBps) / 10_000n);
}

/** Where the order would trade first: not with its own kind, nor with what has no room left. When with nobody, the best price. */
function firstPrint(order: Order): bigint | undefined {
  const makers = order.instrument.resting[opposite(order.side)];
  const trades = (maker: Order) => !isSelfTrade(order, maker) && !(maker.reduceOnly && roomOf(maker) === 0n);
  const first = makers.find(trades) ?? makers[0];
  return first === undefined ? undefined : limitOf(first);
}

function lotsOf(fills: readonly Fill[]): bigint {
  return fills.reduce((sum, { qty }) => sum + qty, 0n);
}

/** Lots that the order could take at that price. */
function affordable(order: Order, price: bigint): bigint {
  return order.money === undefined ? order.leaves : order.money / (price * order.instrument.atomsPerTickLot);
}

/** The aggressor's mode decides (SEMANTICS 6). */
function isSelfTrade(aggressor: Order, resting: Order): boolean {
  return aggressor.stp !== "none" && sameGroup(aggressor.account, resting.account);
}
