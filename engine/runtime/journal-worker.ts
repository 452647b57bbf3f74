/** Entry of the journal's thread. `workerData` is a JournalStart. It says "ready" once; an error leaves the thread and reaches the host's Worker. */
import { parentPort, workerData } from "node:worker_threads";
import { NodeDisk } from "../journal/node-disk.js";
import { JournalLoop } from "./journal-loop.js";
import type { JournalStart } from "./journal-shared.js";

const loop = new JournalLoop(workerData as JournalStart, new NodeDisk());
loop.open();
parentPort?.postMessage("ready");
loop.run();
