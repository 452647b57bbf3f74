import { PAYLOAD_BYTES_MAX } from "../journal/frame.js";
import { type JournalClock, JournalWriter } from "../journal/journal-writer.js";
import { isNote } from "../journal/notes.js";
import {
  type BlockingWait,
  blockingWait,
  type GateReader,
  type RecordHandler,
  SharedCounters,
  SpscRing,
  type Waitable,
} from "../ring/index.js";
import {
  JOURNAL_COUNTERS,
  JOURNAL_FULL,
  JOURNAL_OPEN,
  JOURNAL_STATE_WORD,
  JOURNAL_STOP_WORD,
  type JournalCounterName,
  type JournalStart,
} from "./journal-shared.js";
import { SharedSpares, type SpareSurroundings } from "./shared-spares.js";

/** A poll frees the ring at its end, so it is a fraction of one. */
const BATCH_RECORDS_MAX = 1024;
const PARK_MS_MAX = 1000;
/** Some 30 µs, less than a sync. */
const SPINS = 1000;

/** What the loop has of its thread. */
export interface JournalSurroundings extends SpareSurroundings {
  readonly clock: JournalClock;
}

/**
 * The journal's thread: writes what has come, syncs it, says so, and begins again. What comes meanwhile makes the next frame, so the slower
 * the disk, the more one sync carries. One thread, which it blocks until it is asked to stop; errors of the disk leave `run`.
 */
export class JournalLoop implements Waitable {
  private readonly reader: GateReader;
  private readonly events: SpscRing;
  private readonly control: Int32Array;
  private readonly counters: SharedCounters;
  private readonly writer: JournalWriter;
  private readonly payload: Int32Array;
  private readonly wait: BlockingWait = blockingWait("adaptive", { spins: SPINS });
  private readonly indexOf: Readonly<Record<JournalCounterName, number>>;
  private readonly isGating: boolean;
  private usedWords = 0;
  private records = 0;
  private commands = 0;
  private frames = 0;
  private bytes = 0;

  constructor(
    private readonly start: JournalStart,
    around: JournalSurroundings,
  ) {
    this.reader = SpscRing.attach(start.ring).gate(0);
    this.events = SpscRing.attach(start.events);
    this.control = new Int32Array(start.control);
    this.counters = SharedCounters.attach(start.counters);
    this.indexOf = Object.fromEntries(JOURNAL_COUNTERS.map((name) => [name, this.counters.index(name)])) as Record<
      JournalCounterName,
      number
    >;
    this.isGating = start.durability !== "none";
    this.writer = new JournalWriter(around.disk, start.dir, new SharedSpares(this.control, start.dir, around), {
      durability: start.durability,
      place: start.place,
      clock: around.clock,
      reserveBytes: start.reserveBytes,
      onFull: (isFull) => Atomics.store(this.control, JOURNAL_STATE_WORD, isFull ? JOURNAL_FULL : JOURNAL_OPEN),
    });
    this.payload = this.writer.payload;
  }

  /** Opens the journal; commands may come when this returns. */
  open(): void {
    this.writer.start(this.start.about);
    this.tell();
  }

  /** Runs until it is asked to stop and everything that came before that is durable. */
  run(): void {
    for (let idleMs = this.go(); idleMs >= 0; idleMs = this.go()) {
      if (idleMs > 0) this.wait.wait(this, this.reader.signal, Math.min(PARK_MS_MAX, Math.max(1, idleMs)));
    }
  }

  /** One batch, or what is due without one. Returns for how many milliseconds nothing else will be due; −1: everything is durable, and it is over. */
  go(): number {
    const isLast = Atomics.load(this.control, JOURNAL_STOP_WORD) !== 0;
    if (this.turn() > 0) return 0;
    if (!isLast) return Math.max(1, this.writer.syncIfDue());
    this.writer.close();
    this.tell();
    return -1;
  }

  /** One batch. Returns how many records that were. */
  private turn(): number {
    const records = this.reader.poll(this.onRecord, BATCH_RECORDS_MAX);
    if (this.records > 0) this.flush();
    if (records > 0) this.writer.syncIfDue();
    void this.writer.isFull; // Says so when that has changed.
    return records;
  }

  ready(): boolean {
    return this.reader.ready() || Atomics.load(this.control, JOURNAL_STOP_WORD) !== 0;
  }

  private readonly onRecord: RecordHandler = (words, at, lengthBytes) => {
    const lengthWords = lengthBytes >> 2;
    if ((this.usedWords + lengthWords) << 2 > PAYLOAD_BYTES_MAX) this.flush();
    const { payload, usedWords } = this;
    payload[usedWords] = lengthBytes;
    for (let word = 1; word < lengthWords; word++) payload[usedWords + word] = words[at + word];
    this.usedWords = usedWords + lengthWords;
    this.records++;
    if (!isNote(words, at)) this.commands++;
  };

  private flush(): void {
    this.writer.write(this.usedWords << 2, this.records, this.commands);
    this.frames++;
    this.bytes += this.usedWords << 2;
    this.usedWords = 0;
    this.records = 0;
    this.commands = 0;
    this.tell();
  }

  private tell(): void {
    const { counters, indexOf, writer } = this;
    counters.set(indexOf.frames, this.frames);
    counters.set(indexOf.bytes, this.bytes);
    counters.set(indexOf.syncs, writer.syncCount);
    counters.set(indexOf.syncedSeq, writer.syncedSeq);
    counters.set(indexOf.releasedSeq, writer.releasedSeq);
    if (this.isGating) this.events.wake();
  }
}
