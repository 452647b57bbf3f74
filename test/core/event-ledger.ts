import { expect } from "vitest";
import type { AcceptedEvent, CanceledEvent, Event, ReducedEvent, ReplacedEvent, StateName, TradeEvent } from "../../engine/edge/types.js";

type Side = "buy" | "sell";

/** What the events alone say about an order. Quantities in tenths, which every lot size of the tests divides. */
export interface TrackedOrder {
  readonly key: string;
  readonly account: string;
  readonly orderId: number;
  readonly symbol: string;
  readonly side: Side;
  readonly type: AcceptedEvent["type"];
  /** It never rests: a market order, or one that takes what there is. */
  readonly isPassing: boolean;
  readonly isReduceOnly: boolean;
  /** Self-trade mode that it was given. */
  readonly stp: AcceptedEvent["stp"];
  /** Undefined for an order without a limit. */
  price: number | undefined;
  status: "active" | "dormant" | "pending";
  /** Place in the queue of its price: the number of the event that put it there. */
  stamp: number;
  total: number;
  filled: number;
  leaves: number;
  /** Tranche of an iceberg, 0 for others, and what it shows; undefined until it rests. */
  display: number;
  visible: number | undefined;
  /** An order by quoteQty: millionths that are left. */
  money: number | undefined;
  /** Client id of the leg that it waits for. */
  named: number | undefined;
  partner: TrackedOrder | undefined;
}

const TENTHS = 10;
const MILLIONTHS = 1_000_000;
/** Cancellations after which the other leg of a pair stays as it is. */
const WITHOUT_CONSEQUENCE = new Set(["massCancel", "killSwitch", "halt"]);

/** What the ledger is told beforehand, because no event says it. */
export interface LedgerSetUp {
  readonly groups?: Readonly<Record<string, string>>;
  readonly modes?: Readonly<Record<string, string>>;
  readonly lastPrices?: Readonly<Record<string, string>>;
}

/** Follows a core by its events only, and checks on each that it can be true: priority, quantities, ids, pairs, positions. */
export class EventLedger {
  readonly live = new Map<string, TrackedOrder>();
  /** By account and symbol: bought less sold. */
  readonly positions = new Map<string, number>();
  readonly states = new Map<string, StateName>();
  /** By account and client id, in the order of the events: consequences that a pair still owes, `canceled` or by how much. */
  readonly #owed = new Map<string, number | "canceled">();
  readonly #lastPrices = new Map<string, string>();
  #uncrossPrice = "";
  #lastCanceled: TrackedOrder | undefined;
  #stamp = 0;
  #tradeId = 0;
  #orderId = 0;

  constructor(readonly setUp: LedgerSetUp = {}) {
    for (const [symbol, price] of Object.entries(setUp.lastPrices ?? {})) this.#lastPrices.set(symbol, price);
  }

