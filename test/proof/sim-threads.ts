import type { Disk } from "../../engine/journal/disk.js";
import { JournalLoop } from "../../engine/runtime/journal-loop.js";
import type { JournalShared, JournalStart } from "../../engine/runtime/journal-shared.js";
import { ShardLoop } from "../../engine/runtime/shard-loop.js";
import type { ShardReply, ShardRequest, ShardStart } from "../../engine/runtime/shard-shared.js";
import { SpareMaker } from "../../engine/runtime/shared-spares.js";
import type { JournalThreadEvents, ShardThreadEvents, Threads } from "../../engine/runtime/threads.js";
import type { StepModule } from "../../engine/step.js";
import { PowerCut } from "./sim-disk.js";

/** What the parts of an engine have around them. */
export interface PartsWorld {
  readonly disk: Disk;
  readonly module: StepModule;
  /** The shard has recovered and takes nothing yet. */
  onRecovered(start: ShardStart): void;
  /** The shard has done something. */
  onShard(): void;
  /** The event loop has a turn. */
  tick(): void;
}

/** A part whose `go` throws has failed; one that meets the end of its machine ends the simulation's life. */
class Part {
  isOver = false;

  constructor(
    private readonly turn: () => void,
    private readonly onError: (error: Error) => void,
    private readonly onExit: (code: number) => void,
  ) {}

  /** Throws PowerCut. */
  go(): void {
    if (this.isOver) return;
    try {
      this.turn();
    } catch (error) {
      if (isPowerCut(error)) throw error;
      if (this.isOver) return; // It was ended while it waited.
      this.isOver = true;
      setImmediate(() => {
        this.onError(error as Error);
        this.onExit(1);
      });
    }
  }

  /** Leaves a wait that nothing will end any more. */
  assertThere(): void {
    if (this.isOver) throw new Error("this part was ended");
  }

  exit(code: number): void {
    if (this.isOver) return;
    this.isOver = true;
    setImmediate(() => this.onExit(code));
  }

  terminate(): Promise<void> {
    this.exit(1);
    return Promise.resolve();
  }
}

/**
 * The threads of an engine as parts that take turns on this one: their real loops, a turn at a time. Where a real thread blocks, others have
 * their turns meanwhile: the shard lets the journal go on, the journal the one that makes segments, and all of them the event loop.
 */
export class SimThreads implements Threads {
  private shardPart: Part | undefined;
  private journalPart: Part | undefined;
  private sparePart: Part | undefined;

  constructor(private readonly world: PartsWorld) {}

  goShard(): void {
    this.shardPart?.go();
  }

  goJournal(): void {
    this.journalPart?.go();
  }

  goSpares(): void {
    this.sparePart?.go();
  }

  shard(start: ShardStart, events: ShardThreadEvents) {
    const { world } = this;
    const requests: ShardRequest[] = [];
    const replies: ShardReply[] = [];
    let loop: ShardLoop | undefined;
    const turn = (): void => {
      if (loop === undefined) {
        loop = new ShardLoop(start, world.module, {
          disk: world.disk,
          receive: () => requests.shift(),
          reply(reply) {
            replies.push(structuredClone(reply));
            setImmediate(() => {
              const next = replies.shift();
              if (next !== undefined) events.onReply(next);
            });
          },
          pause: () => this.whileShardWaits(),
        });
        loop.recover();
        world.onRecovered(start);
        loop.open();
      } else if (!loop.go()) loop.idle();
      world.onShard();
      if (loop.hasStopped) part.exit(0);
    };
    const part = new Part(turn, events.onError, events.onExit);
    this.shardPart = part;
    return {
      post: (request: ShardRequest) => void requests.push(structuredClone(request)),
      receive: () => replies.shift(),
      close: () => {},
      terminate: () => part.terminate(),
    };
  }

  journal(start: JournalStart, events: JournalThreadEvents) {
    let loop: JournalLoop | undefined;
    const pause = (): void => this.whileJournalWaits();
    const turn = (): void => {
      if (loop !== undefined) {
        if (loop.go() < 0) part.exit(0);
        return;
      }
      loop = new JournalLoop(start, { disk: this.world.disk, clock: { nowMs: () => performance.now(), pause }, sleepOn: pause });
      loop.open();
      setImmediate(() => events.onOpen());
    };
    const part = new Part(turn, events.onError, events.onExit);
    this.journalPart = part;
    return part;
  }

  spares(shared: JournalShared, onError: (error: Error) => void) {
    const maker = new SpareMaker(shared, { disk: this.world.disk, sleepOn: () => {} });
    this.sparePart = new Part(
      () => maker.go(),
      onError,
      () => {},
    );
    return this.sparePart;
  }

  private whileShardWaits(): void {
    this.world.onShard();
    this.goJournal();
    this.world.tick();
    this.shardPart?.assertThere();
  }

  private whileJournalWaits(): void {
    this.goSpares();
    this.world.tick();
    this.journalPart?.assertThere();
  }
}

/** Whether an error is the end of the machine, however wrapped. */
export function isPowerCut(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof PowerCut) return true;
  return false;
}
