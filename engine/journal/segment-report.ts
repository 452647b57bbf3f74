import type { Disk } from "./disk.js";
import { type FrameStep, JOURNAL_BEGINNING, type JournalPlace, SegmentReader } from "./segment-reader.js";

/** What one segment is like by itself. By structured clone. */
export interface SegmentReport {
  readonly segment: number;
  /** Before its first frame, as that says; undefined: it has none. */
  readonly begin: JournalPlace | undefined;
  readonly end: JournalPlace;
  readonly frames: number;
}

/** Reads one segment from its first frame on. */
export function reportSegment(disk: Disk, dir: string, segment: number): SegmentReport {
  const reader = new SegmentReader(disk, dir);
  reader.open(segment);
  const first = reader.step({ ...JOURNAL_BEGINNING, segment }, false);
  if ("fault" in first) return { segment, begin: undefined, end: first.place, frames: 0 };
  let frames = 1;
  const { place: end } = reader.walk(first.behind, () => {
    frames++;
  });
  return { segment, begin: before(first), end, frames };
}

/** Where the journal stood before a frame, as far as the frame tells. */
function before({ frame }: FrameStep): JournalPlace {
  const { segment, offset, number, previousCrc, epoch, firstSeq } = frame;
  return { segment, offset, number: number - 1, crc: previousCrc, epoch, seq: firstSeq - 1 };
}