  follow(event: Event): void {
    this.#stamp++;
    if (this.#owed.size > 0) expect(event, "a pair's consequence stands directly behind its cause").toMatchObject({ reason: "oco" });
    switch (event.event) {
      case "accepted":
        return this.#accepted(event);
      case "trade":
        return this.#trade(event);
      case "canceled":
        return this.#canceled(event);
      case "reduced":
        return this.#reduced(event);
      case "replaced":
        return this.#replaced(event);
      case "triggered": {
        const order = this.#order(keyOf(event));
        expect(order.status, `${order.key} has waited for its trigger`).toBe("dormant");
        expect(event.lastPrice).toBe(this.#lastPrices.get(event.symbol));
        order.status = "active";
        order.stamp = this.#stamp;
        return;
      }
      case "state":
        this.states.set(event.symbol, event.state);
        return;
      case "auction":
        if (event.final === true) this.#uncrossPrice = event.price ?? "";
        else expect(this.states.get(event.symbol), "indications are told in the call").toBe("auctionCall");
    }
  }

  /** After each command: quantities add up, no live order is empty, nothing is owed, what does not rest is gone. */
  checkTotals(): void {
    expect([...this.#owed]).toEqual([]);
    for (const [key, order] of this.live) {
      if (order.money === 0) {
        this.live.delete(key);
        continue;
      }
      expect(order.filled + order.leaves, `filled + open of ${key}`).toBe(order.total);
      expect(order.leaves, `open of ${key}`).toBeGreaterThan(0);
      expect(order.isPassing && order.status === "active", `${key} has come to rest`).toBe(false);
      this.#show(order);
    }
  }

  /** The orders of one side that rest, best price first, oldest first in a price. */
  queue(symbol: string, side: Side): (TrackedOrder & { price: number })[] {
    const better = side === "buy" ? -1 : 1;
    return [...this.live.values()]
      .filter((order): order is TrackedOrder & { price: number } => isInBook(order) && order.symbol === symbol && order.side === side)
      .sort((a, b) => (a.price === b.price ? a.stamp - b.stamp : better * (a.price - b.price)));
  }

  positionOf(account: string, symbol: string): number {
    return this.positions.get(`${account} ${symbol}`) ?? 0;
  }

  lastPriceOf(symbol: string): string | undefined {
    return this.#lastPrices.get(symbol);
  }

  #accepted(event: AcceptedEvent): void {
    const key = keyOf(event);
    expect(this.live.has(key), `${key} is new`).toBe(false);
    expect(event.orderId).toBe(String(++this.#orderId));
    const total = event.qty === undefined ? 0 : tenths(event.qty);
    const isStop = event.type !== "limit" && event.type !== "market";
    const order: TrackedOrder = {
      ...{ key, account: event.account, orderId: this.#orderId, symbol: event.symbol, side: event.side, type: event.type },
      ...{ isPassing: event.price === undefined || event.tif === "ioc" || event.tif === "fok" },
      ...{ isReduceOnly: event.reduceOnly === true, stp: event.stp },
      price: event.price === undefined ? undefined : Number(event.price),
      status: isStop ? "dormant" : "active",
      ...{ stamp: this.#stamp, total, filled: 0, leaves: total },
      display: event.displayQty === undefined ? 0 : tenths(event.displayQty),
      visible: undefined,
      money: event.quoteQty === undefined ? undefined : millionths(event.quoteQty),
      named: event.oco,
      partner: undefined,
    };
    this.live.set(key, order);
    if (event.oco !== undefined) this.#joinPair(order, `${event.account} ${event.oco}`, event.clOrdId);
  }

  /** The first leg waits; with the second both enter. */
  #joinPair(order: TrackedOrder, otherKey: string, clOrdId: number): void {
    const other = this.live.get(otherKey);
    if (other === undefined) {
      order.status = "pending";
      return;
    }
    expect(other).toMatchObject({ status: "pending", named: clOrdId, symbol: order.symbol, side: order.side });
    expect((other.type === "limit") !== (order.type === "limit"), "a pair is a limit order and a stop").toBe(true);
    for (const leg of [order, other]) {
      leg.status = leg.type === "limit" ? "active" : "dormant";
      leg.stamp = this.#stamp;
      leg.named = undefined;
    }
    order.partner = other;
    other.partner = order;
  }

  #canceled(event: CanceledEvent): void {
    const order = this.#order(keyOf(event));
    if (order.money === undefined) expect(tenths(event.qty)).toBe(order.leaves);
    else expect(millionths(event.quoteQty)).toBe(order.money);
    this.live.delete(order.key);
    if (event.reason === "selfTrade") this.#lastCanceled = order;
    const { partner } = order;
    this.#part(order);
    if (event.reason === "oco") {
      expect(this.#owed.get(order.key), `${order.key} had to be canceled`).toBe("canceled");
      this.#owed.delete(order.key);
    } else if (partner !== undefined && !WITHOUT_CONSEQUENCE.has(event.reason)) this.#owed.set(partner.key, "canceled");
  }

  #reduced(event: ReducedEvent): void {
    const order = this.#order(keyOf(event));
    const by = tenths(event.by);
    if (order.money !== undefined) {
      expect(event.leavesQty).toBeUndefined();
      order.money -= Math.round((by / TENTHS) * (this.#lastCanceled?.price ?? 0) * MILLIONTHS);
      return;
    }
    order.total -= by;
    order.leaves -= by;
    if (order.visible !== undefined) order.visible = Math.min(order.visible, order.leaves);
    expect(tenths(event.leavesQty)).toBe(order.leaves);
    expect(order.leaves).toBeGreaterThan(0);
    if (event.reason === "oco") {
      expect(this.#owed.get(order.key), `${order.key} had to be reduced`).toBe(by);
      this.#owed.delete(order.key);
    } else if (order.partner !== undefined && order.partner.leaves > order.leaves) {
      this.#owed.set(order.partner.key, order.partner.leaves - order.leaves);
    }
  }

  #replaced(event: ReplacedEvent): void {
    const order = this.#order(keyOf({ account: event.account, clOrdId: event.origClOrdId }));
    this.live.delete(order.key);
    const moved: TrackedOrder = Object.assign(order, { key: keyOf(event) });
    moved.price = event.price === undefined ? undefined : Number(event.price);
    moved.total = tenths(event.qty);
    moved.leaves = moved.total - moved.filled;
    expect(tenths(event.leavesQty)).toBe(moved.leaves);
    if (event.displayQty !== undefined) moved.display = tenths(event.displayQty);
    if (!event.keptPriority) {
      moved.stamp = this.#stamp;
      moved.visible = undefined;
    } else if (moved.visible !== undefined) moved.visible = Math.min(moved.visible, moved.leaves);
    expect(this.live.has(moved.key), `${moved.key} is new`).toBe(false);
    this.live.set(moved.key, moved);
  }

  /** The maker is the first of its side, and the price is its own; in an uncross both are the first, and the older is the maker. */
  #trade(event: TradeEvent): void {
    expect(event.tradeId).toBe(++this.#tradeId);
    expect(this.states.get(event.symbol) ?? "open").toBe("open");
    const maker = this.#order(keyOf(event.maker));
    const taker = this.#order(keyOf(event.taker));
    const qty = tenths(event.qty);
    const price = Number(event.price);
    expect(maker.side).not.toBe(taker.side);
    expect(this.queue(event.symbol, maker.side)[0], "the maker has the best price and is the oldest there").toBe(maker);
    for (const party of [maker, taker]) {
      const limit = party.price ?? price;
      expect(party.side === "buy" ? limit - price : price - limit, `${party.key} keeps its limit`).toBeGreaterThanOrEqual(0);
      if (party.isReduceOnly) expect(qty, `${party.key} only reduces`).toBeLessThanOrEqual(this.#roomOf(party));
    }
    this.#show(maker);
    const shown = maker.visible ?? maker.leaves;
    if (event.aggressor === undefined) {
      expect(event.price, "all prints of an uncross have its price").toBe(this.#uncrossPrice);
      expect(this.queue(event.symbol, taker.side)[0], "the taker has the best price and is the oldest there").toBe(taker);
      expect(maker.orderId, "the older order is the maker").toBeLessThan(taker.orderId);
      this.#show(taker);
      expect(qty).toBe(Math.min(shown, taker.visible ?? taker.leaves));
    } else {
      expect(event.aggressor).toBe(taker.side);
      expect(price).toBe(maker.price);
      expect(this.#isOwn(taker, maker), `${taker.key} and ${maker.key} are kept from trading`).toBe(false);
      if (taker.money === undefined) expect(qty).toBe(Math.min(shown, taker.leaves));
      else expect(qty).toBeLessThanOrEqual(shown);
    }
    this.#lastPrices.set(event.symbol, event.price);
    this.#move(maker, qty);
    this.#move(taker, qty);
    this.#fill(maker, event.maker.leavesQty, qty, price);
    this.#fill(taker, event.taker.leavesQty, qty, price);
  }

  #fill(order: TrackedOrder, leavesQty: string | undefined, qty: number, price: number): void {
    order.filled += qty;
    if (order.money !== undefined) {
      expect(leavesQty).toBeUndefined();
      order.total += qty;
      order.money -= Math.round((qty / TENTHS) * price * MILLIONTHS);
      expect(order.money, `${order.key} has spent no more than it may`).toBeGreaterThanOrEqual(0);
      return;
    }
    order.leaves -= qty;
    expect(order.leaves, `leavesQty of ${order.key}`).toBe(tenths(leavesQty));
    if (order.leaves === 0) this.live.delete(order.key);
    else if (order.visible !== undefined) this.#takeVisible(order, order.visible - qty);
    this.#followTrade(order, qty);
  }

  /** A tranche that is used up is followed by the next, at the tail. */
  #takeVisible(order: TrackedOrder, visible: number): void {
    if (visible > 0) {
      order.visible = visible;
      return;
    }
    expect(visible).toBe(0);
    order.visible = Math.min(order.display, order.leaves);
    order.stamp = this.#stamp;
  }

  #followTrade(order: TrackedOrder, qty: number): void {
    const { partner } = order;
    if (partner === undefined) return;
    if (order.leaves > 0 && partner.leaves > qty) {
      this.#owed.set(partner.key, qty);
      return;
    }
    this.#part(order);
    this.#owed.set(partner.key, "canceled");
  }

  #part(order: TrackedOrder): void {
    if (order.partner !== undefined) order.partner.partner = undefined;
    order.partner = undefined;
  }

  /** An iceberg that has come to rest shows its first tranche. */
  #show(order: TrackedOrder): void {
    if (order.display !== 0 && isInBook(order)) order.visible ??= Math.min(order.display, order.leaves);
  }

  #move(order: TrackedOrder, qty: number): void {
    const place = `${order.account} ${order.symbol}`;
    this.positions.set(place, (this.positions.get(place) ?? 0) + (order.side === "buy" ? qty : -qty));
  }

  #roomOf(order: TrackedOrder): number {
    const position = this.positionOf(order.account, order.symbol);
    return Math.max(0, order.side === "buy" ? -position : position);
  }

  #isOwn(taker: TrackedOrder, maker: TrackedOrder): boolean {
    const groupOf = (account: string): string => this.setUp.groups?.[account] ?? `its own: ${account}`;
    const mode = taker.stp ?? this.setUp.modes?.[taker.account] ?? "cancelNewest";
    return groupOf(taker.account) === groupOf(maker.account) && mode !== "none";
  }

  #order(key: string): TrackedOrder {
    const order = this.live.get(key);
    if (order === undefined) throw new Error(`an event about ${key}, which is not live`);
    return order;
  }
}

function isInBook(order: TrackedOrder): boolean {
  return order.status === "active" && order.price !== undefined;
}

function keyOf(event: { account: string; clOrdId: number }): string {
  return `${event.account} ${event.clOrdId}`;
}

/** Decimal text in tenths, as a whole number. */
export function tenths(text: string | undefined): number {
  if (text === undefined) throw new Error("a quantity is missing");
  return Math.round(Number(text) * TENTHS);
}

function millionths(text: string | undefined): number {
  if (text === undefined) throw new Error("an amount is missing");
  return Math.round(Number(text) * MILLIONTHS);
}
