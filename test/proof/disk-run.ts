import type { Disk } from "../../engine/journal/disk.js";
import { isFrame, readFrame, sealFrame } from "../../engine/journal/frame.js";
import { JournalError } from "../../engine/journal/journal-error.js";
import { type Durability, JournalWriter } from "../../engine/journal/journal-writer.js";
import { recover } from "../../engine/journal/recovery.js";
import { InlineSpares } from "../../engine/journal/spare.js";
import { SetTime } from "../../engine/wire/flyweights.js";
import { Random } from "../fuzz/random.js";
import { TapeReplica } from "../journal/tape-replica.js";
import { DIR, JournalOracle, type Owed } from "./journal-oracle.js";
import { type DiskFault, SimDisk } from "./sim-disk.js";
import { Violation } from "./violation.js";

/** Puts a planted mistake between the journal and the disk, so that a test can see that it is found. */
export type Plant = (disk: SimDisk) => Disk;

/** After a machine was off, or a process is gone. */
type Damage = "bitFlip" | "stranger" | "oldCopy";

export interface RunPlan {
  readonly seed: number;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly lives: number;
  readonly framesMax: number;
  readonly takesParts: boolean;
  /** Faults, by life. */
  readonly faults: readonly (DiskFault | undefined)[];
  /** What happens to the files before the last recovery. */
  readonly damage: Damage | undefined;
}

/** How often what happened. */
export interface RunCounts {
  recoveries: number;
  refusals: number;
  /** Acknowledged frames were lost by a disk that lies or destroys, and nothing on it tells. */
  silentLosses: number;
  faults: number;
  frames: number;
}

const CALLS_MAX = 400;
const DAMAGES: readonly Damage[] = ["bitFlip", "stranger", "oldCopy"];
const FAULTS: readonly DiskFault["kind"][] = ["powerCut", "powerCut", "EIO", "ENOSPC", "lie", "misdirect"];

/** Draws what a seed does. */
export function planOf(seed: number): RunPlan {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  for (let skip = 0; skip < 8; skip++) random.below(2);
  const lives = 1 + random.below(4);
  const faults = Array.from({ length: lives }, (): DiskFault | undefined =>
    random.oneIn(3)
      ? undefined
      : { at: 1 + random.below(CALLS_MAX >> random.below(5)), kind: random.pick(FAULTS), calls: 1 + random.below(20) },
  );
  return {
    seed,
    durability: random.pick(["group", "group", "group", "async", "none"] as const),
    segmentBytes: random.pick([4096, 8192, 32_768]),
    lives,
    framesMax: random.pick([3, 12, 40]),
    takesParts: random.oneIn(3),
    faults,
    damage: random.oneIn(3) ? random.pick(DAMAGES) : undefined,
  };
}

/**
 * One journal on one simulated disk: it is written, the machine or the process dies, it is recovered and goes on, some times over. After each
 * death the oracle says what is owed, and recovery has to come to the same. Throws a Violation.
 */
export class DiskRun {
  readonly counts: RunCounts = { recoveries: 0, refusals: 0, silentLosses: 0, faults: 0, frames: 0 };
  /** Calls of each life, for sweeps over them. */
  readonly calls: number[] = [];
  private readonly random: Random;
  private readonly oracle = new JournalOracle();
  private disk: SimDisk;
  private oldCopies = new Map<string, Uint8Array>();
  /** A disk of this run has destroyed data, or said that it had kept what it had not. */
  private isDestructive = false;

  constructor(
    private readonly plan: RunPlan,
    private readonly plant: Plant = (disk) => disk,
  ) {
    this.random = new Random(plan.seed);
    this.disk = new SimDisk(this.random);
  }

  run(): void {
    const { lives, faults, damage } = this.plan;
    for (let life = 0; life < lives; life++) {
      const isRefused = this.live(faults[life]);
      if (isRefused) return;
      this.die();
    }
    if (damage !== undefined) this.damage(damage);
    this.live(undefined);
  }

  /** True: recovery has refused, as it should. */
  private live(fault: DiskFault | undefined): boolean {
    const { disk, oracle, plan } = this;
    disk.fault = fault;
    disk.takesParts = plan.takesParts;
    disk.onWrite = oracle.onWrite;
    if (fault?.kind === "lie" || fault?.kind === "misdirect") this.isDestructive = true;
    try {
      return this.trade();
    } finally {
      if (disk.hasFailed) this.counts.faults++;
      this.calls.push(disk.calls);
    }
  }

