import { type Disk, isDiskFull } from "../journal/disk.js";
import { SPARE_NAME } from "../journal/journal-files.js";
import { makeSpare, type SpareSource } from "../journal/spare.js";
import { type JournalShared, SPARE_FULL, SPARE_MAKING, SPARE_NONE, SPARE_READY, SPARE_WORD } from "./journal-shared.js";

const WAIT_MS = 1000;
const RETRY_MS = 500;

/** What either side has of its thread. */
export interface SpareSurroundings {
  readonly disk: Disk;
  /** As Atomics.wait. */
  sleepOn(words: Int32Array, index: number, value: number, ms: number): void;
}

/** Spares that a thread of its own makes, seen from the journal's thread. */
export class SharedSpares implements SpareSource {
  constructor(
    private readonly control: Int32Array,
    dir: string,
    private readonly around: SpareSurroundings,
  ) {
    const { disk } = around;
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
    if (word !== SPARE_READY) this.around.sleepOn(this.control, SPARE_WORD, word, WAIT_MS);
  }

  taken(): void {
    Atomics.store(this.control, SPARE_WORD, SPARE_NONE);
  }
}

/** The other side: makes a spare whenever one is asked for. Its thread blocks. */
export class SpareMaker {
  private readonly control: Int32Array;

  constructor(
    private readonly shared: JournalShared,
    private readonly around: SpareSurroundings,
  ) {
    this.control = new Int32Array(shared.control);
  }

  /** Makes one, or sleeps until one is asked for. Throws what the disk throws, unless it is full: then it sleeps for a while. */
  go(): void {
    const { control, around } = this;
    const word = Atomics.load(control, SPARE_WORD);
    if (word === SPARE_MAKING || word === SPARE_FULL) this.make();
    else around.sleepOn(control, SPARE_WORD, word, Number.POSITIVE_INFINITY);
  }

  private make(): void {
    const { control, around, shared } = this;
    try {
      makeSpare(around.disk, shared.dir, shared.segmentBytes);
      this.tell(SPARE_READY);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.tell(SPARE_FULL);
      around.sleepOn(control, SPARE_WORD, SPARE_FULL, RETRY_MS);
    }
  }

  private tell(word: number): void {
    Atomics.store(this.control, SPARE_WORD, word);
    Atomics.notify(this.control, SPARE_WORD);
  }
}
