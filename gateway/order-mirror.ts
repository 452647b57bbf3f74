import { SlotIndex } from "../engine/flat/slot-index.js";
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
import { Word as Accepted } from "../engine/wire/generated/order-accepted.js";
import { Word as Full } from "../engine/wire/generated/order-accepted-full.js";
import { Word as Canceled } from "../engine/wire/generated/order-canceled.js";
import { Word as Reduced } from "../engine/wire/generated/order-reduced.js";
import { Word as Replaced } from "../engine/wire/generated/order-replaced.js";
import { Word as Status } from "../engine/wire/generated/order-status.js";
import { Word as Triggered } from "../engine/wire/generated/order-triggered.js";
import { Word as Traded } from "../engine/wire/generated/trade.js";
import * as Header from "../engine/wire/header.js";
import { NULL_INT64, writeInt64 } from "../engine/wire/numbers.js";

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
  readonly clOrdId: number;
  readonly price: number;
  readonly qty: number;
  readonly cumQty: number;
  readonly leavesQty: number;
  readonly stopPrice: number;
  readonly displayQty: number;
  readonly state: number;
}

/** A slot: an OrderStatus record, whose header stays empty, and what belongs to no record. */
const enum Slot {
  WORDS = 36,
  SESSION = 32,
  /** The account's next order, and the one before, in the order in which they were entered; of a free slot, the next free one. */
  NEXT = 33,
  PREVIOUS = 34,
}

const FIRST_SLOTS = 256;
/** Slots are numbered from 1: 0 is none. */
const NONE = 0;

/**
 * Every live order of a shard as the events tell of it, as of the last event that was read, so that questions about orders need not go to the
 * shard. It holds as many as the shard does, so the shard's capacity bounds it, and grows by doubling: 170 bytes an order. What a live order needs is
 * copied from record to record, word by word. Gateway thread only.
 */
export class OrderMirror {
  #words = new Int32Array((FIRST_SLOTS + 1) * Slot.WORDS);
  #slots = FIRST_SLOTS;
  #fresh = 1;
  #free = NONE;
  #byId: SlotIndex;
  #byName: SlotIndex;
  /** By account, its oldest and its youngest order. */
  #firsts = new Int32Array(64);
  #lasts = new Int32Array(64);

