import type { CheckGroup } from "./check.js";
import type { ConformanceWorld } from "./conformance-world.js";
import { FRAME_CHECKS } from "./frame-checks.js";
import { LOGON_CHECKS } from "./logon-checks.js";
import { MAP_CHECKS } from "./map-checks.js";
import { CheckFailure, SkipCheck } from "./must.js";
import type { ProtocolName } from "./protocol.js";
import { DISCONNECT_CHECKS, RESUME_CHECKS } from "./resume-checks.js";
import { SEQUENCE_CHECKS, SESSION_CHECKS } from "./session-checks.js";
import { THROTTLE_CHECKS } from "./throttle-checks.js";

/** In the order in which they are run: what needs the throttle's budget comes last. */
function checkGroups(protocol: ProtocolName): readonly CheckGroup[] {
  const frames = protocol === "sbe" ? FRAME_CHECKS : MAP_CHECKS;
  return [LOGON_CHECKS, SESSION_CHECKS, SEQUENCE_CHECKS, frames, RESUME_CHECKS, DISCONNECT_CHECKS, THROTTLE_CHECKS];
}

export interface CheckResult {
  readonly protocol: ProtocolName;
  readonly group: string;
  readonly name: string;
  readonly verdict: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly text?: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly onResult: (result: CheckResult) => void;
  readonly signal: AbortSignal;
  /** Only checks whose heading and name have this in them. "": all. */
  readonly only: string;
}

/** Runs all checks one after the other, each from a clean account. What no check foresees ends the run. */
export async function runChecks(world: ConformanceWorld, options: RunOptions): Promise<CheckResult[]> {
  const { onResult, signal, only } = options;
  const protocol = world.options.protocol.name;
  const results: CheckResult[] = [];
  for (const { title, checks } of checkGroups(protocol)) {
    for (const { name, run } of checks) {
      if (signal.aborted) return results;
      if (!`${title}: ${name}`.includes(only)) continue;
      const startMs = performance.now();
      const outcome = await verdictOf(() => run(world));
      const left = await verdictOf(() => world.tidy());
      const whole = outcome.verdict === "passed" && left.verdict === "failed" ? left : outcome;
      const result = { protocol, group: title, name, ...whole, ms: performance.now() - startMs };
      results.push(result);
      onResult(result);
    }
  }
  return results;
}

async function verdictOf(run: () => Promise<void>): Promise<Pick<CheckResult, "verdict" | "text">> {
  try {
    await run();
    return { verdict: "passed" };
  } catch (error) {
    if (error instanceof SkipCheck) return { verdict: "skipped", text: error.message };
    if (error instanceof CheckFailure) return { verdict: "failed", text: error.message };
    throw error;
  }
}
