import { type Accounts, Care } from "../accounts.js";
import type { Emitter } from "../emitter.js";
import { Bal, type Balances } from "../ledger/balances.js";
import { AlertKind, Limit, Null } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { Margin } from "./margin.js";
import type { Touched } from "./touched.js";

export interface AlertRooms {
  readonly accounts: Accounts;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly margin: Margin;
  readonly touched: Touched;
  readonly emitter: Emitter;
}

const PERCENTS = [80, 100] as const;
/** Uses below this share of a limit give no alert, however it is rounded. */
const QUIET = 0.75;

/**
 * Soft alerts (SETTLED K13, N7): when a command ends with a limit used to 80 or 100 percent that was used less when it was last looked at.
 * Only accounts that the command has touched, and that have such limits, are looked at. Shard thread only.
 */
export class Alerts {
  private account = 0;
  private instrument = 0;

  constructor(private readonly rooms: AlertRooms) {}

  /** Looks at the touched accounts by id, and forgets them. */
  tell(): void {
    const { touched, accounts } = this.rooms;
    const list = touched.sorted();
    const count = touched.count;
    for (let index = 0; index < count; index++) {
      if ((accounts.care[list[index]] & Care.ALERTS) !== 0 && !this.isQuiet(list[index])) this.look(list[index]);
    }
    touched.clear();
  }

