/**
 * Entry of the thread that makes segments ahead: filling one with zeros takes longer than a commit may. `workerData` is a JournalShared. It
 * blocks, and is ended by its host. An error other than a full disk reaches the host's Worker.
 */
import { workerData } from "node:worker_threads";
import { NodeDisk } from "../journal/node-disk.js";
import type { JournalShared } from "./journal-shared.js";
import { SpareMaker } from "./shared-spares.js";

const maker = new SpareMaker(workerData as JournalShared, {
  disk: new NodeDisk(),
  sleepOn: (words, index, value, ms) => void Atomics.wait(words, index, value, ms),
});
for (;;) maker.go();
