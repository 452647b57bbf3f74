import { type Durability, JournalWriter } from "../../engine/journal/journal-writer.js";
import { writeDigestMark } from "../../engine/journal/notes.js";
import { type Recovery, type RecoveryOptions, recover } from "../../engine/journal/recovery.js";
import { InlineSpares } from "../../engine/journal/spare.js";
import { SetTime } from "../../engine/wire/flyweights.js";
import type { MemoryDisk } from "./memory-disk.js";
import { TapeReplica } from "./tape-replica.js";

export const DIR = "data";
export const SEGMENT_BYTES = 1 << 16;

/** A journal that goes on on a disk, and what it holds. */
export class TestJournal {
  readonly replica = new TapeReplica();
  readonly recovery: Recovery;
  readonly writer: JournalWriter;
  nowMs = 0;
  pauses = 0;
  isFull = false;
  /** Called while the writer waits for room. */
  onPause: () => void = () => {};

  constructor(
    readonly disk: MemoryDisk,
    options: { readonly durability?: Durability; readonly segmentBytes?: number; readonly recovery?: RecoveryOptions } = {},
  ) {
    const { durability = "group", segmentBytes = SEGMENT_BYTES } = options;
    this.recovery = recover(disk, DIR, this.replica, options.recovery);
    const pause = (): void => {
      this.pauses++;
      this.onPause();
    };
    this.writer = new JournalWriter(disk, DIR, new InlineSpares(disk, DIR, segmentBytes, pause), {
      durability,
      place: this.recovery.place,
      clock: { nowMs: () => this.nowMs, pause },
      reserveBytes: 1024,
      onFull: (isFull) => {
        this.isFull = isFull;
      },
    });
    this.writer.start({ test: true });
  }

  /** One frame with a command for each value. */
  write(...values: number[]): void {
    const { payload, end } = this.writer;
    let word = 0;
    for (const [index, value] of values.entries()) {
      SetTime.init(payload, word, end.seq + 1 + index, 0);
      SetTime.setClientSeq(payload, word, 0);
      SetTime.setSession(payload, word, 0);
      SetTime.setAt(payload, word, value);
      word += SetTime.RECORD_BYTES >> 2;
    }
    this.writer.write(4 * word, values.length, values.length);
  }

  /** A frame with nothing but a digest mark. */
  mark(digest: string): void {
    const lengthBytes = writeDigestMark(this.writer.payload, 0, this.writer.end.seq, 0, digest);
    this.writer.write(lengthBytes, 1, 0);
  }
}

/** What a recovery finds on a disk. */
export function valuesOn(disk: MemoryDisk, options?: RecoveryOptions): number[] {
  const replica = new TapeReplica();
  recover(disk, DIR, replica, options);
  return replica.values;
}

/** From 1 on. */
export function countTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
