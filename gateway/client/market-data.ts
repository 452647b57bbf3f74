import type { BoundedQueue } from "../../engine/edge/bounded-queue.js";
import type { Catalog } from "../../engine/edge/catalog.js";
import { fromUnits } from "../../engine/edge/decimal.js";
import type { SideName } from "../../engine/edge/types.js";
import { TopOfBook, TradePrint } from "../../engine/wire/flyweights.js";
import { Channel, SIDE_NAMES } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64 } from "../../engine/wire/numbers.js";
import type { ClientError } from "./client-error.js";
import { clientQueue } from "./client-queue.js";

export type ChannelName = keyof typeof Channel;

/** Best bid and offer. A side that is empty has no price and quantity "0". */
export interface Top {
  readonly symbol: string;
  /** Counts the changes of this instrument's top. */
  readonly seq: number;
  readonly timeUs: number;
  readonly bidPrice?: string;
  readonly bidQty: string;
  readonly askPrice?: string;
  readonly askQty: string;
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
  readonly aggressor: SideName;
}

export interface ChannelItem {
  readonly top: Top;
  readonly trades: Print;
}

/** The subscribers of one channel of one instrument in this process; the gateway sees one subscription. */
export class Topic {
  readonly #queues = new Set<BoundedQueue<Top | Print>>();
  #last: Top | undefined;

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

  publish(item: Top | Print): void {
    if (!("tradeId" in item)) this.#last = item;
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

/** Reads a TopOfBook or TradePrint record; undefined when its instrument is not in the catalog. */
export function readMarketData(words: Int32Array, at: number, catalog: Catalog): Top | Print | undefined {
  return Header.templateId(words, at) === TopOfBook.TEMPLATE_ID ? readTop(words, at, catalog) : readPrint(words, at, catalog);
}

/** Key of a topic. */
export function topicKey(instrument: number, channel: number): number {
  return instrument * 256 + channel;
}

/** Key of the topic that a TopOfBook or TradePrint record belongs to. */
export function topicKeyOf(words: Int32Array, at: number): number {
  if (Header.templateId(words, at) === TopOfBook.TEMPLATE_ID) return topicKey(TopOfBook.instrument(words, at), Channel.top);
  return topicKey(TradePrint.instrument(words, at), Channel.trades);
}

function readTop(words: Int32Array, at: number, catalog: Catalog): Top | undefined {
  const info = catalog.instrumentById(TopOfBook.instrument(words, at));
  if (info === undefined) return undefined;
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

function readPrint(words: Int32Array, at: number, catalog: Catalog): Print | undefined {
  const info = catalog.instrumentById(TradePrint.instrument(words, at));
  if (info === undefined) return undefined;
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    tradeId: TradePrint.tradeId(words, at),
    price: fromUnits(TradePrint.price(words, at), info.tick),
    qty: fromUnits(TradePrint.qty(words, at), info.lot),
    aggressor: SIDE_NAMES[TradePrint.aggressor(words, at)],
  };
}
