import type { FlowName } from "./flow.js";
import {
  COMMAND_WORDS,
  FLOW_MAGIC,
  FLOW_VERSION,
  HEADER_WORDS,
  OP_ADD,
  OP_CANCEL,
  OP_IOC,
  OP_MARKET,
  OP_REDUCE,
  OP_REPLACE,
  PRICE_LIMIT_TICKS,
  SIDE_BUY,
  TIMED_COMMAND_COUNT,
} from "./flow.js";
import { ReferenceBook } from "./reference-book.js";

/** The ids that rest in the book, in the order that PERFORMANCE.md's removal rule gives them. */
class LiveList {
  readonly ids: number[] = [];
  readonly #slots = new Map<number, number>();

  push(id: number): void {
    this.#slots.set(id, this.ids.length);
    this.ids.push(id);
  }

  /** Overwrites the slot of the id with the last entry, then shortens by one. */
  remove(id: number): void {
    const slot = this.#slots.get(id);
    const last = this.ids.pop();
    if (slot === undefined || last === undefined) throw new RangeError(`id ${id} is not live`);
    this.#slots.delete(id);
    if (last === id) return;
    this.ids[slot] = last;
    this.#slots.set(last, slot);
  }
}

/** Makes one flow, draw by draw in the order in which the definition writes them. */
class FlowGenerator {
  readonly #deep: boolean;
  readonly #keepsPriority: boolean;
  readonly #size: number;
  readonly #words: Int32Array;
  readonly #live = new LiveList();
  readonly #book = new ReferenceBook((order) => this.#live.remove(order.id));
  #at = HEADER_WORDS;
  #random: number;
  #mid = 100_000;
  #nextId = 1;

  constructor(name: FlowName) {
    this.#deep = name.startsWith("deep");
    this.#keepsPriority = name.endsWith("-k");
    this.#random = this.#deep ? 67_890 : 12_345;
    this.#size = this.#deep ? 100_000 : 1_000;
    this.#words = new Int32Array(HEADER_WORDS + (2 * this.#size + TIMED_COMMAND_COUNT) * COMMAND_WORDS);
  }

  run(): Uint8Array {
    this.#setup();
    for (let c = 0; c < TIMED_COMMAND_COUNT; c++) {
      if (c > 0 && c % 100 === 0) this.#mid += this.#rnd(3) - 1;
      this.#timed();
    }
    this.#words.set([FLOW_MAGIC, FLOW_VERSION, 2 * this.#size, TIMED_COMMAND_COUNT, this.#nextId - 1, PRICE_LIMIT_TICKS]);
    return new Uint8Array(this.#words.buffer);
  }

  #setup(): void {
    for (let i = 0; i < 2 * this.#size; i++) {
      const side = i % 2;
      const distance = this.#deep ? this.#rnd(5000) : this.#distance();
      const price = side === SIDE_BUY ? this.#mid - 1 - distance : this.#mid + 1 + distance;
      this.#add(side, price, 1 + this.#rnd(100));
    }
  }

  #timed(): void {
    let r = this.#rnd(100);
    if (r >= 90 && (this.#book.counts[0] === 0 || this.#book.counts[1] === 0)) r = 0;
    if (r < 90) return this.#addOrCancel(r < 45);
    if (r < 95) return this.#immediateOrCancel();
    if (r < 98) return this.#change();
    const side = this.#rnd(2);
    const qty = 1 + this.#rnd(100);
    const id = this.#nextId++;
    this.#emit(OP_MARKET, side, id, 0, qty);
    this.#book.market(id, side, qty);
  }

  #addOrCancel(wantsAdd: boolean): void {
    const live = this.#live.ids;
    let add = wantsAdd;
    if (live.length >= 2.04 * this.#size) add = false;
    else if (live.length <= 1.96 * this.#size) add = true;
    if (!add) return this.#cancel(this.#anyLive());
    let side = this.#rnd(2);
    if (this.#book.counts[side as 0 | 1] > 1.05 * this.#size) side = 1 - side;
    const price = this.#passive(side);
    this.#add(side, price, 1 + this.#rnd(100));
  }

  #add(side: number, price: number, qty: number): void {
    const id = this.#nextId++;
    this.#emit(OP_ADD, side, id, price, qty);
    this.#book.add(id, side, price, qty);
    this.#live.push(id);
  }

  #cancel(id: number): void {
    const order = this.#book.order(id);
    this.#emit(OP_CANCEL, order.side, id, order.price, 0);
    this.#book.cancel(id);
    this.#live.remove(id);
  }

  #immediateOrCancel(): void {
    const side = this.#rnd(2);
    const through = this.#rnd(3);
    const opposite = this.#book.best(1 - side);
    const price = side === SIDE_BUY ? opposite + through : opposite - through;
    const qty = this.#rnd(50) === 0 ? 500 + this.#rnd(501) : 1 + this.#rnd(50);
    const id = this.#nextId++;
    this.#emit(OP_IOC, side, id, price, qty);
    this.#book.immediate(id, side, price, qty);
  }

  #change(): void {
    const order = this.#book.order(this.#anyLive());
    const open = order.openQty;
    const shrinks = this.#rnd(2) === 0;
    if (!shrinks || open <= 1) {
      const price = this.#passive(order.side);
      return this.#replace(order.id, order.side, price, 1 + this.#rnd(100));
    }
    const qty = 1 + this.#rnd(open - 1);
    if (!this.#keepsPriority) return this.#replace(order.id, order.side, order.price, qty);
    this.#emit(OP_REDUCE, order.side, order.id, order.price, open - qty);
    this.#book.reduce(order.id, open - qty);
  }

  #replace(id: number, side: number, price: number, qty: number): void {
    this.#emit(OP_REPLACE, side, id, price, qty);
    this.#book.replace(id, side, price, qty);
  }

  #anyLive(): number {
    return this.#live.ids[this.#rnd(this.#live.ids.length)] as number;
  }

  #passive(side: number): number {
    const distance = this.#distance();
    const opposite = this.#book.best(1 - side);
    return side === SIDE_BUY ? Math.min(this.#mid - 1 - distance, opposite - 1) : Math.max(this.#mid + 1 + distance, opposite + 1);
  }

  #distance(): number {
    if (!this.#deep) return Math.min(this.#rnd(100), this.#rnd(100));
    return this.#rnd(6) === 0 ? Math.min(this.#rnd(50), this.#rnd(50)) : this.#rnd(5000);
  }

  #rnd(n: number): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return (x >>> 0) % n;
  }

  #emit(op: number, side: number, id: number, price: number, qty: number): void {
    const words = this.#words;
    words[this.#at] = op | (side << 8);
    words[this.#at + 1] = id;
    words[this.#at + 2] = price;
    words[this.#at + 3] = qty;
    this.#at += COMMAND_WORDS;
  }
}

/** Makes the bytes of a flow file from its definition; takes a second or two. */
export function generateFlow(name: FlowName): Uint8Array {
  return new FlowGenerator(name).run();
}
