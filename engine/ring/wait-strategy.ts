/**
 * How a reader waits for records, by name. `spin` burns a processor and answers fastest; `adaptive` spins a little and then parks; `park`
 * parks at once. For threads with an event loop, which must not block: `doorbell` waits for the shared memory through the event loop,
 * `poll` looks again whenever the caller's scheduler says.
 *
 * There is no clock in here. `spin` therefore counts looks and not milliseconds, and `poll` takes its schedule from the caller.
 */
import type { Waitable } from "./ring-reader.js";
import { canWaitAsync, type SharedSignal } from "./shared-signal.js";

export type BlockingWaitName = "spin" | "adaptive" | "park";
export type EventLoopWaitName = "poll" | "doorbell";

/** For threads that may block. */
export interface BlockingWait {
  readonly name: BlockingWaitName;
  /**
   * Returns true as soon as `source` is ready, false after `timeoutMs` without. `spin` ignores the time and returns false after its number
   * of looks, so a duty cycle around it stays in charge. A wake-up that came for something already read, or for another ring of the same
   * signal, returns false early.
   */
  wait(source: Waitable, signal: SharedSignal, timeoutMs: number): boolean;
}

/** For threads with an event loop. */
export interface EventLoopWait {
  readonly name: EventLoopWaitName;
  /**
   * Settles with true when `source` is ready, with false after `timeoutMs` or an early wake-up. Rejects only on a bad `timeoutMs`. Does not
   * keep the event loop alive by itself.
   */
  wait(source: Waitable, signal: SharedSignal, timeoutMs: number): Promise<boolean>;
}

/** Calls `resume` later on the event loop: `(resume) => setImmediate(resume)`, or a timer. */
export type Schedule = (resume: () => void) => void;

export interface BlockingWaitOptions {
  /**
   * Looks before `spin` gives up or `adaptive` parks: 1 to 2^30. Default 2,000 for `adaptive`, 20,000 for `spin`. A look costs some 5 ns.
   */
  spins?: number;
}

export interface EventLoopWaitOptions {
  /** How `poll` comes back; also the fallback of `doorbell` where the runtime has no Atomics.waitAsync. */
  schedule: Schedule;
  /** Looks before `poll` reports false, since it has no clock: 1 to 2^30. Default 1,000. */
  looks?: number;
}

const SPINS_DEFAULT = 20_000;
const ADAPTIVE_SPINS_DEFAULT = 2_000;
const LOOKS_DEFAULT = 1_000;
const COUNT_MAX = 2 ** 30;

function requireCount(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > COUNT_MAX)
    throw new RangeError(`${name} must be an integer from 1 to ${COUNT_MAX}, was ${value}`);
  return value;
}

function requireTimeout(timeoutMs: number): void {
  if (!(timeoutMs >= 0)) throw timeoutError(timeoutMs);
}

function timeoutError(timeoutMs: number): RangeError {
  return new RangeError(`timeoutMs must be 0 or more, was ${timeoutMs}`);
}

function spin(source: Waitable, looks: number): boolean {
  for (let i = 0; i < looks; i++) if (source.ready()) return true;
  return false;
}

function park(source: Waitable, signal: SharedSignal, timeoutMs: number): boolean {
  const ticket = signal.arm();
  if (source.ready()) return true;
  signal.wait(ticket, timeoutMs);
  return source.ready();
}

/** A wait strategy for a thread that may block. Throws RangeError on an unknown name or bad options. */
export function blockingWait(name: BlockingWaitName, options: BlockingWaitOptions = {}): BlockingWait {
  const spins = requireCount("spins", options.spins ?? (name === "adaptive" ? ADAPTIVE_SPINS_DEFAULT : SPINS_DEFAULT));
  switch (name) {
    case "spin":
      return { name, wait: (source) => spin(source, spins) };
    case "adaptive":
      return {
        name,
        wait(source, signal, timeoutMs) {
          requireTimeout(timeoutMs);
          return spin(source, spins) || park(source, signal, timeoutMs);
        },
      };
    case "park":
      return {
        name,
        wait(source, signal, timeoutMs) {
          requireTimeout(timeoutMs);
          return source.ready() || park(source, signal, timeoutMs);
        },
      };
    default:
      throw new RangeError(`a blocking wait strategy must be spin, adaptive or park, was ${String(name)}`);
  }
}

function pollLater(source: Waitable, schedule: Schedule, looks: number): Promise<boolean> {
  return new Promise((resolve) => {
    let left = looks;
    const look = (): void => {
      if (source.ready()) resolve(true);
      else if (--left <= 0) resolve(false);
      else schedule(look);
    };
    look();
  });
}

function ringLater(source: Waitable, signal: SharedSignal, timeoutMs: number): Promise<boolean> {
  if (!(timeoutMs >= 0)) return Promise.reject(timeoutError(timeoutMs));
  if (source.ready()) return Promise.resolve(true);
  const ticket = signal.arm();
  if (source.ready()) return Promise.resolve(true);
  return signal.waitAsync(ticket, timeoutMs).then(() => source.ready());
}

/**
 * A wait strategy for a thread with an event loop. `doorbell` falls back to `poll` where Atomics.waitAsync is missing (its name then says
 * `poll`).
 */
export function eventLoopWait(name: EventLoopWaitName, options: EventLoopWaitOptions): EventLoopWait {
  const looks = requireCount("looks", options.looks ?? LOOKS_DEFAULT);
  const { schedule } = options;
  if (name !== "poll" && name !== "doorbell")
    throw new RangeError(`an event-loop wait strategy must be poll or doorbell, was ${String(name)}`);
  if (name === "doorbell" && canWaitAsync()) return { name, wait: ringLater };
  return { name: "poll", wait: (source) => pollLater(source, schedule, looks) };
}

/** Ready when any of its sources is: for a thread that reads several rings and parks once, on a signal that all of them ring. */
export class AnyReady implements Waitable {
  readonly #sources: readonly Waitable[];

  constructor(sources: readonly Waitable[]) {
    this.#sources = sources;
  }

  ready(): boolean {
    const sources = this.#sources;
    for (let i = 0; i < sources.length; i++) if (sources[i].ready()) return true;
    return false;
  }
}
