import { type LevelTree, NIL } from "../../flat/level-tree.js";
import { CODES } from "../../wire/codes.js";
import { MassCancel } from "../../wire/flyweights.js";
import { Slot } from "../book/order-pool.js";
import type { Floor } from "./floor.js";
import { Cause, Check, Null, Side } from "./order-types.js";

/** One of so many levels, or more of them, to visit: then a walk along all levels is quicker than a sort. */
const DENSE = 16;

/**
 * Mass cancel (SEMANTICS 4): one command, the orders in order of symbol id, side (buy first), priority; then the report.
 * The levels that hold the account's orders are gathered by a run over the pool's owners, and sorted or met in order.
 * Shard thread only. Nothing is allocated.
 */
export class MassCancels {
  /** Levels to visit, each once. */
  private readonly visits: Int32Array;
  private readonly isMarked: Uint8Array;
  private readonly levels: LevelTree;

  constructor(private readonly floor: Floor) {
    this.levels = floor.book.levels;
    const { capacity } = this.levels;
    this.visits = new Int32Array(capacity);
    this.isMarked = new Uint8Array(capacity + 1);
  }

  massCancel(words: Int32Array, at: number): void {
    const { emitter, accounts, instruments } = this.floor;
    const account = MassCancel.account(words, at);
    const instrument = MassCancel.instrument(words, at);
    const side = MassCancel.side(words, at);
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
    const levelCount = this.gather(account, instrument, side);
    if (levelCount * DENSE >= this.levels.size) return this.cancelAlong(account, levelCount);
    this.sort(levelCount);
    let canceled = 0;
    for (let index = 0; index < levelCount; index++) canceled += this.cancelLevel(this.visits[index], account);
    return canceled;
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

  /** Heapsort of the first `count` visits by tree, then key: in place, and no order of the book makes it slow. */
  private sort(count: number): void {
    const visits = this.visits;
    for (let parent = (count >>> 1) - 1; parent >= 0; parent--) this.sift(visits[parent], parent, count);
    for (let end = count - 1; end > 0; end--) {
      const level = visits[end];
      visits[end] = visits[0];
      this.sift(level, 0, end);
    }
  }

  /** Puts `level` into the heap of `end` visits whose place `from` is vacant: down to a leaf, then up to where it belongs. */
  private sift(level: number, from: number, end: number): void {
    const visits = this.visits;
    let vacant = from;
    for (let child = 2 * vacant + 1; child < end; child = 2 * vacant + 1) {
      if (child + 1 < end && this.isBefore(visits[child], visits[child + 1])) child++;
      visits[vacant] = visits[child];
      vacant = child;
    }
    while (vacant > from) {
      const parent = (vacant - 1) >>> 1;
      if (!this.isBefore(visits[parent], level)) break;
      visits[vacant] = visits[parent];
      vacant = parent;
    }
    visits[vacant] = level;
  }

  private isBefore(one: number, other: number): boolean {
    const levels = this.levels;
    const tree = levels.treeOf(one);
    const otherTree = levels.treeOf(other);
    return tree === otherTree ? levels.keyOf(one) < levels.keyOf(other) : tree < otherTree;
  }

  private gather(account: number, instrument: number, side: number): number {
    const { words: orders, owners, slotEnd } = this.floor.book.pool;
    let left = this.floor.accounts.orderCounts[account];
    let levelCount = 0;
    for (let slot = 1; left > 0 && slot < slotEnd; slot++) {
      if (owners[slot] !== account + 1) continue;
      left--;
      const bookSide = orders[slot * Slot.WORDS + Slot.BOOK_SIDE];
      if (instrument !== Null.UINT32 && bookSide >>> 1 !== instrument) continue;
      if (side !== Null.UINT8 && (bookSide & 1) !== side) continue;
      const level = orders[slot * Slot.WORDS + Slot.LEVEL];
      if (this.isMarked[level] === 1) continue;
      this.isMarked[level] = 1;
      this.visits[levelCount++] = level;
    }
    return levelCount;
  }

  private cancelLevel(level: number, account: number): number {
    const { book, emitter } = this.floor;
    const orders = book.pool.words;
    let canceled = 0;
    this.isMarked[level] = 0;
    let slot = book.levels.headOf(level);
    while (slot !== 0) {
      const next = orders[slot * Slot.WORDS + Slot.NEXT];
      if (orders[slot * Slot.WORDS + Slot.ACCOUNT] === account) {
        emitter.canceled(slot, Cause.MASS_CANCEL, true);
        book.remove(slot);
        canceled++;
      }
      slot = next;
    }
    return canceled;
  }
}
