import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Settlement } from "../ledger/settlement.js";
import type { Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import type { AccountBreakers } from "../risk/account-breakers.js";
import type { Breakers } from "../risk/breakers.js";
import type { Headroom } from "../risk/headroom.js";
import type { Limits } from "../risk/limits.js";
import type { MarginWatch } from "../risk/margin-watch.js";
import type { OrderTrials } from "../risk/order-trials.js";
import type { PreTrade } from "../risk/pre-trade.js";
import type { Touched } from "../risk/touched.js";
import type { Auction } from "./auction.js";
import type { CarefulFills } from "./careful-fills.js";
import type { Entry } from "./entry.js";
import type { Matching } from "./matching.js";

/** What the handlers of order commands work on: the state of one shard and its voice. */
export interface Floor {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly book: OrderBook;
  readonly limits: Limits;
  readonly preTrade: PreTrade;
  readonly headroom: Headroom;
  readonly trials: OrderTrials;
  readonly settlement: Settlement;
  readonly breakers: Breakers;
  readonly accountBreakers: AccountBreakers;
  readonly watch: MarginWatch;
  /** Accounts that alerts may be due to. */
  readonly touched: Touched;
  readonly matching: Matching;
  readonly careful: CarefulFills;
  readonly entry: Entry;
  readonly auction: Auction;
  readonly emitter: Emitter;
  /** Sequence of the running command, and the clock in µs. */
  readonly now: Float64Array;
}

/** Places in `now`. */
export const enum Now {
  SEQ = 0,
  TIME = 1,
}
