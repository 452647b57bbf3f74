import { CODES } from "../../wire/codes.js";
import * as Numbers from "../../wire/numbers.js";
import { type Accounts, Care } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import { basisPointsOf } from "../book/trailing-stops.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import { Attention, type Markets } from "../markets.js";
import { AccountMode, AccountState, Check, Limit } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import { Intent, Trial } from "./intent.js";
import type { Limits } from "./limits.js";
import type { Margin } from "./margin.js";
import { LIKENESS } from "./order-windows.js";

const MAX_SAFE = Numbers.MAX_SAFE;

export interface PreTradeRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly book: OrderBook;
  readonly margin: Margin;
  readonly limits: Limits;
  /** The clock in µs at place 1. */
  readonly now: Float64Array;
}

/**
 * Pre-trade risk, in the order of SEMANTICS 8: the first failure is the answer. What an order would add stands in `intent`; what there is
 * stands in the row of its account and instrument and in its balances. Kill switches and account states are asked before, because they count even
 * for an order that may trade nothing (SETTLED N2). Shard thread only. Nothing is allocated.
 */
export class PreTrade {
  readonly intent = new Float64Array(Intent.COUNT);
  /** What makes two orders the same, filled in for accounts that count duplicates. */
  readonly likeness = new Float64Array(LIKENESS);
  private readonly accounts: Accounts;
  private readonly instruments: Instruments;
  private readonly markets: Markets;
  private readonly positions: Positions;
  private readonly balances: Balances;
  private readonly book: OrderBook;
  private readonly margin: Margin;
  private readonly limits: Limits;
  private readonly now: Float64Array;

  constructor(rooms: PreTradeRooms) {
    this.accounts = rooms.accounts;
    this.instruments = rooms.instruments;
    this.markets = rooms.markets;
    this.positions = rooms.positions;
    this.balances = rooms.balances;
    this.book = rooms.book;
    this.margin = rooms.margin;
    this.limits = rooms.limits;
    this.now = rooms.now;
  }

  /** Of an account that is suspended, or may only reduce: `lots` more on a side. `isReduceOnly`: the order itself may only reduce. */
  stateCode(account: number, row: number, side: number, lots: number, isReduceOnly: boolean): number {
    if ((this.accounts.care[account] & Care.STATE) === 0) return Check.OK;
    if (this.accounts.states[account] === AccountState.SUSPENDED) return CODES.ACCOUNT_SUSPENDED;
    return isReduceOnly || this.onlyReduces(row, side, lots) ? Check.OK : CODES.REDUCE_ONLY_ACCOUNT;
  }

  /** All other checks of an order for `intent`. The instrument's row exists. */
  check(account: number, row: number, bookSide: number, trial: Trial, isReduceOnly: boolean): number {
    const { intent } = this;
    const held = this.positions.doubles;
    const at = row * Pos.DOUBLES;
    if (intent[Intent.ORDER_LOTS] > held[at + Pos.MAX_QTY]) return CODES.MAX_ORDER_QTY;
    if (intent[Intent.ORDER_NOTIONAL] > held[at + Pos.MAX_NOTIONAL]) return CODES.MAX_ORDER_NOTIONAL;
    if (trial !== Trial.TRIGGER) {
      const onReference = this.referenceCode(account, bookSide >>> 1);
      if (onReference !== Check.OK) return onReference;
      const onOpen = this.openCode(account, row, bookSide & 1, trial);
      if (onOpen !== Check.OK) return onOpen;
    }
    const onPosition = this.positionCode(account, row, bookSide & 1, trial, isReduceOnly);
    if (onPosition !== Check.OK) return onPosition;
    if (trial === Trial.NEW && (this.accounts.care[account] & Care.WINDOWS) !== 0) {
      const onWindows = this.windowsCode(account);
      if (onWindows !== Check.OK) return onWindows;
    }
    const onFunds = this.fundsCode(account, row, bookSide);
    return onFunds === Check.OK ? this.sumsCode(account, row, bookSide) : onFunds;
  }

  /** An order of the account was accepted: it counts in its windows. */
  accepted(account: number): void {
    if ((this.accounts.care[account] & Care.WINDOWS) === 0) return;
    const windows = this.limits.windowsOf(account);
    windows.orders.add(this.now[1]);
    windows.duplicates?.add(this.likeness, this.now[1]);
  }

  /** Whether `lots` more on a side leave no more there than the position on the other side. */
  onlyReduces(row: number, side: number, lots: number): boolean {
    const held = this.positions.doubles;
    const at = row * Pos.DOUBLES;
    const room = side === 0 ? -held[at + Pos.LOTS] : held[at + Pos.LOTS];
    return held[at + Pos.OPEN_LOTS + side] + lots <= Math.max(0, room);
  }

