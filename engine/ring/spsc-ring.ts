/** A ring with one producer. */

import { type GateOptions, GateReader } from "./gate-reader.js";
import { evictGate, type GateStatus, gateStatus } from "./gate-table.js";
import { ObserveReader, type ObserverOptions } from "./observe-reader.js";
import { EVICTED_GATES_WORD, KIND_SINGLE_PRODUCER, UNFINISHED_CLAIMS_WORD } from "./ring-layout.js";
import { attachMemory, createMemory, type RingMemory, type RingOptions, type SharedRing } from "./ring-memory.js";
import { SingleProducer } from "./single-producer.js";

/** How a producer takes its place. */
export interface ProducerOptions {
  /** Replace a producer whose thread has ended. Its unpublished records are dropped and an open claim is counted. Default false. */
  takeOver?: boolean;
}

/** One producer, any number of gates and observers. A handle may be made in every thread; create once, attach elsewhere with `shared`. */
export class SpscRing {
  /** Send this to another thread. */
  readonly shared: SharedRing;
  readonly capacityBytes: number;
  readonly gates: number;
  readonly #memory: RingMemory;

  protected constructor(memory: RingMemory) {
    this.#memory = memory;
    this.shared = memory.shared;
    this.capacityBytes = memory.capacityBytes;
    this.gates = memory.gates;
  }

  /** Any thread. Throws RangeError on bad options, with the rule and the value found. */
  static create(options: RingOptions): SpscRing {
    return new SpscRing(createMemory(KIND_SINGLE_PRODUCER, options, 1));
  }

  /** Any thread. Throws RangeError when the memory is not that of a ring with one producer. */
  static attach(shared: SharedRing): SpscRing {
    return new SpscRing(attachMemory(KIND_SINGLE_PRODUCER, shared));
  }

  /** The thread that will produce. Throws RingError `PRODUCER_TAKEN` while another holds the place. */
  producer(options: ProducerOptions = {}): SingleProducer {
    return new SingleProducer(this.#memory, options.takeOver === true);
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

  /** Any thread. How a gate stands. */
  gateStatus(index: number): GateStatus {
    return gateStatus(this.#memory.control, index);
  }

  /** Any thread, usually the host. Takes a gate from its reader, which learns of it at its next poll. True when it was held or active. */
  evict(index: number): boolean {
    return evictGate(this.#memory.control, this.gates, index);
  }

  /**
   * Any thread. Wakes whoever sleeps on this ring, as a publication does: for a reader that waits for something beside the records themselves.
   */
  wake(): void {
    for (const signal of this.#memory.signals) signal.ring();
  }

  /** Any thread. Gates evicted since the ring's beginning. */
  get evictedGates(): number {
    return Atomics.load(this.#memory.control, EVICTED_GATES_WORD) >>> 0;
  }

  /** Any thread. Claims that a producer left open when it died. */
  get unfinishedClaims(): number {
    return Atomics.load(this.#memory.control, UNFINISHED_CLAIMS_WORD) >>> 0;
  }
}
