import type { Disk } from "../journal/disk.js";
import { SPARE_NAME } from "../journal/journal-files.js";
import type { SpareSource } from "../journal/spare.js";
import { SPARE_FULL, SPARE_MAKING, SPARE_NONE, SPARE_READY, SPARE_WORD } from "./journal-shared.js";

const WAIT_MS = 1000;

/** Spares that a thread of its own makes, seen from the journal's thread. */
export class SharedSpares implements SpareSource {
  constructor(
    private readonly control: Int32Array,
    disk: Disk,
    dir: string,
  ) {
    Atomics.store(control, SPARE_WORD, disk.list(dir).includes(SPARE_NAME) ? SPARE_READY : SPARE_NONE);
  }

  get state(): SpareSource["state"] {
    const word = Atomics.load(this.control, SPARE_WORD);
    return word === SPARE_READY ? "ready" : word === SPARE_FULL ? "full" : "making";
  }

  request(): void {
    if (Atomics.compareExchange(this.control, SPARE_WORD, SPARE_NONE, SPARE_MAKING) === SPARE_NONE)
      Atomics.notify(this.control, SPARE_WORD);
  }

  wait(): void {
    const word = Atomics.load(this.control, SPARE_WORD);
    if (word !== SPARE_READY) Atomics.wait(this.control, SPARE_WORD, word, WAIT_MS);
  }

  taken(): void {
    Atomics.store(this.control, SPARE_WORD, SPARE_NONE);
  }
}
