import type { InstrumentInfo } from "../edge/catalog.js";
import { fromUnits } from "../edge/decimal.js";
import {
  Candle,
  LevelUpdate,
  MarketState,
  OrderAdded,
  OrderChanged,
  OrderRemoved,
  Statistics,
  TopOfBook,
  TradePrint,
} from "../wire/flyweights.js";
import { SIDE_NAMES, STATE_REASON_NAMES, TRADING_STATE_NAMES } from "../wire/generated/enums.js";
import * as Header from "../wire/header.js";
import { NULL_INT64, NULL_UINT8 } from "../wire/numbers.js";
import type { MarketDataEvent, MarketStateEvent, StatisticsEvent, TopEvent } from "./market-data-events.js";

/** The vwap is in 1/10000 tick. */
const VWAP_DIGITS = 4;

/** Instrument of a record of market data, or -1 when it is none that is told of. */
export function instrumentOf(words: Int32Array, at: number): number {
  switch (Header.templateId(words, at)) {
    case TopOfBook.TEMPLATE_ID:
      return TopOfBook.instrument(words, at);
    case TradePrint.TEMPLATE_ID:
      return TradePrint.instrument(words, at);
    case LevelUpdate.TEMPLATE_ID:
      return LevelUpdate.instrument(words, at);
    case OrderAdded.TEMPLATE_ID:
      return OrderAdded.instrument(words, at);
    case OrderChanged.TEMPLATE_ID:
      return OrderChanged.instrument(words, at);
    case OrderRemoved.TEMPLATE_ID:
      return OrderRemoved.instrument(words, at);
    case Candle.TEMPLATE_ID:
      return Candle.instrument(words, at);
    case Statistics.TEMPLATE_ID:
      return Statistics.instrument(words, at);
    case MarketState.TEMPLATE_ID:
      return MarketState.instrument(words, at);
    default:
      return -1;
  }
}

/** A record of the market-data Step as an event of the command `seq`. Throws Error on any other record. */
export function decodeMarketData(words: Int32Array, at: number, info: InstrumentInfo, seq: number): MarketDataEvent {
  const { symbol, tick, lot } = info;
  switch (Header.templateId(words, at)) {
    case TopOfBook.TEMPLATE_ID:
      return topEvent(words, at, info, seq);
    case TradePrint.TEMPLATE_ID: {
      const aggressor = TradePrint.aggressor(words, at);
      const print = { price: fromUnits(TradePrint.price(words, at), tick), qty: fromUnits(TradePrint.qty(words, at), lot) };
      const by = aggressor === NULL_UINT8 ? {} : { aggressor: SIDE_NAMES[aggressor] };
      return { event: "print", seq, symbol, tradeId: TradePrint.tradeId(words, at), ...print, ...by };
    }
    case LevelUpdate.TEMPLATE_ID: {
      const price = fromUnits(LevelUpdate.price(words, at), tick);
      const qty = fromUnits(LevelUpdate.qty(words, at), lot);
      const side = SIDE_NAMES[LevelUpdate.side(words, at)];
      return { event: "level", seq, symbol, side, level: [price, qty, LevelUpdate.orders(words, at)] };
    }
    case OrderAdded.TEMPLATE_ID:
      return {
        event: "orderAdded",
        seq,
        symbol,
        ...orderKeys(words, at, OrderAdded, info),
        qty: fromUnits(OrderAdded.qty(words, at), lot),
      };
    case OrderChanged.TEMPLATE_ID: {
      const keys = { ...orderKeys(words, at, OrderChanged, info), qty: fromUnits(OrderChanged.qty(words, at), lot) };
      return { event: "orderChanged", seq, symbol, ...keys, ...flag("traded", OrderChanged.traded(words, at)) };
    }
    case OrderRemoved.TEMPLATE_ID: {
      const keys = orderKeys(words, at, OrderRemoved, info);
      return { event: "orderRemoved", seq, symbol, ...keys, ...flag("traded", OrderRemoved.traded(words, at)) };
    }
    case Candle.TEMPLATE_ID:
      return candleEvent(words, at, info, seq);
    case Statistics.TEMPLATE_ID:
      return statisticsEvent(words, at, info, seq);
    case MarketState.TEMPLATE_ID:
      return marketStateEvent(words, at, info, seq);
    default:
      throw new Error(`template ${Header.templateId(words, at)} is no market data`);
  }
}

