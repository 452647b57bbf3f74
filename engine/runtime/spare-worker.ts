/**
 * Entry of the thread that makes segments ahead: filling one with zeros takes longer than a commit may. `workerData` is a JournalShared. It
 * blocks, and is ended by its host. An error other than a full disk reaches the host's Worker.
 */
import { workerData } from "node:worker_threads";
import { isDiskFull } from "../journal/disk.js";
import { NodeDisk } from "../journal/node-disk.js";
import { makeSpare } from "../journal/spare.js";
import { type JournalShared, SPARE_FULL, SPARE_MAKING, SPARE_READY, SPARE_WORD } from "./journal-shared.js";

const RETRY_MS = 500;

const { dir, segmentBytes, control: memory } = workerData as JournalShared;
const control = new Int32Array(memory);
const disk = new NodeDisk();

for (;;) {
  const word = Atomics.load(control, SPARE_WORD);
  if (word === SPARE_MAKING || word === SPARE_FULL) make();
  else Atomics.wait(control, SPARE_WORD, word);
}

function make(): void {
  try {
    makeSpare(disk, dir, segmentBytes);
    tell(SPARE_READY);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    tell(SPARE_FULL);
    Atomics.wait(control, SPARE_WORD, SPARE_FULL, RETRY_MS);
  }
}

function tell(word: number): void {
  Atomics.store(control, SPARE_WORD, word);
  Atomics.notify(control, SPARE_WORD);
}
