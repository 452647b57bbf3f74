import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../engine/journal/crc32.js";
import { FORMAT_VERSION } from "../../engine/journal/frame.js";
import type { JournalError } from "../../engine/journal/journal-error.js";
import { segmentName } from "../../engine/journal/journal-files.js";
import { countTo, DIR, SEGMENT_BYTES, TestJournal, valuesOn } from "./journal-on.js";
import { MemoryDisk } from "./memory-disk.js";

const FIRST = `${DIR}/${segmentName(1)}`;

function refusal(disk: MemoryDisk): JournalError {
  const before = disk.clone();
  try {
    valuesOn(disk);
  } catch (error) {
    for (const [path, { bytes }] of before.files) expect(Buffer.compare(disk.bytesOf(path), bytes), path).toBe(0);
    return error as JournalError;
  }
  throw new Error("nothing was refused");
}

/** Offsets of the frames in the first segment. */
function frameOffsets(disk: MemoryDisk): number[] {
  const bytes = disk.bytesOf(FIRST);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const offsets: number[] = [];
  for (let at = 0; at + 64 <= bytes.length && view.getUint32(at, true) !== 0; at += 64 + view.getUint32(at + 12, true)) offsets.push(at);
  return offsets;
}

describe("recovery", () => {
  it("finds nothing in a folder that is empty", () => {
    expect(valuesOn(new MemoryDisk())).toEqual([]);
  });

  it("brings back what was written, over several lives and segments", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }), { minLength: 1, maxLength: 5 }), (lives) => {
        const disk = new MemoryDisk();
        let next = 0;
        for (const [epoch, frames] of lives.entries()) {
          const journal = new TestJournal(disk);
          expect(journal.replica.values).toEqual(countTo(next));
          expect(journal.recovery.place.epoch).toBe(epoch);
          for (const length of frames) {
            journal.write(...Array.from({ length }, (_, index) => next + 1 + index));
            next += length;
          }
          if (epoch % 2 === 0) journal.writer.close();
        }
        expect(valuesOn(disk)).toEqual(countTo(next));
        expect(valuesOn(disk.afterPowerCut())).toEqual(countTo(next));
      }),
      { numRuns: 50 },
    );
  });

  it("trusts no spare of an earlier life: a disk may have forgotten that it became a segment", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    journal.write(1, 2, 3);
    // The rename is undone, what was written into the file is not.
    disk.rename(FIRST, `${DIR}/spare.rbj`);
    expect(new TestJournal(disk).replica.values).toEqual([]);
    expect(valuesOn(disk)).toEqual([]);
    expect(frameOffsets(disk)).toHaveLength(1);
  });

  it("loses nothing that was released when the power fails at any moment, and goes on", () => {
    for (const durability of ["group", "async"] as const) {
      const disk = new MemoryDisk();
      const journal = new TestJournal(disk, { durability });
      for (let value = 1; value <= 20; value++) {
        journal.write(value);
        expect(journal.writer.releasedSeq).toBe(value);
        if (durability === "async" && value === 12) journal.writer.sync();
      }
      const left = disk.afterPowerCut();
      const again = new TestJournal(left);
      const safe = durability === "group" ? 20 : 12;
      expect(journal.writer.syncedSeq).toBe(safe);
      expect(again.replica.values).toEqual(countTo(safe));
      again.write(safe + 1);
      expect(valuesOn(left)).toEqual(countTo(safe + 1));
    }
  });

  it("survives a crash at every byte: what was synced before the last frame is there, and it goes on", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 1; value <= 40; value += 2) journal.write(value, value + 1);
    const whole = disk.bytesOf(FIRST).slice();
    const offsets = frameOffsets(disk);
    const end = journal.writer.end.offset;
    for (let cut = 0; cut <= end; cut++) {
      const torn = disk.clone();
      const bytes = torn.bytesOf(FIRST);
      // What was not written yet is zeros, or what the disk made of it.
      bytes.fill(cut % 3 === 0 ? 0xa5 : 0, cut, cut % 3 === 0 ? Math.min(bytes.length, cut + 200) : bytes.length);
      bytes.fill(0, Math.min(bytes.length, cut + 200));
      // A frame that ends in zeros is whole before its last byte is written.
      const isWhole = (offset: number, index: number): boolean => {
        const next = offsets[index + 1] ?? end;
        return Buffer.compare(bytes.subarray(offset, next), whole.subarray(offset, next)) === 0;
      };
      const frames = offsets.filter(isWhole).length;
      const expected = countTo(Math.max(0, 2 * (frames - 1)));
      const again = new TestJournal(torn);
      expect(again.replica.values, `cut at ${cut}`).toEqual(expected);
      again.write(1000);
      expect(valuesOn(torn), `cut at ${cut}`).toEqual([...expected, 1000]);
    }
    expect(Buffer.compare(disk.bytesOf(FIRST), whole)).toBe(0);
  });

  it("refuses damage in what was durable, naming file, offset and what to do, and changes nothing", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 1; value <= 10; value++) journal.write(value);
    const offsets = frameOffsets(disk);
    for (let frame = 0; frame < offsets.length - 1; frame++) {
      for (const flip of [0, 5, 9, 33, 63, 70]) {
        const damaged = disk.clone();
        damaged.bytesOf(FIRST)[offsets[frame] + flip] ^= 0x10;
        const error = refusal(damaged);
        expect(error).toMatchObject({ name: "JournalError", code: "JOURNAL_CORRUPT" });
        expect(error.message).toContain(`${FIRST} at offset ${offsets[frame]}`);
        expect(error.message).toContain("Put the file back from a copy");
      }
    }
  });

  it("refuses a frame that is gone, out of another place, or from another life of the file", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 1; value <= 10; value++) journal.write(value);
    const [, , third, fourth, fifth] = frameOffsets(disk);
    const gone = disk.clone();
    gone.bytesOf(FIRST).fill(0, third, fourth);
    expect(refusal(gone).code).toBe("JOURNAL_CORRUPT");
    const misdirected = disk.clone();
    misdirected.bytesOf(FIRST).copyWithin(third, fourth, fifth);
    expect(refusal(misdirected).message).toContain(`it belongs at offset ${fourth}`);
    const other = new MemoryDisk();
    const stranger = new TestJournal(other);
    for (let value = 1; value <= 10; value++) stranger.write(value + 5);
    const mixed = disk.clone();
    mixed.bytesOf(FIRST).set(other.bytesOf(FIRST).subarray(third, fourth), third);
    expect(refusal(mixed).message).toContain("the chain is broken");
  });

  it("cuts at the damage when an operator says so, and keeps what is cut", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 1; value <= 10; value++) journal.write(value);
    const offsets = frameOffsets(disk);
    const whole = disk.bytesOf(FIRST).slice();
    disk.bytesOf(FIRST)[offsets[4] + 20] ^= 1;
    const again = new TestJournal(disk, { recovery: { cutDamage: true } });
    expect(again.replica.values).toEqual([1, 2, 3]);
    expect(again.recovery.cut).toBe(true);
    again.write(4);
    expect(valuesOn(disk)).toEqual([1, 2, 3, 4]);
    const kept = disk.list(DIR).filter((name) => name.includes(".cut-"));
    expect(kept).toHaveLength(1);
    const copy = disk.bytesOf(`${DIR}/${kept[0]}`);
    expect(Buffer.compare(copy.subarray(64), whole.subarray(offsets[4] + 64, offsets[4] + copy.length))).toBe(0);
    expect(offsets[4] + copy.length).toBeGreaterThan(offsets.at(-1) as number);
  });

  it("refuses a newer format by its version, and never cuts it", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    journal.write(1);
    journal.write(2);
    const offset = frameOffsets(disk)[2];
    const bytes = disk.bytesOf(FIRST);
    const view = new DataView(bytes.buffer);
    view.setUint16(offset + 8, FORMAT_VERSION + 1, true);
    view.setUint32(offset + 4, crc32(bytes, offset + 8, journal.writer.end.offset), true);
    const error = refusal(disk);
    expect(error.code).toBe("JOURNAL_VERSION");
    expect(error.message).toContain(`format version ${FORMAT_VERSION + 1}`);
    expect(() => valuesOn(disk, { cutDamage: true })).toThrow(/newer ringbook/);
  });

  it("cuts a tail of frames that were never synced, although some of them are whole", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk, { durability: "async" });
    journal.write(1);
    journal.writer.sync();
    for (const value of [2, 3, 4]) journal.write(value);
    const offsets = frameOffsets(disk);
    disk.bytesOf(FIRST).fill(0, offsets[2], offsets[3]);
    expect(new TestJournal(disk).replica.values).toEqual([1]);
    expect(valuesOn(disk)).toEqual([1]);
  });

  it("refuses to go on without a segment in the middle, or without the first", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 0; value < 3000; value += 300) journal.write(...countTo(300));
    expect(journal.writer.end.segment).toBeGreaterThan(2);
    const middle = disk.clone();
    middle.remove(`${DIR}/${segmentName(2)}`);
    expect(refusal(middle)).toMatchObject({ code: "JOURNAL_CORRUPT" });
    expect(refusal(middle).message).toContain(`it goes on in ${DIR}/${segmentName(2)}, which is missing`);
    const damaged = disk.clone();
    damaged.bytesOf(`${DIR}/${segmentName(2)}`)[5] ^= 1;
    expect(refusal(damaged).message).toContain(`it goes on in ${DIR}/${segmentName(2)} at offset 0: its checksum says`);
    const first = disk.clone();
    first.remove(FIRST);
    expect(refusal(first)).toMatchObject({ code: "JOURNAL_MISSING" });
  });

  it("goes on in the next segment past what a disk has put behind a segment's last frame by mistake", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    for (let value = 0; value < 1500; value += 300) journal.write(...countTo(300));
    const whole = valuesOn(disk);
    const misdirected = disk.clone();
    misdirected.bytesOf(FIRST).fill(0xa5, SEGMENT_BYTES - 16);
    expect(valuesOn(misdirected)).toEqual(whole);
  });

  it("compares digests at the marks, and says where a replay went another way", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    journal.write(1, 2, 3);
    const replica = new TestJournal(disk.clone()).replica;
    journal.mark(replica.digest());
    journal.write(4);
    const good = new TestJournal(disk.clone());
    expect(good.recovery.digestsCompared).toBe(1);
    expect(good.replica.values).toEqual([1, 2, 3, 4]);
    journal.mark("another");
    const error = refusal(disk);
    expect(error.code).toBe("JOURNAL_MISMATCH");
    expect(error.message).toContain("behind seq 4");
  });
});
