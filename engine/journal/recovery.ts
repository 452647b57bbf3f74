import { StateReader, type StateWriter } from "../step.js";
import { type Disk, pathOf, writeAll } from "./disk.js";
import type { FoundFrame } from "./frame.js";
import { JournalError } from "./journal-error.js";
import {
  type JournalFiles,
  listJournal,
  SNAPSHOT_UNFINISHED_NAME,
  SPARE_NAME,
  SPARE_UNFINISHED_NAME,
  segmentName,
  snapshotName,
} from "./journal-files.js";
import { cutBehind, type JournalScan, refuseDamage, scanJournal, walkJournal } from "./journal-scan.js";
import { isNote, markedDigest } from "./notes.js";
import { eachRecord, JOURNAL_BEGINNING, type JournalPlace, SegmentReader } from "./segment-reader.js";
import { readSnapshot, type SnapshotHeader } from "./snapshot-file.js";

/** What follows a journal: a Step, and whatever else follows from its commands and events. */
export interface Replica {
  /** Told once, before anything else: the last command that there is. */
  expectEnd(seq: number): void;
  /** The next command. */
  apply(words: Int32Array, at: number): void;
  /** A note of the journal's own, where it lay. */
  note(words: Int32Array, at: number): void;
  save(out: StateWriter): void;
  /** Before anything was applied. Throws RangeError when the state does not fit. */
  load(input: StateReader): void;
  /** That of the Step. */
  digest(): string;
}

/** How far a recovery or a replay is. `verify` counts segments, `load` bytes, `replay` commands. */
export interface ReplayProgress {
  readonly phase: "verify" | "load" | "replay";
  readonly done: number;
  readonly of: number;
}

export interface RecoveryOptions {
  /** An operator's word: cut at the first damage, although durable commands follow it. */
  readonly cutDamage?: boolean;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface Recovery {
  /** Where the journal goes on. */
  readonly place: JournalPlace;
  /** What was begun with, undefined: with nothing. */
  readonly snapshot: SnapshotHeader | undefined;
  /** Snapshots that could not be used, and why. */
  readonly badSnapshots: readonly string[];
  /** Commands that were applied behind it. */
  readonly replayed: number;
  /** Digests that were compared, all of them equal. */
  readonly digestsCompared: number;
  /** Whether something was cut: a torn tail, or what an operator wanted gone. */
  readonly cut: boolean;
}

/**
 * Brings a replica to the journal's end and makes that end fit to be written on: loads the newest snapshot that is whole, verifies
 * everything behind it before it applies any of it, compares digests at the marks, and cuts a torn tail. It is the only writer of the journal
 * meanwhile. A folder that is empty or not there is a new journal.
 *
 * Throws JournalError when a person is needed; then nothing was changed. Throws what the replica throws for a state that does not fit.
 */
export function recover(disk: Disk, dir: string, replica: Replica, options: RecoveryOptions = {}): Recovery {
  disk.makeDirectory(dir);
  removeUnfinished(disk, dir);
  const files = listJournal(disk, dir);
  const reader = new SegmentReader(disk, dir);
  const begin = newestSnapshot(disk, dir, files);
  const from = begin.snapshot?.header.place ?? JOURNAL_BEGINNING;
  const { onProgress = () => {} } = options;
  const unsure = new UnsureFrames();
  const scan = scanJournal(
    reader,
    files,
    from,
    (frame) => unsure.follow(frame),
    (done, of) => onProgress({ phase: "verify", done, of }),
  );
  if (options.cutDamage !== true || scan.verdict === "newer") refuseDamage(reader, scan);
  replica.expectEnd(scan.end.seq);
  if (begin.snapshot !== undefined) {
    const { length } = begin.snapshot.state;
    onProgress({ phase: "load", done: 0, of: length });
    loadState(replica, begin.snapshot.state, begin.snapshot.header.path);
    onProgress({ phase: "load", done: length, of: length });
  }
  const replayed = replay(reader, files, replica, { from, to: scan.end, onProgress });
  finish(disk, dir, reader, files, scan, unsure.offsetIn(scan.end.segment));
  reader.close();
  return {
    place: scan.end,
    snapshot: begin.snapshot?.header,
    badSnapshots: begin.bad,
    replayed: scan.end.seq - from.seq,
    digestsCompared: replayed.digestsCompared,
    cut: scan.verdict === "torn" || scan.verdict === "corrupt",
  };
}

const FRAMES_PER_PROGRESS = 64;

interface ReplayRange {
  readonly from: JournalPlace;
  /** Nothing behind it is applied. */
  readonly to: JournalPlace;
  readonly onProgress: (progress: ReplayProgress) => void;
  /** Applies no command above it. Default: all. */
  readonly toSeq?: number;
}

/** Applies what was verified before. Throws JournalError JOURNAL_MISMATCH. */
export function replay(reader: SegmentReader, files: JournalFiles, replica: Replica, range: ReplayRange): { digestsCompared: number } {
  const { from, to, onProgress, toSeq = Number.POSITIVE_INFINITY } = range;
  let digestsCompared = 0;
  let seq = from.seq;
  const last = Math.min(to.seq, toSeq);
  const of = last - from.seq;
  const onRecord = (words: Int32Array, at: number): void => {
    if (isNote(words, at)) {
      if (seq > last) return;
      digestsCompared += compareDigest(replica, words, at, seq);
      replica.note(words, at);
      return;
    }
    seq++;
    if (seq <= last) replica.apply(words, at);
  };
  const segments = files.segments.filter((segment) => segment <= to.segment);
  walkJournal(reader, { ...files, segments }, from, (frame, words, at) => {
    if (frame.number > to.number || frame.firstSeq > last + 1) return;
    eachRecord(frame, words, at, onRecord);
    if (frame.number % FRAMES_PER_PROGRESS === 0) onProgress({ phase: "replay", done: Math.min(seq, last) - from.seq, of });
  });
  onProgress({ phase: "replay", done: of, of });
  return { digestsCompared };
}

function compareDigest(replica: Replica, words: Int32Array, at: number, seq: number): number {
  const marked = markedDigest(words, at);
  if (marked === undefined) return 0;
  const digest = replica.digest();
  if (digest === marked) return 1;
  throw new JournalError(
    "JOURNAL_MISMATCH",
    `the replay comes to another state than was noted behind seq ${seq}: digest ${digest}, noted ${marked}. ` +
      "Start the version of ringbook that wrote this journal, and report it: a replay must give the same bits",
  );
}

export interface JournalBegin {
  readonly snapshot: { readonly header: SnapshotHeader; readonly state: Uint8Array } | undefined;
  /** Those that are not, and why. */
  readonly bad: readonly string[];
}

/** What a replay can begin from: the newest snapshot that is whole and whose place is there. Without one the journal must be there from its beginning. */
export function newestSnapshot(disk: Disk, dir: string, files: JournalFiles): JournalBegin {
  const bad: string[] = [];
  for (const seq of [...files.snapshots].reverse()) {
    const path = pathOf(dir, snapshotName(seq));
    try {
      const snapshot = readSnapshot(disk, path);
      const { segment } = snapshot.header.place;
      if (files.segments.includes(segment)) return { snapshot, bad };
      bad.push(`${path}: ${segmentName(segment)}, where the journal goes on, is missing`);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== "JOURNAL_CORRUPT") throw error;
      bad.push(error.message);
    }
  }
  const [first] = files.segments;
  if (first === undefined ? bad.length === 0 : first === JOURNAL_BEGINNING.segment) return { snapshot: undefined, bad };
  const where = first === undefined ? "there is no segment" : `the first segment is ${segmentName(first)}`;
  throw new JournalError(
    "JOURNAL_MISSING",
    `${dir}: ${where}, and no snapshot reaches it. Put the missing files back from a copy.${bad.map((text) => `\n  ${text}`).join("")}`,
  );
}

