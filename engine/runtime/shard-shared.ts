import type { Disk } from "../journal/disk.js";
import type { ReplayProgress } from "../journal/recovery.js";
import type { SharedCountersShared, SharedRing } from "../ring/index.js";
import type { Eviction } from "./full-ring.js";
import type { RecoveryReport, ShardJournal } from "./journal-shared.js";

/**
 * What host and shard share beside the rings. The shard's thread is a loop that never returns to an event loop, so
 * everything that the host wants of it is a number here or a message that the loop fetches between two commands.
 */

/** Words of `ShardStart.control`. Each has one writer: the host. */
export const REQUESTS_WORD = 0;
/** How many of the ingress rings have ever had a producer; the loop looks at no others. */
export const OPEN_RINGS_WORD = 1;
/** The last session id that was given out, by whichever thread. */
export const SESSION_WORD = 2;
export const CONTROL_WORDS = 32;

/** Counters that the shard's thread writes, in this order. */
export const SHARD_COUNTERS = ["commands", "events", "batches", "parks", "fullWaits", "evictions", "journalWaits"] as const;
export type ShardCounterName = (typeof SHARD_COUNTERS)[number];

export type WaitStrategyName = "spin" | "adaptive" | "park";

/** What a shard is started with. */
export interface ShardStart {
  /** URL of a StepModule. */
  readonly stepUrl: string;
  readonly stepOptions: unknown;
  /** Every ingress ring; ring 0 is the host's own. */
  readonly ingress: readonly SharedRing[];
  readonly events: SharedRing;
  /** Memory of the one signal that every ingress ring rings. */
  readonly signal: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly counters: SharedCountersShared;
  readonly waitStrategy: WaitStrategyName;
  readonly evictAfterMs: number;
  readonly journal: ShardJournal | undefined;
}

/** The workerData of a shard's thread. */
export interface ShardWorkerData extends ShardStart {
  /** The shard's end of the channel for requests. */
  readonly port: import("node:worker_threads").MessagePort;
}

/** What a shard's loop has of its thread. */
export interface ShardSurroundings {
  readonly disk: Disk;
  /** The next request of the host, undefined when there is none. Does not wait. */
  receive(): ShardRequest | undefined;
  reply(reply: ShardReply): void;
  /** Blocks for about so long, while others go on. */
  pause(ms: number): void;
}

/** What the host asks between two commands. */
export interface ShardRequest {
  readonly id: number;
  readonly kind: "digest" | "ask" | "attach" | "stop";
  /** For `ask` and `attach`: what the step module's `answer` gets. */
  readonly question?: unknown;
  /** For `attach`: the gate of the event ring that is to hold from here on, for a reader that takes it over. */
  readonly gate?: number;
  /** Not before ring 0 has delivered so many records: the asker sees what it has sent. */
  readonly afterRecords: number;
}

export type ShardReply =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly progress: ReplayProgress }
  | { readonly kind: "recovered"; readonly report: RecoveryReport }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  | ({ readonly kind: "evicted" } & Eviction);
