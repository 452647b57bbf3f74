import type { Memory } from "../flat/memory.js";
import type { Accounts } from "./accounts.js";
import type { Capacities } from "./capacities.js";
import type { Currencies } from "./currencies.js";
import type { Instruments } from "./instruments.js";
import { Balances } from "./ledger/balances.js";
import { Movements } from "./ledger/movements.js";
import { Settlement } from "./ledger/settlement.js";
import { WideSums } from "./ledger/wide-sums.js";
import type { Markets } from "./markets.js";
import { Positions } from "./positions.js";
import { Breakers } from "./risk/breakers.js";
import { Limits } from "./risk/limits.js";
import { Margin } from "./risk/margin.js";
import { MarginWatch } from "./risk/margin-watch.js";
import { Touched } from "./risk/touched.js";

/** What the ledger is made on. */
export interface LedgerBase {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly markets: Markets;
  readonly now: Float64Array;
}

/** Who has what, and what they are limited to. */
export interface Ledger {
  readonly balances: Balances;
  readonly positions: Positions;
  readonly limits: Limits;
  readonly margin: Margin;
  readonly watch: MarginWatch;
  readonly breakers: Breakers;
  readonly settlement: Settlement;
  readonly movements: Movements;
  readonly touched: Touched;
  /** Fees less rebates, deposits, and withdrawals, by currency. */
  readonly fees: WideSums;
  readonly deposited: WideSums;
  readonly withdrawn: WideSums;
  /** Lots that are long, by margin instrument. */
  readonly openInterest: WideSums;
}

/** Builds the ledger, each part on those before it. */
export function makeLedger({ currencies, instruments, accounts, markets, now }: LedgerBase, sizes: Capacities, memory: Memory): Ledger {
  const balances = new Balances(sizes.balances, accounts.firstBalances, memory);
  const positions = new Positions(sizes.positions, accounts.firstPositions, instruments, balances, memory);
  const limits = new Limits({ currencies, instruments, accounts, positions, balances });
  const margin = new Margin({ instruments, markets, positions, balances });
  const watch = new MarginWatch({ accounts, instruments, markets, positions });
  const touched = new Touched(sizes.accounts);
  const fees = new WideSums(sizes.currencies);
  const openInterest = new WideSums(sizes.instruments);
  const settlement = new Settlement({ currencies, accounts, instruments, positions, balances, fees, openInterest, touched });
  const flows = { fees, deposited: new WideSums(sizes.currencies), withdrawn: new WideSums(sizes.currencies), openInterest };
  const movements = new Movements(sizes.movements);
  return { balances, positions, limits, margin, watch, breakers: new Breakers(now), settlement, movements, touched, ...flows };
}
