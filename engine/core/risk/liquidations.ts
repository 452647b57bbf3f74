import { type Accounts, Care } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { packTraits, Slot } from "../book/order-pool.js";
import type { Emitter } from "../emitter.js";
import type { Instruments } from "../instruments.js";
import type { Balances } from "../ledger/balances.js";
import type { Markets } from "../markets.js";
import type { CarefulFills } from "../match/careful-fills.js";
import type { Entry } from "../match/entry.js";
import { Cause, State, Stp, Tif, Type } from "../match/order-types.js";
import type { TradingStates } from "../match/trading-states.js";
import { Pos, type Positions } from "../positions.js";
import type { Margin } from "./margin.js";
import type { MarginWatch } from "./margin-watch.js";
import type { OrderTrials } from "./order-trials.js";
import type { Touched } from "./touched.js";

export interface LiquidationRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly book: OrderBook;
  readonly margin: Margin;
  readonly watch: MarginWatch;
  readonly emitter: Emitter;
  readonly entry: Entry;
  readonly careful: CarefulFills;
  readonly trials: OrderTrials;
  readonly touched: Touched;
}

/**
 * Liquidation (SETTLED K10, N20): after each command, margin accounts whose equity in a currency is below their maintenance margin lose
 * their orders there, and their positions are closed with market orders. Shard thread only.
 */
export class Liquidations {
  constructor(
    private readonly rooms: LiquidationRooms,
    private readonly states: TradingStates,
  ) {}

  /** One pass over the accounts to look at, by id; those that stay unsound are looked at again after the next command. */
  run(): void {
    const { suspects } = this.rooms.watch;
    for (let account = suspects.nextAfter(-1); account >= 0; account = suspects.nextAfter(account)) this.liquidate(account);
    suspects.sweep(this.isSettled);
  }

  /** Whether an account is sound in every currency; narrows the bands of its instruments to what it can bear. */
  private readonly isSettled = (account: number): boolean => {
    const { balances } = this.rooms;
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) {
      const currency = balances.currencyOf(row);
      const spare = this.spareOf(account, currency);
      if (spare < 0) return false;
      this.rooms.watch.narrow(account, currency, spare);
    }
    return true;
  };

  private spareOf(account: number, currency: number): number {
    return this.rooms.margin.equity(account, currency) - this.rooms.margin.maintenance(account, currency);
  }

  private liquidate(account: number): void {
    const { balances } = this.rooms;
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) {
      const currency = balances.currencyOf(row);
      if (this.spareOf(account, currency) < 0) this.closeOut(account, currency);
    }
  }

  private closeOut(account: number, currency: number): void {
    const { positions, emitter, accounts, instruments } = this.rooms;
    emitter.answerNobody();
    for (let instrument = 0; instrument < instruments.count && accounts.orderCounts[account] > 0; instrument++) {
      const isMargin = instruments.isMargin[instrument] !== 0 && instruments.quoteOf[instrument] === currency;
      if (isMargin) this.states.cancelAll(instrument, instrument, account, Cause.LIQUIDATION);
    }
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (this.rooms.watch.isOpen(row, currency) && this.rooms.markets.states[positions.instrumentOf(row)] === State.OPEN)
        this.close(row, account);
    }
  }

  private close(row: number, account: number): void {
    const { positions, emitter, book, entry, careful, trials, accounts, touched } = this.rooms;
    const { words, doubles } = book.pool;
    const instrument = positions.instrumentOf(row);
    const lots = positions.doubles[row * Pos.DOUBLES + Pos.LOTS];
    const side = lots > 0 ? 1 : 0;
    const qty = Math.abs(lots);
    emitter.liquidation(account, instrument, side, qty);
    // Its order belongs to the account, also when it trades nothing.
    if ((accounts.care[account] & Care.ALERTS) !== 0) touched.add(account);
    const slot = book.pool.take();
    const base = slot * Slot.WORDS;
    words.fill(0, base, base + Slot.WORDS);
    doubles[slot * Slot.DOUBLES + Slot.LEAVES] = qty;
    doubles[slot * Slot.DOUBLES + Slot.TOTAL] = qty;
    doubles[slot * Slot.DOUBLES + Slot.KEY] = Number.NEGATIVE_INFINITY;
    words[base + Slot.ACCOUNT] = account;
    words[base + Slot.BOOK_SIDE] = 2 * instrument + side;
    words[base + Slot.TRAITS] = packTraits(Type.MARKET, Tif.IOC, Stp.NONE, 0);
    if (trials.mayLiquidate(slot)) entry.enter(slot, 0);
    else {
      careful.tellCanceled(slot, Cause.NO_LIQUIDITY, true);
      book.end(slot);
    }
    entry.fireAll();
  }
}
