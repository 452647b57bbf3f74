import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const ROW = /^\| (\d+) \| (.+) \| (yes: `([^`]+)`, “([^”]+)”|no: (.+)) \|$/;

/** Lines that name a test or a group of tests. */
const TITLE = /\b(it|describe)[\w.]*\(|\]\)\(|\)\(["`]/;

const rows = readFileSync(new URL("docs/CHECKLIST.md", ROOT), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line));

describe("docs/CHECKLIST.md", () => {
  it("answers each of the 76 items", () => {
    expect(rows.map((row) => Number(ROW.exec(row)?.[1]))).toEqual(Array.from({ length: 76 }, (_, index) => index + 1));
  });

  it.each(rows.filter((row) => row.includes("| yes: ")))("names a test that exists: %s", (row) => {
    const [, , , , file, title] = ROW.exec(row) ?? [];
    const url = new URL(file ?? "", ROOT);
    expect(existsSync(url)).toBe(true);
    const titles = readFileSync(url, "utf8")
      .split("\n")
      .filter((line) => TITLE.test(line));
    expect(titles.some((line) => line.includes(title ?? "\0"))).toBe(true);
  });
});
