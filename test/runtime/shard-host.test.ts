import { afterEach, describe, expect, it } from "vitest";
import type { SingleProducer } from "../../dist/engine/ring/index.js";
import { ShardHost, type ShardOptions } from "../../dist/engine/runtime/shard-host.js";
import { CommandDone, Header, SetTime } from "../../dist/engine/wire/flyweights.js";
import { sleep, within } from "./start.js";

/** Values on which the counting step fails; it lies in test/workers/counting-step.mjs. */
const THROW = 666;
const EXIT = 667;
const HANG = 668;

const OPTIONS: ShardOptions = {
  stepUrl: new URL("../workers/counting-step.mjs", import.meta.url).href,
  stepOptions: {},
  rings: 2,
  ingressCapacityBytes: 1 << 17,
  eventCapacityBytes: 1 << 20,
  gates: 2,
  waitStrategy: "adaptive",
  evictAfterMs: 5000,
};

let host: ShardHost;
afterEach(() => host.kill());

function start(options: Partial<ShardOptions> = {}): ShardHost {
  host = new ShardHost({ ...OPTIONS, ...options });
  return host;
}

/** Sends one command that carries a number; false when the ring is full. */
function send(producer: SingleProducer, value: number, session = 0): boolean {
  const at = producer.tryClaim(SetTime.RECORD_BYTES);
  if (at < 0) return false;
  SetTime.init(producer.words, at, 0, 0);
  SetTime.setClientSeq(producer.words, at, value);
  SetTime.setAt(producer.words, at, value);
  SetTime.setSession(producer.words, at, session);
  producer.commit();
  producer.publish();
  return true;
}

interface Seen {
  seq: number;
  time: number;
  value: number;
  session: number;
}

/** Reads events until there are `count`. */
async function read(reader: ReturnType<ShardHost["events"]["gate"]>, count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const deadline = Date.now() + 10_000;
  while (seen.length < count) {
    reader.poll((words, at) => {
      seen.push({
        seq: Header.seq(words, at),
        time: Header.time(words, at),
        value: CommandDone.refId(words, at),
        session: CommandDone.session(words, at),
      });
    }, 1000);
    if (Date.now() > deadline) throw new Error(`${seen.length} of ${count} events after 10 s`);
    await sleep(0);
  }
  return seen;
}

