import { describe, expect, it, vi } from "vitest";
import { CoreFlowBook } from "../../bench/flows/core-flow-book.js";
import type { Flow } from "../../bench/flows/flow.js";
import {
  countTimedOps,
  EXPECTED_FLOWS,
  EXPECTED_NORMAL_SHORT,
  FLOW_NAMES,
  firstTimed,
  readFlow,
  SHORT_TIMED_COUNT,
} from "../../bench/flows/flow.js";
import { type FlowBook, playFlow } from "../../bench/flows/flow-book.js";
import { loadFlow, sha256Hex } from "../../bench/flows/flow-cache.js";
import { generateFlow } from "../../bench/flows/generate-flow.js";
import { ReferenceBook } from "../../bench/flows/reference-book.js";
import { BintreesBook } from "../../bench/peers/bintrees-book.js";
import { NodejsOrderBook } from "../../bench/peers/nodejs-order-book.js";
import { checkCore } from "./check-core.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

function played<Book extends FlowBook>(flow: Flow, book: Book): Book {
  playFlow(flow, book);
  return book;
}

describe("the flows of PERFORMANCE.md", () => {
  for (const name of FLOW_NAMES) {
    const expected = EXPECTED_FLOWS[name];
    it(`${name}: the generator gives the published bytes and counts`, () => {
      const bytes = generateFlow(name);
      expect(sha256Hex(bytes)).toBe(expected.sha256);
      expect(countTimedOps(readFlow(bytes))).toEqual(expected.timedOps);
    });

    it(`${name}: the reference book gives the published results`, () => {
      expect(played(loadFlow(name), new ReferenceBook()).result()).toEqual(expected.result);
    });
  }

  it("normal, first 20,000: the reference book gives the published results", () => {
    expect(played(firstTimed(loadFlow("normal"), SHORT_TIMED_COUNT), new ReferenceBook()).result()).toEqual(EXPECTED_NORMAL_SHORT);
  });

  it("a file that is not a flow is refused", () => {
    expect(() => readFlow(new Uint8Array(64))).toThrow(/a flow starts with/);
  });
});

describe("the core, through its public doors, gives the published results", () => {
  it.each(FLOW_NAMES)("%s", (name) => {
    expect(checkCore("--flow", name)).toBe(`flow ${name}: as published`);
  });

  it("normal, first 20,000", () => {
    const book = played(firstTimed(loadFlow("normal"), SHORT_TIMED_COUNT), new CoreFlowBook(2 ** 12));
    expect(book.result()).toEqual(EXPECTED_NORMAL_SHORT);
  });
});

describe("the peers of the book bench give the published results, so they are fair to compare with", () => {
  it.each(FLOW_NAMES)("bintrees levels: %s", (name) => {
    expect(played(loadFlow(name), new BintreesBook()).result()).toEqual(EXPECTED_FLOWS[name].result);
  });

  it("nodejs-order-book: normal, first 20,000", () => {
    const flow = firstTimed(loadFlow("normal"), SHORT_TIMED_COUNT);
    expect(played(flow, new NodejsOrderBook(flow)).result()).toEqual(EXPECTED_NORMAL_SHORT);
  });
});
