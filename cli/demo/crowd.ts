import { Worker } from "node:worker_threads";
import type { CrowdOptions, CrowdStats } from "./bot-crowd.js";
import type { CrowdMessage } from "./crowd-worker.js";

const STOP_MS_MAX = 5_000;

/** The demo's bots, on a thread of their own so that they do not slow down whoever they talk to. */
export class Crowd {
  /** Resolves with the error when the bots fail, or with undefined when they were stopped. Never rejects. */
  readonly failed: Promise<Error | undefined>;
  private latest: CrowdStats | undefined;
  private isStopping = false;

  private constructor(private readonly worker: Worker) {
    this.failed = new Promise((resolve) => {
      worker.on("message", (message: CrowdMessage) => {
        if (message.kind === "stats") this.latest = message.stats;
        if (message.kind === "failed") resolve(new Error(`the bots failed: ${message.message}`));
      });
      worker.once("error", (error: Error) => resolve(new Error(`the bots failed: ${error.message}`, { cause: error })));
      worker.once("exit", () => resolve(this.isStopping ? undefined : new Error("the bots ended by themselves")));
    });
  }

  /** Resolves when all bots are connected. Rejects when one can not. */
  static async start(options: CrowdOptions): Promise<Crowd> {
    const worker = new Worker(new URL("./crowd-worker.js", import.meta.url), { workerData: options });
    const crowd = new Crowd(worker);
    const ready = new Promise<undefined>((resolve) => {
      worker.on("message", (message: CrowdMessage) => {
        if (message.kind === "ready") resolve(undefined);
      });
    });
    const error = await Promise.race([ready, crowd.failed]);
    if (error === undefined) return crowd;
    await crowd.close();
    throw error;
  }

  /** Some 200 ms old at most; undefined at the very start. */
  get stats(): CrowdStats | undefined {
    return this.latest;
  }

  /** Lets the bots log out. Ends them by force when they take too long. */
  async close(): Promise<void> {
    this.isStopping = true;
    if (this.worker.threadId === -1) return;
    const timer = setTimeout(() => void this.worker.terminate(), STOP_MS_MAX);
    const exited = new Promise<void>((resolve) => this.worker.once("exit", () => resolve()));
    this.worker.postMessage("stop");
    await exited;
    clearTimeout(timer);
  }
}
