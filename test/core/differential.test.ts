import { describe, expect, it, vi } from "vitest";
import { CommandError } from "../../engine/edge/command-error.js";
import { Core } from "../../engine/edge/core.js";
import type { Command } from "../../engine/edge/types.js";
import { type CoreUnderTest, playRandom, playScript } from "../twin/differential.js";
import { describeFailure } from "../twin/report.js";
import { order } from "../twin/tell.js";
import { ALL_WORLDS } from "../twin/world.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const COMMANDS_PER_RUN = 8000;
/** Where accounts have funds and limits, the twin adds up everything anew for each command. */
const COMMANDS_PER_RISK_RUN = 2500;
const SEEDS = [1, 2];

/** Room for every world. A default core reserves much more, and shortening a script makes thousands of cores. */
const CAPACITIES = { orders: 20_000, levels: 5000, accounts: 64, instruments: 16, currencies: 32 };

const engine: CoreUnderTest = {
  create: () => new Core({ capacities: CAPACITIES }),
  isCommandError: (error) => error instanceof CommandError,
};

describe("the core against its plain twin", () => {
  for (const world of ALL_WORLDS) {
    const commands = world.risk === undefined ? COMMANDS_PER_RUN : COMMANDS_PER_RISK_RUN;
    it.each(SEEDS)(`${world.name}, seed %i: equal events, equal digests, consistent structures`, (seed) => {
      const failed = playRandom({ world, seed, commands }, engine);
      if (failed !== undefined) throw new Error(describeFailure(failed, engine));
    });
  }

  it("forgets a flat spot position with its day, also when an alert was given of it", () => {
    const limits = { cmd: "limits", account: "a", symbol: "T", maxDailyNotional: "100" } as const;
    const script: Command[] = [
      { cmd: "instrument", symbol: "T", base: "GOLD", quote: "CENT", tickSize: "1", lotSize: "1" },
      ...["a", "b"].map((account): Command => ({ cmd: "account", account, mode: "unchecked" })),
      ...[limits, order("b", 1, "sell 5 @ 10"), order("a", 1, "buy 5 @ 10"), order("b", 2, "buy 5 @ 10"), order("a", 2, "sell 5 @ 10")],
      ...[1, 2].map((day): Command => ({ cmd: "time", at: day * 86_400_000_000 })),
    ];
    expect(playScript(script, engine, { digestEvery: 1, consistentEvery: 1 })).toBeUndefined();
  });
});