  private trade(): boolean {
    const replica = new TapeReplica();
    const owed = this.oracle.owed(this.disk);
    const before = new Map(this.disk.paths().map((path) => [path, this.disk.peek(path)?.slice()] as const));
    const disk = this.plant(this.disk);
    let place: ReturnType<typeof recover>["place"];
    try {
      place = recover(disk, DIR, replica).place;
    } catch (error) {
      if (this.isOfTheDisk(error)) return false;
      this.refused(error, owed, before);
      return true;
    }
    this.counts.recoveries++;
    this.recovered(owed, place.number, replica.values);
    // A copy from before a cut has frames that were never durable, and nothing tells them from those that took their place.
    if (this.oracle.goOnBehind(place.number)) this.oldCopies.clear();
    this.oracle.acknowledge(place.number);
    try {
      this.write(disk, place);
    } catch (error) {
      if (!this.isOfTheDisk(error)) throw error;
    }
    return false;
  }

  private recovered(owed: Owed, number: number, values: readonly number[]): void {
    if (owed.isLoss && !this.isDestructive)
      throw new Violation(
        `acknowledged up to frame ${this.oracle.acknowledgedFrames}, an honest disk has only ${owed.whole}: acknowledged too early`,
      );
    if (owed.isLoss && owed.isLossKnown)
      throw new Violation(
        `frame ${owed.whole + 1} was durable and is lost, a later frame knows it, and recovery has dropped it without a word`,
      );
    if (owed.isLoss) this.counts.silentLosses++;
    if (number !== owed.whole) throw new Violation(`${owed.whole} frames are whole, recovery has found ${number}`);
    const expected = this.oracle.valuesOf(number);
    if (expected.length !== values.length || expected.some((value, index) => value !== values[index]))
      throw new Violation(`recovery has come to other commands than were written in the first ${number} frames`);
  }

  private refused(error: unknown, owed: Owed, before: ReadonlyMap<string, Uint8Array | undefined>): void {
    if (!(error instanceof JournalError)) throw error;
    if (!this.isDestructive) throw new Violation(`an honest disk was refused: ${error.message}`);
    if (!owed.isLoss) throw new Violation(`nothing that was acknowledged is lost, and it was refused: ${error.message}`);
    const isNamed = owed.places.length === 0 || owed.places.some((place) => error.message.includes(place));
    if (error.code === "JOURNAL_CORRUPT" && owed.isLoss && !isNamed)
      throw new Violation(`the damage is in ${owed.places.join(" or ")}, the refusal says: ${error.message}`);
    for (const [path, bytes] of before) {
      const now = this.disk.peek(path);
      if (bytes === undefined || path.endsWith(".tmp")) continue;
      if (now === undefined || Buffer.compare(now, bytes) !== 0) throw new Violation(`a refused recovery has changed ${path}`);
    }
    this.counts.refusals++;
    if (error.code === "JOURNAL_CORRUPT") this.cut(owed);
  }

  /** An operator cuts: exactly what is whole before the damage must come back. */
  private cut(owed: Owed): void {
    this.disk.fault = undefined;
    const replica = new TapeReplica();
    const { place } = recover(this.disk, DIR, replica, { cutDamage: true });
    if (place.number !== owed.whole) throw new Violation(`cut at the damage, ${owed.whole} frames are whole, ${place.number} came back`);
    const again = recover(this.disk, DIR, new TapeReplica());
    if (again.place.number !== owed.whole || again.cut) throw new Violation("a journal that was cut is not clean");
  }

  /** Whether an error is what the disk did, rather than what we did. */
  private isOfTheDisk(error: unknown): boolean {
    const cause = error instanceof JournalError && error.code === "JOURNAL_IO" ? error.cause : error;
    return this.disk.hasFailed && !(cause instanceof JournalError) && !(cause instanceof Violation) && !(cause instanceof TypeError);
  }

