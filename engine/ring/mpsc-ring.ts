/** A ring with many producers. */

import { type GateOptions, GateReader } from "./gate-reader.js";
import { evictGate, type GateStatus, gateStatus } from "./gate-table.js";
import { ManyProducer } from "./many-producer.js";
import { ObserveReader, type ObserverOptions } from "./observe-reader.js";
import { unblockProducer } from "./producer-table.js";
import { EVICTED_GATES_WORD, KIND_MANY_PRODUCERS, UNFINISHED_CLAIMS_WORD } from "./ring-layout.js";
import { attachMemory, createMemory, type RingMemory, type RingOptions, type SharedRing } from "./ring-memory.js";

/** Many producers, any number of gates and observers. A handle may be made in every thread; create once, attach elsewhere with `shared`. */
export class MpscRing {
  /** Send this to another thread. */
  readonly shared: SharedRing;
  readonly capacityBytes: number;
  readonly gates: number;
  readonly #memory: RingMemory;

  private constructor(memory: RingMemory) {
    this.#memory = memory;
    this.shared = memory.shared;
    this.capacityBytes = memory.capacityBytes;
    this.gates = memory.gates;
  }

  /** Any thread. Throws RangeError on bad options, with the rule and the value found. */
  static create(options: RingOptions): MpscRing {
    return new MpscRing(createMemory(KIND_MANY_PRODUCERS, options, 1));
  }

  /** Any thread. Throws RangeError when the memory is not that of a ring with many producers. */
  static attach(shared: SharedRing): MpscRing {
    return new MpscRing(attachMemory(KIND_MANY_PRODUCERS, shared));
  }

  /** A thread that will produce. Throws RingError `PRODUCER_TAKEN` when all places are taken. */
  producer(): ManyProducer {
    return new ManyProducer(this.#memory);
  }

  /**
   * The thread that will read. Without an index: the first gate that nobody has. Throws RangeError or RingError `GATE_TAKEN`,
   * `NO_GATE_FREE`.
   */
  gate(index?: number, options: GateOptions = {}): GateReader {
    return new GateReader(this.#memory, index, options);
  }

  /** The thread that will read. Throws RangeError when the ring was created with `observers: false`. */
  observer(options: ObserverOptions = {}): ObserveReader {
    return new ObserveReader(this.#memory, options);
  }

  /**
   * The host, when the thread of a producer has ended (its number is `ManyProducer.index`). A claim that it left open becomes padding, so
   * that readers go on, and is counted. Returns the number of such claims, 0 or 1, and frees the producer's place.
   */
  unblock(producer: number): number {
    return unblockProducer(this.#memory, producer);
  }

  /** Any thread. How a gate stands. */
  gateStatus(index: number): GateStatus {
    return gateStatus(this.#memory.control, index);
  }

  /** Any thread, usually the host. Takes a gate from its reader, which learns of it at its next poll. True when it was held or active. */
  evict(index: number): boolean {
    return evictGate(this.#memory.control, this.gates, index);
  }

  /** Any thread. Gates evicted since the ring's beginning. */
  get evictedGates(): number {
    return Atomics.load(this.#memory.control, EVICTED_GATES_WORD) >>> 0;
  }

  /** Any thread. Claims that a dead producer had left open. */
  get unfinishedClaims(): number {
    return Atomics.load(this.#memory.control, UNFINISHED_CLAIMS_WORD) >>> 0;
  }
}
