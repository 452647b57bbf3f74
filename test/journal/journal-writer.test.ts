import { describe, expect, it } from "vitest";
import { segmentName } from "../../engine/journal/journal-files.js";
import { countTo, DIR, SEGMENT_BYTES, TestJournal, valuesOn } from "./journal-on.js";
import { MemoryDisk } from "./memory-disk.js";

describe("a writer", () => {
  it("has the next segment ready before it is needed, at full length", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    expect(disk.list(DIR).sort()).toEqual([segmentName(1), "spare.rbj"]);
    for (let round = 0; round < 5; round++) journal.write(...countTo(600));
    expect(disk.list(DIR).sort()).toEqual([1, 2, 3, 4, 5].map(segmentName).concat("spare.rbj"));
    for (const name of disk.list(DIR)) expect(disk.bytesOf(`${DIR}/${name}`).length).toBe(SEGMENT_BYTES);
    expect(valuesOn(disk)).toHaveLength(3000);
  });

  it("syncs each frame in group mode, and from time to time in async mode", () => {
    const group = new TestJournal(new MemoryDisk());
    const before = group.writer.syncCount;
    for (const value of [1, 2, 3]) group.write(value);
    expect(group.writer.syncCount).toBe(before + 3);
    const later = new TestJournal(new MemoryDisk(), { durability: "async" });
    for (const value of [1, 2, 3]) later.write(value);
    expect(later.writer.releasedSeq).toBe(3);
    expect(later.writer.syncedSeq).toBe(0);
    expect(later.writer.syncIfDue()).toBe(50);
    later.nowMs = 50;
    expect(later.writer.syncIfDue()).toBe(Number.POSITIVE_INFINITY);
    expect(later.writer.syncedSeq).toBe(3);
  });

  it("writes on where the disk has taken a part only", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    disk.writeBytesMax = 13;
    journal.write(...countTo(50));
    expect(valuesOn(disk)).toEqual(countTo(50));
  });

  it("says that the disk is full while there is room for what is on its way, waits, and goes on when there is room", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    disk.roomBytes = 2.5 * SEGMENT_BYTES;
    // The second segment is begun, and a third one does not fit.
    for (let round = 0; round < 4; round++) journal.write(...countTo(500));
    expect(disk.list(DIR).sort()).toEqual([1, 2].map(segmentName));
    journal.write(...countTo(100));
    expect(journal.writer.isFull).toBe(false);
    for (let round = 0; round < 5; round++) journal.write(...countTo(10));
    expect(journal.writer.isFull).toBe(true);
    expect(journal.isFull).toBe(true);
    journal.onPause = () => {
      if (journal.pauses === 3) disk.roomBytes = Number.POSITIVE_INFINITY;
    };
    journal.write(...countTo(500));
    expect(journal.pauses).toBe(3);
    expect(journal.writer.isFull).toBe(false);
    expect(journal.isFull).toBe(false);
    expect(valuesOn(disk)).toHaveLength(2650);
  });

  it("never tries a failed sync again", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    journal.write(1);
    let attempts = 0;
    disk.fault = (call) => {
      if (call !== "sync") return;
      attempts++;
      throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
    };
    expect(() => journal.write(2)).toThrow(/segment-0000000001.*fdatasync.*Nothing more is written/);
    disk.fault = () => {};
    expect(() => journal.write(3)).toThrow(/fdatasync/);
    expect(() => journal.writer.sync()).toThrow(/fdatasync/);
    journal.writer.close();
    expect(attempts).toBe(1);
    expect(journal.writer.releasedSeq).toBe(1);
    expect(valuesOn(disk.afterPowerCut())).toEqual([1]);
  });

  it("stops at any other error of a write", () => {
    const disk = new MemoryDisk();
    const journal = new TestJournal(disk);
    disk.fault = (call) => {
      if (call === "write") throw Object.assign(new Error("EIO: i/o error, write"), { code: "EIO" });
    };
    expect(() => journal.write(1)).toThrow(expect.objectContaining({ code: "JOURNAL_IO" }));
    disk.fault = () => {};
    expect(() => journal.write(1)).toThrow(expect.objectContaining({ code: "JOURNAL_IO" }));
  });
});
