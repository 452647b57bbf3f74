import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { fromUnits } from "../../engine/edge/decimal.js";
import type { SideName, StateName, StateReasonName } from "../../engine/edge/types.js";
import { AuctionIndication, Candle, MarketState, Statistics, TopOfBook, TradePrint } from "../../engine/wire/flyweights.js";
import { Channel, SIDE_NAMES, STATE_REASON_NAMES, TRADING_STATE_NAMES } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../../engine/wire/numbers.js";

/** The channels of `subscribe`; books are opened with `openBook`. */
export const SUBSCRIBED_CHANNELS = {
  top: Channel.top,
  trades: Channel.trades,
  candles: Channel.candles,
  statistics: Channel.statistics,
  state: Channel.state,
} as const;

export type ChannelName = keyof typeof SUBSCRIBED_CHANNELS;

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
  /** So many trades before this one the gateway has not sent, because this client was too slow. Undefined: none. */
  readonly missed?: number;
}

/** The trades of one interval; one without trades has no candle. */
export interface CandleItem {
  readonly symbol: string;
  readonly seq: number;
  readonly timeUs: number;
  readonly openTimeUs: number;
  readonly intervalMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly trades: number;
  /** The interval is over: this candle does not change any more. */
  readonly isClosed: boolean;
}

/** The trades of the UTC day. Prices are undefined without a trade. */
export interface StatisticsItem {
  readonly symbol: string;
  readonly seq: number;
  readonly timeUs: number;
  readonly sinceUs: number;
  readonly open?: string;
  readonly high?: string;
  readonly low?: string;
  /** The last trade of any day. */
  readonly last?: string;
  /** To 1/10000 of a tick. */
  readonly vwap?: string;
  readonly volume: string;
  readonly trades: number;
  readonly openInterest?: string;
}

/** How an instrument trades, and what an uncross would trade, or trades. */
export interface MarketStateItem {
  readonly symbol: string;
  readonly seq: number;
  readonly timeUs: number;
  readonly state: StateName;
  /** Why it changed last; undefined when no change was seen. */
  readonly reason?: StateReasonName;
  /** Undefined outside of an auction call. */
  readonly auction?: Indication;
}

export interface ChannelItem {
  readonly top: Top;
  readonly trades: Print;
  readonly candles: CandleItem;
  readonly statistics: StatisticsItem;
  readonly state: MarketStateItem;
}

export function readTop(words: Int32Array, at: number, info: InstrumentInfo): Top {
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

export function readIndication(words: Int32Array, at: number, info: InstrumentInfo): Indication {
  const price = AuctionIndication.price(words, at);
  return {
    ...(price === NULL_INT64 ? {} : { price: fromUnits(price, info.tick) }),
    qty: fromUnits(AuctionIndication.qty(words, at), info.lot),
    isFinal: AuctionIndication.final(words, at) === 1,
  };
}

export function readPrint(words: Int32Array, at: number, info: InstrumentInfo): Print {
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

export function readCandle(words: Int32Array, at: number, info: InstrumentInfo): CandleItem {
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    openTimeUs: Candle.openTime(words, at),
    intervalMs: Candle.intervalMs(words, at),
    open: fromUnits(Candle.open(words, at), info.tick),
    high: fromUnits(Candle.high(words, at), info.tick),
    low: fromUnits(Candle.low(words, at), info.tick),
    close: fromUnits(Candle.close(words, at), info.tick),
    volume: fromUnits(Candle.volume(words, at), info.lot),
    trades: Candle.trades(words, at),
    isClosed: Candle.closed(words, at) === 1,
  };
}

export function readStatistics(words: Int32Array, at: number, info: InstrumentInfo): StatisticsItem {
  const { tick, lot } = info;
  const part = { mantissa: tick.mantissa, exponent: tick.exponent - VWAP_DIGITS };
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    sinceUs: Statistics.since(words, at),
    ...unlessNull("open", Statistics.open(words, at), tick),
    ...unlessNull("high", Statistics.high(words, at), tick),
    ...unlessNull("low", Statistics.low(words, at), tick),
    ...unlessNull("last", Statistics.last(words, at), tick),
    ...unlessNull("vwap", Statistics.vwap(words, at), part),
    volume: fromUnits(Statistics.volume(words, at), lot),
    trades: Statistics.trades(words, at),
    ...unlessNull("openInterest", Statistics.openInterest(words, at), lot),
  };
}

export function readMarketState(words: Int32Array, at: number, info: InstrumentInfo): MarketStateItem {
  const price = MarketState.indicativePrice(words, at);
  const reason = MarketState.reason(words, at);
  const qty = MarketState.indicativeQty(words, at);
  const isFinal = MarketState.final(words, at) === 1;
  const hasAuction = isFinal || price !== NULL_INT64;
  const auction = { ...unlessNull("price", price, info.tick), qty: fromUnits(qty, info.lot), isFinal };
  return {
    symbol: info.symbol,
    seq: Header.seq(words, at),
    timeUs: Header.time(words, at),
    state: TRADING_STATE_NAMES[MarketState.state(words, at)],
    ...(reason === NULL_UINT8 ? {} : { reason: STATE_REASON_NAMES[reason] }),
    ...(hasAuction ? { auction } : {}),
  };
}

/** 1/10000. */
const VWAP_DIGITS = 4;

function unlessNull<K extends string>(key: K, value: number, step: InstrumentInfo["tick"]): { readonly [key in K]?: string } {
  return value === NULL_INT64 ? {} : ({ [key]: fromUnits(value, step) } as { readonly [key in K]: string });
}
