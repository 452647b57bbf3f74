import type { StateReader, StateWriter } from "../../step.js";
import { MAX_SAFE } from "../../wire/numbers.js";
import { basisPointsOf } from "../book/trailing-stops.js";
import { savedTime } from "./order-windows.js";

/** Prints that one end remembers; when there are more, the two oldest become one that lasts as long as both. */
const KEPT_MAX = 1024;

/**
 * One end of the prints of a window: those that may still become the lowest (`sign` 1) or the highest (−1). Times rise, and so do prices
 * away from that end: a print is forgotten as soon as a later one lies nearer the end.
 */
class Extremes {
  private readonly times = new Float64Array(KEPT_MAX);
  private readonly prices = new Float64Array(KEPT_MAX);
  private head = 0;
  private count = 0;

  constructor(private readonly sign: number) {}

  add(time: number, price: number): void {
    while (this.count > 0 && this.sign * this.prices[this.at(this.count - 1)] >= this.sign * price) this.count--;
    // One that will be forgotten no later than the one before it, and lies no nearer the end, never counts.
    if (this.count > 0 && this.times[this.at(this.count - 1)] === time) return;
    if (this.count === KEPT_MAX) this.mergeOldest();
    const at = this.at(this.count++);
    this.times[at] = time;
    this.prices[at] = price;
  }

  /** The end's price among prints later than `after`, or 0. */
  find(after: number): number {
    while (this.count > 0 && this.times[this.head] <= after) {
      this.head = (this.head + 1) % KEPT_MAX;
      this.count--;
    }
    return this.count === 0 ? 0 : this.prices[this.head];
  }

  clear(): void {
    this.count = 0;
  }

  save(after: number, out: StateWriter): void {
    this.find(after);
    out.uint32(this.count);
    for (let index = 0; index < this.count; index++) {
      out.int64(this.times[this.at(index)]);
      out.int64(this.prices[this.at(index)]);
    }
  }

  /** Prints later than `after`, up to `now`. */
  load(after: number, now: number, input: StateReader): void {
    const count = input.uint32();
    for (let index = 0, time = Math.max(0, after + 1); index < count; index++) {
      time = savedTime(input, time);
      const price = input.int64();
      this.add(time, price);
      // Of prints as they are saved each counts, so none takes the place of another.
      const isKept = this.count === index + 1 && time <= now && price >= 1 && price <= MAX_SAFE;
      if (!isKept) throw new RangeError(`this is no saved state: a circuit breaker remembers a print at ${price} of ${time}`);
    }
  }

  private at(index: number): number {
    return (this.head + index) % KEPT_MAX;
  }

  private mergeOldest(): void {
    const second = this.at(1);
    this.prices[second] = this.prices[this.head];
    this.head = second;
    this.count--;
  }
}

/** The prints of an instrument within its circuit breaker's window (SETTLED K13, N7). Shard thread only. */
export class PriceWindow {
  private readonly lowest = new Extremes(1);
  private readonly highest = new Extremes(-1);

  constructor(
    private readonly bps: number,
    private readonly windowUs: number,
  ) {}

  add(now: number, price: number): void {
    this.lowest.add(now, price);
    this.highest.add(now, price);
  }

  clear(): void {
    this.lowest.clear();
    this.highest.clear();
  }

  /** The highest price at which a trade may print now, of which the first is at `first`. */
  ceiling(now: number, first: number): number {
    const lowest = this.lowest.find(now - this.windowUs);
    const from = lowest === 0 ? first : Math.min(lowest, first);
    return from + basisPointsOf(from, this.bps);
  }

  /** The lowest price at which a trade may print now, of which the first is at `first`. */
  floor(now: number, first: number): number {
    const from = Math.max(this.highest.find(now - this.windowUs), first);
    return from - basisPointsOf(from, this.bps);
  }

  save(now: number, out: StateWriter): void {
    this.lowest.save(now - this.windowUs, out);
    this.highest.save(now - this.windowUs, out);
  }

  load(now: number, input: StateReader): void {
    this.lowest.load(now - this.windowUs, now, input);
    this.highest.load(now - this.windowUs, now, input);
  }
}
