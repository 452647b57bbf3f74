import type { Accounts } from "../accounts.js";
import { type OrderPool, Slot } from "../book/order-pool.js";
import type { Currencies } from "../currencies.js";
import type { Instruments } from "../instruments.js";
import { AccountMode, Limit } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { LimitSet } from "../risk/limit-set.js";
import type { Limits } from "../risk/limits.js";
import type { Margin } from "../risk/margin.js";
import { Measure, type Reservations } from "../risk/reservations.js";
import { Bal, type Balances } from "./balances.js";
import type { Movement, Movements } from "./movements.js";
import type { WideSums } from "./wide-sums.js";

/** What reports are made from. */
export interface ReportRooms {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly margin: Margin;
  readonly limits: Limits;
  readonly reservations: Reservations;
  readonly pool: OrderPool;
  readonly movements: Movements;
  /** By currency. */
  readonly deposited: WideSums;
  readonly withdrawn: WideSums;
  readonly fees: WideSums;
  /** The clock. */
  readonly timeUs: number;
}

/** high × 2^32 + low, which may be no safe integer. */
export interface WideSum {
  readonly high: number;
  readonly low: number;
}

/** What an account has at stake in a currency, in atoms. */
export interface StakeLine {
  readonly account: number;
  readonly currency: number;
  readonly equity: number;
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  readonly exposure: number;
  readonly openBuys: number;
  readonly openSells: number;
  /** Executed today, and realised today less fees. */
  readonly dayNotional: number;
  readonly dayPnl: number;
}

/** A limit that is set, and how far it is used where it is used at all. */
export interface LimitLine {
  readonly scope: "account" | "accountAndSymbol" | "symbol";
  /** Whose use it is; of scope `symbol`, each account's that has something there. */
  readonly account?: number;
  readonly instrument?: number;
  /** What amounts count in. */
  readonly currency?: number;
  readonly limit: Limit;
  /** As it was given: mantissa × 10^exponent. */
  readonly given: { readonly mantissa: number; readonly exponent: number };
  /** The limit in whole lots or atoms, or as a count; Infinity above 2^53−1. Of a limit with no use: absent, as is `used`. */
  readonly units?: number;
  readonly used?: number;
}

/** The lines of an operator's report, behind what Statements tells: ids, lots and atoms. Shard thread only. Changes nothing; allocates. */
export class ReportLines {
  private readonly own = new Float64Array(Measure.COUNT);
  private readonly other = new Float64Array(Measure.COUNT);

  constructor(private readonly rooms: ReportRooms) {}

  /** What has come in and gone out in a currency, and what was collected in fees, less rebates: since the start. */
  flowsOf(currency: number): { readonly deposited: WideSum; readonly withdrawn: WideSum; readonly fees: WideSum } {
    const { deposited, withdrawn, fees } = this.rooms;
    return { deposited: sumOf(deposited, currency), withdrawn: sumOf(withdrawn, currency), fees: sumOf(fees, currency) };
  }

  /**
   * What live orders of cash accounts and pending movements hold, each once: a pair as its larger leg. `slot` 0: it is the movement with
   * this ref. Orders come as they lie, movements behind them by age.
   */
  eachHold(tell: (account: number, currency: number, atoms: number, slot: number, ref: string) => void): void {
    const { pool, accounts, movements } = this.rooms;
    for (let slot = 1; slot < pool.slotEnd; slot++) {
      if (pool.owners[slot] === 0) continue;
      const account = pool.words[slot * Slot.WORDS + Slot.ACCOUNT];
      if (accounts.modes[account] === AccountMode.CASH) this.tellOrder(account, slot, tell);
    }
    for (const { kind, account, currency, amount, ref } of movements.pending()) {
      if (kind !== 0 && accounts.modes[account] !== AccountMode.UNCHECKED) tell(account, currency, amount, 0, ref);
    }
  }

