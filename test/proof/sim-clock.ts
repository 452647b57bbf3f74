import { type Clock, install } from "@sinonjs/fake-timers";

const { setImmediate: immediately } = globalThis;

/** Everything that follows from promises at once has followed when this resolves. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void immediately(resolve));
}

/**
 * The clock of a simulated process, in place of the real one: `Date`, `performance`, timers and immediates of everything that runs here. It only
 * moves when it is told to. Whoever waits for shared memory looks once a millisecond meanwhile, as where there is no Atomics.waitAsync.
 */
export class SimClock {
  private clock: Clock | undefined;
  private readonly waitAsync = Atomics.waitAsync;

  /** `nowMs`: by the wall clock. */
  constructor(private nowMs: number) {}

  /** A process begins. */
  install(): void {
    Object.assign(Atomics, { waitAsync: undefined });
    this.clock = install({
      now: this.nowMs,
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "Date", "performance"],
    });
  }

  /** It is gone, and what it had waited for with it. */
  uninstall(): void {
    if (this.clock === undefined) return;
    this.nowMs = this.clock.now + 1;
    this.clock.uninstall();
    this.clock = undefined;
    Object.assign(Atomics, { waitAsync: this.waitAsync });
  }

  /** Time goes on. What follows from promises follows later. */
  tick(ms: number): void {
    this.clock?.tick(ms);
  }
}
