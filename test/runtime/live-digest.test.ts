import { describe, expect, it, vi } from "vitest";
import { Core } from "../../dist/engine/edge/index.js";
import type { Command } from "../../dist/engine/index.js";
import { Engine, type EngineConfig } from "../../dist/engine/index.js";
import { Header } from "../../dist/engine/wire/flyweights.js";
import { Generator } from "../twin/generator.js";
import { TwinError } from "../twin/input.js";
import { Twin } from "../twin/twin.js";
import { WORLDS } from "../twin/world.js";
import { CAPACITIES } from "./start.js";

vi.setConfig({ testTimeout: 30_000 });

/** A core that takes the time of each command from a list, by seq. */
class StampedCore extends Core {
  times: Map<number, number> | undefined;

  override applyRecord(words: Int32Array, at: number, onRecord?: Parameters<Core["applyRecord"]>[2]): void {
    const time = this.times?.get(this.lastSeq + 1);
    if (time !== undefined) Header.setTime(words, at, time);
    super.applyRecord(words, at, onRecord);
  }
}

/** Random commands, without those that are no commands at all. */
function script(commands: number): Command[] {
  const twin = new Twin();
  const generator = new Generator(WORLDS[4], 11, twin.directory);
  const found: Command[] = [];
  for (const command of generator.setUp()) {
    twin.apply(command);
    found.push(command);
  }
  while (found.length < commands) {
    const command = generator.next();
    if (command.cmd === "book" || command.cmd === "orders" || command.cmd === "hash" || command.cmd === "time") continue;
    try {
      twin.apply(command);
      found.push(command);
    } catch (error) {
      if (!(error instanceof TwinError)) throw error;
    }
  }
  return found;
}

describe("a live engine", () => {
  it("has the digest of a core that was given the same commands at the same times, and the same events", async () => {
    const config: EngineConfig = { capacities: { ...CAPACITIES } };
    const engine = await Engine.start(config);
    const port = engine.openPort("clock");
    await port.started;
    const times = new Map<number, number>();
    const watch = (words: Int32Array, at: number): void => {
      if (Header.seq(words, at) > (times.size === 0 ? 0 : lastKey)) {
        lastKey = Header.seq(words, at);
        times.set(lastKey, Header.time(words, at));
      }
    };
    let lastKey = 0;
    const core = new StampedCore({ capacities: { ...CAPACITIES } });
    const commands = script(4000);
    const lines: string[] = [];
    for (const command of commands) {
      const { events } = await engine.apply(command);
      for (const event of events) lines.push(JSON.stringify(event));
      port.poll((words, at) => isEvent(words, at) && watch(words, at), 100);
    }
    while (lastKey < commands.length) {
      await port.whenReady(100);
      port.poll((words, at) => isEvent(words, at) && watch(words, at), 1000);
    }
    core.times = times;
    const expected: string[] = [];
    for (const command of commands) core.apply(command, (event) => expected.push(JSON.stringify(event)));
    expect(core.lastSeq).toBe(commands.length);
    expect(lines).toEqual(expected);
    expect(await engine.stateHash()).toBe(core.stateHash());
    for (const symbol of WORLDS[4].symbols) expect(await engine.book(symbol, 3)).toEqual(core.book(symbol, 3));
    port.close();
    await engine.close();
  });
});

/** Market-data records count by themselves. */
function isEvent(words: Int32Array, at: number): boolean {
  const template = Header.templateId(words, at);
  return template < 80 || template >= 100;
}