  /** The collar around the last trade, or the middle of the book (SETTLED K1); doubled, because a middle may lie between two ticks. */
  private referenceCode(account: number, instrument: number): number {
    const price = this.intent[Intent.PRICE];
    const demands = (this.accounts.care[account] & Care.REFERENCE) !== 0 && price >= 0;
    const hasCollar = (this.markets.attention[instrument] & Attention.COLLAR) !== 0 && price > 0;
    if (!demands && !hasCollar) return Check.OK;
    const doubled = this.doubledReference(instrument);
    if (doubled === 0) return demands ? CODES.NO_REFERENCE_PRICE : Check.OK;
    if (!hasCollar) return Check.OK;
    const distance = basisPointsOf(doubled, this.instruments.specOf(instrument).collarBps);
    return Math.abs(2 * price - doubled) <= distance ? Check.OK : CODES.PRICE_COLLAR;
  }

  private doubledReference(instrument: number): number {
    const last = this.markets.lastPrices[instrument];
    if (last !== 0) return 2 * last;
    const { levels } = this.book;
    const bid = levels.first(2 * instrument);
    const ask = levels.first(2 * instrument + 1);
    return bid === 0 || ask === 0 ? 0 : levels.keyOf(ask) - levels.keyOf(bid);
  }

  /** Live orders and their notional, buys and sells apart. */
  private openCode(account: number, row: number, side: number, trial: Trial): number {
    const { intent } = this;
    const held = this.positions.doubles;
    const at = row * Pos.DOUBLES;
    const orders = intent[Intent.ORDERS];
    if (orders !== 0) {
      if (this.accounts.orderCounts[account] + orders > this.accounts.maxOpenOrders[account]) return CODES.MAX_OPEN_ORDERS;
      if (this.positions.words[row * Pos.WORDS + Pos.ORDERS] + orders > held[at + Pos.MAX_ORDERS]) return CODES.MAX_OPEN_ORDERS;
    }
    const notional = intent[Intent.NOTIONAL];
    if (notional <= 0 && trial !== Trial.NEW) return Check.OK;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const money = this.balances.doubles;
    if (held[at + Pos.OPEN_NOTIONAL + side] + notional > held[at + Pos.MAX_OPEN]) return CODES.MAX_OPEN_NOTIONAL;
    return money[quote + Bal.OPEN + side] + notional > money[quote + Bal.MAX_OPEN] ? CODES.MAX_OPEN_NOTIONAL : Check.OK;
  }

  /** Position, exposure, and what was traded and lost today. */
  private positionCode(account: number, row: number, side: number, trial: Trial, isReduceOnly: boolean): number {
    const { intent } = this;
    const held = this.positions.doubles;
    const money = this.balances.doubles;
    const at = row * Pos.DOUBLES;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const lots = intent[Intent.LOTS];
    const notional = intent[Intent.NOTIONAL];
    const sided = side === 0 ? held[at + Pos.LOTS] : -held[at + Pos.LOTS];
    const isMore = trial !== Trial.REPLACE;
    if ((isMore || lots > 0) && sided + held[at + Pos.OPEN_LOTS + side] + lots > held[at + Pos.MAX_POSITION]) return CODES.POSITION_LIMIT;
    if ((this.accounts.care[account] & Care.EXPOSURE) !== 0 && this.isTooExposed(account, row, side, notional)) return CODES.EXPOSURE_LIMIT;
    if (isMore || notional > 0) {
      const day = intent[Intent.DAY_NOTIONAL];
      if (held[at + Pos.DAY_NOTIONAL] + day > held[at + Pos.MAX_DAY_NOTIONAL]) return CODES.DAILY_NOTIONAL;
      if (money[quote + Bal.DAY_NOTIONAL] + day > money[quote + Bal.MAX_DAY_NOTIONAL]) return CODES.DAILY_NOTIONAL;
    }
    if (trial === Trial.TRIGGER) return Check.OK;
    const isLost = -held[at + Pos.DAY_PNL] >= held[at + Pos.MAX_DAY_LOSS] || -money[quote + Bal.DAY_PNL] >= money[quote + Bal.MAX_DAY_LOSS];
    if (!isLost || isReduceOnly || (trial === Trial.REPLACE && lots <= 0)) return Check.OK;
    return this.onlyReduces(row, side, lots) ? Check.OK : CODES.LOSS_LIMIT;
  }

  /** Only what an order adds to the exposure is refused. */
  private isTooExposed(account: number, row: number, side: number, notional: number): boolean {
    const { margin } = this;
    const currency = this.instruments.quoteOf[this.positions.instrumentOf(row)];
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const before = margin.exposureOf(row);
    margin.startTrial(row, side, notional);
    const after = margin.exposureOf(row);
    const all = margin.exposure(account, currency);
    margin.endTrial();
    if (after <= before) return false;
    return after > this.positions.doubles[row * Pos.DOUBLES + Pos.MAX_EXPOSURE] || all > this.balances.doubles[quote + Bal.MAX_EXPOSURE];
  }

