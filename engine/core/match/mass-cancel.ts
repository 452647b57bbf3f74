import { CODES } from "../../wire/codes.js";
import { MassCancel } from "../../wire/flyweights.js";
import { Slot } from "../book/order-pool.js";
import type { Floor } from "./floor.js";
import { Cause, Check, Null, Side } from "./order-types.js";

/**
 * Mass cancel (SEMANTICS 4): one command, the orders in order of symbol id, side (buy first), priority; then the report.
 * The levels that hold the account's orders are gathered by a run over the pool's owners; the rest of the book is not
 * looked at. Shard thread only.
 */
export class MassCancels {
  /** Levels to visit, each once. */
  private readonly visits: Int32Array;
  private readonly isMarked: Uint8Array;

  constructor(private readonly floor: Floor) {
    const capacity = floor.book.levels.capacity;
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
    const visits = this.visits.subarray(0, levelCount);
    const levels = this.floor.book.levels;
    visits.sort((a, b) => levels.treeOf(a) - levels.treeOf(b) || levels.keyOf(a) - levels.keyOf(b));
    let canceled = 0;
    for (let index = 0; index < levelCount; index++) canceled += this.cancelLevel(visits[index], account);
    return canceled;
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
