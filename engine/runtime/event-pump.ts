import { type EventLoopWait, eventLoopWait, type RecordHandler } from "../ring/index.js";
import type { EventReader } from "./released-reader.js";

const RECORDS_PER_TURN = 4096;
const BELL_MS = 1000;
/** How long the pump looks once a turn of the event loop, in vain, before it sleeps although answers are outstanding. */
const EAGER_MS = 1;
/** Events that nobody waits for are taken off the ring this often: a doorbell at each publication would cost the shard more. */
const NAP_MS = 5;
/** Without events for so long the pump sleeps until the doorbell rings. */
const QUIET_MS = 100;

/**
 * Reads a ring on an event loop. While answers are expected, and until a millisecond after that, it looks once a turn of
 * the loop, which is far quicker than being woken; otherwise it sleeps until the ring is rung.
 * It never keeps the process alive by itself.
 */
export class EventPump {
  private readonly bell: EventLoopWait;
  private isScheduled = false;
  private isAsleep = false;
  private isBellPending = false;
  private isStopped = false;
  private eagerUntilMs = 0;
  private lastReadMs = Number.NEGATIVE_INFINITY;

  /**
   * `isEager`: answers are expected. `isHeard`: somebody listens to events as they come. `onError` gets what polling throws;
   * the pump has stopped then.
   */
  constructor(
    private readonly reader: EventReader,
    private readonly onRecord: RecordHandler,
    private readonly isEager: () => boolean,
    private readonly isHeard: () => boolean,
    private readonly onError: (error: unknown) => void,
  ) {
    this.bell = eventLoopWait("doorbell", { schedule: (resume) => setTimeout(resume, 1).unref() });
  }

  /** Starts, and later on says that an answer will come soon. */
  expect(): void {
    this.eagerUntilMs = performance.now() + EAGER_MS;
    this.schedule();
  }

  /** Reads everything that is there, now. */
  drain(): void {
    if (this.isStopped) return;
    while (this.read() > 0);
  }

  stop(): void {
    this.isStopped = true;
    this.reader.signal.ring();
  }

  private schedule(): void {
    if (this.isScheduled || this.isStopped) return;
    this.isScheduled = true;
    this.isAsleep = false;
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    this.isScheduled = false;
    if (this.isStopped) return;
    const records = this.read();
    if (this.isStopped) return;
    if (records === RECORDS_PER_TURN) this.schedule();
    else if (records > 0 && this.isEager()) this.expect();
    else if (performance.now() < this.eagerUntilMs) this.schedule();
    else this.sleep();
  };

  private read(): number {
    try {
      const records = this.reader.poll(this.onRecord, RECORDS_PER_TURN);
      if (records > 0) this.lastReadMs = performance.now();
      return records;
    } catch (error) {
      this.isStopped = true;
      this.onError(error);
      return 0;
    }
  }

  /** At most one bell is armed: one that still waits rings for this sleep too. */
  private sleep(): void {
    if (this.reader.ready()) return this.schedule();
    if (!this.isHeard() && performance.now() - this.lastReadMs < QUIET_MS) return this.nap();
    this.isAsleep = true;
    if (this.isBellPending) return;
    this.isBellPending = true;
    void this.bell.wait(this.reader, this.reader.signal, BELL_MS).then(() => {
      this.isBellPending = false;
      if (!this.isAsleep) return;
      this.isAsleep = false;
      this.turn();
    });
  }

  private nap(): void {
    setTimeout(() => {
      if (!this.isScheduled) this.turn();
    }, NAP_MS).unref();
  }
}
