import { FRAME_BYTES_MAX } from "../journal/frame.js";
import { DURABILITIES, type Durability } from "../journal/journal-writer.js";
import type { ReplayProgress } from "../journal/recovery.js";
import { ConfigError } from "./engine-error.js";

/** Where and how an engine keeps its commands, so that it survives its own death. */
export interface JournalConfig {
  /** Folder of the journal; it is made when it is not there. One engine at a time. */
  readonly dir: string;
  /**
   * When a reply may leave: `group` when its command is on the disk, `async` when it was written (which survives the death of the process), `none` at
   * once. Default `group`.
   */
  readonly durability?: Durability;
  /** Bytes of each segment file, made ahead: 65,536 to 2^28. Default 2^26. */
  readonly segmentBytes?: number;
  /** Bytes of the ring between shard and journal: a power of two, 2^16 to 2^30. Default 2^23. */
  readonly ringCapacityBytes?: number;
  /** A digest of the state is noted after so many commands, for replays to compare; 0: none. Default 1,000,000. */
  readonly digestEvery?: number;
  /** A snapshot is taken after so many commands; 0: none. Default 10,000,000. */
  readonly snapshotEvery?: number;
  /** So many snapshots are kept, and of the journal what follows the oldest of them; 0: everything is kept. Default 0. */
  readonly keepSnapshots?: number;
  /** Pack snapshots. Default true. */
  readonly compressSnapshots?: boolean;
  /**
   * An operator's word, for one start: cut the journal at the first damage, although commands that were durable follow it. They are lost; what is cut is kept
   * beside the journal. Default false: a damaged journal is refused.
   */
  readonly cutDamage?: boolean;
  /** Told during the recovery, some ten times a second. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface CheckedJournal extends Required<JournalConfig> {}

const KEYS = [
  "dir",
  "durability",
  "segmentBytes",
  "ringCapacityBytes",
  "digestEvery",
  "snapshotEvery",
  "keepSnapshots",
  "compressSnapshots",
  "cutDamage",
  "onProgress",
];

/** Fills in the defaults. Throws ConfigError with the key, the rule and the value found. */
export function checkJournal(config: unknown): CheckedJournal {
  if (typeof config !== "object" || config === null) throw new ConfigError("journal must be an object with dir");
  const journal = config as JournalConfig;
  for (const key of Object.keys(journal)) {
    if (!KEYS.includes(key)) throw new ConfigError(`unknown key: journal.${key}; known are ${KEYS.join(", ")}`);
  }
  const { dir, durability = "group", onProgress = () => {} } = journal;
  if (typeof dir !== "string" || dir === "" || dir.includes("\0"))
    throw new ConfigError(`journal.dir must be a folder, was ${JSON.stringify(dir)}`);
  if (!DURABILITIES.includes(durability))
    throw new ConfigError(`journal.durability must be one of ${DURABILITIES.join(", ")}, was ${String(durability)}`);
  if (typeof onProgress !== "function") throw new ConfigError("journal.onProgress must be a function");
  return {
    dir,
    durability,
    onProgress,
    segmentBytes: integer(journal, "segmentBytes", FRAME_BYTES_MAX, 2 ** 28, 2 ** 26),
    ringCapacityBytes: powerOfTwo(journal, "ringCapacityBytes", 2 ** 16, 2 ** 30, 2 ** 23),
    digestEvery: integer(journal, "digestEvery", 0, Number.MAX_SAFE_INTEGER, 1_000_000),
    snapshotEvery: integer(journal, "snapshotEvery", 0, Number.MAX_SAFE_INTEGER, 10_000_000),
    keepSnapshots: integer(journal, "keepSnapshots", 0, 1_000_000, 0),
    compressSnapshots: flag(journal, "compressSnapshots", true),
    cutDamage: flag(journal, "cutDamage", false),
  };
}

function integer(
  journal: JournalConfig,
  key: "segmentBytes" | "ringCapacityBytes" | "digestEvery" | "snapshotEvery" | "keepSnapshots",
  low: number,
  high: number,
  orElse: number,
): number {
  const value = journal[key] ?? orElse;
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new ConfigError(`journal.${key} must be an integer from ${low} to ${high}, was ${String(value)}`);
}

function powerOfTwo(journal: JournalConfig, key: "ringCapacityBytes", low: number, high: number, orElse: number): number {
  const value = integer(journal, key, low, high, orElse);
  if ((value & (value - 1)) === 0) return value;
  throw new ConfigError(`journal.${key} must be a power of two, was ${value}`);
}

function flag(journal: JournalConfig, key: "compressSnapshots" | "cutDamage", orElse: boolean): boolean {
  const value = journal[key] ?? orElse;
  if (typeof value === "boolean") return value;
  throw new ConfigError(`journal.${key} must be true or false, was ${String(value)}`);
}
