/** Turns of the event loop between two of these go by without a look at the time that is planned to be quiet. */
const YIELD_MS = 2;

export interface OpenLoopOptions {
  /** Events a second, over all. */
  readonly ratePerSecond: number;
  readonly count: number;
  /** Gets the index of an event that is due and when it was planned, milliseconds of `performance.now`. False ends the loop. */
  readonly onDue: (index: number, plannedMs: number) => boolean;
  /** After all that were due in a turn of the event loop. */
  readonly afterTurn: () => void;
  readonly signal: AbortSignal;
}

/**
 * Does things at planned times, evenly spaced, and never slows down because something is slow: what is late is done as soon as possible,
 * under the time that was planned for it. It looks once a turn of the event loop, because timers are a millisecond late; so it takes a processor.
 * Resolves with how many were done.
 */
export function openLoop(options: OpenLoopOptions): Promise<number> {
  const { ratePerSecond, count, onDue, afterTurn, signal } = options;
  const startMs = performance.now() + YIELD_MS;
  const plannedMs = (index: number): number => startMs + (index * 1000) / ratePerSecond;
  let done = 0;
  return new Promise((resolve, reject) => {
    const turn = (): void => {
      try {
        let isGoingOn = !signal.aborted;
        for (const nowMs = performance.now(); isGoingOn && done < count && plannedMs(done) <= nowMs; ) {
          isGoingOn = onDue(done, plannedMs(done));
          if (isGoingOn) done += 1;
        }
        afterTurn();
        if (isGoingOn && done < count) setImmediate(turn);
        else resolve(done);
      } catch (error) {
        reject(error);
      }
    };
    turn();
  });
}
