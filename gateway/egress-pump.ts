import type { EnginePort } from "./engine-port.js";

/** A sleep that no doorbell ends. Only a limit: events ring. */
const SLEEP_MS = 1_000;

export interface EgressPumpOptions {
  /** Reads events and sends what follows from them. Returns how many there were. */
  readonly work: () => number;
  /** A turn that reads so many has left some. */
  readonly eventsPerTurn: number;
  /** Whether answers are outstanding. */
  readonly isExpecting: () => boolean;
  /** How long the event loop goes on looking for them, once a turn, after there was something to do. */
  readonly eagerMs: number;
}

/**
 * Keeps the egress going on the gateway's event loop. While answers are outstanding it looks once a turn of the loop,
 * because being woken takes longer than most answers; without any, or after `eagerMs` in vain, it sleeps until the engine
 * rings: looking takes a processor that the clients on this machine, or the shard, may want.
 */
export class EgressPump {
  readonly #port: EnginePort;
  readonly #options: EgressPumpOptions;
  #eagerUntilMs = 0;
  #isStopped = false;
  #isScheduled = false;
  #bell: Promise<void> | undefined;

  constructor(port: EnginePort, options: EgressPumpOptions) {
    this.#port = port;
    this.#options = options;
    this.#schedule();
  }

  /** Something was sent to the engine, or came from it: the next thing is likely soon. */
  expect(nowMs: number): void {
    if (this.#isStopped) return;
    this.#eagerUntilMs = nowMs + this.#options.eagerMs;
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    if (this.#isStopped) return;
    const count = this.#options.work();
    const nowMs = performance.now();
    if (count > 0) this.#eagerUntilMs = nowMs + this.#options.eagerMs;
    if (count >= this.#options.eventsPerTurn || (this.#options.isExpecting() && nowMs < this.#eagerUntilMs)) this.#schedule();
    else this.#sleep();
  };

  /** At most one bell is armed: one that still waits rings for this sleep too. */
  #sleep(): void {
    if (this.#bell !== undefined) {
      if (!this.#port.sleepOn()) this.#schedule();
      return;
    }
    this.#bell = this.#port.whenReady(SLEEP_MS).then(() => {
      this.#bell = undefined;
      if (!this.#isScheduled) this.#turn();
    });
  }
}
