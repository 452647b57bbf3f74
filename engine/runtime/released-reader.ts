import type { GateReader, RecordHandler, SharedSignal, Waitable } from "../ring/index.js";
import { Header } from "../wire/flyweights.js";

/** A reader of the event ring as the threads outside of the shard use it. */
export interface EventReader extends Waitable {
  readonly signal: SharedSignal;
  poll(onRecord: RecordHandler, limit: number): number;
  close(): void;
}

/**
 * Holds events back until the journal has their commands: it hands on only what is released. The ring stands still behind it, so nothing is
 * buffered anywhere else. One thread, the reader's.
 */
export class ReleasedReader implements EventReader {
  readonly signal: SharedSignal;

  /** `releasedSeq` tells up to which seq replies may leave, and whoever raises it wakes the ring. */
  constructor(
    private readonly reader: GateReader,
    private readonly releasedSeq: () => number,
  ) {
    this.signal = reader.signal;
  }

  /** Whether there is an event that may leave, or an error that `poll` would throw. */
  ready(): boolean {
    const { reader } = this;
    if (!reader.ready()) return false;
    try {
      if (reader.begin(1) === 0) return false;
      const seq = Header.seq(reader.words, reader.next());
      reader.keep();
      return seq <= this.releasedSeq();
    } catch {
      return true;
    }
  }

  /** As GateReader, of what may leave. */
  poll(onRecord: RecordHandler, limit: number): number {
    const { reader } = this;
    // Whatever is published after this look is not released by it.
    const released = this.releasedSeq();
    const found = reader.begin(limit);
    if (found === 0) return 0;
    let count = 0;
    while (count < found && Header.seq(reader.words, reader.next()) <= released) count++;
    reader.keep();
    return count === 0 ? 0 : reader.poll(onRecord, count);
  }

  close(): void {
    this.reader.close();
  }
}