/** Throws what the replica throws, and JournalError. */
export function loadState(replica: Replica, state: Uint8Array, path: string): void {
  const input = new StateReader(state);
  replica.load(input);
  if (!input.isAtEnd) throw new JournalError("JOURNAL_CORRUPT", `${path}: there are bytes behind the state's end. Remove the file`);
}

function removeUnfinished(disk: Disk, dir: string): void {
  const names = disk.list(dir);
  for (const name of [SPARE_UNFINISHED_NAME, SNAPSHOT_UNFINISHED_NAME]) if (names.includes(name)) disk.remove(pathOf(dir, name));
}

/** The frames that nothing says of that they are durable: those behind the last one which the newest frame knew to be. */
class UnsureFrames {
  private frames: FoundFrame[] = [];

  /** The next frame. */
  follow(frame: FoundFrame): void {
    const { frames } = this;
    let known = 0;
    while (known < frames.length && frames[known].number <= frame.syncedNumber) known++;
    if (known > 0) frames.splice(0, known);
    frames.push(frame);
  }

  /** Of the first of them in a segment; Infinity: there is none. */
  offsetIn(segment: number): number {
    return this.frames.find((frame) => frame.segment === segment)?.offset ?? Number.POSITIVE_INFINITY;
  }
}

/**
 * What was read may still be in the memory of the operating system only, when it was a process that died and no machine: it is made
 * durable before anything is written that says so. Behind `unsureFrom` it is written again for that: when it was a sync that failed, the operating system
 * takes the bytes for written, and another sync would say so too, without them.
 *
 * The spare goes: a disk that forgets a rename brings a used segment back under its name, and the frames in it would follow again. A spare
 * is trusted only by the life that has made it.
 */
function finish(disk: Disk, dir: string, reader: SegmentReader, files: JournalFiles, scan: JournalScan, unsureFrom: number): void {
  const { end } = scan;
  if (files.hasSpare) disk.remove(pathOf(dir, SPARE_NAME));
  const isMoreBehind = files.segments.some((segment) => segment > end.segment);
  if (scan.verdict !== "clean" || isMoreBehind) cutBehind(disk, dir, reader, files, scan);
  if (!files.segments.includes(end.segment)) return;
  const file = disk.openToWrite(reader.pathOf(end.segment));
  if (unsureFrom < end.offset) {
    reader.open(end.segment);
    writeAll(file, reader.copy(unsureFrom, end.offset), unsureFrom);
  }
  file.sync();
  file.close();
  disk.syncDirectory(dir);
}
