import { INSUFFICIENT_CAPACITY, type SingleProducer, SpscRing } from "../ring/index.js";
import { JOURNAL_FULL, JOURNAL_STATE_WORD, type ShardJournal } from "./journal-shared.js";

const YIELDS = 20;
const SLEEP_MS = 0.05;

/**
 * The shard's side of the journal ring. A command is copied in when it is stamped and committed when it was applied: one that the Step throws
 * at is not in the journal, so the restart comes up without it. Shard thread only; it waits only while the ring is full.
 */
export class JournalFeed {
  private readonly producer: SingleProducer;
  private readonly control: Int32Array;
  private isOpen = false;

  /** `onFullRing` is called at each look while the ring is full. */
  constructor(
    journal: ShardJournal,
    private readonly onFullRing: () => void,
    private readonly pause: (ms: number) => void,
  ) {
    this.producer = SpscRing.attach(journal.ring).producer();
    this.control = new Int32Array(journal.control);
  }

  /** Whether nothing new should begin: the disk is full. */
  get isFull(): boolean {
    return Atomics.load(this.control, JOURNAL_STATE_WORD) === JOURNAL_FULL;
  }

  /** Copies a stamped record in. */
  take(words: Int32Array, at: number, lengthBytes: number): void {
    const { producer } = this;
    let to = producer.tryClaim(lengthBytes);
    if (to === INSUFFICIENT_CAPACITY) to = this.waitForRoom(lengthBytes);
    const out = producer.words;
    const lengthWords = lengthBytes >> 2;
    for (let word = 1; word < lengthWords; word++) out[to + word] = words[at + word];
    this.isOpen = true;
  }

  /** The record that was taken last belongs to the journal now. */
  commit(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.producer.commit();
  }

  /** Hands everything that was committed to the journal's thread. */
  publish(): void {
    this.producer.publish();
  }

  private waitForRoom(lengthBytes: number): number {
    for (let looks = 0; ; looks++) {
      this.onFullRing();
      const to = this.producer.tryClaim(lengthBytes);
      if (to !== INSUFFICIENT_CAPACITY) return to;
      if (looks > YIELDS) this.pause(SLEEP_MS);
    }
  }
}
