import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const WARM_UP = 1_500_000;
const COMMANDS = 300_000;
/** A number that V8 boxes on the heap. An object, an array or a closure takes twice as much at least. */
const BOXED_BYTES = 16;

/** What happens in the mix, so that none of its orders is refused from the first to the last. */
const MUST_OCCUR = ["AuctionIndication", "InstrumentState", "MassCancelReport", "OrderAccepted", "OrderAcceptedFull", "OrderCanceled"];
const AND_ALSO = ["OrderReduced", "OrderReplaced", "OrderShown", "OrderTriggered", "Trade"];

it("a steady mix of every order type at a real clock makes no object a command: less than one boxed number each", () => {
  const flags = ["--expose-gc", "--max-semi-space-size=256"];
  const args = [...flags, "test/core/steady-mix.mjs", String(WARM_UP), String(COMMANDS)];
  const done = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 100_000 });
  expect(done.stderr).toBe("");
  const { commands, bytes, told } = JSON.parse(done.stdout) as { commands: number; bytes: number; told: string[] };
  expect(told).toEqual(expect.arrayContaining([...MUST_OCCUR, ...AND_ALSO]));
  expect(commands).toBeGreaterThanOrEqual(COMMANDS);
  // Below nought a collection would have come between, and hidden what was made.
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(commands * BOXED_BYTES);
});
