import type { TradingCore } from "../../engine/core/core.js";
import { JournalError } from "../../engine/journal/journal-error.js";
import { listJournal, segmentName, snapshotName } from "../../engine/journal/journal-files.js";
import { recover } from "../../engine/journal/recovery.js";
import { JOURNAL_BEGINNING, SegmentReader } from "../../engine/journal/segment-reader.js";
import { senderOf } from "../../engine/runtime/answer-to.js";
import { orderSeed } from "../../engine/runtime/order-seed.js";
import { StepReplica } from "../../engine/runtime/step-replica.js";
import type { Companion, StateReader, StateWriter, StepModule } from "../../engine/step.js";
import { Cancel, Header, MassCancel, NewOrder, OrderStatus } from "../../engine/wire/index.js";
import type { Random } from "../fuzz/random.js";
import type { Claim } from "./sim-client.js";
import type { SimDisk } from "./sim-disk.js";
import { Violation } from "./violation.js";

export const DIR = "data";
/** Invariants are asserted behind every so many commands of a replay, and at its end. */
const CHECK_EVERY = 8;
/** Of a journal in group mode one frame at most is not known to be durable by a later one; of others what comes between two syncs. */
const LAST_FRAMES = 60;

/** What an independent replay has come to. */
export interface Replayed {
  readonly seq: number;
  readonly digest: string;
  readonly core: TradingCore;
}

/** Hands on every command and event of a replay. */
class Listener implements Companion {
  readonly eventsWanted = Number.POSITIVE_INFINITY;

  constructor(
    private readonly inner: Companion,
    private readonly ledger: Replay,
  ) {}

  command(words: Int32Array, at: number): void {
    this.ledger.command(words, at);
    this.inner.command(words, at);
  }

  event(words: Int32Array, at: number): void {
    this.ledger.event(words, at);
    this.inner.event(words, at);
  }

  note(words: Int32Array, at: number): void {
    this.inner.note(words, at);
  }

  save(out: StateWriter): void {
    this.inner.save(out);
  }

  load(input: StateReader): void {
    this.inner.load(input);
  }

  summary(): unknown {
    return this.inner.summary();
  }
}

/** What one replay has read, by seq. */
class Replay {
  readonly commands = new Map<number, { readonly text: string; readonly key: string | undefined }>();
  readonly events = new Map<number, string>();
  core: TradingCore | undefined;

  command(words: Int32Array, at: number): void {
    const sender = senderOf(Header.templateId(words, at));
    const clientSeq = sender?.clientSeq(words, at) ?? 0;
    const key = sender === undefined || clientSeq === 0 ? undefined : keyOf(accountOf(words, at), sender.session(words, at), clientSeq);
    this.commands.set(Header.seq(words, at), { text: textOf(words, at), key });
  }

  event(words: Int32Array, at: number): void {
    append(this.events, words, at);
    const isLast = (Header.flags(words, at) & Header.FLAG_LAST_OF_BATCH) !== 0;
    if (isLast && Header.seq(words, at) % CHECK_EVERY === 0) this.core?.assertConsistent();
  }
}

/**
 * Knows every event that live shards have published, and every command that a replay has found on the disk, and compares: live = replayed =
 * restored, byte for byte; no command twice; none missing that a client was promised; none there that it was promised would not be.
 */
export class SimLedger {
  /** Replays so far. */
  replays = 0;
  /** Damaged journals that were refused. */
  rotten = 0;
  private readonly live = new Map<number, string>();
  private readonly commands: Replay["commands"] = new Map();

  constructor(
    private readonly module: StepModule,
    private readonly stepOptions: unknown,
  ) {}

  /** An event of a live shard. */
  readonly onLive = (words: Int32Array, at: number): void => append(this.live, words, at);

  /** Before older segments may go: takes note of what is in them. */
  collect(disk: SimDisk): void {
    const { replay } = this.replay(withoutLaterSnapshots(disk.copy()));
    for (const [seq, command] of replay.commands) this.commands.set(seq, command);
    this.compareEvents(replay);
  }

  /** Replays what a process that is gone has left on a disk, in two ways, and compares. The disk is not touched. */
  verify(disk: SimDisk, claims: readonly Claim[]): Replayed {
    const quick = this.replay(disk.copy());
    const whole = this.replay(withoutLaterSnapshots(disk.copy()));
    if (quick.seq !== whole.seq || quick.digest !== whole.digest)
      throw new Violation(
        `a replay from the beginning comes to ${whole.digest} at ${whole.seq}, one from the newest snapshot to ${quick.digest} at ${quick.seq}`,
      );
    this.merge(whole.replay, whole.seq);
    this.compareEvents(whole.replay);
    this.compareEvents(quick.replay);
    this.keep(claims);
    return whole;
  }

