/**
 * Makes a golden journal of the present format: `node test/journal/make-golden.mjs FOLDER`, after a build. Run it once for each released
 * format, and never again: what is in test/journal/golden must stay readable as it is.
 */
import { truncateSync } from "node:fs";
import { listJournal, segmentName } from "../../dist/engine/journal/journal-files.js";
import { JournalWriter } from "../../dist/engine/journal/journal-writer.js";
import { NodeDisk } from "../../dist/engine/journal/node-disk.js";
import { writeDigestMark } from "../../dist/engine/journal/notes.js";
import { recover } from "../../dist/engine/journal/recovery.js";
import { SegmentReader } from "../../dist/engine/journal/segment-reader.js";
import { makeSnapshot } from "../../dist/engine/journal/snapshot-maker.js";
import { InlineSpares } from "../../dist/engine/journal/spare.js";
import { Header, SetTime } from "../../dist/engine/wire/flyweights.js";

/** The same fold as TapeReplica of the tests. */
class Tape {
  values = [];
  sum = 1;
  seq = 0;

  expectEnd() {}
  note() {}

  apply(words, at) {
    this.seq = Header.seq(words, at);
    this.add(SetTime.at(words, at));
  }

  add(value) {
    this.values.push(value);
    this.sum = (Math.imul(this.sum, 31) + value) | 0;
  }

  save(out) {
    out.int64(this.seq);
    for (const value of this.values) out.int64(value);
  }

  load(input) {
    this.seq = input.int64();
    for (let index = 0; index < this.seq; index++) this.add(input.int64());
  }

  digest() {
    return `${this.seq} ${this.sum}`;
  }
}

const [dir] = process.argv.slice(2);
const disk = new NodeDisk();
for (let life = 0; life < 3; life++) {
  const tape = new Tape();
  const { place } = recover(disk, dir, tape);
  const writer = new JournalWriter(disk, dir, new InlineSpares(disk, dir, 1 << 16, () => {}), {
    durability: life === 1 ? "async" : "group",
    place,
    clock: { nowMs: () => 0, pause: () => {} },
    reserveBytes: 0,
    onFull: () => {},
  });
  writer.start({ golden: true, life });
  for (let frame = 0; frame < 4; frame++) write(writer, tape, frame === 3 && life === 1 ? 1100 : 1 + 3 * frame);
  const length = writeDigestMark(writer.payload, 0, tape.seq, 0, tape.digest());
  writer.write(length, 1, 0);
  writer.close();
  if (life === 1) makeSnapshot(disk, dir, () => new Tape(), { toSeq: Number.MAX_SAFE_INTEGER, deflate: true, keep: 0 });
  console.log(`life ${life}: ${tape.digest()}`);
}
disk.remove(`${dir}/spare.rbj`);
const reader = new SegmentReader(disk, dir);
for (const segment of listJournal(disk, dir).segments) {
  reader.open(segment);
  truncateSync(`${dir}/${segmentName(segment)}`, Math.ceil(reader.writtenEnd() / 8) * 8 + 64);
}

function write(writer, tape, commands) {
  for (let index = 0; index < commands; index++) {
    const at = (index * SetTime.RECORD_BYTES) >> 2;
    const value = 1_000_000 * (tape.seq + 1) + index;
    SetTime.init(writer.payload, at, tape.seq + 1, value);
    SetTime.setClientSeq(writer.payload, at, 7);
    SetTime.setSession(writer.payload, at, 3);
    SetTime.setAt(writer.payload, at, value);
    tape.apply(writer.payload, at);
  }
  writer.write(commands * SetTime.RECORD_BYTES, commands, commands);
}
