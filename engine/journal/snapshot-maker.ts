import { type Disk, pathOf } from "./disk.js";
import { JournalError } from "./journal-error.js";
import { type JournalFiles, listJournal, segmentName, snapshotName } from "./journal-files.js";
import { walkJournal } from "./journal-scan.js";
import { loadState, newestSnapshot, type Replica, replay } from "./recovery.js";
import { JOURNAL_BEGINNING, type JournalPlace, SegmentReader } from "./segment-reader.js";
import { readSnapshot, readSnapshotHeader, writeSnapshot } from "./snapshot-file.js";

export interface SnapshotOptions {
  /** Nothing behind this command goes into it: what is not durable yet could be gone after a crash that the snapshot survives. */
  readonly toSeq: number;
  readonly deflate: boolean;
  /** So many snapshots are kept, and of the journal what follows the oldest of them; 0: everything is kept. */
  readonly keep: number;
}

export interface MadeSnapshot {
  readonly path: string;
  readonly seq: number;
  readonly digest: string;
  /** Names of the files that were removed, because a verified snapshot makes them unnecessary. */
  readonly removed: readonly string[];
}

/**
 * Takes a snapshot beside a journal that is being written: a replica of its own goes from the last snapshot to the last frame whose commands are all
 * durable. The one who writes the journal does not stop for it. Once it is written it is read back into another replica, and only when that has
 * the same digest may older files go.
 *
 * Returns undefined when there is nothing new. Throws JournalError, what the disk throws, and what the replica throws.
 */
export function makeSnapshot(disk: Disk, dir: string, makeReplica: () => Replica, options: SnapshotOptions): MadeSnapshot | undefined {
  const made = write(disk, dir, makeReplica(), options);
  if (made === undefined) return undefined;
  verify(disk, made.path, made.digest, makeReplica());
  return { ...made, removed: options.keep === 0 ? [] : removeOlder(disk, dir, options.keep) };
}

function write(disk: Disk, dir: string, replica: Replica, options: SnapshotOptions): Omit<MadeSnapshot, "removed"> | undefined {
  const files = listJournal(disk, dir);
  const reader = new SegmentReader(disk, dir);
  const { snapshot } = newestSnapshot(disk, dir, files);
  const from = snapshot?.header.place ?? JOURNAL_BEGINNING;
  const place = placeAt(reader, files, from, options.toSeq);
  if (place.seq <= from.seq) return undefined;
  replica.expectEnd(place.seq);
  if (snapshot !== undefined) loadState(replica, snapshot.state, snapshot.header.path);
  replay(reader, files, replica, { from, to: place, onProgress: () => {} });
  const digest = replica.digest();
  const path = writeSnapshot(disk, dir, (out) => replica.save(out), { place, digest, deflate: options.deflate });
  return { path, seq: place.seq, digest };
}

/** Behind the last frame whose commands are all at or before `seq`. */
function placeAt(reader: SegmentReader, files: JournalFiles, from: JournalPlace, seq: number): JournalPlace {
  let last = from;
  walkJournal(reader, files, from, (_frame, _words, _at, behind) => {
    if (behind.seq <= seq) last = behind;
  });
  return last;
}

function verify(disk: Disk, path: string, digest: string, copy: Replica): void {
  const { header, state } = readSnapshot(disk, path);
  copy.expectEnd(header.place.seq);
  loadState(copy, state, path);
  const found = copy.digest();
  if (found === digest) return;
  disk.remove(path);
  throw new JournalError(
    "JOURNAL_MISMATCH",
    `${path}: read back it comes to the digest ${found}, it was written with ${digest}. It was removed; the journal is as it was. Report this`,
  );
}

/** Removes snapshots behind the `keep` newest, and segments that end before the oldest that is kept. */
function removeOlder(disk: Disk, dir: string, keep: number): string[] {
  const { segments, snapshots } = listJournal(disk, dir);
  if (snapshots.length < keep) return [];
  const [oldest] = snapshots.slice(-keep).map((seq) => pathOf(dir, snapshotName(seq)));
  const { place } = readSnapshotHeader(disk, oldest);
  const olderSnapshots = snapshots.filter((seq) => seq < place.seq).map(snapshotName);
  const removed = [...olderSnapshots, ...segments.filter((segment) => segment < place.segment).map(segmentName)];
  for (const name of removed) disk.remove(pathOf(dir, name));
  disk.syncDirectory(dir);
  return removed;
}
