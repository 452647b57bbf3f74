import type { InstrumentInfo } from "../edge/catalog.js";
import type { AccountStatement, StatementBalance } from "../edge/statement.js";
import type { MarketData } from "../pipelines/market-data/market-data.js";
import { INSUFFICIENT_CAPACITY, type RecordHandler } from "../ring/index.js";
import { AuctionIndication, Header, InstrumentState } from "../wire/flyweights.js";
import { MAX_SAFE } from "../wire/numbers.js";
import type { EnginePort } from "./engine-port.js";
import type { RecoveredSessions } from "./session-ledger.js";
import { shardOfId, shardOfInstrument } from "./shard-ids.js";

/** A claim for every shard. */
export const EVERY_SHARD = -1;

/** What a router needs of a shard's port. */
export type ShardPort = Pick<
  EnginePort,
  | "words"
  | "tryClaim"
  | "commit"
  | "abort"
  | "publish"
  | "poll"
  | "hasStarted"
  | "started"
  | "whenReady"
  | "sleepOn"
  | "openSession"
  | "joinSession"
  | "refusal"
  | "recovered"
  | "takeOpenOrders"
  | "accountId"
  | "statement"
  | "instruments"
  | "top"
  | "marketData"
  | "isBetweenCommands"
  | "tellTime"
  | "tradingState"
  | "onFailure"
  | "close"
>;

/**
 * One port over the ports of several shards: a claim names its shard, events come shard by shard in whole commands, and what is asked of an
 * instrument goes to the shard that trades it. Accounts, currencies and instruments have the same ids in every shard. One thread; nothing blocks.
 */
export class ShardRouter {
  readonly shards: number;
  private readonly ports: readonly ShardPort[];
  /** Whose claim it is: a shard, or EVERY_SHARD. */
  private claimed = 0;
  private readonly claims: number[];
  /** Why the last claim was refused. */
  private refused: ShardPort;
  /** The shard whose events are handed on, or were last. */
  private inHand = 0;
  private readonly bells: (Promise<void> | undefined)[];
  private readonly sleepers = new Set<() => void>();
  private onRecord: RecordHandler = () => {};
  private onError: ((error: Error) => void) | undefined;
  private error: Error | undefined;

  /** `ports`: of the shards, in their order; at least one. */
  constructor(ports: readonly ShardPort[]) {
    this.ports = ports;
    this.shards = ports.length;
    this.claims = ports.map(() => INSUFFICIENT_CAPACITY);
    this.bells = ports.map(() => undefined);
    this.refused = ports[0];
    for (const port of ports) port.onFailure((error) => this.fail(error));
  }

  shardOf(instrument: number): number {
    return shardOfInstrument(instrument, this.shards);
  }

  /** Of an id that no shard gives: 0, which does not know it either. */
  shardOfOrder(orderId: number): number {
    const shard = shardOfId(orderId);
    return shard >= 0 && shard < this.shards ? shard : 0;
  }

  /** The shard whose events `poll` hands on. */
  get shardInHand(): number {
    return this.inHand;
  }

  /** Where the claim lies: of EVERY_SHARD the first one, whose record the others get too. */
  get words(): Int32Array {
    return this.ports[Math.max(0, this.claimed)].words;
  }

  /** Room in the ring of a shard, or in that of every shard. Word index, or INSUFFICIENT_CAPACITY: then nothing is claimed anywhere. */
  tryClaim(lengthBytes: number, shard = EVERY_SHARD): number {
    this.claimed = shard;
    if (shard !== EVERY_SHARD) {
      this.refused = this.ports[shard];
      return this.refused.tryClaim(lengthBytes);
    }
    for (let index = 0; index < this.shards; index++) {
      this.claims[index] = this.ports[index].tryClaim(lengthBytes);
      if (this.claims[index] >= 0) continue;
      this.refused = this.ports[index];
      for (let before = 0; before < index; before++) this.ports[before].abort();
      return INSUFFICIENT_CAPACITY;
    }
    return this.claims[0];
  }

  /** The claimed record is complete. */
  commit(): void {
    if (this.claimed !== EVERY_SHARD) return this.ports[this.claimed].commit();
    const [first] = this.ports;
    const from = this.claims[0];
    // The first word is the ring's; the length of the claim is there until the commit.
    const lengthWords = this.lengthWords;
    for (let index = 1; index < this.shards; index++) {
      const { words } = this.ports[index];
      for (let word = 1; word < lengthWords; word++) words[this.claims[index] + word] = first.words[from + word];
    }
    for (const port of this.ports) port.commit();
  }

  /** Of the record in the claim: its block says how long it is. */
  private get lengthWords(): number {
    return (Header.HEADER_BYTES + Header.blockLength(this.ports[0].words, this.claims[0])) >> 2;
  }

  get refusal(): ShardPort["refusal"] {
    return this.refused.refusal;
  }

  publish(): void {
    for (const port of this.ports) port.publish();
  }

  /** Hands on events, at most `limit`: a command's are never cut by another shard's. Returns how many. */
  poll(onRecord: RecordHandler, limit: number): number {
    this.onRecord = onRecord;
    let count = 0;
    for (let round = 0; round < this.shards && count < limit; round++) {
      const port = this.ports[this.inHand];
      count += port.poll(this.hand, limit - count);
      if (!port.isBetweenCommands) break;
      this.inHand = (this.inHand + 1) % this.shards;
    }
    return count;
  }

  get hasStarted(): boolean {
    return this.ports.every((port) => port.hasStarted);
  }

  get isBetweenCommands(): boolean {
    return this.ports.every((port) => port.isBetweenCommands);
  }