  private write(disk: Disk, place: ConstructorParameters<typeof JournalWriter>[3]["place"]): void {
    const { random, oracle, plan } = this;
    let nowMs = 0;
    const pause = (ms = 1): void => {
      nowMs += ms;
    };
    const writer = new JournalWriter(disk, DIR, new InlineSpares(disk, DIR, plan.segmentBytes, pause), {
      durability: plan.durability,
      place,
      clock: { nowMs: () => nowMs, pause },
      reserveBytes: 1024,
      onFull: () => {},
    });
    // As real programs say their process id: two lives must not begin with the same bytes.
    writer.start({ simulated: true, life: this.calls.length });
    oracle.acknowledge(writer.end.number);
    const frames = random.below(plan.framesMax + 1);
    for (let frame = 0; frame < frames; frame++) {
      const before = { number: writer.end.number, syncs: writer.syncCount };
      this.writeFrame(writer);
      if (plan.durability === "group") oracle.acknowledge(writer.end.number);
      else if (writer.syncCount > before.syncs) oracle.acknowledge(before.number);
      nowMs += random.below(30);
      const syncs = writer.syncCount;
      writer.syncIfDue();
      if (writer.syncCount > syncs) oracle.acknowledge(writer.end.number);
      if (random.oneIn(30)) this.keepOldCopy();
    }
    if (random.oneIn(4)) {
      writer.close();
      oracle.acknowledge(writer.end.number);
    }
  }

  private writeFrame(writer: JournalWriter): void {
    const records = 1 + this.random.below(this.random.oneIn(4) ? 40 : 4);
    const { payload, end } = writer;
    let word = 0;
    for (let index = 0; index < records; index++) {
      SetTime.init(payload, word, end.seq + 1 + index, 0);
      SetTime.setClientSeq(payload, word, 0);
      SetTime.setSession(payload, word, 0);
      SetTime.setAt(payload, word, 1 + this.random.below(2 ** 31));
      word += SetTime.RECORD_BYTES >> 2;
    }
    writer.write(4 * word, records, records);
    this.counts.frames++;
  }

  private die(): void {
    // A process alone can die too: then what it had written is there.
    const isPowered = this.disk.fault?.kind !== "powerCut" && this.random.oneIn(3);
    this.disk = isPowered ? this.disk.reopen() : this.disk.reboot();
  }

  private keepOldCopy(): void {
    for (const path of this.segments()) this.oldCopies.set(path, (this.disk.peek(path) as Uint8Array).slice());
  }

  private segments(): string[] {
    return this.disk.paths().filter((path) => /segment-\d+\.rbj$/.test(path));
  }

  private damage(kind: Damage): void {
    const segments = this.segments();
    if (segments.length === 0) return;
    const path = this.random.pick(segments);
    this.isDestructive = true;
    this.counts.faults++;
    if (kind === "bitFlip") this.disk.damage(path, (bytes) => this.flip(path, bytes));
    else if (kind === "stranger") this.disk.damage(path, (bytes) => this.putStranger(path, bytes));
    else this.disk.damage(path, (bytes) => bytes.set((this.oldCopies.get(path) ?? bytes).subarray(0, bytes.length)));
  }

  private flip(path: string, bytes: Uint8Array): void {
    const end = Math.max(1, this.oracle.framesOf(path).at(-1)?.end ?? bytes.length);
    const flips = 1 + this.random.below(3);
    for (let flip = 0; flip < flips; flip++) bytes[Math.min(bytes.length - 1, this.random.below(end))] ^= 1 << this.random.below(8);
  }

  /**
   * From some frame on, the file is that of another journal with the same frames in the same places: each whole, each following the one
   * before it, with other commands. Only the chain tells.
   */
  private putStranger(path: string, bytes: Uint8Array): void {
    const frames = this.oracle.framesOf(path);
    if (frames.length === 0) return;
    const segment = Number(/segment-(\d+)/.exec(path)?.[1]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const first = this.random.below(frames.length);
    let previousCrc = 1 + this.random.below(2 ** 31);
    for (const { offset } of frames.slice(first)) {
      const frame = readFrame(bytes, view, offset, bytes.length, segment, offset);
      if (!isFrame(frame)) return;
      if (frame.kind === 1) SetTime.setAt(words, (offset + 64) >> 2, 1 + this.random.below(2 ** 31));
      previousCrc = sealFrame(bytes, view, offset, { ...frame, previousCrc });
    }
  }
}
