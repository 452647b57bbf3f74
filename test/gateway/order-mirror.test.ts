import { describe, expect, it } from "vitest";
import {
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderStatus,
  OrderTriggered,
  Trade,
} from "../../engine/wire/flyweights.js";
import { OrderState, OrdType } from "../../engine/wire/generated/enums.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import { type LiveOrder, OrderMirror } from "../../gateway/order-mirror.js";
import { Random } from "../twin/random.js";

type Mutable = { -readonly [Key in keyof LiveOrder]: LiveOrder[Key] };

const ACCOUNTS = 70;
const NAMES = 400;
/** Ids beyond 2^32: both of their words count. */
const ID_BASE = 2 ** 33;

/** The same with a plain Map: every live order by its id, in the order in which it was entered or renamed. */
class PlainMirror {
  readonly orders = new Map<number, Mutable>();

  byClOrdId(account: number, clOrdId: number): Mutable | undefined {
    return [...this.orders.values()].find((order) => order.account === account && order.clOrdId === clOrdId);
  }

  ofAccount(account: number): Mutable[] {
    return [...this.orders.values()].filter((order) => order.account === account);
  }

  rename(order: Mutable, clOrdId: number): void {
    if (order.clOrdId === clOrdId) return;
    order.clOrdId = clOrdId;
    this.orders.delete(order.orderId);
    this.orders.set(order.orderId, order);
  }
}

/** Events of a market that nobody could run, but whose orders live and die as orders do, told to both. */
class Market {
  readonly mirror = new OrderMirror();
  readonly plain = new PlainMirror();
  private nextId = ID_BASE;
  private readonly words = new Int32Array(64);

  constructor(private readonly random: Random) {}

  step(growth: number): void {
    const live = [...this.plain.orders.values()];
    const order = live.length === 0 ? undefined : live[this.random.below(live.length)];
    if (order === undefined || this.random.permille(growth)) return this.enter();
    const moves = [() => this.cancel(order), () => this.trade(order), () => this.reduce(order), () => this.replace(order)];
    moves[this.random.below(moves.length)]?.();
  }

  private tell(): void {
    this.mirror.follow(this.words, 0);
  }

  private freeName(account: number): number {
    for (;;) {
      const name = ID_BASE + this.random.below(NAMES);
      if (this.plain.byClOrdId(account, name) === undefined) return name;
    }
  }

  private enter(): void {
    const account = this.random.below(ACCOUNTS);
    const isPlain = this.random.permille(500);
    const order: Mutable = {
      ...{ orderId: this.nextId++, account, instrument: this.random.below(9), side: this.random.below(2), tif: this.random.below(2) },
      ...{ ordType: isPlain ? OrdType.limit : OrdType.stopLimit, flags: this.random.below(4), session: this.random.below(5) },
      ...{ clOrdId: this.freeName(account), price: 1 + this.random.below(1000), qty: 10 + this.random.below(2 ** 20), cumQty: 0 },
      ...{ leavesQty: 0, stopPrice: isPlain ? NULL_INT64 : 7, displayQty: isPlain ? NULL_INT64 : 3 },
      ...{ expireTime: isPlain ? NULL_INT64 : 2 ** 50, state: isPlain ? OrderState.resting : OrderState.dormant },
    };
    order.leavesQty = order.qty;
    const record = isPlain ? OrderAccepted : OrderAcceptedFull;
    record.init(this.words, 0, 1, 1);
    record.setOrderId(this.words, 0, order.orderId);
    record.setAccount(this.words, 0, account);
    record.setSession(this.words, 0, order.session);
    record.setInstrument(this.words, 0, order.instrument);
    record.setSide(this.words, 0, order.side);
    record.setOrdType(this.words, 0, order.ordType);
    record.setTif(this.words, 0, order.tif);
    // What the fourth byte says is not what OrderStatus has there.
    record.setStp(this.words, 0, 4);
    record.setFlags(this.words, 0, order.flags);
    record.setClOrdId(this.words, 0, order.clOrdId);
    record.setPrice(this.words, 0, order.price);
    record.setQty(this.words, 0, order.qty);
    if (!isPlain) this.setTerms(order);
    this.plain.orders.set(order.orderId, order);
    this.tell();
    if (!isPlain && this.random.permille(300)) this.trigger(order);
  }

  private setTerms(order: Mutable): void {
    OrderAcceptedFull.setStopPrice(this.words, 0, order.stopPrice);
    OrderAcceptedFull.setDisplayQty(this.words, 0, order.displayQty);
    OrderAcceptedFull.setExpireTime(this.words, 0, order.expireTime);
    for (const set of [OrderAcceptedFull.setTrail, OrderAcceptedFull.setTrailBps, OrderAcceptedFull.setMinQty])
      set(this.words, 0, NULL_INT64);
    for (const set of [OrderAcceptedFull.setQuoteQty, OrderAcceptedFull.setOco]) set(this.words, 0, NULL_INT64);
  }

  private trigger(order: Mutable): void {
    OrderTriggered.init(this.words, 0, 1, 1);
    OrderTriggered.setOrderId(this.words, 0, order.orderId);
    OrderTriggered.setAccount(this.words, 0, order.account);
    order.state = OrderState.resting;
    this.tell();
  }

  private cancel(order: Mutable): void {
    OrderCanceled.init(this.words, 0, 1, 1);
    OrderCanceled.setOrderId(this.words, 0, order.orderId);
    OrderCanceled.setAccount(this.words, 0, order.account);
    this.plain.orders.delete(order.orderId);
    this.tell();
  }

