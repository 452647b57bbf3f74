import type { Durability } from "../journal/journal-writer.js";
import type { JournalPlace } from "../journal/segment-reader.js";
import { SharedCounters, type SharedRing, SpscRing } from "../ring/index.js";
import {
  JOURNAL_CONTROL_WORDS,
  JOURNAL_COUNTERS,
  JOURNAL_FULL,
  JOURNAL_STATE_WORD,
  JOURNAL_STOP_WORD,
  type JournalCounterName,
  type JournalShared,
  type JournalStart,
  type ShardJournal,
} from "./journal-shared.js";
import type { SharedJournalView } from "./remote-port.js";
import type { HostedThread, Threads } from "./threads.js";

/** What a shard's journal is made of. */
export interface JournalOptions {
  readonly dir: string;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly ringCapacityBytes: number;
  readonly digestEvery: number;
  readonly cutDamage: boolean;
  /** What every start writes down about itself. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** A shard's journal as its host sees it: the ring, and two threads, one that writes and one that makes segments. Host thread only. */
export class JournalHost {
  /** Called once, when a thread has failed. */
  onFailure: (error: Error) => void = () => {};
  private readonly ring: SpscRing;
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * JOURNAL_CONTROL_WORDS));
  private readonly counters = SharedCounters.create(JOURNAL_COUNTERS);
  private readonly releasedIndex = this.counters.index("releasedSeq" satisfies JournalCounterName);
  private writer: HostedThread | undefined;
  private spares: HostedThread | undefined;
  private exited: Promise<void> = Promise.resolve();
  private isStopping = false;
  private isKilled = false;

  /** Throws RangeError on bad sizes. */
  constructor(
    private readonly options: JournalOptions,
    private readonly threads: Threads,
  ) {
    this.ring = SpscRing.create({ capacityBytes: options.ringCapacityBytes, gates: 1, observers: false });
  }

  /** What the shard gets. */
  get shard(): ShardJournal {
    const { cutDamage, digestEvery } = this.options;
    return { ...this.shared, cutDamage, digestEvery };
  }

  /** Whether replies wait for the journal. */
  get isGating(): boolean {
    return this.options.durability !== "none";
  }

  /** Up to which seq replies may leave. */
  readonly releasedSeq = (): number => this.counters.read(this.releasedIndex);

  /** Whether the disk is full. */
  get isFull(): boolean {
    return Atomics.load(this.control, JOURNAL_STATE_WORD) === JOURNAL_FULL;
  }

  /** The memory that tells whether the disk is full. */
  get stateWords(): SharedArrayBuffer {
    return this.control.buffer as SharedArrayBuffer;
  }

  /** For a reader of the events on another thread. */
  get view(): SharedJournalView {
    return { isGating: this.isGating, counters: this.counters.shared, control: this.stateWords };
  }

  /** What the journal's thread has counted since its start. */
  readCounters(): Record<JournalCounterName, number> {
    const found = JOURNAL_COUNTERS.map((name) => [name, this.counters.read(this.counters.index(name))] as const);
    return Object.fromEntries(found) as Record<JournalCounterName, number>;
  }

  /** Starts the threads. Resolves when the journal is open. Rejects with what kept it from that. */
  start(place: JournalPlace, events: SharedRing, onItsWayBytes: number): Promise<void> {
    const start: JournalStart = {
      ...this.shared,
      events,
      place,
      about: this.options.about,
      reserveBytes: 2 * (this.options.ringCapacityBytes + onItsWayBytes),
    };
    this.spares = this.threads.spares(this.shared, (error) => this.fail(error));
    return new Promise((resolve, reject) => {
      this.exited = new Promise((left) => {
        this.writer = this.threads.journal(start, {
          onOpen: resolve,
          onError: (error) => {
            this.fail(error);
            reject(error);
          },
          onExit: (code) => {
            const error = new Error(`its thread ended by itself with exit code ${code}`);
            if (!this.isStopping) this.fail(error);
            reject(error);
            left();
          },
        });
      });
    });
  }

  /** Lets everything that is in the ring be written and synced, then ends the threads. */
  async stop(): Promise<void> {
    this.isStopping = true;
    Atomics.store(this.control, JOURNAL_STOP_WORD, 1);
    this.ring.wake();
    await this.exited;
    await this.spares?.terminate();
  }

  /** Ends the threads at once. */
  async kill(): Promise<void> {
    this.isStopping = true;
    this.isKilled = true;
    await Promise.all([this.writer?.terminate(), this.spares?.terminate()]);
  }

  private get shared(): JournalShared {
    const { dir, durability, segmentBytes } = this.options;
    const { counters } = this;
    return { dir, durability, segmentBytes, ring: this.ring.shared, control: this.stateWords, counters: counters.shared };
  }

  /** Also while it is being stopped: what is in the ring then must still get to the disk. */
  private fail(error: Error): void {
    if (!this.isKilled) this.onFailure(error);
  }
}
