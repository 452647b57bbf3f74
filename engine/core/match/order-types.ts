/**
 * The wire's enumerations for the order path, as const enums that tsc folds into the code. A test holds them against the
 * generated ones.
 */
export const enum Type {
  LIMIT = 0,
  MARKET = 1,
  STOP = 2,
  STOP_LIMIT = 3,
  TRAILING_STOP = 4,
}

export const enum Tif {
  GTC = 0,
  IOC = 1,
  FOK = 2,
  DAY = 3,
  GTD = 4,
}

export const enum Flag {
  POST_ONLY = 1,
  REDUCE_ONLY = 2,
  /** Every flag bit that has a meaning. */
  ALL = 3,
}

export const enum Stp {
  NONE = 0,
  CANCEL_NEWEST = 1,
  CANCEL_OLDEST = 2,
  CANCEL_BOTH = 3,
  DECREMENT = 4,
}

export const enum Cause {
  USER = 0,
  IOC = 1,
  FOK = 2,
  NO_LIQUIDITY = 3,
  SELF_TRADE = 4,
  MASS_CANCEL = 5,
  REPLACED_BELOW_FILLED = 6,
  MIN_QTY = 7,
  EXPIRED = 8,
  KILL_SWITCH = 9,
  OCO = 10,
  REDUCE_ONLY = 11,
  RISK_ON_TRIGGER = 12,
  HALT = 13,
  DISCONNECT = 14,
  LIQUIDATION = 15,
}

export const enum State {
  PRE_OPEN = 0,
  AUCTION_CALL = 1,
  OPEN = 2,
  HALTED = 3,
  CLOSED = 4,
}

export const enum StateCause {
  ADMIN = 0,
  VOLATILITY = 1,
  TIMER = 2,
}

export const enum Scope {
  GLOBAL = 0,
  INSTRUMENT = 1,
  ACCOUNT = 2,
}

export const enum Side {
  BUY = 0,
  SELL = 1,
}

/** Nulls of the wire's integers. */
export const enum Null {
  /** −2^63, exact as a double. */
  INT64 = -0x8000000000000000,
  INT64_HIGH_WORD = -0x80000000,
  UINT32 = 0xffffffff,
  UINT8 = 0xff,
}

/** The answer of a check that found nothing. */
export const enum Check {
  OK = 0,
}
