import { type LevelTree, NIL } from "../../flat/level-tree.js";
import type { Memory } from "../../flat/memory.js";
import { CODES } from "../../wire/codes.js";
import { MassCancel } from "../../wire/flyweights.js";
import { Slot, Trait } from "../book/order-pool.js";
import { SlotHeap } from "../book/slot-heap.js";
import { Attention } from "../markets.js";
import type { Floor } from "./floor.js";
import type { OrderLists } from "./order-lists.js";
import { Cause, Check, Null, Side } from "./order-types.js";

/** One of so many levels, or more of them, to visit: then a walk along all levels is quicker than a sort. */
const DENSE = 16;
/** One of so many levels: then it is quicker to make the trees anew of the levels that stay than to take the others out one by one. */
const SWEPT = 2;

/** Levels by tree, then key. */
class LevelHeap extends SlotHeap {
  constructor(
    private readonly levels: LevelTree,
    memory: Memory,
  ) {
    super(memory.int32(levels.capacity));
  }

  protected isBefore(one: number, other: number): boolean {
    const levels = this.levels;
    const tree = levels.treeOf(one);
    const otherTree = levels.treeOf(other);
    return tree === otherTree ? levels.keyOf(one) < levels.keyOf(other) : tree < otherTree;
  }
}

/**
 * Mass cancel (SEMANTICS 4): one command, the orders in order of symbol id, side (buy first), priority, then
 * dormant ones by age; then the report.
 * The levels that hold the account's orders are gathered by a run over the pool's owners, and sorted or met in order.
 * Shard thread only. Nothing is allocated.
 */
export class MassCancels {
  /** Levels to visit, each once. */
  private readonly visits: LevelHeap;
  private readonly isMarked: Uint8Array;
  private readonly levels: LevelTree;
  /** Dormant orders in the list that wait for their book side's turn: the next one, and the end. */
  private nextDormant = 0;
  private dormantEnd = 0;
  /** Resting orders that go, and whether all of them are plain. */
  private restingCount = 0;
  private isPlain = true;
  /** Marked levels that a sweep has not come to. */
  private unvisited = 0;
  /** The reason that the cancels carry. */
  private cause: number = Cause.MASS_CANCEL;

  constructor(
    private readonly floor: Floor,
    private readonly lists: OrderLists,
  ) {
    this.levels = floor.book.levels;
    this.visits = new LevelHeap(this.levels, floor.book.memory);
    this.isMarked = floor.book.memory.uint8(this.levels.capacity + 1);
  }

  massCancel(words: Int32Array, at: number): void {
    const { emitter, accounts, instruments } = this.floor;
    const account = MassCancel.account(words, at);
    const instrument = MassCancel.instrument(words, at);
    const side = MassCancel.side(words, at);
    const cause = MassCancel.cause(words, at);
    this.cause = cause === 0 ? Cause.MASS_CANCEL : cause;
    emitter.answer(MassCancel.session(words, at));
    let code: number = Check.OK;
    if (account >= accounts.count) code = CODES.UNKNOWN_ACCOUNT;
    else if (instrument !== Null.UINT32 && instrument >= instruments.count) code = CODES.UNKNOWN_INSTRUMENT;
    else if (side > Side.SELL && side !== Null.UINT8) code = CODES.BAD_SIDE;
    if (code !== Check.OK) {
      emitter.orderRejected(words, at, 0, 0, account, code);
      return;
    }
    emitter.massCanceled(account, this.cancelAll(account, instrument, side));
  }

  private cancelAll(account: number, instrument: number, side: number): number {
    this.dormantEnd = 0;
    this.nextDormant = 0;
    const levelCount = this.gather(account, instrument, side);
    this.lists.sortBySide(this.dormantEnd);
    let canceled = 0;
    if (this.isPlain && levelCount > 0 && levelCount * SWEPT >= this.levels.size) canceled = this.sweep(account, levelCount);
    else if (levelCount * DENSE >= this.levels.size) canceled = this.cancelAlong(account, levelCount);
    else {
      this.visits.sort(levelCount);
      for (let index = 0; index < levelCount; index++) canceled += this.cancelLevel(this.visits.list[index], account);
    }
    return canceled + this.cancelDormants(Number.POSITIVE_INFINITY);
  }

  /** Cancels the dormant orders of book sides below this one: they come behind those that rest in their side. */
  private cancelDormants(bookSide: number): number {
    const { book, careful } = this.floor;
    const { list } = this.lists;
    const from = this.nextDormant;
    while (this.nextDormant < this.dormantEnd) {
      const slot = list[this.nextDormant];
      if (book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >= bookSide) break;
      careful.cancelAlone(slot, this.cause, true);
      this.nextDormant++;
    }
    return this.nextDormant - from;
  }

  /**
   * Cancels plain orders in most of the levels. What has no order to keep is done as it lies in memory: the indexes, slot after
   * slot. Then a walk along each tree in priority writes the events and drops the levels that become empty; the others become a
   * new tree. With every level at a random place of memory that is several times as fast as one order after the other.
   */
  private sweep(account: number, levelCount: number): number {
    this.unregisterMarked(account);
    this.unvisited = levelCount;
    let canceled = 0;
    for (let tree = 0; this.unvisited > 0; tree++) canceled += this.sweepTree(tree, account);
    return canceled;
  }

