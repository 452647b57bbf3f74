import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Markets } from "../markets.js";
import type { Positions } from "../positions.js";
import { Auction } from "./auction.js";
import { CarefulFills } from "./careful-fills.js";
import { Entry } from "./entry.js";
import type { Floor } from "./floor.js";
import { Interruptions } from "./interruptions.js";
import { Matching } from "./matching.js";
import { MoneyOrders } from "./money-orders.js";
import type { OrderLists } from "./order-lists.js";
import { Rehearsal } from "./rehearsal.js";

/** The state that the floor works on. */
export interface FloorState {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly book: OrderBook;
}

/** Builds what the handlers of order commands share, each part on those before it. */
export function makeFloor(state: FloorState, lists: OrderLists, emitter: Emitter, now: Float64Array): Floor {
  const { accounts, instruments, markets, positions, book } = state;
  const careful = new CarefulFills(book, emitter, markets, positions);
  const matching = new Matching(book, accounts, emitter, careful, new Rehearsal(book, accounts, positions));
  const money = new MoneyOrders(accounts, instruments, book, emitter, careful, matching);
  const interruptions = new Interruptions(instruments, markets, book, emitter);
  const auction = new Auction(book, emitter, markets, careful, lists);
  const entry = new Entry({ accounts, instruments, markets, positions, book, emitter, matching, careful, money, interruptions });
  return { accounts, instruments, markets, positions, book, emitter, now, matching, careful, auction, entry };
}
