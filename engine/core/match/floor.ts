import type { Accounts } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Matching } from "./matching.js";

/** What the handlers of order commands work on: the state of one shard and its voice. */
export interface Floor {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly book: OrderBook;
  readonly matching: Matching;
  readonly emitter: Emitter;
}
