import type { Durability, EngineConfig, JournalConfig } from "../../engine/index.js";

/** Where the journal is when nothing says where. */
const DEFAULT_DIR = "ringbook-data/main";

/** What flags and variables say about the journal. */
export interface JournalOverrides {
  readonly journalDir?: string | undefined;
  readonly durability?: Durability | undefined;
  readonly noJournal?: boolean | undefined;
}

/** The engine's configuration with its journal: kept unless it is switched off. */
export function withJournal(engine: EngineConfig, overrides: JournalOverrides): EngineConfig {
  const { journal: ofFile, ...rest } = engine;
  const { journalDir, durability, noJournal } = overrides;
  if (noJournal === true) return rest;
  const journal: JournalConfig = {
    ...ofFile,
    dir: journalDir ?? ofFile?.dir ?? DEFAULT_DIR,
    ...(durability === undefined ? {} : { durability }),
  };
  return { ...rest, journal };
}
