import type { Catalog, InstrumentInfo } from "../../engine/edge/catalog.js";
import {
  AuctionIndication,
  BookSnapshot,
  Candle,
  ChannelHeartbeat,
  LevelUpdate,
  MarketState,
  OrderAdded,
  OrderChanged,
  OrderRemoved,
  ResyncRequired,
  Statistics,
  Subscribe,
  TopOfBook,
  TradePrint,
  Unsubscribe,
} from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { ClientError } from "./client-error.js";
import { type BookOptions, LocalBook } from "./local-book.js";
import { type ChannelName, SUBSCRIBED_CHANNELS } from "./market-data.js";
import { wordOf } from "./requests.js";
import { Topic } from "./topic.js";

const BOOK_CHANNELS = { depth: Channel.depth, book: Channel.book, orders: Channel.orders } as const;
const CANDLE_INTERVAL_MS = 60_000;
const CANDLE_INTERVALS_MS: readonly number[] = [1_000, 60_000, 3_600_000];

type Asking = typeof Subscribe | typeof Unsubscribe;

/** The session that carries the subscriptions. */
export interface FeedLink {
  /** Sends a request that the gateway answers; rejects when it refuses. */
  ask(flyweight: Asking, fill: (words: Int32Array, at: number) => void): Promise<void>;
  readonly isOpen: boolean;
  /** The socket is lost, and the session is coming back: then what could not be asked is asked again. */
  readonly isComingBack: boolean;
}

interface Asked {
  readonly instrument: number;
  readonly channel: number;
  readonly intervalMs: number;
  readonly depth: number;
}

/** The market data of one session of the client: topics of plain items, and books. */
export class Feeds {
  readonly #link: FeedLink;
  readonly #catalog: Catalog;
  readonly #topics = new Map<number, Topic>();
  readonly #books = new Map<number, LocalBook>();
  /** By key of a topic or book: asks for it once more. */
  readonly #again = new Map<number, () => void>();

  constructor(link: FeedLink, catalog: Catalog) {
    this.#link = link;
    this.#catalog = catalog;
  }

  /** The topic of a channel, which is asked for if it is not there yet. Throws ClientError BAD_ARGUMENT. */
  topic(info: InstrumentInfo, name: ChannelName, interval: number | undefined): Topic {
    const channel = wordOf(SUBSCRIBED_CHANNELS, name, "channel");
    const intervalMs = channel === Channel.candles ? (interval ?? CANDLE_INTERVAL_MS) : 0;
    if (interval !== undefined && channel !== Channel.candles) throw new ClientError("BAD_ARGUMENT", `channel ${name} has no intervalMs`);
    const key = keyOf(info.id, channel, intervalMs);
    const known = this.#topics.get(key);
    if (known !== undefined) return known;
    const asked = { instrument: info.id, channel, intervalMs, depth: 0 };
    const topic = new Topic(info.id, channel, intervalMs, () => {
      this.#topics.delete(key);
      this.#again.delete(key);
      this.#unsubscribe(asked);
    });
    this.#topics.set(key, topic);
    const subscribe = (): void => this.#subscribe(asked, (error) => topic.finish(error));
    this.#again.set(key, subscribe);
    subscribe();
    return topic;
  }

