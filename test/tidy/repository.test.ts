import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sourceFiles, trackedFiles } from "./source-files.js";

const LINES_MAX = 600;

describe("the repository", () => {
  it("has no source file over 600 lines", () => {
    const long = sourceFiles().filter(({ path, text }) => !path.includes("/generated/") && text.split("\n").length > LINES_MAX);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("names no package registry, in the lock file or elsewhere", () => {
    const host = ["registry", "npmjs", "org"].join(".");
    const found = trackedFiles().filter(({ text }) => text.includes(host));
    expect(found.map(({ path }) => path)).toEqual([]);
    expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved"');
  });

  it("skips a test only with a reason, focuses none, and promises nothing for later in code", () => {
    // A reason is a template: what is missing on this machine, in the test's own name.
    const pattern = new RegExp(["\\b(it|test|describe)\\.(skip\\((?!`[^`]*\\$\\{)|only\\(|todo\\()", "TO" + "DO", "FIX" + "ME"].join("|"));
    expect(
      sourceFiles()
        .filter(({ text }) => pattern.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it("commits none of the data that it is tested against", () => {
    expect(trackedFiles("*.csv", "*.gz", "*.bin").map(({ path }) => path)).toEqual([]);
  });
});
