#!/usr/bin/env node
// Writes and recovers journals on simulated disks that tear, forget, lie and break, one seed after the other. From dist (run `npm run build` first).
//   node scripts/sim-disk.mjs [--seeds 50000] [--seed 1]
// Prints progress on stderr. Exit status 1 with the plan of the seed that broke a promise; `--seed N --seeds 1` runs it again.
import { parseArgs } from "node:util";
import { sweepSeeds } from "../dist/test/proof/disk-sweep.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "50000" }, seed: { type: "string", default: "1" } } });

function positive(name) {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name} must be a positive integer, was ${values[name]}`);
    process.exit(2);
  }
  return value;
}

const seeds = positive("seeds");
const startedMs = Date.now();
function onProgress({ seeds: done, frames, recoveries, refusals }) {
  if (done % 1000 !== 0) return;
  const rate = Math.round(done / ((Date.now() - startedMs) / 1000));
  console.error(`${done} of ${seeds} seeds: ${frames} frames, ${recoveries} recoveries, ${refusals} refusals, ${rate} seeds a second`);
}
try {
  console.log(JSON.stringify(sweepSeeds(positive("seed"), seeds, undefined, onProgress)));
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