  /**
   * Whether no alert of the account was given, and every use is far from its first: then there is nothing to tell and nothing to write. The share is a
   * rounded one below 80 percent, so what is near is looked at exactly.
   */
  private isQuiet(account: number): boolean {
    const { accounts, balances, positions, margin } = this.rooms;
    const isExposed = (accounts.care[account] & Care.EXPOSURE) !== 0;
    if (accounts.alerts[account] !== 0 || accounts.orderCounts[account] >= QUIET * accounts.maxOpenOrders[account]) return false;
    // Of all quote currencies together: no less than that of one.
    let exposure = 0;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      const own = isExposed ? margin.exposureOf(row) : 0;
      if (!this.isQuietPosition(row, own)) return false;
      exposure += own;
    }
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) if (!this.isQuietBalance(row, exposure)) return false;
    return true;
  }

  private isQuietPosition(row: number, exposure: number): boolean {
    const { doubles, words } = this.rooms.positions;
    const at = row * Pos.DOUBLES;
    const lots = doubles[at + Pos.LOTS];
    const lotsMax = QUIET * doubles[at + Pos.MAX_POSITION];
    const openMax = QUIET * doubles[at + Pos.MAX_OPEN];
    return (
      words[row * Pos.WORDS + Pos.ALERTS] === 0 &&
      words[row * Pos.WORDS + Pos.ORDERS] < QUIET * doubles[at + Pos.MAX_ORDERS] &&
      doubles[at + Pos.OPEN_NOTIONAL] < openMax &&
      doubles[at + Pos.OPEN_NOTIONAL + 1] < openMax &&
      lots + doubles[at + Pos.OPEN_LOTS] < lotsMax &&
      doubles[at + Pos.OPEN_LOTS + 1] - lots < lotsMax &&
      doubles[at + Pos.DAY_NOTIONAL] < QUIET * doubles[at + Pos.MAX_DAY_NOTIONAL] &&
      -doubles[at + Pos.DAY_PNL] < QUIET * doubles[at + Pos.MAX_DAY_LOSS] &&
      exposure < QUIET * doubles[at + Pos.MAX_EXPOSURE]
    );
  }

  private isQuietBalance(row: number, exposure: number): boolean {
    const { doubles, words } = this.rooms.balances;
    const at = row * Bal.DOUBLES;
    const openMax = QUIET * doubles[at + Bal.MAX_OPEN];
    return (
      words[row * Bal.WORDS + Bal.ALERTS] === 0 &&
      doubles[at + Bal.OPEN] < openMax &&
      doubles[at + Bal.OPEN + 1] < openMax &&
      doubles[at + Bal.DAY_NOTIONAL] < QUIET * doubles[at + Bal.MAX_DAY_NOTIONAL] &&
      -doubles[at + Bal.DAY_PNL] < QUIET * doubles[at + Bal.MAX_DAY_LOSS] &&
      exposure < QUIET * doubles[at + Bal.MAX_EXPOSURE]
    );
  }

  private look(account: number): void {
    const { accounts, balances, positions } = this.rooms;
    this.account = account;
    this.instrument = Null.UINT32;
    accounts.alerts[account] = this.level(
      accounts.alerts[account],
      0,
      Limit.OPEN_ORDERS,
      accounts.orderCounts[account],
      accounts.maxOpenOrders[account],
    );
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) this.lookAtBalance(row);
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) this.lookAtPosition(row);
  }

  private lookAtBalance(row: number): void {
    const { balances, margin } = this.rooms;
    const { doubles, words } = balances;
    const at = row * Bal.DOUBLES;
    const max = doubles[at + Bal.MAX_EXPOSURE];
    const exposure = max === Number.POSITIVE_INFINITY ? 0 : margin.exposure(this.account, balances.currencyOf(row));
    const open = Math.max(doubles[at + Bal.OPEN], doubles[at + Bal.OPEN + 1]);
    let alerts = words[row * Bal.WORDS + Bal.ALERTS];
    alerts = this.level(alerts, 0, Limit.OPEN_NOTIONAL, open, doubles[at + Bal.MAX_OPEN]);
    alerts = this.level(alerts, 2, Limit.EXPOSURE, exposure, max);
    alerts = this.level(alerts, 4, Limit.DAILY_NOTIONAL, doubles[at + Bal.DAY_NOTIONAL], doubles[at + Bal.MAX_DAY_NOTIONAL]);
    alerts = this.level(alerts, 6, Limit.DAILY_LOSS, -doubles[at + Bal.DAY_PNL], doubles[at + Bal.MAX_DAY_LOSS]);
    words[row * Bal.WORDS + Bal.ALERTS] = alerts;
  }

  private lookAtPosition(row: number): void {
    const { positions, margin } = this.rooms;
    const { doubles, words } = positions;
    const at = row * Pos.DOUBLES;
    this.instrument = positions.instrumentOf(row);
    const max = doubles[at + Pos.MAX_EXPOSURE];
    const open = Math.max(doubles[at + Pos.OPEN_NOTIONAL], doubles[at + Pos.OPEN_NOTIONAL + 1]);
    const long = doubles[at + Pos.LOTS] + doubles[at + Pos.OPEN_LOTS];
    const short = doubles[at + Pos.OPEN_LOTS + 1] - doubles[at + Pos.LOTS];
    let alerts = words[row * Pos.WORDS + Pos.ALERTS];
    alerts = this.level(alerts, 0, Limit.OPEN_ORDERS, words[row * Pos.WORDS + Pos.ORDERS], doubles[at + Pos.MAX_ORDERS]);
    alerts = this.level(alerts, 2, Limit.OPEN_NOTIONAL, open, doubles[at + Pos.MAX_OPEN]);
    alerts = this.level(alerts, 4, Limit.POSITION, Math.max(long, short), doubles[at + Pos.MAX_POSITION]);
    alerts = this.level(alerts, 6, Limit.EXPOSURE, max === Number.POSITIVE_INFINITY ? 0 : margin.exposureOf(row), max);
    alerts = this.level(alerts, 8, Limit.DAILY_NOTIONAL, doubles[at + Pos.DAY_NOTIONAL], doubles[at + Pos.MAX_DAY_NOTIONAL]);
    alerts = this.level(alerts, 10, Limit.DAILY_LOSS, -doubles[at + Pos.DAY_PNL], doubles[at + Pos.MAX_DAY_LOSS]);
    words[row * Pos.WORDS + Pos.ALERTS] = alerts;
  }

  /** The two bits at `shift` of `alerts` as they are now; tells each percent that was crossed on the way up. */
  private level(alerts: number, shift: number, limit: Limit, use: number, max: number): number {
    const before = (alerts >>> shift) & 3;
    let after = 0;
    if (max > 0 && max !== Number.POSITIVE_INFINITY) {
      // use ÷ max ≥ 4 ÷ 5, with nothing that is rounded: both are safe integers, or use is far above.
      if (use >= max) after = 2;
      else if (use >= max - Math.floor(max / 5)) after = 1;
    }
    for (let level = before; level < after; level++)
      this.rooms.emitter.alert(AlertKind.LIMIT, this.account, this.instrument, limit, PERCENTS[level]);
    return (alerts & ~(3 << shift)) | (after << shift);
  }
}
