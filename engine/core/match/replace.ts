import { NOT_FOUND } from "../../flat/pair-index.js";
import { CODES, OK } from "../../wire/codes.js";
import { Replace } from "../../wire/flyweights.js";
import { Reason } from "../../wire/generated/enums.js";
import { MAX_SAFE, NULL_INT64 } from "../../wire/numbers.js";
import { keyOf } from "../book/order-book.js";
import { BOOK_SIDE, CL_ORD_ID, flagsOf, LEAVES, SLOT_DOUBLES, SLOT_WORDS, TOTAL, TRAITS } from "../book/order-pool.js";
import { findOrder, missCode } from "./cancel-reduce.js";
import type { Floor } from "./floor.js";
import { levelCode, notionalCode, priceCode, quantityCode } from "./order-checks.js";
import { POST_ONLY } from "./order-types.js";

/** Replace (SEMANTICS 4; SETTLED R1 to R8): everything is checked before anything moves. Shard thread only. */
export class Replacements {
  constructor(private readonly floor: Floor) {}

  replace(words: Int32Array, at: number): void {
    const { emitter, book } = this.floor;
    const account = Replace.account(words, at);
    const clOrdId = Replace.clOrdId(words, at);
    const orderId = Replace.orderId(words, at);
    emitter.answer(Replace.session(words, at), Replace.clientSeq(words, at));
    const slot = findOrder(this.floor, account, clOrdId, orderId);
    if (slot === NOT_FOUND) {
      emitter.orderRejected(account, clOrdId, orderId, missCode(this.floor, account, clOrdId), Replace.TEMPLATE_ID);
      return;
    }
    const wanted = Replace.qty(words, at);
    const total = book.pool.doubles[slot * SLOT_DOUBLES + TOTAL];
    const executed = total - book.pool.doubles[slot * SLOT_DOUBLES + LEAVES];
    if (wanted >= 1 && wanted <= executed) {
      emitter.canceled(slot, Reason.replacedBelowFilled, true);
      book.remove(slot);
      return;
    }
    const newClOrdId = Replace.newClOrdId(words, at);
    const price = Replace.price(words, at) === NULL_INT64 ? book.priceOf(slot) : Replace.price(words, at);
    const newTotal = wanted === NULL_INT64 ? total : wanted;
    const code = this.check(slot, account, newClOrdId, price, newTotal, newTotal - executed);
    if (code !== OK) {
      emitter.orderRejected(account, clOrdId, orderId, code, Replace.TEMPLATE_ID);
      return;
    }
    this.carryOut(slot, newClOrdId, price, newTotal, newTotal - executed);
  }

  private check(slot: number, account: number, newClOrdId: number, price: number, newTotal: number, newLeaves: number): number {
    const { book, instruments, matching } = this.floor;
    const bookSide = book.pool.words[slot * SLOT_WORDS + BOOK_SIDE];
    const instrument = bookSide >>> 1;
    const id = this.newIdCode(slot, account, newClOrdId);
    if (id !== OK) return id;
    const onPrice = priceCode(instruments, instrument, price);
    if (onPrice !== OK) return onPrice;
    // What does not change is not tested again: a reduced order may lie below the instrument's minQty (SETTLED R3).
    const isSameTotal = newTotal === book.pool.doubles[slot * SLOT_DOUBLES + TOTAL];
    const onQuantity = isSameTotal ? OK : quantityCode(instruments, instrument, newTotal);
    if (onQuantity !== OK) return onQuantity;
    const notional = notionalCode(instruments, instrument, price, newTotal);
    if (notional !== OK) return notional;
    const key = keyOf(bookSide & 1, price);
    const stays = price === book.priceOf(slot);
    const room = levelCode(book, bookSide, key, stays ? newLeaves - book.pool.doubles[slot * SLOT_DOUBLES + LEAVES] : newLeaves);
    if (room !== OK) return room;
    if (stays || (flagsOf(book.pool.words[slot * SLOT_WORDS + TRAITS]) & POST_ONLY) === 0) return OK;
    return matching.crosses(bookSide, -key) ? CODES.POST_ONLY_WOULD_CROSS : OK;
  }

  private newIdCode(slot: number, account: number, newClOrdId: number): number {
    if (newClOrdId === NULL_INT64) return OK;
    if (newClOrdId < 1) return CODES.BAD_CLORDID;
    if (newClOrdId > MAX_SAFE) return CODES.BAD_CLORDID;
    const holder = this.floor.book.findByClOrdId(account, newClOrdId);
    return holder === NOT_FOUND || holder === slot ? OK : CODES.DUPLICATE_CLORDID;
  }

  /** Less quantity, or nothing new, keeps the place; everything else goes to the tail and may match at once. */
  private carryOut(slot: number, newClOrdId: number, price: number, newTotal: number, newLeaves: number): void {
    const { book, emitter, matching } = this.floor;
    const doubles = book.pool.doubles;
    const origClOrdId = doubles[slot * SLOT_DOUBLES + CL_ORD_ID];
    const keepsPriority = price === book.priceOf(slot) && newTotal <= doubles[slot * SLOT_DOUBLES + TOTAL];
    if (newClOrdId !== NULL_INT64 && newClOrdId !== origClOrdId) book.rename(slot, newClOrdId);
    if (keepsPriority) {
      book.shrink(slot, doubles[slot * SLOT_DOUBLES + LEAVES] - newLeaves);
      doubles[slot * SLOT_DOUBLES + TOTAL] = newTotal;
      emitter.replaced(slot, origClOrdId, price, true);
      return;
    }
    book.dequeue(slot);
    doubles[slot * SLOT_DOUBLES + LEAVES] = newLeaves;
    doubles[slot * SLOT_DOUBLES + TOTAL] = newTotal;
    emitter.replaced(slot, origClOrdId, price, false);
    const key = keyOf(book.pool.words[slot * SLOT_WORDS + BOOK_SIDE] & 1, price);
    if (matching.run(slot, -key)) book.enqueue(slot, key);
    else book.forget(slot);
  }
}
