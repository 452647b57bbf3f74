import type { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { AuctionIndication, Candle, MarketState, ResyncRequired, Statistics, TopOfBook, TradePrint } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import type { ClientError } from "./client-error.js";
import { clientQueue } from "./client-queue.js";
import {
  type ChannelItem,
  type Indication,
  readCandle,
  readIndication,
  readMarketState,
  readPrint,
  readStatistics,
  readTop,
  type Top,
} from "./market-data.js";

export type Item = ChannelItem[keyof ChannelItem];

/** The subscribers of one channel of one instrument in this process; the gateway sees one subscription. */
export class Topic {
  readonly #queues = new Set<BoundedQueue<Item>>();
  #last: Item | undefined;
  #top: Top | undefined;
  #indication: Indication | undefined;
  /** Of the newest record; undefined before the first. */
  #seq: number | undefined;
  #missed = 0;

  constructor(
    readonly instrument: number,
    readonly channel: number,
    readonly intervalMs: number,
    readonly onEmpty: () => void,
  ) {}

  /** A new subscriber. One that comes later starts with what is known. */
  open(countMax: number): BoundedQueue<Item> {
    const queue: BoundedQueue<Item> = clientQueue(countMax, () => this.#leave(queue));
    this.#queues.add(queue);
    if (this.#last !== undefined && this.channel !== Channel.trades) queue.push(this.#last);
    return queue;
  }

  /** Takes a record of this topic. */
  take(words: Int32Array, at: number, info: InstrumentInfo): void {
    this.#count(words, at);
    switch (Header.templateId(words, at)) {
      case TopOfBook.TEMPLATE_ID:
        return this.#tellTop({ ...readTop(words, at, info), ...(this.#indication === undefined ? {} : { auction: this.#indication }) });
      case AuctionIndication.TEMPLATE_ID:
        return this.#indicate(readIndication(words, at, info), words, at);
      case TradePrint.TEMPLATE_ID:
        return this.#print(words, at, info);
      case Candle.TEMPLATE_ID:
        return this.#tell(readCandle(words, at, info));
      case Statistics.TEMPLATE_ID:
        return this.#tell(readStatistics(words, at, info));
      case MarketState.TEMPLATE_ID:
        return this.#tell(readMarketState(words, at, info));
      case ResyncRequired.TEMPLATE_ID:
        this.#missed += ResyncRequired.toSeq(words, at) - ResyncRequired.fromSeq(words, at) + 1;
    }
  }

  /** The instrument's state is another one: what was indicated before holds no longer. */
  stateChanged(): void {
    this.#indication = undefined;
  }

  /** The session is over: quietly, or with an error. */
  finish(error: ClientError | undefined): void {
    for (const queue of [...this.#queues]) queue.end(error);
  }

  /** Trades that are left out in silence are missed too. Other channels are told as they are now, so nothing is. */
  #count(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    const isState = (Header.flags(words, at) & Header.FLAG_STATE) !== 0;
    if (!isState && this.#seq !== undefined) this.#missed += Math.max(0, seq - this.#seq - 1);
    this.#seq = seq;
  }

  #print(words: Int32Array, at: number, info: InstrumentInfo): void {
    const missed = this.#missed;
    this.#missed = 0;
    this.#tell({ ...readPrint(words, at, info), ...(missed === 0 ? {} : { missed }) });
  }

  /** A result holds for the moment only. The top is told first, so there is one. */
  #indicate(auction: Indication, words: Int32Array, at: number): void {
    this.#indication = auction.isFinal ? undefined : auction;
    if (this.#top !== undefined) this.#tellTop({ ...this.#top, seq: Header.seq(words, at), timeUs: Header.time(words, at), auction });
  }

  #tellTop(top: Top): void {
    this.#top = top;
    this.#tell(top);
  }

  #tell(item: Item): void {
    this.#last = item;
    for (const queue of this.#queues) queue.push(item);
  }

  #leave(queue: BoundedQueue<Item>): void {
    if (this.#queues.delete(queue) && this.#queues.size === 0) this.onEmpty();
  }
}
