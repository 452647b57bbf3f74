import type { Rejection } from "./input.js";
import { limitOf } from "./limit-set.js";
import type { Account, Sent } from "./state.js";
import type { Tape } from "./tape.js";

/** RISK.md: at most so many orders are remembered for `maxDuplicates`. */
export const REMEMBERED_MAX = 1024;

/** K13, N7: more risk rejects within the window than the account may have make it a reducing-only one, until `accountState`. */
export function noteRiskReject(tape: Tape, account: Account, { code }: Rejection): void {
  if (code < 2000 || code >= 3000) return;
  const { windowUs } = account.limits;
  const maxRiskRejects = limitOf(account.limits.maxRiskRejects);
  if (maxRiskRejects === undefined) return;
  account.rejects.push(tape.clock);
  if (account.rejects.filter((at) => at > tape.clock - windowUs).length <= maxRiskRejects) return forgetSurplus(account);
  account.rejects = [];
  if (account.state !== "active") return;
  account.state = "reduceOnly";
  tape.emit({ event: "alert", seq: tape.seq, kind: "circuitBreaker", account: account.name });
}

/** An order was accepted: it counts for the rate and the duplicates. */
export function noteSent(account: Account, sent: Sent): void {
  account.sent.push(sent.at);
  account.alike.push(sent);
  forgetSurplus(account);
}

/** Only what a limit needs is remembered: the last so many, and nothing without the limit. Also when a limit has changed. */
export function forgetSurplus(account: Account): void {
  const { maxOrders, maxDuplicates, maxRiskRejects } = account.limits;
  account.sent = lastOf(account.sent, limitOf(maxOrders) ?? 0);
  account.rejects = lastOf(account.rejects, limitOf(maxRiskRejects) ?? 0);
  account.alike = limitOf(maxDuplicates) === undefined ? [] : lastOf(account.alike, REMEMBERED_MAX);
}

function lastOf<T>(list: readonly T[], count: number): T[] {
  return list.slice(Math.max(0, list.length - count));
}