  private tellOrder(
    account: number,
    slot: number,
    tell: (account: number, currency: number, atoms: number, slot: number, ref: string) => void,
  ): void {
    const { pool, instruments, reservations } = this.rooms;
    const bookSide = pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const isBuy = (bookSide & 1) === 0;
    const holdOf = (leg: number, measures: Float64Array): number => {
      reservations.measure(leg, pool.doubles[leg * Slot.DOUBLES + Slot.LEAVES], measures);
      return isBuy ? measures[Measure.COST] : measures[Measure.LOTS] * instruments.baseAtomsPerLot[instrument];
    };
    const held = holdOf(slot, this.own);
    const partner = reservations.standingPartner(slot);
    const partners = partner === 0 ? -1 : holdOf(partner, this.other);
    if (partners > held || (partners === held && partner < slot)) return;
    tell(account, isBuy ? instruments.quoteOf[instrument] : instruments.baseOf[instrument], held, slot, "");
  }

  /** By account and currency, where something is at stake, or was traded today. */
  eachStake(tell: (line: StakeLine) => void): void {
    const { accounts, balances, margin } = this.rooms;
    for (let account = 0; account < accounts.count; account++) {
      for (let row = balances.first(account); row !== 0; row = balances.next(row)) {
        const currency = balances.currencyOf(row);
        const { doubles } = balances;
        const at = row * Bal.DOUBLES;
        const exposure = margin.exposure(account, currency);
        const openBuys = doubles[at + Bal.OPEN];
        const openSells = doubles[at + Bal.OPEN + 1];
        const dayNotional = doubles[at + Bal.DAY_NOTIONAL];
        const dayPnl = doubles[at + Bal.DAY_PNL];
        if (exposure === 0 && openBuys === 0 && openSells === 0 && dayNotional === 0 && dayPnl === 0) continue;
        const initialMargin = margin.initial(account, currency);
        const maintenanceMargin = margin.maintenance(account, currency);
        const equity = margin.equity(account, currency);
        tell({ account, currency, equity, initialMargin, maintenanceMargin, exposure, openBuys, openSells, dayNotional, dayPnl });
      }
    }
  }

  /** Every limit that is one, by scope: of accounts, of instruments, of accounts in instruments. */
  eachLimit(tell: (line: LimitLine) => void): void {
    for (const { account, instrument, set } of this.rooms.limits.eachSet()) {
      for (let limit = 0 as Limit; limit < Limit.COUNT; limit++) {
        const given = set.givenOf(limit);
        if (given === undefined) continue;
        if (instrument === undefined) this.ofAccount(account as number, limit, set, given, tell);
        else this.ofInstrument(account, instrument, limit, set, given, tell);
      }
    }
  }

  private ofAccount(account: number, limit: Limit, set: LimitSet, given: LimitLine["given"], tell: (line: LimitLine) => void): void {
    const line = { scope: "account", account, limit, given } as const;
    const uses = this.usesOf(account, limit, set);
    if (uses.length === 0) tell(line);
    for (const use of uses) tell({ ...line, ...use });
  }

  /** Where an account's limit is used: as a count, in a currency, or in an instrument. */
  private usesOf(account: number, limit: Limit, set: LimitSet): Pick<LimitLine, "currency" | "instrument" | "units" | "used">[] {
    const { accounts, limits, timeUs } = this.rooms;
    const units = set.countOf(limit);
    const after = timeUs - set.windowUs;
    switch (limit) {
      case Limit.OPEN_ORDERS:
        return [{ units, used: accounts.orderCounts[account] }];
      case Limit.ORDERS:
        return [{ units, used: limits.windowsOf(account).orders.countAfter(after) }];
      case Limit.RISK_REJECTS:
        return [{ units, used: limits.windowsOf(account).rejects.countAfter(after) }];
      case Limit.POSITION:
        return this.positionUses(account, set);
      case Limit.OPEN_NOTIONAL:
      case Limit.EXPOSURE:
      case Limit.DAILY_NOTIONAL:
      case Limit.DAILY_LOSS:
        return this.currencyUses(account, limit, set);
      default:
        return [];
    }
  }

