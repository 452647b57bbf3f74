import {
  OrderAccepted,
  OrderAcceptedFull,
  OrderCanceled,
  OrderReduced,
  OrderReplaced,
  OrderStatus,
  OrderTriggered,
  Trade,
} from "../engine/wire/flyweights.js";
import { OrderState, OrdType } from "../engine/wire/generated/enums.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64 } from "../engine/wire/numbers.js";

/** A live order, in ticks and lots; NULL_INT64 for what it has not. */
export interface LiveOrder {
  readonly orderId: number;
  readonly account: number;
  readonly instrument: number;
  readonly side: number;
  readonly ordType: number;
  readonly tif: number;
  readonly flags: number;
  readonly expireTime: number;
  /** That it was entered through; 0 when it was there before this gateway was. */
  readonly session: number;
  clOrdId: number;
  price: number;
  qty: number;
  cumQty: number;
  leavesQty: number;
  stopPrice: number;
  displayQty: number;
  state: number;
}

/**
 * Every live order of the engine as the events tell of it, as of the last event that was read, so that questions about
 * orders need not go to the shard. It holds as many as the engine does, so the engine's capacity bounds it. Gateway thread only.
 */
export class OrderMirror {
  readonly #byId = new Map<number, LiveOrder>();
  /** By account, then by client id, in the order in which they were entered. */
  readonly #byAccount = new Map<number, Map<number, LiveOrder>>();

  get size(): number {
    return this.#byId.size;
  }

  /** Takes over orders that live already, as OrderStatus records one behind the other. */
  seed(words: Int32Array): void {
    for (let at = 0; at < words.length; at += OrderStatus.RECORD_BYTES >> 2) this.#add(seeded(words, at));
  }

  byOrderId(account: number, orderId: number): LiveOrder | undefined {
    const order = this.#byId.get(orderId);
    return order?.account === account ? order : undefined;
  }

  byClOrdId(account: number, clOrdId: number): LiveOrder | undefined {
    return this.#byAccount.get(account)?.get(clOrdId);
  }

  /** Oldest first, apart from those that were renamed, which come last. */
  ofAccount(account: number): Iterable<LiveOrder> {
    return this.#byAccount.get(account)?.values() ?? [];
  }

  /** Any event of the engine. */
  follow(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.#add(accepted(words, at));
      case OrderAcceptedFull.TEMPLATE_ID:
        return this.#addFull(words, at);
      case Trade.TEMPLATE_ID:
        this.#filled(Trade.makerOrderId(words, at), Trade.makerCumQty(words, at), Trade.makerLeavesQty(words, at));
        return this.#filled(Trade.takerOrderId(words, at), Trade.takerCumQty(words, at), Trade.takerLeavesQty(words, at));
      case OrderCanceled.TEMPLATE_ID:
        return this.#remove(OrderCanceled.orderId(words, at));
      case OrderReduced.TEMPLATE_ID:
        return this.#reduced(words, at);
      case OrderReplaced.TEMPLATE_ID:
        return this.#replaced(words, at);
      case OrderTriggered.TEMPLATE_ID:
        return this.#wake(this.#byId.get(OrderTriggered.orderId(words, at)));
    }
  }

  #add(order: LiveOrder): void {
    this.#byId.set(order.orderId, order);
    const ofAccount = this.#byAccount.get(order.account);
    if (ofAccount === undefined) this.#byAccount.set(order.account, new Map([[order.clOrdId, order]]));
    else ofAccount.set(order.clOrdId, order);
  }

  #addFull(words: Int32Array, at: number): void {
    // An order by quoteQty dies with its command, and nothing says so when its money is spent to the last atom.
    if (OrderAcceptedFull.quoteQty(words, at) !== NULL_INT64) return;
    const account = OrderAcceptedFull.account(words, at);
    const oco = OrderAcceptedFull.oco(words, at);
    const partner = oco === NULL_INT64 ? undefined : this.byClOrdId(account, oco);
    const order = acceptedFull(words, at);
    // The first leg of a pair waits for the second, and both enter then.
    if (oco !== NULL_INT64 && partner === undefined) order.state = OrderState.pending;
    if (partner?.state === OrderState.pending) partner.state = firstState(partner.ordType);
    this.#add(order);
  }

  #wake(order: LiveOrder | undefined): void {
    if (order !== undefined) order.state = OrderState.resting;
  }

  #filled(orderId: number, cumQty: number, leavesQty: number): void {
    const order = this.#byId.get(orderId);
    if (order === undefined) return;
    order.cumQty = cumQty;
    order.leavesQty = leavesQty;
    if (leavesQty === 0) this.#remove(orderId);
  }

  #reduced(words: Int32Array, at: number): void {
    const order = this.#byId.get(OrderReduced.orderId(words, at));
    if (order === undefined) return;
    order.qty -= OrderReduced.by(words, at);
    order.leavesQty = OrderReduced.leavesQty(words, at);
  }

  #replaced(words: Int32Array, at: number): void {
    const order = this.#byId.get(OrderReplaced.orderId(words, at));
    if (order === undefined) return;
    const clOrdId = OrderReplaced.clOrdId(words, at);
    order.price = OrderReplaced.price(words, at);
    order.qty = OrderReplaced.qty(words, at);
    order.leavesQty = OrderReplaced.leavesQty(words, at);
    order.stopPrice = OrderReplaced.stopPrice(words, at);
    order.displayQty = OrderReplaced.displayQty(words, at);
    if (clOrdId === order.clOrdId) return;
    const ofAccount = this.#byAccount.get(order.account);
    ofAccount?.delete(order.clOrdId);
    order.clOrdId = clOrdId;
    ofAccount?.set(clOrdId, order);
  }

  #remove(orderId: number): void {
    const order = this.#byId.get(orderId);
    if (order === undefined) return;
    this.#byId.delete(orderId);
    const ofAccount = this.#byAccount.get(order.account);
    if (ofAccount?.get(order.clOrdId) === order) ofAccount.delete(order.clOrdId);
  }
}

