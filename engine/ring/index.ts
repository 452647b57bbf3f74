/** The public door `ringbook/ring`: lock-free rings in shared memory, wait strategies and shared counters, for any Node service. */
export { BroadcastRing } from "./broadcast-ring.js";
export { type GateOptions, GateReader } from "./gate-reader.js";
export type { GateState, GateStatus } from "./gate-table.js";
export { type EvictedGate, type GatedRing, GateWatchdog, type GateWatchdogOptions } from "./gate-watchdog.js";
export { ManyProducer } from "./many-producer.js";
export { MpscRing } from "./mpsc-ring.js";
export { ObserveReader, type ObserverOptions } from "./observe-reader.js";
export { RingError, type RingErrorCode } from "./ring-error.js";
export type { RingOptions, SharedRing } from "./ring-memory.js";
export { END_OF_BATCH, type GapHandler, type RecordHandler, type Waitable } from "./ring-reader.js";
export { SharedCounters, type SharedCountersShared } from "./shared-counters.js";
export { canWaitAsync, SharedSignal } from "./shared-signal.js";
export { INSUFFICIENT_CAPACITY, SingleProducer } from "./single-producer.js";
export { type ProducerOptions, SpscRing } from "./spsc-ring.js";
export {
  AnyReady,
  type BlockingWait,
  type BlockingWaitName,
  type BlockingWaitOptions,
  blockingWait,
  type EventLoopWait,
  type EventLoopWaitName,
  type EventLoopWaitOptions,
  eventLoopWait,
  type Schedule,
} from "./wait-strategy.js";
