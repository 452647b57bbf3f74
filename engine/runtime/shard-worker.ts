/** Entry of a shard's thread. `workerData` is a ShardWorkerData. An error leaves the thread and reaches the host's Worker. */
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { NodeDisk } from "../journal/node-disk.js";
import type { StepModule } from "../step.js";
import { ShardLoop } from "./shard-loop.js";
import type { ShardRequest, ShardWorkerData } from "./shard-shared.js";

const { port, ...start } = workerData as ShardWorkerData;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const module = (await import(start.stepUrl)) as StepModule;
try {
  const loop = new ShardLoop(start, module, {
    disk: new NodeDisk(),
    receive: () => receiveMessageOnPort(port)?.message as ShardRequest | undefined,
    reply: (reply) => port.postMessage(reply),
    pause: (ms) => void Atomics.wait(sleeper, 0, 0, ms),
  });
  loop.recover();
  loop.run();
} finally {
  // The open port would keep the thread alive.
  port.close();
}
