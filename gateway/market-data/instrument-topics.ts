import { Channel } from "../../engine/wire/generated/enums.js";
import type { MarketDataPort } from "../engine-port.js";
import { BookTopic } from "./book-topic.js";
import { DepthTopic } from "./depth-topic.js";
import { OrdersTopic } from "./orders-topic.js";
import { CandlesTopic, MarketStateTopic, StatisticsTopic, TopTopic, TradesTopic } from "./state-topics.js";
import type { SubscriptionRequest } from "./subscription-request.js";
import type { Topic } from "./topic.js";

/** The topics of one instrument: tops and trades always, the others as long as somebody has subscribed. Gateway thread only. */
export class InstrumentTopics {
  readonly top: TopTopic;
  readonly trades: TradesTopic;
  readonly depths: DepthTopic[] = [];
  readonly candles: CandlesTopic[] = [];
  book: BookTopic | undefined;
  orders: OrdersTopic | undefined;
  statistics: StatisticsTopic | undefined;
  state: MarketStateTopic | undefined;
  readonly #port: MarketDataPort;

  constructor(
    readonly instrument: number,
    port: MarketDataPort,
    private readonly partRecords: number,
  ) {
    this.#port = port;
    this.top = new TopTopic(instrument, port);
    this.trades = new TradesTopic(instrument);
  }

  /** The topic that is asked for, made if need be; undefined when the port has no books. */
  open(request: SubscriptionRequest): Topic | undefined {
    if (request.channel === Channel.top) return this.top;
    if (request.channel === Channel.trades) return this.trades;
    const topic = this.#openMore(request);
    this.#want();
    return topic;
  }

  /** Drops a topic that nobody has any more. */
  close(topic: Topic): void {
    if (!topic.isEmpty || topic === this.top || topic === this.trades) return;
    if (topic === this.book) this.book = undefined;
    if (topic === this.orders) this.orders = undefined;
    if (topic === this.statistics) this.statistics = undefined;
    if (topic === this.state) this.state = undefined;
    drop<Topic>(this.depths, topic);
    drop<Topic>(this.candles, topic);
    this.#want();
  }

  #openMore({ channel, intervalMs, depth }: SubscriptionRequest): Topic | undefined {
    const { instrument } = this;
    const view = this.#port.marketDataOf(instrument);
    if (view === undefined) return undefined;
    switch (channel) {
      case Channel.depth:
        return open(
          this.depths,
          (topic) => topic.depth === depth && topic.intervalMs === intervalMs,
          () => new DepthTopic(instrument, depth, intervalMs, view),
        );
      case Channel.candles:
        return open(
          this.candles,
          (topic) => topic.intervalMs === intervalMs,
          () => new CandlesTopic(instrument, intervalMs, view),
        );
      case Channel.book:
        this.book ??= new BookTopic(instrument, view, this.partRecords);
        return this.book;
      case Channel.orders:
        this.orders ??= new OrdersTopic(instrument, view, this.partRecords);
        return this.orders;
      case Channel.statistics:
        this.statistics ??= new StatisticsTopic(instrument, view);
        return this.statistics;
      default:
        this.state ??= new MarketStateTopic(instrument, view, this.#port);
        return this.state;
    }
  }

  /** What nobody listens to is not written. */
  #want(): void {
    const has = [
      [Channel.depth, this.depths[0]],
      [Channel.candles, this.candles[0]],
      [Channel.book, this.book],
      [Channel.orders, this.orders],
      [Channel.statistics, this.statistics],
      [Channel.state, this.state],
    ] as const;
    let channels = 0;
    for (const [channel, topic] of has) if (topic !== undefined) channels |= 1 << channel;
    this.#port.marketDataOf(this.instrument)?.want(this.instrument, channels);
  }
}

function open<T>(topics: T[], isAsked: (topic: T) => boolean, create: () => T): T {
  const known = topics.find(isAsked);
  if (known !== undefined) return known;
  const topic = create();
  topics.push(topic);
  return topic;
}

function drop<T>(topics: T[], topic: T): void {
  const index = topics.indexOf(topic);
  if (index >= 0) topics.splice(index, 1);
}
