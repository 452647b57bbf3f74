/** How much a core can hold. Everything is reserved at construction and nothing is allocated afterwards. */
export interface Capacities {
  /** Live orders over all instruments, 1 to 2^24. 64 bytes each, and three index cells of 16 to 32 bytes; 400 more if it is no plain order. */
  readonly orders: number;
  /** Price levels over all instruments and sides, 1 to 2^24. */
  readonly levels: number;
  /** 1 to 2^20. */
  readonly instruments: number;
  /** 1 to 2^20. */
  readonly accounts: number;
  /** Pairs of account and instrument with a position, live orders, or trades of today, 1 to 2^23. */
  readonly positions: number;
  /** Pairs of account and currency with a balance, or what is counted by `positions` there, 1 to 2^23; without it two for each of those and of the accounts, up to 2^18. */
  readonly balances: number;
  /** Deposits, withdrawals and transfers that are remembered by their ref, 1 to 2^24. */
  readonly movements: number;
  /** 1 to 2^16. */
  readonly currencies: number;
}

export const DEFAULT_CAPACITIES: Capacities = {
  orders: 2 ** 20,
  levels: 2 ** 18,
  instruments: 1024,
  accounts: 2 ** 16,
  positions: 2 ** 18,
  balances: 2 ** 18,
  movements: 2 ** 20,
  currencies: 256,
};

const LIMITS: Capacities = {
  orders: 2 ** 24,
  levels: 2 ** 24,
  instruments: 2 ** 20,
  accounts: 2 ** 20,
  positions: 2 ** 23,
  balances: 2 ** 23,
  movements: 2 ** 24,
  currencies: 2 ** 16,
};

/** Fills in the defaults. Throws RangeError with the rule and the value found. */
export function checkedCapacities(wanted: Partial<Capacities>): Capacities {
  const { positions, accounts } = { ...DEFAULT_CAPACITIES, ...wanted };
  const balances = Math.min(DEFAULT_CAPACITIES.balances, 2 * positions + 2 * accounts);
  const capacities = { ...DEFAULT_CAPACITIES, balances, ...wanted };
  for (const key of Object.keys(LIMITS) as (keyof Capacities)[]) {
    const value = capacities[key];
    if (!Number.isInteger(value) || value < 1 || value > LIMITS[key]) {
      throw new RangeError(`capacities.${key} must be an integer from 1 to ${LIMITS[key]}, was ${value}`);
    }
  }
  return capacities;
}

const CHUNK_BYTES_MAX = 2 ** 30;

/** About what the arrays take that grow with orders, levels and positions: one buffer for all of them, or a few large ones. */
export function memoryBytesFor(sizes: Capacities): number {
  return Math.min(CHUNK_BYTES_MAX, 2 ** 16 + 570 * sizes.orders + 160 * sizes.levels + 320 * sizes.positions + 240 * sizes.balances);
}
