import type { Replica } from "../journal/recovery.js";
import { type GateReader, type SingleProducer, SpscRing } from "../ring/index.js";
import type { Companion, StateReader, StateWriter, Step, StepModule } from "../step.js";
import { Header } from "../wire/flyweights.js";

const PRIVATE_RING_BYTES = 1 << 20;
const ALL = 1 << 20;

/**
 * A Step that follows a journal, and its companion. Events are read only as far as the companion wants them: the ring has no reader before
 * that, so nothing holds the Step up. One thread.
 */
export class StepReplica implements Replica {
  private lastTimeUs = 0;
  private lastSeqNow = 0;
  private listensFrom = Number.POSITIVE_INFINITY;
  private reader: GateReader | undefined;

  /** `producer` is what the Step writes its events to, of `ring`. */
  constructor(
    readonly step: Step,
    private readonly ring: SpscRing,
    private readonly producer: SingleProducer,
    readonly companion: Companion | undefined,
  ) {}

  /** A replica of its own, with a Step of a module. */
  static create(module: StepModule, stepOptions: unknown): StepReplica {
    const ring = SpscRing.create({ capacityBytes: PRIVATE_RING_BYTES, gates: 1, heldGates: 0, observers: false, shared: false });
    const producer = ring.producer();
    const made: StepReplica[] = [];
    const step = module.createStep({ ring: producer, makeRoom: () => made[0].makeRoom() }, stepOptions);
    made.push(new StepReplica(step, ring, producer, module.createCompanion?.()));
    return made[0];
  }

  /** Of the last command. */
  get lastSeq(): number {
    return this.lastSeqNow;
  }

  /** Stamp of the last command, µs since the Unix epoch. */
  get lastTime(): number {
    return this.lastTimeUs;
  }

  /** Nothing behind `seq` will come, so the companion wants the events of the commands before it. */
  expectEnd(seq: number): void {
    if (this.companion !== undefined) this.listensFrom = seq - this.companion.eventsWanted;
  }

  /** The ring is full, which only a command with very many events can do. */
  makeRoom(): void {
    this.drain();
  }

  apply(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    if (seq > this.listensFrom) this.listen();
    this.lastSeqNow = seq;
    this.lastTimeUs = Header.time(words, at);
    // The companion learns of the command first: a full ring hands on its events while it is being applied.
    this.companion?.command(words, at);
    this.step.apply(words, at);
    if (this.reader !== undefined) this.drain();
  }

  note(words: Int32Array, at: number): void {
    this.companion?.note(words, at);
  }

  save(out: StateWriter): void {
    out.int64(this.lastSeqNow);
    out.int64(this.lastTimeUs);
    out.uint8(this.companion === undefined ? 0 : 1);
    this.companion?.save(out);
    this.step.save(out);
  }

  load(input: StateReader): void {
    this.lastSeqNow = input.int64();
    this.lastTimeUs = input.int64();
    const hasCompanion = input.uint8() === 1;
    if (hasCompanion !== (this.companion !== undefined)) throw new RangeError("this is a saved state of another kind of engine");
    this.companion?.load(input);
    this.step.load(input);
  }

  digest(): string {
    return this.step.digest();
  }

  /** Leaves the ring to its readers. */
  close(): void {
    this.drain();
    this.reader?.close();
    this.reader = undefined;
  }

  private listen(): void {
    if (this.reader !== undefined || this.companion === undefined) return;
    this.producer.publish();
    this.reader = this.ring.gate(0);
  }

  private drain(): void {
    this.producer.publish();
    this.reader?.poll(this.onEvent, ALL);
  }

  private readonly onEvent = (words: Int32Array, at: number): void => this.companion?.event(words, at);
}
