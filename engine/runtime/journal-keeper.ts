import { createHash } from "node:crypto";
import type { SetUpCommand } from "../edge/types.js";
import { SetUpMark } from "../wire/flyweights.js";
import type { CheckedJournal } from "./journal-config.js";
import type { JournalHost, JournalOptions } from "./journal-host.js";
import { JournalLock } from "./journal-lock.js";
import type { JournalCounterName, RecoveryReport } from "./journal-shared.js";
import { type LedgerSummary, RecoveredSessions } from "./session-ledger.js";
import type { ShardHost } from "./shard-host.js";
import { type SnapshotInfo, SnapshotTaker } from "./snapshot-taker.js";

/** How an engine's journal stands. */
export interface JournalStatus extends Readonly<Record<JournalCounterName, number>> {
  readonly dir: string;
  /** Whether the disk is full: nothing is taken until it is not. */
  readonly isFull: boolean;
  /** What the start has found. */
  readonly recovery: Omit<RecoveryReport, "summary" | "place"> & { readonly lastSeq: number };
  /** The newest snapshot that was taken since the start. */
  readonly snapshot: SnapshotInfo | undefined;
  /** Why the last attempt at a snapshot has failed, when it has. */
  readonly snapshotError: string | undefined;
}

/** Who has snapshots taken; see SnapshotTaker. */
export type Snapshots = Pick<SnapshotTaker, "newest" | "lastError" | "begin" | "take" | "end">;

interface StepOfEngine {
  readonly stepUrl: string;
  readonly stepOptions: unknown;
}

/** Everything about an engine's journal that is no thread: its lock, what was recovered, snapshots. Engine thread only. */
export class JournalKeeper {
  recovered: RecoveredSessions | undefined;
  private report: RecoveryReport | undefined;
  private setUpDigest = "";

  /** `lock` keeps the folder for this process. */
  protected constructor(
    private readonly journal: CheckedJournal,
    private readonly lock: Pick<JournalLock, "release">,
    private readonly step: StepOfEngine,
    private readonly snapshots: Snapshots,
  ) {}

  /** Takes the folder for this process. Throws JournalError. */
  static open(journal: CheckedJournal, step: StepOfEngine): JournalKeeper {
    return new JournalKeeper(journal, JournalLock.acquire(journal.dir), step, new SnapshotTaker(journal, step));
  }

  get dir(): string {
    return this.journal.dir;
  }

  /** What the threads need. */
  get options(): JournalOptions {
    const { stepUrl, stepOptions } = this.step;
    const module = stepUrl.slice(stepUrl.lastIndexOf("/") + 1);
    const about = {
      program: "ringbook",
      node: process.version,
      pid: process.pid,
      startedAt: new Date().toISOString(),
      module,
      stepOptions,
    };
    return { ...this.journal, about };
  }

  /** Takes over what the recovery has come to. Returns the highest session id that was used. */
  learn(report: RecoveryReport): number {
    this.report = report;
    const summary = report.summary as LedgerSummary | undefined;
    if (summary === undefined) return 0;
    this.setUpDigest = summary.setUpDigest;
    const sessions = new RecoveredSessions(summary);
    if (report.place.seq > 0) this.recovered = sessions;
    return sessions.lastSession;
  }

  /** Whether exactly these declarations were set up before. */
  isSetUp(commands: readonly SetUpCommand[]): boolean {
    return this.setUpDigest === digestOf(commands);
  }

  /** Writes the note that they are. Returns its length in bytes. */
  writeSetUpMark(commands: readonly SetUpCommand[], words: Int32Array, at: number): number {
    SetUpMark.init(words, at, 0, 0);
    SetUpMark.setDigest(words, at, digestOf(commands));
    return SetUpMark.RECORD_BYTES;
  }

  /** The engine is ready: snapshots are taken from now on. */
  begin(host: ShardHost): void {
    if (host.journal !== undefined && this.report !== undefined) this.snapshots.begin(host.journal, this.report);
  }

  /** Takes a snapshot of what is durable now. Rejects with what kept it from that. */
  takeSnapshot(): Promise<SnapshotInfo> {
    return this.snapshots.take();
  }

  status(host: JournalHost): JournalStatus {
    const { summary: _summary, place, ...rest } = this.report ?? NOTHING_RECOVERED;
    const { newest: snapshot, lastError: snapshotError } = this.snapshots;
    const recovery = { ...rest, lastSeq: place.seq };
    return { ...host.readCounters(), dir: this.journal.dir, isFull: host.isFull, recovery, snapshot, snapshotError };
  }

  /** Gives the folder back, when nothing else writes there any more. Safe to call twice. */
  async close(): Promise<void> {
    await this.snapshots.end();
    this.lock.release();
  }
}

const NOTHING_RECOVERED: RecoveryReport = {
  place: { segment: 1, offset: 0, number: 0, crc: 0, epoch: 0, seq: 0 },
  snapshot: undefined,
  badSnapshots: [],
  replayed: 0,
  digestsCompared: 0,
  cut: false,
  tookMs: 0,
  summary: undefined,
};

function digestOf(commands: readonly SetUpCommand[]): string {
  return createHash("sha256").update(JSON.stringify(commands)).digest("hex");
}
