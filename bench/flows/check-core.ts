import { isDeepStrictEqual, parseArgs } from "node:util";
import { CoreFlash } from "./core-flash.js";
import { CoreFlowBook } from "./core-flow-book.js";
import { dataPath } from "./data-path.js";
import { EXPECTED_FLASH, FLASH_NAMES, FlashReports, loadFlash } from "./flash.js";
import { EXPECTED_FLOWS, FLOW_NAMES } from "./flow.js";
import { playFlow } from "./flow-book.js";
import { loadFlow } from "./flow-cache.js";

// node dist/bench/flows/check-core.js --flow deep --flash normal
// Plays whole flows through the core and compares with the published results; exit status 1 when they differ. It runs as
// a process of its own because a test runner's module wrapping makes these millions of commands ten times slower.

function checkFlow(wanted: string): boolean {
  const name = FLOW_NAMES.find((known) => known === wanted);
  if (name === undefined) throw new RangeError(`--flow must be one of ${FLOW_NAMES.join(", ")}, was ${wanted}`);
  const book = new CoreFlowBook(2 ** 18);
  playFlow(loadFlow(name), book);
  book.door.core.assertConsistent();
  return told(`flow ${name}`, book.result(), EXPECTED_FLOWS[name].result);
}

function checkFlash(wanted: string): boolean {
  const name = FLASH_NAMES.find((known) => known === wanted);
  if (name === undefined) throw new RangeError(`--flash must be one of ${FLASH_NAMES.join(", ")}, was ${wanted}`);
  const { file, trades, reportSha256 } = EXPECTED_FLASH[name];
  const reports = new FlashReports();
  const flash = new CoreFlash(reports);
  flash.play(loadFlash(dataPath("flash", file)));
  flash.door.core.assertConsistent();
  return told(`flash ${name}`, { trades: reports.trades, reportSha256: reports.digest() }, { trades, reportSha256 });
}

function told(what: string, found: object, expected: object): boolean {
  const isEqual = isDeepStrictEqual(found, expected);
  console.log(isEqual ? `${what}: as published` : `${what}: found ${JSON.stringify(found)}, published ${JSON.stringify(expected)}`);
  return isEqual;
}

const names = { type: "string", multiple: true, default: [] as string[] } as const;
const { values } = parseArgs({ options: { flow: names, flash: names } });
const verdicts = [...values.flow.map(checkFlow), ...values.flash.map(checkFlash)];
process.exitCode = verdicts.length > 0 && verdicts.every(Boolean) ? 0 : 1;
