import * as Numbers from "../../wire/numbers.js";
import { type Accounts, Care } from "../accounts.js";
import type { OrderBook } from "../book/order-book.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import { Attention, type Markets } from "../markets.js";
import { AccountMode } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { PreTradeRooms } from "./pre-trade.js";

const MAX_SAFE = Numbers.MAX_SAFE;
/** More than a fee's rounding and that of the share that it is worked out with. */
const ROUNDING = 2;
/** A little less than one: products that may be rounded are compared with this share of themselves. */
const NEARLY = 1 - 2 ** -40;

/** Places in `ask`. */
export const enum Ask {
  LOTS = 0,
  /** Ticks; of a market order, how far it could go at most. */
  PRICE = 1,
}

/**
 * A short look that says of most new orders that every check of pre-trade risk would pass them, funds and sums included, windows apart. It counts
 * with no less than the order could use, and with one bound where PreTrade looks at several sums, so it may say no to an order that would pass; it never
 * says yes to one that would not. PreTrade is asked then: codes and their order are its own. Shard thread only. Nothing is allocated.
 */
export class Headroom {
  /** The order: a caller writes it, because doubles are boxed on the way into a call that is not inlined. */
  readonly ask = new Float64Array(2);
  private readonly accounts: Accounts;
  private readonly instruments: Instruments;
  private readonly markets: Markets;
  private readonly positions: Positions;
  private readonly balances: Balances;
  private readonly book: OrderBook;

  constructor(rooms: Pick<PreTradeRooms, "accounts" | "instruments" | "markets" | "positions" | "balances" | "book">) {
    this.accounts = rooms.accounts;
    this.instruments = rooms.instruments;
    this.markets = rooms.markets;
    this.positions = rooms.positions;
    this.balances = rooms.balances;
    this.book = rooms.book;
  }

  /** Of a market order: the best price for a sell, the highest one for a buy; 0 when nobody stands there. */
  furthestPrice(bookSide: number): number {
    const { levels } = this.book;
    const level = (bookSide & 1) === 0 ? levels.last(bookSide ^ 1) : levels.first(bookSide ^ 1);
    return level === 0 ? 0 : Math.abs(levels.keyOf(level));
  }

  /** Whether the order in `ask` fits for certain. The row of its account and instrument exists. */
  fits(account: number, row: number, bookSide: number, isLimit: boolean): boolean {
    const mode = this.accounts.modes[account];
    const care = this.accounts.care[account];
    const instrument = bookSide >>> 1;
    const side = bookSide & 1;
    const lots = this.ask[Ask.LOTS];
    const price = this.ask[Ask.PRICE];
    const unit = (side === 1 && isLimit ? this.bestPrice(bookSide, price) : price) * this.instruments.atomsPerTickLot[instrument];
    const notional = lots * unit;
    const cost = notional + notional * this.instruments.feeShare[instrument] + lots + ROUNDING;
    const held = this.positions.doubles;
    const money = this.balances.doubles;
    const at = row * Pos.DOUBLES;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    const sided = (side === 0 ? held[at + Pos.LOTS] : -held[at + Pos.LOTS]) + held[at + Pos.OPEN_LOTS + side] + lots;
    const total = money[quote + Bal.TOTAL];
    const out = money[quote + Bal.OUT];
    const stake = money[quote + Bal.POSITION_STAKE] + money[quote + Bal.ORDER_STAKE];
    if (sided > MAX_SAFE || Math.abs(total) + out + money[quote + Bal.IN] + stake + cost > MAX_SAFE) return false;
    if (isLimit && (this.markets.attention[instrument] & Attention.COLLAR) !== 0 && !this.isNear(instrument, price)) return false;
    if ((care & Care.LIMITS) !== 0 && !this.isWithin(account, row, side, lots, notional, sided)) return false;
    if (mode === AccountMode.UNCHECKED) return true;
    if (mode === AccountMode.MARGIN) return false;
    if (side === 0 && cost > total - money[quote + Bal.PENDING] - out) return false;
    return this.hasGoods(row, side, lots * this.instruments.baseAtomsPerLot[instrument]);
  }

  /** What a sell that trades at once could get for a lot: no order there is better than the best. */
  private bestPrice(bookSide: number, price: number): number {
    const best = this.book.levels.first(bookSide ^ 1);
    return best === 0 ? price : Math.max(price, -this.book.levels.keyOf(best));
  }

