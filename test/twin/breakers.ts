import type { Rejection } from "./input.js";
import type { Account, Sent } from "./state.js";
import type { Tape } from "./tape.js";

/** K13, N7: more risk rejects within the window than the account may have make it a reducing-only one, until `accountState`. */
export function noteRiskReject(tape: Tape, account: Account, { code }: Rejection): void {
  if (code < 2000 || code >= 3000) return;
  const { maxRiskRejects, windowUs } = account.limits;
  if (maxRiskRejects === undefined || account.state !== "active") return;
  account.rejects.push(tape.clock);
  if (account.rejects.filter((at) => at > tape.clock - windowUs).length <= maxRiskRejects) return forgetSurplus(account);
  account.rejects = [];
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
  const { maxOrders = 0, maxDuplicates, maxRiskRejects = 0 } = account.limits;
  account.sent = lastOf(account.sent, maxOrders);
  account.rejects = lastOf(account.rejects, maxRiskRejects);
  if (maxDuplicates === undefined) account.alike = [];
}

function lastOf(times: number[], count: number): number[] {
  return times.slice(Math.max(0, times.length - count));
}
