import { CODES } from "../engine/wire/codes.js";
import {
  AuctionIndication,
  Candle,
  LevelUpdate,
  MarketState,
  OrderAdded,
  OrderChanged,
  OrderRemoved,
  Statistics,
  SubscribeAck,
  TopOfBook,
  TradePrint,
} from "../engine/wire/flyweights.js";
import * as Header from "../engine/wire/header.js";
import type { MarketDataPort } from "./engine-port.js";
import type { FaultCode } from "./frame-check.js";
import type { DepthTopic } from "./market-data/depth-topic.js";
import { InstrumentTopics } from "./market-data/instrument-topics.js";
import { Subscriber, type Taker } from "./market-data/subscriber.js";
import { SubscriptionRequest } from "./market-data/subscription-request.js";
import { Subscription, type Topic } from "./market-data/topic.js";

/** Subscriptions of one session. */
const SUBSCRIPTIONS_MAX = 4096;
/** How often books are summed up, and time is told where no event does it. */
const BEAT_MS = 1_000;
/** An event may be on its way to this thread for so long before the time is taken to have passed it. */
const LATENESS_US = 1_000_000;
/** Parts of snapshots that are written in one turn of the event loop. */
const PARTS_PER_TURN = 64;
const PART_RECORDS = 256;

export interface FanOutOptions {
  /** So many bytes may wait in this process for one socket before it gets no further market data. */
  readonly lagBytes: number;
  /** Records of one part of a snapshot; default 256. */
  readonly partRecords?: number;
  /** Something was written outside of a call: it waits to be flushed. */
  readonly onWritten: () => void;
}

/** A session that takes market data, and what of it; by key of the request. */
interface Seat {
  readonly subscriber: Subscriber;
  readonly subscriptions: Map<number, Subscription>;
}

/** Public market data to those who subscribed. Gateway thread only. */
export class FanOut {
  readonly #port: MarketDataPort;
  readonly #options: FanOutOptions;
  readonly #topics = new Map<number, InstrumentTopics>();
  readonly #seats = new Map<Taker, Seat>();
  readonly #instruments = new Set<number>();
  readonly #request = new SubscriptionRequest();
  /** Subscriptions that are not up to date. */
  readonly #behind = new Set<Subscription>();
  /** Depths with an interval that have something to tell. */
  readonly #waiting = new Set<DepthTopic>();
  #beat: NodeJS.Timeout | undefined;
  #depthTimer: NodeJS.Timeout | undefined;
  #isSettling = false;

  constructor(port: MarketDataPort, options: FanOutOptions) {
    this.#port = port;
    this.#options = options;
  }

  /**
   * Acts on a Subscribe: acknowledges it and writes the present state, or as much of it as can go now. One that the session has already begins anew.
   * Returns 0, UNKNOWN_INSTRUMENT, UNKNOWN_CHANNEL, BAD_SUBSCRIPTION or TOO_MANY_SUBSCRIPTIONS.
   */
  subscribe(session: Taker, words: Int32Array, at: number, timeUs: number): FaultCode {
    const request = this.#request;
    const fault = this.#read(words, at);
    if (fault !== 0) return fault;
    const seat = this.#seats.get(session) ?? this.#newSeat(session);
    const { key } = request;
    const before = seat.subscriptions.get(key);
    if (before === undefined && seat.subscriptions.size >= SUBSCRIPTIONS_MAX) return CODES.TOO_MANY_SUBSCRIPTIONS;
    // First, because a topic that nobody has any more is dropped.
    if (before !== undefined) this.#remove(before);
    const topic = this.#topicsOf(request.instrument).open(request);
    if (topic === undefined) return CODES.UNKNOWN_CHANNEL;
    this.#seats.set(session, seat);
    this.#acknowledge(session, Header.seq(words, at), 1, timeUs);
    const subscription = new Subscription(seat.subscriber, topic);
    seat.subscriptions.set(key, subscription);
    topic.add(subscription);
    this.#behind.add(subscription);
    this.#beat ??= setInterval(() => this.#onBeat(), BEAT_MS).unref();
    this.settle();
    return 0;
  }

