/** Wait strategies and signals, in one thread: what they return, how long they wait, and what they refuse. */
import { describe, expect, it } from "vitest";
import {
  AnyReady,
  blockingWait,
  eventLoopWait,
  MpscRing,
  RingError,
  SharedSignal,
  SpscRing,
  type Waitable,
} from "../../engine/ring/index.js";

const never: Waitable = { ready: () => false };
const always: Waitable = { ready: () => true };

/** Becomes ready at the given look. */
function readyAfter(looks: number): Waitable {
  let left = looks;
  return { ready: () => --left <= 0 };
}

const later = (resume: () => void): void => {
  setImmediate(resume);
};

describe.each(["spin", "adaptive", "park"] as const)("%s", (name) => {
  it("returns true at once for a ready source and false after its time for one that never is", () => {
    const signal = SharedSignal.create();
    const strategy = blockingWait(name, { spins: 100 });
    expect(strategy.name).toBe(name);
    expect(strategy.wait(always, signal, 10_000)).toBe(true);
    const before = performance.now();
    expect(strategy.wait(never, signal, 20)).toBe(false);
    const tookMs = performance.now() - before;
    expect(tookMs).toBeLessThan(2_000);
    if (name !== "spin") expect(tookMs).toBeGreaterThan(15);
  });

  it("notices what becomes ready between arming and sleeping", () => {
    const strategy = blockingWait(name, { spins: 5 });
    for (let looks = 1; looks <= 2; looks++) expect(strategy.wait(readyAfter(looks), SharedSignal.create(), 10_000)).toBe(true);
  });

  it("refuses spins that are no count", () => {
    for (const spins of [0, -1, 1.5, NaN, 2 ** 31]) expect(() => blockingWait(name, { spins })).toThrow(RangeError);
  });
});

describe.each(["poll", "doorbell"] as const)("%s", (name) => {
  it("settles with true for a source that becomes ready and with false for one that does not", async () => {
    const strategy = eventLoopWait(name, { schedule: later, looks: 10 });
    const signal = SharedSignal.create();
    expect(await strategy.wait(always, signal, 10_000)).toBe(true);
    expect(await strategy.wait(never, signal, 20)).toBe(false);
    expect(await strategy.wait(readyAfter(2), signal, 10_000)).toBe(true);
  });

  it("wakes for a publication while the event loop goes on", async () => {
    const ring = SpscRing.create({ capacityBytes: 1024 });
    const reader = ring.gate();
    const producer = ring.producer();
    const waiting = eventLoopWait(name, { schedule: later, looks: 1_000_000 }).wait(reader, reader.signal, 10_000);
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    producer.tryClaim(8);
    producer.commit();
    producer.publish();
    expect(await waiting).toBe(true);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(0);
  });
});

describe("waiting", () => {
  it("refuses unknown names and times that are none", async () => {
    expect(() => blockingWait("sleep" as "park")).toThrow(RangeError);
    expect(() => eventLoopWait("spin" as "poll", { schedule: later })).toThrow(RangeError);
    expect(() => blockingWait("park").wait(never, SharedSignal.create(), -1)).toThrow(RangeError);
    await expect(eventLoopWait("doorbell", { schedule: later }).wait(never, SharedSignal.create(), NaN)).rejects.toThrow(RangeError);
  });

  it("is ready when any of several sources is", () => {
    expect(new AnyReady([never, never]).ready()).toBe(false);
    expect(new AnyReady([never, always]).ready()).toBe(true);
  });

  it("does not sleep on a ticket that was drawn before the last ring, whoever arms after it", () => {
    const signal = SharedSignal.create();
    const ticket = signal.arm();
    signal.ring();
    signal.arm();
    const before = performance.now();
    expect(signal.wait(ticket, 5_000)).toBe(true);
    expect(performance.now() - before).toBeLessThan(4_000);
  });

  it("rings every signal that a ring was given, for one producer and for many", () => {
    const signals = [SharedSignal.create(), SharedSignal.create()];
    for (const ring of [
      SpscRing.create({ capacityBytes: 256, signal: signals }),
      MpscRing.create({ capacityBytes: 256, signal: signals }),
    ]) {
      const tickets = signals.map((signal) => SharedSignal.attach(signal.shared).arm());
      const producer = ring.producer();
      producer.tryClaim(8);
      producer.commit();
      producer.publish();
      for (let i = 0; i < signals.length; i++) expect(signals[i].wait(tickets[i], 5_000)).toBe(true);
    }
  });

  it("refuses memory that is no signal's, and to share a signal in plain memory", () => {
    expect(() => SharedSignal.attach(new SharedArrayBuffer(64))).toThrow(RangeError);
    expect(() => SpscRing.create({ capacityBytes: 256, shared: false }).gate().signal.shared).toThrow(RingError);
  });
});
