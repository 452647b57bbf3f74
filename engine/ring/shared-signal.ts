/**
 * An event count in shared memory on which readers sleep. The word is `epoch × 2 + armed`. A reader arms it, looks at its rings once more,
 * and waits for the word to change; a producer that finds it armed after publishing moves it to the next epoch and wakes every sleeper.
 * Because both sides write before they read (Dekker), a publication is never slept through; because the epoch changes, one sleeper's arming
 * never hides a wake-up from another sleeper.
 */

import { RingError } from "./ring-error.js";
import { LINE_WORDS, WORD_BYTES } from "./ring-layout.js";

const ARMED = 1;

/** Any thread, after it has published. Costs one load when nobody sleeps. */
export function wakeSleepers(words: Int32Array, index: number): void {
  const found = Atomics.load(words, index);
  if ((found & ARMED) === 0) return;
  // Losing this exchange means that another producer has rung after our publication, so its wake-up is as good as ours.
  if (Atomics.compareExchange(words, index, found, (found + 1) | 0) === found) Atomics.notify(words, index);
}

/**
 * A doorbell that several rings can share, so that a thread which reads them all parks once. Created anywhere, attached in any thread by
 * its `shared` memory.
 */
export class SharedSignal {
  readonly words: Int32Array;
  readonly index: number;

  private constructor(words: Int32Array, index: number) {
    this.words = words;
    this.index = index;
  }

  /** A new signal with its own memory. */
  static create(): SharedSignal {
    return new SharedSignal(new Int32Array(new SharedArrayBuffer(LINE_WORDS * WORD_BYTES)), 0);
  }

  /** The same signal in another thread. Throws RangeError when the memory is not that of a signal. */
  static attach(shared: SharedArrayBuffer): SharedSignal {
    if (shared.byteLength !== LINE_WORDS * WORD_BYTES)
      throw new RangeError(`a signal's memory must have ${LINE_WORDS * WORD_BYTES} bytes, had ${shared.byteLength}`);
    return new SharedSignal(new Int32Array(shared), 0);
  }

  /** A signal that lies inside other memory, such as a ring's own. */
  static inside(words: Int32Array, index: number): SharedSignal {
    return new SharedSignal(words, index);
  }

  /** The memory to send to another thread. Throws RingError `NOT_SHARED` for the signal of a ring that lies in plain memory. */
  get shared(): SharedArrayBuffer {
    const buffer = this.words.buffer;
    if (!(buffer instanceof SharedArrayBuffer))
      throw new RingError("NOT_SHARED", "this signal lies in plain memory and cannot leave its thread");
    return buffer;
  }

  /**
   * Reader thread. Announces that the caller is about to sleep and returns the ticket to sleep with. Look at the rings again before
   * sleeping.
   */
  arm(): number {
    return Atomics.or(this.words, this.index, ARMED) | ARMED;
  }

  /**
   * Reader thread, of a signal that no other reader sleeps on. Takes the announcement back, because the caller is awake and looks by
   * itself; a wait that is still pending ends no sooner than its timeout, unless `arm` is called again and somebody rings.
   */
  disarm(): void {
    Atomics.and(this.words, this.index, ~ARMED);
  }

  /** Reader thread that may block. Sleeps until somebody rings after `ticket` was drawn, or for `timeoutMs`. True when rung. */
  wait(ticket: number, timeoutMs: number): boolean {
    return Atomics.wait(this.words, this.index, ticket, timeoutMs) !== "timed-out";
  }

  /** Event-loop thread. The same without blocking. Does not keep the event loop alive. Only where `canWaitAsync()` is true. */
  waitAsync(ticket: number, timeoutMs: number): Promise<boolean> {
    const result = Atomics.waitAsync(this.words, this.index, ticket, timeoutMs);
    return result.async ? result.value.then((how) => how !== "timed-out") : Promise.resolve(result.value !== "timed-out");
  }

  /** Any thread. Wakes every sleeper, if there is one. */
  ring(): void {
    wakeSleepers(this.words, this.index);
  }
}

/** Whether this runtime can wait for shared memory on an event loop. */
export function canWaitAsync(): boolean {
  return typeof Atomics.waitAsync === "function";
}