  /** Acts on an Unsubscribe. Returns 0, UNKNOWN_INSTRUMENT, UNKNOWN_CHANNEL or BAD_SUBSCRIPTION. */
  unsubscribe(session: Taker, words: Int32Array, at: number, timeUs: number): FaultCode {
    const fault = this.#read(words, at);
    if (fault !== 0) return fault;
    const seat = this.#seats.get(session);
    const { key } = this.#request;
    const subscription = seat?.subscriptions.get(key);
    if (subscription !== undefined) this.#remove(subscription);
    seat?.subscriptions.delete(key);
    this.#acknowledge(session, Header.seq(words, at), 0, timeUs);
    return 0;
  }

  /** Hands a record of market data, or an AuctionIndication, to its subscribers. */
  publish(words: Int32Array, at: number): void {
    switch (Header.templateId(words, at)) {
      case TopOfBook.TEMPLATE_ID:
        return this.#took(this.#topicsOf(TopOfBook.instrument(words, at)).top, words, at);
      case TradePrint.TEMPLATE_ID:
        return this.#took(this.#topicsOf(TradePrint.instrument(words, at)).trades, words, at);
      case AuctionIndication.TEMPLATE_ID:
        return this.#indicate(words, at);
      case LevelUpdate.TEMPLATE_ID:
        return this.#levelChanged(this.#topicsOf(LevelUpdate.instrument(words, at)), words, at);
      case OrderAdded.TEMPLATE_ID:
        return this.#took(this.#topicsOf(OrderAdded.instrument(words, at)).orders, words, at);
      case OrderChanged.TEMPLATE_ID:
        return this.#took(this.#topicsOf(OrderChanged.instrument(words, at)).orders, words, at);
      case OrderRemoved.TEMPLATE_ID:
        return this.#took(this.#topicsOf(OrderRemoved.instrument(words, at)).orders, words, at);
      case Candle.TEMPLATE_ID:
        return this.#candle(this.#topicsOf(Candle.instrument(words, at)), words, at);
      case Statistics.TEMPLATE_ID:
        return this.#took(this.#topicsOf(Statistics.instrument(words, at)).statistics, words, at);
      case MarketState.TEMPLATE_ID:
        return this.#took(this.#topicsOf(MarketState.instrument(words, at)).state, words, at);
    }
  }

  /** What was indicated before holds no longer. */
  stateChanged(instrument: number): void {
    this.#topics.get(instrument)?.top.stateChanged();
  }

  /** Helps up those who are behind and have room. Before every flush: there is nothing to do unless somebody is. */
  settle(): void {
    if (this.#behind.size === 0 || this.#isSettling || !this.#port.isBetweenCommands) return;
    this.#isSettling = true;
    let parts = 0;
    for (const subscription of this.#behind) {
      while (parts < PARTS_PER_TURN && subscription.subscriber.isReady()) {
        parts++;
        if (!subscription.topic.help(subscription)) continue;
        subscription.topic.raise(subscription);
        this.#behind.delete(subscription);
        break;
      }
    }
    this.#isSettling = false;
    if (parts >= PARTS_PER_TURN) setImmediate(this.#options.onWritten);
  }

  /** The session is gone. */
  drop(session: Taker): void {
    const seat = this.#seats.get(session);
    if (seat === undefined) return;
    this.#seats.delete(session);
    for (const subscription of seat.subscriptions.values()) this.#remove(subscription);
  }

  close(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#depthTimer);
  }

  #newSeat(session: Taker): Seat {
    return { subscriber: new Subscriber(session, this.#options.lagBytes), subscriptions: new Map() };
  }

  #read(words: Int32Array, at: number): FaultCode {
    const fault = this.#request.read(words, at);
    return this.#isKnown(this.#request.instrument) ? fault : CODES.UNKNOWN_INSTRUMENT;
  }

  #remove(subscription: Subscription): void {
    const { topic } = subscription;
    topic.remove(subscription);
    this.#behind.delete(subscription);
    this.#topicsOf(topic.instrument).close(topic);
  }

  /** `topic` undefined: nobody listens any more, and the record was written before that was said. */
  #took(topic: Topic | undefined, words: Int32Array, at: number): void {
    if (topic === undefined) return;
    const { length } = topic.behind;
    topic.publish(words, at);
    for (let index = length; index < topic.behind.length; index++) this.#behind.add(topic.behind[index]);
  }

