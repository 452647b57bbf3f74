import { FRAME_HEADER_BYTES, FRAME_MAGIC, getUint64, KIND_RECORDS } from "../../engine/journal/frame.js";
import { SetTime } from "../../engine/wire/flyweights.js";
import type { SimDisk } from "./sim-disk.js";
import { Violation } from "./violation.js";

export const DIR = "data";

/** A frame as the writer handed it to the disk. */
interface WrittenFrame {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly syncedNumber: number;
}

/** What recovery owes us on a disk as it is. */
export interface Owed {
  /** So many frames are whole from the beginning on: exactly these must come back. */
  readonly whole: number;
  /** An acknowledged frame is lost. */
  readonly isLoss: boolean;
  /** A later frame is whole that was written when the lost one counted as durable: recovery can know, so it must refuse. */
  readonly isLossKnown: boolean;
  /**
   * What a refusal may name: file and offset of the first frame that is not whole, when it was written at all. Of one at the beginning of a
   * file the file, or the end of the frame before it: something else may lie there, too short for a frame.
   */
  readonly places: readonly string[];
}

/**
 * Knows every frame that was handed to the disk, and which of them counted as durable. It compares bytes only and uses nothing of
 * recovery, so that the two can disagree.
 */
export class JournalOracle {
  private readonly frames = new Map<number, WrittenFrame>();
  private acknowledged = 0;

  /** For `SimDisk.onWrite`. The first attempt at a frame has all of it. */
  readonly onWrite = (path: string, bytes: Uint8Array, offset: number): void => {
    if (!path.includes("/segment-") || path.includes(".cut-") || bytes.length < FRAME_HEADER_BYTES) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint32(0, true) !== FRAME_MAGIC || FRAME_HEADER_BYTES + view.getUint32(12, true) !== bytes.length) return;
    this.frames.set(getUint64(view, 32), { path, offset, bytes: bytes.slice(), syncedNumber: getUint64(view, 40) });
  };

  /** Everything up to this frame counts as durable from now on. */
  acknowledge(number: number): void {
    this.acknowledged = Math.max(this.acknowledged, number);
  }

  get acknowledgedFrames(): number {
    return this.acknowledged;
  }

  owed(disk: SimDisk): Owed {
    let whole = 0;
    while (this.isWhole(disk, whole + 1)) whole++;
    const isLoss = whole < this.acknowledged;
    let isLossKnown = false;
    for (const [number, { syncedNumber }] of this.frames) {
      if (number > whole && syncedNumber > whole && this.isWhole(disk, number)) isLossKnown = true;
    }
    return { whole, isLoss, isLossKnown, places: this.placesOf(whole + 1) };
  }

  /** The values of the commands of the first frames. */
  valuesOf(frames: number): number[] {
    const values: number[] = [];
    for (let number = 1; number <= frames; number++) values.push(...valuesIn((this.frames.get(number) as WrittenFrame).bytes));
    return values;
  }

  /** Recovery goes on behind this frame: what was behind it is void, and its numbers are used again. True: there was something. */
  goOnBehind(number: number): boolean {
    const voided = [...this.frames.keys()].filter((known) => known > number);
    for (const known of voided) this.frames.delete(known);
    if (this.acknowledged > number) this.acknowledged = number;
    return voided.length > 0;
  }

  /** Where each frame of a file begins and ends, in order. */
  framesOf(path: string): { readonly number: number; readonly offset: number; readonly end: number }[] {
    return [...this.frames]
      .filter(([, frame]) => frame.path === path)
      .map(([number, { offset, bytes }]) => ({ number, offset, end: offset + bytes.length }))
      .sort((one, other) => one.offset - other.offset);
  }

  private placesOf(number: number): string[] {
    const frame = this.frames.get(number);
    const before = this.frames.get(number - 1);
    if (frame === undefined) return [];
    if (frame.offset > 0) return [`${frame.path} at offset ${frame.offset}`];
    return before === undefined ? [frame.path] : [frame.path, `${before.path} at offset ${before.offset + before.bytes.length}`];
  }

  private isWhole(disk: SimDisk, number: number): boolean {
    const frame = this.frames.get(number);
    if (frame === undefined) return false;
    const found = disk.peek(frame.path)?.subarray(frame.offset, frame.offset + frame.bytes.length);
    return found !== undefined && Buffer.compare(found, frame.bytes) === 0;
  }
}

function valuesIn(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(10, true) !== KIND_RECORDS) return [];
  const words = new Int32Array(bytes.slice(FRAME_HEADER_BYTES).buffer);
  const values: number[] = [];
  for (let at = 0; at < words.length; at += words[at] >> 2) values.push(SetTime.at(words, at));
  if (values.length !== view.getUint32(16, true)) throw new Violation("a frame has another number of records than it says");
  return values;
}
