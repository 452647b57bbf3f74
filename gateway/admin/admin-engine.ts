import type {
  AccountStatus,
  BalancesEvent,
  BookEvent,
  Command,
  EngineFailedError,
  EngineStatus,
  InstrumentStatus,
  JournalStatus,
  Outcome,
  Page,
  PendingReview,
  Readiness,
  ShardTransfer,
  SnapshotInfo,
  TransferProgress,
} from "../../engine/index.js";

/** What the admin server needs of an engine: `Engine` and `ShardedEngine` of `ringbook` have it. All of it runs on the server's thread. */
export interface AdminEngine {
  /** Settles with the outcome of a command; what the engine refuses is an outcome too. */
  apply(command: Command): Promise<Outcome>;
  status(): Promise<EngineStatus>;
  listInstruments(page: Page): Promise<readonly InstrumentStatus[]>;
  listAccounts(page: Page): Promise<readonly AccountStatus[]>;
  instrument(symbol: string): Promise<InstrumentStatus | undefined>;
  account(name: string): Promise<AccountStatus | undefined>;
  listPendingReviews(page: Page): Promise<readonly PendingReview[]>;
  /** Undefined: there was none that was taken. */
  movement(ref: string): Promise<string | undefined>;
  /** Of an engine with several shards: of all together, or of one. */
  balances(account: string, options?: { readonly shard?: number; readonly signal?: AbortSignal }): Promise<BalancesEvent>;
  /** Of an engine with several shards. */
  moveFunds?(transfer: ShardTransfer): Promise<TransferProgress>;
  book(symbol: string, depth: number): Promise<BookEvent>;
  /** Of the shard's thread, read from shared memory. */
  counters(): Readonly<Record<string, number>>;
  /** Whether commands are taken, and why not. */
  readonly readiness: Readiness;
  /** How the journal stands; undefined without one. */
  journal(): JournalStatus | undefined;
  /** Rejects when there is no journal, nothing new in it, or no room. */
  takeSnapshot(): Promise<SnapshotInfo>;
  readonly failed: Promise<EngineFailedError | undefined>;
}

/** What it needs of a gateway in front of that engine: `Gateway` of `ringbook/gateway` has it. */
export interface AdminGateway {
  readonly port: number;
  readonly transport: string;
  readonly sessionCount: number;
  readonly isDraining: boolean;
  /** While it drains it takes no new connections; those that are open stay. */
  drain(on: boolean): void;
  /** What it holds at the moment; numbers are shown as metrics. */
  stats(): object;
  readonly failed: Promise<Error | undefined>;
}