  #indicate(words: Int32Array, at: number): void {
    const { top } = this.#topicsOf(AuctionIndication.instrument(words, at));
    top.keep(words, at);
    this.#took(top, words, at);
  }

  #candle({ candles }: InstrumentTopics, words: Int32Array, at: number): void {
    const intervalMs = Candle.intervalMs(words, at);
    for (const topic of candles) if (topic.intervalMs === intervalMs) this.#took(topic, words, at);
  }

  /** With the last change of a command the depths may look. */
  #levelChanged(topics: InstrumentTopics, words: Int32Array, at: number): void {
    this.#took(topics.book, words, at);
    if ((Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) === 0 || topics.depths.length === 0) return;
    const nowMs = performance.now();
    for (const topic of topics.depths) {
      if (topic.intervalMs === 0) this.#update(topic);
      else this.#updateLater(topic, nowMs);
    }
  }

  #update(topic: DepthTopic): void {
    const { length } = topic.behind;
    topic.update();
    for (let index = length; index < topic.behind.length; index++) this.#behind.add(topic.behind[index]);
  }

  #updateLater(topic: DepthTopic, nowMs: number): void {
    if (nowMs >= topic.dueMs) {
      topic.dueMs = nowMs + topic.intervalMs;
      return this.#update(topic);
    }
    this.#waiting.add(topic);
    this.#depthTimer ??= setTimeout(this.#onDepthDue, topic.dueMs - nowMs).unref();
  }

  readonly #onDepthDue = (): void => {
    this.#depthTimer = undefined;
    const nowMs = performance.now();
    const isBetween = this.#port.isBetweenCommands;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const topic of this.#waiting) {
      if (isBetween && nowMs >= topic.dueMs) {
        this.#waiting.delete(topic);
        topic.dueMs = nowMs + topic.intervalMs;
        this.#update(topic);
      } else nextMs = Math.min(nextMs, topic.dueMs);
    }
    if (this.#waiting.size > 0) this.#depthTimer = setTimeout(this.#onDepthDue, Math.max(1, nextMs - nowMs)).unref();
    this.#options.onWritten();
  };

  /** Time passes in markets where nothing happens, and books are summed up. */
  #onBeat(): void {
    const timeUs = Date.now() * 1000;
    this.#port.tellTime(timeUs - LATENESS_US);
    if (this.#port.isBetweenCommands) {
      for (const { book, orders, depths } of this.#topics.values()) {
        book?.beat(timeUs);
        orders?.beat(timeUs);
        for (const depth of depths) depth.beat(timeUs);
      }
    }
    this.#options.onWritten();
  }

  #acknowledge(session: Taker, clientSeq: number, subscribed: number, timeUs: number): void {
    const { instrument, channel, intervalMs, depth } = this.#request;
    const at = session.claim(SubscribeAck.RECORD_BYTES);
    const { words } = session;
    SubscribeAck.init(words, at, session.takeServerSeq(), timeUs);
    SubscribeAck.setClientSeq(words, at, clientSeq);
    SubscribeAck.setInstrument(words, at, instrument);
    SubscribeAck.setChannel(words, at, channel);
    SubscribeAck.setSubscribed(words, at, subscribed);
    SubscribeAck.setIntervalMs(words, at, intervalMs);
    SubscribeAck.setDepth(words, at, depth);
  }

  /** Instruments may be declared while the gateway runs. */
  #isKnown(instrument: number): boolean {
    if (!this.#instruments.has(instrument)) for (const { id } of this.#port.instruments) this.#instruments.add(id);
    return this.#instruments.has(instrument);
  }

  #topicsOf(instrument: number): InstrumentTopics {
    const known = this.#topics.get(instrument);
    if (known !== undefined) return known;
    const topics = new InstrumentTopics(instrument, this.#port, this.#options.partRecords ?? PART_RECORDS);
    this.#topics.set(instrument, topics);
    return topics;
  }
}

/** Copies a record, length word included. */
export function copyRecord(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, lengthWords: number): void {
  for (let i = 0; i < lengthWords; i++) to[toAt + i] = from[fromAt + i];
}
