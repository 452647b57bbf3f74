import { type Disk, isDiskFull, pathOf, writeAll } from "./disk.js";
import { SPARE_NAME, SPARE_UNFINISHED_NAME } from "./journal-files.js";

/** The next segment, made while this one is being written. */
export interface SpareSource {
  /** Asks for a spare, unless there is one. */
  request(): void;
  /** `full`: the disk had no room for it at the last attempt. */
  readonly state: "ready" | "making" | "full";
  /** Blocks until the state has changed, or for a while. */
  wait(): void;
  /** The spare was taken away: it is a segment now. */
  taken(): void;
}

/** A spare can be as full of zeros as this at a time. */
const CHUNK_BYTES = 1 << 20;

/**
 * Makes the spare: zeros to its full length, durable, under its name. A segment that only grows while it is written, or is merely as long
 * as it should be, costs twice as much a sync (measured), and its disk may be full in the middle of it.
 * Throws what the disk throws; nothing of it is left when the disk is full.
 */
export function makeSpare(disk: Disk, dir: string, segmentBytes: number): void {
  const unfinished = pathOf(dir, SPARE_UNFINISHED_NAME);
  const file = disk.create(unfinished);
  try {
    const zeros = new Uint8Array(Math.min(CHUNK_BYTES, segmentBytes));
    for (let offset = 0; offset < segmentBytes; offset += zeros.length) {
      writeAll(file, zeros.subarray(0, Math.min(zeros.length, segmentBytes - offset)), offset);
    }
    file.sync();
  } catch (error) {
    file.close();
    if (isDiskFull(error)) disk.remove(unfinished);
    throw error;
  }
  file.close();
  disk.rename(unfinished, pathOf(dir, SPARE_NAME));
  disk.syncDirectory(dir);
}

/** Makes each spare at once, on the thread that asks for it: for tools, tests and simulations. */
export class InlineSpares implements SpareSource {
  state: SpareSource["state"];

  /** `pause` is called between two attempts while the disk is full. */
  constructor(
    private readonly disk: Disk,
    private readonly dir: string,
    private readonly segmentBytes: number,
    private readonly pause: () => void,
  ) {
    this.state = disk.list(dir).includes(SPARE_NAME) ? "ready" : "making";
  }

  request(): void {
    if (this.state === "ready") return;
    try {
      makeSpare(this.disk, this.dir, this.segmentBytes);
      this.state = "ready";
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.state = "full";
    }
  }

  wait(): void {
    if (this.state === "full") this.pause();
    this.request();
  }

  taken(): void {
    this.state = "making";
  }
}
