import { Decimal } from "decimal.js";
import type { BalanceRow, BalancesEvent } from "../edge/types.js";
import type { AccountStatus, EngineStatus } from "./directory.js";
import type { JournalStatus } from "./journal-keeper.js";
import type { Outcome } from "./outcome.js";

/** More digits than any sum of amounts has. */
const Exact = Decimal.clone({ precision: 60 });

/** The outcome of a command that every shard was told: rejected when one of them has. `seq` is the first shard's. */
export function mergedOutcome(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes;
  const rejected = outcomes.find(({ code }) => code !== undefined);
  const counts = outcomes.flatMap(({ count }) => count ?? []);
  return {
    ...(rejected ?? first),
    ...(counts.length === 0 ? {} : { count: counts.reduce((sum, count) => sum + count, 0) }),
    events: outcomes.flatMap(({ events }) => events),
  };
}

/** What an account has in all shards together: sums by currency; positions are in one shard each. */
export function mergedBalances(parts: readonly BalancesEvent[]): BalancesEvent {
  const sums = new Map<string, BalanceRow>();
  for (const row of parts.flatMap(({ balances }) => balances)) {
    const sum = sums.get(row.currency);
    sums.set(row.currency, sum === undefined ? row : added(sum, row));
  }
  return { ...parts[0], balances: [...sums.values()], positions: parts.flatMap(({ positions }) => positions) };
}

function added(one: BalanceRow, other: BalanceRow): BalanceRow {
  const sum = (key: "total" | "held" | "free"): string => new Exact(one[key]).plus(other[key]).toFixed();
  return { currency: one.currency, total: sum("total"), held: sum("held"), free: sum("free") };
}

const RESTRAINT: Readonly<Record<AccountStatus["state"], number>> = { active: 0, reduceOnly: 1, suspended: 2 };

/** The same account in every shard: the state that lets it do least, and all of its orders. */
export function mergedAccount(parts: readonly AccountStatus[]): AccountStatus {
  const strictest = parts.reduce((one, other) => (RESTRAINT[other.state] > RESTRAINT[one.state] ? other : one));
  const openOrders = parts.reduce((sum, part) => sum + part.openOrders, 0);
  return { ...parts[0], state: strictest.state, killed: parts.some(({ killed }) => killed), openOrders };
}

/** `seq`: the commands of all shards. */
export function mergedStatus(parts: readonly EngineStatus[]): EngineStatus {
  const seq = parts.reduce((sum, part) => sum + part.seq, 0);
  return { ...parts[0], seq, timeUs: Math.max(...parts.map(({ timeUs }) => timeUs)), killed: parts.some(({ killed }) => killed) };
}

/** Counts are sums over the shards; the snapshot is the first shard's. */
export function mergedJournal(parts: readonly JournalStatus[], dir: string): JournalStatus {
  const sum = (of: (part: JournalStatus) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const recovery = {
    snapshot: parts[0].recovery.snapshot,
    badSnapshots: parts.flatMap((part) => part.recovery.badSnapshots),
    replayed: sum((part) => part.recovery.replayed),
    digestsCompared: sum((part) => part.recovery.digestsCompared),
    cut: parts.some((part) => part.recovery.cut),
    tookMs: Math.max(...parts.map((part) => part.recovery.tookMs)),
    lastSeq: sum((part) => part.recovery.lastSeq),
  };
  return {
    dir,
    isFull: parts.some(({ isFull }) => isFull),
    recovery,
    snapshot: parts[0].snapshot,
    snapshotError: parts.find(({ snapshotError }) => snapshotError !== undefined)?.snapshotError,
    releasedSeq: sum((part) => part.releasedSeq),
    syncedSeq: sum((part) => part.syncedSeq),
    frames: sum((part) => part.frames),
    syncs: sum((part) => part.syncs),
    bytes: sum((part) => part.bytes),
  };
}
