import * as Numbers from "../../wire/numbers.js";
import { type Accounts, Care } from "../accounts.js";
import type { Currencies } from "../currencies.js";
import type { Instruments } from "../instruments.js";
import { AccountMode } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { Touched } from "../risk/touched.js";
import { Bal, type Balances } from "./balances.js";
import * as Exact from "./exact.js";
import type { WideSums } from "./wide-sums.js";

const { ppmOf, mulDiv, clamped } = Exact;
const { MAX_SAFE, NULL_INT64 } = Numbers;

/** Places in `figures`. */
export const enum Figure {
  MAKER_FEE = 0,
  TAKER_FEE = 1,
  OPEN_INTEREST = 2,
  COUNT = 3,
}

/** What trades are settled in. */
export interface SettlementRooms {
  readonly currencies: Currencies;
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly positions: Positions;
  readonly balances: Balances;
  /** Fees less rebates by currency. */
  readonly fees: WideSums;
  /** Lots that are long, by instrument; of margin instruments only. */
  readonly openInterest: WideSums;
  /** Accounts that alerts may be due to. */
  readonly touched: Touched;
}

/**
 * The ledger's part of a trade (SEMANTICS 9): goods and money change hands or positions are opened and closed, both sides pay their fees,
 * and what was traded and realised today is counted. Shard thread only. Nothing is allocated after construction.
 */
export class Settlement {
  /**
   * Of the trade that was settled last: fees in atoms of the quote currency, a rebate negative, and the lots that are long
   * behind it, NULL_INT64 of a spot instrument and above 2^53−1.
   */
  readonly figures = new Float64Array(Figure.COUNT);
  private readonly currencies: Currencies;
  private readonly accounts: Accounts;
  private readonly instruments: Instruments;
  private readonly positions: Positions;
  private readonly balances: Balances;
  private readonly collected: WideSums;
  private readonly touched: Touched;
  private readonly openInterest: WideSums;

  constructor(rooms: SettlementRooms) {
    this.currencies = rooms.currencies;
    this.accounts = rooms.accounts;
    this.instruments = rooms.instruments;
    this.positions = rooms.positions;
    this.balances = rooms.balances;
    this.collected = rooms.fees;
    this.touched = rooms.touched;
    this.openInterest = rooms.openInterest;
  }

  /** `bookSide` is the taker's. Ticks and lots. */
  trade(maker: number, taker: number, bookSide: number, qty: number, price: number): void {
    const { instruments, figures } = this;
    const instrument = bookSide >>> 1;
    const notional = qty * price * instruments.atomsPerTickLot[instrument];
    const makerFee = ppmOf(notional, instruments.makerFeePpm[instrument]);
    const takerFee = ppmOf(notional, instruments.takerFeePpm[instrument]);
    figures[Figure.MAKER_FEE] = makerFee;
    figures[Figure.TAKER_FEE] = takerFee;
    if (makerFee + takerFee !== 0) this.collected.add(instruments.quoteOf[instrument], makerFee + takerFee);
    const lots = (bookSide & 1) === 0 ? qty : -qty;
    const isOwn = maker === taker;
    this.settleSide(taker, instrument, lots, notional, takerFee, isOwn);
    this.settleSide(maker, instrument, -lots, notional, makerFee, isOwn);
    figures[Figure.OPEN_INTEREST] = instruments.isMargin[instrument] === 0 ? NULL_INT64 : this.openInterest.within(instrument);
  }

