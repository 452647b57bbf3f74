import { describe, expect, it } from "vitest";
import { sourceFiles } from "./source-files.js";

/** Rooms whose state must follow from their records alone (ARCHITECTURE section 4). */
const PURE_ROOMS = ["engine/ring/", "engine/flat/", "engine/table/", "engine/wire/", "engine/core/", "engine/pipelines/", "engine/step.ts"];

/** What would let a clock, chance, I/O or the engine's last bits in, or allocate per record. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/from "node:/, "node: import"],
  [/\bDate\b/, "Date"],
  [/Math\.random/, "Math.random"],
  [/\bperformance\b/, "performance"],
  [/\bprocess\./, "process"],
  [/(?<!\.)\basync (function|\()|\basync \w+\(/, "an async function"],
  [/\bBigInt|\b\d+n\b/, "BigInt"],
  [/Math\.(sin|cos|exp|pow|log)\(/, "a function whose last bits differ"],
];

function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
}

describe("pure rooms", () => {
  const files = sourceFiles().filter(({ path }) => PURE_ROOMS.some((room) => path.startsWith(room)));

  it("are found", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it.each(FORBIDDEN)("%s is nowhere (%s)", (pattern) => {
    expect(files.filter(({ text }) => pattern.test(codeOf(text))).map(({ path }) => path)).toEqual([]);
  });
});
