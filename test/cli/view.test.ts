import { Chalk } from "chalk";
import { describe, expect, it } from "vitest";
import { LatencyRecorder } from "../../cli/demo/latency.js";
import { clock, duration, padFraction } from "../../cli/view/format.js";
import type { MarketSnapshot } from "../../cli/view/market-snapshot.js";
import { renderPlain, renderSummary } from "../../cli/view/plain-view.js";
import { renderTerminal } from "../../cli/view/terminal-view.js";

const plain = new Chalk({ level: 0 });
const SNAPSHOT: MarketSnapshot = {
  uptimeMs: 83_400,
  url: "ws://127.0.0.1:9001",
  transport: "uws",
  sessions: 9,
  commands: 123_456,
  trades: 7_890,
  commandsPerSecond: 1_999.6,
  latency: { count: 5, p50Ns: 61_234, p99Ns: 412_000, p999Ns: 1_250_000, maxNs: 2_500_000_000 },
  instruments: [
    {
      symbol: "ABC",
      bids: [
        ["99.98", "4.00", 2],
        ["99.97", "1.00", 1],
      ],
      asks: [["100.01", "2.00", 1]],
      trades: [
        { price: "100.01", qty: "0.50", aggressor: "buy" },
        { price: "99.98", qty: "1.25", aggressor: "sell" },
      ],
    },
  ],
};

describe("the plain view", () => {
  it("is one line", () => {
    expect(renderPlain(SNAPSHOT)).toBe(
      "1:23  ABC 99.98/100.01  2,000 orders/s  7,890 trades  order→report p50 61.2 µs  p99 412 µs  p99.9 1.3 ms  max 2.5 s",
    );
  });

  it("says what it does not know yet", () => {
    const empty = { ...SNAPSHOT, latency: undefined, instruments: [{ symbol: "ABC", bids: [], asks: [], trades: [] }] };
    expect(renderPlain(empty)).toBe("1:23  ABC –/–  2,000 orders/s  7,890 trades  order→report no reports yet");
  });

  it("ends with a summary", () => {
    expect(renderSummary(SNAPSHOT)).toBe(
      "ran 123,456 orders and 7,890 trades in 83.4 s over uws; order→report p50 61.2 µs  p99 412 µs  p99.9 1.3 ms  max 2.5 s",
    );
  });
});

describe("the terminal view", () => {
  it("shows the ladder with the best prices in the middle, and the last trades beside it", () => {
    const lines = renderTerminal(SNAPSHOT, plain, 14).split("\n");
    expect(lines.map((line) => line.trimEnd())).toEqual(
      [
        "ringbook  ws://127.0.0.1:9001  uws  9 sessions  up 1:23",
        "",
        "ABC               qty   #                          last trades",
        "                                             100.01       0.50",
        "",
        "     100.01      2.00   1 ██████",
        "      99.98      4.00   2 ████████████",
        "      99.97      1.00   1 ███",
        "",
        "",
        "2,000 orders/s   123,456 orders   7,890 trades",
        "order→report  p50 61.2 µs  p99 412 µs  p99.9 1.3 ms  max 2.5 s",
        "Ctrl-C stops",
      ].map((line, index) => (index === 4 ? "                                              99.98       1.25" : line)),
    );
  });

  it("fits any terminal of 10 lines and more", () => {
    for (let rows = 10; rows < 60; rows++) {
      const height = renderTerminal(SNAPSHOT, plain, rows).split("\n").length;
      expect(height).toBeLessThan(rows);
    }
  });

  it("colours sides and aggressors", () => {
    const text = renderTerminal(SNAPSHOT, new Chalk({ level: 1 }), 24);
    expect(text).toContain("\u001b[31m     100.01\u001b[39m");
    expect(text).toContain("\u001b[32m      99.98\u001b[39m");
  });
});

describe("formats", () => {
  it.each([
    [0, "0.0 µs"],
    [999, "1.0 µs"],
    [99_949, "99.9 µs"],
    [100_000, "100 µs"],
    [999_499, "999 µs"],
    [1_000_000, "1.0 ms"],
    [250_000_000, "250 ms"],
    [61_000_000_000, "61.0 s"],
  ])("%i ns is %s", (ns, text) => expect(duration(ns)).toBe(text));

  it("clock and decimals", () => {
    expect([clock(0), clock(59_999), clock(60_000), clock(3_600_000)]).toEqual(["0:00", "0:59", "1:00", "60:00"]);
    expect([padFraction("5", 2), padFraction("5.1", 2), padFraction("5.12", 2), padFraction("5", 0)]).toEqual([
      "5.00",
      "5.10",
      "5.12",
      "5",
    ]);
  });
});

it("latencies keep three digits whatever their size", () => {
  const recorder = new LatencyRecorder();
  for (let i = 1; i <= 1000; i++) recorder.record(0, i / 1000);
  recorder.record(0, 30_000);
  const { count, p50Ns, p99Ns, maxNs } = recorder.summary();
  expect(count).toBe(1001);
  expect(Math.abs(p50Ns - 501_000)).toBeLessThan(1_000);
  expect(Math.abs(p99Ns - 991_000)).toBeLessThan(2_000);
  expect(Math.abs(maxNs - 30_000_000_000)).toBeLessThan(30_000_000);
});
