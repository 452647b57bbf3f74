import type { Accounts } from "../accounts.js";
import type { Instruments } from "../instruments.js";
import { AccountMode } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import type { Margin } from "../risk/margin.js";
import { Bal, type Balances } from "./balances.js";
import { clamped } from "./exact.js";

export interface StatementRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly positions: Positions;
  readonly balances: Balances;
  readonly margin: Margin;
}

/** What accounts have, for queries and reports (SETTLED S7): ids, lots and atoms. Shard thread only. Changes nothing. */
export class Statements {
  constructor(private readonly rooms: StatementRooms) {}

  /** Every balance that a movement or a trade has ever changed, by currency. */
  eachBalance(account: number, tell: (currency: number, total: number, held: number, free: number) => void): void {
    const { balances } = this.rooms;
    for (let row = balances.first(account); row !== 0; row = balances.next(row)) {
      if (balances.words[row * Bal.WORDS + Bal.TOUCHED] === 0) continue;
      const currency = balances.currencyOf(row);
      const total = balances.doubles[row * Bal.DOUBLES + Bal.TOTAL];
      const held = this.heldOf(account, row);
      tell(currency, total, held, this.freeOf(account, row, held));
    }
  }

  /** Every position in a margin instrument that was ever traded, by instrument. */
  eachPosition(
    account: number,
    tell: (instrument: number, lots: number, cost: number, realised: number, unrealised: number) => void,
  ): void {
    const { positions, instruments, margin } = this.rooms;
    const { doubles, words } = positions;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      const instrument = positions.instrumentOf(row);
      if (instruments.isMargin[instrument] === 0 || words[row * Pos.WORDS + Pos.USED] === 0) continue;
      const at = row * Pos.DOUBLES;
      tell(instrument, doubles[at + Pos.LOTS], doubles[at + Pos.COST], doubles[at + Pos.REALISED], margin.unrealisedOf(row));
    }
  }

  /** Every position, of spot instruments too, with its worst case: by instrument. */
  eachExposure(
    account: number,
    tell: (instrument: number, lots: number, openBuys: number, openSells: number, exposure: number) => void,
  ): void {
    const { positions, margin } = this.rooms;
    const { doubles } = positions;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!positions.isLive(row)) continue;
      const at = row * Pos.DOUBLES;
      const open = at + Pos.OPEN_LOTS;
      tell(positions.instrumentOf(row), doubles[at + Pos.LOTS], doubles[open], doubles[open + 1], margin.exposureOf(row));
    }
  }

  private heldOf(account: number, row: number): number {
    const { accounts, balances, margin } = this.rooms;
    const at = row * Bal.DOUBLES;
    const mode = accounts.modes[account];
    if (mode === AccountMode.UNCHECKED) return 0;
    if (mode === AccountMode.CASH) return balances.doubles[at + Bal.OUT] + balances.doubles[at + Bal.PENDING];
    return margin.initial(account, balances.currencyOf(row));
  }

  private freeOf(account: number, row: number, held: number): number {
    const { accounts, balances, margin } = this.rooms;
    const at = row * Bal.DOUBLES;
    if (accounts.modes[account] !== AccountMode.MARGIN) return balances.doubles[at + Bal.TOTAL] - held;
    return clamped(margin.equity(account, balances.currencyOf(row)) - held - balances.doubles[at + Bal.PENDING]);
  }
}
