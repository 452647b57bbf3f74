import type { InstrumentInfo } from "../../engine/edge/catalog.js";
import { fromUnits } from "../../engine/edge/decimal.js";
import type { BookRow } from "../../engine/edge/types.js";
import { BookBuilder, type BookChannel } from "./book-builder.js";
import type { BookSide } from "./book-side.js";
import type { ClientError } from "./client-error.js";

export interface BookOptions {
  readonly symbol: string;
  /** Default "book": all levels. `orders`: every order, too. `depth`: the first levels. */
  readonly channel?: BookChannel;
  /** Of channel `depth`: levels a side, 1 to 100; default 10. */
  readonly depth?: number;
  /** Of channel `depth`: the least time between two updates, 10 to 60000; default: every change. */
  readonly intervalMs?: number;
}

/** What an update of a book says. */
export interface BookUpdate {
  readonly seq: number;
  readonly engineSeq: number;
  readonly timeUs: number;
}

/** An order in a book of channel `orders`: its id, which its owner knows from his reports, and what is seen of it. */
export type OrderRow = readonly [orderId: string, qty: string];

/**
 * A copy of the market's book that follows it: exact at every `seq`, and brought back by itself, with a new snapshot, when a record is missing or a checksum
 * is wrong. Made by `openBook`, on the event loop of its client.
 */
export class LocalBook {
  /** How often it had to be brought back. */
  resyncs = 0;
  readonly #builder: BookBuilder;
  readonly #info: InstrumentInfo;
  readonly #subscribe: () => void;
  readonly #onClose: (book: LocalBook) => void;
  readonly #waiting = new Set<() => void>();
  #changes = 0;
  #isExact = false;
  #isClosed = false;
  #error: ClientError | undefined;

  /** For `openBook`. `subscribe` asks the gateway for a new snapshot. */
  constructor(info: InstrumentInfo, channel: BookChannel, subscribe: () => void, onClose: (book: LocalBook) => void) {
    this.#info = info;
    this.#builder = new BookBuilder(info.id, channel);
    this.#subscribe = subscribe;
    this.#onClose = onClose;
  }

  get symbol(): string {
    return this.#info.symbol;
  }

  /** False while it waits for a snapshot, or for the rest of a change. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Of the newest record of the channel. */
  get seq(): number {
    return this.#builder.seq;
  }

  /** The engine's command that the book is the state behind. */
  get engineSeq(): number {
    return this.#builder.engineSeq;
  }

  /** Rows of price, quantity and number of orders, best first; all of them without `depth`. */
  bids(depth = Number.POSITIVE_INFINITY): BookRow[] {
    return this.#rows(this.#builder.bids, depth);
  }

  asks(depth = Number.POSITIVE_INFINITY): BookRow[] {
    return this.#rows(this.#builder.asks, depth);
  }

  /** The orders of the nth level of a side, first in the queue first. Empty unless the channel is `orders`. */
  queue(side: "buy" | "sell", level: number): OrderRow[] {
    const { levels } = side === "buy" ? this.#builder.bids : this.#builder.asks;
    return (levels[level]?.queue ?? []).map(({ orderId, qty }) => [String(orderId), fromUnits(qty, this.#info.lot)]);
  }

  /**
   * Yields whenever the book has become another exact one. Whoever is slow gets the newest only: read the book itself. Ends with `close` or the session, with
   * the session's error.
   */
  async *updates(): AsyncGenerator<BookUpdate, void> {
    let seen = 0;
    for (;;) {
      while (this.#changes === seen || !this.#isExact) {
        if (this.#error !== undefined) throw this.#error;
        if (this.#isClosed) return;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      seen = this.#changes;
      yield { seq: this.#builder.seq, engineSeq: this.#builder.engineSeq, timeUs: this.#builder.timeUs };
    }
  }

  /** Unsubscribes. Safe to call twice. */
  close(): void {
    this.finish(undefined);
  }

  /** The client's own: a record of market data. */
  take(words: Int32Array, at: number): void {
    const step = this.#builder.take(words, at);
    if (step === "ignored" || step === "checked") return;
    this.#isExact = step === "updated";
    if (step === "broken") {
      this.resyncs++;
      this.#builder.reset();
      this.#subscribe();
    }
    if (!this.#isExact) return;
    this.#changes++;
    this.#wake();
  }

  /** The client's own: nothing more will come. */
  finish(error: ClientError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isExact = false;
    this.#error = error;
    this.#onClose(this);
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #rows({ levels }: BookSide, depth: number): BookRow[] {
    const { tick, lot } = this.#info;
    return levels.slice(0, depth).map(({ price, qty, orders }): BookRow => [fromUnits(price, tick), fromUnits(qty, lot), orders]);
  }
}
