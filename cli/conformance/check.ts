import type { ConformanceWorld } from "./conformance-world.js";

/** One thing that a gateway must do. `run` throws CheckFailure when it does not, and SkipCheck with the reason when that cannot be tried. */
export interface Check {
  /** Unique; what a report calls it. */
  readonly name: string;
  run(world: ConformanceWorld): Promise<void>;
}

/** What is checked under one heading. */
export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}
