/**
 * The wire's enumerations for the order path, as const enums that tsc folds into the code. A test holds them against the
 * generated ones.
 */
export const enum Type {
  LIMIT = 0,
  MARKET = 1,
}

export const enum Tif {
  GTC = 0,
  IOC = 1,
  FOK = 2,
}

export const enum Flag {
  POST_ONLY = 1,
  /** Every flag bit that has a meaning. */
  ALL = 1,
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