  private settleSide(account: number, instrument: number, lots: number, notional: number, fee: number, isOwn: boolean): void {
    const { positions } = this;
    if ((this.accounts.care[account] & Care.ALERTS) !== 0) this.touched.add(account);
    const row = positions.rowOf(account, instrument);
    if (positions.words[row * Pos.WORDS + Pos.USED] === 0) positions.use(row);
    const quoteRow = positions.words[row * Pos.WORDS + Pos.QUOTE];
    const quote = quoteRow * Bal.DOUBLES;
    const money = this.balances.doubles;
    const at = row * Pos.DOUBLES;
    const held = positions.doubles;
    const isMargin = this.instruments.isMargin[instrument] !== 0;
    // Who trades with oneself keeps the position.
    const before = held[at + Pos.LOTS];
    const realised = isOwn ? 0 : this.average(at, lots, notional, isMargin, quote);
    if (isMargin) {
      money[quote + Bal.TOTAL] += realised - fee;
      const longer = Math.max(0, held[at + Pos.LOTS]) - Math.max(0, before);
      if (longer !== 0) this.openInterest.add(instrument, longer);
    } else {
      const base = positions.words[row * Pos.WORDS + Pos.BASE];
      if (!isOwn) this.moveGoods(account, base, lots * this.instruments.baseAtomsPerLot[instrument], instrument);
      money[quote + Bal.TOTAL] -= isOwn ? fee : lots > 0 ? notional + fee : fee - notional;
      this.balances.touch(base);
    }
    this.balances.touch(quoteRow);
    // It only rises.
    held[at + Pos.DAY_NOTIONAL] = Math.min(MAX_SAFE, held[at + Pos.DAY_NOTIONAL] + notional);
    money[quote + Bal.DAY_NOTIONAL] = Math.min(MAX_SAFE, money[quote + Bal.DAY_NOTIONAL] + notional);
    if (realised === fee) return;
    held[at + Pos.DAY_PNL] = clamped(held[at + Pos.DAY_PNL] + (realised - fee));
    money[quote + Bal.DAY_PNL] = clamped(money[quote + Bal.DAY_PNL] + (realised - fee));
  }

  /**
   * The goods of unchecked accounts stay within ±(2^53−1), and so do those of one of their trades; of others they are refused beforehand.
   * `atoms` beyond that is a double beyond it.
   */
  private moveGoods(account: number, row: number, atoms: number, instrument: number): void {
    const money = this.balances.doubles;
    const at = row * Bal.DOUBLES + Bal.TOTAL;
    const after = money[at] + atoms;
    const isSafe = Math.abs(atoms) <= MAX_SAFE && Math.abs(after) <= MAX_SAFE;
    if (isSafe || this.accounts.modes[account] !== AccountMode.UNCHECKED) {
      money[at] = after;
      return;
    }
    money[at] = clamped(money[at] + clamped(atoms));
    this.currencies.wasClamped[this.instruments.baseOf[instrument]] = 1;
  }

  /**
   * Position and cost after a trade, by average price (SETTLED K11); returns what was realised. The cost of a margin position is exact,
   * because orders that could lift it out of the safe integers are refused; of a spot position it is a statistic.
   */
  private average(at: number, lots: number, notional: number, isMargin: boolean, quote: number): number {
    const held = this.positions.doubles;
    const before = held[at + Pos.LOTS];
    const cost = held[at + Pos.COST];
    const signed = lots > 0 ? notional : -notional;
    held[at + Pos.LOTS] = before + lots;
    if (before === 0 || before > 0 === lots > 0) {
      held[at + Pos.COST] = isMargin ? cost + signed : clamped(cost + signed);
      if (isMargin) this.balances.doubles[quote + Bal.POSITION_STAKE] += notional;
      return 0;
    }
    const size = Math.abs(before);
    const qty = Math.abs(lots);
    const closed = Math.min(size, qty);
    const share = closed === size ? Math.abs(cost) : mulDiv(Math.abs(cost), closed, size);
    const brought = closed === qty ? notional : (notional / qty) * closed;
    const rest = notional - brought;
    const signedShare = cost > 0 ? share : -share;
    held[at + Pos.COST] = cost - signedShare + (lots > 0 ? rest : -rest);
    const realised = before > 0 ? brought - share : share - brought;
    if (!isMargin) return realised;
    this.balances.doubles[quote + Bal.POSITION_STAKE] += rest - share;
    held[at + Pos.REALISED] = clamped(held[at + Pos.REALISED] + realised);
    return realised;
  }
}
