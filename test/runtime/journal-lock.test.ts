import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { JournalLock } from "../../engine/runtime/journal-lock.js";

const folder = mkdtempSync(join(tmpdir(), "ringbook-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const newDir = (): string => join(folder, String(folders++));

describe("the lock of a journal", () => {
  it("keeps everybody else out while it is held, this process included", () => {
    const dir = newDir();
    const lock = JournalLock.acquire(dir);
    expect(() => JournalLock.acquire(dir)).toThrow(expect.objectContaining({ code: "JOURNAL_LOCKED" }));
    expect(() => JournalLock.acquire(dir)).toThrow(new RegExp(`another process writes this journal: ${process.pid}`));
    lock.release();
    lock.release();
    expect(existsSync(join(dir, "LOCK"))).toBe(false);
    JournalLock.acquire(dir).release();
  });

  it.each([
    ["a process that is gone", "999999999 1 x"],
    ["an earlier process of the same number", `${process.pid} 1 00000000-0000-0000-0000-000000000000`],
    ["nobody: it was never written to the end", ""],
  ])("is taken over from %s", (_name, holder) => {
    const dir = newDir();
    JournalLock.acquire(dir).release();
    writeFileSync(join(dir, "LOCK"), holder);
    const lock = JournalLock.acquire(dir);
    expect(readFileSync(join(dir, "LOCK"), "utf8")).toMatch(new RegExp(`^${process.pid}\\b`));
    expect(readdirSync(dir)).toEqual(["LOCK"]);
    lock.release();
  });
});
