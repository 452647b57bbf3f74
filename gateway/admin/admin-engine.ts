import type {
  AccountStatus,
  BookEvent,
  Command,
  EngineFailedError,
  EngineStatus,
  InstrumentStatus,
  Outcome,
  Page,
  Readiness,
} from "../../engine/index.js";

/** What the admin server needs of an engine: `Engine` of `ringbook` has it. All of it runs on the server's thread. */
export interface AdminEngine {
  /** Settles with the outcome of a command; what the engine refuses is an outcome too. */
  apply(command: Command): Promise<Outcome>;
  status(): Promise<EngineStatus>;
  listInstruments(page: Page): Promise<readonly InstrumentStatus[]>;
  listAccounts(page: Page): Promise<readonly AccountStatus[]>;
  instrument(symbol: string): Promise<InstrumentStatus | undefined>;
  account(name: string): Promise<AccountStatus | undefined>;
  book(symbol: string, depth: number): Promise<BookEvent>;
  /** Of the shard's thread, read from shared memory. */
  counters(): Readonly<Record<string, number>>;
  readonly failed: Promise<EngineFailedError | undefined>;
  /** Whether it takes commands: "ready", or why not. */
  readonly readiness: Readiness;
}

/** What it needs of a gateway in front of that engine: `Gateway` of `ringbook/gateway` has it. */
export interface AdminGateway {
  readonly port: number;
  readonly transport: string;
  readonly sessionCount: number;
  readonly isDraining: boolean;
  /** While it drains it takes no new connections; those that are open stay. */
  drain(on: boolean): void;
  readonly failed: Promise<Error | undefined>;
}
