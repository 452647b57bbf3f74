import { isNote } from "../../engine/journal/notes.js";
import type { Replica } from "../../engine/journal/recovery.js";
import type { StateReader, StateWriter } from "../../engine/step.js";
import { Header, SetTime } from "../../engine/wire/flyweights.js";

/** Keeps what it was given: the value of every command, and a sum that depends on their order. */
export class TapeReplica implements Replica {
  values: number[] = [];
  notes = 0;
  private sum = 1;
  private seq = 0;

  expectEnd(): void {}

  apply(words: Int32Array, at: number): void {
    const seq = Header.seq(words, at);
    if (seq !== this.seq + 1) throw new Error(`seq ${seq} behind ${this.seq}`);
    this.seq = seq;
    this.values.push(SetTime.at(words, at));
    this.sum = (Math.imul(this.sum, 31) + SetTime.at(words, at)) | 0;
  }

  note(words: Int32Array, at: number): void {
    if (!isNote(words, at)) throw new Error("this is no note");
    this.notes++;
  }

  save(out: StateWriter): void {
    out.int64(this.seq);
    for (const value of this.values) out.int64(value);
  }

  load(input: StateReader): void {
    const count = input.int64();
    for (let index = 0; index < count; index++) {
      const value = input.int64();
      this.values.push(value);
      this.sum = (Math.imul(this.sum, 31) + value) | 0;
    }
    this.seq = count;
  }

  digest(): string {
    return `${this.seq} ${this.sum}`;
  }
}
