import { afterEach, describe, expect, it } from "vitest";
import type { SingleProducer } from "../../dist/engine/ring/index.js";
import { ShardHost } from "../../dist/engine/runtime/shard-host.js";
import { CommandDone, Header, SetTime } from "../../dist/engine/wire/flyweights.js";
import { sleep, within } from "./start.js";

/** An alarm that no time sets off, in test/workers/alarm-step.mjs. */
const STUCK = 13;
/** A busy machine may wake a thread this much too late. */
const LATE_US_MAX = 250_000;

type WaitStrategy = "adaptive" | "park" | "spin";

interface Seen {
  readonly seq: number;
  readonly time: number;
  readonly session: number;
  /** What the command carried: µs of an alarm, or the time. */
  readonly value: number;
  /** Alarms that went off. */
  readonly count: number;
}

let host: ShardHost;
afterEach(() => host.kill());

/** A shard of alarms, what it says, and a way to set one. */
async function start(waitStrategy: WaitStrategy) {
  host = new ShardHost({
    stepUrl: new URL("../workers/alarm-step.mjs", import.meta.url).href,
    stepOptions: {},
    rings: 1,
    ingressCapacityBytes: 1 << 20,
    eventCapacityBytes: 1 << 22,
    gates: 2,
    waitStrategy,
    evictAfterMs: 5000,
  });
  const reader = host.events.gate();
  await within(host.ready());
  host.openRing(0);
  const producer = host.ingress[0].producer();
  const seen: Seen[] = [];
  const until = async (isEnough: () => boolean): Promise<void> => {
    const deadline = Date.now() + 10_000;
    while (!isEnough()) {
      reader.poll((words, at) => {
        seen.push({
          seq: Header.seq(words, at),
          time: Header.time(words, at),
          session: CommandDone.session(words, at),
          value: CommandDone.clientSeq(words, at),
          count: CommandDone.refId(words, at),
        });
      }, 10_000);
      if (Date.now() > deadline) throw new Error(`still waiting after ${seen.length} events`);
      await sleep(1);
    }
  };
  return { seen, until, set: (us: number, count = 1) => setAlarms(producer, us, count) };
}

function setAlarms(producer: SingleProducer, us: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const at = producer.tryClaim(SetTime.RECORD_BYTES);
    if (at < 0) throw new Error("the ring is full");
    SetTime.init(producer.words, at, 0, 0);
    SetTime.setAt(producer.words, at, us);
    SetTime.setSession(producer.words, at, 1);
    producer.commit();
  }
  producer.publish();
}

describe("a shard of a Step with a timer", () => {
  it.each<WaitStrategy>(["adaptive", "park", "spin"])("tells it the time when something is due, waiting by %s", async (waitStrategy) => {
    const { seen, until, set } = await start(waitStrategy);
    set(30_000);
    await until(() => seen.length === 2);
    const [alarm, time] = seen;
    expect(time).toMatchObject({ seq: 2, session: 0, count: 1, value: time.time });
    expect(time.time - alarm.time).toBeGreaterThanOrEqual(30_000);
    expect(time.time - alarm.time).toBeLessThan(30_000 + LATE_US_MAX);
    expect(host.counters()).toMatchObject({ commands: 2, events: 2 });
  });

  it("is woken from a park that would last longer", async () => {
    const { seen, until, set } = await start("park");
    set(400_000);
    await until(() => seen.length === 2);
    expect(seen[1].time - seen[0].time).toBeLessThan(400_000 + LATE_US_MAX);
    expect(host.counters().parks).toBeLessThan(20);
  });

  it("tells one time for all that is due, and none again after that", async () => {
    const { seen, until, set } = await start("adaptive");
    set(20_000, 100);
    await until(() => seen.reduce((sum, event) => sum + event.count, 0) === 100);
    await sleep(100);
    const times = seen.filter((event) => event.session === 0);
    // All alarms of one batch have one stamp.
    expect(times.length).toBeLessThanOrEqual(2);
    expect(host.counters().commands).toBe(100 + times.length);
  });

  it("is told it between batches of commands, in the one sequence and in order of time", async () => {
    const { seen, until, set } = await start("adaptive");
    set(1);
    for (let round = 0; round < 200; round++) {
      set(1 + (round % 5) * 200, 20);
      await sleep(0);
    }
    await until(() => seen.reduce((sum, event) => sum + event.count, 0) === 4001);
    expect(seen.map((event) => event.seq)).toEqual(seen.map((_, index) => index + 1));
    for (let index = 1; index < seen.length; index++) expect(seen[index].time).toBeGreaterThanOrEqual(seen[index - 1].time);
    expect(await host.ask("digest", undefined, 0)).toBe("0");
  });

  it("fails when what is due stays due: it would tell the time for ever", async () => {
    const { set } = await start("adaptive");
    const failed = new Promise<Error>((resolve) => {
      host.onFailure = resolve;
    });
    set(STUCK);
    expect((await within(failed)).message).toMatch(/was due at \d+ is still due at \d+/);
  });
});
