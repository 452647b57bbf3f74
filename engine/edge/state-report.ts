import { Slot } from "../core/book/order-pool.js";
import type { TradingCore } from "../core/core.js";
import { type LimitLine, ReportLines, type StakeLine, type WideSum } from "../core/ledger/report-lines.js";
import { Pos } from "../core/positions.js";
import {
  ACCOUNT_MODE_NAMES,
  ACCOUNT_STATE_NAMES,
  KYC_NAMES,
  LIMIT_NAME_NAMES,
  LimitName,
  RISK_LEVEL_NAMES,
} from "../wire/generated/enums.js";
import { atomOfScale } from "./catalog.js";
import { fromUnits, type Step10 } from "./decimal.js";
import type {
  AccountRow,
  BalanceLine,
  ExposureRow,
  HoldRow,
  LimitRow,
  OpenInterestRow,
  PositionLine,
  ProofRow,
  ReviewRow,
  StateReport,
} from "./report-types.js";

const ONE: Step10 = { mantissa: 1, exponent: 0 };
const KINDS = ["spot", "margin"] as const;
/** As saved movements count them. */
const MOVEMENTS = ["deposit", "withdraw", "transfer"] as const;
const LIMIT_NAMES: readonly LimitRow["limit"][] = LIMIT_NAME_NAMES;
const WIDE = 2n ** 32n;

/** Everything that an operator wants to know of a state. Visits everything and allocates: between commands, never on the order path. */
export function stateReport(core: TradingCore): StateReport {
  return new Reporter(core).report();
}

class Reporter {
  /** By currency: sums over all accounts, which may be no safe integers. */
  private readonly balanceSums: bigint[];
  private readonly costSums: bigint[];
  private readonly lines: ReportLines;

  constructor(private readonly core: TradingCore) {
    const { ledger, currencies, instruments, accounts, book, time } = core;
    const { reservations, pool } = book;
    this.lines = new ReportLines({ ...ledger, currencies, instruments, accounts, reservations, pool, timeUs: time });
    this.balanceSums = new Array<bigint>(core.currencies.count).fill(0n);
    this.costSums = new Array<bigint>(core.currencies.count).fill(0n);
  }

  report(): StateReport {
    const { core } = this;
    const accounts: AccountRow[] = [];
    const balances: BalanceLine[] = [];
    const positions: PositionLine[] = [];
    for (let account = 0; account < core.accounts.count; account++) {
      accounts.push(this.account(account));
      this.addBalances(account, balances);
      this.addPositions(account, positions);
    }
    const proof = this.proof();
    return {
      seq: core.lastSeq,
      timeUs: core.time,
      proof,
      accounts,
      balances,
      positions,
      holds: this.holds(),
      fees: proof.map(({ currency, fees }) => ({ currency, fees })),
      openInterest: this.openInterest(),
      exposure: this.exposure(),
      limits: this.limits(),
      reviews: this.reviews(),
    };
  }

  private account(id: number): AccountRow {
    const { accounts } = this.core;
    return {
      account: accounts.nameOf(id),
      mode: ACCOUNT_MODE_NAMES[accounts.modes[id]],
      state: ACCOUNT_STATE_NAMES[accounts.states[id]],
      kyc: KYC_NAMES[accounts.kyc[id]],
      riskLevel: RISK_LEVEL_NAMES[accounts.riskLevels[id]],
      isKilled: accounts.killed[id] !== 0,
      openOrders: accounts.orderCounts[id],
    };
  }

  private addBalances(account: number, rows: BalanceLine[]): void {
    const { accounts, statements } = this.core;
    statements.eachBalance(account, (id, total, held, free) => {
      const atom = this.atomOf(id);
      this.balanceSums[id] += BigInt(total);
      rows.push({
        account: accounts.nameOf(account),
        currency: this.currencyName(id),
        total: fromUnits(total, atom),
        held: fromUnits(held, atom),
        free: fromUnits(free, atom),
      });
    });
  }

