import { CODES } from "../../wire/codes.js";
import * as Replace from "../../wire/generated/replace.js";
import { keyOf } from "../book/order-book.js";
import { flagsOf, Slot } from "../book/order-pool.js";
import { findOrder, missCode } from "./cancel-reduce.js";
import type { Floor } from "./floor.js";
import { isClOrdId, levelCode, notionalCode, priceCode, quantityCode } from "./order-checks.js";
import { Cause, Check, Flag, Null } from "./order-types.js";

/** Replace (SEMANTICS 4; SETTLED R1 to R8): everything is checked before anything moves. Shard thread only. */
export class Replacements {
  constructor(private readonly floor: Floor) {}

  replace(words: Int32Array, at: number): void {
    const { emitter, book } = this.floor;
    const account = Replace.account(words, at);
    emitter.answer(Replace.session(words, at));
    const slot = findOrder(this.floor, account, words, at + Replace.Word.clOrdId, at + Replace.Word.orderId);
    if (slot === 0) {
      this.reject(words, at, missCode(this.floor, account, words, at + Replace.Word.clOrdId));
      return;
    }
    const wanted = Replace.qty(words, at);
    const total = book.pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const executed = total - book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES];
    if (wanted >= 1 && wanted <= executed) {
      emitter.canceled(slot, Cause.REPLACED_BELOW_FILLED, true);
      book.remove(slot);
      return;
    }
    const price = Replace.price(words, at) === Null.INT64 ? book.priceOf(slot) : Replace.price(words, at);
    const newTotal = wanted === Null.INT64 ? total : wanted;
    const code = this.check(slot, account, words, at, price, newTotal, newTotal - executed);
    if (code !== Check.OK) this.reject(words, at, code);
    else this.carryOut(slot, words, at, price, newTotal, newTotal - executed);
  }

  private reject(words: Int32Array, at: number, code: number): void {
    this.floor.emitter.orderRejected(words, at, Replace.Word.clOrdId, Replace.Word.orderId, Replace.account(words, at), code);
  }

  private check(slot: number, account: number, words: Int32Array, at: number, price: number, newTotal: number, newLeaves: number): number {
    const { book, instruments, matching } = this.floor;
    const bookSide = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const onId = this.newIdCode(slot, account, words, at);
    if (onId !== Check.OK) return onId;
    const onPrice = priceCode(instruments, instrument, price);
    if (onPrice !== Check.OK) return onPrice;
    // What does not change is not tested again: a reduced order may lie below the instrument's minQty (SETTLED R3).
    const isSameTotal = newTotal === book.pool.doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    const onQuantity = isSameTotal ? Check.OK : quantityCode(instruments, instrument, newTotal);
    if (onQuantity !== Check.OK) return onQuantity;
    const notional = notionalCode(instruments, instrument, price, newTotal);
    if (notional !== Check.OK) return notional;
    const key = keyOf(bookSide & 1, price);
    const stays = price === book.priceOf(slot);
    const added = stays ? newLeaves - book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES] : newLeaves;
    const room = levelCode(book, bookSide, key, added);
    // An order that is alone at its price frees the level that it leaves, before it needs another one.
    const freesLevel = room === CODES.BOOK_FULL && book.levels.countOf(book.pool.words[slot * Slot.WORDS + Slot.LEVEL]) === 1;
    if (room !== Check.OK && !freesLevel) return room;
    if (stays || (flagsOf(book.pool.words[slot * Slot.WORDS + Slot.TRAITS]) & Flag.POST_ONLY) === 0) return Check.OK;
    return matching.crosses(bookSide, key) ? CODES.POST_ONLY_WOULD_CROSS : Check.OK;
  }

  private newIdCode(slot: number, account: number, words: Int32Array, at: number): number {
    if (Replace.newClOrdId(words, at) === Null.INT64) return Check.OK;
    const low = words[at + Replace.Word.newClOrdId];
    const high = words[at + Replace.Word.newClOrdId + 1];
    if (!isClOrdId(low, high)) return CODES.BAD_CLORDID;
    const holder = this.floor.book.findByClOrdId(account, low, high);
    return holder === 0 || holder === slot ? Check.OK : CODES.DUPLICATE_CLORDID;
  }

  /** Less quantity, or nothing new, keeps the place; everything else goes to the tail and may match at once. */
  private carryOut(slot: number, words: Int32Array, at: number, price: number, newTotal: number, newLeaves: number): void {
    const { book, emitter, matching } = this.floor;
    const { doubles, words: orders } = book.pool;
    const origLow = orders[slot * Slot.WORDS + Slot.CL_ORD_ID];
    const origHigh = orders[slot * Slot.WORDS + Slot.CL_ORD_ID + 1];
    const keepsPriority = price === book.priceOf(slot) && newTotal <= doubles[slot * Slot.DOUBLES + Slot.TOTAL];
    if (Replace.newClOrdId(words, at) !== Null.INT64) {
      book.rename(slot, words[at + Replace.Word.newClOrdId], words[at + Replace.Word.newClOrdId + 1]);
    }
    if (keepsPriority) {
      book.shrink(slot, doubles[slot * Slot.DOUBLES + Slot.LEAVES] - newLeaves);
      doubles[slot * Slot.DOUBLES + Slot.TOTAL] = newTotal;
      emitter.replaced(slot, origLow, origHigh, true);
      return;
    }
    book.dequeue(slot);
    doubles[slot * Slot.DOUBLES + Slot.LEAVES] = newLeaves;
    doubles[slot * Slot.DOUBLES + Slot.TOTAL] = newTotal;
    doubles[slot * Slot.DOUBLES + Slot.KEY] = keyOf(orders[slot * Slot.WORDS + Slot.BOOK_SIDE] & 1, price);
    emitter.replaced(slot, origLow, origHigh, false);
    if (matching.run(slot)) book.enqueue(slot);
    else book.forget(slot);
  }
}
