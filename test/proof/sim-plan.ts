import type { Disk } from "../../engine/journal/disk.js";
import type { Durability } from "../../engine/journal/journal-writer.js";
import type { JournalKeeper } from "../../engine/runtime/journal-keeper.js";
import type { StepModule } from "../../engine/step.js";
import { Random } from "../fuzz/random.js";
import type { DiskFault, SimDisk } from "./sim-disk.js";

/** A mistake that is put into a simulated engine, so that a test can see that it is found. */
export interface SimPlant {
  /** Between the journal and its disk. */
  readonly disk?: (disk: SimDisk) => Disk;
  /** What the engine journals with, whatever was promised. */
  readonly durability?: Durability;
  readonly module?: (module: StepModule) => StepModule;
  /** What was recovered, before anybody uses it. */
  readonly learned?: (keeper: JournalKeeper) => void;
}

/** How a life ends when nothing else ends it. `kill`: the process. `powerCut`: the machine. `close`: as an operator does. */
export type Ending = "kill" | "powerCut" | "close";

export interface LifePlan {
  /** Turns of the scheduler. */
  readonly turns: number;
  readonly fault: DiskFault | undefined;
  readonly ending: Ending;
}

/** What a seed does. */
export interface SimPlan {
  readonly seed: number;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly eventCapacityBytes: number;
  readonly digestEvery: number;
  readonly keepSnapshots: number;
  readonly compressSnapshots: boolean;
  readonly takesParts: boolean;
  readonly maxInFlight: number;
  readonly clients: number;
  readonly lives: readonly LifePlan[];
}

const TURNS_MAX = 3000;
const CALLS_MAX = 1500;
const FAULTS: readonly DiskFault["kind"][] = ["powerCut", "powerCut", "EIO", "badSync", "ENOSPC"];

/** Draws it. */
export function simPlanOf(seed: number): SimPlan {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  for (let skip = 0; skip < 8; skip++) random.below(2);
  const durability = random.pick(["group", "group", "group", "async"] as const);
  // What was only written survives the process, not the machine.
  const isPowered = durability === "async";
  const lives = Array.from({ length: 1 + random.below(5) }, (): LifePlan => {
    const kind = random.pick(isPowered ? (["EIO", "badSync", "ENOSPC"] as const) : FAULTS);
    const fault = random.oneIn(2) ? { at: 1 + random.below(CALLS_MAX >> random.below(5)), kind, calls: 1 + random.below(20) } : undefined;
    const ending = random.pick(isPowered ? (["kill", "kill", "close"] as const) : (["kill", "powerCut", "powerCut", "close"] as const));
    return { turns: 50 + random.below(TURNS_MAX >> random.below(4)), fault, ending };
  });
  return {
    seed,
    durability,
    segmentBytes: random.pick([1 << 16, 1 << 16, 1 << 18]),
    eventCapacityBytes: random.pick([1 << 18, 1 << 19, 1 << 20]),
    digestEvery: random.pick([0, 20, 200]),
    keepSnapshots: random.pick([0, 0, 1, 2]),
    compressSnapshots: random.oneIn(2),
    takesParts: random.oneIn(3),
    maxInFlight: random.pick([4, 64, 64]),
    clients: 2 + random.below(3),
    lives,
  };
}
