/**
 * A Step with alarms, for tests of the loop's timer: a command of a session sets an alarm so many µs after its stamp, and one
 * of nobody brings the time. It says of each command when it came, and of a time how many alarms it set off.
 */
import { CommandDone, Header, SetTime } from "../../dist/engine/wire/flyweights.js";

/** Sets an alarm that no time sets off. */
export const STUCK = 13;

class AlarmStep {
  alarms = [];
  isStuck = false;

  constructor(output) {
    this.output = output;
  }

  get nextAlarm() {
    return Math.min(...this.alarms);
  }

  apply(words, at) {
    const value = SetTime.at(words, at);
    const isTime = SetTime.session(words, at) === 0;
    if (isTime) return this.emit(words, at, this.goOff(value));
    if (value === STUCK) this.isStuck = true;
    this.alarms.push(Header.time(words, at) + value);
    this.emit(words, at, 0);
  }

  goOff(time) {
    const before = this.alarms.length;
    if (!this.isStuck) this.alarms = this.alarms.filter((alarm) => alarm > time);
    return before - this.alarms.length;
  }

  emit(words, at, count) {
    const { ring, makeRoom } = this.output;
    let to = ring.tryClaim(CommandDone.RECORD_BYTES);
    while (to < 0) {
      makeRoom();
      to = ring.tryClaim(CommandDone.RECORD_BYTES);
    }
    CommandDone.init(ring.words, to, Header.seq(words, at), Header.time(words, at));
    Header.setFlags(ring.words, to, Header.FLAG_LAST_OF_BATCH);
    CommandDone.setClientSeq(ring.words, to, SetTime.at(words, at));
    CommandDone.setSession(ring.words, to, SetTime.session(words, at));
    CommandDone.setRefId(ring.words, to, count);
    CommandDone.setRefTemplateId(ring.words, to, SetTime.TEMPLATE_ID);
    ring.commit();
  }

  digest() {
    return String(this.alarms.length);
  }
}

export function createStep(output) {
  return new AlarmStep(output);
}

export const timer = {
  dueAt: (step) => step.nextAlarm,
  write(words, at, timeUs) {
    SetTime.init(words, at, 0, 0);
    SetTime.setClientSeq(words, at, 0);
    SetTime.setAt(words, at, timeUs);
    SetTime.setSession(words, at, 0);
    return SetTime.RECORD_BYTES;
  },
};
