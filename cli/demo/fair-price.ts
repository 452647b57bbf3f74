import type { Xorshift } from "./xorshift.js";

const STEP_TICKS_MAX = 6;
/** How strongly it is pulled back to where it started: one part in so many of the distance a step. */
const PULL = 2_000;

/** What the bots believe an instrument to be worth: a random walk in ticks that does not leave for good. */
export class FairPrice {
  private current: number;

  constructor(
    private readonly startTicks: number,
    private readonly random: Xorshift,
  ) {
    this.current = startTicks;
  }

  get ticks(): number {
    return this.current;
  }

  step(): void {
    const noise = this.random.below(2 * STEP_TICKS_MAX + 1) - STEP_TICKS_MAX;
    const pull = Math.trunc((this.startTicks - this.current) / PULL);
    this.current = Math.max(this.startTicks >> 1, this.current + noise + pull);
  }
}
