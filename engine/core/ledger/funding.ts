import { CODES } from "../../wire/codes.js";
import { Deposit, Review, SetKyc, Transfer, Withdraw } from "../../wire/flyweights.js";
import { MAX_SAFE } from "../../wire/numbers.js";
import type { Accounts } from "../accounts.js";
import type { Currencies } from "../currencies.js";
import type { Emitter } from "../emitter.js";
import { AccountMode, Check } from "../match/order-types.js";
import type { Margin } from "../risk/margin.js";
import type { MarginWatch } from "../risk/margin-watch.js";
import { Bal, type Balances } from "./balances.js";
import { MILLION, mulDiv } from "./exact.js";
import { Kind, type Movement, type Movements, Stage } from "./movements.js";
import type { WideSums } from "./wide-sums.js";

/** A movement counts in a risk score for so long, µs. */
const DAY_US = 86_400_000_000;
const REF_TEXT = /^[!-~]+$/;

export interface FundingRooms {
  readonly currencies: Currencies;
  readonly accounts: Accounts;
  readonly balances: Balances;
  readonly movements: Movements;
  readonly margin: Margin;
  readonly watch: MarginWatch;
  readonly emitter: Emitter;
  /** Deposits and withdrawals by currency. */
  readonly deposited: WideSums;
  readonly withdrawn: WideSums;
  /** The clock in µs at place 1. */
  readonly now: Float64Array;
  /** Fills in the limits of a new row of balances. */
  readonly onNewBalance: (row: number) => void;
}

/** A movement as a record brings it. */
interface Asked {
  readonly kind: Kind;
  readonly templateId: number;
  readonly account: number;
  readonly to: number;
  readonly currency: number;
  readonly amount: number;
  readonly ref: string;
}

/** Deposits, withdrawals, transfers and their review (SEMANTICS 9; SETTLED F). Off the order path. Shard thread only. */
export class Funding {
  constructor(private readonly rooms: FundingRooms) {}

  deposit(words: Int32Array, at: number): void {
    this.rooms.emitter.answer(Deposit.session(words, at));
    const account = Deposit.account(words, at);
    const { currency, amount, ref } = {
      currency: Deposit.currency(words, at),
      amount: Deposit.amount(words, at),
      ref: Deposit.ref(words, at),
    };
    this.move({ kind: Kind.DEPOSIT, templateId: Deposit.TEMPLATE_ID, account, to: account, currency, amount, ref });
  }

  withdraw(words: Int32Array, at: number): void {
    this.rooms.emitter.answer(Withdraw.session(words, at));
    const account = Withdraw.account(words, at);
    const { currency, amount, ref } = {
      currency: Withdraw.currency(words, at),
      amount: Withdraw.amount(words, at),
      ref: Withdraw.ref(words, at),
    };
    this.move({ kind: Kind.WITHDRAW, templateId: Withdraw.TEMPLATE_ID, account, to: account, currency, amount, ref });
  }

  transfer(words: Int32Array, at: number): void {
    this.rooms.emitter.answer(Transfer.session(words, at));
    this.move({
      kind: Kind.TRANSFER,
      templateId: Transfer.TEMPLATE_ID,
      account: Transfer.account(words, at),
      to: Transfer.to(words, at),
      currency: Transfer.currency(words, at),
      amount: Transfer.amount(words, at),
      ref: Transfer.ref(words, at),
    });
  }

  /** Applies or drops a movement that waits; what it held is released either way. */
  review(words: Int32Array, at: number): void {
    const { emitter, movements } = this.rooms;
    emitter.answer(Review.session(words, at));
    const movement = movements.find(Review.ref(words, at));
    const isRelease = Review.release(words, at) !== 0;
    let code: number = Check.OK;
    if (movement === undefined || movement.stage !== Stage.PENDING) code = CODES.UNKNOWN_MOVEMENT;
    else if (isRelease && this.wouldOverflow(movement)) code = CODES.NOTIONAL_OVERFLOW;
    else if (isRelease && !this.hasRows(movement)) code = CODES.CAPACITY_REACHED;
    if (movement === undefined || code !== Check.OK) {
      emitter.commandRejected(code, Review.TEMPLATE_ID);
      return;
    }
    if (this.isHeld(movement)) this.pend(movement, -1);
    movements.settle(movement, isRelease ? Stage.APPLIED : Stage.REFUSED);
    if (isRelease) this.apply(movement);
    emitter.commandDone(0, Review.TEMPLATE_ID);
  }

