import type { StateReader, StateWriter } from "../../step.js";
import { PriceWindow } from "./price-window.js";

/** The circuit breakers of the instruments that have one (SETTLED K13). Shard thread only. */
export class Breakers {
  private readonly windows: (PriceWindow | undefined)[] = [];

  /** `now`: the clock in µs at place 1. */
  constructor(private readonly now: Float64Array) {}

  declare(instrument: number, bps: number, windowUs: number): void {
    this.windows[instrument] = new PriceWindow(bps, windowUs);
  }

  print(instrument: number, price: number): void {
    this.windows[instrument]?.add(this.now[1], price);
  }

  /** The instrument's prints count no more: trading begins anew. */
  forget(instrument: number): void {
    this.windows[instrument]?.clear();
  }

  /** How far a buy may go that would print at `first`, as a key of the other side; −Infinity: nowhere. */
  buyBound(instrument: number, first: number): number {
    const window = this.windows[instrument];
    if (window === undefined) return Number.POSITIVE_INFINITY;
    return first < window.floor(this.now[1], first) ? Number.NEGATIVE_INFINITY : window.ceiling(this.now[1], first);
  }

  /** As `buyBound`, for a sell: keys of bids are negative prices. */
  sellBound(instrument: number, first: number): number {
    const window = this.windows[instrument];
    if (window === undefined) return Number.POSITIVE_INFINITY;
    return first > window.ceiling(this.now[1], first) ? Number.NEGATIVE_INFINITY : -window.floor(this.now[1], first);
  }

  /** Nothing for an instrument without one. */
  save(instrument: number, out: StateWriter): void {
    this.windows[instrument]?.save(this.now[1], out);
  }

  load(instrument: number, input: StateReader): void {
    this.windows[instrument]?.load(this.now[1], input);
  }
}
