import { NodeDisk } from "../journal/node-disk.js";
import { type MadeSnapshot, makeSnapshot, type SnapshotOptions } from "../journal/snapshot-maker.js";
import type { StepModule } from "../step.js";
import { StepReplica } from "./step-replica.js";

/** What the pool does beside the order path. */
export interface JournalTask {
  readonly kind: "snapshot";
  readonly dir: string;
  readonly stepUrl: string;
  readonly stepOptions: unknown;
  readonly options: SnapshotOptions;
}

/** What the pool's threads run. */
export async function run({ dir, stepUrl, stepOptions, options }: JournalTask): Promise<MadeSnapshot | undefined> {
  const module = (await import(stepUrl)) as StepModule;
  return makeSnapshot(new NodeDisk(), dir, () => StepReplica.create(module, stepOptions), options);
}
