/** Entry of a shard's thread. `workerData` is a ShardStart. An error leaves the thread and reaches the host's Worker. */
import { workerData } from "node:worker_threads";
import type { StepModule } from "../step.js";
import { ShardLoop } from "./shard-loop.js";
import type { ShardStart } from "./shard-shared.js";

const start = workerData as ShardStart;
const module = (await import(start.stepUrl)) as StepModule;
try {
  const loop = new ShardLoop(start, module);
  loop.recover();
  loop.run();
} finally {
  // The open port would keep the thread alive.
  start.port.close();
}
