import * as Numbers from "../../wire/numbers.js";
import type { Instruments } from "../instruments.js";
import { Bal, type Balances } from "../ledger/balances.js";
import * as Exact from "../ledger/exact.js";
import type { Markets } from "../markets.js";
import { Pos, type Positions } from "../positions.js";

const { ppmOf, clamped } = Exact;
const MAX_SAFE = Numbers.MAX_SAFE;
const TWO_POW_32 = 2 ** 32;

/** What margin is worked out from. */
export interface MarginRooms {
  readonly instruments: Instruments;
  readonly markets: Markets;
  readonly positions: Positions;
  readonly balances: Balances;
}

/**
 * What positions are worth and need (SETTLED K8, K9, F6), per account and quote currency, in atoms. Everything is worked out anew from the
 * rows, so nothing can lag behind, and every instrument counts. What would lie beyond ±(2^53−1) counts as that, and nothing is ever rounded. Shard thread only. Nothing is allocated.
 */
export class Margin {
  /** An order on trial: its row, its side, and the notional that it adds. Row 0: none. */
  private trialRow = 0;
  private trialSide = 0;
  private readonly trialNotional = new Float64Array(1);

  constructor(private readonly rooms: MarginRooms) {}

  /** A position at its mark; negative for a short one. */
  valueOf(row: number): number {
    const { instruments, markets, positions } = this.rooms;
    const instrument = positions.instrumentOf(row);
    return clamped(positions.doubles[row * Pos.DOUBLES + Pos.LOTS] * markets.markOf(instrument) * instruments.atomsPerTickLot[instrument]);
  }

  unrealisedOf(row: number): number {
    return this.valueOf(row) - this.rooms.positions.doubles[row * Pos.DOUBLES + Pos.COST];
  }

  /** Counts an order along in what follows, until `endTrial`. */
  startTrial(row: number, side: number, notional: number): void {
    this.trialRow = row;
    this.trialSide = side;
    this.trialNotional[0] = notional;
  }

  endTrial(): void {
    this.trialRow = 0;
  }

  /** The gross exposure of one position with its live orders: the worse of long and short. */
  exposureOf(row: number): number {
    const { doubles } = this.rooms.positions;
    const at = row * Pos.DOUBLES;
    const value = this.valueOf(row);
    let buys = doubles[at + Pos.OPEN_NOTIONAL];
    let sells = doubles[at + Pos.OPEN_NOTIONAL + 1];
    if (row === this.trialRow) {
      if (this.trialSide === 0) buys += this.trialNotional[0];
      else sells += this.trialNotional[0];
    }
    return Math.min(Math.max(value + buys, sells - value, 0), MAX_SAFE);
  }

  /** Summed over all instruments of the quote currency. */
  exposure(account: number, currency: number): number {
    const { positions, instruments } = this.rooms;
    let sum = 0;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (instruments.quoteOf[positions.instrumentOf(row)] === currency) sum += this.exposureOf(row);
    }
    return Math.min(sum, MAX_SAFE);
  }

  /** Initial margin over all margin instruments of the quote currency. */
  initial(account: number, currency: number): number {
    const { positions, instruments } = this.rooms;
    let sum = 0;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (this.counts(row, currency)) sum += ppmOf(this.exposureOf(row), instruments.specOf(positions.instrumentOf(row)).initialMarginPpm);
    }
    return Math.min(sum, MAX_SAFE);
  }

  maintenance(account: number, currency: number): number {
    const { positions, instruments } = this.rooms;
    let sum = 0;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!this.counts(row, currency)) continue;
      sum += ppmOf(Math.abs(this.valueOf(row)), instruments.specOf(positions.instrumentOf(row)).maintenanceMarginPpm);
    }
    return Math.min(sum, MAX_SAFE);
  }

  /** Balance and unrealised profit. */
  equity(account: number, currency: number): number {
    const { balances, positions } = this.rooms;
    const total = balances.doubles[balances.find(account, currency) * Bal.DOUBLES + Bal.TOTAL];
    let sum = total;
    let size = Math.abs(total);
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!this.counts(row, currency)) continue;
      const unrealised = this.unrealisedOf(row);
      sum += unrealised;
      size += Math.abs(unrealised);
    }
    // As long as all of them together are a safe integer, no sum of some was rounded.
    return size <= MAX_SAFE ? sum : this.wideEquity(account, currency, total);
  }

  /** As `equity`, in two parts, since sums on the way may leave the safe integers. */
  private wideEquity(account: number, currency: number, total: number): number {
    const { positions } = this.rooms;
    let high = Math.floor(total / TWO_POW_32);
    let low = total - high * TWO_POW_32;
    for (let row = positions.first(account); row !== 0; row = positions.next(row)) {
      if (!this.counts(row, currency)) continue;
      const unrealised = this.unrealisedOf(row);
      const part = Math.floor(unrealised / TWO_POW_32);
      high += part;
      low += unrealised - part * TWO_POW_32;
    }
    // The lower part is below 2^52 up to a million rows. What is rounded here is beyond the bound, and stays there.
    return clamped(high * TWO_POW_32 + low);
  }

  private counts(row: number, currency: number): boolean {
    const { positions, instruments } = this.rooms;
    const instrument = positions.instrumentOf(row);
    return instruments.isMargin[instrument] !== 0 && instruments.quoteOf[instrument] === currency;
  }
}
