import { isNote } from "../journal/notes.js";
import {
  type BlockingWait,
  blockingWait,
  type GateReader,
  type RecordHandler,
  SharedCounters,
  SharedSignal,
  type SingleProducer,
  SpscRing,
  type Waitable,
} from "../ring/index.js";
import { type Step, type StepModule, type StepTimer, TIMER_BYTES_MAX } from "../step.js";
import * as Header from "../wire/header.js";
import { type Eviction, FullRing } from "./full-ring.js";
import { ShardClock } from "./shard-clock.js";
import { ShardJournaling } from "./shard-journaling.js";
import {
  OPEN_RINGS_WORD,
  REQUESTS_WORD,
  type ShardCounterName,
  type ShardReply,
  type ShardRequest,
  type ShardStart,
  type ShardSurroundings,
} from "./shard-shared.js";

const BATCH_RECORDS_MAX = 256;
const PARK_MS_MAX = 1000;
/** While the disk is full the shard looks so often whether it still is. */
const PARK_MS_FULL = 50;

/**
 * The shard: it takes commands from its ingress rings round robin, stamps them with sequence and time, applies them to a
 * Step and publishes the events once a batch. It runs any Step.
 *
 * One thread, which it blocks until it is asked to stop. An error that the Step throws leaves `run` at once: nothing is
 * applied after it, and nothing of its batch is published.
 */
export class ShardLoop implements Waitable {
  private readonly step: Step;
  private readonly ingress: readonly GateReader[];
  private readonly events: SpscRing;
  private readonly producer: SingleProducer;
  private readonly control: Int32Array;
  private readonly signal: SharedSignal;
  private readonly counters: SharedCounters;
  private readonly clock = new ShardClock();
  private readonly spin: BlockingWait | undefined;
  private readonly park: BlockingWait | undefined;
  private readonly answer: StepModule["answer"];
  private readonly journaling: ShardJournaling | undefined;
  private readonly timer: StepTimer | undefined;
  /** Where the timer writes the record that brings the time. */
  private readonly timerRecord = new Int32Array(TIMER_BYTES_MAX / 4);
  private readonly commandsIndex: number;
  private readonly eventsIndex: number;
  private readonly batchesIndex: number;
  /** Sequence of the last command, the stamp of the running batch, and the sequence that the journal ended with at the start. */
  private readonly stamps = new Float64Array(3);
  private readonly onRecord: RecordHandler;
  private requestsSeen = 0;
  private waiting: ShardRequest[] = [];
  private isStopped = false;

  /** `module` is what `start.stepUrl` leads to. Throws what the Step throws for bad options. */
  constructor(
    start: ShardStart,
    module: StepModule,
    private readonly around: ShardSurroundings,
  ) {
    this.control = new Int32Array(start.control);
    this.signal = SharedSignal.attach(start.signal);
    this.counters = SharedCounters.attach(start.counters);
    this.commandsIndex = this.counters.index("commands" satisfies ShardCounterName);
    this.eventsIndex = this.counters.index("events" satisfies ShardCounterName);
    this.batchesIndex = this.counters.index("batches" satisfies ShardCounterName);
    this.spin = start.waitStrategy === "park" ? undefined : blockingWait("spin", start.waitStrategy === "adaptive" ? ADAPTIVE : {});
    this.park = start.waitStrategy === "spin" ? undefined : blockingWait("park");
    this.ingress = start.ingress.map((shared) => SpscRing.attach(shared).gate(0));
    this.events = SpscRing.attach(start.events);
    this.producer = this.events.producer();
    const onEviction = (eviction: Eviction): void => {
      this.count("evictions");
      this.reply({ kind: "evicted", ...eviction });
    };
    const pause = (ms: number): void => around.pause(ms);
    const isBehind = (): boolean => this.journaling?.isBehind() === true;
    const full = new FullRing(this.events, this.producer, start.evictAfterMs, onEviction, pause, isBehind);
    const makeRoom = (): void => {
      if (this.journaling?.makeRoom(this.stamps[SEQ]) === true) return;
      this.count("fullWaits");
      full.makeRoom();
    };
    this.step = module.createStep({ ring: this.producer, makeRoom }, start.stepOptions);
    this.answer = module.answer;
    this.timer = module.timer;
    this.onRecord = start.journal === undefined ? this.onCommand : this.onJournaled;
    if (start.journal === undefined) return;
    this.journaling = new ShardJournaling(start.journal, module, this.step, this.events, this.producer, around);
    this.journaling.onFullRing = () => this.count("journalWaits");
  }

