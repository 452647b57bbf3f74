import { HEADER_BYTES } from "../wire/header.js";
import { type Disk, pathOf } from "./disk.js";
import {
  type FoundFrame,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC_BYTES,
  frameBytes,
  isFrame,
  KIND_RECORDS,
  KIND_START,
  readFrame,
} from "./frame.js";
import { segmentName } from "./journal-files.js";
import { isNote } from "./notes.js";

/** Where the journal goes on: behind the last frame that is whole and follows the one before it. */
export interface JournalPlace {
  readonly segment: number;
  readonly offset: number;
  /** Of the last frame; 0 before the first. */
  readonly number: number;
  readonly crc: number;
  readonly epoch: number;
  /** Of the last command; 0 before the first. */
  readonly seq: number;
}

/** Before the first frame of a new journal. */
export const JOURNAL_BEGINNING: JournalPlace = { segment: 1, offset: 0, number: 0, crc: 0, epoch: 0, seq: 0 };

/** Gets each frame in order: its header, its payload in `words` from word `at` on, and the place behind it. */
export type FrameHandler = (frame: FoundFrame, words: Int32Array, at: number, behind: JournalPlace) => void;

/** A frame that follows: its header, its payload in `words` from word `at` on, and the place behind it. */
export interface FrameStep {
  readonly frame: FoundFrame;
  readonly words: Int32Array;
  readonly at: number;
  readonly behind: JournalPlace;
}

/** How reading a segment ended. */
export interface SegmentEnd {
  readonly place: JournalPlace;
  /** What is there instead of the next frame. `full`: nothing, the segment is used up. */
  readonly fault: "empty" | "full" | "broken" | "newer";
  readonly text: string;
}

/**
 * Reads whole segments into memory of its own, one at a time, and walks their frames. A handler that wants to keep something of a frame must
 * copy it. One thread.
 */
export class SegmentReader {
  /** The segment that is in memory. */
  private bytes = new Uint8Array(0);
  private words = new Int32Array(0);
  private view = new DataView(this.bytes.buffer);
  private used = 0;
  private opened = 0;

  constructor(
    private readonly disk: Disk,
    private readonly dir: string,
  ) {}

  /**
   * Takes a segment into memory, as it is now; does nothing when it is there already, so a journal that others write at is read by a new reader. Throws what
   * the disk throws. A file that is longer than the frames in it is the rule: segments are made at full length.
   */
  open(segment: number): void {
    if (segment === this.opened) return;
    this.opened = 0;
    const file = this.disk.openToRead(this.pathOf(segment));
    try {
      const sizeBytes = file.sizeBytes();
      if (this.bytes.length < sizeBytes) this.grow(sizeBytes);
      this.used = file.read(this.bytes.subarray(0, sizeBytes), 0);
      this.opened = segment;
    } finally {
      file.close();
    }
  }

  /** Gives the memory back. */
  close(): void {
    this.grow(0);
    this.used = 0;
    this.opened = 0;
  }

  pathOf(segment: number): string {
    return pathOf(this.dir, segmentName(segment));
  }

  /** Walks the open segment from `from` on, as long as each frame follows the one before it. */
  walk(from: JournalPlace, onFrame: FrameHandler): SegmentEnd {
    let place = from;
    for (;;) {
      const step = this.step(place);
      if ("fault" in step) return step;
      place = step.behind;
      onFrame(step.frame, step.words, step.at, place);
    }
  }

