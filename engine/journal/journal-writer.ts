import { type Disk, type DiskFile, isDiskFull, pathOf } from "./disk.js";
import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES, KIND_RECORDS, KIND_START, PAYLOAD_BYTES_MAX, sealFrame } from "./frame.js";
import { JournalError } from "./journal-error.js";
import { SPARE_NAME, segmentName } from "./journal-files.js";
import type { JournalPlace } from "./segment-reader.js";
import type { SpareSource } from "./spare.js";

/**
 * When a reply may leave. `none`: at once; the journal is written behind it. `async`: when its command was written, which survives the
 * death of the process. `group`: when it was synced, which survives that of the machine.
 */
export type Durability = "none" | "async" | "group";
export const DURABILITIES: readonly Durability[] = ["none", "async", "group"];

/** The time as far as a writer needs it. */
export interface JournalClock {
  /** Milliseconds of any origin, never decreasing. */
  nowMs(): number;
  /** Blocks for about so long. */
  pause(ms: number): void;
}

export interface WriterOptions {
  readonly durability: Durability;
  /** Where the journal goes on: what recovery has found. */
  readonly place: JournalPlace;
  readonly clock: JournalClock;
  /** Room that the current segment must have for what is on its way, once the disk has none for another. */
  readonly reserveBytes: number;
  /** Called when the disk is full, and when it is no more. */
  readonly onFull: (isFull: boolean) => void;
}

/** How often what was written is synced when no reply waits for that. */
const SYNC_MS: Readonly<Record<Durability, number>> = { none: 1000, async: 50, group: 0 };
const FULL_DISK_PAUSE_MS = 200;

/**
 * Appends frames. One frame is one write at its own offset; in `group` mode each is synced before the next, so that at any time one frame
 * at most is not durable, and whatever lies before a whole frame must be whole too.
 *
 * One thread, which it blocks. An error leaves it unusable: it throws it again at every further call. A failed sync above all is never
 * tried again, because the second one may succeed without the data of the first.
 */
