import type { StateReader, StateWriter } from "../../step.js";
import { type Accounts, Care } from "../accounts.js";
import type { Currencies } from "../currencies.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import { Limit } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import { LimitSet } from "./limit-set.js";
import { DuplicateWindow, TimeWindow } from "./order-windows.js";

const PAIR = 2 ** 20;

/** What an account's limits count in a window of time. */
export interface AccountWindows {
  /** Accepted orders, when they are limited. */
  readonly orders: TimeWindow;
  readonly rejects: TimeWindow;
  duplicates: DuplicateWindow | undefined;
}

export interface LimitRooms {
  readonly currencies: Currencies;
  readonly instruments: Instruments;
  readonly accounts: Accounts;
  readonly positions: Positions;
  readonly balances: Balances;
}

/**
 * The limits of all scopes (SETTLED S15, S20), and what of them holds for a row of positions or balances: those lie in the rows, in
 * lots and atoms, Infinity for none, so that a check is a comparison. An account that meets no limit skips them all (`Care.LIMITS`). They are worked out when a limit
 * changes and when a row is made. Shard thread only. Only commands that set limits allocate.
 */
export class Limits {
  private readonly ofAccount: LimitSet[] = [];
  private readonly ofInstrument = new Map<number, LimitSet>();
  private readonly ofPair = new Map<number, LimitSet>();
  private readonly windows: AccountWindows[] = [];

  constructor(private readonly rooms: LimitRooms) {
    rooms.positions.onNew = (row) => this.refreshPosition(row);
    rooms.positions.onNewBalance = (row) => this.refreshBalance(row);
  }

  /** Starts an account with its limits. */
  declare(account: number, set: LimitSet): void {
    this.ofAccount[account] = set;
    this.windows[account] = { orders: new TimeWindow(), rejects: new TimeWindow(), duplicates: undefined };
    this.refreshAccount(account);
  }

  /** The set of a scope, made when there is none; 0xffffffff for a key that is not given. */
  setOf(account: number | undefined, instrument: number | undefined): LimitSet {
    if (instrument === undefined) return this.ofAccount[account as number];
    const map = account === undefined ? this.ofInstrument : this.ofPair;
    const key = account === undefined ? instrument : account * PAIR + instrument;
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = new LimitSet();
    map.set(key, made);
    return made;
  }

  windowsOf(account: number): AccountWindows {
    return this.windows[account];
  }

  windowUsOf(account: number): number {
    return this.ofAccount[account].windowUs;
  }

  countOf(account: number, limit: Limit): number {
    return this.ofAccount[account].countOf(limit);
  }

  /** The sets of all scopes that say anything, for reports. */
  *eachSet(): Generator<{ account?: number; instrument?: number; set: LimitSet }> {
    for (let account = 0; account < this.ofAccount.length; account++) yield { account, set: this.ofAccount[account] };
    for (const [instrument, set] of sorted(this.ofInstrument)) yield { instrument, set };
    for (const [key, set] of sorted(this.ofPair)) yield { account: Math.floor(key / PAIR), instrument: key % PAIR, set };
  }

  /** After the limits of a scope have changed. */
  refresh(account: number | undefined, instrument: number | undefined): void {
    if (account !== undefined) this.refreshAccount(account);
    else this.refreshInstrument(instrument as number);
  }

