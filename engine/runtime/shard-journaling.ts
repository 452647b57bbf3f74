import { NOTE_BYTES_MAX, writeDigestMark } from "../journal/notes.js";
import { recover } from "../journal/recovery.js";
import { SharedCounters, type SingleProducer, type SpscRing } from "../ring/index.js";
import type { Step, StepModule } from "../step.js";
import { JournalFeed } from "./journal-feed.js";
import type { JournalCounterName, ShardJournal } from "./journal-shared.js";
import type { ShardSurroundings } from "./shard-shared.js";
import { StepReplica } from "./step-replica.js";

/** A digest that takes longer holds up commands noticeably: then it waits for a moment without any. */
const DIGEST_MS_BUSY_MAX = 3;
/** One that takes longer than this is only made at the end. */
const DIGEST_MS_IDLE_MAX = 50;
const PROGRESS_MS = 100;

/**
 * Everything that a shard does for its journal: recovers from it, feeds it, and notes digests in it. Shard thread only.
 *
 * A digest goes over the whole state, so how often one is made depends on how long it takes: each `digestEvery` commands while that is short,
 * in idle moments when it is longer, and with a very large state only when the shard is stopped.
 */
export class ShardJournaling {
  /** Called at each look while the journal's ring is full. */
  onFullRing: () => void = () => {};
  private readonly feed: JournalFeed;
  private readonly released: SharedCounters;
  private readonly releasedIndex: number;
  private readonly note = new Int32Array(NOTE_BYTES_MAX / 4);
  private replica: StepReplica | undefined;
  private publishedSeq = 0;
  private markedSeq = 0;
  private digestMs = 0;

  constructor(
    private readonly journal: ShardJournal,
    private readonly module: StepModule,
    private readonly step: Step,
    private readonly events: SpscRing,
    private readonly producer: SingleProducer,
    private readonly around: ShardSurroundings,
  ) {
    this.feed = new JournalFeed(
      journal,
      () => this.onFullRing(),
      (ms) => around.pause(ms),
    );
    this.released = SharedCounters.attach(journal.counters);
    this.releasedIndex = this.released.index("releasedSeq" satisfies JournalCounterName);
  }

  get isFull(): boolean {
    return this.feed.isFull;
  }

  /** Whether readers of the events wait for the journal. */
  isBehind(): boolean {
    return this.journal.durability !== "none" && this.released.read(this.releasedIndex) < this.publishedSeq;
  }

  /** Brings the Step to the journal's end. The event ring must have no reader yet. Throws what `recover` throws. */
  recover(): { readonly seq: number; readonly timeUs: number } {
    const startMs = performance.now();
    let toldMs = startMs;
    const replica = new StepReplica(this.step, this.events, this.producer, this.module.createCompanion?.());
    this.replica = replica;
    const { dir, cutDamage } = this.journal;
    const { snapshot, ...recovery } = recover(this.around.disk, dir, replica, {
      cutDamage,
      onProgress: (progress) => {
        const nowMs = performance.now();
        if (nowMs - toldMs < PROGRESS_MS) return;
        toldMs = nowMs;
        this.around.reply({ kind: "progress", progress });
      },
    });
    replica.close();
    this.replica = undefined;
    const { seq } = recovery.place;
    this.publishedSeq = seq;
    this.markedSeq = seq;
    const summary = replica.companion?.summary();
    this.around.reply({
      kind: "recovered",
      report: { ...recovery, snapshot: snapshot?.path, tookMs: performance.now() - startMs, summary },
    });
    return { seq, timeUs: replica.lastTime };
  }

  /** A stamped record, before it is applied. */
  take(words: Int32Array, at: number, lengthBytes: number): void {
    this.feed.take(words, at, lengthBytes);
  }

  /** It was applied. */
  commit(): void {
    this.feed.commit();
  }

  /**
   * The event ring is full while `seq` is being applied. Its readers may wait for the journal, the command that is just being applied included, so that goes into the
   * journal now. True: there is room again.
   */
  makeRoom(seq: number): boolean {
    if (this.replica !== undefined) {
      this.replica.makeRoom();
      return true;
    }
    this.feed.commit();
    this.feed.publish();
    this.publishedSeq = seq;
    return false;
  }

  /** A batch is complete. */
  publish(seq: number): void {
    this.publishedSeq = seq;
    this.feed.publish();
  }

  /** A batch is complete, and its events are out. */
  markIfDue(seq: number, timeUs: number): void {
    if (this.isMarkDue(seq) && this.digestMs <= DIGEST_MS_BUSY_MAX) this.mark(seq, timeUs);
  }

  /** There is nothing to do. */
  idle(seq: number, timeUs: number): void {
    if (this.isMarkDue(seq) && this.digestMs <= DIGEST_MS_IDLE_MAX) this.mark(seq, timeUs);
  }

  /** Nothing will follow. */
  end(seq: number, timeUs: number): void {
    if (this.journal.digestEvery > 0 && seq > this.markedSeq) this.mark(seq, timeUs);
  }

  private isMarkDue(seq: number): boolean {
    const { digestEvery } = this.journal;
    return digestEvery > 0 && seq - this.markedSeq >= digestEvery;
  }

  private mark(seq: number, timeUs: number): void {
    const startMs = performance.now();
    const digest = this.step.digest();
    this.digestMs = performance.now() - startMs;
    this.markedSeq = seq;
    this.feed.take(this.note, 0, writeDigestMark(this.note, 0, seq, timeUs, digest));
    this.feed.commit();
    this.feed.publish();
  }
}
