import { describe, expect, it } from "vitest";
import { Generator } from "./generator.js";
import { TwinError } from "./input.js";
import { Twin } from "./twin.js";
import { WORLDS } from "./world.js";

describe("the generator", () => {
  it.each(WORLDS)("$name: reaches every event and many rejects", (world) => {
    const twin = new Twin();
    const generator = new Generator(world, 7, twin.directory);
    const seen = new Map<string, number>();
    const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
    for (const command of generator.setUp()) twin.apply(command);
    for (let i = 0; i < 20_000; i++) {
      try {
        for (const event of twin.apply(generator.next())) {
          count(event.event);
          if ("reason" in event) count(`${event.event} ${event.reason}`);
        }
      } catch (error) {
        if (!(error instanceof TwinError)) throw error;
        count("error");
      }
    }
    console.log(world.name, Object.fromEntries([...seen].sort()), twin.directory.accounts.map((a) => a.live.size).join());
    expect(seen.size).toBeGreaterThan(20);
  });
});
