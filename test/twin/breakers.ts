import type { Rejection } from "./input.js";
import type { Account } from "./state.js";
import type { Tape } from "./tape.js";

/** K13, N7: more risk rejects within the window than the account may have make it a reducing-only one, until `accountState`. */
export function noteRiskReject(tape: Tape, account: Account, { code }: Rejection): void {
  if (code < 2000 || code >= 3000) return;
  const { maxRiskRejects, windowUs } = account.limits;
  account.rejects.push(tape.clock);
  if (maxRiskRejects === undefined || account.state !== "active") return;
  if (account.rejects.filter((at) => at > tape.clock - windowUs).length <= maxRiskRejects) return;
  account.rejects = [];
  account.state = "reduceOnly";
  tape.emit({ event: "alert", seq: tape.seq, kind: "circuitBreaker", account: account.name });
}