  /** A cash account's goods: what a sell takes is there, and the sums stay safe integers. */
  private hasGoods(row: number, side: number, goods: number): boolean {
    const money = this.balances.doubles;
    const base = this.positions.words[row * Pos.WORDS + Pos.BASE] * Bal.DOUBLES;
    const total = money[base + Bal.TOTAL];
    const out = money[base + Bal.OUT];
    if (side === 1 && goods > total - money[base + Bal.PENDING] - out) return false;
    const stake = money[base + Bal.POSITION_STAKE] + money[base + Bal.ORDER_STAKE];
    return Math.abs(total) + out + money[base + Bal.IN] + stake + goods <= MAX_SAFE;
  }

  /** Within the collar around the last trade. Before the first trade PreTrade knows. */
  private isNear(instrument: number, price: number): boolean {
    const last = this.markets.lastPrices[instrument];
    return Math.abs(price - last) < last * this.instruments.collarShare[instrument] * NEARLY;
  }

  /** Below every limit. `sided`: the position on the order's side, its open orders and this one. */
  private isWithin(account: number, row: number, side: number, lots: number, notional: number, sided: number): boolean {
    const held = this.positions.doubles;
    const money = this.balances.doubles;
    const at = row * Pos.DOUBLES;
    const quote = this.positions.words[row * Pos.WORDS + Pos.QUOTE] * Bal.DOUBLES;
    if (lots > held[at + Pos.MAX_QTY] || notional > held[at + Pos.MAX_NOTIONAL] || sided > held[at + Pos.MAX_POSITION]) return false;
    if (this.accounts.orderCounts[account] >= this.accounts.maxOpenOrders[account]) return false;
    if (this.positions.words[row * Pos.WORDS + Pos.ORDERS] >= held[at + Pos.MAX_ORDERS]) return false;
    if (held[at + Pos.OPEN_NOTIONAL + side] + notional > held[at + Pos.MAX_OPEN]) return false;
    if (money[quote + Bal.OPEN + side] + notional > money[quote + Bal.MAX_OPEN]) return false;
    if (held[at + Pos.DAY_NOTIONAL] + notional > held[at + Pos.MAX_DAY_NOTIONAL]) return false;
    if (money[quote + Bal.DAY_NOTIONAL] + notional > money[quote + Bal.MAX_DAY_NOTIONAL]) return false;
    if (-held[at + Pos.DAY_PNL] >= held[at + Pos.MAX_DAY_LOSS] || -money[quote + Bal.DAY_PNL] >= money[quote + Bal.MAX_DAY_LOSS])
      return false;
    return (this.accounts.care[account] & Care.EXPOSURE) === 0 || this.isCovered(account, row, side, notional);
  }

  /** Exposure with this order, here and over all instruments of the quote currency, within its limits: as Margin works it out. */
  private isCovered(account: number, row: number, side: number, notional: number): boolean {
    const { positions } = this;
    const words = positions.words;
    const quoteRow = words[row * Pos.WORDS + Pos.QUOTE];
    const own = this.exposureOf(row, side === 0 ? notional : 0, side === 1 ? notional : 0);
    if (own > positions.doubles[row * Pos.DOUBLES + Pos.MAX_EXPOSURE]) return false;
    let sum = 0;
    for (let other = positions.first(account); other !== 0; other = words[other * Pos.WORDS + Pos.NEXT]) {
      if (other === row) sum += own;
      else if (words[other * Pos.WORDS + Pos.QUOTE] === quoteRow) sum += this.exposureOf(other, 0, 0);
    }
    return sum <= this.balances.doubles[quoteRow * Bal.DOUBLES + Bal.MAX_EXPOSURE];
  }

  private exposureOf(row: number, moreBuys: number, moreSells: number): number {
    const { doubles, words } = this.positions;
    const at = row * Pos.DOUBLES;
    const instrument = words[row * Pos.WORDS + Pos.INSTRUMENT];
    const mark = this.markets.marks[instrument];
    const value =
      doubles[at + Pos.LOTS] * (mark === 0 ? this.markets.lastPrices[instrument] : mark) * this.instruments.atomsPerTickLot[instrument];
    return Math.max(value + (doubles[at + Pos.OPEN_NOTIONAL] + moreBuys), doubles[at + Pos.OPEN_NOTIONAL + 1] + moreSells - value, 0);
  }
}