  /**
   * Bits of the journal have rotted: a start must refuse it and name the file, or come to the same state because a snapshot has what is damaged. One
   * in the very last frames may look like a torn tail, so those are left alone.
   */
  rot(disk: SimDisk, random: Random): void {
    const before = this.replay(disk.copy());
    // Without what has it already, wherever the journal is still there from its beginning.
    const rotten = withoutLaterSnapshots(disk.copy());
    const segment = random.pick(listJournal(rotten, DIR).segments);
    const reader = new SegmentReader(rotten, DIR);
    const places: { readonly offset: number; readonly end: number }[] = [];
    reader.open(segment);
    const begin = reader.step({ ...JOURNAL_BEGINNING, segment }, false);
    if ("fault" in begin) return;
    const { place } = reader.walk(begin.behind, ({ offset }, _words, _at, behind) => places.push({ offset, end: behind.offset }));
    const isNewest = !listJournal(rotten, DIR).segments.includes(segment + 1);
    const safe = isNewest ? places.slice(0, -LAST_FRAMES) : places;
    if (safe.length === 0 || place.number === 0) return;
    const { offset, end } = random.pick(safe);
    const path = `${DIR}/${segmentName(segment)}`;
    rotten.damage(path, (bytes) => {
      bytes[offset + random.below(end - offset)] ^= 1 << random.below(8);
    });
    try {
      const after = this.replay(rotten);
      if (after.seq !== before.seq || after.digest !== before.digest)
        throw new Violation(
          `${path} has rotted in the frame at offset ${offset}, and a start has come to seq ${after.seq} in silence, not to ${before.seq}`,
        );
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      if (error.code !== "JOURNAL_CORRUPT" || !error.message.includes(path))
        throw new Violation(`${path} has rotted in the frame at offset ${offset}, and the start says: ${error.message}`);
      this.rotten++;
    }
  }

  /** Open quantities of an account by clOrdId. */
  static liveOrders(core: TradingCore, account: number): Map<number, number> {
    const words = orderSeed(core);
    const found = new Map<number, number>();
    for (let at = 0; at < words.length; at += Header.length(words, at) >> 2) {
      if (OrderStatus.account(words, at) === account) found.set(OrderStatus.clOrdId(words, at), OrderStatus.leavesQty(words, at));
    }
    return found;
  }

  private replay(disk: SimDisk): Replayed & { readonly replay: Replay } {
    const replay = new Replay();
    const { module } = this;
    const inner = module.createCompanion;
    if (inner === undefined) throw new Error("the step has no companion");
    const replica = StepReplica.create({ ...module, createCompanion: () => new Listener(inner(), replay) }, this.stepOptions);
    const core = replica.step as TradingCore;
    replay.core = core;
    const { place } = recover(disk, DIR, replica);
    core.assertConsistent();
    this.replays++;
    return { seq: place.seq, digest: replica.digest(), core, replay };
  }

  /** What the disk has lost is forgotten; what it had before must still be the same. */
  private merge(replay: Replay, end: number): void {
    for (const seq of this.live.keys()) if (seq > end) this.live.delete(seq);
    for (const seq of this.commands.keys()) if (seq > end) this.commands.delete(seq);
    for (const [seq, command] of replay.commands) {
      const known = this.commands.get(seq);
      if (known !== undefined && known.text !== command.text)
        throw new Violation(`command ${seq} was ${known.text}, and is ${command.text}`);
      this.commands.set(seq, command);
    }
    for (let seq = 1; seq <= end; seq++) if (!this.commands.has(seq)) throw new Violation(`command ${seq} of ${end} is not in the journal`);
  }

  private compareEvents(replay: Replay): void {
    for (const [seq, text] of replay.events) {
      const live = this.live.get(seq);
      if (live !== text) throw new Violation(`the events of command ${seq} were ${live}, a replay makes ${text}`);
    }
    for (const seq of replay.commands.keys())
      if (this.live.has(seq) && !replay.events.has(seq)) throw new Violation(`command ${seq} had events, a replay makes none`);
  }

  private keep(claims: readonly Claim[]): void {
    const applied = new Map<string, number>();
    for (const [seq, { key }] of this.commands) {
      if (key === undefined) continue;
      const other = applied.get(key);
      if (other !== undefined)
        throw new Violation(`the request with account, session and client seq ${key} was applied twice: as ${other} and as ${seq}`);
      applied.set(key, seq);
    }
    for (const { account, session, clientSeq, what } of claims) {
      const seq = applied.get(keyOf(account, session, clientSeq));
      if (what === "acknowledged" && seq === undefined)
        throw new Violation(`request ${clientSeq} of session ${session} was acknowledged, and is not in the journal`);
      if (what === "never" && seq !== undefined)
        throw new Violation(`request ${clientSeq} of session ${session} was not to be applied, and is command ${seq}`);
    }
  }
}

/** The number of a session that has left nothing behind may be another account's after a restart. */
function keyOf(account: number, session: number, clientSeq: number): string {
  return `${account} ${session} ${clientSeq}`;
}

/** −1 of what clients do not send. */
function accountOf(words: Int32Array, at: number): number {
  switch (Header.templateId(words, at)) {
    case NewOrder.TEMPLATE_ID:
      return NewOrder.account(words, at);
    case Cancel.TEMPLATE_ID:
      return Cancel.account(words, at);
    case MassCancel.TEMPLATE_ID:
      return MassCancel.account(words, at);
    default:
      return -1;
  }
}

/** So that a replay begins where the journal does. */
function withoutLaterSnapshots(disk: SimDisk): SimDisk {
  const { segments, snapshots } = listJournal(disk, DIR);
  const isWhole = segments.length === 0 || segments[0] === 1;
  for (const seq of isWhole ? snapshots : snapshots.slice(1)) disk.remove(`${DIR}/${snapshotName(seq)}`);
  return disk;
}

function append(events: Map<number, string>, words: Int32Array, at: number): void {
  const seq = Header.seq(words, at);
  events.set(seq, (events.get(seq) ?? "") + textOf(words, at));
}

function textOf(words: Int32Array, at: number): string {
  const lengthBytes = Header.length(words, at);
  // The first word has the ring's flags.
  return Buffer.from(words.buffer, words.byteOffset + 4 * at + 4, lengthBytes - 4).toString("latin1");
}
