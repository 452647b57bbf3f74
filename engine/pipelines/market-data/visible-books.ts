import { LevelTree, NIL } from "../../flat/level-tree.js";
import { NO_SLOT, SlotIndex } from "../../flat/slot-index.js";
import { readInt64, writeInt64 } from "../../wire/numbers.js";

const LINK_WORDS = 3;
const NEXT = 0;
const PREV = 1;
const LEVEL = 2;
/** One index over all instruments, because order ids are never used twice. */
const ONE_OWNER = { owners: new Int32Array(1), ownerStride: 0, ownerOffset: 0 };
const TWO_POW_MINUS_32 = 2 ** -32;

/** How much the books can hold; at least what the core can whose events they follow. */
export interface BookCapacities {
  readonly orders: number;
  readonly levels: number;
  readonly instruments: number;
}

/**
 * The resting orders of every instrument, by price and then time, in flat arrays: the visible book without its owners.
 * A book side is 2 × instrument + side, as in the core; slots are 1 to `orders`. Nothing is allocated after construction.
 * One thread.
 */
export class VisibleBooks {
  private readonly levels: LevelTree;
  private readonly index: SlotIndex;
  /** Order ids as two words, low and high. */
  private readonly orderIds: Int32Array;
  /** Lots of an order that others see. */
  private readonly visible: Float64Array;
  private readonly links: Int32Array;
  private free = NO_SLOT;
  private fresh = 1;

  constructor(private readonly capacities: BookCapacities) {
    const { orders, levels, instruments } = capacities;
    this.levels = new LevelTree(2 * instruments, levels);
    this.orderIds = new Int32Array(2 * (orders + 1));
    this.visible = new Float64Array(orders + 1);
    this.links = new Int32Array(LINK_WORDS * (orders + 1));
    this.index = new SlotIndex(orders, { words: this.orderIds, stride: 2, offset: 0, ...ONE_OWNER });
  }

  /** The slot of a resting order, or NO_SLOT. */
  find(orderId: number): number {
    return this.index.get(0, orderId | 0, (orderId * TWO_POW_MINUS_32) | 0);
  }

  /** Book side of the order in a slot. */
  bookSideOf(slot: number): number {
    return this.levels.treeOf(this.links[slot * LINK_WORDS + LEVEL]);
  }

  /** The level that the order in a slot stands in. */
  levelOf(slot: number): number {
    return this.links[slot * LINK_WORDS + LEVEL];
  }

  /** Price in ticks of the order in a slot. */
  priceOf(slot: number): number {
    return Math.abs(this.levels.keyOf(this.links[slot * LINK_WORDS + LEVEL]));
  }

  visibleOf(slot: number): number {
    return this.visible[slot];
  }

  orderIdOf(slot: number): number {
    return readInt64(this.orderIds, 2 * slot);
  }

  /** Puts an order at the end of its price. Returns its slot. Throws RangeError when there is no room: the capacities are below the core's. */
  rest(orderId: number, bookSide: number, price: number, visible: number): number {
    const { levels, links } = this;
    const key = (bookSide & 1) === 0 ? -price : price;
    let level = levels.find(bookSide, key);
    if (level === NIL) {
      if (levels.isFull)
        throw new RangeError(`market data holds ${this.capacities.levels} levels, and the core has more: raise capacities.levels`);
      level = levels.insert(bookSide, key);
    }
    const slot = this.takeSlot();
    writeInt64(this.orderIds, 2 * slot, orderId);
    this.visible[slot] = visible;
    this.index.add(slot);
    const tail = levels.tailOf(level);
    links[slot * LINK_WORDS + LEVEL] = level;
    links[slot * LINK_WORDS + PREV] = tail;
    links[slot * LINK_WORDS + NEXT] = NO_SLOT;
    if (tail === NO_SLOT) levels.setHead(level, slot);
    else links[tail * LINK_WORDS + NEXT] = slot;
    levels.setTail(level, slot);
    levels.addTotal(level, visible);
    levels.addCount(level, 1);
    return slot;
  }

  /** Sets what others see of a resting order; with 0 it is gone. It keeps its place. */
  setVisible(slot: number, visible: number): void {
    if (visible === 0) {
      this.remove(slot);
      return;
    }
    this.levels.addTotal(this.links[slot * LINK_WORDS + LEVEL], visible - this.visible[slot]);
    this.visible[slot] = visible;
  }

  remove(slot: number): void {
    const { levels, links } = this;
    const at = slot * LINK_WORDS;
    const level = links[at + LEVEL];
    const next = links[at + NEXT];
    const prev = links[at + PREV];
    if (prev === NO_SLOT) levels.setHead(level, next);
    else links[prev * LINK_WORDS + NEXT] = next;
    if (next === NO_SLOT) levels.setTail(level, prev);
    else links[next * LINK_WORDS + PREV] = prev;
    levels.addTotal(level, -this.visible[slot]);
    if (levels.addCount(level, -1) === 0) levels.remove(level);
    this.index.remove(slot);
    links[at + NEXT] = this.free;
    this.free = slot;
  }

  /** The best level of a book side, or NIL; then `nextLevel` goes on. */
  bestLevel(bookSide: number): number {
    return this.levels.first(bookSide);
  }

  nextLevel(level: number): number {
    return this.levels.next(level);
  }

  /** The best level of a book side behind a key (see `levelKey`), or NIL. */
  levelBehind(bookSide: number, key: number): number {
    return this.levels.after(bookSide, key);
  }

  /** Price in ticks, lots and number of orders of a level. */
  levelPrice(level: number): number {
    return Math.abs(this.levels.keyOf(level));
  }

  /** The price of an ask, the negative price of a bid: levels of a side are in the order of their keys. */
  levelKey(level: number): number {
    return this.levels.keyOf(level);
  }

  levelQty(level: number): number {
    return this.levels.totalOf(level);
  }

  levelOrders(level: number): number {
    return this.levels.countOf(level);
  }

  /** First slot of a level, or NO_SLOT; then `nextSlot` goes on, in order of time. */
  firstSlot(level: number): number {
    return this.levels.headOf(level);
  }

  nextSlot(slot: number): number {
    return this.links[slot * LINK_WORDS + NEXT];
  }

  private takeSlot(): number {
    const slot = this.free;
    if (slot !== NO_SLOT) {
      this.free = this.links[slot * LINK_WORDS + NEXT];
      return slot;
    }
    if (this.fresh > this.capacities.orders) {
      throw new RangeError(`market data holds ${this.capacities.orders} orders, and the core has more: raise capacities.orders`);
    }
    return this.fresh++;
  }
}