  /** Brings the Step to where the journal ends. Throws JournalError, and what the Step throws. Before `run`. */
  recover(): void {
    if (this.journaling === undefined) return;
    const { seq, timeUs } = this.journaling.recover();
    this.stamps[SEQ] = seq;
    this.stamps[FIRST_SEQ] = seq;
    this.clock.raiseTo(timeUs);
  }

  /** Runs until it is asked to stop. Blocks. Throws what the Step throws. */
  run(): void {
    this.open();
    while (!this.isStopped) if (!this.go()) this.wait();
  }

  /** From here on it takes commands. `run` does it. */
  open(): void {
    this.reply({ kind: "ready" });
  }

  /** One turn, and what the host asks. False: there was nothing to do. */
  go(): boolean {
    const applied = this.turn();
    if (!this.hasRequest() && this.waiting.length === 0) return applied > 0;
    this.serve();
    return true;
  }

  /** Nothing was to be done: what waits for such a moment. */
  idle(): void {
    this.journaling?.idle(this.stamps[SEQ], this.stamps[TIME]);
  }

  /** Whether it was asked to stop, and has. */
  get hasStopped(): boolean {
    return this.isStopped;
  }

  /** Whether there is something to do, for the wait strategy. */
  ready(): boolean {
    const open = this.openRings();
    for (let ring = 0; ring < open; ring++) if (this.ingress[ring].ready()) return true;
    return this.hasRequest();
  }

  /** One batch of each ring, and the time when something is due. Returns how many commands that were. */
  private turn(): number {
    const open = this.openRings();
    let applied = 0;
    for (let ring = 0; ring < open; ring++) {
      const reader = this.ingress[ring];
      if (!reader.ready()) continue;
      this.stamps[TIME] = this.clock.nowUs();
      applied += reader.poll(this.onRecord, BATCH_RECORDS_MAX);
      this.publish();
    }
    return this.timer === undefined ? applied : applied + this.tellTime(this.timer, applied > 0);
  }

  /** Events are counted before they are published: who has seen one finds its command counted. The journal goes first: a reply waits for it. */
  private publish(): void {
    this.journaling?.publish(this.stamps[SEQ]);
    this.counters.set(this.commandsIndex, this.stamps[SEQ] - this.stamps[FIRST_SEQ]);
    this.counters.set(this.eventsIndex, this.producer.committed);
    this.counters.add(this.batchesIndex, 1);
    this.producer.publish();
    this.journaling?.markIfDue(this.stamps[SEQ], this.stamps[TIME]);
  }

  /**
   * Brings the Step the time when something is due by now. A turn that had commands has just read the clock; an idle one
   * reads it only when something will be due at all. Returns the number of commands, 0 or 1.
   */
  private tellTime(timer: StepTimer, isFresh: boolean): number {
    const dueAt = timer.dueAt(this.step);
    // While the disk is full nothing begins, what the clock brings neither.
    if (dueAt === Number.POSITIVE_INFINITY || this.journaling?.isFull === true) return 0;
    if (!isFresh) this.stamps[TIME] = this.clock.nowUs();
    const timeUs = this.stamps[TIME];
    if (timeUs < dueAt) return 0;
    this.onRecord(this.timerRecord, 0, timer.write(this.timerRecord, 0, timeUs));
    this.publish();
    if (timer.dueAt(this.step) <= timeUs)
      throw new Error(`what was due at ${dueAt} is still due at ${timeUs}, after the step was told that time`);
    return 1;
  }