  constructor() {
    this.#byId = this.#indexOf(Status.orderId);
    this.#byName = this.#indexOf(Status.clOrdId);
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Takes over orders that live already, as OrderStatus records one behind the other. */
  seed(words: Int32Array): void {
    for (let at = 0; at < words.length; at += OrderStatus.RECORD_BYTES >> 2) {
      const slot = this.#take();
      const to = slot * Slot.WORDS;
      for (let word = Status.clOrdId; word < OrderStatus.RECORD_BYTES >> 2; word++) this.#words[to + word] = words[at + word];
      this.#words[to + Slot.SESSION] = 0;
      this.#add(slot);
    }
  }

  byOrderId(account: number, orderId: number): LiveOrder | undefined {
    writeInt64(ASKED, 0, orderId);
    return this.#orderAt(this.#byId.get(account, ASKED[0], ASKED[1]));
  }

  byClOrdId(account: number, clOrdId: number): LiveOrder | undefined {
    writeInt64(ASKED, 0, clOrdId);
    return this.#orderAt(this.#byName.get(account, ASKED[0], ASKED[1]));
  }

  /** Oldest first, apart from those that were renamed, which come last. */
  *ofAccount(account: number): Iterable<LiveOrder> {
    if (account >= this.#firsts.length) return;
    for (let slot = this.#firsts[account]; slot !== NONE; slot = this.#words[slot * Slot.WORDS + Slot.NEXT])
      yield this.#orderAt(slot) as LiveOrder;
  }

  /** Any event of the engine. */
  follow(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case OrderAccepted.TEMPLATE_ID:
        return this.#accepted(words, at);
      case OrderAcceptedFull.TEMPLATE_ID:
        return this.#acceptedFull(words, at);
      case Trade.TEMPLATE_ID:
        this.#filled(words, at, Traded.makerAccount, Traded.makerOrderId, Traded.makerCumQty);
        return this.#filled(words, at, Traded.takerAccount, Traded.takerOrderId, Traded.takerCumQty);
      case OrderCanceled.TEMPLATE_ID:
        return this.#remove(this.#find(words, at, Canceled.account, Canceled.orderId));
      case OrderReduced.TEMPLATE_ID:
        return this.#reduced(words, at);
      case OrderReplaced.TEMPLATE_ID:
        return this.#replaced(words, at);
      case OrderTriggered.TEMPLATE_ID:
        return this.#wake(this.#find(words, at, Triggered.account, Triggered.orderId));
    }
  }

  #accepted(words: Int32Array, at: number): void {
    const slot = this.#take();
    const to = slot * Slot.WORDS;
    const own = this.#words;
    copy(words, at + Accepted.clOrdId, own, to + Status.clOrdId);
    copy(words, at + Accepted.orderId, own, to + Status.orderId);
    copy(words, at + Accepted.price, own, to + Status.price);
    copy(words, at + Accepted.qty, own, to + Status.qty);
    copy(words, at + Accepted.qty, own, to + Status.leavesQty);
    own[to + Status.cumQty] = own[to + Status.cumQty + 1] = 0;
    OrderStatus.setStopPrice(own, to, NULL_INT64);
    OrderStatus.setDisplayQty(own, to, NULL_INT64);
    OrderStatus.setExpireTime(own, to, NULL_INT64);
    own[to + Status.account] = words[at + Accepted.account];
    own[to + Status.instrument] = words[at + Accepted.instrument];
    own[to + Slot.SESSION] = words[at + Accepted.session];
    OrderStatus.setFlags(own, to, OrderAccepted.flags(words, at));
    // side, ordType and tif are the same bytes of both; the fourth is another.
    own[to + Status.side] = words[at + Accepted.side];
    OrderStatus.setState(own, to, OrderState.resting);
    this.#add(slot);
  }

  #acceptedFull(words: Int32Array, at: number): void {
    // An order by quoteQty dies with its command, and nothing says so when its money is spent to the last atom.
    if (OrderAcceptedFull.quoteQty(words, at) !== NULL_INT64) return;
    const slot = this.#take();
    const to = slot * Slot.WORDS;
    const own = this.#words;
    const ordType = OrderAcceptedFull.ordType(words, at);
    OrderStatus.setClOrdId(own, to, OrderAcceptedFull.clOrdId(words, at));
    OrderStatus.setOrderId(own, to, OrderAcceptedFull.orderId(words, at));
    OrderStatus.setPrice(own, to, OrderAcceptedFull.price(words, at));
    OrderStatus.setQty(own, to, OrderAcceptedFull.qty(words, at));
    OrderStatus.setCumQty(own, to, 0);
    OrderStatus.setLeavesQty(own, to, OrderAcceptedFull.qty(words, at));
    OrderStatus.setStopPrice(own, to, OrderAcceptedFull.stopPrice(words, at));
    OrderStatus.setDisplayQty(own, to, OrderAcceptedFull.displayQty(words, at));
    OrderStatus.setExpireTime(own, to, OrderAcceptedFull.expireTime(words, at));
    OrderStatus.setAccount(own, to, OrderAcceptedFull.account(words, at));
    OrderStatus.setInstrument(own, to, OrderAcceptedFull.instrument(words, at));
    OrderStatus.setFlags(own, to, OrderAcceptedFull.flags(words, at));
    OrderStatus.setSide(own, to, OrderAcceptedFull.side(words, at));
    OrderStatus.setOrdType(own, to, ordType);
    OrderStatus.setTif(own, to, OrderAcceptedFull.tif(words, at));
    OrderStatus.setState(own, to, this.#stateIn(words, at, ordType));
    own[to + Slot.SESSION] = OrderAcceptedFull.session(words, at);
    this.#add(slot);
  }

  /** The first leg of a pair waits for the second, and both enter then. */
  #stateIn(words: Int32Array, at: number, ordType: number): number {
    if (OrderAcceptedFull.oco(words, at) === NULL_INT64) return firstState(ordType);
    const partner = this.#byName.get(words[at + Full.account], words[at + Full.oco], words[at + Full.oco + 1]);
    if (partner === NONE) return OrderState.pending;
    const to = partner * Slot.WORDS;
    if (OrderStatus.state(this.#words, to) === OrderState.pending) {
      OrderStatus.setState(this.#words, to, firstState(OrderStatus.ordType(this.#words, to)));
    }
    return firstState(ordType);
  }

  #wake(slot: number): void {
    if (slot !== NONE) OrderStatus.setState(this.#words, slot * Slot.WORDS, OrderState.resting);
  }

  /** One side of a trade; what is left stands behind what is filled. */
  #filled(words: Int32Array, at: number, account: number, orderId: number, cumQty: number): void {
    const slot = this.#find(words, at, account, orderId);
    if (slot === NONE) return;
    const to = slot * Slot.WORDS;
    copy(words, at + cumQty, this.#words, to + Status.cumQty);
    copy(words, at + cumQty + 2, this.#words, to + Status.leavesQty);
    if ((words[at + cumQty + 2] | words[at + cumQty + 3]) === 0) this.#remove(slot);
  }

  #reduced(words: Int32Array, at: number): void {
    const slot = this.#find(words, at, Reduced.account, Reduced.orderId);
    if (slot === NONE) return;
    const to = slot * Slot.WORDS;
    OrderStatus.setQty(this.#words, to, OrderStatus.qty(this.#words, to) - OrderReduced.by(words, at));
    copy(words, at + Reduced.leavesQty, this.#words, to + Status.leavesQty);
  }

  #replaced(words: Int32Array, at: number): void {
    const slot = this.#find(words, at, Replaced.account, Replaced.orderId);
    if (slot === NONE) return;
    const own = this.#words;
    const to = slot * Slot.WORDS;
    copy(words, at + Replaced.price, own, to + Status.price);
    copy(words, at + Replaced.qty, own, to + Status.qty);
    copy(words, at + Replaced.leavesQty, own, to + Status.leavesQty);
    copy(words, at + Replaced.stopPrice, own, to + Status.stopPrice);
    copy(words, at + Replaced.displayQty, own, to + Status.displayQty);
    if (OrderReplaced.clOrdId(words, at) === OrderStatus.clOrdId(own, to)) return;
    this.#byName.remove(slot);
    this.#unlink(slot);
    copy(words, at + Replaced.clOrdId, own, to + Status.clOrdId);
    this.#byName.add(slot);
    this.#link(slot);
  }

  /** The slot of the order that an event names by account and order id, or NONE. */
  #find(words: Int32Array, at: number, account: number, orderId: number): number {
    return this.#byId.get(words[at + account], words[at + orderId], words[at + orderId + 1]);
  }

  #orderAt(slot: number): LiveOrder | undefined {
    if (slot === NONE) return undefined;
    const words = this.#words;
    const at = slot * Slot.WORDS;
    return {
      orderId: OrderStatus.orderId(words, at),
      account: OrderStatus.account(words, at),
      instrument: OrderStatus.instrument(words, at),
      side: OrderStatus.side(words, at),
      ordType: OrderStatus.ordType(words, at),
      tif: OrderStatus.tif(words, at),
      flags: OrderStatus.flags(words, at),
      expireTime: OrderStatus.expireTime(words, at),
      session: words[at + Slot.SESSION],
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

  #add(slot: number): void {
    this.#byId.add(slot);
    this.#byName.add(slot);
    this.#link(slot);
  }

  #remove(slot: number): void {
    if (slot === NONE) return;
    this.#byId.remove(slot);
    this.#byName.remove(slot);
    this.#unlink(slot);
    this.#words[slot * Slot.WORDS + Slot.NEXT] = this.#free;
    this.#free = slot;
  }

  /** Behind the account's other orders. */
  #link(slot: number): void {
    const account = this.#words[slot * Slot.WORDS + Status.account];
    if (account >= this.#lasts.length) this.#growAccounts(account);
    const before = this.#lasts[account];
    this.#words[slot * Slot.WORDS + Slot.NEXT] = NONE;
    this.#words[slot * Slot.WORDS + Slot.PREVIOUS] = before;
    if (before === NONE) this.#firsts[account] = slot;
    else this.#words[before * Slot.WORDS + Slot.NEXT] = slot;
    this.#lasts[account] = slot;
  }

  #unlink(slot: number): void {
    const words = this.#words;
    const account = words[slot * Slot.WORDS + Status.account];
    const next = words[slot * Slot.WORDS + Slot.NEXT];
    const before = words[slot * Slot.WORDS + Slot.PREVIOUS];
    if (before === NONE) this.#firsts[account] = next;
    else words[before * Slot.WORDS + Slot.NEXT] = next;
    if (next === NONE) this.#lasts[account] = before;
    else words[next * Slot.WORDS + Slot.PREVIOUS] = before;
  }