  /** The frame at a place of the open segment, or what is there instead. `anchored` false: whatever frame is there is believed to follow. */
  step(place: JournalPlace, anchored = true): FrameStep | SegmentEnd {
    const { segment, offset } = place;
    if (offset === this.used) return { place, fault: "full", text: "the segment is used up" };
    const frame = readFrame(this.bytes, this.view, offset, this.used, segment, offset);
    if (!isFrame(frame)) return { place, fault: frame.fault, text: frame.text };
    const fault = anchored ? brokenLink(place, frame) : undefined;
    if (fault !== undefined) return { place, fault: "broken", text: fault };
    const at = (offset + FRAME_HEADER_BYTES) >> 2;
    const commands = commandsIn(frame, this.words, at);
    if (commands < 0) return { place, fault: "broken", text: "its records do not fill its payload" };
    return { frame, words: this.words, at, behind: placeBehind(frame, frame.firstSeq + commands - 1) };
  }

  /** The first whole frame at or behind `offset` of the open segment with a number above `number`, wherever it stands. */
  findFrame(segment: number, offset: number, number: number): FoundFrame | undefined {
    const bytes = Buffer.from(this.bytes.buffer, 0, this.used);
    for (let at = bytes.indexOf(FRAME_MAGIC_BYTES, offset); at >= 0; at = bytes.indexOf(FRAME_MAGIC_BYTES, at + 4)) {
      if (at % 8 !== 0) continue;
      const found = readFrame(this.bytes, this.view, at, this.used, segment, at);
      if (isFrame(found) && found.number > number) return found;
    }
    return undefined;
  }

  /** Behind the last byte of the open segment that is not zero. */
  writtenEnd(): number {
    const { bytes, words } = this;
    let end = this.used;
    while (end % 4 !== 0 && bytes[end - 1] === 0) end--;
    if (end % 4 !== 0) return end;
    let word = end >> 2;
    while (word > 0 && words[word - 1] === 0) word--;
    end = word << 2;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return end;
  }

  /** A copy of the open segment's bytes from `offset` to `end`. */
  copy(offset: number, end: number): Uint8Array {
    return this.bytes.slice(offset, end);
  }

  private grow(sizeBytes: number): void {
    const buffer = new ArrayBuffer(Math.ceil(sizeBytes / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** Calls `onRecord` for every record of a frame, notes included; `at` is its word index. */
export function eachRecord(frame: FoundFrame, words: Int32Array, at: number, onRecord: (words: Int32Array, at: number) => void): void {
  if (frame.kind !== KIND_RECORDS) return;
  let next = at;
  for (let record = 0; record < frame.records; record++) {
    const lengthWords = words[next] >> 2;
    onRecord(words, next);
    next += lengthWords;
  }
}

/** How many commands a frame has; −1 when its records do not fill its payload. */
function commandsIn(frame: FoundFrame, words: Int32Array, at: number): number {
  if (frame.kind !== KIND_RECORDS) return 0;
  const end = at + (frame.payloadBytes >> 2);
  let next = at;
  let commands = 0;
  for (let record = 0; record < frame.records; record++) {
    const lengthBytes = next < end ? words[next] : 0;
    if (lengthBytes < HEADER_BYTES || lengthBytes % 8 !== 0) return -1;
    if (!isNote(words, next)) commands++;
    next += lengthBytes >> 2;
  }
  return next === end ? commands : -1;
}

function placeBehind(frame: FoundFrame, seq: number): JournalPlace {
  const { segment, number, crc, epoch } = frame;
  return { segment, offset: frame.offset + frameBytes(frame), number, crc, epoch, seq };
}

/** Why a frame, whole in itself, does not follow what was read before it. */
function brokenLink(place: JournalPlace, frame: FoundFrame): string | undefined {
  if (frame.number !== place.number + 1) return `it is frame ${frame.number}, expected ${place.number + 1}`;
  if (frame.previousCrc !== place.crc) return `it does not follow the frame before it: the chain is broken`;
  if (frame.firstSeq !== place.seq + 1) return `it begins with seq ${frame.firstSeq}, expected ${place.seq + 1}`;
  const epoch = frame.kind === KIND_START ? place.epoch + 1 : place.epoch;
  if (frame.epoch !== epoch) return `it is of epoch ${frame.epoch}, expected ${epoch}`;
  return undefined;
}