  private readonly onCommand: RecordHandler = (words, at) => {
    const seq = this.stamps[SEQ] + 1;
    this.stamps[SEQ] = seq;
    Header.setSeq(words, at, seq);
    Header.setTime(words, at, this.stamps[TIME]);
    this.step.apply(words, at);
  };

  private readonly onJournaled: RecordHandler = (words, at, lengthBytes) => {
    const journaling = this.journaling as ShardJournaling;
    const isCommand = !isNote(words, at);
    const seq = isCommand ? this.stamps[SEQ] + 1 : this.stamps[SEQ];
    this.stamps[SEQ] = seq;
    Header.setSeq(words, at, seq);
    Header.setTime(words, at, this.stamps[TIME]);
    journaling.take(words, at, lengthBytes);
    if (isCommand) this.step.apply(words, at);
    journaling.commit();
  };

  private wait(): void {
    if (this.spin?.wait(this, this.signal, 0) === true || this.park === undefined) return;
    this.idle();
    const parkMs = this.parkMs();
    if (parkMs <= 0) return;
    this.count("parks");
    this.park.wait(this, this.signal, parkMs);
  }

  /** How long nothing will be due: the wait strategies count looks, and this thread has the clock. */
  private parkMs(): number {
    const dueAt = this.timer?.dueAt(this.step) ?? Number.POSITIVE_INFINITY;
    if (this.journaling?.isFull === true) return PARK_MS_FULL;
    return dueAt === Number.POSITIVE_INFINITY ? PARK_MS_MAX : Math.min(PARK_MS_MAX, (dueAt - this.clock.nowUs()) / 1000);
  }

  private openRings(): number {
    return Atomics.load(this.control, OPEN_RINGS_WORD);
  }

  private hasRequest(): boolean {
    return Atomics.load(this.control, REQUESTS_WORD) !== this.requestsSeen;
  }

  private serve(): void {
    this.requestsSeen = Atomics.load(this.control, REQUESTS_WORD);
    for (let request = this.around.receive(); request !== undefined; request = this.around.receive()) this.waiting.push(request);
    const delivered = this.ingress[0].delivered;
    const due = this.waiting.filter((request) => request.afterRecords <= delivered);
    this.waiting = this.waiting.filter((request) => request.afterRecords > delivered);
    for (const request of due) this.serveOne(request);
  }

  private serveOne(request: ShardRequest): void {
    const { id } = request;
    if (request.kind === "stop") {
      while (this.turn() > 0);
      this.journaling?.end(this.stamps[SEQ], this.stamps[TIME]);
      this.isStopped = true;
      this.reply({ kind: "answer", id, value: this.stamps[SEQ] });
      return;
    }
    try {
      // A gate that joins here has its place exactly behind the command that the answer knows last.
      if (request.kind === "attach") this.events.gate(request.gate);
      const value = request.kind === "digest" ? this.step.digest() : this.answer?.(this.step, request.question);
      this.reply({ kind: "answer", id, value });
    } catch (error) {
      // A question changes nothing, so one that cannot be answered is no reason to stop.
      this.reply({ kind: "refused", id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  private reply(reply: ShardReply): void {
    this.around.reply(reply);
  }

  private count(name: ShardCounterName): void {
    this.counters.add(this.counters.index(name), 1);
  }
}

const SEQ = 0;
const TIME = 1;
const FIRST_SEQ = 2;
/**
 * A look goes over every open ring, so these are some 70 to 150 µs. Waking a parked shard costs its waker up to 45 µs (measured on two busy
 * processors); a shard that parks sooner than that is asleep again before the waker has read the answer, and so at every single command.
 */
const ADAPTIVE = { spins: 2500 };
