/** How the files of a journal are called. All of them lie in one folder; others that are there are left alone. */
import type { Disk } from "./disk.js";

const SEGMENT = /^segment-(\d{10})\.rbj$/;
const SNAPSHOT = /^snapshot-(\d{16})\.rbs$/;

/** The segment that is made ahead. */
export const SPARE_NAME = "spare.rbj";
/** Files that are still being written; what a crash leaves of them is removed. */
export const SPARE_UNFINISHED_NAME = "spare.tmp";
export const SNAPSHOT_UNFINISHED_NAME = "snapshot.tmp";

export function segmentName(segment: number): string {
  return `segment-${String(segment).padStart(10, "0")}.rbj`;
}

/** `seq`: that of the last command which is in it. */
export function snapshotName(seq: number): string {
  return `snapshot-${String(seq).padStart(16, "0")}.rbs`;
}

/** The number that a segment's name carries; undefined for another file. */
export function segmentOf(name: string): number | undefined {
  const found = SEGMENT.exec(name);
  return found === null ? undefined : Number(found[1]);
}

/** The seq that a snapshot's name carries; undefined for another file. */
export function snapshotSeqOf(name: string): number | undefined {
  const found = SNAPSHOT.exec(name);
  return found === null ? undefined : Number(found[1]);
}

export interface JournalFiles {
  /** Numbers of the segments that are there, ascending. */
  readonly segments: readonly number[];
  /** Seqs of the snapshots that are there, ascending. */
  readonly snapshots: readonly number[];
  readonly hasSpare: boolean;
}

export function listJournal(disk: Disk, dir: string): JournalFiles {
  const names = disk.list(dir);
  const numbers = (of: (name: string) => number | undefined): number[] =>
    names
      .map(of)
      .filter((number) => number !== undefined)
      .sort((one, other) => one - other);
  return { segments: numbers(segmentOf), snapshots: numbers(snapshotSeqOf), hasSpare: names.includes(SPARE_NAME) };
}
