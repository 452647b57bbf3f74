import type { TradingCore } from "../core/core.js";
import type { StateReport } from "../edge/report-types.js";
import { stateReport } from "../edge/state-report.js";
import { JournalError } from "../journal/journal-error.js";
import { type JournalFiles, listJournal, snapshotName } from "../journal/journal-files.js";
import { type JournalScan, refuseDamage, scanJournal } from "../journal/journal-scan.js";
import { NodeDisk } from "../journal/node-disk.js";
import { type JournalBegin, loadState, newestSnapshot, type ReplayProgress, replay } from "../journal/recovery.js";
import { JOURNAL_BEGINNING, SegmentReader } from "../journal/segment-reader.js";
import { readSnapshotHeader, type SnapshotHeader } from "../journal/snapshot-file.js";
import { tradingOptions } from "./journal-about.js";
import { StepReplica } from "./step-replica.js";
import * as tradingStep from "./trading-step.js";
import { verifySegments } from "./verify-segments.js";

/** How a journal is replayed. */
export interface ReplayOptions {
  /** The last command to apply. Default: the last that there is. */
  readonly to?: number;
  /**
   * Check every byte of every segment, begin at the journal's beginning (or the oldest snapshot) instead of the newest snapshot, compare with every
   * snapshot on the way as well, and check every invariant of the state at the end. Default false.
   */
  readonly verify?: boolean;
  /** Tell everything of the state that it leads to. Default false. */
  readonly report?: boolean;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayResult {
  /** Of the last command that was applied. */
  readonly seq: number;
  /** Of the state behind it. */
  readonly digest: string;
  /** Commands that were applied. */
  readonly replayed: number;
  /** Marks and snapshots whose digests were compared, all of them equal. */
  readonly digestsCompared: number;
  /** What it began from, if not from the beginning. */
  readonly snapshot?: string;
  /** What follows the last good frame, when it is not nothing. */
  readonly tail?: string;
  /** When it was asked for. */
  readonly report?: StateReport;
}

/**
 * Builds the state that a journal of a trading engine leads to. Blocks this thread while it replays; it changes nothing, and the journal may be in use
 * meanwhile. Rejects with JournalError when the journal is damaged, missing, or leads elsewhere than it says.
 */
export async function replayJournal(dir: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const { verify = false, to = Number.POSITIVE_INFINITY, onProgress = () => {} } = options;
  const disk = new NodeDisk();
  const files = listJournal(disk, dir);
  if (files.segments.length === 0) throw new JournalError("JOURNAL_MISSING", `${dir}: there is no journal here, not one segment`);
  if (verify) await verifySegments(disk, dir, files, onProgress);
  const { snapshot } = newestSnapshot(disk, dir, { ...files, snapshots: candidates(files, verify, to) });
  const reader = new SegmentReader(disk, dir);
  const from = snapshot?.header.place ?? JOURNAL_BEGINNING;
  const scan = scanJournal(reader, files, from, undefined, (done, of) => onProgress({ phase: "verify", done, of }));
  refuseDamage(reader, scan);
  const seq = Math.min(to, scan.end.seq);
  if (to !== Number.POSITIVE_INFINITY && to > seq)
    throw new JournalError("JOURNAL_MISSING", `${dir}: the journal ends with seq ${seq}, it has no ${to}`);
  const replica = StepReplica.create(tradingStep, tradingOptions(reader, files));
  const stops = verify ? stopsOf(disk, dir, files, from.seq, seq) : [];
  const digestsCompared = run(reader, files, replica, { snapshot, scan, seq, stops, onProgress });
  if (verify) (replica.step as TradingCore).assertConsistent();
  return {
    seq,
    digest: replica.digest(),
    replayed: seq - from.seq,
    digestsCompared,
    ...(snapshot === undefined ? {} : { snapshot: snapshot.header.path }),
    ...(options.report === true ? { report: stateReport(replica.step as TradingCore) } : {}),
    ...(scan.verdict === "clean"
      ? {}
      : { tail: `${reader.pathOf(scan.end.segment)} at offset ${scan.end.offset}: a torn tail: ${scan.text}` }),
  };
}

/** Seqs of the snapshots that a replay may begin from. */
function candidates({ segments, snapshots }: JournalFiles, verify: boolean, to: number): number[] {
  const usable = snapshots.filter((seq) => seq <= to);
  if (!verify) return usable;
  return segments[0] === JOURNAL_BEGINNING.segment ? [] : usable.slice(0, 1);
}

/** Snapshots between two commands, in order. */
function stopsOf(disk: NodeDisk, dir: string, files: JournalFiles, fromSeq: number, toSeq: number): SnapshotHeader[] {
  const seqs = files.snapshots.filter((seq) => seq > fromSeq && seq <= toSeq);
  return seqs.map((seq) => readSnapshotHeader(disk, `${dir}/${snapshotName(seq)}`));
}

interface Run {
  readonly snapshot: JournalBegin["snapshot"];
  readonly scan: JournalScan;
  readonly seq: number;
  readonly stops: readonly SnapshotHeader[];
  readonly onProgress: (progress: ReplayProgress) => void;
}

/** Returns how many digests were compared. */
function run(reader: SegmentReader, files: JournalFiles, replica: StepReplica, { snapshot, scan, seq, stops, onProgress }: Run): number {
  replica.expectEnd(scan.end.seq);
  if (snapshot !== undefined) loadState(replica, snapshot.state, snapshot.header.path);
  let compared = 0;
  let from = snapshot?.header.place ?? JOURNAL_BEGINNING;
  for (const { place, digest, path } of stops) {
    compared += replay(reader, files, replica, { from, to: place, onProgress }).digestsCompared + 1;
    const found = replica.digest();
    if (found !== digest)
      throw new JournalError(
        "JOURNAL_MISMATCH",
        `${path}: it was taken with the digest ${digest}, the replay comes to ${found}. Remove the snapshot, and report this`,
      );
    from = place;
  }
  return compared + replay(reader, files, replica, { from, to: scan.end, toSeq: seq, onProgress }).digestsCompared;
}