export class JournalWriter {
  /** Where the records of the next frame go, from word 0 on, at most PAYLOAD_BYTES_MAX bytes. */
  readonly payload: Int32Array;
  private readonly bytes = new Uint8Array(FRAME_BYTES_MAX);
  private readonly view = new DataView(this.bytes.buffer);
  private file: DiskFile | undefined;
  private sizeBytes = 0;
  private place: JournalPlace;
  private syncedNumber: number;
  private syncedSeqNow: number;
  private syncedAtMs: number;
  private syncs = 0;
  private isFullNow = false;
  private failure: JournalError | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly dir: string,
    private readonly spares: SpareSource,
    private readonly options: WriterOptions,
  ) {
    this.payload = new Int32Array(this.bytes.buffer, FRAME_HEADER_BYTES);
    this.place = options.place;
    // Recovery has synced what it has found, or found it durable.
    this.syncedNumber = options.place.number;
    this.syncedSeqNow = options.place.seq;
    this.syncedAtMs = options.clock.nowMs();
  }

  /** Opens the journal, in a folder that is there, and begins a new epoch. `about` goes into it as JSON, and says who writes. Durable when it returns. */
  start(about: Readonly<Record<string, unknown>>): void {
    this.guarded(() => {
      const { segment } = this.place;
      if (this.disk.list(this.dir).includes(segmentName(segment))) this.openSegment(segment);
      this.spares.request();
    });
    const text = new TextEncoder().encode(JSON.stringify(about));
    const payloadBytes = Math.ceil(text.length / 8) * 8;
    if (payloadBytes > PAYLOAD_BYTES_MAX)
      throw new RangeError(`what a journal says about itself must fit in a frame, had ${text.length} bytes`);
    this.bytes.fill(0x20, FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + payloadBytes);
    this.bytes.set(text, FRAME_HEADER_BYTES);
    this.append(KIND_START, payloadBytes, 0, 0, this.place.epoch + 1);
    this.sync();
  }

  /**
   * Writes the first `payloadBytes` of `payload` as a frame: `records` records, `commands` of them commands that follow the last one. In
   * group mode it is durable when this returns. Throws JournalError when the disk fails; while the disk is full it waits.
   */
  write(payloadBytes: number, records: number, commands: number): void {
    this.append(KIND_RECORDS, payloadBytes, records, commands, this.place.epoch);
    if (this.options.durability === "group") this.sync();
  }

  /** Syncs when something is due to be. Returns in how many milliseconds to ask again; Infinity when nothing was written meanwhile. */
  syncIfDue(): number {
    if (this.syncedNumber === this.place.number) return Number.POSITIVE_INFINITY;
    const leftMs = this.syncedAtMs + SYNC_MS[this.options.durability] - this.options.clock.nowMs();
    if (leftMs > 0) return leftMs;
    this.sync();
    return Number.POSITIVE_INFINITY;
  }

  /** Makes everything that was written durable. */
  sync(): void {
    if (this.syncedNumber === this.place.number) return;
    this.guarded(() => this.file?.sync());
    this.syncs++;
    this.syncedNumber = this.place.number;
    this.syncedSeqNow = this.place.seq;
    this.syncedAtMs = this.options.clock.nowMs();
  }

  /** Up to which seq replies may leave. */
  get releasedSeq(): number {
    return this.options.durability === "group" ? this.syncedSeqNow : this.place.seq;
  }

  /** Up to which seq everything is durable. */
  get syncedSeq(): number {
    return this.syncedSeqNow;
  }

  /** Where the next frame goes. */
  get end(): JournalPlace {
    return this.place;
  }

  /** Syncs so far. */
  get syncCount(): number {
    return this.syncs;
  }

  /** Whether the disk has no room left for what is not on its way yet. It may change whenever this is asked. */
  get isFull(): boolean {
    const leftBytes = this.sizeBytes - this.place.offset;
    this.setFull(this.spares.state === "full" && leftBytes < this.options.reserveBytes);
    return this.isFullNow;
  }

  /** Syncs and closes. Nothing can be written afterwards. */
  close(): void {
    if (this.failure === undefined) this.sync();
    this.file?.close();
    this.file = undefined;
    this.failure ??= new JournalError("JOURNAL_IO", "the journal is closed");
  }

  private append(kind: number, payloadBytes: number, records: number, commands: number, epoch: number): void {
    if (this.failure !== undefined) throw this.failure;
    const lengthBytes = FRAME_HEADER_BYTES + payloadBytes;
    if (this.file === undefined || this.place.offset + lengthBytes > this.sizeBytes) this.guarded(() => this.rollOver());
    const { place } = this;
    const header = {
      kind,
      payloadBytes,
      records,
      previousCrc: place.crc,
      segment: place.segment,
      offset: place.offset,
      number: place.number + 1,
      syncedNumber: this.syncedNumber,
      firstSeq: place.seq + 1,
      epoch,
    };
    const crc = sealFrame(this.bytes, this.view, 0, header);
    this.guarded(() => this.writeOut(this.bytes.subarray(0, lengthBytes), place.offset));
    this.place = {
      segment: place.segment,
      offset: place.offset + lengthBytes,
      number: header.number,
      crc,
      epoch,
      seq: place.seq + commands,
    };
  }

  /** The segment was made at its full length, so only a file system that copies on write can be full here. */
  private writeOut(bytes: Uint8Array, offset: number): void {
    const file = this.file as DiskFile;
    let done = 0;
    while (done < bytes.length) {
      try {
        const taken = file.write(bytes.subarray(done), offset + done);
        if (taken <= 0) throw Object.assign(new Error("it takes nothing, and does not say why"), { code: "EIO" });
        done += taken;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        this.setFull(true);
        this.options.clock.pause(FULL_DISK_PAUSE_MS);
      }
    }
  }

  /** Goes on in the next segment: what was written is durable before, its name is durable afterwards. */
  private rollOver(): void {
    if (this.file !== undefined) {
      if (this.syncedNumber !== this.place.number) this.sync();
      this.file.close();
      this.file = undefined;
    }
    this.spares.request();
    while (this.spares.state !== "ready") {
      this.setFull(this.spares.state === "full");
      this.spares.wait();
    }
    const segment = this.sizeBytes === 0 ? this.place.segment : this.place.segment + 1;
    this.disk.rename(pathOf(this.dir, SPARE_NAME), pathOf(this.dir, segmentName(segment)));
    this.disk.syncDirectory(this.dir);
    this.spares.taken();
    this.place = { ...this.place, segment, offset: 0 };
    this.openSegment(segment);
    this.spares.request();
  }

  private openSegment(segment: number): void {
    this.file = this.disk.openToWrite(pathOf(this.dir, segmentName(segment)));
    this.sizeBytes = this.file.sizeBytes();
  }

  private setFull(isFull: boolean): void {
    if (isFull === this.isFullNow) return;
    this.isFullNow = isFull;
    this.options.onFull(isFull);
  }

  /** What goes wrong here goes wrong for good. */
  private guarded(action: () => void): void {
    if (this.failure !== undefined) throw this.failure;
    try {
      action();
    } catch (error) {
      if (error instanceof JournalError) throw error;
      const path = this.file?.path ?? this.dir;
      const { message } = error as Error;
      this.failure = new JournalError(
        "JOURNAL_IO",
        `${path}: ${message}. Nothing more is written: what was acknowledged is safe. Look after the disk, then start again`,
        { cause: error },
      );
      throw this.failure;
    }
  }
}
