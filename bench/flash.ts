import { deepStrictEqual } from "node:assert/strict";
import { raiseInliningBudget } from "../engine/runtime/inlining-budget.js";
import { Drain, type DrainResult } from "./flash/drain.js";
import { FlashFeed } from "./flash/flash-feed.js";
import { type RecordedFlash, recordFlash } from "./flash/recorded-flash.js";
import { dataFile, dataPath } from "./flows/data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES, type FlashName, loadFlash } from "./flows/flash.js";
import type { BenchReport } from "./report.js";
import { median, rowOf } from "./ring/statistics.js";

/**
 * P5 of PERFORMANCE.md: the public matching-engine benchmark through `TradingCore`. The messages lie in memory as command
 * records; the main thread applies them, and every event goes through a shared ring to a second thread, which checks it.
 * A round lasts until that thread has read the last event. The measure is the worst scenario.
 *
 * Left out: encoding the commands (a client does that), and making the benchmark's text lines of the events in the timed
 * rounds. Needs two free processors.
 */

/** Messages of the tiny size, and the reports of so many, as the core that gives the published reports of the whole makes them. */
const TINY_COUNT = 50_000;
const TINY_SHA256: Readonly<Record<FlashName, string>> = {
  normal: "ba4295ed611a885017b5055aa51f950d0c8bfb8b01383676353c52ba03672b1f",
  "flash-crash": "5ae8491ba606b451c16d932ed2a7b420af6262c2e99e4576c808675256b32607",
};
const ROUNDS = 9;

interface Scenario {
  readonly name: FlashName;
  readonly flash: RecordedFlash;
  readonly expected: DrainResult["tally"];
  readonly millionsPerSecond: number[];
}

/** Main thread of a process that may block. Throws when any answer of any round is not the published one. */
export async function run(options: { size: "tiny" | "full" }): Promise<BenchReport> {
  const missing = FLASH_NAMES.find((name) => dataFile("flash", EXPECTED_FLASH[name].file) === undefined);
  if (missing !== undefined) {
    return {
      name: "flash",
      rows: [],
      checked: [`nothing, skipped: no ${dataPath("flash", EXPECTED_FLASH[missing].file)} (RINGBOOK_DATA names the folder)`],
    };
  }
  // As `ringbook start` does.
  raiseInliningBudget();
  const isTiny = options.size === "tiny";
  const scenarios: Scenario[] = [];
  for (const name of FLASH_NAMES) scenarios.push(await verified(name, isTiny));
  const drain = await Drain.start();
  const rounds = isTiny ? 1 : ROUNDS;
  for (let round = 0; round <= rounds; round++) {
    for (const scenario of scenarios) {
      const speed = timeRound(scenario, drain);
      if (round > 0 || isTiny) scenario.millionsPerSecond.push(speed); // The first round warms up.
    }
  }
  await drain.stop();
  return reportOf(scenarios, isTiny);
}

/** Plays a scenario once with its reports made and compared with the published ones; the tally of that reading is what timed rounds must give. */
async function verified(name: FlashName, isTiny: boolean): Promise<Scenario> {
  const path = dataPath("flash", EXPECTED_FLASH[name].file);
  const flow = loadFlash(path);
  const flash = recordFlash(flow, isTiny ? TINY_COUNT : flow.count);
  const drain = await Drain.start(path);
  const { tally, reportSha256 } = drain.round(() => new FlashFeed(drain.producer).play(flash));
  await drain.stop();
  const expected = isTiny
    ? { reportSha256: TINY_SHA256[name] }
    : { reportSha256: EXPECTED_FLASH[name].reportSha256, trades: EXPECTED_FLASH[name].trades };
  deepStrictEqual(isTiny ? { reportSha256 } : { reportSha256, trades: tally.trades }, expected, `the reports of ${name}`);
  return { name, flash, expected: tally, millionsPerSecond: [] };
}

/** Million messages a second, from the first command to the last event read by the other thread. */
function timeRound(scenario: Scenario, drain: Drain): number {
  let startMs = 0;
  const { tally } = drain.round(() => {
    const feed = new FlashFeed(drain.producer);
    startMs = performance.now();
    feed.play(scenario.flash);
  });
  const tookMs = performance.now() - startMs;
  deepStrictEqual(tally, scenario.expected, `what the other thread read of ${scenario.name}`);
  return scenario.flash.count / tookMs / 1000;
}

function reportOf(scenarios: readonly Scenario[], isTiny: boolean): BenchReport {
  const unit = "M messages/s";
  const rows = scenarios.map(({ name, millionsPerSecond }) => rowOf(`${name}, events drained by another thread`, unit, millionsPerSecond));
  const [worst] = [...scenarios].sort((a, b) => median(a.millionsPerSecond) - median(b.millionsPerSecond));
  rows.push(rowOf(`worst scenario (${worst.name})`, unit, worst.millionsPerSecond, "≥ 4, reach for 8 (P5)"));
  const checked = scenarios.map(({ name, flash, expected }) => {
    const whose = isTiny ? `the first ${flash.count} messages' known one` : "the published one";
    return `${name}: SHA-256 of the reports made of the events is ${whose}; in every round ${expected.events} events, their kinds, traded quantity and a hash of every word are those of that reading`;
  });
  return { name: "flash", rows, checked };
}