  setKyc(words: Int32Array, at: number): void {
    const { emitter, accounts } = this.rooms;
    const account = SetKyc.account(words, at);
    const kyc = SetKyc.kyc(words, at);
    emitter.answer(SetKyc.session(words, at));
    let code: number = Check.OK;
    if (account >= accounts.count) code = CODES.UNKNOWN_ACCOUNT;
    else if (kyc > 1) code = CODES.BAD_VALUE;
    if (code !== Check.OK) {
      emitter.commandRejected(code, SetKyc.TEMPLATE_ID);
      return;
    }
    accounts.kyc[account] = kyc;
    emitter.commandDone(0, SetKyc.TEMPLATE_ID);
  }

  /** Puts back what a movement that waits holds, after the movements were loaded. */
  restorePending(): void {
    for (const movement of this.rooms.movements.pending()) if (this.isHeld(movement)) this.pend(movement, 1);
  }

  /** What an account may take out of a currency (SETTLED F6, N21), atoms; below nought when it has less than it needs. */
  freeOf(account: number, currency: number): number {
    const { accounts, balances, margin } = this.rooms;
    const at = balances.find(account, currency) * Bal.DOUBLES;
    const total = balances.doubles[at + Bal.TOTAL];
    const pending = balances.doubles[at + Bal.PENDING];
    if (accounts.modes[account] === AccountMode.CASH) return total - pending - balances.doubles[at + Bal.OUT];
    if (accounts.modes[account] === AccountMode.UNCHECKED) return Number.POSITIVE_INFINITY;
    return Math.min(total, margin.equity(account, currency)) - margin.initial(account, currency) - pending;
  }

  private move(asked: Asked): void {
    const { emitter, accounts, movements, currencies, now } = this.rooms;
    const code = this.check(asked);
    if (code !== Check.OK) {
      emitter.commandRejected(code, asked.templateId);
      return;
    }
    const riskPpm = this.riskOf(asked);
    const threshold = currencies.amlThresholdOf(asked.currency);
    const isPending = threshold >= 0 && asked.amount > threshold;
    const { kind, account, to, currency, amount, ref } = asked;
    const time = now[1];
    const movement: Movement = { ref, kind, account, to, currency, amount, time, stage: isPending ? Stage.PENDING : Stage.APPLIED };
    movements.add(movement);
    accounts.countMovement(account, time);
    emitter.commandDone(0, asked.templateId, riskPpm);
    if (!isPending) {
      this.apply(movement);
      return;
    }
    if (this.isHeld(movement)) this.pend(movement, 1);
    emitter.pendingReview(movement, asked.templateId);
  }

  private check(asked: Asked): number {
    const { accounts, currencies, movements } = this.rooms;
    const { kind, account, to, currency, amount, ref } = asked;
    if (account >= accounts.count || to >= accounts.count) return CODES.UNKNOWN_ACCOUNT;
    if (currency >= currencies.count) return CODES.UNKNOWN_CURRENCY;
    if (!(amount >= 1 && amount <= MAX_SAFE)) return CODES.BAD_AMOUNT;
    if (!REF_TEXT.test(ref)) return CODES.BAD_NAME;
    if (kind === Kind.TRANSFER && account === to) return CODES.BAD_VALUE;
    const known = movements.find(ref);
    if (known !== undefined) return isSame(known, asked) ? CODES.ALREADY_APPLIED : CODES.REF_CONFLICT;
    if (kind !== Kind.DEPOSIT && accounts.kyc[account] === 0) return CODES.KYC_REQUIRED;
    if (kind !== Kind.DEPOSIT && amount > this.freeOf(account, currency)) return CODES.INSUFFICIENT_FUNDS;
    if (this.wouldOverflow(asked)) return CODES.NOTIONAL_OVERFLOW;
    return movements.isFull || !this.hasRows(asked) ? CODES.CAPACITY_REACHED : Check.OK;
  }

