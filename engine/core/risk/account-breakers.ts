import { type Accounts, Care } from "../accounts.js";
import type { Emitter } from "../emitter.js";
import { AccountState, AlertKind, Limit, Null } from "../match/order-types.js";
import type { Limits } from "./limits.js";

/** Codes of risk: from the first to below the last. */
const RISK_FIRST = 2000;
const RISK_END = 3000;

/**
 * The accounts' circuit breakers (SETTLED K13, N7): more than so many risk rejects within a window, and the account may only reduce until an
 * admin says otherwise. Shard thread only.
 */
export class AccountBreakers {
  constructor(
    private readonly accounts: Accounts,
    private readonly limits: Limits,
    private readonly emitter: Emitter,
    private readonly now: Float64Array,
  ) {}

  /** A new order or a replace was rejected; its event is out. */
  rejected(account: number, code: number): void {
    const { accounts } = this;
    if (code < RISK_FIRST || code >= RISK_END || (accounts.care[account] & Care.BREAKER) === 0) return;
    const { rejects } = this.limits.windowsOf(account);
    if (!rejects.isFull(this.now[1] - this.limits.windowUsOf(account))) {
      rejects.add(this.now[1]);
      return;
    }
    rejects.clear();
    if (accounts.states[account] !== AccountState.ACTIVE) return;
    accounts.setState(account, AccountState.REDUCE_ONLY);
    this.emitter.alert(AlertKind.CIRCUIT_BREAKER, account, Null.UINT32, Limit.COUNT, 0);
  }
}
