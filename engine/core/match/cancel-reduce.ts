import { CODES } from "../../wire/codes.js";
import { Word as CancelWord } from "../../wire/generated/cancel.js";
import * as EndOrder from "../../wire/generated/end-order.js";
import * as Reduce from "../../wire/generated/reduce.js";
import * as Numbers from "../../wire/numbers.js";
import { Slot, Trait } from "../book/order-pool.js";
import { Attention } from "../markets.js";
import type { Floor } from "./floor.js";
import { isClOrdId } from "./order-checks.js";
import { Cause, Null } from "./order-types.js";

const OFF_STEP = Numbers.OFF_STEP;
const byOf = Reduce.by;

/**
 * The account's live order by whichever id is given, as words of the command; 0 when there is none. A const, so that the
 * compiler resolves the calls of this module.
 */
const find = (floor: Floor, account: number, words: Int32Array, clOrdIdAt: number, orderIdAt: number): number => {
  if (account >= floor.accounts.count) return 0;
  const low = words[clOrdIdAt];
  const high = words[clOrdIdAt + 1];
  if (high !== Null.INT64_HIGH_WORD || low !== 0) return floor.book.findByClOrdId(account, low, high);
  return floor.book.findByOrderId(account, words[orderIdAt], words[orderIdAt + 1]);
};

/** As the const above, for other modules. */
export function findOrder(floor: Floor, account: number, words: Int32Array, clOrdIdAt: number, orderIdAt: number): number {
  return find(floor, account, words, clOrdIdAt, orderIdAt);
}

/** Why an order was not found. A client id that no order can have is BAD_CLORDID in every command (SETTLED S1). */
export function missCode(floor: Floor, account: number, words: Int32Array, clOrdIdAt: number): number {
  if (account >= floor.accounts.count) return CODES.UNKNOWN_ACCOUNT;
  const low = words[clOrdIdAt];
  const high = words[clOrdIdAt + 1];
  const isNull = high === Null.INT64_HIGH_WORD && low === 0;
  return isNull || isClOrdId(low, high) ? CODES.UNKNOWN_ORDER : CODES.BAD_CLORDID;
}

/** Cancel and reduce (SEMANTICS 4). Shard thread only. */
export class CancelReduce {
  constructor(private readonly floor: Floor) {}

  cancel(words: Int32Array, at: number): void {
    const { emitter } = this.floor;
    const account = words[at + CancelWord.account] >>> 0;
    emitter.answer(words[at + CancelWord.session]);
    const slot = find(this.floor, account, words, at + CancelWord.clOrdId, at + CancelWord.orderId);
    if (slot === 0) {
      const code = missCode(this.floor, account, words, at + CancelWord.clOrdId);
      emitter.orderRejected(words, at, CancelWord.clOrdId, CancelWord.orderId, account, code);
      return;
    }
    this.end(slot);
  }

  /** Keeps the place in the queue; by as much as is left, or more, it cancels. */
  reduce(words: Int32Array, at: number): void {
    const { emitter, book } = this.floor;
    const account = words[at + Reduce.Word.account] >>> 0;
    const by = byOf(words, at);
    emitter.answer(words[at + Reduce.Word.session]);
    const slot = find(this.floor, account, words, at + Reduce.Word.clOrdId, at + Reduce.Word.orderId);
    if (slot === 0 || by <= 0) {
      const onQuantity = by === OFF_STEP ? CODES.QTY_OFF_LOT : CODES.QTY_OUT_OF_RANGE;
      const code = slot === 0 ? missCode(this.floor, account, words, at + Reduce.Word.clOrdId) : onQuantity;
      emitter.orderRejected(words, at, Reduce.Word.clOrdId, Reduce.Word.orderId, account, code);
      return;
    }
    if (by >= book.pool.doubles[slot * Slot.DOUBLES + Slot.LEAVES]) {
      this.end(slot);
      return;
    }
    this.floor.careful.reduce(slot, by, Cause.USER, true);
  }

  /** The gateway cancels an order of a session that has gone, with a cause of its own. It may be dead by now, which is nobody's mistake. */
  endOrder(words: Int32Array, at: number): void {
    const { emitter, book, accounts, careful } = this.floor;
    const account = words[at + EndOrder.Word.account] >>> 0;
    const id = at + EndOrder.Word.orderId;
    const slot = account < accounts.count ? book.findByOrderId(account, words[id], words[id + 1]) : 0;
    if (slot === 0) emitter.orderRejected(words, at, 0, EndOrder.Word.orderId, account, CODES.UNKNOWN_ORDER);
    else careful.cancel(slot, EndOrder.cause(words, at), true);
  }

  /** A plain order goes the short way: cancels are the most of all commands. */
  private end(slot: number): void {
    const { emitter, book, markets, careful } = this.floor;
    const instrument = book.pool.words[slot * Slot.WORDS + Slot.BOOK_SIDE] >>> 1;
    const isCalled = (markets.attention[instrument] & Attention.AUCTION_CALL) !== 0;
    if ((book.pool.words[slot * Slot.WORDS + Slot.TRAITS] & Trait.EXTRAS) !== 0 || isCalled) {
      careful.cancel(slot, Cause.USER, true);
      return;
    }
    emitter.canceled(slot, Cause.USER, true);
    book.dequeue(slot);
    book.forget(slot);
  }
}