  private refreshAccount(account: number): void {
    const { accounts, positions, balances } = this.rooms;
    const set = this.ofAccount[account];
    accounts.maxOpenOrders[account] = set.countOf(Limit.OPEN_ORDERS);
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) this.refreshPosition(row);
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) this.refreshBalance(row);
    this.refreshWindows(account, set);
    accounts.mark(account, Care.REFERENCE, set.requireReference !== 0);
    accounts.mark(account, Care.BREAKER, set.isLimited(Limit.RISK_REJECTS));
    this.refreshCare(account);
  }

  private refreshWindows(account: number, set: LimitSet): void {
    const windows = this.windows[account];
    windows.orders.resize(set.isLimited(Limit.ORDERS) ? set.countOf(Limit.ORDERS) : 0);
    windows.rejects.resize(set.isLimited(Limit.RISK_REJECTS) ? set.countOf(Limit.RISK_REJECTS) : 0);
    if (!set.isLimited(Limit.DUPLICATES)) windows.duplicates = undefined;
    else windows.duplicates ??= new DuplicateWindow();
    this.rooms.accounts.mark(account, Care.WINDOWS, set.isLimited(Limit.ORDERS) || set.isLimited(Limit.DUPLICATES));
  }

  private refreshInstrument(instrument: number): void {
    const { accounts, positions } = this.rooms;
    for (let row = 1; row < positions.rowEnd; row++) {
      if (positions.isTaken(row) && positions.instrumentOf(row) === instrument) this.refreshPosition(row);
    }
    for (let account = 0; account < accounts.count; account++) this.refreshCare(account);
  }

  /** Whether anything is limited, exposure is, and alerts are given, in any scope that an account may meet. */
  private refreshCare(account: number): void {
    const { accounts } = this.rooms;
    const sets = [this.ofAccount[account], ...this.ofInstrument.values()];
    for (const [key, set] of this.ofPair) if (Math.floor(key / PAIR) === account) sets.push(set);
    accounts.mark(
      account,
      Care.LIMITS,
      sets.some((set) => set.isLimiting),
    );
    accounts.mark(
      account,
      Care.EXPOSURE,
      sets.some((set) => set.isLimited(Limit.EXPOSURE)),
    );
    accounts.mark(
      account,
      Care.ALERTS,
      sets.some((set) => ALERTING.some((limit) => set.isLimited(limit))),
    );
  }

  private refreshPosition(row: number): void {
    const { positions, instruments, currencies } = this.rooms;
    const account = positions.accountOf(row);
    const instrument = positions.instrumentOf(row);
    const spec = instruments.specOf(instrument);
    const own = this.ofAccount[account];
    const both = [this.ofInstrument.get(instrument), this.ofPair.get(account * PAIR + instrument)];
    const scale = -currencies.scaleOf(spec.quote);
    const least = (sets: readonly (LimitSet | undefined)[], limit: Limit, mantissa: number, exponent: number): number =>
      sets.reduce(
        (least, set) => Math.min(least, set?.unitsOf(limit, mantissa, exponent) ?? Number.POSITIVE_INFINITY),
        Number.POSITIVE_INFINITY,
      );
    const put = (where: Pos, value: number): void => {
      positions.doubles[row * Pos.DOUBLES + where] = value;
    };
    put(Pos.MAX_QTY, least([own, ...both], Limit.ORDER_QTY, spec.lotMantissa, spec.lotExponent));
    put(Pos.MAX_NOTIONAL, least([own, ...both], Limit.ORDER_NOTIONAL, 1, scale));
    put(Pos.MAX_POSITION, least([own, ...both], Limit.POSITION, spec.lotMantissa, spec.lotExponent));
    put(Pos.MAX_ORDERS, least(both, Limit.OPEN_ORDERS, 1, 0));
    put(Pos.MAX_OPEN, least(both, Limit.OPEN_NOTIONAL, 1, scale));
    put(Pos.MAX_EXPOSURE, least(both, Limit.EXPOSURE, 1, scale));
    put(Pos.MAX_DAY_NOTIONAL, least(both, Limit.DAILY_NOTIONAL, 1, scale));
    put(Pos.MAX_DAY_LOSS, least(both, Limit.DAILY_LOSS, 1, scale));
  }

  private refreshBalance(row: number): void {
    const { balances, currencies } = this.rooms;
    const set = this.ofAccount[balances.accountOf(row)];
    const scale = -currencies.scaleOf(balances.currencyOf(row));
    const at = row * Bal.DOUBLES;
    balances.doubles[at + Bal.MAX_OPEN] = set.unitsOf(Limit.OPEN_NOTIONAL, 1, scale);
    balances.doubles[at + Bal.MAX_EXPOSURE] = set.unitsOf(Limit.EXPOSURE, 1, scale);
    balances.doubles[at + Bal.MAX_DAY_NOTIONAL] = set.unitsOf(Limit.DAILY_NOTIONAL, 1, scale);
    balances.doubles[at + Bal.MAX_DAY_LOSS] = set.unitsOf(Limit.DAILY_LOSS, 1, scale);
  }

  /** Of an account: its limits and what its windows remember. */
  saveAccount(account: number, out: StateWriter): void {
    const windows = this.windows[account];
    this.ofAccount[account].save(out);
    windows.orders.save(out);
    windows.rejects.save(out);
    out.uint8(windows.duplicates === undefined ? 0 : 1);
    windows.duplicates?.save(out);
  }

  loadAccount(account: number, input: StateReader): void {
    const set = new LimitSet();
    set.load(input);
    this.declare(account, set);
    const windows = this.windows[account];
    windows.orders.load(input);
    windows.rejects.load(input);
    const hasDuplicates = input.uint8();
    if (hasDuplicates !== Number(windows.duplicates !== undefined))
      throw new RangeError("this is no saved state: duplicates without a limit");
    windows.duplicates?.load(input);
  }

  /** Of the scopes with an instrument, by id. */
  save(out: StateWriter): void {
    for (const map of [this.ofInstrument, this.ofPair]) {
      out.uint32(map.size);
      for (const [key, set] of sorted(map)) {
        out.int64(key);
        set.save(out);
      }
    }
  }

  load(input: StateReader): void {
    const { accounts, instruments } = this.rooms;
    for (const map of [this.ofInstrument, this.ofPair]) {
      let last = -1;
      for (let left = input.uint32(); left > 0; left--) {
        const key = input.int64();
        const isKnown = key % PAIR < instruments.count && Math.floor(key / PAIR) < Math.max(1, accounts.count);
        if (!(key > last) || !isKnown) throw new RangeError("this is no saved state: limits of an instrument that is not there");
        last = key;
        const set = new LimitSet();
        set.load(input);
        map.set(key, set);
      }
    }
    for (let account = 0; account < accounts.count; account++) this.refreshCare(account);
  }
}

/** Limits of which alerts are given. */
const ALERTING = [Limit.OPEN_ORDERS, Limit.OPEN_NOTIONAL, Limit.POSITION, Limit.EXPOSURE, Limit.DAILY_NOTIONAL, Limit.DAILY_LOSS] as const;

function sorted(map: ReadonlyMap<number, LimitSet>): [number, LimitSet][] {
  return [...map].sort(([one], [other]) => one - other);
}