  /** Until every shard has started: when they have. Then: when one of them may have something to poll. */
  async whenReady(timeoutMs: number): Promise<void> {
    if (this.error !== undefined) return;
    if (!this.hasStarted) return this.whenStarted(timeoutMs);
    const woken = new Promise<void>((resolve) => this.sleepers.add(resolve));
    for (let index = 0; index < this.shards; index++) {
      const port = this.ports[index];
      if (this.bells[index] !== undefined) {
        if (!port.sleepOn()) this.wake();
        continue;
      }
      this.bells[index] = port.whenReady(timeoutMs).then(() => {
        this.bells[index] = undefined;
        this.wake();
      });
    }
    return woken;
  }

  /** False: there is something to poll. */
  sleepOn(): boolean {
    let isAsleep = true;
    for (let index = 0; index < this.shards; index++) {
      // One that has rung meanwhile, and was not slept on since, is armed by the next `whenReady` only.
      if (this.bells[index] === undefined || !this.ports[index].sleepOn()) isAsleep = false;
    }
    return isAsleep;
  }

  /** A session id that no shard has had yet, noted down in all of them. 0: one of them has no room for that. */
  openSession(name: string): number {
    const session = this.ports[0].openSession(name);
    this.refused = this.ports[0];
    for (let index = 1; index < this.shards && session !== 0; index++) {
      this.refused = this.ports[index];
      if (!this.refused.joinSession(session, name)) return 0;
    }
    return session;
  }

  /** What the shards know of sessions together. */
  get recovered(): MergedSessions | undefined {
    const found = this.ports.flatMap(({ recovered }) => (recovered === undefined ? [] : [recovered]));
    return found.length === 0 ? undefined : new MergedSessions(found);
  }

  takeOpenOrders(): Int32Array {
    const lists = this.ports.map((port) => port.takeOpenOrders());
    return joined(lists);
  }

  accountId(name: string): number | undefined {
    return this.ports[0].accountId(name);
  }

  /** Of all shards together: what is free in one of them is free there only. */
  async statement(account: number): Promise<AccountStatement> {
    const parts = await Promise.all(this.ports.map((port) => port.statement(account)));
    return mergedStatement(parts);
  }

  get instruments(): readonly InstrumentInfo[] {
    return this.ports[0].instruments;
  }

  top(instrument: number, words: Int32Array, at: number): void {
    this.ports[this.shardOf(instrument)].top(instrument, words, at);
  }

  marketDataOf(instrument: number): MarketData | undefined {
    return this.ports[this.shardOf(instrument)].marketData;
  }

  tellTime(timeUs: number): void {
    for (const port of this.ports) port.tellTime(timeUs);
  }

  tradingState(instrument: number): number {
    return this.ports[this.shardOf(instrument)].tradingState(instrument);
  }

  /** The first shard that fails counts. */
  onFailure(callback: (error: Error) => void): void {
    this.onError = callback;
    if (this.error !== undefined) callback(this.error);
  }

  close(): void {
    for (const port of this.ports) port.close();
    this.wake();
  }

  /** Where an instrument is traded nowhere else, its state is nobody's business there. */
  private readonly hand: RecordHandler = (words, at, lengthBytes) => {
    const templateId = Header.templateId(words, at);
    if (templateId === InstrumentState.TEMPLATE_ID && this.shardOf(InstrumentState.instrument(words, at)) !== this.inHand) return;
    if (templateId === AuctionIndication.TEMPLATE_ID && this.shardOf(AuctionIndication.instrument(words, at)) !== this.inHand) return;
    this.onRecord(words, at, lengthBytes);
  };

  private async whenStarted(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      this.sleepers.add(resolve);
      timer = setTimeout(resolve, timeoutMs).unref();
    });
    await Promise.race([Promise.all(this.ports.map(({ started }) => started)), late]);
    clearTimeout(timer);
  }

  private fail(error: Error): void {
    if (this.error !== undefined) return;
    this.error = error;
    this.onError?.(error);
    this.wake();
  }

  private wake(): void {
    const sleepers = [...this.sleepers];
    this.sleepers.clear();
    for (const wake of sleepers) wake();
  }
}

/** What several shards have recovered of the same sessions. */
export class MergedSessions {
  readonly events: Int32Array;

  constructor(private readonly parts: readonly RecoveredSessions[]) {
    this.events = joined(parts.map(({ events }) => events));
  }

  /** The newest: a shard that was not told of it any more knows an older one. */
  sessionOf(name: string): number | undefined {
    const found = this.parts.flatMap((part) => part.sessionOf(name) ?? []);
    return found.length === 0 ? undefined : Math.max(...found);
  }

  /** The last that a shard has applied: of those before it, some may have been on their way to another. */
  clientSeqOf(session: number): number {
    return Math.max(...this.parts.map((part) => part.clientSeqOf(session)));
  }
}

function joined(lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((words, list) => words + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** Sums by currency; positions are in one shard each. */
export function mergedStatement(parts: readonly AccountStatement[]): AccountStatement {
  const sums = new Map<string, StatementBalance>();
  for (const { balances } of parts) {
    for (const row of balances) {
      const sum = sums.get(row.currency);
      sums.set(row.currency, sum === undefined ? row : added(sum, row));
    }
  }
  const positions = parts.flatMap((part) => part.positions).sort((one, other) => one.instrument - other.instrument);
  return { seq: Math.max(...parts.map(({ seq }) => seq)), balances: [...sums.values()], positions };
}

function added(one: StatementBalance, other: StatementBalance): StatementBalance {
  const { currency, scale } = one;
  const sum = (a: number, b: number): number => Math.max(-MAX_SAFE, Math.min(MAX_SAFE, a + b));
  return { currency, scale, total: sum(one.total, other.total), held: sum(one.held, other.held), free: sum(one.free, other.free) };
}