  /** With an order that this gateway has never heard of. */
  private trade(order: Mutable): void {
    const qty = 1 + this.random.below(order.leavesQty);
    order.cumQty += qty;
    order.leavesQty -= qty;
    if (order.leavesQty === 0) this.plain.orders.delete(order.orderId);
    Trade.init(this.words, 0, 1, 1);
    const isMaker = this.random.permille(500);
    Trade.setMakerOrderId(this.words, 0, isMaker ? order.orderId : 1);
    Trade.setMakerAccount(this.words, 0, isMaker ? order.account : 0);
    Trade.setMakerCumQty(this.words, 0, isMaker ? order.cumQty : 4);
    Trade.setMakerLeavesQty(this.words, 0, isMaker ? order.leavesQty : 4);
    Trade.setTakerOrderId(this.words, 0, isMaker ? 1 : order.orderId);
    Trade.setTakerAccount(this.words, 0, isMaker ? 0 : order.account);
    Trade.setTakerCumQty(this.words, 0, isMaker ? 4 : order.cumQty);
    Trade.setTakerLeavesQty(this.words, 0, isMaker ? 4 : order.leavesQty);
    this.tell();
  }

  private reduce(order: Mutable): void {
    if (order.leavesQty === 1) return this.cancel(order);
    const by = 1 + this.random.below(order.leavesQty - 1);
    order.qty -= by;
    order.leavesQty -= by;
    OrderReduced.init(this.words, 0, 1, 1);
    OrderReduced.setOrderId(this.words, 0, order.orderId);
    OrderReduced.setAccount(this.words, 0, order.account);
    OrderReduced.setBy(this.words, 0, by);
    OrderReduced.setLeavesQty(this.words, 0, order.leavesQty);
    this.tell();
  }

  private replace(order: Mutable): void {
    const clOrdId = this.random.permille(500) ? order.clOrdId : this.freeName(order.account);
    order.price += 1;
    order.qty += 5;
    order.leavesQty += 5;
    OrderReplaced.init(this.words, 0, 1, 1);
    OrderReplaced.setOrderId(this.words, 0, order.orderId);
    OrderReplaced.setAccount(this.words, 0, order.account);
    OrderReplaced.setOrigClOrdId(this.words, 0, order.clOrdId);
    OrderReplaced.setClOrdId(this.words, 0, clOrdId);
    OrderReplaced.setPrice(this.words, 0, order.price);
    OrderReplaced.setQty(this.words, 0, order.qty);
    OrderReplaced.setLeavesQty(this.words, 0, order.leavesQty);
    OrderReplaced.setStopPrice(this.words, 0, order.stopPrice);
    OrderReplaced.setDisplayQty(this.words, 0, order.displayQty);
    this.plain.rename(order, clOrdId);
    this.tell();
  }

  compare(): void {
    expect(this.mirror.size).toBe(this.plain.orders.size);
    for (let account = 0; account < ACCOUNTS + 200; account++) {
      const expected = this.plain.ofAccount(account);
      expect([...this.mirror.ofAccount(account)]).toEqual(expected);
      for (const order of expected) {
        expect(this.mirror.byOrderId(account, order.orderId)).toEqual(order);
        expect(this.mirror.byOrderId(account + 1, order.orderId)).toBeUndefined();
        expect(this.mirror.byClOrdId(account, order.clOrdId)).toEqual(order);
      }
    }
    expect(this.mirror.byClOrdId(0, ID_BASE + NAMES)).toBeUndefined();
  }
}

describe("OrderMirror", () => {
  it("is what a plain Map makes of the same events, through growth and emptying", () => {
    const market = new Market(new Random(11));
    let most = 0;
    for (const growth of [700, 100, 600, 50]) {
      for (let step = 1; step <= 1500; step++) {
        market.step(growth);
        most = Math.max(most, market.mirror.size);
        if (step % 500 === 0) market.compare();
      }
    }
    expect(most, "it has grown").toBeGreaterThan(512);
  });

  it("takes over orders that live already, and follows them", () => {
    const words = new Int32Array(2 * (OrderStatus.RECORD_BYTES >> 2));
    for (const [index, clOrdId] of [5, 6].entries()) {
      const at = index * (OrderStatus.RECORD_BYTES >> 2);
      OrderStatus.init(words, at, 1, 1);
      OrderStatus.setAccount(words, at, 300);
      OrderStatus.setOrderId(words, at, 40 + index);
      OrderStatus.setClOrdId(words, at, clOrdId);
      OrderStatus.setQty(words, at, 9);
      OrderStatus.setLeavesQty(words, at, 9);
      OrderStatus.setState(words, at, OrderState.dormant);
    }
    const mirror = new OrderMirror();
    mirror.seed(words);
    expect([...mirror.ofAccount(300)].map(({ orderId, clOrdId, session, state }) => [orderId, clOrdId, session, state])).toEqual([
      [40, 5, 0, OrderState.dormant],
      [41, 6, 0, OrderState.dormant],
    ]);
    const canceled = new Int32Array(OrderCanceled.RECORD_BYTES / 4);
    OrderCanceled.init(canceled, 0, 1, 1);
    OrderCanceled.setOrderId(canceled, 0, 40);
    OrderCanceled.setAccount(canceled, 0, 300);
    mirror.follow(canceled, 0);
    expect(mirror.size).toBe(1);
    expect(mirror.byClOrdId(300, 5)).toBeUndefined();
  });
});
