/** Entry of the journal's thread. `workerData` is a JournalStart. It says "ready" once; an error leaves the thread and reaches the host's Worker. */
import { parentPort, workerData } from "node:worker_threads";
import { NodeDisk } from "../journal/node-disk.js";
import { JournalLoop } from "./journal-loop.js";
import type { JournalStart } from "./journal-shared.js";

const start = workerData as JournalStart;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const loop = new JournalLoop(start, {
  disk: new NodeDisk(),
  clock: { nowMs: () => performance.now(), pause: (ms) => void Atomics.wait(sleeper, 0, 0, ms) },
  sleepOn: (words, index, value, ms) => void Atomics.wait(words, index, value, ms),
});
loop.open();
parentPort?.postMessage("ready");
loop.run();
