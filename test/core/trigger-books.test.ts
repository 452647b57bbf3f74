import { describe, expect, it } from "vitest";
import { Extra, OrderExtras } from "../../engine/core/book/order-extras.js";
import { OrderPool, packTraits, Slot } from "../../engine/core/book/order-pool.js";
import { trailingDistance } from "../../engine/core/book/trailing-stops.js";
import { TriggerBooks } from "../../engine/core/book/trigger-books.js";
import { TriggerQueue } from "../../engine/core/book/trigger-queue.js";
import { Memory } from "../../engine/flat/memory.js";
import { OrdType } from "../../engine/wire/generated/enums.js";
import { Random } from "../twin/random.js";

const INSTRUMENTS = 2;
const CAPACITY = 60;

/** A stop as an array's entry. `trail` 0: its stop price stays. */
interface SlowStop {
  readonly slot: number;
  readonly bookSide: number;
  readonly trail: number;
  readonly age: number;
  stop: number;
  watermark: number;
}

function isBuy(bookSide: number): boolean {
  return (bookSide & 1) === 0;
}

/** Trigger books, and the same in a plain array that is searched from end to end. */
class Both {
  readonly pool: OrderPool;
  readonly extras: OrderExtras;
  readonly books: TriggerBooks;
  readonly queue: TriggerQueue;
  readonly slow: SlowStop[] = [];
  fired = 0;
  followed = 0;
  #age = 0;

  constructor() {
    const memory = new Memory();
    this.pool = new OrderPool(CAPACITY, memory);
    this.extras = new OrderExtras(CAPACITY, memory);
    this.books = new TriggerBooks(INSTRUMENTS, this.pool, this.extras, memory);
    this.queue = new TriggerQueue(this.pool, this.extras);
  }

  /** A fixed stop at `price`, or one that trails a last trade of `price`. */
  wait(bookSide: number, price: number, trail: number): void {
    const slot = this.pool.take();
    const at = slot * Extra.DOUBLES;
    this.extras.clear(slot);
    this.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] = bookSide;
    this.pool.words[slot * Slot.WORDS + Slot.TRAITS] = packTraits(trail === 0 ? OrdType.stop : OrdType.trailingStop, 0, 0, 0);
    this.extras.doubles[at + Extra.AGE] = ++this.#age;
    this.extras.doubles[at + Extra.TRAIL] = trail;
    const stop: SlowStop = { slot, bookSide, trail, age: this.#age, stop: price, watermark: trail === 0 ? 0 : price };
    if (trail === 0) this.extras.doubles[at + Extra.STOP] = price;
    else {
      this.books.startTrail(slot, bookSide, price);
      stop.stop = isBuy(bookSide) ? price + trailingDistance(price, trail) : price - trailingDistance(price, trail);
    }
    this.books.add(slot);
    this.slow.push(stop);
  }

  cancel(index: number): void {
    const [stop] = this.slow.splice(index, 1);
    if (stop === undefined) return;
    this.books.remove(stop.slot);
    this.check(stop);
    this.pool.give(stop.slot);
  }

  /** A print: who is reached joins the queue in order, then the others follow. Some of those that were reached wait again. */
  print(bookSide: number, price: number, random: Random): void {
    const reached = this.slow
      .filter((stop) => stop.bookSide === bookSide && (isBuy(bookSide) ? stop.stop <= price : stop.stop >= price))
      .sort((a, b) => (isBuy(bookSide) ? a.stop - b.stop : b.stop - a.stop) || a.age - b.age);
    expect(this.books.isReached(bookSide, price)).toBe(reached.length > 0);
    this.books.moveReached(bookSide, price, this.queue);
    expect(this.books.isReached(bookSide, price)).toBe(false);
    this.books.follow(bookSide, price);
    this.#follow(bookSide, price, reached);
    for (const stop of reached) {
      expect(this.queue.first, `${stop.slot} is next`).toBe(stop.slot);
      this.queue.remove(stop.slot);
      this.check(stop);
      this.fired++;
      // As after an interruption: it waits again, as old as it was. Otherwise it has gone.
      if (random.below(3) === 0) this.books.add(stop.slot);
      else {
        this.slow.splice(this.slow.indexOf(stop), 1);
        this.pool.give(stop.slot);
      }
    }
    expect(this.queue.first).toBe(0);
  }

  #follow(bookSide: number, price: number, reached: readonly SlowStop[]): void {
    for (const stop of this.slow) {
      if (stop.bookSide !== bookSide || stop.trail === 0 || reached.includes(stop)) continue;
      if (isBuy(bookSide) ? price >= stop.watermark : price <= stop.watermark) continue;
      this.followed++;
      stop.watermark = price;
      stop.stop = isBuy(bookSide) ? price + trailingDistance(price, stop.trail) : price - trailingDistance(price, stop.trail);
    }
  }

  check(stop: SlowStop): void {
    this.books.sync(stop.slot);
    const at = stop.slot * Extra.DOUBLES;
    expect(this.extras.doubles[at + Extra.STOP], `stop price of ${JSON.stringify(stop)}`).toBe(stop.stop);
    expect(this.extras.doubles[at + Extra.WATERMARK]).toBe(stop.watermark);
  }

  checkCounts(): void {
    for (let instrument = 0; instrument < INSTRUMENTS; instrument++) {
      expect(this.books.countOf(instrument)).toBe(this.slow.filter(({ bookSide }) => bookSide >>> 1 === instrument).length);
    }
    for (const { slot, trail } of this.slow) {
      expect(this.books.stops.has(slot)).toBe(trail === 0);
      expect(this.books.trailing.has(slot)).toBe(trail !== 0);
    }
  }
}

/** Ticks, or basis points that come to the same distance for many prices. */
function trailOf(random: Random): number {
  if (random.below(3) === 0) return 0;
  return random.below(2) === 0 ? 1 + random.below(12) : -random.pick([1, 50, 400, 1000, 2500, 5000, 9999]);
}

function step(both: Both, random: Random, price: number): void {
  const kind = random.below(10);
  const bookSide = random.below(2 * INSTRUMENTS);
  if (kind < 5 && both.slow.length < CAPACITY) both.wait(bookSide, price, trailOf(random));
  else if (kind === 5) both.cancel(random.below(both.slow.length + 1));
  else both.print(bookSide, price, random);
}

describe("the trigger books against a plain array", () => {
  it.each([
    [1, 30],
    [2, 200],
    [3, 9_000_000_000_000],
  ])("the same stops fire in the same order, and trail to the same prices (seed %i, prices about %i)", (seed, middle) => {
    const random = new Random(seed);
    const both = new Both();
    for (let round = 0; round < 12_000; round++) {
      step(both, random, middle - 15 + random.below(31));
      if (round % 10 !== 0) continue;
      both.checkCounts();
      for (const stop of both.slow) both.check(stop);
    }
    expect(both.fired).toBeGreaterThan(1000);
    expect(both.followed).toBeGreaterThan(1000);
  });

  it("a rising price leads every trailing sell, however far apart they began", () => {
    const random = new Random(4);
    const both = new Both();
    for (let price = 1000; price < 1000 + CAPACITY; price++) both.wait(1, price, price % 2 === 0 ? 5000 : -9000);
    for (let price = 1020; price < 1200; price += 7) both.print(1, price, random);
    for (const stop of both.slow) both.check(stop);
    expect(both.slow).toHaveLength(CAPACITY);
    expect(new Set(both.slow.map(({ watermark }) => watermark)).size).toBe(1);
    both.print(1, 1, random);
    expect(both.fired).toBe(CAPACITY / 2);
  });
});
