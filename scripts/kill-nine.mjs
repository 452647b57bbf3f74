#!/usr/bin/env node
// Kills `ringbook start` under load, again and again, and checks that nothing acknowledged is lost or doubled. From dist (run `npm run build` first).
//   node scripts/kill-nine.mjs [--rounds 200] [--seconds N] [--seed S] [--keep]
// Prints seed and progress on stderr. Exit status 1 with what was promised, what was found and each trader's history when a promise was broken.
import { parseArgs } from "node:util";
import { KillNine, KillNineFailure } from "../dist/test/proof/kill-nine.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seconds: { type: "string", default: "86400" },
    seed: { type: "string", default: String(1 + (Date.now() % 1_000_000)) },
    keep: { type: "boolean", default: false },
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

const seed = positive("seed");
console.error(`seed ${seed}`);
const onProgress = (line) => console.error(line);
try {
  const result = await new KillNine({
    seed,
    rounds: positive("rounds"),
    seconds: positive("seconds"),
    keep: values.keep,
    onProgress,
  }).run();
  console.log(JSON.stringify({ seed, ...result }));
} catch (error) {
  if (!(error instanceof KillNineFailure)) throw error;
  console.log(error.message);
  process.exit(1);
}