function topEvent(words: Int32Array, at: number, { symbol, tick, lot }: InstrumentInfo, seq: number): TopEvent {
  const top: TopEvent = { event: "top", seq, symbol };
  const bid = TopOfBook.bidPrice(words, at);
  const ask = TopOfBook.askPrice(words, at);
  if (bid !== NULL_INT64) top.bid = [fromUnits(bid, tick), fromUnits(TopOfBook.bidQty(words, at), lot)];
  if (ask !== NULL_INT64) top.ask = [fromUnits(ask, tick), fromUnits(TopOfBook.askQty(words, at), lot)];
  return top;
}

function candleEvent(words: Int32Array, at: number, { symbol, tick, lot }: InstrumentInfo, seq: number): MarketDataEvent {
  return {
    event: "candle",
    seq,
    symbol,
    intervalMs: Candle.intervalMs(words, at),
    openTime: Candle.openTime(words, at),
    open: fromUnits(Candle.open(words, at), tick),
    high: fromUnits(Candle.high(words, at), tick),
    low: fromUnits(Candle.low(words, at), tick),
    close: fromUnits(Candle.close(words, at), tick),
    volume: fromUnits(Candle.volume(words, at), lot),
    trades: Candle.trades(words, at),
    ...flag("closed", Candle.closed(words, at)),
  };
}

function statisticsEvent(words: Int32Array, at: number, { symbol, tick, lot }: InstrumentInfo, seq: number): StatisticsEvent {
  const part = { mantissa: tick.mantissa, exponent: tick.exponent - VWAP_DIGITS };
  return {
    event: "statistics",
    seq,
    symbol,
    since: Statistics.since(words, at),
    ...unlessNull("open", Statistics.open(words, at), tick),
    ...unlessNull("high", Statistics.high(words, at), tick),
    ...unlessNull("low", Statistics.low(words, at), tick),
    ...unlessNull("last", Statistics.last(words, at), tick),
    ...unlessNull("vwap", Statistics.vwap(words, at), part),
    volume: fromUnits(Statistics.volume(words, at), lot),
    trades: Statistics.trades(words, at),
  };
}

/** Of an auction that is not, or in which nothing crosses, neither price nor quantity. */
function marketStateEvent(words: Int32Array, at: number, { symbol, tick, lot }: InstrumentInfo, seq: number): MarketStateEvent {
  const reason = MarketState.reason(words, at);
  const price = MarketState.indicativePrice(words, at);
  const auction = price === NULL_INT64 ? {} : { price: fromUnits(price, tick), qty: fromUnits(MarketState.indicativeQty(words, at), lot) };
  return {
    event: "marketState",
    seq,
    symbol,
    state: TRADING_STATE_NAMES[MarketState.state(words, at)],
    ...(reason === NULL_UINT8 ? {} : { reason: STATE_REASON_NAMES[reason] }),
    ...auction,
    ...flag("final", MarketState.final(words, at)),
  };
}

type OrderFlyweight = typeof OrderAdded | typeof OrderChanged | typeof OrderRemoved;

function orderKeys(words: Int32Array, at: number, flyweight: OrderFlyweight, { tick }: InstrumentInfo) {
  return {
    orderId: String(flyweight.orderId(words, at)),
    side: SIDE_NAMES[flyweight.side(words, at)],
    price: fromUnits(flyweight.price(words, at), tick),
  };
}

function flag<K extends string>(key: K, value: number): { readonly [key in K]?: true } {
  return value === 1 ? ({ [key]: true } as { readonly [key in K]: true }) : {};
}

function unlessNull<K extends string>(key: K, value: number, step: InstrumentInfo["tick"]): { readonly [key in K]?: string } {
  return value === NULL_INT64 ? {} : ({ [key]: fromUnits(value, step) } as { readonly [key in K]: string });
}
