import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Balances } from "../ledger/balances.js";
import type { Settlement } from "../ledger/settlement.js";
import type { Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import { AccountBreakers } from "../risk/account-breakers.js";
import type { Breakers } from "../risk/breakers.js";
import { Headroom } from "../risk/headroom.js";
import type { Limits } from "../risk/limits.js";
import type { Margin } from "../risk/margin.js";
import type { MarginWatch } from "../risk/margin-watch.js";
import { OrderTrials } from "../risk/order-trials.js";
import { PreTrade } from "../risk/pre-trade.js";
import type { Touched } from "../risk/touched.js";
import { Auction } from "./auction.js";
import { CarefulFills } from "./careful-fills.js";
import { Entry } from "./entry.js";
import type { Floor } from "./floor.js";
import { Interruptions } from "./interruptions.js";
import { Matching } from "./matching.js";
import { MoneyOrders } from "./money-orders.js";
import type { OrderLists } from "./order-lists.js";
import { PriceBounds } from "./price-bounds.js";
import { Rehearsal } from "./rehearsal.js";

/** The state that the floor works on. */
export interface FloorState {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly book: OrderBook;
  readonly limits: Limits;
  readonly margin: Margin;
  readonly settlement: Settlement;
  readonly breakers: Breakers;
  readonly watch: MarginWatch;
  readonly touched: Touched;
}

/** Builds what the handlers of order commands share, each part on those before it. */
export function makeFloor(state: FloorState, lists: OrderLists, emitter: Emitter, now: Float64Array): Floor {
  const { accounts, instruments, markets, positions, balances, book, limits, margin, settlement, breakers, watch, touched } = state;
  const careful = new CarefulFills(book, emitter, markets, positions, settlement, breakers, watch);
  const rehearsal = new Rehearsal(book, accounts, instruments, positions);
  const matching = new Matching(book, accounts, emitter, careful, rehearsal);
  const money = new MoneyOrders(accounts, instruments, book, emitter, careful, matching);
  const interruptions = new Interruptions(instruments, markets, book, emitter, breakers);
  const bounds = new PriceBounds(book, accounts, positions, instruments, markets, breakers);
  const preTrade = new PreTrade({ accounts, instruments, markets, positions, balances, book, margin, limits, now });
  const headroom = new Headroom({ accounts, instruments, markets, positions, balances, book });
  const trials = new OrderTrials({ instruments, positions, balances, book, bounds, rehearsal, preTrade });
  const auction = new Auction(book, emitter, markets, careful, lists, trials);
  const entry = new Entry({ accounts, markets, positions, book, emitter, matching, careful, money, interruptions, bounds, trials });
  const accountBreakers = new AccountBreakers(accounts, limits, emitter, now);
  const risk = { limits, accountBreakers, preTrade, headroom, trials, settlement, breakers, watch, touched };
  return { accounts, instruments, markets, positions, book, emitter, now, matching, careful, auction, entry, ...risk };
}