  /** Whether there are rows for the accounts that it changes. */
  private hasRows({ account, to, currency }: Pick<Movement, "account" | "to" | "currency">): boolean {
    const { balances, onNewBalance } = this.rooms;
    const from = balances.rowOf(account, currency, onNewBalance);
    if (from === 0) return false;
    const missing = Number(!balances.isLive(from));
    if (account === to) return balances.size + missing <= balances.capacity;
    const row = balances.rowOf(to, currency, onNewBalance);
    return row !== 0 && balances.size + missing + Number(!balances.isLive(row)) <= balances.capacity;
  }

  /** A balance stays a safe integer whatever the live orders do (SETTLED O3, F7). */
  private wouldOverflow({ kind, account, to, currency, amount }: Omit<Movement, "ref" | "time" | "stage">): boolean {
    const { balances, accounts } = this.rooms;
    const { doubles } = balances;
    if (kind !== Kind.WITHDRAW) {
      const at = balances.find(to, currency) * Bal.DOUBLES;
      const stake = doubles[at + Bal.POSITION_STAKE] + doubles[at + Bal.ORDER_STAKE];
      if (doubles[at + Bal.TOTAL] + doubles[at + Bal.IN] + stake + amount > MAX_SAFE) return true;
    }
    if (kind === Kind.DEPOSIT || accounts.modes[account] !== AccountMode.UNCHECKED) return false;
    const at = balances.find(account, currency) * Bal.DOUBLES;
    const stake = doubles[at + Bal.POSITION_STAKE] + doubles[at + Bal.ORDER_STAKE];
    return doubles[at + Bal.OUT] - doubles[at + Bal.TOTAL] + stake + amount > MAX_SAFE;
  }

  private apply({ kind, account, to, currency, amount }: Movement): void {
    const { deposited, withdrawn, watch } = this.rooms;
    if (kind !== Kind.DEPOSIT) this.change(account, currency, -amount);
    if (kind !== Kind.WITHDRAW) this.change(to, currency, amount);
    if (kind === Kind.DEPOSIT) deposited.add(currency, amount);
    else if (kind === Kind.WITHDRAW) withdrawn.add(currency, amount);
    watch.suspect(account);
  }

  private change(account: number, currency: number, amount: number): void {
    const { balances, onNewBalance } = this.rooms;
    const row = balances.rowOf(account, currency, onNewBalance);
    balances.touch(row);
    balances.doubles[row * Bal.DOUBLES + Bal.TOTAL] += amount;
  }

  /** What goes out is held while it waits, but for accounts that hold nothing. */
  private isHeld({ kind, account }: Movement): boolean {
    return kind !== Kind.DEPOSIT && this.rooms.accounts.modes[account] !== AccountMode.UNCHECKED;
  }

  private pend({ account, currency, amount }: Movement, sign: 1 | -1): void {
    const { balances, onNewBalance } = this.rooms;
    const row = balances.rowOf(account, currency, onNewBalance);
    balances.touch(row);
    balances.doubles[row * Bal.DOUBLES + Bal.PENDING] += sign * amount;
  }

  /** SETTLED F5, N22: parts per million. */
  private riskOf({ kind, account, to, currency, amount }: Asked): number {
    const { accounts, currencies, now } = this.rooms;
    const threshold = currencies.amlThresholdOf(currency);
    const earlier = accounts.movementsSince(account, now[1] - DAY_US);
    let risk = 100_000 + 50_000 * earlier;
    if (threshold > 0) risk += amount >= 2 * threshold ? MILLION : mulDiv(500_000, amount, threshold);
    else if (threshold === 0) risk += MILLION;
    if (kind !== Kind.DEPOSIT && accounts.riskLevels[account] !== 0) risk += 300_000;
    if (kind !== Kind.WITHDRAW && accounts.riskLevels[to] !== 0) risk += 200_000;
    return Math.min(MILLION, risk);
  }
}

function isSame(known: Movement, { kind, account, to, currency, amount }: Asked): boolean {
  return known.kind === kind && known.account === account && known.to === to && known.currency === currency && known.amount === amount;
}
