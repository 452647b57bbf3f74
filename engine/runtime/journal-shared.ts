import type { Durability } from "../journal/journal-writer.js";
import type { JournalPlace } from "../journal/segment-reader.js";
import type { SharedCountersShared, SharedRing } from "../ring/index.js";

/** What the host, the shard, the journal's thread and the one that makes segments share. */

/** Words of `JournalShared.control`. */
export const JOURNAL_STATE_WORD = 0;
export const JOURNAL_STOP_WORD = 1;
/** Both sides sleep on it. */
export const SPARE_WORD = 2;
export const JOURNAL_CONTROL_WORDS = 32;

/** Values of JOURNAL_STATE_WORD, which the journal's thread writes. */
export const JOURNAL_OPEN = 0;
/** The disk has no room for another segment: what is on its way still fits. */
export const JOURNAL_FULL = 1;

/** Values of SPARE_WORD: asked for, there, not possible because the disk is full; or nobody has asked. */
export const SPARE_NONE = 0;
export const SPARE_MAKING = 1;
export const SPARE_READY = 2;
export const SPARE_FULL = 3;

/** Counters that the journal's thread writes: up to which seq replies may leave, and everything is durable; and what it has done since its start. */
export const JOURNAL_COUNTERS = ["releasedSeq", "syncedSeq", "frames", "syncs", "bytes"] as const;
export type JournalCounterName = (typeof JOURNAL_COUNTERS)[number];

/** Goes to every thread that has to do with the journal. */
export interface JournalShared {
  readonly dir: string;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly ring: SharedRing;
  readonly control: SharedArrayBuffer;
  readonly counters: SharedCountersShared;
}

/** What the shard has of it. */
export interface ShardJournal extends JournalShared {
  readonly cutDamage: boolean;
  /** A digest mark each time that so many commands have been applied; 0: none. */
  readonly digestEvery: number;
}

/** The workerData of the journal's thread. */
export interface JournalStart extends JournalShared {
  /** Whose readers wait for the journal. */
  readonly events: SharedRing;
  readonly place: JournalPlace;
  /** Room for what may be on its way. */
  readonly reserveBytes: number;
  readonly about: Readonly<Record<string, unknown>>;
}

/** What the shard's recovery has come to. By structured clone. */
export interface RecoveryReport {
  readonly place: JournalPlace;
  /** Path of the snapshot that it began from. */
  readonly snapshot: string | undefined;
  readonly badSnapshots: readonly string[];
  /** Commands that were replayed. */
  readonly replayed: number;
  readonly digestsCompared: number;
  /** Whether a torn tail was cut. */
  readonly cut: boolean;
  readonly tookMs: number;
  /** The companion's. */
  readonly summary: unknown;
}
