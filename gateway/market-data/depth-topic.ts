import { BookChecksum } from "../../engine/wire/book-checksum.js";
import { LevelUpdate } from "../../engine/wire/flyweights.js";
import { Channel } from "../../engine/wire/generated/enums.js";
import * as Header from "../../engine/wire/header.js";
import type { MarketDataView } from "../engine-port.js";
import { writeHeartbeat, writeSnapshot } from "./book-parts.js";
import { type Subscription, Topic } from "./topic.js";

const sum = new BookChecksum();
const RECORD_WORDS = LevelUpdate.RECORD_BYTES >> 2;
/** The row of a level: price, quantity, orders. */
const ROW = 3;

/** The first levels of one side. */
class Side {
  readonly rows: Float64Array;
  count = 0;

  constructor(depth: number) {
    this.rows = new Float64Array(ROW * depth);
  }

  /** Takes the first levels of a book side over. */
  read({ books }: MarketDataView, bookSide: number): void {
    const { rows } = this;
    let count = 0;
    for (let level = books.bestLevel(bookSide); level !== 0 && count * ROW < rows.length; level = books.nextLevel(level)) {
      rows[count * ROW] = books.levelPrice(level);
      rows[count * ROW + 1] = books.levelQty(level);
      rows[count * ROW + 2] = books.levelOrders(level);
      count++;
    }
    this.count = count;
  }
}

/**
 * The first levels of a book: what of them has changed since the last update, after every command that changed some or, with an interval, at most once in it.
 * What leaves the depth is told with quantity 0. Whoever is behind gets a whole snapshot: it is small.
 */
export class DepthTopic extends Topic {
  /** Something has changed that was not told yet. */
  isDirty = false;
  /** When the next update may be told, on the clock of the event loop. */
  dueMs = 0;
  readonly #view: MarketDataView;
  /** What was told, and where it is compared with what is. */
  #told: readonly [Side, Side];
  #spare: readonly [Side, Side];
  #engineSeq = 0;
  #timeUs = 0;
  /** The update that is being made, and how many records it has. */
  readonly #records: Int32Array;
  #count = 0;

  constructor(instrument: number, depth: number, intervalMs: number, view: MarketDataView) {
    super(instrument, Channel.depth, intervalMs, depth);
    this.#view = view;
    this.#told = [new Side(depth), new Side(depth)];
    this.#spare = [new Side(depth), new Side(depth)];
    this.#records = new Int32Array(4 * depth * RECORD_WORDS);
  }

  /** Tells what has changed, if anything has. Between two commands. */
  update(): void {
    this.isDirty = false;
    if (this.live.length === 0) return;
    this.#compare();
    for (let index = 0; index < this.#count; index++)
      this.publish(this.#records, index * RECORD_WORDS, index === this.#count - 1 ? Header.FLAG_LAST_OF_BATCH : 0);
  }

  help({ subscriber }: Subscription): boolean {
    // While nobody was live nothing was compared.
    if (this.live.length === 0) this.#read(this.#told);
    const { session } = subscriber;
    const [bids, asks] = this.#told;
    const part = { engineSeq: this.#engineSeq, timeUs: this.#timeUs, checksum: this.#checksum(), reset: true, complete: true };
    writeSnapshot(this, session, { ...part, count: bids.count + asks.count });
    for (let side = 0; side < 2; side++) {
      const { rows, count } = this.#told[side];
      for (let index = 0; index < count; index++) {
        const at = session.claim(LevelUpdate.RECORD_BYTES);
        this.#write(session.words, at, side, rows[index * ROW], rows[index * ROW + 1], rows[index * ROW + 2]);
        Header.setSeq(session.words, at, this.seq);
        Header.setFlags(session.words, at, Header.FLAG_STATE);
      }
    }
    subscriber.takes((bids.count + asks.count) * LevelUpdate.RECORD_BYTES);
    return true;
  }

  beat(timeUs: number): void {
    writeHeartbeat(this, this.#engineSeq, timeUs, this.#checksum());
  }

  #read(into: readonly [Side, Side]): void {
    for (let side = 0; side < 2; side++) into[side].read(this.#view, 2 * this.instrument + side);
    this.#engineSeq = this.#view.lastSeq;
    this.#timeUs = this.#view.timeUs;
  }

  #compare(): void {
    const before = this.#told;
    const now = this.#spare;
    this.#read(now);
    this.#count = 0;
    for (let side = 0; side < 2; side++) this.#merge(side, before[side], now[side]);
    this.#told = now;
    this.#spare = before;
  }

  /** Both are in order of price, so one walk finds what has gone, come and changed. */
  #merge(side: number, before: Side, now: Side): void {
    const sign = side === 0 ? -1 : 1;
    let old = 0;
    let next = 0;
    while (old < before.count || next < now.count) {
      const oldKey = old < before.count ? sign * before.rows[old * ROW] : Number.POSITIVE_INFINITY;
      const nextKey = next < now.count ? sign * now.rows[next * ROW] : Number.POSITIVE_INFINITY;
      if (oldKey < nextKey) this.#push(side, before.rows[old * ROW], 0, 0);
      else if (nextKey < oldKey || !isSame(before.rows, old, now.rows, next))
        this.#push(side, now.rows[next * ROW], now.rows[next * ROW + 1], now.rows[next * ROW + 2]);
      if (oldKey <= nextKey) old++;
      if (nextKey <= oldKey) next++;
    }
  }

  #push(side: number, price: number, qty: number, orders: number): void {
    this.#write(this.#records, this.#count * RECORD_WORDS, side, price, qty, orders);
    this.#count++;
  }

  #write(words: Int32Array, at: number, side: number, price: number, qty: number, orders: number): void {
    LevelUpdate.init(words, at, 0, this.#timeUs);
    LevelUpdate.setEngineSeq(words, at, this.#engineSeq);
    LevelUpdate.setPrice(words, at, price);
    LevelUpdate.setQty(words, at, qty);
    LevelUpdate.setInstrument(words, at, this.instrument);
    LevelUpdate.setOrders(words, at, orders);
    LevelUpdate.setChannel(words, at, Channel.depth);
    LevelUpdate.setSide(words, at, side);
  }

  #checksum(): number {
    sum.start();
    for (let side = 0; side < 2; side++) {
      const { rows, count } = this.#told[side];
      for (let index = 0; index < count; index++) if (!sum.add(side, rows[index * ROW], rows[index * ROW + 1])) break;
    }
    return sum.value();
  }
}

function isSame(a: Float64Array, atA: number, b: Float64Array, atB: number): boolean {
  return a[atA * ROW + 1] === b[atB * ROW + 1] && a[atA * ROW + 2] === b[atB * ROW + 2];
}
