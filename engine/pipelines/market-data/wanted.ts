/** What somebody wants to be told of an instrument, beside tops and trades, which are always told. Bits. */
export const enum Wanted {
  /** LevelUpdate. */
  BOOK = 1,
  /** OrderAdded, OrderChanged, OrderRemoved. */
  ORDERS = 2,
  /** Candle. */
  CANDLES = 4,
  /** Statistics. */
  STATISTICS = 8,
  /** MarketState. */
  STATE = 16,
}

export const WANT_ALL = Wanted.BOOK | Wanted.ORDERS | Wanted.CANDLES | Wanted.STATISTICS | Wanted.STATE;
