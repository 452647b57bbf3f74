/** The public door `ringbook`: an engine on a thread of its own. */

export type { Capacities } from "./core/capacities.js";
export type { InstrumentInfo } from "./edge/catalog.js";
export { CommandError } from "./edge/command-error.js";
export type * from "./edge/report-types.js";
export type { SetUpConfig } from "./edge/set-up-config.js";
export type * from "./edge/types.js";
export { JournalError, type JournalErrorCode } from "./journal/journal-error.js";
export type { Durability } from "./journal/journal-writer.js";
export type { ReplayProgress } from "./journal/recovery.js";
export { CoreJournal } from "./runtime/core-journal.js";
export { CoreMarketData } from "./runtime/core-market-data.js";
export type { AccountStatus, EngineStatus, InstrumentStatus, Page, PendingReview } from "./runtime/directory.js";
export { Engine, type Readiness, type ReduceRequest, type ReplaceRequest, type SendOptions } from "./runtime/engine.js";
export type { EngineConfig } from "./runtime/engine-config.js";
export {
  ConfigError,
  EngineBusyError,
  EngineClosedError,
  EngineFailedError,
  JournalFullError,
  NotReadyError,
  SlowConsumerError,
} from "./runtime/engine-error.js";
export type { EnginePort } from "./runtime/engine-port.js";
export type { EventStream, EventsOptions } from "./runtime/event-stream.js";
export { raiseInliningBudget } from "./runtime/inlining-budget.js";
export { type InspectLine, inspectJournal } from "./runtime/inspect-journal.js";
export type { JournalConfig } from "./runtime/journal-config.js";
export type { JournalStatus } from "./runtime/journal-keeper.js";
export type * from "./runtime/market-data-events.js";
export type { Outcome, OutcomeStatus } from "./runtime/outcome.js";
export { type PortTicket, portOfTicket } from "./runtime/remote-port.js";
export { type ReplayOptions, type ReplayResult, replayJournal } from "./runtime/replay-journal.js";
export type { RecoveredSessions } from "./runtime/session-ledger.js";
export type { ShardRouter } from "./runtime/shard-router.js";
export type { ShardCounterName, WaitStrategyName } from "./runtime/shard-shared.js";
export { ShardedEngine, type ShardSendOptions, type ShardTransfer, startEngine } from "./runtime/sharded-engine.js";
export { portOfTickets, type ShardedTicket } from "./runtime/sharded-ticket.js";
export type { SnapshotInfo } from "./runtime/snapshot-taker.js";
export type { MovementState } from "./runtime/trading-step.js";
export { type TransferBetween, type TransferProgress, type TransferSide, transferBetween } from "./runtime/transfer-between.js";
