import type { ReplayProgress } from "../journal/recovery.js";
import { SharedCounters, SharedSignal, SpscRing } from "../ring/index.js";
import { EngineClosedError, EngineFailedError } from "./engine-error.js";
import type { Eviction } from "./full-ring.js";
import { JournalHost, type JournalOptions } from "./journal-host.js";
import type { RecoveryReport } from "./journal-shared.js";
import type { WaitStrategyName } from "./shard-shared.js";
import {
  CONTROL_WORDS,
  OPEN_RINGS_WORD,
  REQUESTS_WORD,
  SHARD_COUNTERS,
  type ShardCounterName,
  type ShardReply,
  type ShardRequest,
  type ShardStart,
} from "./shard-shared.js";
import { type ShardThread, type Threads, WORKER_THREADS } from "./threads.js";

/** The event ring looks at each of them at every publication, so there are few. */
const PORT_SIGNALS_MAX = 8;

/** What a shard is made of. */
export interface ShardOptions {
  /** URL of a StepModule, and what its `createStep` gets. */
  readonly stepUrl: string;
  readonly stepOptions: unknown;
  /** Ingress rings, the host's own included. */
  readonly rings: number;
  readonly ingressCapacityBytes: number;
  readonly eventCapacityBytes: number;
  /** Readers that the event ring can have at once. */
  readonly gates: number;
  readonly waitStrategy: WaitStrategyName;
  readonly evictAfterMs: number;
  /** Undefined: nothing is kept. */
  readonly journal?: JournalOptions | undefined;
}

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A shard as its host sees it: the rings, the thread, and questions to it. Host thread only. The thread keeps the
 * process alive until `stop` or `kill`.
 */
export class ShardHost {
  readonly ingress: readonly SpscRing[];
  readonly events: SpscRing;
  readonly control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  /** Called once, when the thread has failed. */
  onFailure: (error: EngineFailedError) => void = () => {};
  onEviction: (eviction: Eviction) => void = () => {};
  onProgress: (progress: ReplayProgress) => void = () => {};
  /** Undefined: nothing is kept. */
  readonly journal: JournalHost | undefined;
  /** What the journal held at the start, once the shard is ready. */
  recovery: RecoveryReport | undefined;
  private readonly signal = SharedSignal.create();
  /** One for the first ports each, so that one of them can be awake while others sleep. */
  readonly portSignals: readonly SharedSignal[];
  private readonly shared = SharedCounters.create(SHARD_COUNTERS);
  private readonly thread: ShardThread;
  private readonly askers = new Map<number, Asker>();
  private readonly exited: Promise<void>;
  private markReady: () => void = () => {};
  private journalOpened: Promise<void> = Promise.resolve();
  private lastRequest = 0;
  private isStopping = false;
  private error: EngineFailedError | undefined;

  /** Starts the thread. `ready` tells when it takes commands. Throws RangeError on bad sizes. */
  constructor(
    private readonly options: ShardOptions,
    threads: Threads = WORKER_THREADS,
  ) {
    const { signal } = this;
    this.journal = options.journal === undefined ? undefined : new JournalHost(options.journal, threads);
    if (this.journal !== undefined) this.journal.onFailure = (error) => this.fail(error, "journal");
    this.ingress = Array.from({ length: options.rings }, () =>
      SpscRing.create({ capacityBytes: options.ingressCapacityBytes, gates: 1, observers: false, signal }),
    );
    this.portSignals = Array.from({ length: Math.min(PORT_SIGNALS_MAX, options.gates - 1) }, () => SharedSignal.create());
    this.events = SpscRing.create({
      capacityBytes: options.eventCapacityBytes,
      gates: options.gates,
      heldGates: 0,
      observers: false,
      signal: this.portSignals,
    });
    let left = (): void => {};
    this.exited = new Promise((resolve) => {
      left = resolve;
    });
    this.thread = threads.shard(this.startOf(options), {
      onReply: (reply) => this.onReply(reply),
      onError: (error) => this.fail(error),
      onExit: (code) => {
        this.onExit(code);
        left();
      },
    });
  }

  /** Resolves when the thread takes commands; with a journal, when that is recovered and open. Rejects with what kept it from starting. */
  async ready(): Promise<void> {
    await this.shardReady();
    await this.journalOpened;
  }

