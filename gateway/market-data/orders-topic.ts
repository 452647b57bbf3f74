import { OrderAdded, OrderChanged, OrderRemoved } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import type { MarketDataView } from "../engine-port.js";
import { checksumOf, writeHeartbeat, writeSnapshot } from "./book-parts.js";
import { writeResync } from "./state-topics.js";
import { copyTo, NOT_BEGUN, type Subscription, Topic } from "./topic.js";

/**
 * Every single order of a book. A snapshot goes level by level, best first, bids and then asks; meanwhile its subscriber is sent the
 * changes of the levels that he has, and no others. Whoever misses a change is told so, and gets a new snapshot.
 */
export class OrdersTopic extends Topic {
  readonly #view: MarketDataView;
  readonly #partRecords: number;

  /** `partRecords`: a part of a snapshot ends with the level that fills it up to so many orders. */
  constructor(instrument: number, view: MarketDataView, partRecords: number) {
    super(instrument, Channel.orders, 0, 0);
    this.#partRecords = partRecords;
    this.#view = view;
  }

  override publish(words: Int32Array, at: number): void {
    super.publish(words, at);
    if (this.behind.length > 0) this.#tellThoseBehind(words, at);
  }

  help(subscription: Subscription): boolean {
    const reset = subscription.side === NOT_BEGUN;
    if (reset) {
      if (subscription.lostFrom > 0) writeResync(this, subscription);
      subscription.side = 0;
      subscription.key = Number.NEGATIVE_INFINITY;
    }
    this.#skipEmptySide(subscription);
    const from = subscription.side < 2 ? this.#levelBehind(subscription) : 0;
    const { count, last } = this.#measure(from);
    const isEnd = last === 0 || (subscription.side === 1 && this.#view.books.nextLevel(last) === 0);
    this.#writePart(subscription, { from, last, count, reset, complete: isEnd });
    if (last !== 0) subscription.key = this.#view.books.levelKey(last);
    if (isEnd) subscription.side = NOT_BEGUN;
    return isEnd;
  }

  /** Between two commands. */
  beat(timeUs: number): void {
    writeHeartbeat(this, this.#view.lastSeq, timeUs, checksumOf(this.#view, this.instrument));
  }

  protected override onFall(subscription: Subscription): void {
    subscription.side = NOT_BEGUN;
  }

  #levelBehind({ side, key }: Subscription): number {
    return this.#view.books.levelBehind(2 * this.instrument + side, key);
  }

  /** When the bids are through, the asks begin. */
  #skipEmptySide(subscription: Subscription): void {
    if (subscription.side !== 0 || this.#levelBehind(subscription) !== 0) return;
    subscription.side = 1;
    subscription.key = Number.NEGATIVE_INFINITY;
  }

  /** How many orders a part has that begins with this level, and which its last level is. */
  #measure(from: number): { count: number; last: number } {
    const { books } = this.#view;
    let count = 0;
    let last = 0;
    for (let level = from; level !== 0 && count < this.#partRecords; level = books.nextLevel(level)) {
      count += books.levelOrders(level);
      last = level;
    }
    return { count, last };
  }

  #writePart(subscription: Subscription, part: { from: number; last: number; count: number; reset: boolean; complete: boolean }): void {
    const view = this.#view;
    const { books, lastSeq, timeUs } = view;
    const { session } = subscription.subscriber;
    const { count, reset, complete } = part;
    const checksum = complete ? checksumOf(view, this.instrument) : 0;
    writeSnapshot(this, session, { engineSeq: lastSeq, timeUs, count, checksum, reset, complete });
    if (part.last === 0) return;
    for (let level = part.from; ; level = books.nextLevel(level)) {
      for (let slot = books.firstSlot(level); slot !== 0; slot = books.nextSlot(slot)) {
        const at = session.claim(OrderAdded.RECORD_BYTES);
        const { words } = session;
        OrderAdded.init(words, at, this.seq, timeUs);
        Header.setFlags(words, at, Header.FLAG_STATE);
        OrderAdded.setEngineSeq(words, at, lastSeq);
        OrderAdded.setOrderId(words, at, books.orderIdOf(slot));
        OrderAdded.setPrice(words, at, books.levelPrice(level));
        OrderAdded.setQty(words, at, books.visibleOf(slot));
        OrderAdded.setInstrument(words, at, this.instrument);
        OrderAdded.setSide(words, at, subscription.side);
      }
      if (level === part.last) break;
    }
    subscription.subscriber.takes(count * OrderAdded.RECORD_BYTES);
  }

  /** Those whose snapshot is under way, and has the level that this is about. */
  #tellThoseBehind(words: Int32Array, at: number): void {
    const bytes = Header.length(words, at);
    const { side, key } = placeOf(words, at);
    for (const subscription of this.behind) {
      const isBehind = side > subscription.side || (side === subscription.side && key > subscription.key);
      if (subscription.side === NOT_BEGUN || isBehind) continue;
      if (subscription.subscriber.takes(bytes)) copyTo(subscription.subscriber.session, words, at, bytes, this.seq, Header.FLAG_STATE);
      else {
        subscription.side = NOT_BEGUN;
        if (subscription.lostFrom === 0) subscription.lostFrom = this.seq;
      }
    }
  }
}

function placeOf(words: Int32Array, at: number): { side: number; key: number } {
  switch (Header.templateId(words, at)) {
    case OrderAdded.TEMPLATE_ID:
      return place(OrderAdded.side(words, at), OrderAdded.price(words, at));
    case OrderChanged.TEMPLATE_ID:
      return place(OrderChanged.side(words, at), OrderChanged.price(words, at));
    default:
      return place(OrderRemoved.side(words, at), OrderRemoved.price(words, at));
  }
}

function place(side: number, price: number): { side: number; key: number } {
  return { side, key: side === 0 ? -price : price };
}