  private positionUses(account: number, set: LimitSet): Pick<LimitLine, "instrument" | "units" | "used">[] {
    const { positions, instruments } = this.rooms;
    const uses: Pick<LimitLine, "instrument" | "units" | "used">[] = [];
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!positions.isLive(row)) continue;
      const instrument = positions.instrumentOf(row);
      const { lotMantissa, lotExponent } = instruments.specOf(instrument);
      uses.push({ instrument, units: set.unitsOf(Limit.POSITION, lotMantissa, lotExponent), used: this.useOfRow(row, Limit.POSITION) });
    }
    return uses;
  }

  private currencyUses(account: number, limit: Limit, set: LimitSet): Pick<LimitLine, "currency" | "units" | "used">[] {
    const { balances, currencies, margin } = this.rooms;
    const uses: Pick<LimitLine, "currency" | "units" | "used">[] = [];
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) {
      const currency = balances.currencyOf(row);
      const { doubles } = balances;
      const at = row * Bal.DOUBLES;
      let used = 0;
      if (limit === Limit.OPEN_NOTIONAL) used = Math.max(doubles[at + Bal.OPEN], doubles[at + Bal.OPEN + 1]);
      else if (limit === Limit.EXPOSURE) used = margin.exposure(account, currency);
      else if (limit === Limit.DAILY_NOTIONAL) used = doubles[at + Bal.DAY_NOTIONAL];
      else used = Math.max(0, -doubles[at + Bal.DAY_PNL]);
      if (used !== 0) uses.push({ currency, units: set.unitsOf(limit, 1, -currencies.scaleOf(currency)), used });
    }
    return uses;
  }

  private ofInstrument(
    account: number | undefined,
    instrument: number,
    limit: Limit,
    set: LimitSet,
    given: LimitLine["given"],
    tell: (line: LimitLine) => void,
  ): void {
    const line = { scope: account === undefined ? "symbol" : "accountAndSymbol", instrument, limit, given } as const;
    const rows = limit === Limit.ORDER_QTY || limit === Limit.ORDER_NOTIONAL ? [] : this.rowsOf(account, instrument);
    if (rows.length === 0) tell(account === undefined ? line : { ...line, account });
    const { positions, instruments, currencies } = this.rooms;
    const { quote, lotMantissa, lotExponent } = instruments.specOf(instrument);
    for (const row of rows) {
      const used = this.useOfRow(row, limit);
      const of = { ...line, account: positions.accountOf(row), used };
      if (limit === Limit.OPEN_ORDERS) tell({ ...of, units: set.countOf(limit) });
      else if (limit === Limit.POSITION) tell({ ...of, units: set.unitsOf(limit, lotMantissa, lotExponent) });
      else tell({ ...of, currency: quote, units: set.unitsOf(limit, 1, -currencies.scaleOf(quote)) });
    }
  }

  /** Live rows of an instrument, by account: of one account, or of all. */
  private rowsOf(account: number | undefined, instrument: number): number[] {
    const { positions, accounts } = this.rooms;
    const rows: number[] = [];
    for (let owner = account ?? 0; owner < (account === undefined ? accounts.count : account + 1); owner++) {
      const row = positions.find(owner, instrument);
      if (row !== 0 && positions.isLive(row)) rows.push(row);
    }
    return rows;
  }

  /** How much of a limit an account uses in one instrument. */
  private useOfRow(row: number, limit: Limit): number {
    const { positions, margin } = this.rooms;
    const { doubles, words } = positions;
    const at = row * Pos.DOUBLES;
    switch (limit) {
      case Limit.OPEN_ORDERS:
        return words[row * Pos.WORDS + Pos.ORDERS];
      case Limit.OPEN_NOTIONAL:
        return Math.max(doubles[at + Pos.OPEN_NOTIONAL], doubles[at + Pos.OPEN_NOTIONAL + 1]);
      case Limit.POSITION:
        return Math.max(doubles[at + Pos.LOTS] + doubles[at + Pos.OPEN_LOTS], doubles[at + Pos.OPEN_LOTS + 1] - doubles[at + Pos.LOTS]);
      case Limit.EXPOSURE:
        return margin.exposureOf(row);
      case Limit.DAILY_NOTIONAL:
        return doubles[at + Pos.DAY_NOTIONAL];
      default:
        return Math.max(0, -doubles[at + Pos.DAY_PNL]);
    }
  }

  /** Movements that wait for review, the oldest first. */
  eachPending(tell: (movement: Movement) => void): void {
    for (const movement of this.rooms.movements.pending()) tell(movement);
  }
}

function sumOf(sums: WideSums, currency: number): WideSum {
  return { high: sums.highOf(currency), low: sums.lowOf(currency) };
}
