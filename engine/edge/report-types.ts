import type { AccountModeName, AccountStateName, InstrumentKindName, KycName, LimitName, MovementCommand, RiskLevelName } from "./types.js";

/** The zero-sum proof of a currency: deposits − withdrawals = balances + fees − open cost, to the atom (SETTLED C1). */
export interface ProofRow {
  currency: string;
  scale: number;
  /** Since the start: what was credited, and what was paid out. */
  deposits: string;
  withdrawals: string;
  /** Of all accounts; holds are part of them. */
  balances: string;
  /** Collected since the start, less rebates. */
  fees: string;
  /** Signed cost of all margin positions. */
  openCost: string;
  /** deposits − withdrawals − balances − fees + openCost. */
  difference: string;
  /** The difference is 0. */
  isBalanced: boolean;
  /** Unchecked accounts have traded goods beyond ±(2^53−1) atoms, which were left at that: nothing can be proved of the currency any more. */
  isClamped: boolean;
}
export interface AccountRow {
  account: string;
  mode: AccountModeName;
  state: AccountStateName;
  kyc: KycName;
  riskLevel: RiskLevelName;
  isKilled: boolean;
  openOrders: number;
}
export interface BalanceLine {
  account: string;
  currency: string;
  total: string;
  held: string;
  free: string;
}
export interface PositionLine {
  account: string;
  symbol: string;
  kind: InstrumentKindName;
  /** Signed; of a spot instrument, what was bought less what was sold. */
  qty: string;
  /** Of a margin instrument, as are the others. */
  cost?: string;
  realised?: string;
  unrealised?: string;
}
/** What a live order of a cash account, or a movement that waits for review, holds. */
export interface HoldRow {
  account: string;
  currency: string;
  held: string;
  /** Of an order. An OCO pair holds once: what its larger leg needs. */
  symbol?: string;
  clOrdId?: number;
  orderId?: string;
  /** Of a movement. */
  ref?: string;
}
export interface FeeRow {
  currency: string;
  fees: string;
}
/** Of a margin instrument: all long positions together, which equal the short ones. */
export interface OpenInterestRow {
  symbol: string;
  qty: string;
  currency: string;
  /** At the mark; absent while there is none. */
  mark?: string;
  notional?: string;
}
/** What an account has at stake in a quote currency. */
export interface ExposureRow {
  account: string;
  currency: string;
  equity: string;
  initialMargin: string;
  maintenanceMargin: string;
  exposure: string;
  openBuys: string;
  openSells: string;
  /** Today, UTC: executed, and realised less fees. */
  dailyNotional: string;
  dailyPnl: string;
}
/** A limit that is set, and its use. A limit of single orders has no use. */
export interface LimitRow {
  scope: "account" | "accountAndSymbol" | "symbol";
  /** Whose use it is. */
  account?: string;
  symbol?: string;
  currency?: string;
  limit: LimitName;
  value: string;
  used?: string;
  /** Rounded down; absent when the limit is 0. */
  percent?: number;
}
/** A movement that waits for review. */
export interface ReviewRow {
  ref: string;
  cmd: MovementCommand["cmd"];
  account: string;
  to?: string;
  currency: string;
  amount: string;
  /** When it was asked for, µs since the Unix epoch. */
  sinceUs: number;
}

/** Everything that an operator is told of a state, as of one sequence. */
export interface StateReport {
  seq: number;
  timeUs: number;
  proof: ProofRow[];
  accounts: AccountRow[];
  balances: BalanceLine[];
  positions: PositionLine[];
  holds: HoldRow[];
  fees: FeeRow[];
  openInterest: OpenInterestRow[];
  exposure: ExposureRow[];
  limits: LimitRow[];
  reviews: ReviewRow[];
}

/** The parts of a report, each a table. */
export type ReportSection = Exclude<keyof StateReport, "seq" | "timeUs">;
