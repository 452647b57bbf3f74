/** What an order would add, if it were taken: what pre-trade checks look at. Doubles; ticks, lots, and atoms of the quote currency. */
export const enum Intent {
  /** Tested against the limit of an order's size; 0: not tested. */
  ORDER_LOTS = 0,
  ORDER_NOTIONAL = 1,
  /** Limit price that the collar tests, 0 for none. */
  PRICE = 2,
  /** Live orders more: 1 or 0. */
  ORDERS = 3,
  /** What it would reserve, or what it would reserve more than now. */
  LOTS = 4,
  NOTIONAL = 5,
  COST = 6,
  INCOME = 7,
  /** Its notional beside what was executed today: all that it then has; of a pair, of its larger leg. */
  DAY_NOTIONAL = 8,
  COUNT = 9,
}

/** Which checks are made. */
export const enum Trial {
  NEW = 0,
  REPLACE = 1,
  TRIGGER = 2,
}
