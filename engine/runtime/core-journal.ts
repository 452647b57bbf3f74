import { type Capacities, DEFAULT_CAPACITIES } from "../core/capacities.js";
import { Core } from "../edge/core.js";
import { PAYLOAD_BYTES_MAX } from "../journal/frame.js";
import { listJournal } from "../journal/journal-files.js";
import { JournalWriter } from "../journal/journal-writer.js";
import { NodeDisk } from "../journal/node-disk.js";
import { NOTE_BYTES_MAX, writeDigestMark } from "../journal/notes.js";
import { type Recovery, type ReplayProgress, recover } from "../journal/recovery.js";
import { SegmentReader } from "../journal/segment-reader.js";
import { InlineSpares } from "../journal/spare.js";
import type { RecordHandler } from "../ring/index.js";
import { bytesOf } from "../step.js";
import { tradingOptions } from "./journal-about.js";
import { JournalLock } from "./journal-lock.js";
import { StepReplica } from "./step-replica.js";
import * as tradingStep from "./trading-step.js";

const SEGMENT_BYTES = 2 ** 24;
const PAUSE_MS = 500;

/**
 * A `Core` with a journal on the same thread: it goes on where the journal ends, and what it applies is added, for tools that wait for nobody. The journal is that of
 * an `Engine`: either can go on where the other has stopped. Blocking; durable after `close`.
 */
export class CoreJournal {
  readonly core: Core;
  readonly recovery: Recovery;
  private readonly lock: JournalLock;
  private readonly writer: JournalWriter;
  private usedWords = 0;
  private records = 0;
  private commands = 0;

  /** Throws JournalError when the journal needs a person, or another process has it. */
  constructor(dir: string, onProgress: (progress: ReplayProgress) => void = () => {}) {
    this.lock = JournalLock.acquire(dir);
    try {
      const disk = new NodeDisk();
      const capacities = capacitiesFor(disk, dir);
      const stepOptions = { capacities };
      const replica = StepReplica.create(tradingStep, stepOptions);
      this.recovery = recover(disk, dir, replica, { onProgress });
      this.core = Core.restore(
        bytesOf((out) => replica.step.save(out)),
        { capacities, onCommand: this.add },
      );
      const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      this.writer = new JournalWriter(disk, dir, new InlineSpares(disk, dir, SEGMENT_BYTES, () => pause(PAUSE_MS)), {
        durability: "async",
        place: this.recovery.place,
        clock: { nowMs: () => performance.now(), pause },
        reserveBytes: 0,
        onFull: () => {},
      });
      this.writer.start({ program: "ringbook run", node: process.version, pid: process.pid, module: "trading-step.js", stepOptions });
    } catch (error) {
      this.lock.release();
      throw error;
    }
  }

  /** Makes everything durable, with a digest behind it, and gives the journal back. */
  close(): void {
    try {
      if (this.core.lastSeq > this.recovery.place.seq) this.mark();
      this.flush();
      this.writer.close();
    } finally {
      this.lock.release();
    }
  }

  private readonly add: RecordHandler = (words, at, lengthBytes) => {
    this.copy(words, at, lengthBytes);
    this.commands++;
  };

  private copy(words: Int32Array, at: number, lengthBytes: number): void {
    const lengthWords = lengthBytes >> 2;
    if ((this.usedWords + lengthWords) << 2 > PAYLOAD_BYTES_MAX) this.flush();
    const { payload } = this.writer;
    for (let word = 0; word < lengthWords; word++) payload[this.usedWords + word] = words[at + word];
    this.usedWords += lengthWords;
    this.records++;
  }

  private mark(): void {
    const note = new Int32Array(NOTE_BYTES_MAX / 4);
    const lengthBytes = writeDigestMark(note, 0, this.core.lastSeq, 0, this.core.stateHash());
    this.copy(note, 0, lengthBytes);
  }

  private flush(): void {
    if (this.records === 0) return;
    this.writer.write(this.usedWords << 2, this.records, this.commands);
    this.usedWords = 0;
    this.records = 0;
    this.commands = 0;
  }
}

/** The usual, and more where a journal was written with more. */
function capacitiesFor(disk: NodeDisk, dir: string): Capacities {
  const found = tradingOptions(new SegmentReader(disk, dir), listJournal(disk, dir)).capacities;
  const larger = Object.entries(DEFAULT_CAPACITIES).map(([key, usual]) => [key, Math.max(usual, found[key as keyof Capacities])] as const);
  return Object.fromEntries(larger) as unknown as Capacities;
}
