import { NodeDisk } from "../journal/node-disk.js";
import { reportSegment, type SegmentReport } from "../journal/segment-report.js";
import { type MadeSnapshot, makeSnapshot, type SnapshotOptions } from "../journal/snapshot-maker.js";
import type { StepModule } from "../step.js";
import { StepReplica } from "./step-replica.js";

/** What the pools do beside the order path. */
export type JournalTask =
  | { readonly kind: "verify"; readonly dir: string; readonly segment: number }
  | {
      readonly kind: "snapshot";
      readonly dir: string;
      readonly stepUrl: string;
      readonly stepOptions: unknown;
      readonly options: SnapshotOptions;
    };

/** What the pools' threads run. */
export async function run(task: JournalTask): Promise<MadeSnapshot | SegmentReport | undefined> {
  const disk = new NodeDisk();
  if (task.kind === "verify") return reportSegment(disk, task.dir, task.segment);
  const { dir, stepUrl, stepOptions, options } = task;
  const module = (await import(stepUrl)) as StepModule;
  return makeSnapshot(disk, dir, () => StepReplica.create(module, stepOptions), options);
}
