import { describe, expect, it, vi } from "vitest";
import { Core } from "../../dist/engine/edge/index.js";
import type { BookEvent } from "../../dist/engine/index.js";
import { Engine, type EngineConfig } from "../../dist/engine/index.js";
import { CommandDone, Header, SetTime } from "../../dist/engine/wire/flyweights.js";
import { WORLDS } from "../twin/world.js";
import { CAPACITIES } from "./start.js";
import { script } from "./world-script.js";

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

/** What a port tells of each command that was applied: its stamp, and whether it was the shard's own clock that brought the time. */
class Watch {
  readonly times = new Map<number, number>();
  readonly clockTimes = new Map<number, number>();
  lastSeq = 0;

  readonly read = (words: Int32Array, at: number): void => {
    const seq = Header.seq(words, at);
    if (isMarketData(words, at) || seq === this.lastSeq) return;
    this.lastSeq = seq;
    this.times.set(seq, Header.time(words, at));
    const isTime = Header.templateId(words, at) === CommandDone.TEMPLATE_ID && CommandDone.refTemplateId(words, at) === SetTime.TEMPLATE_ID;
    if (isTime && CommandDone.session(words, at) === 0) this.clockTimes.set(seq, Header.time(words, at));
  };
}

/** Market-data records count by themselves. */
function isMarketData(words: Int32Array, at: number): boolean {
  const template = Header.templateId(words, at);
  return template >= 80 && template < 100;
}

describe.each([WORLDS[4], ...WORLDS.filter(({ name }) => name === "all" || name === "bands")])("a live engine in world $name", (world) => {
  it("has the digest of a core that was given the same commands at the same times, and the same events", async () => {
    const config: EngineConfig = { capacities: { ...CAPACITIES } };
    const engine = await Engine.start(config);
    const port = engine.openPort("clock");
    await port.started;
    const watch = new Watch();
    const core = new StampedCore({ capacities: { ...CAPACITIES } });
    const commands = script(world, 4000);
    const lines: string[] = [];
    for (const command of commands) {
      const { events } = await engine.apply(command);
      for (const event of events) lines.push(JSON.stringify(event));
      port.poll(watch.read, 100);
    }
    const { hash, applied, books } = await stateOf(engine, world.symbols);
    while (watch.lastSeq < applied) {
      await port.whenReady(100);
      port.poll(watch.read, 1000);
    }
    core.times = watch.times;
    const expected: string[] = [];
    for (const command of commands) {
      tellTime(core, watch);
      core.apply(command, (event) => expected.push(JSON.stringify(event)));
    }
    tellTime(core, watch);
    expect(core.lastSeq).toBe(applied);
    expect(lines).toEqual(expected);
    expect(hash).toBe(core.stateHash());
    expect(books).toEqual(world.symbols.map((symbol) => core.book(symbol, 3)));
    if (world !== WORLDS[4]) expect(watch.clockTimes.size).toBeGreaterThan(0);
    port.close();
    await engine.close();
  });
});

interface LiveState {
  readonly hash: string;
  readonly books: readonly BookEvent[];
  /** How many commands made it. */
  readonly applied: number;
}

/** The shard's state: asked again when its clock has brought another command meanwhile. */
async function stateOf(engine: Engine, symbols: readonly string[]): Promise<LiveState> {
  for (;;) {
    const { commands: applied } = engine.counters();
    const hash = await engine.stateHash();
    const books = await Promise.all(symbols.map((symbol) => engine.book(symbol, 3)));
    if (engine.counters().commands === applied) return { hash, books, applied };
  }
}

/** What the shard's clock brought behind the core's last command. */
function tellTime(core: StampedCore, watch: Watch): void {
  for (;;) {
    const at = watch.clockTimes.get(core.lastSeq + 1);
    if (at === undefined) return;
    core.apply({ cmd: "time", at }, () => {});
  }
}