describe("a shard of any Step", () => {
  it("numbers the commands of all rings from 1 without a gap, in time, and each ring in its order", async () => {
    const { ingress, events } = start();
    const reader = events.gate();
    await within(host.ready());
    const producers = ingress.map((ring) => ring.producer());
    const before = Date.now() * 1000 - 10_000;
    for (const [index] of producers.entries()) host.openRing(index);
    for (let value = 1; value <= 500; value++)
      for (const [index, producer] of producers.entries()) expect(send(producer, value, index + 1)).toBe(true);
    const seen = await read(reader, 1000);
    expect(seen.map((event) => event.seq)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    for (const session of [1, 2]) {
      expect(seen.filter((event) => event.session === session).map((event) => event.value)).toEqual(
        Array.from({ length: 500 }, (_, index) => index + 1),
      );
    }
    for (let index = 1; index < seen.length; index++) expect(seen[index].time).toBeGreaterThanOrEqual(seen[index - 1].time);
    expect(seen[0].time).toBeGreaterThan(before);
    expect(seen[999].time).toBeLessThan(Date.now() * 1000 + 10_000);
    expect(await host.ask("digest", undefined, 0)).toBe(`1000 ${500 * 501}`);
    expect(host.counters()).toMatchObject({ commands: 1000, events: 1000, evictions: 0 });
  });

  it("is fair: a full ring does not keep another one waiting for more than a batch", async () => {
    const { ingress, events } = start();
    const reader = events.gate();
    await within(host.ready());
    const [crowded, quiet] = ingress.map((ring) => ring.producer());
    for (let count = 0; count < 1000; count++) send(crowded, 1, 1);
    send(quiet, 7, 2);
    host.openRing(1); // Opens both at once, so they start even.
    const seen = await read(reader, 1001);
    expect(seen.find((event) => event.session === 2)?.seq).toBeLessThanOrEqual(257);
  });

  it("stops when everything that was sent is applied", async () => {
    const { ingress, events } = start();
    const reader = events.gate();
    await within(host.ready());
    host.openRing(0);
    const producer = ingress[0].producer();
    let sent = 0;
    while (send(producer, 1)) sent++;
    await within(host.stop());
    expect(sent).toBeGreaterThan(500);
    expect(await read(reader, sent)).toHaveLength(sent);
    expect(host.failure).toBeUndefined();
    await expect(host.ask("digest", undefined, 0)).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });

  it("answers questions when it has got as far as the asker, and lives on when it cannot", async () => {
    const { ingress } = start();
    await within(host.ready());
    host.openRing(0);
    const producer = ingress[0].producer();
    const late = host.ask("ask", "how many", 2);
    send(producer, 1);
    await sleep(20);
    send(producer, 1);
    expect(await within(late)).toEqual({ question: "how many", count: 2 });
    await expect(host.ask("ask", "fail", 0)).rejects.toThrow("no answer to that");
    expect(await host.ask("ask", "still", 0)).toEqual({ question: "still", count: 2 });
  });

  it("waits for the slowest gate, and shuts a dead one out", async () => {
    const { ingress, events } = start({ eventCapacityBytes: 4096, evictAfterMs: 150 });
    const live = events.gate();
    const dead = events.gate();
    const evicted: { gate: number; silentMs: number; lagBytes: number }[] = [];
    host.onEviction = (eviction) => evicted.push(eviction);
    await within(host.ready());
    host.openRing(0);
    const producer = ingress[0].producer();
    for (let value = 1; value <= 300; value++) send(producer, value);
    const seen = await read(live, 300);
    expect(seen.map((event) => event.value)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(evicted).toHaveLength(1);
    expect(evicted[0].gate).toBe(dead.gate);
    expect(evicted[0].silentMs).toBeGreaterThanOrEqual(150);
    expect(evicted[0].lagBytes).toBeGreaterThan(2048);
    expect(host.counters().evictions).toBe(1);
    expect(() => dead.poll(() => {}, 1)).toThrow(/evicted/);
    expect(events.evictedGates).toBe(1);
  });
});

describe("a shard that fails", () => {
  async function failure(value: number): Promise<Error> {
    const { ingress } = start();
    await within(host.ready());
    const failed = new Promise<Error>((resolve) => {
      host.onFailure = resolve;
    });
    host.openRing(0);
    const producer = ingress[0].producer();
    send(producer, 1);
    send(producer, value);
    send(producer, 1);
    const asked = host.ask("digest", undefined, 3);
    await expect(asked).rejects.toMatchObject({ code: "ENGINE_FAILED" });
    return within(failed);
  }

  it("says what its Step threw, with the stack, and applies nothing after it", async () => {
    const error = await failure(THROW);
    expect(error).toMatchObject({ name: "EngineFailedError", code: "ENGINE_FAILED" });
    expect(error.message).toContain("told to throw");
    expect(error.stack).toContain("counting-step.mjs");
    await expect(host.ask("digest", undefined, 0)).rejects.toBe(error);
    await expect(host.stop()).rejects.toBe(error);
  });

  it("says when its thread has ended by itself", async () => {
    expect((await failure(EXIT)).message).toContain("exit code 3");
  });

  it("can be ended although its Step never returns", async () => {
    const { ingress } = start();
    await within(host.ready());
    host.openRing(0);
    send(ingress[0].producer(), HANG);
    const asked = host.ask("digest", undefined, 0);
    asked.catch(() => {});
    await sleep(50);
    await within(host.kill());
    await expect(asked).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });

  it("does not start with a Step that does not", async () => {
    start({ stepOptions: { refuse: true } });
    await expect(within(host.ready())).rejects.toThrow("this step does not want to start");
    start({ stepUrl: new URL("../workers/nowhere.mjs", import.meta.url).href });
    await expect(within(host.ready())).rejects.toMatchObject({ code: "ENGINE_FAILED" });
  });
});
