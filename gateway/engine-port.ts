/**
 * What the gateway needs of an engine: `Engine` of `ringbook` has it, tests bring a plain one. One gateway uses one
 * port; all of it runs on the gateway's thread, and nothing blocks.
 */

import type { InstrumentInfo } from "../engine/edge/catalog.js";
import type { AccountStatement } from "../engine/edge/statement.js";
import type { RecordHandler } from "../engine/ring/ring-reader.js";
import type { Table } from "../engine/table/index.js";

/** The price levels and orders of every instrument. A book side is 2 × instrument + side; 0 is no level and no slot. */
export interface BookView {
  bestLevel(bookSide: number): number;
  nextLevel(level: number): number;
  /** The best level behind a key. Keys of a side grow from the best level on. */
  levelBehind(bookSide: number, key: number): number;
  levelKey(level: number): number;
  levelPrice(level: number): number;
  levelQty(level: number): number;
  levelOrders(level: number): number;
  /** The orders of a level in their order, as slots. */
  firstSlot(level: number): number;
  nextSlot(slot: number): number;
  orderIdOf(slot: number): number;
  visibleOf(slot: number): number;
}

/** What market data is read from, as of the last record that `poll` has handed on. */
export interface MarketDataView {
  /** The engine's sequence of the last command. */
  readonly lastSeq: number;
  readonly timeUs: number;
  readonly books: BookView;
  /** All levels; the group is the instrument. */
  readonly levels: Table;
  writeLevel(slot: number, words: Int32Array, at: number): void;
  /** What `poll` hands on of an instrument beside tops and trades: bits 1 << Channel. */
  want(instrument: number, channels: number): void;
  writeStatistics(instrument: number, words: Int32Array, at: number): void;
  writeState(instrument: number, words: Int32Array, at: number): void;
  /** Intervals are 0 (a second), 1 (a minute), 2 (an hour). */
  candlesKept(instrument: number, interval: number): number;
  hasCandle(instrument: number, interval: number): boolean;
  writeCandle(instrument: number, interval: number, age: number, words: Int32Array, at: number): void;
}

/** Sessions of an engine that has come back from its journal. */
export interface RecoveredSessions {
  /** The newest events, whole records in order, as `poll` hands them on. */
  readonly events: Int32Array;
  /** The newest session under a name, undefined when there is none. */
  sessionOf(name: string): number | undefined;
  /** The last client seq of a session that was applied, 0 when none was. */
  clientSeqOf(session: number): number;
}

/** A claim for all shards of an engine: each is sent the record. */
export const EVERY_SHARD = -1;

export interface EnginePort {
  /** How many shards the engine has; they are numbered from 0. */
  readonly shards: number;
  /** Whose events `poll` hands on: a command's follow each other. */
  readonly shardInHand: number;
  /** The shard that trades an instrument. */
  shardOf(instrument: number): number;
  /** The shard that has given an order its id; of an id that none has, any. */
  shardOfOrder(orderId: number): number;
  /** Where the claim of the ingress ring lies. */
  readonly words: Int32Array;
  /** Word index of a claim for a shard, or for EVERY_SHARD; or INSUFFICIENT_CAPACITY. */
  tryClaim(lengthBytes: number, shard: number): number;
  /** The claimed record is complete, its first word apart, which this writes. */
  commit(): void;
  /** Makes what was committed visible and wakes the shard. */
  publish(): void;
  /** Hands on events in order, at most `limit`. Returns how many. */
  poll(onRecord: RecordHandler, limit: number): number;
  /** Whether the port takes and tells something. */
  readonly hasStarted: boolean;
  /**
   * Resolves when there may be something to poll, or after timeoutMs; for a new port as soon as it can be used; at once when the port is
   * closed or has failed. Does not keep the event loop alive.
   */
  whenReady(timeoutMs: number): Promise<void>;
  /**
   * Publishing says that this thread is awake and looks by itself, so the engine does not ring. Before it sleeps again on a `whenReady` that
   * is still pending, it says so here. False: there is something to poll.
   */
  sleepOn(): boolean;
  /**
   * A session id that nobody on this engine has had yet, 1 and up, under the name of a key, so that `recovered` knows whose it was after a
   * restart. 0: it cannot be noted down at present, see `refusal`.
   */
  openSession(name: string): number;
  /** Why `tryClaim` takes nothing: a code of 5xxx. */
  readonly refusal: number;
  /** What the engine knows of sessions before its start; undefined when there was nothing. */
  readonly recovered: RecoveredSessions | undefined;
  /** The live orders in front of the first event, as OrderStatus records one behind the other; once. */
  takeOpenOrders(): Int32Array;
  /** The engine's number of an account, undefined when there is none of that name. */
  accountId(name: string): number | undefined;
  /**
   * What an account has between two commands. It knows every command whose events `poll` has handed on, and may know later ones: when it
   * resolves, their events can be polled. Rejects when the engine has failed or the port is closed.
   */
  statement(account: number): Promise<AccountStatement>;
  /** In order of id, as they are now. */
  readonly instruments: readonly InstrumentInfo[];
  /** Writes a TopOfBook record of what the market is as of the last record that `poll` has handed on. */
  top(instrument: number, words: Int32Array, at: number): void;
  /** The books, where an instrument's is; undefined on a port that tells tops and trades only. */
  marketDataOf(instrument: number): MarketDataView | undefined;
  /** False while some events of a command are still to come, or market data has not been told of all of them. */
  readonly isBetweenCommands: boolean;
  /** Says how late it is where no event does; what follows from it is handed on as by `poll`. */
  tellTime(timeUs: number): void;
  /** The trading state of an instrument, a value of TradingState, as of the last record that `poll` has handed on. */
  tradingState(instrument: number): number;
  /**
   * Calls back once when the engine can take and tell nothing more, with an error of `code` ENGINE_CLOSED when it was closed. What had been
   * published before can still be polled within the callback. Given again, the newer callback counts; it is called at once when it is too late.
   */
  onFailure(callback: (error: Error) => void): void;
  close(): void;
}

/** What of a port the public is told from. */
export type MarketDataPort = Pick<EnginePort, "instruments" | "marketDataOf" | "isBetweenCommands" | "top" | "tradingState" | "tellTime">;

/** An engine that a gateway can be put in front of. */
export interface PortHost {
  openPort(name: string): EnginePort;
}
