/** Deaths and take-overs, step by step in one thread: what is counted, who is told, and who may go on. */
import { describe, expect, it } from "vitest";
import { GateWatchdog, type ManyProducer, MpscRing, RingError, SpscRing } from "../../engine/ring/index.js";
import { readValue, START_POSITIONS, send } from "./ring-cases.js";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RingError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

describe.each(START_POSITIONS)("from position %i", (startPosition) => {
  it("a producer that takes over drops what was unpublished, counts the open claim and the records, and shuts the old one out", () => {
    const ring = SpscRing.create({ capacityBytes: 1024, startPosition });
    const gate = ring.gate();
    const dead = ring.producer();
    for (let i = 0; i < 200; i++) {
      expect(send(dead, 24, i)).toBe(true);
      dead.publish();
      gate.poll(() => undefined, 1);
    }
    send(dead, 24, -1);
    dead.tryClaim(16);
    expect(codeOf(() => ring.producer())).toBe("PRODUCER_TAKEN");
    const heir = ring.producer({ takeOver: true });
    expect([heir.committed, ring.unfinishedClaims]).toEqual([200, 1]);
    send(heir, 24, 200);
    heir.publish();
    const values: number[] = [];
    gate.poll((words, at, lengthBytes) => values.push(readValue(words, at, lengthBytes)), 10);
    expect(values).toEqual([200]);
    dead.abort();
    expect(
      codeOf(() => {
        for (let i = 0; i < 100; i++) send(dead, 24, -1);
      }),
    ).toBe("PRODUCER_REPLACED");
    heir.close();
    expect(ring.producer().committed).toBe(201);
    expect(ring.unfinishedClaims).toBe(1);
  });

  it.each([24, 104])("an unfinished claim of %i bytes among many producers is skipped once the host says so", (lengthBytes) => {
    const ring = MpscRing.create({ capacityBytes: 1024, startPosition });
    const gate = ring.gate();
    const observer = ring.observer();
    const live = ring.producer();
    let sent = 0;
    for (let round = 0; round < 60; round++) {
      const dead: ManyProducer = ring.producer();
      expect(send(dead, 16, sent++)).toBe(true);
      expect(dead.tryClaim(lengthBytes)).toBeGreaterThanOrEqual(0);
      expect(send(live, 40, sent++)).toBe(true);
      expect(gate.poll(() => undefined, 10)).toBe(1);
      expect(ring.unblock(live.index === 0 ? 15 : 0)).toBe(0);
      expect(gate.poll(() => undefined, 10)).toBe(0);
      expect(ring.unblock(dead.index)).toBe(1);
      expect(gate.poll(() => undefined, 10)).toBe(1);
      expect(codeOf(() => dead.commit())).toBe("CLAIM_LOST");
      expect(codeOf(() => dead.tryClaim(8))).toBe("PRODUCER_REPLACED");
      observer.poll(
        () => undefined,
        10,
        () => undefined,
      );
    }
    expect(ring.unfinishedClaims).toBe(60);
    expect(gate.delivered).toBe(sent);
    expect(observer.delivered + observer.lost).toBe(sent);
  });
});

describe("places for producers", () => {
  it("are bounded, and free again after close", () => {
    const ring = MpscRing.create({ capacityBytes: 1024, producers: 2 });
    const first = ring.producer();
    ring.producer();
    expect(codeOf(() => ring.producer())).toBe("PRODUCER_TAKEN");
    first.tryClaim(8);
    first.close();
    expect(ring.producer().index).toBe(first.index);
    expect(codeOf(() => first.tryClaim(8))).toBe("RING_CLOSED");
  });
});

describe("the watchdog", () => {
  it("evicts a gate that is behind and silent for too long, and no other", () => {
    const ring = SpscRing.create({ capacityBytes: 1024, gates: 3 });
    const [live, dead, idle] = [ring.gate(0), ring.gate(1), ring.gate(2)];
    const producer = ring.producer();
    const watchdog = new GateWatchdog(ring, { timeoutMs: 100 });
    expect(watchdog.evictDeadGates(0)).toEqual([]);
    expect(watchdog.evictDeadGates(10_000)).toEqual([]);
    send(producer, 24, 1);
    producer.publish();
    idle.poll(() => undefined, 1);
    live.begin(1);
    expect(watchdog.evictDeadGates(10_050)).toEqual([]);
    live.keep();
    live.begin(1);
    expect(watchdog.evictDeadGates(10_149)).toEqual([{ index: 1, silentMs: 149, lagBytes: 24 }]);
    expect(codeOf(() => dead.poll(() => undefined, 1))).toBe("GATE_EVICTED");
    expect(watchdog.evictDeadGates(10_149)).toEqual([]);
    expect(watchdog.evictDeadGates(20_000).map(({ index }) => index)).toEqual([0]);
    expect(ring.evictedGates).toBe(2);
    expect(() => new GateWatchdog(ring, { timeoutMs: 0 })).toThrow(RangeError);
  });
});
