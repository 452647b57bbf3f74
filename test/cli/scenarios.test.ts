import { describe, expect, it } from "vitest";
import { linesOf, runOnSmallCore } from "./run-cli.js";
import { readScenarios, withoutText } from "./scenario-file.js";

const scenarios = readScenarios();

// Every case runs with every invariant checked after each command.
describe.each(scenarios)("$file", ({ setUp, cases }) => {
  it.each(cases)("$name", async ({ input, output, args, exitCode }) => {
    const script = [...setUp, ...input].map((line) => `${line}\n`).join("");
    const verified = args.includes("--verify") ? args : [...args, "--verify"];
    const result = await runOnSmallCore(verified, script);
    const printed = linesOf(result.stdout);
    for (const line of printed.slice(0, setUp.length)) expect(line).toMatch(/^\{"event":"ok"/);
    expect(printed.slice(setUp.length).map(withoutText)).toEqual(output);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toBe("");
  });
});

it("the table has at least 1400 cases, and none of them twice", () => {
  const names = scenarios.flatMap(({ file, cases }) => cases.map(({ name }) => `${file}: ${name}`));
  expect(names.length).toBeGreaterThanOrEqual(1400);
  expect(new Set(names).size).toBe(names.length);
});
