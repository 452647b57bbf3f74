import { Header, Subscribe, type Unsubscribe } from "../../engine/wire/index.js";
import type { BookBuilder } from "../../gateway/client/book-builder.js";
import type { FanOut } from "../../gateway/fan-out.js";
import type { Taker } from "../../gateway/market-data/subscriber.js";

/** A session without a socket: what is written to it waits until it is read, and counts as buffered. */
export class SlowSession implements Taker {
  readonly words = new Int32Array(1 << 10);
  readonly #records: Int32Array[] = [];
  #claimed = 0;
  #bytes = 0;

  get connection(): { readonly bufferedBytes: number } {
    return { bufferedBytes: this.#bytes };
  }

  claim(lengthBytes: number): number {
    this.#keep();
    this.words.fill(0x5a5a5a5a);
    this.#claimed = lengthBytes;
    this.#bytes += lengthBytes;
    return 0;
  }

  takeServerSeq(): number {
    return 1;
  }

  /** The next record that was written to it, if there is one. */
  read(): Int32Array | undefined {
    this.#keep();
    const record = this.#records.shift();
    if (record !== undefined) this.#bytes -= record.length * 4;
    return record;
  }

  get waiting(): number {
    this.#keep();
    return this.#records.length;
  }

  /** What was claimed last is complete when something else happens. */
  #keep(): void {
    if (this.#claimed > 0) this.#records.push(this.words.slice(0, this.#claimed / 4));
    this.#claimed = 0;
  }
}

export interface Asked {
  readonly instrument: number;
  readonly channel: number;
  readonly depth?: number;
  readonly intervalMs?: number;
}

export function subscribeWords(asked: Asked, flyweight: typeof Subscribe | typeof Unsubscribe = Subscribe): Int32Array {
  const words = new Int32Array(flyweight.RECORD_BYTES / 4);
  flyweight.init(words, 0, 1, 1);
  flyweight.setInstrument(words, 0, asked.instrument);
  flyweight.setChannel(words, 0, asked.channel);
  flyweight.setDepth(words, 0, asked.depth ?? 0);
  flyweight.setIntervalMs(words, 0, asked.intervalMs ?? 0);
  return words;
}

export function subscribe(fanOut: FanOut, session: Taker, asked: Asked): number {
  return fanOut.subscribe(session, subscribeWords(asked), 0, 1);
}

/** `side price: quantity orders` of each level, as the builder has it. */
export function rowsOf(builder: BookBuilder): string[] {
  return [builder.bids, builder.asks].flatMap(({ levels }, side) =>
    levels.map(({ price, qty, orders }) => `${side} ${price}: ${qty} ${orders}`),
  );
}

/** `side price: order×quantity …` of each level. */
export function queuesOf(builder: BookBuilder): string[] {
  return [builder.bids, builder.asks].flatMap(({ levels }, side) =>
    levels.map(({ price, queue }) => `${side} ${price}: ${queue.map(({ orderId, qty }) => `${orderId}×${qty}`).join(" ")}`),
  );
}

export function recordOf(words: Int32Array): { templateId: number; seq: number; flags: number } {
  return { templateId: Header.templateId(words, 0), seq: Header.seq(words, 0), flags: Header.flags(words, 0) };
}
