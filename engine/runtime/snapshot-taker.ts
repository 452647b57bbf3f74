import { Piscina } from "piscina";
import { JournalError } from "../journal/journal-error.js";
import type { MadeSnapshot } from "../journal/snapshot-maker.js";
import type { CheckedJournal } from "./journal-config.js";
import type { JournalHost } from "./journal-host.js";
import type { RecoveryReport } from "./journal-shared.js";
import type { JournalTask } from "./journal-task-worker.js";

/** A snapshot that is written and verified. */
export interface SnapshotInfo extends MadeSnapshot {
  readonly tookMs: number;
}

const LOOK_MS = 1000;
const IDLE_MS = 5000;

/**
 * Has snapshots taken on a pool's thread, which follows the journal by itself: neither shard nor journal stop for it. One at a time. It needs the
 * memory of a second engine, and a processor for as long as the replay takes. Engine thread only.
 */
export class SnapshotTaker {
  newest: SnapshotInfo | undefined;
  lastError: string | undefined;
  private pool: Piscina | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private host: JournalHost | undefined;
  private nextAtSeq = Number.POSITIVE_INFINITY;
  private running: Promise<SnapshotInfo> | undefined;
  private ending: Promise<void> | undefined;

  constructor(
    private readonly journal: CheckedJournal,
    private readonly step: { readonly stepUrl: string; readonly stepOptions: unknown },
  ) {}

  /** Looks from now on whether one is due. */
  begin(host: JournalHost, { place, replayed }: RecoveryReport): void {
    const { snapshotEvery } = this.journal;
    this.host = host;
    if (snapshotEvery === 0) return;
    this.nextAtSeq = place.seq - replayed + snapshotEvery;
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  /** One that is being taken counts. Rejects with what kept it from that; NO_SNAPSHOT when nothing has come since the last one. */
  take(): Promise<SnapshotInfo> {
    if (this.running !== undefined) return this.running;
    const taking = this.run();
    this.running = taking;
    const done = (): void => {
      this.running = undefined;
    };
    taking.then(done, done);
    return taking;
  }

  /** Stops one that is being taken; nothing of it is left but an unfinished file, which the next start removes. Safe to call twice. */
  end(): Promise<void> {
    clearInterval(this.timer);
    this.ending ??= this.pool?.destroy() ?? Promise.resolve();
    return this.ending;
  }

  private look(): void {
    const { syncedSeq } = (this.host as JournalHost).readCounters();
    if (syncedSeq < this.nextAtSeq || this.running !== undefined) return;
    // A failure waits for its next turn too: it would fail again.
    this.nextAtSeq = syncedSeq + this.journal.snapshotEvery;
    this.take().catch(() => {}); // It is in `lastError`.
  }

  private async run(): Promise<SnapshotInfo> {
    const startMs = performance.now();
    try {
      if (this.host === undefined || this.ending !== undefined) throw new JournalError("NO_SNAPSHOT", "the engine takes no snapshots now");
      const made = (await this.poolOf().run(this.task(this.host), { name: "run" })) as MadeSnapshot | undefined;
      if (made === undefined) throw new JournalError("NO_SNAPSHOT", "nothing has become durable since the last snapshot");
      this.newest = { ...made, tookMs: performance.now() - startMs };
      this.lastError = undefined;
      return this.newest;
    } catch (error) {
      this.lastError = (error as Error).message;
      throw error;
    }
  }

  private task(host: JournalHost): JournalTask {
    const { dir, compressSnapshots: deflate, keepSnapshots: keep } = this.journal;
    return { kind: "snapshot", dir, ...this.step, options: { toSeq: host.readCounters().syncedSeq, deflate, keep } };
  }

  /** Its thread ends when it has nothing to do. Atomics off: a thread that waits for tasks in them does nothing else. */
  private poolOf(): Piscina {
    this.pool ??= new Piscina({
      filename: new URL("./journal-task-worker.js", import.meta.url).href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      atomics: "disabled",
    });
    return this.pool;
  }
}
