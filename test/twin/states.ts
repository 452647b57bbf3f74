import type { StateName, StateReasonName } from "../../engine/edge/types.js";
import type { Instrument } from "./state.js";
import { NO_INDICATION, SAFE_MAX } from "./state.js";
import type { Tape } from "./tape.js";

/** C27: whatever the new state is, the timer of the old one is gone, and what was told in an auction call is no longer told. */
export function changeState(tape: Tape, instrument: Instrument, state: StateName, reason: StateReasonName): void {
  instrument.state = state;
  instrument.reopenAt = 0;
  instrument.told = NO_INDICATION;
  if (state === "auctionCall" || state === "open") instrument.prints = []; // RISK.md: the circuit breaker begins anew.
  instrument.entered = state === "auctionCall";
  tape.emit({ event: "state", seq: tape.seq, symbol: instrument.symbol, state, reason });
}

/** SEMANTICS 7, A6: a volatility interruption lasts `auctionUs` from now; 0, or beyond the last time that there is: until an admin opens. */
export function interrupt(tape: Tape, instrument: Instrument, by: "band" | "breaker"): void {
  if (by === "breaker") tape.emit({ event: "alert", seq: tape.seq, kind: "circuitBreaker", symbol: instrument.symbol }); // N7.
  changeState(tape, instrument, "auctionCall", "volatility");
  const reopenAt = BigInt(tape.clock) + BigInt(instrument.auctionUs);
  if (instrument.auctionUs > 0 && reopenAt <= SAFE_MAX) instrument.reopenAt = Number(reopenAt);
}
