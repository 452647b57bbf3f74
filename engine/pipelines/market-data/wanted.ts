/**
 * What somebody wants to be told of an instrument, beside tops and trades, which are always told. Bits: 1 << Channel.
 */
export const enum Wanted {
  /** LevelUpdate: of channel depth or book. */
  BOOK = 0b1100,
  /** OrderAdded, OrderChanged, OrderRemoved. */
  ORDERS = 1 << 4,
  /** Candle. */
  CANDLES = 1 << 5,
  /** Statistics. */
  STATISTICS = 1 << 6,
  /** MarketState. */
  STATE = 1 << 7,
}

export const WANT_ALL = Wanted.BOOK | Wanted.ORDERS | Wanted.CANDLES | Wanted.STATISTICS | Wanted.STATE;