  /** By instrument: every margin position that ever was, and what is left of trades in spot instruments. */
  private addPositions(account: number, rows: PositionLine[]): void {
    const { accounts, instruments, statements } = this.core;
    const margin = new Map<number, Pick<PositionLine, "cost" | "realised" | "unrealised">>();
    statements.eachPosition(account, (id, _lots, cost, realised, unrealised) => {
      const { quote } = instruments.specOf(id);
      const atom = this.atomOf(quote);
      this.costSums[quote] += BigInt(cost);
      margin.set(id, { cost: fromUnits(cost, atom), realised: fromUnits(realised, atom), unrealised: fromUnits(unrealised, atom) });
    });
    statements.eachExposure(account, (id, lots) => {
      const { symbol, isMargin } = instruments.specOf(id);
      if (isMargin === 0 ? lots === 0 : !margin.has(id)) return;
      rows.push({
        account: accounts.nameOf(account),
        symbol,
        kind: KINDS[isMargin],
        qty: fromUnits(lots, this.lotOf(id)),
        ...margin.get(id),
      });
    });
  }

  private proof(): ProofRow[] {
    const { currencies } = this.core;
    return Array.from({ length: currencies.count }, (_, id) => {
      const atom = this.atomOf(id);
      const flows = this.lines.flowsOf(id);
      const [deposits, withdrawals, fees] = [exact(flows.deposited), exact(flows.withdrawn), exact(flows.fees)];
      const [balances, openCost] = [this.balanceSums[id], this.costSums[id]];
      const difference = deposits - withdrawals - balances - fees + openCost;
      return {
        currency: currencies.nameOf(id),
        scale: currencies.scaleOf(id),
        deposits: fromUnits(deposits, atom),
        withdrawals: fromUnits(withdrawals, atom),
        balances: fromUnits(balances, atom),
        fees: fromUnits(fees, atom),
        openCost: fromUnits(openCost, atom),
        difference: fromUnits(difference, atom),
        isBalanced: difference === 0n,
        isClamped: currencies.wasClamped[id] !== 0,
      };
    });
  }

  /** By account, then order id; those of movements behind. */
  private holds(): HoldRow[] {
    const { accounts, instruments, book } = this.core;
    const found: { account: number; orderId: number; row: HoldRow }[] = [];
    this.lines.eachHold((account, currency, atoms, slot, ref) => {
      const row = {
        account: accounts.nameOf(account),
        currency: this.currencyName(currency),
        held: fromUnits(atoms, this.atomOf(currency)),
      };
      if (slot === 0) {
        found.push({ account, orderId: Number.POSITIVE_INFINITY, row: { ...row, ref } });
        return;
      }
      const { symbol } = instruments.specOf(book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1);
      const orderId = book.pool.orderIdOf(slot);
      found.push({ account, orderId, row: { ...row, symbol, clOrdId: book.pool.clOrdIdOf(slot), orderId: String(orderId) } });
    });
    // Stable: movements stay in the order of their age.
    found.sort((one, other) => one.account - other.account || (one.orderId < other.orderId ? -1 : Number(one.orderId > other.orderId)));
    return found.map(({ row }) => row);
  }

  private openInterest(): OpenInterestRow[] {
    const { instruments, markets } = this.core;
    const rows: OpenInterestRow[] = [];
    for (let id = 0; id < instruments.count; id++) {
      const { symbol, quote, isMargin, tickMantissa, tickExponent } = instruments.specOf(id);
      if (isMargin === 0) continue;
      const lots = this.longLots(id);
      const mark = markets.markOf(id);
      const notional = lots * BigInt(mark) * BigInt(instruments.atomsPerTickLot[id]);
      rows.push({
        symbol,
        qty: fromUnits(lots, this.lotOf(id)),
        currency: this.currencyName(quote),
        ...(mark === 0
          ? {}
          : {
              mark: fromUnits(mark, { mantissa: tickMantissa, exponent: tickExponent }),
              notional: fromUnits(notional, this.atomOf(quote)),
            }),
      });
    }
    return rows;
  }

