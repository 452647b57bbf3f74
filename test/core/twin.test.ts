import { describe, expect, it, vi } from "vitest";
import type { Command, Event } from "../../engine/edge/types.js";
import type { CoreUnderTest, JudgedCore } from "../twin/differential.js";
import { playRandom } from "../twin/differential.js";
import { Generator } from "../twin/generator.js";
import { TwinError } from "../twin/input.js";
import { describeFailure } from "../twin/report.js";
import { Twin } from "../twin/twin.js";
import type { WorldConfig } from "../twin/world.js";
import { WORLDS } from "../twin/world.js";

// Long by nature; a busy machine must not fail it.
vi.setConfig({ testTimeout: 120_000 });

const MUST_OCCUR = [
  "trade",
  "replaced",
  "massCanceled",
  "reduced user",
  "reduced selfTrade",
  ...["user", "ioc", "fok", "noLiquidity", "selfTrade", "massCancel", "replacedBelowFilled"].map((reason) => `canceled ${reason}`),
  ...["UNKNOWN_ACCOUNT", "UNKNOWN_INSTRUMENT", "BAD_CLORDID", "DUPLICATE_CLORDID", "BAD_FLAGS", "PRICE_OFF_TICK"].map(rejected),
  ...["PRICE_OUT_OF_RANGE", "QTY_OFF_LOT", "QTY_OUT_OF_RANGE", "NOTIONAL_OVERFLOW", "POST_ONLY_WOULD_CROSS"].map(rejected),
  ...["UNKNOWN_ORDER", "ALREADY_EXISTS", "BAD_NAME", "BAD_VALUE", "BAD_INSTRUMENT", "TIME_BACKWARDS"].map(rejected),
];

function rejected(reason: string): string {
  return `rejected ${reason}`;
}

function occurrences(world: WorldConfig, commands: number): Map<string, number> {
  const twin = new Twin();
  const generator = new Generator(world, 7, twin.directory);
  const seen = new Map<string, number>();
  const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
  for (const command of generator.setUp()) twin.apply(command);
  for (let i = 0; i < commands; i++) {
    try {
      for (const event of twin.apply(generator.next())) count("reason" in event ? `${event.event} ${event.reason}` : event.event);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
      count("error");
    }
  }
  return seen;
}

/** A twin whose answers pass through a saboteur. */
class FaultyCore implements JudgedCore {
  readonly #twin = new Twin();

  constructor(readonly sabotage: (event: Event) => Event) {}

  apply(command: Command, onEvent: (event: Event) => void): void {
    for (const event of this.#twin.apply(command)) onEvent(this.sabotage(event));
  }

  stateHash(): string {
    return this.#twin.digest();
  }

  assertConsistent(): void {}
}

function faulty(sabotage: (event: Event) => Event): CoreUnderTest {
  return { create: () => new FaultyCore(sabotage), isCommandError: (error) => error instanceof TwinError };
}

describe("the generator", () => {
  it("reaches every event and every reject over its worlds", () => {
    const seen = new Set(WORLDS.flatMap((world) => [...occurrences(world, 20_000).keys()]));
    expect(MUST_OCCUR.filter((key) => !seen.has(key))).toEqual([]);
    expect(seen).toContain("error");
  });

  it("draws the same commands from the same seed", () => {
    const world = WORLDS[0] as WorldConfig;
    expect([...occurrences(world, 2000)]).toEqual([...occurrences(world, 2000)]);
  });
});

describe("the differential harness", () => {
  const world = WORLDS[0] as WorldConfig;

  it("finds nothing between equals", () => {
    expect(
      playRandom(
        { world, seed: 1, commands: 2000 },
        faulty((event) => event),
      ),
    ).toBeUndefined();
  });

  it("finds a planted fault and gives the shortest script that shows it", () => {
    const under = faulty((event) => (event.event === "replaced" ? { ...event, keptPriority: false } : event));
    const failed = playRandom({ world, seed: 1, commands: 5000 }, under);
    if (failed === undefined) throw new Error("the planted fault was not found");
    const report = describeFailure(failed, under);
    // An account, an instrument, an order and its replacement: nothing less can show it.
    expect(report).toMatch(/shortest script \(4 commands/);
    expect(report).toContain('"cmd":"replace"');
    expect(report).toContain('"keptPriority":true');
  });
});
