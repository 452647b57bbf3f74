#!/usr/bin/env node
// Runs the whole exchange on a simulated clock, network and disk, one seed after the other. From dist (run `npm run build` first).
//   node scripts/simulate.mjs [--seeds 1000] [--seconds N] [--seed S]
// Prints seed and progress on stderr. Exit status 1 with the plan and the histories of the seed that broke a promise; `--seed N --seeds 1` runs it again.
import { parseArgs } from "node:util";
import { simulateSeeds } from "../dist/test/proof/simulate-seeds.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seconds: { type: "string", default: "86400" },
    seed: { type: "string", default: String(1 + (Date.now() % 1_000_000_000)) },
  },
});

function positive(name) {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name} must be a positive integer, was ${values[name]}`);
    process.exit(2);
  }
  return value;
}

const [seed, seeds, seconds] = [positive("seed"), positive("seeds"), positive("seconds")];
console.error(`seed ${seed}`);
const startedMs = Date.now();
function onProgress(totals) {
  if (totals.seeds % 50 !== 0) return;
  const { lives, acknowledged, commands, failures } = totals;
  const rate = (totals.seeds / ((Date.now() - startedMs) / 1000)).toFixed(1);
  console.error(
    `${totals.seeds} seeds: ${lives} lives, ${failures} ended by the disk, ${commands} commands, ${acknowledged} requests acknowledged, ${rate} seeds a second`,
  );
}
try {
  console.log(JSON.stringify(await simulateSeeds({ first: seed, count: seeds, seconds, onProgress })));
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
