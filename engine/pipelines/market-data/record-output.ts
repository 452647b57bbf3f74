import type { EventOutput } from "../../step.js";

/** Where the parts of market data write what they tell. One thread. */
export class RecordOutput {
  constructor(private readonly output: EventOutput) {}

  get words(): Int32Array {
    return this.output.ring.words;
  }

  /** Room for a record: its word index in `words`. */
  claim(recordBytes: number): number {
    let at = this.output.ring.tryClaim(recordBytes);
    while (at < 0) {
      this.output.makeRoom();
      at = this.output.ring.tryClaim(recordBytes);
    }
    return at;
  }

  /** The claimed record is complete. */
  commit(): void {
    this.output.ring.commit();
  }
}
