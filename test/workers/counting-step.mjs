/** A Step that counts and sums, for tests of the shard loop: it says what it has seen, and fails when it is told to. */
import { CommandDone, Header, SetTime } from "../../dist/engine/wire/flyweights.js";

export const THROW = 666;
export const EXIT = 667;
export const HANG = 668;

class CountingStep {
  count = 0;
  sum = 0;
  lastTime = 0;

  constructor(output, options) {
    if (options.refuse) throw new RangeError("this step does not want to start");
    this.output = output;
  }

  apply(words, at) {
    const value = SetTime.at(words, at);
    if (value === THROW) throw new Error("told to throw");
    if (value === EXIT) process.exit(3);
    while (value === HANG);
    if (Header.time(words, at) < this.lastTime) throw new Error("time went back");
    this.lastTime = Header.time(words, at);
    this.count++;
    this.sum += value;
    this.emit(words, at);
  }

  emit(words, at) {
    const { ring, makeRoom } = this.output;
    let to = ring.tryClaim(CommandDone.RECORD_BYTES);
    while (to < 0) {
      makeRoom();
      to = ring.tryClaim(CommandDone.RECORD_BYTES);
    }
    CommandDone.init(ring.words, to, Header.seq(words, at), Header.time(words, at));
    Header.setFlags(ring.words, to, Header.FLAG_LAST_OF_BATCH);
    CommandDone.setClientSeq(ring.words, to, SetTime.clientSeq(words, at));
    CommandDone.setSession(ring.words, to, SetTime.session(words, at));
    CommandDone.setRefId(ring.words, to, SetTime.at(words, at));
    CommandDone.setRefTemplateId(ring.words, to, SetTime.TEMPLATE_ID);
    ring.commit();
  }

  digest() {
    return `${this.count} ${this.sum}`;
  }
}

export function createStep(output, options) {
  return new CountingStep(output, options);
}

export function answer(step, question) {
  if (question === "fail") throw new Error("no answer to that");
  return { question, count: step.count };
}
