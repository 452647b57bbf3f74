import { describe, expect, it } from "vitest";
import { segmentName, snapshotName } from "../../engine/journal/journal-files.js";
import { readSnapshot, writeSnapshot } from "../../engine/journal/snapshot-file.js";
import { countTo, DIR, TestJournal, valuesOn } from "./journal-on.js";
import { MemoryDisk } from "./memory-disk.js";

function snapshotOf(journal: TestJournal, deflate: boolean): string {
  const place = journal.writer.end;
  const { replica } = new TestJournal(journal.disk.clone());
  return writeSnapshot(journal.disk, DIR, (out) => replica.save(out), { place, digest: replica.digest(), deflate });
}

function journalOf(last: number): TestJournal {
  const journal = new TestJournal(new MemoryDisk());
  for (let value = 1; value <= last; value += 100) journal.write(...countTo(100).map((index) => value - 1 + index));
  return journal;
}

describe("a snapshot", () => {
  it.each([true, false])("is read as it was written (deflated: %s), and recovery begins from it", (deflate) => {
    const journal = journalOf(3000);
    const path = snapshotOf(journal, deflate);
    const { header, state } = readSnapshot(journal.disk, path);
    expect(header).toMatchObject({ place: journal.writer.end, isDeflated: deflate });
    expect(state.length).toBe(8 * 3001);
    journal.write(3001);
    const disk = journal.disk.clone();
    disk.remove(`${DIR}/${segmentName(1)}`);
    const again = new TestJournal(disk);
    expect(again.recovery).toMatchObject({ replayed: 1, snapshot: { path } });
    expect(again.replica.values).toEqual(countTo(3001));
    again.write(3002);
    expect(valuesOn(disk)).toEqual(countTo(3002));
  });

  it("that is damaged anywhere is passed over for an older one, or for the beginning", () => {
    const journal = journalOf(200);
    const older = snapshotOf(journal, false);
    journal.write(201);
    const newer = snapshotOf(journal, true);
    const { length } = journal.disk.bytesOf(newer);
    for (let at = 0; at < length - 8; at += 7) {
      const disk = journal.disk.clone();
      disk.bytesOf(newer)[at] ^= 4;
      const found = new TestJournal(disk);
      expect(found.recovery.snapshot?.path, `byte ${at}`).toBe(older);
      expect(found.recovery.badSnapshots[0]).toContain(newer);
      expect(found.replica.values).toEqual(countTo(201));
    }
    const disk = journal.disk.clone();
    for (const path of [older, newer]) disk.bytesOf(path)[200] ^= 1;
    const found = new TestJournal(disk);
    expect(found.recovery).toMatchObject({ replayed: 201, snapshot: undefined });
  });

  it("is not begun from when the journal that it goes on in is missing", () => {
    const journal = journalOf(3000);
    snapshotOf(journal, true);
    const disk = journal.disk.clone();
    for (const name of disk.list(DIR)) if (name.startsWith("segment")) disk.remove(`${DIR}/${name}`);
    expect(() => valuesOn(disk)).toThrow(expect.objectContaining({ code: "JOURNAL_MISSING" }));
  });

  it("leaves nothing behind when it cannot be written", () => {
    const journal = journalOf(100);
    journal.disk.roomBytes = 0;
    expect(() => snapshotOf(journal, false)).toThrow(/ENOSPC/);
    expect(journal.disk.list(DIR)).not.toContain("snapshot.tmp");
    expect(journal.disk.list(DIR)).not.toContain(snapshotName(100));
  });
});