  private shardReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.markReady = resolve;
      const before = this.onFailure;
      this.onFailure = (error) => {
        before(error);
        reject(error);
      };
    });
  }

  /** What failed, if it has. */
  get failure(): EngineFailedError | undefined {
    return this.error;
  }

  /** Lets the shard look at ring `index` too. */
  openRing(index: number): void {
    if (index < Atomics.load(this.control, OPEN_RINGS_WORD)) return;
    Atomics.store(this.control, OPEN_RINGS_WORD, index + 1);
    this.signal.ring();
  }

  /**
   * Asks between two commands, not before ring 0 has delivered `afterRecords`. Rejects with EngineFailedError,
   * EngineClosedError, or an Error with what the shard could not answer.
   */
  ask(kind: "digest" | "ask", question: unknown, afterRecords: number): Promise<unknown> {
    if (this.isStopping) return Promise.reject(this.error ?? new EngineClosedError());
    return this.request(kind, question, afterRecords);
  }

  /**
   * Asks between two commands, and lets `gate` of the event ring hold from exactly there on: whoever takes it over sees
   * every event that the answer does not know, and no other. Rejects as `ask` does.
   */
  attach(gate: number, question: unknown): Promise<unknown> {
    if (this.isStopping) return Promise.reject(this.error ?? new EngineClosedError());
    return this.request("attach", question, 0, gate);
  }

  /** Lets everything that is in the ingress rings be applied, then ends the thread. Rejects with EngineFailedError. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.request("stop", undefined, 0);
    await this.exited;
    await this.journal?.stop();
    this.thread.close();
  }

  /** Ends the threads at once. */
  async kill(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.thread.terminate(), this.journal?.kill()]);
    this.thread.close();
  }

  /** What the shard has counted so far. */
  counters(): Record<ShardCounterName, number> {
    const found = SHARD_COUNTERS.map((name) => [name, this.shared.read(this.shared.index(name))] as const);
    return Object.fromEntries(found) as Record<ShardCounterName, number>;
  }

  private request(kind: ShardRequest["kind"], question: unknown, afterRecords: number, gate = 0): Promise<unknown> {
    if (this.error !== undefined) return Promise.reject(this.error);
    const id = ++this.lastRequest;
    return new Promise((resolve, reject) => {
      this.askers.set(id, { resolve, reject });
      this.thread.post({ id, kind, question, afterRecords, gate } satisfies ShardRequest);
      Atomics.add(this.control, REQUESTS_WORD, 1);
      this.signal.ring();
    });
  }

  private onReply(reply: ShardReply): void {
    if (reply.kind === "ready") return this.markReady();
    if (reply.kind === "evicted") return this.onEviction(reply);
    if (reply.kind === "progress") return this.onProgress(reply.progress);
    if (reply.kind === "recovered") return this.onRecovered(reply.report);
    const asker = this.askers.get(reply.id);
    this.askers.delete(reply.id);
    if (reply.kind === "answer") asker?.resolve(reply.value);
    else asker?.reject(new Error(reply.message));
  }

  private onRecovered(report: RecoveryReport): void {
    this.recovery = report;
    if (this.journal === undefined || this.isStopping) return;
    const onItsWayBytes = this.options.rings * this.options.ingressCapacityBytes;
    this.journalOpened = this.journal.start(report.place, this.events.shared, onItsWayBytes);
    this.journalOpened.catch(() => {}); // Its error is met in `ready`, and told by the journal itself.
  }

  /** The news of the exit may overtake the last replies. */
  private onExit(code: number): void {
    for (let last = this.thread.receive(); last !== undefined; last = this.thread.receive()) this.onReply(last);
    if (!this.isStopping) this.fail(new Error(`the thread ended by itself with exit code ${code}`));
    for (const asker of this.askers.values()) asker.reject(this.error ?? new EngineClosedError());
    this.askers.clear();
    this.thread.close();
  }

  private fail(cause: Error, what = "shard"): void {
    if (this.error !== undefined) return;
    this.error = new EngineFailedError(`the ${what} failed: ${cause.message}`, { cause });
    if (cause.stack !== undefined) this.error.stack = `${this.error.name}: ${this.error.message}\n${cause.stack}`;
    for (const asker of this.askers.values()) asker.reject(this.error);
    this.askers.clear();
    this.onFailure(this.error);
  }

  private startOf(options: ShardOptions): ShardStart {
    return {
      stepUrl: options.stepUrl,
      stepOptions: options.stepOptions,
      ingress: this.ingress.map((ring) => ring.shared),
      events: this.events.shared,
      signal: this.signal.shared,
      control: this.control.buffer as SharedArrayBuffer,
      counters: this.shared.shared,
      waitStrategy: options.waitStrategy,
      evictAfterMs: options.evictAfterMs,
      journal: this.journal?.shard,
    };
  }
}
