import { type Disk, writeAll } from "./disk.js";
import type { FoundFrame } from "./frame.js";
import { JournalError } from "./journal-error.js";
import type { JournalFiles } from "./journal-files.js";
import type { FrameHandler, JournalPlace, SegmentEnd, SegmentReader } from "./segment-reader.js";

/** What a journal is like from a place on. */
export interface JournalScan {
  /** Behind the last frame that is good, and everything before it is. */
  readonly end: JournalPlace;
  /** What is there instead of the next frame. */
  readonly fault: SegmentEnd["fault"];
  readonly text: string;
  /** A whole frame behind the end that does not follow. */
  readonly later: { readonly frame: FoundFrame; readonly path: string } | undefined;
  /**
   * `clean`: nothing is behind the end. `torn`: what is there was never durable, and is cut. `corrupt`: a frame that was durable is damaged
   * or gone. `newer`: the next frame is of a later format.
   */
  readonly verdict: "clean" | "torn" | "corrupt" | "newer";
}

/** Gets the segments that have been read, and how many there are from the beginning on. */
export type ScanProgress = (segments: number, ofSegments: number) => void;

/**
 * Walks the good frames of the journal from `from` on, across segments, until one does not follow. Throws JournalError JOURNAL_MISSING when the segment of
 * `from` is not there.
 */
export function walkJournal(
  reader: SegmentReader,
  files: JournalFiles,
  from: JournalPlace,
  onFrame: FrameHandler,
  onProgress: ScanProgress = () => {},
): SegmentEnd {
  const segments = files.segments.filter((segment) => segment >= from.segment);
  if (segments[0] !== from.segment) {
    if (segments.length === 0 && from.number === 0) return { place: from, fault: "empty", text: "there is no segment yet" };
    throw missing(reader, from);
  }
  reader.open(from.segment);
  let end = reader.walk(from, onFrame);
  onProgress(1, segments.length);
  // What a disk has put behind a segment's last frame by mistake is no harm: the chain says whether the next segment goes on from there.
  for (let index = 1; index < segments.length && end.fault !== "newer"; index++) {
    const segment = segments[index];
    if (segment !== end.place.segment + 1) {
      if (end.fault !== "broken") end = { ...end, text: `it goes on in ${reader.pathOf(end.place.segment + 1)}, which is missing` };
      break;
    }
    reader.open(segment);
    const next = reader.walk({ ...end.place, segment, offset: 0 }, onFrame);
    onProgress(index + 1, segments.length);
    // A segment without a frame that follows is where the last one would have gone on: what is wrong is judged from there.
    if (next.place.number === end.place.number && next.fault !== "newer") {
      if (end.fault !== "broken") end = { ...end, text: `it goes on in ${reader.pathOf(segment)} at offset 0: ${next.text}` };
      break;
    }
    end = next;
  }
  return end;
}

function missing(reader: SegmentReader, { segment, seq }: JournalPlace): JournalError {
  const path = reader.pathOf(segment);
  return new JournalError(
    "JOURNAL_MISSING",
    `${path} is missing: the journal goes on there behind seq ${seq}. Put the file back from a copy`,
  );
}

/** Reads the journal from `from` to its end and judges what is behind that. Throws as `walkJournal` does. */
export function scanJournal(
  reader: SegmentReader,
  files: JournalFiles,
  from: JournalPlace,
  onFrame: FrameHandler = () => {},
  onProgress?: ScanProgress,
): JournalScan {
  const { place: end, fault, text } = walkJournal(reader, files, from, onFrame, onProgress);
  if (fault === "newer") return { end, fault, text, later: undefined, verdict: "newer" };
  const segments = files.segments.filter((segment) => segment >= end.segment);
  const later = findLater(reader, segments, end);
  const isCorrupt = later !== undefined && later.frame.syncedNumber > end.number;
  if (isCorrupt) return { end, fault, text, later, verdict: "corrupt" };
  const isTorn = later !== undefined || hasRest(reader, segments, end);
  return { end, fault, text, later, verdict: isTorn ? "torn" : "clean" };
}

/** Whether anything but zeros is behind the end, in its segment. */
function hasRest(reader: SegmentReader, segments: readonly number[], end: JournalPlace): boolean {
  if (!segments.includes(end.segment)) return false;
  reader.open(end.segment);
  return reader.writtenEnd() > end.offset;
}

/**
 * The later frame that says most: one that knows the frame at the end to have been durable, or else the first. All are looked at, because
 * of several that were lost together only those of the next sync tell.
 */
function findLater(reader: SegmentReader, segments: readonly number[], end: JournalPlace): JournalScan["later"] {
  let first: JournalScan["later"];
  for (const segment of segments) {
    reader.open(segment);
    let offset = segment === end.segment ? end.offset : 0;
    for (;;) {
      const frame = reader.findFrame(segment, offset, end.number);
      if (frame === undefined) break;
      const later = { frame, path: reader.pathOf(segment) };
      if (frame.syncedNumber > end.number) return later;
      first ??= later;
      offset = frame.offset + 8;
    }
  }
  return first;
}

/** Throws JournalError when a person has to look at the journal before anything is written behind its end. */
export function refuseDamage(reader: SegmentReader, scan: JournalScan): void {
  const { end, text, later, verdict } = scan;
  const place = `${reader.pathOf(end.segment)} at offset ${end.offset}`;
  if (verdict === "newer") {
    throw new JournalError("JOURNAL_VERSION", `${place}: ${text}. A newer ringbook has written it: start that one`);
  }
  if (verdict !== "corrupt" || later === undefined) return;
  const { frame, path } = later;
  throw new JournalError(
    "JOURNAL_CORRUPT",
    `${place}: frame ${end.number + 1}, behind seq ${end.seq}, is damaged: ${text}. It was durable: ${path} has frame ${frame.number} ` +
      `at offset ${frame.offset}, from seq ${frame.firstSeq} on, which was written later. ` +
      "Put the file back from a copy; or start with the option to cut (cutDamage, --cut-damage), which loses every command behind " +
      `seq ${end.seq}, acknowledged ones too, and keeps what is cut beside the journal`,
  );
}

/**
 * Makes everything behind `end` as if it had never been written: the rest of its segment is zeros again, later segments are gone. What held
 * whole frames is kept in files of its own, for people. Safe to repeat after a crash within.
 */
export function cutBehind(disk: Disk, dir: string, reader: SegmentReader, files: JournalFiles, scan: JournalScan): void {
  const { end, later } = scan;
  for (const segment of files.segments.filter((candidate) => candidate > end.segment)) {
    const path = reader.pathOf(segment);
    if (later === undefined) disk.remove(path);
    else disk.rename(path, `${path}.cut-${end.number}`);
  }
  if (files.segments.includes(end.segment)) blankRest(disk, reader, scan);
  disk.syncDirectory(dir);
}

function blankRest(disk: Disk, reader: SegmentReader, { end, later }: JournalScan): void {
  reader.open(end.segment);
  const writtenEnd = reader.writtenEnd();
  if (writtenEnd <= end.offset) return;
  const path = reader.pathOf(end.segment);
  if (later !== undefined) {
    const copy = disk.create(`${path}.cut-${end.number}`);
    writeAll(copy, reader.copy(end.offset, writtenEnd), 0);
    copy.sync();
    copy.close();
  }
  const file = disk.openToWrite(path);
  try {
    writeAll(file, new Uint8Array(writtenEnd - end.offset), end.offset);
    file.sync();
  } finally {
    file.close();
  }
}