  private sweepTree(tree: number, account: number): number {
    const { levels } = this;
    const { book } = this.floor;
    const unvisitedBefore = this.unvisited;
    let canceled = 0;
    let before: number = NIL;
    let kept = 0;
    let level = levels.first(tree);
    while (level !== NIL) {
      const next = levels.next(level);
      if (this.isMarked[level] === 1) canceled += this.sweepLevel(level, account);
      if (levels.countOf(level) === 0) book.discardLevel(level);
      else {
        if (levels.previous(level) !== before) levels.follow(tree, before, level);
        before = level;
        kept++;
      }
      level = next;
    }
    if (this.unvisited === unvisitedBefore) return canceled;
    levels.follow(tree, before, NIL);
    levels.rebuild(tree, kept);
    return canceled;
  }

  /** Takes the account's orders in marked levels out of the indexes, in the order of memory. */
  private unregisterMarked(account: number): void {
    const { book } = this.floor;
    const { words: orders, owners } = book.pool;
    let left = this.restingCount;
    for (let slot = 1; left > 0; slot++) {
      if (owners[slot] !== account + 1 || (orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) !== 0) continue;
      if (this.isMarked[orders[slot * Slot.WORDS + Slot.LEVEL]] === 0) continue;
      left--;
      book.unregister(slot);
    }
  }

  /** Cancels an account's plain orders, which are in no index any more, in one level; an empty level stays where it is. */
  private sweepLevel(level: number, account: number): number {
    const { book, emitter } = this.floor;
    const { levels, pool } = book;
    const orders = pool.words;
    const canceledBefore = this.nextDormant < this.dormantEnd ? this.cancelDormants(levels.treeOf(level)) : 0;
    let canceled = 0;
    let lots = 0;
    let kept = 0;
    this.isMarked[level] = 0;
    this.unvisited--;
    let slot = levels.headOf(level);
    while (slot !== 0) {
      const next = orders[slot * Slot.WORDS + Slot.NEXT];
      if (orders[slot * Slot.WORDS + Slot.ACCOUNT] === account) {
        emitter.canceled(slot, this.cause, true);
        book.reservations.remove(slot);
        lots += pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
        pool.give(slot);
        canceled++;
      } else {
        if (kept === 0) levels.setHead(level, slot);
        else orders[kept * Slot.WORDS + Slot.NEXT] = slot;
        orders[slot * Slot.WORDS + Slot.PREV] = kept;
        kept = slot;
      }
      slot = next;
    }
    if (kept !== 0) orders[kept * Slot.WORDS + Slot.NEXT] = 0;
    levels.setTail(level, kept);
    levels.addCount(level, -canceled);
    levels.addTotal(level, -lots);
    return canceledBefore + canceled;
  }

  /** Cancels in the marked levels on a walk along all levels: quicker than sorting when many of them are marked. */
  private cancelAlong(account: number, levelCount: number): number {
    const levels = this.levels;
    let canceled = 0;
    let left = levelCount;
    for (let tree = 0; left > 0; tree++) {
      let level = levels.first(tree);
      while (level !== NIL && left > 0) {
        const next = levels.next(level);
        if (this.isMarked[level] === 1) {
          left--;
          canceled += this.cancelLevel(level, account);
        }
        level = next;
      }
    }
    return canceled;
  }

  /** Whether what is canceled may change an indication. */
  private isCalled(instrument: number): boolean {
    return (this.floor.markets.attention[instrument] & Attention.AUCTION_CALL) !== 0;
  }

  private gather(account: number, instrument: number, side: number): number {
    const { words: orders, owners, slotEnd } = this.floor.book.pool;
    let left = this.floor.accounts.orderCounts[account];
    let levelCount = 0;
    this.restingCount = 0;
    this.isPlain = true;
    for (let slot = 1; left > 0 && slot < slotEnd; slot++) {
      if (owners[slot] !== account + 1) continue;
      left--;
      const bookSide = orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
      if (instrument !== Null.UINT32 && bookSide >>> 1 !== instrument) continue;
      if (side !== Null.UINT8 && (bookSide & 1) !== side) continue;
      if ((orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.DORMANT) !== 0) {
        this.lists.list[this.dormantEnd++] = slot;
        continue;
      }
      if ((orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0 || this.isCalled(bookSide >>> 1)) this.isPlain = false;
      this.restingCount++;
      const level = orders[slot * Slot.WORDS + Slot.LEVEL];
      if (this.isMarked[level] === 1) continue;
      this.isMarked[level] = 1;
      this.visits.list[levelCount++] = level;
    }
    return levelCount;
  }

  private cancelLevel(level: number, account: number): number {
    const { book, careful, emitter } = this.floor;
    const orders = book.pool.words;
    const isPlain = !this.isCalled(book.levels.treeOf(level) >>> 1);
    let canceled = this.nextDormant < this.dormantEnd ? this.cancelDormants(book.levels.treeOf(level)) : 0;
    this.isMarked[level] = 0;
    let slot = book.levels.headOf(level);
    while (slot !== 0) {
      const next = orders[slot * Slot.WORDS + Slot.NEXT];
      if (orders[slot * Slot.WORDS + Slot.ACCOUNT] === account) {
        if (isPlain && (orders[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) === 0) {
          emitter.canceled(slot, this.cause, true);
          book.dequeue(slot);
          book.forget(slot);
        } else careful.cancelAlone(slot, this.cause, true);
        canceled++;
      }
      slot = next;
    }
    return canceled;
  }
}
