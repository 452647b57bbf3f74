import { NULL_UINT32 } from "../engine/wire/numbers.js";
import { type Rate, TokenBucket } from "./token-bucket.js";

/** What one session, one account and one address may send. Cancels, mass cancels and reduces have budgets of their own. */
export interface ThrottleRates {
  readonly session: Rate;
  readonly account: Rate;
  readonly address: Rate;
  readonly sessionCancels: Rate;
  readonly accountCancels: Rate;
  readonly addressCancels: Rate;
  /** WebSockets that one address opens; above: HTTP 429. */
  readonly connections: Rate;
}

/** So generous that they only stop what would stop everybody: one gateway thread carries some 100,000 orders a second. */
export const DEFAULT_RATES: ThrottleRates = {
  session: { perSecond: 100_000, burst: 100_000 },
  account: { perSecond: 200_000, burst: 200_000 },
  address: { perSecond: 400_000, burst: 400_000 },
  sessionCancels: { perSecond: 200_000, burst: 200_000 },
  accountCancels: { perSecond: 400_000, burst: 400_000 },
  addressCancels: { perSecond: 800_000, burst: 800_000 },
  connections: { perSecond: 2_000, burst: 10_000 },
};

/** Buckets of one holder, for requests and for cancels. */
class Budget {
  readonly requests: TokenBucket;
  readonly cancels: TokenBucket;
  /** Sockets that draw on it. */
  users = 0;

  constructor(requests: Rate, cancels: Rate, nowMs: number) {
    this.requests = new TokenBucket(requests, nowMs);
    this.cancels = new TokenBucket(cancels, nowMs);
  }
}

/** The budgets that a session draws on, and how often it may be refused. */
export interface Allowance {
  readonly session: Budget;
  readonly account: Budget;
  readonly address: Budget;
  readonly breaches: TokenBucket;
}

export const TAKEN = 0;
export const BREACH = -1;

/** How often budgets that nobody draws on any more are looked for. */
const SWEEP_MS = 10_000;

/** Token buckets on three levels. Gateway thread only. */
export class Throttle {
  readonly #rates: ThrottleRates;
  readonly #accounts = new Map<number, Budget>();
  readonly #addresses = new Map<string, Budget>();
  readonly #connections = new Map<string, TokenBucket>();
  #sweepAtMs = 0;

  constructor(rates: ThrottleRates) {
    this.#rates = rates;
  }

  /** Budgets of accounts and addresses that are held. */
  get budgetCount(): number {
    return this.#accounts.size + this.#addresses.size + this.#connections.size;
  }

  /** Whether an address may open another socket. */
  admit(address: string, nowMs: number): boolean {
    this.#sweep(nowMs);
    let bucket = this.#connections.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rates.connections, nowMs);
      this.#connections.set(address, bucket);
    }
    if (!bucket.has(nowMs)) return false;
    bucket.take();
    return true;
  }

  /** What a session on a new socket draws on. `before`: what it drew on until now, so that a reconnect is no way out. */
  allowance(account: number, address: string, nowMs: number, before: Allowance | undefined): Allowance {
    const rates = this.#rates;
    const ofAddress = budgetOf(this.#addresses, address, rates.address, rates.addressCancels, nowMs);
    ofAddress.users += 1;
    return {
      session: before?.session ?? new Budget(rates.session, rates.sessionCancels, nowMs),
      account: this.#ofAccount(account, nowMs, before),
      address: ofAddress,
      breaches: before?.breaches ?? new TokenBucket(rates.session, nowMs),
    };
  }

  /** Sessions without an account have none in common: each draws on a budget of its own. */
  #ofAccount(account: number, nowMs: number, before: Allowance | undefined): Budget {
    const { account: requests, accountCancels } = this.#rates;
    if (account === NULL_UINT32) return before?.account ?? new Budget(requests, accountCancels, nowMs);
    return budgetOf(this.#accounts, account, requests, accountCancels, nowMs);
  }

  /** The socket is gone. */
  release(allowance: Allowance): void {
    allowance.address.users -= 1;
  }

  /** TAKEN; or how many milliseconds to wait; or BREACH when the session was refused more often than its rate allows. */
  take(allowance: Allowance, isCancel: boolean, nowMs: number): number {
    const { session, account, address } = allowance;
    const first = isCancel ? session.cancels : session.requests;
    const second = isCancel ? account.cancels : account.requests;
    const third = isCancel ? address.cancels : address.requests;
    const waitMs = Math.max(waitOf(first, nowMs), waitOf(second, nowMs), waitOf(third, nowMs));
    if (waitMs > 0) return refuse(allowance.breaches, waitMs, nowMs);
    first.take();
    second.take();
    third.take();
    return TAKEN;
  }

  #sweep(nowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_MS;
    for (const [address, bucket] of this.#connections) if (bucket.isFull(nowMs)) this.#connections.delete(address);
    for (const [address, budget] of this.#addresses) {
      if (budget.users === 0 && budget.requests.isFull(nowMs) && budget.cancels.isFull(nowMs)) this.#addresses.delete(address);
    }
  }
}

function budgetOf<K>(budgets: Map<K, Budget>, key: K, requests: Rate, cancels: Rate, nowMs: number): Budget {
  const known = budgets.get(key);
  if (known !== undefined) return known;
  const budget = new Budget(requests, cancels, nowMs);
  budgets.set(key, budget);
  return budget;
}

function waitOf(bucket: TokenBucket, nowMs: number): number {
  return bucket.has(nowMs) ? 0 : bucket.waitMs;
}

function refuse(breaches: TokenBucket, waitMs: number, nowMs: number): number {
  if (!breaches.has(nowMs)) return BREACH;
  breaches.take();
  return waitMs;
}
