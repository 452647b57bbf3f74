import { AuctionIndication, Candle, MarketState, ResyncRequired, Statistics, TopOfBook } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import type { MarketDataPort, MarketDataView } from "../engine-port.js";
import { copyTo, type Subscription, Topic } from "./topic.js";

/** Trades have no state: whoever lost some is told which. */
export class TradesTopic extends Topic {
  constructor(instrument: number) {
    super(instrument, Channel.trades, 0, 0);
  }

  help(subscription: Subscription): boolean {
    if (subscription.lostFrom > 0) writeResync(this, subscription);
    return true;
  }
}

/** Says what one that was behind did not get. */
export function writeResync(topic: Topic, { subscriber, lostFrom }: Subscription): void {
  const { session } = subscriber;
  const at = session.claim(ResyncRequired.RECORD_BYTES);
  const { words } = session;
  ResyncRequired.init(words, at, topic.seq, Date.now() * 1000);
  Header.setFlags(words, at, Header.FLAG_STATE);
  ResyncRequired.setFromSeq(words, at, lostFrom);
  ResyncRequired.setToSeq(words, at, topic.seq);
  ResyncRequired.setInstrument(words, at, topic.instrument);
  ResyncRequired.setChannel(words, at, topic.channel);
}

/** Best bid and offer, and what an auction call indicates: the newest is all that counts. */
export class TopTopic extends Topic {
  readonly #port: MarketDataPort;
  /** What the auction call indicated last. */
  #indication: Int32Array | undefined;

  constructor(instrument: number, port: MarketDataPort) {
    super(instrument, Channel.top, 0, 0);
    this.#port = port;
  }

  /** Remembers an AuctionIndication that is about to be published. The result of an uncross is told, and no state any more. */
  keep(words: Int32Array, at: number): void {
    if (AuctionIndication.final(words, at) === 0) this.#indication = words.slice(at, at + AuctionIndication.RECORD_BYTES / 4);
  }

  /** What was indicated before holds no longer. */
  stateChanged(): void {
    this.#indication = undefined;
  }

  help({ subscriber }: Subscription): boolean {
    const { session } = subscriber;
    const at = session.claim(TopOfBook.RECORD_BYTES);
    this.#port.top(this.instrument, session.words, at);
    Header.setSeq(session.words, at, this.seq);
    Header.setFlags(session.words, at, Header.FLAG_STATE);
    if (this.#indication !== undefined) {
      copyTo(session, this.#indication, 0, AuctionIndication.RECORD_BYTES, this.seq, Header.FLAG_STATE);
    }
    return true;
  }
}

/** What was traded in the day. */
export class StatisticsTopic extends Topic {
  readonly #view: MarketDataView;

  constructor(instrument: number, view: MarketDataView) {
    super(instrument, Channel.statistics, 0, 0);
    this.#view = view;
  }

  help({ subscriber }: Subscription): boolean {
    const { session } = subscriber;
    const at = session.claim(Statistics.RECORD_BYTES);
    this.#view.writeStatistics(this.instrument, session.words, at);
    Header.setSeq(session.words, at, this.seq);
    Header.setFlags(session.words, at, Header.FLAG_STATE);
    return true;
  }
}

/** Trading state and auction indication. */
export class MarketStateTopic extends Topic {
  readonly #view: MarketDataView;
  readonly #port: MarketDataPort;

  constructor(instrument: number, view: MarketDataView, port: MarketDataPort) {
    super(instrument, Channel.state, 0, 0);
    this.#view = view;
    this.#port = port;
  }

  help({ subscriber }: Subscription): boolean {
    const { session } = subscriber;
    const at = session.claim(MarketState.RECORD_BYTES);
    this.#view.writeState(this.instrument, session.words, at);
    // Of an instrument that has never changed its state the engine's declaration knows it.
    MarketState.setState(session.words, at, this.#port.tradingState(this.instrument));
    Header.setSeq(session.words, at, this.seq);
    Header.setFlags(session.words, at, Header.FLAG_STATE);
    return true;
  }
}

/** The intervals of candles, in milliseconds. */
export const CANDLE_INTERVALS_MS: readonly number[] = [1_000, 60_000, 3_600_000];

/** Candles of one interval. Whoever comes, or was behind, is told those that are kept, oldest first, and the running one. */
export class CandlesTopic extends Topic {
  readonly #view: MarketDataView;
  readonly #interval: number;

  constructor(instrument: number, intervalMs: number, view: MarketDataView) {
    super(instrument, Channel.candles, intervalMs, 0);
    this.#view = view;
    this.#interval = CANDLE_INTERVALS_MS.indexOf(intervalMs);
  }

  help({ subscriber }: Subscription): boolean {
    const view = this.#view;
    const running = view.hasCandle(this.instrument, this.#interval) ? 0 : 1;
    for (let age = view.candlesKept(this.instrument, this.#interval); age >= running; age--) {
      const { session } = subscriber;
      const at = session.claim(Candle.RECORD_BYTES);
      view.writeCandle(this.instrument, this.#interval, age, session.words, at);
      Header.setSeq(session.words, at, this.seq);
      Header.setFlags(session.words, at, age === running ? Header.FLAG_STATE | Header.FLAG_LAST_OF_BATCH : Header.FLAG_STATE);
    }
    return true;
  }
}
