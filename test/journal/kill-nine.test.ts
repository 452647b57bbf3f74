import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { KillNine } from "../proof/kill-nine.js";

/** Some 20 s on two idle processors. */
const ROUNDS = 6;
const SECONDS_MAX = 100;
const newSeed = (): number => 1 + (Date.now() % 1_000_000);

it("survives kill -9 under load: acknowledged requests are there once, others once or not at all, and a replay agrees", {
  timeout: 180_000,
}, async () => {
  const seed = newSeed();
  console.log(`kill-nine seed ${seed}`);
  const result = await new KillNine({ seed, rounds: ROUNDS, seconds: SECONDS_MAX }).run();
  expect(result.rounds).toBeGreaterThan(0);
  // It proves nothing when nothing was under way.
  expect(result.acknowledged).toBeGreaterThan(500);
  expect(result.trades).toBeGreaterThan(50);
  expect(result.taken + result.notTaken).toBeGreaterThan(0);
  expect(result.digestsCompared).toBeGreaterThan(0);
});

it("shows a server that acknowledges before it writes", { timeout: 180_000 }, async () => {
  const nodeFlags = ["--import", fileURLToPath(new URL("../proof/late-write.mjs", import.meta.url))];
  const run = new KillNine({ seed: newSeed(), rounds: 20, seconds: 60, nodeFlags }).run();
  // The last frame of a segment never comes: then it is the replay that refuses the next one.
  await expect(run).rejects.toThrow(
    /was acknowledged, the server goes on from|is forgotten|the market says|and should not|was not compared|the journal ends at|it goes on behind frame/,
  );
});
