import { describe, expect, it } from "vitest";
import { EXPECTED_FLOWS, EXPECTED_NORMAL_SHORT, FLOW_NAMES, SHORT_TIMED_COUNT, countTimedOps, firstTimed, readFlow } from "../../bench/flows/flow.js";
import { loadFlow, sha256Hex } from "../../bench/flows/flow-cache.js";
import { generateFlow } from "../../bench/flows/generate-flow.js";
import { runReference } from "../../bench/flows/reference-book.js";

describe("the flows of PERFORMANCE.md", () => {
  for (const name of FLOW_NAMES) {
    const expected = EXPECTED_FLOWS[name];
    it(`${name}: the generator gives the published bytes and counts`, () => {
      const bytes = generateFlow(name);
      expect(sha256Hex(bytes)).toBe(expected.sha256);
      expect(countTimedOps(readFlow(bytes))).toEqual(expected.timedOps);
    });

    it(`${name}: the reference book gives the published results`, () => {
      expect(runReference(loadFlow(name))).toEqual(expected.result);
    });
  }

  it("normal, first 20,000: the reference book gives the published results", () => {
    expect(runReference(firstTimed(loadFlow("normal"), SHORT_TIMED_COUNT))).toEqual(EXPECTED_NORMAL_SHORT);
  });

  it("a file that is not a flow is refused", () => {
    expect(() => readFlow(new Uint8Array(64))).toThrow(/a flow starts with/);
  });
});
