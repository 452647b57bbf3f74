import type { Disk } from "../../engine/journal/disk.js";
import { makeSnapshot, type SnapshotOptions } from "../../engine/journal/snapshot-maker.js";
import { Engine } from "../../engine/runtime/engine.js";
import { checkConfig, type EngineConfig } from "../../engine/runtime/engine-config.js";
import type { CheckedJournal } from "../../engine/runtime/journal-config.js";
import type { JournalOptions } from "../../engine/runtime/journal-host.js";
import { JournalKeeper, type Snapshots } from "../../engine/runtime/journal-keeper.js";
import type { RecoveryReport } from "../../engine/runtime/journal-shared.js";
import { ShardHost } from "../../engine/runtime/shard-host.js";
import type { SnapshotInfo } from "../../engine/runtime/snapshot-taker.js";
import { StepReplica } from "../../engine/runtime/step-replica.js";
import type { Threads } from "../../engine/runtime/threads.js";
import type { StepModule } from "../../engine/step.js";
import { isPowerCut } from "./sim-threads.js";

const STEP_URL = "simulation:/trading-step.js";

/** What a simulated engine is made of. */
export interface EngineWorld {
  readonly config: EngineConfig;
  readonly disk: Disk;
  readonly module: StepModule;
  readonly threads: Threads;
  /** Which process this is. */
  readonly life: number;
  /** Puts a planted mistake into what was recovered. */
  readonly learned: (keeper: JournalKeeper) => void;
}

/** Takes snapshots at once, on this thread. */
class SimSnapshots implements Snapshots {
  newest: SnapshotInfo | undefined;
  lastError: string | undefined;
  private readSeq: () => number = () => 0;

  constructor(
    private readonly world: EngineWorld,
    private readonly options: Omit<SnapshotOptions, "toSeq">,
  ) {}

  begin(host: Parameters<Snapshots["begin"]>[0]): void {
    this.readSeq = () => host.readCounters().syncedSeq;
  }

  async take(): Promise<SnapshotInfo> {
    const { config, disk, module } = this.world;
    const stepOptions = { capacities: config.capacities };
    const dir = config.journal?.dir ?? "";
    const make = (): StepReplica => StepReplica.create(module, stepOptions);
    const made = makeSnapshot(disk, dir, make, { ...this.options, toSeq: this.readSeq() });
    if (made === undefined) throw new Error("nothing has become durable since the last snapshot");
    this.newest = { ...made, tookMs: 0 };
    return this.newest;
  }

  async end(): Promise<void> {}
}

/** A keeper without a lock: there is nobody else. */
class SimKeeper extends JournalKeeper {
  constructor(
    journal: CheckedJournal,
    private readonly world: EngineWorld,
  ) {
    const { compressSnapshots: deflate, keepSnapshots: keep } = journal;
    const step = { stepUrl: STEP_URL, stepOptions: { capacities: world.config.capacities } };
    super(journal, { release() {} }, step, new SimSnapshots(world, { deflate, keep }));
  }

  /** Nothing that differs from one run of a seed to the next. */
  override get options(): JournalOptions {
    return { ...super.options, about: { program: "simulation", life: this.world.life } };
  }

  override learn(report: RecoveryReport): number {
    const lastSession = super.learn(report);
    this.world.learned(this);
    return lastSession;
  }
}

/** The engine as it is, on threads that take turns. */
export class SimEngine extends Engine {
  /** Throws ConfigError. */
  static of(world: EngineWorld): SimEngine {
    const checked = checkConfig(world.config);
    const keeper = checked.journal === undefined ? undefined : new SimKeeper(checked.journal, world);
    const rings = 1 + checked.maxPorts;
    const stepOptions = { capacities: checked.capacities };
    const options = { ...checked, stepUrl: STEP_URL, stepOptions, rings, gates: rings, journal: keeper?.options };
    return new SimEngine(new ShardHost(options, world.threads), checked, keeper);
  }
}

/** Takes a snapshot between two turns. Returns whether there is one. Throws PowerCut; other errors are the snapshot's alone. */
export async function trySnapshot(engine: Engine): Promise<boolean> {
  try {
    await engine.takeSnapshot();
    return true;
  } catch (error) {
    if (isPowerCut(error)) throw error;
    return false;
  }
}
