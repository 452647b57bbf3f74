import fc from "fast-check";
import { expect, it } from "vitest";
import { linesOf, runOnSmallCore } from "./run-cli.js";
import { readScenarios } from "./scenario-file.js";

const scenarios = readScenarios();
const goodLines = scenarios.flatMap(({ setUp, cases }) => [...setUp, ...cases.flatMap(({ input }) => input)]);
const setUp = scenarios.find(({ file }) => file === "orders.txt")?.setUp ?? [];

/** A line of the scenarios, or one with a few characters of it cut out and others put in. */
const line = fc
  .record({
    base: fc.constantFrom(...goodLines),
    at: fc.nat(300),
    cut: fc.nat(12),
    insert: fc.oneof(
      fc.constant(""),
      fc.string({ maxLength: 6 }),
      fc.constantFrom('"', "}", "{", "\\", "-1", "1e400", "0.1", '"price":', "null", "9007199254740993", "\u0000", "é"),
    ),
    isChanged: fc.boolean(),
  })
  .map(({ base, at, cut, insert, isChanged }) =>
    (isChanged ? base.slice(0, at) + insert + base.slice(at + cut) : base).replace(/[\r\n]/g, ""),
  );

it("whatever the lines, every one is answered, the engine stays consistent, and the same input gives the same bytes", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 60 }), async (lines) => {
      const script = [...setUp, ...lines].join("\n");
      const result = await runOnSmallCore(["--verify"], script);
      expect(await runOnSmallCore([], script)).toEqual(result);
      expect(result.stderr).toBe("");
      const events = linesOf(result.stdout).map((text) => JSON.parse(text) as { event: string; seq?: number; line?: number });
      expect(result.exitCode).toBe(events.some(({ event }) => event === "error") ? 1 : 0);
      const errors = events.filter(({ event }) => event === "error");
      const queries = events.filter(({ event }) => ["book", "orders", "balances", "hash"].includes(event));
      const commands = new Set(events.filter((event) => !queries.includes(event)).map(({ seq }) => seq));
      commands.delete(undefined);
      const asked = [...setUp, ...lines].filter((text) => text.trim() !== "" && !text.startsWith("#")).length;
      expect(errors.length + queries.length + commands.size).toBe(asked);
    }),
    { seed: 2, numRuns: 150 },
  );
});
