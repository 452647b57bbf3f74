import type { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import type { Catalog, InstrumentInfo } from "../../engine/edge/catalog.js";
import { fromUnits } from "../../engine/edge/decimal.js";
import type { SideName } from "../../engine/edge/types.js";
import { AuctionIndication, TopOfBook, TradePrint } from "../../engine/wire/flyweights.js";
import { Channel, SIDE_NAMES } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";
import type { ClientError } from "./client-error.js";
import { clientQueue } from "./client-queue.js";

export type ChannelName = "top" | "trades";

/** What an uncross would trade now, or, when it is final, trades now. */
export interface Indication {
  /** Undefined when nothing crosses. */
  readonly price?: string;
  readonly qty: string;
  readonly isFinal: boolean;
}

/** Best bid and offer, which may cross in `preOpen` and `auctionCall`. A side that is empty has no price and quantity "0". */
export interface Top {
  readonly symbol: string;
  /** Counts the changes of this instrument's top. */
  readonly seq: number;
  readonly timeUs: number;
  readonly bidPrice?: string;
  readonly bidQty: string;
  readonly askPrice?: string;
  readonly askQty: string;
  /** In an auction call, from its first indication on; and once with the result of its uncross. */
  readonly auction?: Indication;
}

/** One public trade. */
export interface Print {
  readonly symbol: string;
  /** Counts the trades of this instrument that were published. */
  readonly seq: number;
  readonly timeUs: number;
  readonly tradeId: number;
  readonly price: string;
  readonly qty: string;
  /** Undefined in an uncross. */
  readonly aggressor?: SideName;
}

export interface ChannelItem {
  readonly top: Top;
  readonly trades: Print;
}

/** The subscribers of one channel of one instrument in this process; the gateway sees one subscription. */
export class Topic {
  readonly #queues = new Set<BoundedQueue<Top | Print>>();
  #last: Top | undefined;
  #indication: Indication | undefined;

  constructor(
    readonly instrument: number,
    readonly channel: number,
    readonly onEmpty: () => void,
  ) {}

  /** A new subscriber. One that comes later starts with what is known. */
  open(countMax: number): BoundedQueue<Top | Print> {
    const queue: BoundedQueue<Top | Print> = clientQueue(countMax, () => this.#leave(queue));
    this.#queues.add(queue);
    if (this.#last !== undefined) queue.push(this.#last);
    return queue;
  }

  /** Takes a record of this topic. One of an instrument that is not in the catalog tells nothing. */
  take(words: Int32Array, at: number, catalog: Catalog): void {
    const info = catalog.instrumentById(this.instrument);
    if (info === undefined) return;
    switch (Header.templateId(words, at)) {
      case TopOfBook.TEMPLATE_ID:
        return this.#tell({ ...readTop(words, at, info), ...(this.#indication === undefined ? {} : { auction: this.#indication }) });
      case AuctionIndication.TEMPLATE_ID:
        return this.#indicate(readIndication(words, at, info), words, at);
      case TradePrint.TEMPLATE_ID:
        return this.#push(readPrint(words, at, info));
    }
  }

  /** The instrument's state is another one: what was indicated before holds no longer. */
  stateChanged(): void {
    this.#indication = undefined;
  }

  /** A result holds for the moment only. The top is told first, so there is one. */
  #indicate(auction: Indication, words: Int32Array, at: number): void {
    this.#indication = auction.isFinal ? undefined : auction;
    if (this.#last !== undefined) this.#tell({ ...this.#last, seq: Header.seq(words, at), timeUs: Header.time(words, at), auction });
  }

  #tell(top: Top): void {
    this.#last = top;
    this.#push(top);
  }

  #push(item: Top | Print): void {
    for (const queue of this.#queues) queue.push(item);
  }

  /** The session is over: quietly, or with an error. */
  finish(error: ClientError | undefined): void {
    for (const queue of [...this.#queues]) queue.end(error);
  }

  #leave(queue: BoundedQueue<Top | Print>): void {
    if (this.#queues.delete(queue) && this.#queues.size === 0) this.onEmpty();
  }
}

/** Key of a topic. */
export function topicKey(instrument: number, channel: number): number {
  return instrument * 256 + channel;
}

/** Key of the topic that a TopOfBook, AuctionIndication or TradePrint record belongs to. */
export function topicKeyOf(words: Int32Array, at: number): number {
  switch (Header.templateId(words, at)) {
    case TopOfBook.TEMPLATE_ID:
      return topicKey(TopOfBook.instrument(words, at), Channel.top);
    case AuctionIndication.TEMPLATE_ID:
      return topicKey(AuctionIndication.instrument(words, at), Channel.top);
    default:
      return topicKey(TradePrint.instrument(words, at), Channel.trades);
  }
}

function readTop(words: Int32Array, at: number, info: InstrumentInfo): Top {
  const bid = TopOfBook.bidPrice(words, at);
  const ask = TopOfBook.askPrice(words, at);
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    ...(bid === NULL_INT64 ? {} : { bidPrice: fromUnits(bid, info.tick) }),
    bidQty: fromUnits(TopOfBook.bidQty(words, at), info.lot),
    ...(ask === NULL_INT64 ? {} : { askPrice: fromUnits(ask, info.tick) }),
    askQty: fromUnits(TopOfBook.askQty(words, at), info.lot),
  };
}

function readIndication(words: Int32Array, at: number, info: InstrumentInfo): Indication {
  const price = AuctionIndication.price(words, at);
  return {
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(AuctionIndication.qty(words, at), info.lot),
    isFinal: AuctionIndication.final(words, at) === 1,
  };
}

function readPrint(words: Int32Array, at: number, info: InstrumentInfo): Print {
  const aggressor = TradePrint.aggressor(words, at);
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    tradeId: TradePrint.tradeId(words, at),
    price: fromUnits(TradePrint.price(words, at), info.tick),
    qty: fromUnits(TradePrint.qty(words, at), info.lot),
    ...(aggressor === NULL_UINT8 ? {} : { aggressor: SIDE_NAMES[aggressor] }),
  };
}