  private longLots(instrument: number): bigint {
    const { positions } = this.core;
    let lots = 0n;
    for (let row = positions.firstOfMargin(instrument); row !== 0; row = positions.nextInMargin(row)) {
      const held = positions.doubles[row * Pos.DOUBLES + Pos.LOTS];
      if (held > 0) lots += BigInt(held);
    }
    return lots;
  }

  private exposure(): ExposureRow[] {
    const rows: ExposureRow[] = [];
    this.lines.eachStake((line) => rows.push(this.stake(line)));
    return rows;
  }

  private stake(line: StakeLine): ExposureRow {
    const atom = this.atomOf(line.currency);
    return {
      account: this.core.accounts.nameOf(line.account),
      currency: this.currencyName(line.currency),
      equity: fromUnits(line.equity, atom),
      initialMargin: fromUnits(line.initialMargin, atom),
      maintenanceMargin: fromUnits(line.maintenanceMargin, atom),
      exposure: fromUnits(line.exposure, atom),
      openBuys: fromUnits(line.openBuys, atom),
      openSells: fromUnits(line.openSells, atom),
      dailyNotional: fromUnits(line.dayNotional, atom),
      dailyPnl: fromUnits(line.dayPnl, atom),
    };
  }

  private limits(): LimitRow[] {
    const rows: LimitRow[] = [];
    this.lines.eachLimit((line) => rows.push(this.limit(line)));
    return rows;
  }

  private limit({ scope, account, instrument, currency, limit, given, units, used }: LimitLine): LimitRow {
    const { accounts, instruments } = this.core;
    const isOfLots = limit === LimitName.maxPosition && instrument !== undefined;
    const step = currency !== undefined ? this.atomOf(currency) : isOfLots ? this.lotOf(instrument) : ONE;
    return {
      scope,
      ...(account === undefined ? {} : { account: accounts.nameOf(account) }),
      ...(instrument === undefined ? {} : { symbol: instruments.specOf(instrument).symbol }),
      ...(currency === undefined ? {} : { currency: this.currencyName(currency) }),
      limit: LIMIT_NAMES[limit],
      value: fromUnits(given.mantissa, { mantissa: 1, exponent: given.exponent }),
      ...(used === undefined ? {} : { used: fromUnits(used, step) }),
      ...(used === undefined || units === undefined || units === 0 ? {} : { percent: percentOf(used, units) }),
    };
  }

  private reviews(): ReviewRow[] {
    const { accounts } = this.core;
    const rows: ReviewRow[] = [];
    this.lines.eachPending(({ ref, kind, account, to, currency, amount, time }) => {
      const cmd = MOVEMENTS[kind];
      rows.push({
        ref,
        cmd,
        account: accounts.nameOf(account),
        ...(cmd === "transfer" ? { to: accounts.nameOf(to) } : {}),
        currency: this.currencyName(currency),
        amount: fromUnits(amount, this.atomOf(currency)),
        sinceUs: time,
      });
    });
    return rows;
  }

  private currencyName(id: number): string {
    return this.core.currencies.nameOf(id);
  }

  private atomOf(currency: number): Step10 {
    return atomOfScale(this.core.currencies.scaleOf(currency));
  }

  private lotOf(instrument: number): Step10 {
    const { lotMantissa, lotExponent } = this.core.instruments.specOf(instrument);
    return { mantissa: lotMantissa, exponent: lotExponent };
  }
}

function exact({ high, low }: WideSum): bigint {
  return BigInt(high) * WIDE + BigInt(low);
}

/** Rounded down. Both are safe integers, but a hundred times one may not be; a limit above them has no number. */
function percentOf(used: number, units: number): number {
  return Number.isFinite(units) ? Number((BigInt(used) * 100n) / BigInt(units)) : 0;
}
