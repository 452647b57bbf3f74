/** A ring with one producer that never waits, unless gates are asked for. */
import { KIND_SINGLE_PRODUCER } from "./ring-layout.js";
import { attachMemory, createMemory, type RingOptions, type SharedRing } from "./ring-memory.js";
import { SpscRing } from "./spsc-ring.js";

/** An SpscRing made for observers: it has no gates unless they are asked for. */
export class BroadcastRing extends SpscRing {
  /** Any thread. Throws RangeError on bad options. */
  static override create(options: RingOptions): BroadcastRing {
    return new BroadcastRing(createMemory(KIND_SINGLE_PRODUCER, options, 0));
  }

  /** Any thread. Throws RangeError when the memory is not that of a ring with one producer. */
  static override attach(shared: SharedRing): BroadcastRing {
    return new BroadcastRing(attachMemory(KIND_SINGLE_PRODUCER, shared));
  }
}
