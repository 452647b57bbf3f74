import { SpscRing } from "../../engine/ring/index.js";
import type { SingleProducer } from "../../engine/ring/single-producer.js";
import { Hand } from "../ring/crew.js";
import type { FlashTally } from "./event-tally.js";

const RING_BYTES = 2 ** 20;
const UNKNOWN = -1;

/** What the draining thread starts with. */
export interface DrainWork {
  readonly ring: SpscRing["shared"];
  /** One word: how many events the ring has seen when a round is over, UNKNOWN until the feed has told. */
  readonly total: SharedArrayBuffer;
  /** JSON of a DrainResult, its length in the first word. */
  readonly result: SharedArrayBuffer;
  /** Make the benchmark's reports too, of this file's messages: for rounds that are not timed. */
  readonly reportsOf: string | undefined;
}

export interface DrainResult {
  readonly tally: FlashTally;
  /** SHA-256 of the reports; "" when none were made. */
  readonly reportSha256: string;
}

/** A ring and the thread that drains it, for rounds of one kind. Main thread of a process that may block. */
export class Drain {
  readonly producer: SingleProducer;
  private readonly total: Int32Array;
  private readonly result: SharedArrayBuffer;

  private constructor(
    ring: SpscRing,
    work: DrainWork,
    private readonly hand: Hand,
  ) {
    this.producer = ring.producer();
    this.total = new Int32Array(work.total);
    this.result = work.result;
  }

  static async start(reportsOf?: string): Promise<Drain> {
    const ring = SpscRing.create({ capacityBytes: RING_BYTES });
    const work: DrainWork = { ring: ring.shared, total: new SharedArrayBuffer(4), result: new SharedArrayBuffer(4096), reportsOf };
    const hand = await Hand.startOther(new URL("./worker.js", import.meta.url), work);
    return new Drain(ring, work, hand);
  }

  /** Lets the thread drain while `feed` writes; returns when it has read everything. */
  round(feed: () => void): DrainResult {
    Atomics.store(this.total, 0, UNKNOWN);
    this.hand.go();
    feed();
    this.producer.publish();
    Atomics.store(this.total, 0, this.producer.committed);
    this.hand.finished();
    return readResult(this.result);
  }

  stop(): Promise<void> {
    return this.hand.stop();
  }
}

/** In the draining thread. */
export function writeResult(memory: SharedArrayBuffer, result: DrainResult): void {
  const bytes = new TextEncoder().encode(JSON.stringify(result));
  new Int32Array(memory)[0] = bytes.length;
  new Uint8Array(memory).set(bytes, 4);
}

function readResult(memory: SharedArrayBuffer): DrainResult {
  const length = new Int32Array(memory)[0];
  return JSON.parse(Buffer.from(memory, 4, length).toString("utf8")) as DrainResult;
}