function firstState(ordType: number): number {
  return ordType === OrdType.stop || ordType === OrdType.stopLimit || ordType === OrdType.trailingStop
    ? OrderState.dormant
    : OrderState.resting;
}

function accepted(words: Int32Array, at: number): LiveOrder {
  return {
    orderId: OrderAccepted.orderId(words, at),
    account: OrderAccepted.account(words, at),
    instrument: OrderAccepted.instrument(words, at),
    side: OrderAccepted.side(words, at),
    ordType: OrderAccepted.ordType(words, at),
    tif: OrderAccepted.tif(words, at),
    flags: OrderAccepted.flags(words, at),
    expireTime: NULL_INT64,
    session: OrderAccepted.session(words, at),
    clOrdId: OrderAccepted.clOrdId(words, at),
    price: OrderAccepted.price(words, at),
    qty: OrderAccepted.qty(words, at),
    cumQty: 0,
    leavesQty: OrderAccepted.qty(words, at),
    stopPrice: NULL_INT64,
    displayQty: NULL_INT64,
    state: OrderState.resting,
  };
}

function acceptedFull(words: Int32Array, at: number): LiveOrder {
  const ordType = OrderAcceptedFull.ordType(words, at);
  return {
    orderId: OrderAcceptedFull.orderId(words, at),
    account: OrderAcceptedFull.account(words, at),
    instrument: OrderAcceptedFull.instrument(words, at),
    side: OrderAcceptedFull.side(words, at),
    ordType,
    tif: OrderAcceptedFull.tif(words, at),
    flags: OrderAcceptedFull.flags(words, at),
    expireTime: OrderAcceptedFull.expireTime(words, at),
    session: OrderAcceptedFull.session(words, at),
    clOrdId: OrderAcceptedFull.clOrdId(words, at),
    price: OrderAcceptedFull.price(words, at),
    qty: OrderAcceptedFull.qty(words, at),
    cumQty: 0,
    leavesQty: OrderAcceptedFull.qty(words, at),
    stopPrice: OrderAcceptedFull.stopPrice(words, at),
    displayQty: OrderAcceptedFull.displayQty(words, at),
    state: firstState(ordType),
  };
}

function seeded(words: Int32Array, at: number): LiveOrder {
  return {
    orderId: OrderStatus.orderId(words, at),
    account: OrderStatus.account(words, at),
    instrument: OrderStatus.instrument(words, at),
    side: OrderStatus.side(words, at),
    ordType: OrderStatus.ordType(words, at),
    tif: OrderStatus.tif(words, at),
    flags: OrderStatus.flags(words, at),
    expireTime: OrderStatus.expireTime(words, at),
    session: 0,
    clOrdId: OrderStatus.clOrdId(words, at),
    price: OrderStatus.price(words, at),
    qty: OrderStatus.qty(words, at),
    cumQty: OrderStatus.cumQty(words, at),
    leavesQty: OrderStatus.leavesQty(words, at),
    stopPrice: OrderStatus.stopPrice(words, at),
    displayQty: OrderStatus.displayQty(words, at),
    state: OrderStatus.state(words, at),
  };
}
