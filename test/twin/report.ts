import type { Command } from "../../engine/edge/types.js";
import { DEFAULT_INTERVALS, playScript } from "./differential.js";
import type { CheckIntervals, CoreUnderTest, FailedRun } from "./differential.js";
import { minimise, toJsonLines } from "./minimise.js";

/** A short script is checked in full after every command, so that the cause shows and not only a late effect. */
function intervalsFor(script: readonly Command[]): CheckIntervals {
  return script.length <= SHORT_SCRIPT_COMMANDS ? { digestEvery: 1, consistentEvery: 1 } : DEFAULT_INTERVALS;
}

const SHORT_SCRIPT_COMMANDS = 200;

/** For people: the shortest script that still parts core and twin, and what each said at its end. */
export function describeFailure(failed: FailedRun, under: CoreUnderTest): string {
  const play = (script: readonly Command[]) => playScript(script, under, intervalsFor(script));
  const shortest = minimise(failed.script, (script) => play(script) !== undefined);
  const divergence = play(shortest) ?? failed.divergence;
  return [
    `core and twin differ in ${divergence.what} at command ${divergence.at + 1} of the shortest script (${shortest.length} commands,`,
    `found after ${failed.script.length}). As input of \`ringbook run\`:`,
    toJsonLines(shortest),
    "core:",
    ...divergence.core.map((line) => `  ${line}`),
    "twin:",
    ...divergence.twin.map((line) => `  ${line}`),
  ].join("\n");
}