  /** A book, which is exact when the promise resolves. Rejects with ClientError: BAD_ARGUMENT when it is open already, or the gateway's refusal. */
  async book(info: InstrumentInfo, options: BookOptions): Promise<LocalBook> {
    const name = options.channel ?? "book";
    const channel = wordOf(BOOK_CHANNELS, name, "channel");
    const key = keyOf(info.id, channel, 0);
    if (this.#books.has(key)) throw new ClientError("BAD_ARGUMENT", `the ${name} of ${info.symbol} is open already: close it first`);
    const asked = { instrument: info.id, channel, intervalMs: options.intervalMs ?? 0, depth: options.depth ?? 0 };
    const subscribe = (): void => this.#subscribe(asked, (error) => book.finish(error));
    const book: LocalBook = new LocalBook(info, name, subscribe, () => {
      this.#books.delete(key);
      this.#again.delete(key);
      this.#unsubscribe(asked);
    });
    this.#books.set(key, book);
    this.#again.set(key, subscribe);
    subscribe();
    for await (const _ of book.updates()) return book;
    throw new ClientError("CLOSED", "the book was closed before it was there");
  }

  /** Takes a record if it is market data. */
  take(words: Int32Array, at: number): boolean {
    switch (Header.templateId(words, at)) {
      case TopOfBook.TEMPLATE_ID:
        return this.#toTopic(TopOfBook.instrument(words, at), Channel.top, 0, words, at);
      case AuctionIndication.TEMPLATE_ID:
        return this.#toTopic(AuctionIndication.instrument(words, at), Channel.top, 0, words, at);
      case TradePrint.TEMPLATE_ID:
        return this.#toTopic(TradePrint.instrument(words, at), Channel.trades, 0, words, at);
      case Candle.TEMPLATE_ID:
        return this.#toTopic(Candle.instrument(words, at), Channel.candles, Candle.intervalMs(words, at), words, at);
      case Statistics.TEMPLATE_ID:
        return this.#toTopic(Statistics.instrument(words, at), Channel.statistics, 0, words, at);
      case MarketState.TEMPLATE_ID:
        return this.#toTopic(MarketState.instrument(words, at), Channel.state, 0, words, at);
      case BookSnapshot.TEMPLATE_ID:
        return this.#toBook(BookSnapshot.instrument(words, at), BookSnapshot.channel(words, at), words, at);
      case LevelUpdate.TEMPLATE_ID:
        return this.#toBook(LevelUpdate.instrument(words, at), LevelUpdate.channel(words, at), words, at);
      case OrderAdded.TEMPLATE_ID:
        return this.#toBook(OrderAdded.instrument(words, at), Channel.orders, words, at);
      case OrderChanged.TEMPLATE_ID:
        return this.#toBook(OrderChanged.instrument(words, at), Channel.orders, words, at);
      case OrderRemoved.TEMPLATE_ID:
        return this.#toBook(OrderRemoved.instrument(words, at), Channel.orders, words, at);
      case ChannelHeartbeat.TEMPLATE_ID:
        return this.#toBook(ChannelHeartbeat.instrument(words, at), ChannelHeartbeat.channel(words, at), words, at);
      case ResyncRequired.TEMPLATE_ID:
        return this.#resync(ResyncRequired.instrument(words, at), ResyncRequired.channel(words, at), words, at);
      default:
        return false;
    }
  }

  /** What an auction call indicated holds no longer. */
  stateChanged(instrument: number): void {
    this.#topics.get(keyOf(instrument, Channel.top, 0))?.stateChanged();
  }

  /** The session has a new socket, on which nothing is subscribed to. */
  subscribeAgain(): void {
    for (const subscribe of [...this.#again.values()]) subscribe();
  }

  /** The session is over: quietly, or with an error. */
  finish(error: ClientError | undefined): void {
    for (const topic of [...this.#topics.values()]) topic.finish(error);
    for (const book of [...this.#books.values()]) book.finish(error);
  }

  #resync(instrument: number, channel: number, words: Int32Array, at: number): boolean {
    if (channel === Channel.trades) return this.#toTopic(instrument, channel, 0, words, at);
    return this.#toBook(instrument, channel, words, at);
  }

  /** One of an instrument that is not in the catalog tells nothing. */
  #toTopic(instrument: number, channel: number, intervalMs: number, words: Int32Array, at: number): true {
    const info = this.#catalog.instrumentById(instrument);
    if (info !== undefined) this.#topics.get(keyOf(instrument, channel, intervalMs))?.take(words, at, info);
    return true;
  }

  #toBook(instrument: number, channel: number, words: Int32Array, at: number): true {
    this.#books.get(keyOf(instrument, channel, 0))?.take(words, at);
    return true;
  }

  #subscribe(asked: Asked, onRefusal: (error: ClientError) => void): void {
    this.#ask(Subscribe, asked).catch((error: ClientError) => {
      if (!this.#link.isComingBack) onRefusal(error);
    });
  }

  #ask(flyweight: Asking, { instrument, channel, intervalMs, depth }: Asked): Promise<void> {
    return this.#link.ask(flyweight, (words, at) => {
      flyweight.setInstrument(words, at, instrument);
      flyweight.setChannel(words, at, channel);
      flyweight.setIntervalMs(words, at, intervalMs);
      flyweight.setDepth(words, at, depth);
    });
  }

  /** Nobody listens any more, and a session that ends has ended the subscription too. */
  #unsubscribe(asked: Asked): void {
    if (this.#link.isOpen) this.#ask(Unsubscribe, asked).catch(() => {});
  }
}

/** Of candles there may be one an interval. */
function keyOf(instrument: number, channel: number, intervalMs: number): number {
  return (instrument * 256 + channel) * 4 + CANDLE_INTERVALS_MS.indexOf(intervalMs) + 1;
}