  #take(): number {
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.#words[slot * Slot.WORDS + Slot.NEXT];
      return slot;
    }
    if (this.#fresh > this.#slots) this.#grow();
    return this.#fresh++;
  }

  /** Twice as many slots; every one is in use, or was just taken to be. */
  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Int32Array((this.#slots + 1) * Slot.WORDS);
    this.#words.set(old);
    this.#byId = this.#indexOf(Status.orderId);
    this.#byName = this.#indexOf(Status.clOrdId);
    for (let slot = 1; slot < this.#fresh; slot++) {
      this.#byId.add(slot);
      this.#byName.add(slot);
    }
  }

  #growAccounts(account: number): void {
    const count = 2 ** Math.ceil(Math.log2(account + 1));
    const [firsts, lasts] = [new Int32Array(count), new Int32Array(count)];
    firsts.set(this.#firsts);
    lasts.set(this.#lasts);
    this.#firsts = firsts;
    this.#lasts = lasts;
  }

  #indexOf(offset: number): SlotIndex {
    const words = this.#words;
    const index = new SlotIndex(this.#slots, {
      words,
      owners: words,
      stride: Slot.WORDS,
      offset,
      ownerStride: Slot.WORDS,
      ownerOffset: Status.account,
    });
    index.reserve(this.#slots);
    return index;
  }
}

/** An id that is asked for, as two words. */
const ASKED = new Int32Array(2);

/** Two words. */
function copy(from: Int32Array, at: number, to: Int32Array, toAt: number): void {
  to[toAt] = from[at];
  to[toAt + 1] = from[at + 1];
}

function firstState(ordType: number): number {
  return ordType === OrdType.stop || ordType === OrdType.stopLimit || ordType === OrdType.trailingStop
    ? OrderState.dormant
    : OrderState.resting;
}
