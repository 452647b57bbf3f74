import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const WARM_UP = 1_500_000;
const COMMANDS = 300_000;
/** A number beyond 2^31 that V8 boxes, because it is passed to a call that was not inlined: 16 bytes, and so many a command at most. */
const BOXED_BYTES = 16;
const BOXED_MAX = 3;

/** What happens in the mix, so that none of its orders is refused from the first to the last. */
const MUST_OCCUR = ["AuctionIndication", "InstrumentState", "MassCancelReport", "OrderAccepted", "OrderAcceptedFull", "OrderCanceled"];
const AND_ALSO = ["OrderReduced", "OrderReplaced", "OrderShown", "OrderTriggered", "Trade"];

it("a steady mix of every order type at a real clock makes less than three boxed numbers a command", () => {
  const flags = ["--expose-gc", "--trace-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];
  const args = [...flags, "test/core/steady-mix.mjs", String(WARM_UP), String(COMMANDS)];
  const done = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 100_000 });
  expect(done.stderr).toBe("");
  const lines = done.stdout.trimEnd().split("\n");
  expect(lines.at(-2), "no collection has hidden what was made").toBe("measured");
  const { commands, bytes, told } = JSON.parse(lines.at(-1) ?? "") as { commands: number; bytes: number; told: string[] };
  expect(told).toEqual(expect.arrayContaining([...MUST_OCCUR, ...AND_ALSO]));
  expect(commands).toBeGreaterThanOrEqual(COMMANDS);
  expect(bytes).toBeLessThan(commands * BOXED_BYTES * BOXED_MAX);
});
