import type { Event, ReasonName, TradeParty } from "../../engine/edge/types.js";
import { formatSteps } from "./decimal.js";
import type { Order } from "./state.js";
import { firstWithin, limitOf, opposite, rest, sameGroup, unrest, within } from "./state.js";

/** SEMANTICS 3 and 6: what an aggressor does to the other side. Emits events in the order of SEMANTICS 2. */
export class Matching {
  tradeCount = 0;
  /** The command whose events are being written. */
  seq = 0;
  #events: Event[] = [];

  /** Names the command whose events follow, and where they go. */
  begin(seq: number, events: Event[]): void {
    this.seq = seq;
    this.#events = events;
  }

  emit(event: Event): void {
    this.#events.push(event);
  }

  /** Steps 6 and 7 for an order that has just been accepted. */
  enter(order: Order): void {
    // FOK that cannot fill: accepted, then canceled with reason fok (SCRIPT).
    if (order.tif === "fok" && this.#tradeable(order) < order.leaves) return this.die(order, "fok");
    this.match(order);
    if (order.leaves === 0n) return;
    // O11: a market order with gtc and ioc alike; its rest is canceled with noLiquidity (SEMANTICS 3).
    if (order.type === "market") return this.die(order, "noLiquidity");
    if (order.tif === "ioc") return this.die(order, "ioc");
    rest(order);
  }

  /** Matches until the order is done, or nothing more is in reach. Leaves what rests to the caller. */
  match(order: Order): void {
    while (order.leaves > 0n) {
      const resting = firstWithin(order.instrument, order.side, order.price);
      if (resting === undefined) return;
      if (isSelfTrade(order, resting)) this.#preventSelfTrade(order, resting);
      else this.#trade(order, resting);
    }
  }

  /** O7: the quantity that would trade at once, self-trade prevention played through without touching anything. */
  #tradeable(order: Order): bigint {
    let wanted = order.leaves;
    let traded = 0n;
    for (const resting of within(order.instrument, order.side, order.price)) {
      if (wanted === 0n) break;
      const quantity = smaller(wanted, resting.leaves);
      if (isSelfTrade(order, resting)) {
        if (order.stp === "cancelNewest" || order.stp === "cancelBoth") break;
        if (order.stp === "decrement") wanted -= quantity;
        continue;
      }
      traded += quantity;
      wanted -= quantity;
    }
    return traded;
  }

  /** A trade prints at the resting order's price (SEMANTICS 3). */
  #trade(taker: Order, maker: Order): void {
    const quantity = smaller(taker.leaves, maker.leaves);
    taker.leaves -= quantity;
    maker.leaves -= quantity;
    this.tradeCount++;
    this.emit({
      event: "trade",
      seq: this.seq,
      tradeId: this.tradeCount,
      symbol: maker.instrument.symbol,
      price: formatSteps(limitOf(maker), maker.instrument.tickSize),
      qty: lots(maker, quantity),
      aggressor: taker.side,
      maker: party(maker),
      taker: party(taker),
    });
    if (maker.leaves === 0n) remove(maker);
    if (taker.leaves === 0n) taker.account.live.delete(taker.clOrdId);
  }

  /** SEMANTICS 6 on encounter; P1: the resting order's event first. */
  #preventSelfTrade(aggressor: Order, resting: Order): void {
    switch (aggressor.stp) {
      case "cancelNewest":
        return this.die(aggressor, "selfTrade");
      case "cancelOldest":
        return this.cancelResting(resting, "selfTrade");
      case "cancelBoth":
        this.cancelResting(resting, "selfTrade");
        return this.die(aggressor, "selfTrade");
      case "decrement":
        return this.#decrement(aggressor, resting);
      case "none":
        throw new Error("mode none prevents nothing");
    }
  }

  /** The smaller order goes, the larger is reduced by as much; P1: equal sizes both go. */
  #decrement(aggressor: Order, resting: Order): void {
    const quantity = smaller(aggressor.leaves, resting.leaves);
    if (resting.leaves === quantity) this.cancelResting(resting, "selfTrade");
    else this.reduce(resting, quantity, "selfTrade");
    if (aggressor.leaves === quantity) this.die(aggressor, "selfTrade");
    else this.reduce(aggressor, quantity, "selfTrade");
  }

  /** Takes lots off an order that keeps its place; its total falls with it. */
  reduce(order: Order, by: bigint, reason: "user" | "selfTrade"): void {
    order.total -= by;
    order.leaves -= by;
    this.emit({
      event: "reduced",
      seq: this.seq,
      account: order.account.name,
      clOrdId: order.clOrdId,
      symbol: order.instrument.symbol,
      by: lots(order, by),
      leavesQty: lots(order, order.leaves),
      reason,
    });
  }

  /** Cancels an order that rests in the book. */
  cancelResting(order: Order, reason: ReasonName): void {
    unrest(order);
    this.die(order, reason);
  }

  /** Cancels an order that does not rest: an aggressor, or one that was just taken out. */
  die(order: Order, reason: ReasonName): void {
    this.emit({
      event: "canceled",
      seq: this.seq,
      account: order.account.name,
      clOrdId: order.clOrdId,
      symbol: order.instrument.symbol,
      qty: lots(order, order.leaves),
      reason,
    });
    order.leaves = 0n;
    order.account.live.delete(order.clOrdId);
  }
}

/** O6: would the price cross the best opposite price, whoever owns it? */
export function wouldCross(order: Pick<Order, "instrument" | "side" | "price">): boolean {
  return order.instrument.levels[opposite(order.side)].size > 0 && firstWithin(order.instrument, order.side, order.price) !== undefined;
}

/** The aggressor's mode decides (SEMANTICS 6). */
function isSelfTrade(aggressor: Order, resting: Order): boolean {
  return aggressor.stp !== "none" && sameGroup(aggressor.account, resting.account);
}

function remove(order: Order): void {
  unrest(order);
  order.account.live.delete(order.clOrdId);
}

function party(order: Order): TradeParty {
  return { account: order.account.name, clOrdId: order.clOrdId, leavesQty: lots(order, order.leaves) };
}

function lots(order: Order, quantity: bigint): string {
  return formatSteps(quantity, order.instrument.lotSize);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
