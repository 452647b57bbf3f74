import type { Accounts } from "../accounts.js";
import type { Instruments } from "../instruments.js";
import type { Markets } from "../markets.js";
import { AccountMode } from "../match/order-types.js";
import { Pos, type Positions } from "../positions.js";
import { Touched } from "./touched.js";

/** What is watched. */
export interface WatchRooms {
  readonly accounts: Accounts;
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
}

/**
 * Which margin accounts may have become unsound: those that have traded or paid, and, when a mark has left the *safe band* of its
 * instrument, all that hold positions there. The band is what all accounts that were looked at can bear: each spreads what it has to spare evenly
 * over its positions. So a trade costs one comparison while marks stay in their bands, however many accounts hold positions.
 * Shard thread only. Nothing is allocated.
 */
export class MarginWatch {
  /** Accounts to look at. */
  readonly suspects: Touched;
  /** By instrument: marks from `low` to `high` ruin nobody. */
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  constructor(private readonly rooms: WatchRooms) {
    const { accounts, instruments } = rooms;
    this.suspects = new Touched(accounts.capacity);
    this.low = new Float64Array(instruments.capacity).fill(Number.NEGATIVE_INFINITY);
    this.high = new Float64Array(instruments.capacity).fill(Number.POSITIVE_INFINITY);
  }

  /** An account may have become unsound. */
  suspect(account: number): void {
    if (this.rooms.accounts.modes[account] === AccountMode.MARGIN) this.suspects.add(account);
  }

  /** The mark of a margin instrument may have moved. */
  markMoved(instrument: number): void {
    const mark = this.rooms.markets.markOf(instrument);
    if (mark >= this.low[instrument] && mark <= this.high[instrument]) return;
    this.low[instrument] = Number.NEGATIVE_INFINITY;
    this.high[instrument] = Number.POSITIVE_INFINITY;
    const { positions } = this.rooms;
    for (let row = positions.firstOfMargin(instrument); row !== 0; row = positions.nextInMargin(row)) {
      if (positions.doubles[row * Pos.DOUBLES + Pos.LOTS] !== 0) this.suspect(positions.accountOf(row));
    }
  }

  /** Everybody is to be looked at: after a saved state was loaded. */
  suspectAll(): void {
    for (let account = 0; account < this.rooms.accounts.count; account++) this.suspect(account);
  }

  /**
   * Narrows the bands of an account's instruments to what it can bear with so many atoms to spare. A tick against a position takes its notional
   * and at most as much again in margin; an atom a position covers the rounding.
   */
  narrow(account: number, currency: number, spare: number): void {
    const { positions, instruments, markets } = this.rooms;
    let count = 0;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) if (this.isOpen(row, currency)) count++;
    if (count === 0) return;
    const share = Math.max(0, Math.floor((spare - count) / count));
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!this.isOpen(row, currency)) continue;
      const instrument = positions.instrumentOf(row);
      const perTick = 2 * Math.abs(positions.doubles[row * Pos.DOUBLES + Pos.LOTS]) * instruments.atomsPerTickLot[instrument];
      const ticks = Math.floor(share / perTick);
      const mark = markets.markOf(instrument);
      this.low[instrument] = Math.max(this.low[instrument], mark - ticks);
      this.high[instrument] = Math.min(this.high[instrument], mark + ticks);
    }
  }

  /** Whether a row is an open position in a margin instrument of the quote currency. */
  isOpen(row: number, currency: number): boolean {
    const { positions, instruments } = this.rooms;
    const instrument = positions.instrumentOf(row);
    const isMargin = instruments.isMargin[instrument] !== 0 && instruments.quoteOf[instrument] === currency;
    return isMargin && positions.doubles[row * Pos.DOUBLES + Pos.LOTS] !== 0;
  }
}
