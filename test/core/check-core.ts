import { spawnSync } from "node:child_process";

/** Runs `bench/flows/check-core` as built (`npm test` builds first). Returns what it says, wrong results included. */
export function checkCore(...args: string[]): string {
  const done = spawnSync(process.execPath, ["dist/bench/flows/check-core.js", ...args], { encoding: "utf8", timeout: 100_000 });
  return (done.stdout + done.stderr).trim();
}