  /** Rate and duplicates; `likeness` is filled in. */
  windowsCode(account: number): number {
    const { limits } = this;
    const { orders, duplicates } = limits.windowsOf(account);
    const after = this.now[1] - limits.windowUsOf(account);
    const isLimited = limits.countOf(account, Limit.ORDERS) !== Number.POSITIVE_INFINITY;
    if (isLimited && orders.isFull(after)) return CODES.RATE_LIMIT;
    if (duplicates === undefined) return Check.OK;
    if (duplicates.isFull(after)) return CODES.RATE_LIMIT;
    return duplicates.count(this.likeness, after) >= limits.countOf(account, Limit.DUPLICATES) ? CODES.DUPLICATIVE_ORDER : Check.OK;
  }

  /** A cash account has what the order could take; a margin account's equity covers the initial margin (SETTLED K5, K8). */
  private fundsCode(account: number, row: number, bookSide: number): number {
    const mode = this.accounts.modes[account];
    if (mode === AccountMode.UNCHECKED) return Check.OK;
    const { intent } = this;
    const money = this.balances.doubles;
    const side = bookSide & 1;
    if (mode === AccountMode.CASH) {
      const goods = intent[Intent.LOTS] * this.instruments.baseAtomsPerLot[bookSide >>> 1];
      const from = this.positions.words[row * Pos.WORDS + (side === 0 ? Pos.QUOTE : Pos.BASE)] * Bal.DOUBLES;
      const needed = side === 0 ? intent[Intent.COST] : goods;
      const free = money[from + Bal.TOTAL] - money[from + Bal.PENDING] - money[from + Bal.OUT];
      return needed > 0 && needed > free ? CODES.INSUFFICIENT_FUNDS : Check.OK;
    }
    return this.hasMargin(account, row, side, intent[Intent.NOTIONAL]) ? Check.OK : CODES.INSUFFICIENT_MARGIN;
  }

  private hasMargin(account: number, row: number, side: number, notional: number): boolean {
    const { margin, balances } = this;
    const currency = this.instruments.quoteOf[this.positions.instrumentOf(row)];
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const before = margin.initial(account, currency);
    margin.startTrial(row, side, notional);
    const after = margin.initial(account, currency);
    margin.endTrial();
    return after <= before || after <= margin.equity(account, currency) - balances.doubles[quote + Bal.PENDING];
  }

  /** No sum may leave the safe integers by what the order could do (SETTLED N14). */
  sumsCode(account: number, row: number, bookSide: number): number {
    const { intent } = this;
    const side = bookSide & 1;
    const held = this.positions.doubles;
    const money = this.balances.doubles;
    const at = row * Pos.DOUBLES;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const sided = side === 0 ? held[at + Pos.LOTS] : -held[at + Pos.LOTS];
    if (sided + held[at + Pos.OPEN_LOTS + side] + intent[Intent.LOTS] > MAX_SAFE) return CODES.NOTIONAL_OVERFLOW;
    if (money[quote + Bal.OPEN + side] + intent[Intent.NOTIONAL] > MAX_SAFE) return CODES.NOTIONAL_OVERFLOW;
    const stake = money[quote + Bal.POSITION_STAKE] + money[quote + Bal.ORDER_STAKE];
    // What may come in and what may go out stay safe integers by themselves, too: they are kept as sums.
    const quoteIn = Math.max(0, money[quote + Bal.TOTAL]) + money[quote + Bal.IN] + stake;
    const quoteOut = Math.max(0, -money[quote + Bal.TOTAL]) + money[quote + Bal.OUT] + stake;
    if (this.instruments.isMargin[bookSide >>> 1] !== 0) {
      return quoteIn + intent[Intent.COST] > MAX_SAFE || quoteOut + intent[Intent.COST] > MAX_SAFE ? CODES.NOTIONAL_OVERFLOW : Check.OK;
    }
    const isOver = side === 0 ? quoteOut + intent[Intent.COST] > MAX_SAFE : quoteIn + intent[Intent.INCOME] > MAX_SAFE;
    if (isOver) return CODES.NOTIONAL_OVERFLOW;
    // The goods of an unchecked account are held to nothing (docs/RISK.md).
    if (this.accounts.modes[account] === AccountMode.UNCHECKED) return Check.OK;
    const base = this.positions.words[row * Pos.WORDS + Pos.BASE] * Bal.DOUBLES;
    const goods = intent[Intent.LOTS] * this.instruments.baseAtomsPerLot[bookSide >>> 1];
    const baseStake = money[base + Bal.POSITION_STAKE] + money[base + Bal.ORDER_STAKE];
    if (side === 0) {
      return Math.max(0, money[base + Bal.TOTAL]) + money[base + Bal.IN] + baseStake + goods > MAX_SAFE
        ? CODES.NOTIONAL_OVERFLOW
        : Check.OK;
    }
    return Math.max(0, -money[base + Bal.TOTAL]) + money[base + Bal.OUT] + baseStake + goods > MAX_SAFE
      ? CODES.NOTIONAL_OVERFLOW
      : Check.OK;
  }
}
