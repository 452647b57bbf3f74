import type { Event } from "../../engine/edge/types.js";
import type { Currency } from "./state.js";

/** What the whole shard counts, and where the events of the present command go. */
export class Tape {
  /** The command whose events are being written. */
  seq = 0;
  /** The engine's clock, in microseconds. */
  clock = 0;
  orderCount = 0;
  tradeCount = 0;
  globalKill = false;
  /** Atoms that were paid in fees, by currency. */
  readonly fees = new Map<Currency, bigint>();
  /** Currencies of which an unchecked account has come to ±(2^53−1) and stayed there (RISK.md). */
  readonly clamped = new Set<Currency>();
  events: Event[] = [];
  /** What is only tried may come to more than can be. */
  isTrial = false;

  emit(event: Event): void {
    this.events.push(event);
  }

  /** A tape that nobody reads, for what is only tried. */
  muted(): Tape {
    const muted = new Tape();
    return Object.assign(muted, { isTrial: true, seq: this.seq, clock: this.clock, globalKill: this.globalKill });
  }
}
