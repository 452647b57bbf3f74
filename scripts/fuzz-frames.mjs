#!/usr/bin/env node
// Sends mutated frames to a gateway with the trading core behind it, from dist (run `npm run build` first).
//   node --expose-gc scripts/fuzz-frames.mjs [--frames 1000000] [--seed 1] [--per-run 100000]
// Prints progress on stderr. Exit status 1 with seed, number and bytes of the frame whose answer broke a rule, or when memory grows.
import { parseArgs } from "node:util";
import { FrameFuzz, FuzzFailure } from "../dist/test/fuzz/frame-fuzz.js";

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    "per-run": { type: "string", default: "100000" },
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

/** What a run may leave behind once the first has warmed everything up. */
const GROWTH_BYTES_MAX = 32 << 20;
const total = positive("frames");
const perRun = positive("per-run");
const firstSeed = positive("seed");
const startedMs = Date.now();
let firstHeapBytes;
let done = 0;
for (let run = 0; done < total; run++) {
  const fuzz = new FrameFuzz(firstSeed + run);
  await fuzz.open();
  try {
    await fuzz.run(Math.min(perRun, total - done));
  } catch (error) {
    if (!(error instanceof FuzzFailure)) console.error(`seed ${firstSeed + run}: not even an answer`);
    console.log(error instanceof FuzzFailure ? error.message : error.stack);
    process.exit(1);
  }
  await fuzz.close();
  const { frames, malformed, commands, sessions } = fuzz.counts;
  done += frames;
  globalThis.gc?.();
  const heapBytes = process.memoryUsage().heapUsed;
  firstHeapBytes ??= heapBytes;
  const rate = Math.round(done / ((Date.now() - startedMs) / 1000));
  console.error(
    `${done} of ${total} frames, seed ${firstSeed + run}: ${malformed} malformed, ${commands} commands, ${sessions} sessions, heap ${heapBytes >> 20} MiB, ${rate} a second`,
  );
  if (globalThis.gc !== undefined && heapBytes > firstHeapBytes + GROWTH_BYTES_MAX) {
    console.log(`the heap has grown from ${firstHeapBytes} to ${heapBytes} bytes`);
    process.exit(1);
  }
}
console.log(`${done} frames, seeds from ${firstSeed}: every answer kept to the rules`);
