import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { PortTicket, ShardedTicket } from "../engine/index.js";
import type { GatewayStats } from "./gateway.js";
import { GatewayError, type GatewayErrorCode } from "./gateway-error.js";
import type { GatewayOptions } from "./options.js";
import type { TransportChoice } from "./transport/choose-transport.js";

/** An engine whose ports other threads can have. */
export interface RemotePortHost {
  openRemotePort(name: string): PortTicket | ShardedTicket;
}

/** As for a gateway on this thread, but of values that another thread can be sent. */
export interface GatewayThreadOptions extends Omit<GatewayOptions, "transport" | "logger" | "signal"> {
  /** Default "ws". A thread that is ended by force with uWebSockets.js open takes the whole process with it, so that must be asked for. */
  readonly transport?: TransportChoice;
  /** Default "silent". Lines go to stderr. */
  readonly logLevel?: string;
}

/** The workerData of a gateway's thread. */
export interface ThreadStart {
  readonly ticket: PortTicket | ShardedTicket;
  readonly options: GatewayThreadOptions;
}

export type ToThread = "close" | "abort" | "stats";

/** How long a thread that must not be ended by force may take to end by itself. */
const ABORT_MS_MAX = 5_000;

export type FromThread =
  | { readonly kind: "listening"; readonly port: number; readonly transport: string }
  | { readonly kind: "refused"; readonly code: GatewayErrorCode | undefined; readonly message: string }
  | { readonly kind: "stats"; readonly stats: GatewayStats }
  | { readonly kind: "over"; readonly error: string | undefined };

/**
 * A gateway on a thread of its own, in front of an engine of this process. Several of them share one engine: each has its own TCP port, keys
 * and sessions. Its thread may die of an error: the engine and the other gateways go on, its sockets are gone, and its sessions with them. Over
 * uWebSockets.js nothing may end it by force, for libuv then ends the process: this class never does. What still would is the thread's own heap
 * running full, or `process.exit` on it.
 * The methods belong to the thread that has started it.
 */
export class GatewayThread {
  /** Resolves with the error when the gateway or its thread fails, with undefined when it is closed. Never rejects. */
  readonly failed: Promise<Error | undefined>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #settleFailed: (error: Error | undefined) => void = () => {};
  #onStats: ((stats: GatewayStats) => void)[] = [];
  #isClosing = false;

  private constructor(
    worker: Worker,
    readonly port: number,
    readonly transport: string,
  ) {
    this.#worker = worker;
    this.failed = new Promise((resolve) => {
      this.#settleFailed = resolve;
    });
    this.#exited = new Promise((resolve) => {
      worker.once("exit", (code) => {
        this.#settleFailed(this.#isClosing ? undefined : new Error(`the gateway's thread ended by itself with exit code ${code}`));
        resolve();
      });
    });
    worker.on("error", (error) => this.#settleFailed(error as Error));
    worker.on("message", (message: FromThread) => this.#onMessage(message));
  }

  /** Rejects with GatewayError as `Gateway.listen` does, and with what `openRemotePort` throws. */
  static async start(engine: RemotePortHost, options: GatewayThreadOptions): Promise<GatewayThread> {
    const ticket = engine.openRemotePort("gateway");
    const start: ThreadStart = { ticket, options: { transport: "ws", ...options } };
    const worker = new Worker(new URL("./gateway-worker.js", import.meta.url), {
      workerData: start,
      transferList: "tickets" in ticket ? ticket.tickets.map(({ link }) => link) : [ticket.link],
    });
    const first = await firstMessage(worker);
    if (first.kind === "listening") return new GatewayThread(worker, first.port, first.transport);
    await worker.terminate();
    const message = first.kind === "refused" ? first.message : "the gateway's thread said nothing";
    throw new GatewayError((first.kind === "refused" && first.code) || "LISTEN_FAILED", message);
  }

  /** What it holds at the moment. */
  stats(): Promise<GatewayStats> {
    return new Promise((resolve, reject) => {
      this.#onStats.push(resolve);
      this.#worker.postMessage("stats" satisfies ToThread);
      void this.#exited.then(() => reject(new GatewayError("ENGINE_FAILED", "the gateway's thread has ended")));
    });
  }

  /** As `Gateway.close`, and ends the thread. Safe to call twice. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.postMessage("close" satisfies ToThread);
    await this.#exited;
  }

  /**
   * Ends the thread at once: its clients see their sockets vanish. Over uWebSockets.js it is asked to, and rejects with GatewayError THREAD_STUCK
   * when its event loop has not got to that within 5 s: then only the end of the process ends it.
   */
  async kill(): Promise<void> {
    if (this.transport !== "uws") {
      await this.#worker.terminate();
      return this.#exited;
    }
    this.#worker.postMessage("abort" satisfies ToThread);
    const isGone = await Promise.race([this.#exited.then(() => true), delay(ABORT_MS_MAX, false, { ref: false })]);
    if (!isGone) throw new GatewayError("THREAD_STUCK", "the gateway's thread does not end, and cannot be ended without the process");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onMessage(message: FromThread): void {
    if (message.kind === "stats") this.#onStats.shift()?.(message.stats);
    if (message.kind === "over" && message.error !== undefined) this.#settleFailed(new Error(message.error));
  }
}

function firstMessage(worker: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new GatewayError("LISTEN_FAILED", `the gateway's thread ended with exit code ${code}`)));
  });
}
