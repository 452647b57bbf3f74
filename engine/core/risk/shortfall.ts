import { CODES } from "../../wire/codes.js";
import type { Instruments } from "../instruments.js";
import { Bal } from "../ledger/balances.js";
import { AccountMode } from "../match/order-types.js";
import { Pos } from "../positions.js";
import { Intent } from "./intent.js";
import type { PreTradeRooms } from "./pre-trade.js";

/** What a check of pre-trade risk has compared: the order would use `wants` of a limit `has`, or needs `wants` of the funds `has`. */
export interface Shortfall {
  readonly wants: number;
  readonly has: number;
  /** Atoms of the quote or the base currency, lots, or live orders. */
  readonly unit: "quote" | "base" | "lots" | "orders";
}

export type ShortfallRooms = Pick<PreTradeRooms, "accounts" | "instruments" | "positions" | "balances" | "margin"> & {
  /** What the order would have added. */
  readonly intent: Float64Array;
};

/**
 * What a new order was short of that was rejected last, directly behind the command: a rejected command has changed nothing, and the intent is still there.
 * Undefined when the code compares no amounts. For texts that people read: it allocates.
 */
export function shortfallOf(rooms: ShortfallRooms, account: number, instrument: number, side: number, code: number): Shortfall | undefined {
  const row = rooms.positions.find(account, instrument);
  return row === 0 ? undefined : new Shortfalls(rooms, account, row, side).of(code);
}

class Shortfalls {
  private readonly held: Float64Array;
  private readonly money: Float64Array;
  private readonly at: number;
  private readonly quote: number;
  private readonly instruments: Instruments;

  constructor(
    private readonly rooms: ShortfallRooms,
    private readonly account: number,
    private readonly row: number,
    private readonly side: number,
  ) {
    this.held = rooms.positions.doubles;
    this.money = rooms.balances.doubles;
    this.at = row * Pos.DOUBLES;
    this.quote = rooms.positions.quoteRow(row) * Bal.DOUBLES;
    this.instruments = rooms.instruments;
  }

  of(code: number): Shortfall | undefined {
    const { held, money, at, quote, side } = this;
    const { intent } = this.rooms;
    switch (code) {
      case CODES.MAX_ORDER_QTY:
        return { wants: intent[Intent.ORDER_LOTS], has: held[at + Pos.MAX_QTY], unit: "lots" };
      case CODES.MAX_ORDER_NOTIONAL:
        return { wants: intent[Intent.ORDER_NOTIONAL], has: held[at + Pos.MAX_NOTIONAL], unit: "quote" };
      case CODES.MAX_OPEN_ORDERS:
        return this.openOrders();
      case CODES.MAX_OPEN_NOTIONAL: {
        const here = {
          wants: held[at + Pos.OPEN_NOTIONAL + side] + intent[Intent.NOTIONAL],
          has: held[at + Pos.MAX_OPEN],
          unit: "quote",
        } as const;
        const all = {
          wants: money[quote + Bal.OPEN + side] + intent[Intent.NOTIONAL],
          has: money[quote + Bal.MAX_OPEN],
          unit: "quote",
        } as const;
        return here.wants > here.has ? here : all;
      }
      case CODES.POSITION_LIMIT: {
        const sided = side === 0 ? held[at + Pos.LOTS] : -held[at + Pos.LOTS];
        return { wants: sided + held[at + Pos.OPEN_LOTS + side] + intent[Intent.LOTS], has: held[at + Pos.MAX_POSITION], unit: "lots" };
      }
      case CODES.EXPOSURE_LIMIT:
        return this.exposure();
      case CODES.DAILY_NOTIONAL: {
        const day = intent[Intent.DAY_NOTIONAL];
        const here = { wants: held[at + Pos.DAY_NOTIONAL] + day, has: held[at + Pos.MAX_DAY_NOTIONAL], unit: "quote" } as const;
        const all = { wants: money[quote + Bal.DAY_NOTIONAL] + day, has: money[quote + Bal.MAX_DAY_NOTIONAL], unit: "quote" } as const;
        return here.wants > here.has ? here : all;
      }
      case CODES.LOSS_LIMIT: {
        const here = { wants: -held[at + Pos.DAY_PNL], has: held[at + Pos.MAX_DAY_LOSS], unit: "quote" } as const;
        return here.wants >= here.has ? here : { wants: -money[quote + Bal.DAY_PNL], has: money[quote + Bal.MAX_DAY_LOSS], unit: "quote" };
      }
      case CODES.INSUFFICIENT_FUNDS:
        return this.funds();
      case CODES.INSUFFICIENT_MARGIN:
        return this.margin();
      default:
        return undefined;
    }
  }

  private openOrders(): Shortfall {
    const { accounts, positions, intent } = this.rooms;
    const all = accounts.orderCounts[this.account] + intent[Intent.ORDERS];
    if (all > accounts.maxOpenOrders[this.account]) return { wants: all, has: accounts.maxOpenOrders[this.account], unit: "orders" };
    const here = positions.words[this.row * Pos.WORDS + Pos.ORDERS] + intent[Intent.ORDERS];
    return { wants: here, has: this.held[this.at + Pos.MAX_ORDERS], unit: "orders" };
  }

  private exposure(): Shortfall {
    const { margin, intent } = this.rooms;
    margin.startTrial(this.row, this.side, intent[Intent.NOTIONAL]);
    const here = margin.exposureOf(this.row);
    const all = margin.exposure(this.account, this.quoteCurrency());
    margin.endTrial();
    const max = this.held[this.at + Pos.MAX_EXPOSURE];
    return here > max
      ? { wants: here, has: max, unit: "quote" }
      : { wants: all, has: this.money[this.quote + Bal.MAX_EXPOSURE], unit: "quote" };
  }

  private funds(): Shortfall | undefined {
    const { accounts, positions, intent } = this.rooms;
    if (accounts.modes[this.account] !== AccountMode.CASH) return undefined;
    const isBuy = this.side === 0;
    const from = (isBuy ? positions.quoteRow(this.row) : positions.baseRow(this.row)) * Bal.DOUBLES;
    const goods = intent[Intent.LOTS] * this.instruments.baseAtomsPerLot[positions.instrumentOf(this.row)];
    const has = this.money[from + Bal.TOTAL] - this.money[from + Bal.PENDING] - this.money[from + Bal.OUT];
    return { wants: isBuy ? intent[Intent.COST] : goods, has, unit: isBuy ? "quote" : "base" };
  }

  private margin(): Shortfall {
    const { margin, intent } = this.rooms;
    const currency = this.quoteCurrency();
    margin.startTrial(this.row, this.side, intent[Intent.NOTIONAL]);
    const wants = margin.initial(this.account, currency);
    margin.endTrial();
    return { wants, has: margin.equity(this.account, currency) - this.money[this.quote + Bal.PENDING], unit: "quote" };
  }

  private quoteCurrency(): number {
    return this.instruments.quoteOf[this.rooms.positions.instrumentOf(this.row)];
  }
}
