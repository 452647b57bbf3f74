/** Rings between real worker threads. The workers run the compiled engine, so `npx tsc -p tsconfig.json` comes first. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { BroadcastRing, canWaitAsync, GateWatchdog, MpscRing, RingError, SharedSignal, SpscRing } from "../../engine/ring/index.js";
import { START_POSITIONS } from "./ring-cases.js";

const COMPILED = fileURLToPath(new URL("../../dist/engine/ring/index.js", import.meta.url));
const WORKER = new URL("./workers/ring-worker.mjs", import.meta.url);
const TIMEOUT_MS = 20_000;

interface Message {
  reading?: boolean;
  hanging?: boolean;
  index?: number;
  done?: { delivered?: number; lost?: number; gaps?: number; index?: number; committed?: number; sleptOut?: number; strategy?: string };
}

/** A worker and what it has said. */
class Job {
  readonly worker: Worker;
  readonly #messages: Message[] = [];
  readonly #waiting: { wants: (message: Message) => boolean; resolve: (message: Message) => void; reject: (error: Error) => void }[] = [];
  #error: Error | undefined;

  constructor(data: Record<string, unknown>) {
    this.worker = new Worker(WORKER, { workerData: data });
    this.worker.on("message", (message: Message) => {
      this.#messages.push(message);
      for (const waiting of this.#waiting) if (waiting.wants(message)) waiting.resolve(message);
    });
    this.worker.on("error", (error: Error) => {
      this.#error = error;
      for (const waiting of this.#waiting) waiting.reject(error);
    });
  }

  said(wants: (message: Message) => boolean): Promise<Message> {
    const found = this.#messages.find(wants);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => this.#waiting.push({ wants, resolve, reject }));
  }

  async result(): Promise<NonNullable<Message["done"]>> {
    const { done } = await this.said((message) => message.done !== undefined);
    return done ?? {};
  }

  async reading(): Promise<void> {
    await this.said((message) => message.reading === true);
  }

  async hanging(): Promise<Message> {
    return this.said((message) => message.hanging === true);
  }
}

const jobs: Job[] = [];

function start(job: string, kind: "single" | "many", data: Record<string, unknown>): Job {
  const started = new Job({ job, kind, ...data });
  jobs.push(started);
  return started;
}

const produceDefaults = { id: 0, from: 0, publishEvery: 16, pauseEvery: 0, takeOver: false };

function startProducer(ring: SpscRing | MpscRing, data: Record<string, unknown>): Job {
  return start("produce", ring instanceof MpscRing ? "many" : "single", { shared: ring.shared, ...produceDefaults, ...data });
}

beforeAll(() => {
  if (!existsSync(COMPILED))
    throw new Error(`the workers need the compiled engine: run "npx tsc -p tsconfig.json" first (${COMPILED} is missing)`);
});

afterEach(async () => {
  await Promise.all(jobs.splice(0).map((job) => job.worker.terminate()));
});

describe("a ring between threads", { timeout: TIMEOUT_MS }, () => {
  const count = 30_000;

  it.each([
    ["park", 4096, 0],
    ["adaptive", 65_536, START_POSITIONS[2]],
    ["spin", 65_536, START_POSITIONS[3]],
    ["park", 256, START_POSITIONS[4]],
    ["adaptive", 4096, START_POSITIONS[5]],
  ] as const)("one producer, one gate that waits by %s: %i bytes from %i", async (strategy, capacityBytes, startPosition) => {
    const ring = SpscRing.create({ capacityBytes, startPosition });
    const reader = start("readGate", "single", { shared: ring.shared, gate: 0, count, strategy });
    const producer = startProducer(ring, { count });
    expect((await reader.result()).delivered).toBe(count);
    expect((await producer.result()).committed).toBe(count);
    expect(ring.gateStatus(0).lagBytes).toBe(0);
  });

  it.each([
    ["park", 4096, START_POSITIONS[2], true],
    ["adaptive", 65_536, START_POSITIONS[4], true],
    ["adaptive", 65_536, START_POSITIONS[5], false],
  ] as const)(
    "three producers, one gate that waits by %s: %i bytes from %i, observers: %s",
    async (strategy, capacityBytes, startPosition, observers) => {
      const ring = MpscRing.create({ capacityBytes, startPosition, observers });
      const reader = start("readGate", "many", { shared: ring.shared, gate: 0, count: 30_000, strategy });
      const producers = [0, 1, 2].map((id) => startProducer(ring, { id, count: 10_000, publishEvery: 1 }));
      expect((await reader.result()).delivered).toBe(30_000);
      await Promise.all(producers.map((producer) => producer.result()));
      expect(ring.unfinishedClaims).toBe(0);
    },
  );

  it("two gates and two observers at once see every record, or know which they lost", async () => {
    const ring = SpscRing.create({ capacityBytes: 16_384, gates: 2, startPosition: START_POSITIONS[2] });
    const gates = [0, 1].map((gate) => start("readGate", "single", { shared: ring.shared, gate, count, strategy: "park" }));
    const observers = [0, 3].map((pauseEvery) =>
      start("observe", "single", { shared: ring.shared, total: count, strategy: "park", pauseEvery }),
    );
    await Promise.all(observers.map((observer) => observer.reading()));
    startProducer(ring, { count });
    for (const gate of gates) expect((await gate.result()).delivered).toBe(count);
    for (const observer of observers) {
      const { delivered = 0, lost = 0 } = await observer.result();
      expect(delivered + lost).toBe(count);
    }
  });

  it.each(["poll", "doorbell"] as const)("an event loop reads by %s", async (strategy) => {
    const ring = SpscRing.create({ capacityBytes: 16_384 });
    const reader = start("readOnEventLoop", "single", { shared: ring.shared, count: 3_000, strategy });
    startProducer(ring, { count: 3_000, pauseEvery: 500 });
    const done = await reader.result();
    expect(done.delivered).toBe(3_000);
    expect(done.strategy).toBe(strategy === "doorbell" && canWaitAsync() ? "doorbell" : "poll");
  });

  it.each(["park", "adaptive"] as const)("one thread reads two rings and parks once for both, by %s", async (strategy) => {
    const signal = SharedSignal.create();
    const first = SpscRing.create({ capacityBytes: 4096, signal });
    const second = MpscRing.create({ capacityBytes: 4096, signal });
    const reader = start("readTwo", "single", {
      first: first.shared,
      second: second.shared,
      signal: signal.shared,
      count: 6_000,
      strategy,
    });
    await reader.reading();
    startProducer(first, { count: 3_000, publishEvery: 1, pauseEvery: 300 });
    startProducer(second, { count: 3_000, publishEvery: 1, pauseEvery: 200 });
    const done = await reader.result();
    expect(done.delivered).toEqual([3_000, 3_000]);
    expect(done.sleptOut).toBe(0);
  });
});

describe("observers between threads", { timeout: TIMEOUT_MS }, () => {
  it.each([
    ["single", 1024, START_POSITIONS[2]],
    ["single", 16_384, START_POSITIONS[5]],
    ["many", 4096, START_POSITIONS[3]],
    ["many", 16_384, START_POSITIONS[4]],
  ] as const)(
    "%s, %i bytes from %i: a lapped observer reads no torn record and counts its loss exactly",
    async (kind, capacityBytes, startPosition) => {
      const options = { capacityBytes, startPosition, gates: 0 };
      const ring = kind === "single" ? BroadcastRing.create(options) : MpscRing.create(options);
      const total = 100_000;
      const fast = start("observe", kind, { shared: ring.shared, total, strategy: "adaptive", pauseEvery: 0 });
      const stalled = start("observe", kind, { shared: ring.shared, total, strategy: "park", pauseEvery: 2 });
      await Promise.all([fast.reading(), stalled.reading()]);
      const ids = kind === "single" ? [0] : [0, 1];
      for (const id of ids) startProducer(ring, { id, count: total / ids.length, publishEvery: 4, pauseEvery: 2_000 });
      for (const observer of [fast, stalled]) {
        const { delivered = 0, lost = 0, gaps = 0 } = await observer.result();
        expect(delivered + lost).toBe(total);
        expect(delivered).toBeGreaterThan(0);
        if (observer === stalled) expect(gaps).toBeGreaterThan(0);
      }
    },
  );
});

describe("deaths", { timeout: TIMEOUT_MS }, () => {
  it("a single producer terminated between claim and commit: its successor resumes at the published tail", async () => {
    const ring = SpscRing.create({ capacityBytes: 4096, startPosition: START_POSITIONS[2] });
    const reader = start("readGate", "single", { shared: ring.shared, gate: 0, count: 2_000, strategy: "park" });
    const observer = start("observe", "single", { shared: ring.shared, total: 2_000, strategy: "park", pauseEvery: 0 });
    const dead = start("produceAndHang", "single", { shared: ring.shared, ...produceDefaults, count: 1_000 });
    await dead.hanging();
    await dead.worker.terminate();
    expect(() => ring.producer()).toThrow(RingError);
    const heir = startProducer(ring, { from: 1_000, count: 1_000, takeOver: true });
    expect((await heir.result()).committed).toBe(2_000);
    expect(ring.unfinishedClaims).toBe(1);
    expect((await reader.result()).delivered).toBe(2_000);
    const { delivered = 0, lost = 0 } = await observer.result();
    expect(delivered + lost).toBe(2_000);
  });

  it("one of many producers terminated between claim and commit: the host unblocks the others", async () => {
    const ring = MpscRing.create({ capacityBytes: 4096, startPosition: START_POSITIONS[3] });
    const reader = start("readGate", "many", { shared: ring.shared, gate: 0, count: 5_500, strategy: "park" });
    const dead = start("produceAndHang", "many", { shared: ring.shared, ...produceDefaults, id: 1, count: 500 });
    const { index = -1 } = await dead.hanging();
    const live = startProducer(ring, { id: 2, count: 5_000, publishEvery: 1 });
    await dead.worker.terminate();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ring.gateStatus(0).lagBytes).toBeGreaterThan(0);
    expect(ring.unblock(index)).toBe(1);
    expect(ring.unblock(index)).toBe(0);
    await live.result();
    expect((await reader.result()).delivered).toBe(5_500);
    expect(ring.unfinishedClaims).toBe(1);
  });

  it("a gating reader that dies: the watchdog evicts it, says so, and the producer goes on", async () => {
    const ring = SpscRing.create({ capacityBytes: 4096, gates: 2 });
    const watchdog = new GateWatchdog(ring, { timeoutMs: 200 });
    const live = start("readGate", "single", { shared: ring.shared, gate: 0, count: 10_000, strategy: "park" });
    const dying = start("readGateAndHang", "single", { shared: ring.shared, gate: 1, count: 100 });
    await live.reading();
    const producer = startProducer(ring, { count: 10_000 });
    await dying.hanging();
    await dying.worker.terminate();
    const told: number[] = [];
    const watching = setInterval(() => told.push(...watchdog.evictDeadGates(performance.now()).map(({ index }) => index)), 20);
    expect((await live.result()).delivered).toBe(10_000);
    await producer.result();
    clearInterval(watching);
    expect(told).toEqual([1]);
    expect(ring.evictedGates).toBe(1);
    expect(ring.gateStatus(0).state).toBe("active");
    expect(ring.gateStatus(1).state).toBe("evicted");
  });
});
