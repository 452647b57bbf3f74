/** What every ring does, in one thread, over every configuration. */
import { describe, expect, it } from "vitest";
import { END_OF_BATCH, type GateReader, type ObserveReader, type RecordHandler, RingError } from "../../engine/ring/index.js";
import { type AnyProducer, createProducers, createRing, fill, lengthOf, RING_CASES, readValue, send } from "./ring-cases.js";

const ALL = 1 << 20;
const noGap = (from: number, to: number): void => {
  throw new Error(`gap ${from} to ${to}`);
};

/** A handler that collects what it is handed. */
function collector(): { values: number[]; onRecord: RecordHandler } {
  const values: number[] = [];
  return { values, onRecord: (words, at, lengthBytes) => values.push(readValue(words, at, lengthBytes)) };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof RingError) return error.code;
    throw error;
  }
  return undefined;
}

/** Sends short records until the next one starts a lap, and reads them. */
function skipToLapStart(producer: AnyProducer, gate: GateReader, observer: ObserveReader): void {
  for (let at = 8; at + 2 < producer.words.length; ) {
    at = producer.tryClaim(8);
    producer.commit();
    producer.publish();
    gate.poll(() => undefined, ALL);
    observer.poll(() => undefined, ALL, noGap);
  }
}

describe.each(RING_CASES)("$name", (ringCase) => {
  const { capacityBytes, kind } = ringCase;
  const maxRecordBytes = capacityBytes / 8;

  it("hands a gate every record in order, through many laps", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producers = createProducers(ring);
    const gate = ring.gate();
    const { values, onRecord } = collector();
    const total = 400;
    for (let sent = 0; sent < total; ) {
      const producer = producers[sent % producers.length];
      if (send(producer, lengthOf(sent, maxRecordBytes), sent)) {
        sent++;
        if (sent % 3 === 0) producer.publish();
      } else {
        expect(gate.poll(onRecord, 5)).toBeGreaterThan(0);
      }
    }
    for (const producer of producers) producer.publish();
    while (gate.poll(onRecord, 7) > 0);
    expect(values).toEqual(range(0, total));
    expect(gate.delivered).toBe(total);
    expect(gate.lagBytes()).toBe(0);
  });

  it("is full after exactly its capacity and has room again when the gate has moved", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const count = capacityBytes / 8;
    for (let i = 0; i < count; i++) expect(send(producer, 8, i)).toBe(true);
    expect(send(producer, 8, count)).toBe(false);
    producer.publish();
    expect(gate.lagBytes()).toBe(capacityBytes);
    expect(gate.poll(() => undefined, 1)).toBe(1);
    expect(send(producer, 8, count)).toBe(true);
    expect(send(producer, 8, count + 1)).toBe(false);
    producer.publish();
    while (gate.poll(() => undefined, ALL) > 0);
    expect(gate.delivered).toBe(count + 1);
  });

  it("shows nothing of an aborted claim and goes on behind it", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const observer = ring.observer();
    const seen = collector();
    const observed = collector();
    for (let i = 0; i < 100; i++) {
      fill(producer.words, producer.tryClaim(32), 32, -1);
      producer.abort();
      expect(send(producer, 24, i)).toBe(true);
      producer.publish();
      gate.poll(seen.onRecord, ALL);
      observer.poll(observed.onRecord, ALL, noGap);
    }
    expect(seen.values).toEqual(range(0, 100));
    expect(observed.values).toEqual(range(0, 100));
  });

  it("makes the records of one producer visible together, at publish, and those of many at commit", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const { values, onRecord } = collector();
    send(producer, 16, 0);
    send(producer, 16, 1);
    expect(gate.ready()).toBe(kind === "many");
    expect(gate.poll(onRecord, ALL)).toBe(kind === "many" ? 2 : 0);
    producer.publish();
    gate.poll(onRecord, ALL);
    expect(values).toEqual([0, 1]);
    expect(gate.ready()).toBe(false);
  });

  it.each(["gate", "observer"] as const)("fixes a batch for a %s, reads it twice in two ways, keeps it, and accepts it", (reads) => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const observer = ring.observer();
    const reader = reads === "gate" ? gate : observer;
    const begin = (limit: number): number => (reads === "gate" ? gate.begin(limit) : observer.begin(limit, noGap));
    skipToLapStart(producer, gate, observer);
    const before = reader.delivered;
    for (let i = 0; i < 9; i++) send(producer, 24, i);
    producer.publish();
    expect(begin(1)).toBe(1);
    reader.accept();
    expect(begin(4)).toBe(4);
    const once = collector();
    reader.forEach(once.onRecord);
    const twice = [];
    for (let at = reader.next(); at !== END_OF_BATCH; at = reader.next()) twice.push(readValue(reader.words, at, 24));
    expect(once.values).toEqual([1, 2, 3, 4]);
    expect(twice).toEqual([1, 2, 3, 4]);
    expect(codeOf(() => begin(1))).toBe("BATCH_OPEN");
    reader.keep();
    expect(reader.delivered - before).toBe(1);
    expect(begin(2)).toBe(2);
    reader.accept();
    expect(codeOf(() => reader.accept())).toBe("BATCH_MISSING");
    expect(begin(ALL)).toBe(6);
    const rest = collector();
    reader.forEach(rest.onRecord);
    expect(rest.values).toEqual(range(3, 9));
    reader.accept();
    expect(begin(ALL)).toBe(0);
    expect(reader.delivered - before).toBe(9);
  });

  it("counts the record whose handler threw as read, and the rest as not", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const observer = ring.observer();
    for (let i = 0; i < 5; i++) send(producer, 16, i);
    producer.publish();
    const failing: RecordHandler = (words, at, lengthBytes) => {
      if (readValue(words, at, lengthBytes) === 2) throw new Error("handler");
    };
    expect(() => gate.poll(failing, ALL)).toThrow("handler");
    expect(() => observer.poll(failing, ALL, noGap)).toThrow("handler");
    expect([gate.delivered, observer.delivered]).toEqual([3, 3]);
    expect(gate.lagBytes()).toBe(32);
    const { values, onRecord } = collector();
    gate.poll(onRecord, ALL);
    observer.poll(onRecord, ALL, noGap);
    expect(values).toEqual([3, 4, 3, 4]);
  });

  it("waits for the slowest of several gates, and for none that is closed", () => {
    const ring = createRing(ringCase, { gates: 3 });
    const producer = createProducers(ring)[0];
    const [fast, slow, closed] = [ring.gate(0), ring.gate(1), ring.gate(2)];
    closed.close();
    let sent = 0;
    while (send(producer, 16, sent)) sent++;
    producer.publish();
    const { values, onRecord } = collector();
    fast.poll(onRecord, ALL);
    expect(values.length).toBe(sent);
    expect(send(producer, 16, sent)).toBe(false);
    slow.poll(() => undefined, 1);
    expect(send(producer, 16, sent)).toBe(true);
    expect(codeOf(() => closed.poll(onRecord, 1))).toBe("RING_CLOSED");
    expect(codeOf(() => ring.gate(0))).toBe("GATE_TAKEN");
    expect(ring.gate().gate).toBe(2);
    expect(codeOf(() => ring.gate())).toBe("NO_GATE_FREE");
  });

  it("lets a gate join at the tail while records flow", () => {
    const ring = createRing(ringCase, { gates: 2, heldGates: 1 });
    const producer = createProducers(ring)[0];
    const first = ring.gate(0);
    for (let i = 0; i < 100; i++) {
      expect(send(producer, 16, i)).toBe(true);
      producer.publish();
      first.poll(() => undefined, ALL);
    }
    const late = ring.gate(1);
    for (let i = 100; i < 105; i++) send(producer, 16, i);
    producer.publish();
    const { values, onRecord } = collector();
    late.poll(onRecord, ALL);
    expect(values).toEqual(range(100, 105));
    let more = 0;
    for (let round = 0; round < 3; round++) {
      while (send(producer, 16, 0)) more++;
      producer.publish();
      first.poll(() => undefined, ALL);
    }
    // Everything that the late gate has not read is still there, and nothing else holds the producer back.
    expect(capacityBytes - more * 16).toBeLessThan(16 + 8);
    expect(late.lagBytes()).toBeGreaterThanOrEqual(more * 16);
  });

  it("shows an observer that keeps up every record and no gap", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producers = createProducers(ring);
    const gate = ring.gate();
    const observer = ring.observer();
    const { values, onRecord } = collector();
    for (let i = 0; i < 400; i++) {
      const producer = producers[i % producers.length];
      expect(send(producer, lengthOf(i, maxRecordBytes), i)).toBe(true);
      producer.publish();
      gate.poll(() => undefined, ALL);
      observer.poll(onRecord, ALL, noGap);
    }
    expect(values).toEqual(range(0, 400));
    expect([observer.delivered, observer.lost, observer.sequence, observer.lagBytes()]).toEqual([400, 0, 400, 0]);
  });

  it("tells a lapped observer exactly which records it lost", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producers = createProducers(ring);
    const gate = ring.gate();
    const observer = ring.observer();
    let expected = 0;
    let gaps = 0;
    const onRecord: RecordHandler = (words, at, lengthBytes) => {
      expect(readValue(words, at, lengthBytes)).toBe(expected);
      expected++;
    };
    const onGap = (from: number, to: number): void => {
      expect(from).toBe(expected);
      expect(to).toBeGreaterThan(from);
      expected = to;
      gaps++;
    };
    let sent = 0;
    for (let round = 0; round < 40; round++) {
      const burst = ((round * 37) % 11) * 5;
      for (let i = 0; i < burst; i++, sent++) {
        const producer = producers[sent % producers.length];
        expect(send(producer, lengthOf(sent, maxRecordBytes), sent)).toBe(true);
        producer.publish();
        gate.poll(() => undefined, ALL);
      }
      observer.poll(onRecord, 1 + (round % 9), onGap);
      expect(observer.delivered + observer.lost).toBe(expected);
    }
    while (observer.poll(onRecord, ALL, onGap) > 0);
    expect(observer.delivered + observer.lost).toBe(sent);
    expect(observer.sequence).toBe(sent);
    expect(gaps).toBeGreaterThan(3);
    expect(observer.lost).toBeGreaterThan(0);
    expect(observer.delivered).toBeGreaterThan(40);
  });

  it("offers an observer a kept batch again, except what was overwritten", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    const observer = ring.observer();
    let sent = 0;
    const more = (records: number): void => {
      for (let i = 0; i < records; i++, sent++) {
        expect(send(producer, 16, sent)).toBe(true);
        producer.publish();
        gate.poll(() => undefined, ALL);
      }
    };
    more(4);
    expect(observer.begin(3, noGap)).toBe(3);
    observer.keep();
    expect(observer.begin(ALL, noGap)).toBe(4);
    observer.keep();
    more(capacityBytes / 8);
    const gaps: number[] = [];
    expect(observer.begin(1, (from, to) => gaps.push(from, to))).toBe(1);
    observer.accept();
    expect(gaps[0]).toBe(0);
    expect(observer.lost).toBe(gaps[1]);
    while (observer.poll(() => undefined, ALL, noGap) > 0);
    expect(observer.delivered + observer.lost).toBe(sent);
  });

  it("lets an observer join at the newest record with its number", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    for (let i = 0; i < 333; i++) {
      expect(send(producer, lengthOf(i, maxRecordBytes), i)).toBe(true);
      producer.publish();
      gate.poll(() => undefined, ALL);
    }
    const observer = ring.observer({ from: "newest" });
    expect([observer.sequence, observer.skipped, observer.lost, observer.delivered]).toEqual([333, 333, 0, 0]);
    send(producer, 24, 333);
    producer.publish();
    const { values, onRecord } = collector();
    observer.poll(onRecord, ALL, noGap);
    expect(values).toEqual([333]);
  });

  it("evicts a gate: the producer goes on, the reader learns of it, and it is counted", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    while (send(producer, 16, 1));
    expect(ring.evict(0)).toBe(true);
    expect(ring.evict(0)).toBe(false);
    expect(ring.evictedGates).toBe(1);
    expect(ring.gateStatus(0).state).toBe("evicted");
    expect(send(producer, 16, 1)).toBe(true);
    producer.publish();
    expect(codeOf(() => gate.poll(() => undefined, 1))).toBe("GATE_EVICTED");
    const again = ring.gate(0);
    send(producer, 16, 7);
    producer.publish();
    const { values, onRecord } = collector();
    again.poll(onRecord, ALL);
    expect(values).toEqual([7]);
    expect(codeOf(() => gate.poll(() => undefined, 1))).toBe("GATE_EVICTED");
  });

  it("tells a reader that is evicted in the middle of a poll or a batch at its end, not one poll later", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const polling = ring.gate(0);
    for (let i = 0; i < 3; i++) send(producer, 8, i);
    producer.publish();
    let seen = 0;
    const evict = (): void => {
      if (++seen === 2) ring.evict(0);
    };
    expect(codeOf(() => polling.poll(evict, ALL))).toBe("GATE_EVICTED");
    expect(seen).toBe(3);
    const batching = ring.gate(0);
    send(producer, 8, 3);
    producer.publish();
    expect(batching.begin(ALL)).toBe(1);
    ring.evict(0);
    expect(codeOf(() => batching.accept())).toBe("GATE_EVICTED");
  });

  it("lets a handler close its reader: the poll ends as ever, and the gate stays free", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate(0);
    send(producer, 8, 1);
    producer.publish();
    expect(gate.poll(() => gate.close(), ALL)).toBe(1);
    expect(ring.gateStatus(0).state).toBe("free");
    expect(codeOf(() => gate.poll(() => undefined, ALL))).toBe("RING_CLOSED");
  });

  it("lets a new reader take over a gate where the dead one stopped", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const dead = ring.gate(0);
    for (let i = 0; i < 6; i++) send(producer, 16, i);
    producer.publish();
    dead.poll(() => undefined, 2);
    dead.begin(3);
    const heir = ring.gate(0, { takeOver: true });
    const { values, onRecord } = collector();
    heir.poll(onRecord, 2);
    expect(codeOf(() => dead.accept())).toBe("GATE_EVICTED");
    heir.poll(onRecord, ALL);
    expect(values).toEqual([2, 3, 4, 5]);
  });

  it("refuses lengths, limits and calls that break its rules, and stays as it was", () => {
    const ring = createRing(ringCase, { gates: 1 });
    const producer = createProducers(ring)[0];
    const gate = ring.gate();
    for (const bad of [0, -8, 4, 12, 8.5, NaN, Infinity, maxRecordBytes + 8, 2 ** 33])
      expect(() => producer.tryClaim(bad)).toThrow(RangeError);
    for (const bad of [0, -1, NaN]) expect(() => gate.poll(() => undefined, bad)).toThrow(RangeError);
    expect(codeOf(() => producer.commit())).toBe("CLAIM_MISSING");
    expect(codeOf(() => producer.abort())).toBe("CLAIM_MISSING");
    producer.tryClaim(maxRecordBytes);
    expect(codeOf(() => producer.tryClaim(8))).toBe("CLAIM_OPEN");
    producer.abort();
    expect(send(producer, 16, 3)).toBe(true);
    producer.publish();
    const { values, onRecord } = collector();
    expect(codeOf(() => gate.accept())).toBe("BATCH_MISSING");
    expect(codeOf(() => gate.keep())).toBe("BATCH_MISSING");
    gate.poll(onRecord, ALL);
    expect(values).toEqual([3]);
  });
});
