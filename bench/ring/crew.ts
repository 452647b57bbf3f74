/** The worker threads of a bench: started once, told to go once per round. */
import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import type { SharedRing } from "../../engine/ring/index.js";

const GO = 0;
const DONE = 1;
const ROUND_TIMEOUT_MS = 60_000;

/** What a worker does in every round. */
export type Work =
  | { job: "produceSingle" | "produceMany"; ring: SharedRing; count: number; batch: number }
  | { job: "broadcast"; ring: SharedRing; count: number; batch: number; stalls: SharedArrayBuffer }
  | { job: "produceRingbuf"; storage: SharedArrayBuffer; count: number; batch: number }
  | { job: "producePort"; port: MessagePort; count: number }
  | { job: "echoPort"; port: MessagePort }
  | { job: "echoRing"; out: SharedRing; back: SharedRing; count: number }
  | { job: "echoRingbuf"; out: SharedArrayBuffer; back: SharedArrayBuffer; count: number }
  | { job: "observe"; ring: SharedRing; total: number; pauseMs: number; result: SharedArrayBuffer };

export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly work: unknown;
}

/** One worker. */
export class Hand {
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  #failure: Error | undefined;

  private constructor(work: unknown, port: MessagePort | undefined, entry: URL) {
    const start: WorkerStart = { control: this.#control.buffer as SharedArrayBuffer, work };
    this.#worker = new Worker(compiled(entry), { workerData: start, transferList: port === undefined ? [] : [port] });
    this.#worker.on("error", (error: Error) => {
      this.#failure = error;
    });
  }

  /** Starts a worker of the ring bench and waits until it is ready for its first round. */
  static start(work: Work, port?: MessagePort): Promise<Hand> {
    return Hand.#startAt(new URL("./worker.js", import.meta.url), work, port);
  }

  /** The same with the worker of another bench, which finds `work` in its WorkerStart. */
  static startOther(entry: URL, work: unknown): Promise<Hand> {
    return Hand.#startAt(entry, work, undefined);
  }

  static async #startAt(entry: URL, work: unknown, port: MessagePort | undefined): Promise<Hand> {
    const hand = new Hand(work, port, entry);
    await once(hand.#worker, "message");
    return hand;
  }

  /** Lets the worker do one round. */
  go(): void {
    Atomics.add(this.#control, GO, 1);
    Atomics.notify(this.#control, GO);
  }

  /** Waits until every round that was started is finished. Throws when that takes longer than a minute. */
  finished(): void {
    const rounds = Atomics.load(this.#control, GO);
    for (let done = Atomics.load(this.#control, DONE); done !== rounds; done = Atomics.load(this.#control, DONE)) {
      if (Atomics.wait(this.#control, DONE, done, ROUND_TIMEOUT_MS) === "timed-out")
        throw new Error("a bench worker did not finish its round within a minute", { cause: this.#failure });
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** In the worker: does `round` whenever it is told to go. */
export function serve(control: SharedArrayBuffer, round: () => void): void {
  const words = new Int32Array(control);
  for (let rounds = 0; ; ) {
    if (Atomics.load(words, GO) === rounds) {
      Atomics.wait(words, GO, rounds);
      continue;
    }
    round();
    rounds++;
    Atomics.store(words, DONE, rounds);
    Atomics.notify(words, DONE);
  }
}

/** Workers start from the compiled bench, also when a bench runs from its source (in the tests). */
function compiled(entry: URL): URL {
  return import.meta.url.endsWith(".ts") ? new URL(entry.href.replace(/\/bench\/(?!.*\/bench\/)/, "/dist/bench/")) : entry;
}

const nap = new Int32Array(new SharedArrayBuffer(4));
const PATIENCE = 20_000;
/** Patience where there are more threads than processors: who finds nothing to do makes room for those who have. */
export const SHORT_PATIENCE = 500;
const NAP_MS = 0.05;

/**
 * Called after every look that found nothing: spins for a while, then sleeps, so that a busy machine does not run a round for minutes.
 * Returns the new count of looks.
 */
export function beat(looks: number, patience: number = PATIENCE): number {
  if (looks < patience) return looks + 1;
  Atomics.wait(nap, 0, 0, NAP_MS);
  return looks;
}

export function sleepMs(ms: number): void {
  Atomics.wait(nap, 0, 0, ms);
}
